"""Bad inputs to accounts: rows 60 to 77. For the rules of these tables, see table.py."""

from __future__ import annotations

import asyncio
import json
import re

from tests.server.bad_inputs.table import Scene, Table, credentials, is_problem, load_status, log_in, register, saying
from tests.server.people import PASSWORD, town
from tests.server.wire import Line, ask, handshake, post, request

TABLE = Table()
case, http, said, registers = TABLE.case, TABLE.http, TABLE.said, TABLE.registers


@case(60, "two-spellings")
async def _(scene: Scene) -> None:
    reply = await register(scene, "Alice")
    assert (reply.status, reply.json["Username"]) == (200, "Alice")
    for spelling in ("alice", "ALICE", "Alice"):
        is_problem(await register(scene, spelling), 409, "username_taken", "Username")
    assert (await log_in(scene, "aLICE")).json["Username"] == "Alice"


for name, username in {
    "full-width": "ａlice", "cyrillic": "аlice", "kelvin": "\u212aelvin", "dotless": "\u0131ris",
    "sharp-s": "gro\u00df", "ligature": "\ufb01ona", "superscript": "al\u00b2", "roman": "\u2167ice",
    "bold": "\U0001d41alice", "circled": "\u24d0lice", "combining": "ali\u0301ce", "arabic-digits": "al\u0661",
}.items():  # fmt: skip
    registers(61, name, username, PASSWORD, 422, "username_invalid")

for name, username in {
    "ZWJ": "al\u200dice", "ZWSP": "al\u200bice", "RLO": "\u202ealice", "LRI": "al\u2066ice",
    "soft-hyphen": "al\u00adice", "NBSP": "al\u00a0ice", "tag": "alice\U000e0061", "filler": "al\u3164ice",
    "space": "al ice", "trailing": "alice ", "newline": "alice\n", "BOM": "\ufeffalice",
}.items():  # fmt: skip
    registers(62, name, username, PASSWORD, 422, "username_invalid")

for username in ("", "a", "x" * 33, "x" * 60_000, "_a", ".a", "-a", "admin", "Admin", "system", "everyone", "root",
                 "administrator", "support", "parlour", "deleted"):  # fmt: skip
    registers(63, username[:34] or "empty", username, PASSWORD, 422, "username_invalid")
http(64, "taken", post("/api/register", credentials("nanda")), 409, "username_taken", "Username")
http(64, "taken-in-capitals", post("/api/register", credentials("NANDA")), 409, "username_taken", "Username")


@case(65, "at-once")
async def _(scene: Scene) -> None:
    for number in range(5):
        replies = await asyncio.gather(*(register(scene, name) for name in (f"Same{number}", f"same{number}")))
        assert sorted(reply.status for reply in replies) == [200, 409]
        assert [r.json["code"] for r in replies if r.status == 409] == ["username_taken"]


registers(66, "7", "short", "1234567", 422, "password_weak")
registers(66, "129", "long", "four " * 25 + "four", 422, "password_weak")
registers(66, "129-emoji", "long", "\U0001f600" * 129, 422, "password_weak")
registers(66, "over-1-KiB", "long", "\u0e01\u0e49" * 64 + "\u0e01" * 300, 422, "password_weak")


@case(66, "128-emoji")
async def _(scene: Scene) -> None:
    password = "\U0001f600" * 128
    assert (await register(scene, "Emoji", password)).status == 200
    assert (await log_in(scene, "Emoji", password)).status == 200
    is_problem(await log_in(scene, "Emoji", password[:-1]), 401, "wrong_password")


registers(67, "username", "my-own-name", "my-own-name", 422, "password_weak")
registers(67, "username-in-capitals", "my-own-name", "MY-OWN-NAME", 422, "password_weak")
registers(67, "password1", "somebody", "password1", 422, "password_weak")
registers(67, "12345678", "somebody", "12345678", 422, "password_weak")
registers(67, "Password1", "somebody", "Password1", 422, "password_weak")


for typist, (name, typed, elsewhere) in enumerate((
    ("space", "  four plain words ", "  four plain words "),
    ("NBSP", "four\u00a0plain words", "four\u00a0plain words"),
    ("combining", "caf\u00e9 au lait", "cafe\u0301 au lait"),
    ("composed", "cafe\u0301 au lait", "caf\u00e9 au lait"),
    ("emoji", "\U0001f469\u200d\U0001f4bb plain words", "\U0001f469\u200d\U0001f4bb plain words"),
    ("ohm", "\u2126\u212b plain words", "\u03a9\u00c5 plain words"),
)):  # fmt: skip

    @case(68, name)
    async def _(scene: Scene, number: int = typist, typed: str = typed, elsewhere: str = elsewhere) -> None:
        assert (await register(scene, f"Typist{number}", typed)).status == 200
        assert (await log_in(scene, f"Typist{number}", elsewhere)).status == 200
        is_problem(await log_in(scene, f"Typist{number}", typed.replace("a", "b")), 401, "wrong_password")
        if typed.strip() != typed:
            is_problem(await log_in(scene, f"Typist{number}", typed.strip()), 401, "wrong_password")


registers(69, "NUL", "somebody", "four plain\0words", 422)
registers(69, "control", "somebody", "four plain\x07words", 422)
registers(69, "empty", "somebody", "", 422)
http(69, "lone-surrogate", post("/api/register", b'{"Username":"somebody","Password":"four \\ud800 words"}'), 422)

http(70, "missing-user", post("/api/login", credentials("no-such-user")), 400, "user_not_found", "Username")
http(
    70, "wrong-password", post("/api/login", credentials("nanda", "not my password")), 401, "wrong_password", "Password"
)
for username in ("_a", "x" * 1_000, "", "al ice", "\u212aelvin", "admin"):
    http(
        70,
        f"cannot-exist-{username[:10]}",
        post("/api/login", credentials(username)),
        400,
        "user_not_found",
        "Username",
    )
http(70, "empty-password", post("/api/login", credentials("nanda", "")), 401, "wrong_password")
http(70, "long-password", post("/api/login", credentials("nanda", "x" * 60_000)), 401, "wrong_password")


@case(71, "throttled")
async def _(scene: Scene) -> None:
    async with town(scene.folder / "throttled", limits="on", login_account_each_minute=1) as other:
        await other.person("nanda", log_in=False)
        answers = []
        for name, password in (("nanda", "wrong"), ("nanda", PASSWORD), ("no-such-user", "x"), ("no-such-user", "x")):
            answers.append(await ask(other.port, post("/api/login", credentials(name, password))))
        assert [reply.status for reply in answers] == [401, 429, 400, 429]
        is_problem(answers[1], 429, "slow_down")
        assert answers[1].body == answers[3].body
        assert int(answers[1].headers["retry-after"]) >= 1


@case(72, "10-MiB")
async def _(scene: Scene) -> None:
    async with await Line.open(scene.port) as line:
        is_problem(await line.ask(post("/api/register", credentials("somebody", "x" * 10_485_760))), 413, "too_large")


@case(72, "10-MiB-in-chunks")
async def _(scene: Scene) -> None:
    chunks = b"".join(b"2000\r\n" + b"x" * 0x2000 + b"\r\n" for _ in range(1_280))
    async with await Line.open(scene.port) as line:
        reply = await line.ask(post("/api/register", b'1\r\n"\r\n' + chunks, "Transfer-Encoding: chunked"))
        is_problem(reply, 413, "too_large")


SQL = "' OR 1=1--"
http(73, "login", post("/api/login", credentials(SQL)), 400, "user_not_found")
http(73, "password", post("/api/login", credentials("nanda", SQL)), 401, "wrong_password")
registers(73, "register", SQL, PASSWORD, 422, "username_invalid")
said(73, "Search", json.dumps({"type": "Search", "Username": SQL}), "user_not_found", "Username")
said(73, "SessionID", json.dumps({"type": "Message", "SessionID": SQL, "Message": {"data": "x"}}), "not_found")
said(73, "Sender", saying("x", Message={"Sender": SQL}), "not_you", "Message.Sender")


@case(73, "kept-as-text")
async def _(scene: Scene) -> None:
    assert (await register(scene, "bobby", "'; DROP TABLE Users;--")).status == 200
    assert (await log_in(scene, "bobby", "'; DROP TABLE Users;--")).status == 200
    async with await scene.socket() as wire:
        answer = await wire.say(saying("'); DROP TABLE Messages;--")(scene))
        assert [m["data"] for m in answer[scene.session_id].values()] == ["'); DROP TABLE Messages;--"]
    bearer = f"Authorization: Bearer {scene.nanda.token}"
    path = "/api/sessions/x'%20OR%201=1--/messages"
    is_problem(await scene.ask(request("GET", path, bearer)), 404, "not_found")


@case(74, "not-a-token")
async def _(scene: Scene) -> None:
    token = scene.nanda.token
    other = "0" if token[-1] != "0" else "1"
    for wrong in (token[:-1], token[:-1] + other, token[1:], token + "x", token.upper(), "", "parlour_", "\u00e9",
                  "x" * 9_000, token[:20] + ("A" if token[20] != "A" else "B") + token[21:],
                  f"{token} {token}"):  # fmt: skip
        is_problem(await scene.ask(request("GET", "/api/load", f"Authorization: Bearer {wrong}")), 401, "unauthorized")
        is_problem(await scene.ask(request("GET", "/api/load", f"Cookie: parlour={wrong}")), 401, "unauthorized")
    for scheme in (f"Basic {token}", token, f"Token {token}", "Bearer"):
        is_problem(await scene.ask(request("GET", "/api/load", f"Authorization: {scheme}")), 401, "unauthorized")


@case(74, "two-headers")
async def _(scene: Scene) -> None:
    own, other = (f"Authorization: Bearer {person.token}" for person in (scene.nanda, scene.winston))
    for pair in ([own, other], [own, own]):
        is_problem(await scene.ask(request("GET", "/api/load", *pair)), 401, "unauthorized")


@case(74, "revoked")
async def _(scene: Scene) -> None:
    token = (await log_in(scene, "carol")).json["Token"]
    bearer = f"Authorization: Bearer {token}"
    assert (await scene.ask(request("POST", "/api/logout", bearer))).status == 204
    for answer in (request("GET", "/api/load", bearer), request("GET", "/api/snapshot", bearer), handshake(bearer)):
        is_problem(await scene.ask(answer), 401, "unauthorized")


for column, days in (("CreatedAt", 30), ("UsedAt", 14)):

    @case(74, f"expired-{column}")
    async def _(scene: Scene, column: str = column, days: int = days) -> None:
        reply = (await log_in(scene, "carol")).json
        bearer = f"Authorization: Bearer {reply['Token']}"
        newest = "SELECT LoginID FROM Logins WHERE UserID = ? ORDER BY CreatedAt DESC LIMIT 1"
        [(login_id,)] = scene.town.sql(newest, reply["UserID"])
        for passed, status in ((days - 1, 200), (days, 401)):
            stamp = f"strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-{passed} days')"
            await scene.town.server.gateway.drain()  # What a use of the token writes is not to come after this.
            scene.town.sql(f"UPDATE Logins SET {column} = {stamp} WHERE LoginID = ?", login_id)
            assert await load_status(scene, bearer) == status


@case(75, "logout-twice")
async def _(scene: Scene) -> None:
    bearer = f"Authorization: Bearer {(await log_in(scene, 'carol')).json['Token']}"
    for headers in (
        [bearer],
        [bearer],
        [],
        ["Authorization: Bearer x"],
        ["Cookie: parlour=x", "Origin: http://localhost"],
    ):
        reply = await scene.ask(request("POST", "/api/logout", *headers))
        assert (reply.status, reply.body) == (204, b"")


@case(77, "fixation")
async def _(scene: Scene) -> None:
    own = (await log_in(scene, "carol")).json["Token"]
    for planted in (own, "parlour_planted"):
        headers = ("Origin: http://localhost", f"Cookie: parlour={planted}")
        reply = await scene.ask(post("/api/login", credentials("carol"), *headers))
        assert reply.status == 200
        [given] = re.findall(r"^parlour=([^;]+);", reply.headers["set-cookie"])
        assert given not in (own, planted)
        assert await load_status(scene, f"Cookie: parlour={given}") == 200


test_a_bad_input_gets_its_answer = TABLE.test()
