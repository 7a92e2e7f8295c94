"""Bad inputs and the required answer: one table, a row an input.

1. A case's id begins with the row's number in the list of bad inputs; a row with several inputs has several cases.
2. Inputs are raw bytes: no client library corrects them on the way.
3. After every case: no 500, nothing in the log but plain lines, and the same server still serves a bystander.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, NamedTuple

import apsw
import pytest
import pytest_asyncio

from tests.server.people import PASSWORD, Person, Socket, Town, town
from tests.server.process import FEW_FILES, POWERLESS, served, start
from tests.server.wire import (
    BINARY,
    CONTINUATION,
    Line,
    Reply,
    Wire,
    ask,
    frame,
    handshake,
    post,
    request,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

BOM = "\ufeff"


class Scene(NamedTuple):
    """Who is there: two who share a session, a stranger to them, and a bystander on a socket."""

    town: Town
    nanda: Person
    winston: Person
    session_id: str
    carol: Person
    bystander: Socket
    folder: Path

    @property
    def port(self) -> int:
        return self.town.port

    async def ask(self, data: bytes) -> Reply:
        return await ask(self.port, data)

    async def socket(self, kind: str = "core", person: Person | None = None) -> Wire:
        """A raw socket of nanda; one of `parlour.v1` has resumed."""
        token = (person or self.nanda).token
        if kind == "core":
            return await Wire.upgrade(self.port, token)
        wire = await Wire.upgrade(self.port, token, "Sec-WebSocket-Protocol: parlour.v1")
        epoch = (await wire.text())["Epoch"]
        await wire.send(frame(json.dumps({"type": "Resume", "Epoch": epoch, "Me": 0, "Ref": "resume"})))
        while (await wire.text()).get("type") != "Resumed":
            pass
        await wire.lives()
        return wire

    async def messages(self) -> dict[str, Any]:
        """What stands in the session of the two."""
        _, body = await self.winston.call("GET", f"/api/sessions/{self.session_id}/messages?limit=200")
        return dict(body["Messages"])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("scene")
    async with town(folder) as made:
        nanda, winston, session_id = await made.pair("nanda", "winston")
        carol, bystander = await made.person("carol"), await made.person("bystander")
        yield Scene(made, nanda, winston, session_id, carol, await bystander.v1(), folder)


# ------------------------------------------------------------------------------------------------ how a case is written

Play = Callable[[Scene], Awaitable[None]]


class Case(NamedTuple):
    row: int
    name: str
    play: Play


CASES: list[Case] = []


def case(row: int, name: str) -> Callable[[Play], Play]:
    """A case that is a story."""

    def add(play: Play) -> Play:
        CASES.append(Case(row, name, play))
        return play

    return add


def http(
    row: int, name: str, data: bytes, status: int | tuple[int, ...], code: str = "", field: str | None = None,
    closes: bool | None = False,
) -> None:  # fmt: skip
    """Bytes of a request, and the problem that answers them. `closes`: None where the row leaves it open."""

    async def play(scene: Scene) -> None:
        async with await Line.open(scene.port) as line:
            reply = await line.ask(data)
            is_problem(reply, status, code, field)
            if closes:
                assert await line.ended() == b""
            elif closes is not None:
                assert (await line.ask(request("GET", "/healthz"))).status == 200

    CASES.append(Case(row, name, play))


def is_problem(reply: Reply, status: int | tuple[int, ...], code: str = "", field: str | None = None) -> None:
    """The answer is a problem with this status, code and field, and repeats nothing of the input at length."""
    assert reply.status in (status if isinstance(status, tuple) else (status,)), reply
    assert reply.headers["content-type"] == "application/problem+json", reply
    assert reply.json["status"] == reply.status
    assert reply.json["title"]
    assert not reply.headers.get("server")
    assert reply.json["code"] == code or not code, reply
    assert field is None or reply.json["field"] == field, reply
    assert len(reply.body) < 400


def body(row: int, name: str, data: str | bytes, status: int = 422, code: str = "malformed", field: str = "") -> None:
    """A JSON body for both calls that take one."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    for path in ("register", "login"):
        http(
            row,
            f"{name}-{path}",
            post(f"/api/{path}", raw),
            status,
            code,
            field or None,
            closes=None if status == 413 else False,
        )


def said(
    row: int, name: str, payload: str | bytes | Callable[[Scene], str], code: str, field: str | None = "?",
    kinds: Iterable[str] = ("core", "v1"),
) -> None:  # fmt: skip
    """A text frame, and the error that answers it; the socket lives. `field` "?": whatever it says."""
    for kind in kinds:

        async def play(scene: Scene, kind: str = kind) -> None:
            async with await scene.socket(kind) as wire:
                answer = await wire.say(payload(scene) if callable(payload) else payload)
                is_error(answer, code, field)
                await wire.lives()

        CASES.append(Case(row, f"{name}-{kind}", play))


def is_error(answer: Any, code: str, field: str | None = "?", ref: str | None = None) -> None:
    """The frame is an error with this code, and a plain sentence."""
    assert answer["type"] == "Error", answer
    assert answer["Code"] == code, answer
    assert answer["Reason"]
    assert answer.get("Ref") == ref
    assert field == "?" or answer.get("Field") == field, answer
    assert set(answer) <= {"type", "Ref", "Code", "Reason", "Field", "RetryAfter"}
    assert len(json.dumps(answer)) < 400, "no echo of the input"


def violation(row: int, name: str, data: bytes, code: int) -> None:
    """Bytes that end a socket, and the code of its close frame."""
    for kind in ("core", "v1"):

        async def play(scene: Scene, kind: str = kind) -> None:
            async with await scene.socket(kind) as wire:
                await wire.send(data)
                assert await wire.closed() == code

        CASES.append(Case(row, f"{name}-{kind}", play))


def credentials(name: str, password: str = PASSWORD) -> bytes:
    return json.dumps({"Username": name, "Password": password}).encode()


def registers(row: int, name: str, username: str, password: str, status: int = 422, code: str = "") -> None:
    """Somebody tries to register."""
    http(row, name, post("/api/register", credentials(username, password)), status, code)


def saying(data: Any, **more: Any) -> Callable[[Scene], str]:
    """A message for the session of the two."""
    message = {"data": data} | more.pop("Message", {})
    return lambda scene: json.dumps({"type": "Message", "SessionID": scene.session_id, "Message": message} | more)


async def register(scene: Scene, name: str, password: str = PASSWORD) -> Reply:
    return await scene.ask(post("/api/register", credentials(name, password)))


async def log_in(scene: Scene, name: str, password: str = PASSWORD) -> Reply:
    return await scene.ask(post("/api/login", credentials(name, password)))


async def load_status(scene: Scene, *headers: str) -> int:
    return (await scene.ask(request("GET", "/api/load?messages=0", *headers))).status


# ------------------------------------------------------------------------------------------------------------ TCP, HTTP

LONG = ("Content-Type: application/json", "Content-Length: 99999999")
http(4, "length-99999999", request("POST", "/api/login", *LONG), 413, "too_large", closes=True)
http(4, "one-byte-too-many", post("/api/login", b" " * 65_537), 413, "too_large", closes=None)
http(4, "chunked", post("/api/login", b"10001\r\n" + b" " * 65_537 + b"\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
     413, "too_large", closes=None)  # fmt: skip
body(4, "exactly-64-KiB-is-read", b" " * 65_536, 422)

for spelled in (
    "/../../etc/passwd", "/%2e%2e%2fetc/passwd", "/web/%2e%2e/%2e%2e/cli.py", "/web/../cli.py", "/web/..%2fcli.py",
    "/web/..%5ccli.py", "/..%5c..%5cetc%5cpasswd", "/web/%00", "/web/index.html%00.js", "/%252e%252e%252fetc/passwd",
    "/web/%252e%252e/cli.py", "/web//etc/passwd", "/web/%2fetc%2fpasswd", "/web/", "/web/components", "/web/.",
):  # fmt: skip
    http(9, spelled.replace("/", "|"), request("GET", spelled), 404, "not_found")


for method, path in (("TRACE", "/api/login"), ("PUT", "/api/login"), ("DELETE", "/api/load"), ("POST", "/ws")):

    @case(10, f"{method}-{path[1:].replace('/', '-')}")
    async def _(scene: Scene, method: str = method, path: str = path) -> None:
        reply = await scene.ask(request(method, path))
        is_problem(reply, 405, "method_not_allowed")
        assert reply.headers["allow"]


http(10, "CONNECT", request("CONNECT", "/api/login"), (400, 405), closes=None)
http(10, "CONNECT-host", request("CONNECT", "localhost:80"), (400, 405), closes=None)
http(10, "post", request("post", "/api/login"), 400, "bad_request", closes=True)

for wrong in ("evil.test", "localhost.evil.test", "user@localhost", "localhost, evil.test", "127.0.0.1.evil.test",
              "localhost:x", "localhost/", "[::1", "127.1"):  # fmt: skip
    http(12, f"wrong-{wrong.replace('/', '|')}", request("GET", "/", host=wrong), (400, 421))
http(12, "wrong", request("GET", "/api/load", host="chat.example.org"), 421, "wrong_host")
http(12, "two", request("GET", "/", "Host: localhost"), 400, "bad_request", closes=None)
http(12, "none", request("GET", "/", host=None), 400, "bad_request", closes=None)
http(12, "empty", request("GET", "/", host=""), (400, 421), closes=None)

for kind in ("text/plain", "application/x-www-form-urlencoded", "text/json", "application/jsonp", ""):
    http(13, kind.replace("/", "|") or "empty", post("/api/login", credentials("nanda"), f"Content-Type: {kind}"),
         415, "not_json")  # fmt: skip
http(13, "missing", request("POST", "/api/login", body=credentials("nanda")), 415, "not_json")

BOMB = gzip.compress(b" " * 20_000_000)
http(14, "gzip-bomb", post("/api/login", BOMB, "Content-Encoding: gzip"), 415, "not_json")
http(14, "gzip", post("/api/login", gzip.compress(credentials("nanda")), "Content-Encoding: gzip"), 415, "not_json")
http(14, "deflate", post("/api/login", b"x", "Content-Encoding: deflate"), 415, "not_json")


@case(16, "Range")
async def _(scene: Scene) -> None:
    reply = await scene.ask(
        request("GET", "/api/load", f"Authorization: Bearer {scene.nanda.token}", "Range: bytes=0-3")
    )
    assert reply.status == 200
    assert scene.session_id in reply.json


@case(16, "Upgrade-h2c")
async def _(scene: Scene) -> None:
    upgrade = ("Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABkAAQAAP__")
    reply = await scene.ask(request("GET", "/api/load", f"Authorization: Bearer {scene.nanda.token}", *upgrade))
    assert reply.status == 200


EXPECT = "Expect: 100-continue"
http(16, "Expect", post("/api/login", credentials("nanda"), EXPECT), 417, closes=None)
http(16, "Expect-before-body", request("POST", "/api/login", EXPECT, "Content-Type: application/json",
     "Content-Length: 50"), 417, closes=None)  # fmt: skip

http(17, "64-KiB", request("GET", "/api/load", f"Cookie: parlour={'x' * 65_536}"), 431, "headers_too_large")


@case(17, "twice")
async def _(scene: Scene) -> None:
    own = f"parlour={scene.nanda.token}"
    assert await load_status(scene, f"Cookie: {own}") == 200
    assert await load_status(scene, f"Cookie: {own}; {own}") == 200
    for cookies in (
        [f"Cookie: {own}; parlour=other"],
        [f"Cookie: parlour=; {own}"],
        [f"Cookie: {own}", "Cookie: parlour=x"],
    ):
        is_problem(await scene.ask(request("GET", "/api/load", *cookies)), 401, "unauthorized")


for where in ("/api/load", "/ws", "/", "/nowhere"):

    @case(18, f"valid-{where.replace('/', '|')}")
    async def _(scene: Scene, where: str = where) -> None:
        token = (await log_in(scene, "carol")).json["Token"]
        async with await Wire.upgrade(scene.port, token) as wire:
            is_problem(await scene.ask(request("GET", f"{where}?a=1&token={token}")), 400, "token_in_url")
            assert await load_status(scene, f"Authorization: Bearer {token}") == 401
            assert await wire.closed() == 1008


@case(18, "two-of-them")
async def _(scene: Scene) -> None:
    tokens = [(await log_in(scene, "carol")).json["Token"] for _ in range(2)]
    is_problem(await scene.ask(request("GET", f"/api/load?token={tokens[0]}&%74oken={tokens[1]}")), 400, "token_in_url")
    assert [await load_status(scene, f"Authorization: Bearer {token}") for token in tokens] == [401, 401]


http(18, "nobodys", request("GET", "/api/load?token=parlour_x"), 400, "token_in_url")
http(18, "empty", request("GET", "/api/load?token="), 400, "token_in_url")


@case(18, "with-a-valid-bearer")
async def _(scene: Scene) -> None:
    bearer = f"Authorization: Bearer {scene.carol.token}"
    is_problem(await scene.ask(request("GET", "/api/load?token=x", bearer)), 400, "token_in_url")
    assert await load_status(scene, bearer) == 200


FORM = "Content-Type: application/x-www-form-urlencoded"
for path in ("logout", "login", "register"):
    for origin in ("Origin: https://evil.test", "Origin: null", None):

        @case(19, f"{path}-{origin.partition('//')[2] or 'null' if origin else 'no-origin'}")
        async def _(scene: Scene, path: str = path, origin: str | None = origin) -> None:
            headers = [FORM, f"Cookie: parlour={scene.carol.token}", *([origin] if origin else [])]
            is_problem(await scene.ask(request("POST", f"/api/{path}", *headers, body=b"a=b")), 403, "csrf")
            assert await load_status(scene, f"Cookie: parlour={scene.carol.token}") == 200


@case(19, "Sec-Fetch-Site")
async def _(scene: Scene) -> None:
    headers = [f"Cookie: parlour={scene.carol.token}", "Origin: http://localhost", "Sec-Fetch-Site: cross-site"]
    is_problem(await scene.ask(request("POST", "/api/logout", *headers)), 403, "csrf")


for foreign in ("https://chat.example.org.evil.test", "null", "http://localhost.evil.test", "http://localhost:1",
                "http://localhost/", "ftp://localhost", "//localhost", ""):  # fmt: skip
    http(20, f"unset-{foreign.replace('/', '|')}", request("GET", "/api/load", f"Origin: {foreign}"), 403, "origin")
    http(20, f"unset-post-{foreign.replace('/', '|')}",
         post("/api/login", credentials("nanda"), f"Origin: {foreign}"), 403, "csrf")  # fmt: skip


@case(20, "set")
async def _(scene: Scene) -> None:
    async with town(scene.folder / "origins", origins=("https://chat.example.org",)) as other:

        async def answer(origin: str) -> Reply:
            return await ask(other.port, request("GET", "/api/load", f"Origin: {origin}", host="chat.example.org"))

        is_problem(await answer("https://chat.example.org"), 401, "unauthorized")
        for origin in ("http://chat.example.org", "https://chat.example.org.evil.test", "https://chat.example.org:444",
                       "https://xchat.example.org", "null", "https://"):  # fmt: skip
            is_problem(await answer(origin), 403, "origin")


# ---------------------------------------------------------------------------------------------------- WebSocket framing


@case(25, "foreign-origin")
async def _(scene: Scene) -> None:
    for who in (f"Authorization: Bearer {scene.nanda.token}", f"Cookie: parlour={scene.nanda.token}"):
        for origin in ("https://evil.test", "null", "http://localhost:1"):
            is_problem(await scene.ask(handshake(who, f"Origin: {origin}")), 403, "origin")
        assert (await scene.ask(handshake(who, "Origin: http://localhost"))).status == 101


@case(25, "cookie-without-origin")
async def _(scene: Scene) -> None:
    is_problem(await scene.ask(handshake(f"Cookie: parlour={scene.nanda.token}")), 403, "origin")


@case(26, "accepted")
async def _(scene: Scene) -> None:
    early = frame(json.dumps({"type": "Search", "Username": "no-such-user", "Ref": "early"}))
    async with await Wire.upgrade(scene.port, scene.nanda.token, early=early) as wire:
        is_error(await wire.text(), "user_not_found", "Username", "early")
        await wire.lives()


@case(26, "refused")
async def _(scene: Scene) -> None:
    before = await scene.messages()
    for headers in ([f"Authorization: Bearer {scene.nanda.token}x"],
                    [f"Authorization: Bearer {scene.nanda.token}", "Origin: https://evil.test"],
                    [f"Cookie: parlour={scene.nanda.token}"],
                    [f"Authorization: Bearer {scene.nanda.token}", "Sec-WebSocket-Protocol: other"]):  # fmt: skip
        async with await Line.open(scene.port) as line:
            reply = await line.ask(handshake(*headers) + frame(saying("never")(scene)) * 3)
            assert reply.status in (400, 401, 403), reply
            line.finish()
            await line.ended()
    assert await scene.messages() == before


for bits, name in ((4, "RSV1"), (2, "RSV2"), (1, "RSV3"), (7, "all")):
    violation(28, name, frame('{"type":"Search"}', rsv=bits), 1002)

for name, data in {
    "invalid": b'{"type":"\xff"}', "overlong": b"\xc0\x80", "surrogate": b"\xed\xa0\x80", "truncated": b"caf\xc3",
    "beyond": b"\xf4\x90\x80\x80", "lone-continuation": b"\x80",
}.items():  # fmt: skip
    violation(36, name, frame(data), 1007)
    violation(36, f"{name}-in-fragments", frame(data[:1], fin=False) + frame(data[1:], CONTINUATION), 1007)


@case(36, "split-valid")
async def _(scene: Scene) -> None:
    whole = saying("caf\u00e9 \U0001f600")(scene).encode()
    whole = json.dumps(json.loads(whole), ensure_ascii=False).encode()
    async with await scene.socket() as wire:
        await wire.send(frame(whole[:1], fin=False))
        for at in range(1, len(whole) - 1):
            await wire.send(frame(whole[at : at + 1], CONTINUATION, fin=False))
        answer = await wire.say_last(whole[-1:])
        assert [m["data"] for m in answer[scene.session_id].values()] == ["caf\u00e9 \U0001f600"]
        await wire.lives()


violation(37, "binary", frame(b'{"type":"Search","Username":"winston"}', BINARY), 1003)
violation(37, "empty", frame(b"", BINARY), 1003)

# ------------------------------------------------------------------------------------------------------- JSON and types

for name, text in {"empty": "", "null": "null", "array": "[]", "string": '"x"', "number": "5", "object": "{}",
                   "space": " ", "true": "true"}.items():  # fmt: skip
    said(46, name, text, "malformed")
    body(46, name, text or " ")

http(
    46,
    "no-body",
    request("POST", "/api/login", "Content-Type: application/json", "Content-Length: 0"),
    422,
    "malformed",
)


@case(46, "20-in-a-row")
async def _(scene: Scene) -> None:
    for kind in ("core", "v1"):
        async with await scene.socket(kind) as wire:
            for text in ["{}", "[", '{"type":"Unknown"}', '{"type":"Search","Username":1}'] * 5:
                assert (await wire.say(text))["type"] == "Error"
            assert await wire.closed() == 1008


@case(46, "19-in-a-row")
async def _(scene: Scene) -> None:
    async with await scene.socket() as wire:
        for _ in range(3):
            for _ in range(19):
                is_error(await wire.say("{}"), "malformed")
            await wire.lives()


said(47, "deep", "[" * 60_000, "malformed")
said(47, "deep-typed", '{"type":"Search","Username":' + "[" * 60_000, "malformed")
said(47, "deep-unknown", '{"type":"Search","Username":"x","x":' + "[" * 30_000 + "]" * 30_000 + "}", "malformed")
said(47, "deep-objects", '{"type":' * 8_000, "malformed")
said(47, "deep-typeless", '{"a":' + "[" * 30_000 + "]" * 30_000 + "}", "malformed")
body(47, "deep", "[" * 60_000)
body(47, "deep-typed", '{"Username":' + "[" * 60_000)
body(47, "deep-unknown", '{"x":' + "[" * 30_000 + "]" * 30_000 + "}", 422, "unknown_field", "x")
body(47, "100000", "[" * 100_000, 413, "too_large")
violation(47, "100000", frame("[" * 100_000), 1009)

violation(48, "invalid-UTF-8", frame(b'{"type":"Search","Username":"\xff\xfe"}'), 1007)
body(48, "invalid-UTF-8", b'{"Username":"\xff\xfe","Password":"four plain words"}')
body(48, "invalid-key", b'{"\xff":"x","Username":"nanda","Password":"four plain words"}')

for name, lone in {"high": "\\ud800", "low": "\\udfff", "swapped": "\\udc00\\ud800", "half": "\\ud800x"}.items():
    said(49, name, f'{{"type":"Search","Username":"{lone}"}}', "malformed")
    body(49, name, f'{{"Username":"{lone}","Password":"four plain words"}}')
said(49, "in-data", lambda scene: saying("?")(scene).replace("?", "\\ud800"), "malformed")

said(50, "BOM", BOM + '{"type":"Search","Username":"winston"}', "malformed")
body(50, "BOM", BOM + credentials("nanda").decode())

for number in ("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "nan"):
    said(51, number, f'{{"type":"request","username":"winston","Accepted":{number}}}', "malformed")
    body(51, number, f'{{"Username":"nanda","Password":{number}}}')

for number in ("9" * 5_000, "9007199254740993", "-1", "2", "1.5", "true", "false", '"1"', "null", "[1]", "1e1", "0x1",
               "01", "+1", "18446744073709551616"):  # fmt: skip
    said(52, number if len(number) < 30 else "5000-digits",
         f'{{"type":"request","username":"winston","Accepted":{number}}}', "malformed")  # fmt: skip
    if number != '"1"':
        body(52, number if len(number) < 30 else "5000-digits", f'{{"Username":"nanda","Password":{number}}}')
said(52, "1.0", '{"type":"request","username":"winston","Accepted":1.0}', "malformed")
for number in ("-1", "1.5", "true", '"1"', "null", "9" * 5_000):
    said(52, f"Me-{number[:5]}", f'{{"type":"Resume","Epoch":"x","Me":{number}}}', "malformed", kinds=["v1"])


@case(53, "last-wins")
async def _(scene: Scene) -> None:
    async with await scene.socket() as wire:
        text = saying("?")(scene).replace('"data": "?"', '"data": "first", "data": "last"')
        answer = await wire.say(text)
        assert [m["data"] for m in answer[scene.session_id].values()] == ["last"]
    twice = b'{"Username":"nobody-here","Username":"nanda","Password":"x","Password":"%s"}' % PASSWORD.encode()
    assert (await scene.ask(post("/api/login", twice))).status == 200


said(53, "other-type", '{"type":"Search","Username":"winston","type":"request"}', "malformed")

for key in ("x", "__proto__", "constructor", "Type", "username", "Sender"):
    said(54, key, f'{{"type":"Search","Username":"winston","{key}":1}}', "unknown_field", key)
    body(54, key, f'{{"Username":"nanda","Password":"four plain words","{key}":{{}}}}', 422, "unknown_field", key)
said(54, "nested", saying("?", Message={"__proto__": {}}), "unknown_field", "Message.__proto__")
said(54, "empty-key", '{"type":"Search","Username":"winston","":1}', "unknown_field")
said(54, "long-key", '{"type":"Search","Username":"winston","' + "k" * 60_000 + '":1}', "unknown_field")
body(54, "long-key", '{"' + "k" * 60_000 + '":1}', 422, "unknown_field")

said(55, "Search", '{"type":"Search"}', "malformed", "Username")
said(55, "Search-null", '{"type":"Search","Username":null}', "malformed", "Username")
said(55, "Message", '{"type":"Message","SessionID":"x"}', "malformed", "Message")
said(55, "Message-null", '{"type":"Message","SessionID":"x","Message":null}', "malformed", "Message")
said(55, "SessionID", '{"type":"Message","Message":{"data":"x"}}', "malformed", "SessionID")
said(55, "data", '{"type":"Message","SessionID":"x","Message":{}}', "malformed", "Message.data")
said(55, "data-null", '{"type":"Messgae","SessionID":"x","Message":{"data":null}}', "malformed", "Message.data")
said(55, "data-number", '{"type":"Message","SessionID":"x","Message":{"data":5}}', "malformed", "Message.data")
said(55, "TimeStamp", '{"type":"Message","SessionID":"x","Message":{"data":"x","TimeStamp":"noon"}}', "malformed",
     "Message.TimeStamp")  # fmt: skip
said(55, "TimeStamp-day", saying("x", Message={"TimeStamp": "2023-02-29T00:00:00Z"}), "malformed",
     "Message.TimeStamp")  # fmt: skip
said(55, "Nonce", '{"type":"Message","SessionID":"x","Nonce":"short","Message":{"data":"x"}}', "malformed", "Nonce")
said(55, "Ref", '{"type":"Search","Username":"winston","Ref":"' + "r" * 41 + '"}', "malformed", "Ref")
said(55, "Accepted", '{"type":"request","username":"winston"}', "malformed", "Accepted")
said(55, "username", '{"type":"request","Accepted":1}', "malformed", "username")
said(55, "type", '{"Username":"winston"}', "malformed", "type")
said(55, "type-null", '{"type":null,"Username":"winston"}', "malformed", "type")
said(55, "type-number", '{"type":5,"Username":"winston"}', "malformed", "type")
said(55, "Resume", '{"type":"Resume","Me":1}', "malformed", "Epoch", kinds=["v1"])
body(55, "Password", '{"Username":"nanda"}', field="Password")
body(55, "Username", '{"Password":"four plain words"}', field="Username")
body(55, "Username-null", '{"Username":null,"Password":"four plain words"}', field="Username")
body(55, "Password-null", '{"Username":"nanda","Password":null}', field="Password")
body(55, "Username-array", '{"Username":["nanda"],"Password":"four plain words"}', field="Username")

said(56, "two", '{"type":"Search","Username":"winston"}{"type":"Search","Username":"winston"}', "malformed")
said(56, "trailing", '{"type":"Search","Username":"winston"}x', "malformed")
said(56, "unfinished", '{"type":"Search","Username":"winston"', "malformed")
body(56, "two", credentials("nanda") * 2)
body(56, "trailing", credentials("nanda") + b",")

said(57, "unknown", '{"type":"Shout","x":1}', "unknown_type", "type")
said(57, "empty", '{"type":""}', "unknown_type", "type")
said(57, "case", '{"type":"message"}', "unknown_type", "type")
said(57, "servers-own", '{"type":"Welcome"}', "unknown_type", "type")
said(57, "Resume-on-a-core-socket", '{"type":"Resume","Epoch":"x","Me":0}', "unknown_type", "type", kinds=["core"])
said(57, "nothing-to-answer", '{"type":"request","username":"carol","Accepted":1}', "no_invitation", "username")

NUL = "\\u0000"
said(59, "Username", f'{{"type":"Search","Username":"{NUL}"}}', "malformed")
said(59, "username", f'{{"type":"request","username":"winston{NUL}","Accepted":1}}', "malformed")
said(59, "data", saying("a\0b"), "malformed")
said(59, "only-data", saying("\0"), "malformed")
said(59, "SessionID", f'{{"type":"Message","SessionID":"{NUL}","Message":{{"data":"x"}}}}', "malformed")
said(59, "raw", '{"type":"Search","Username":"win\0ston"}', "malformed")
said(59, "Epoch", f'{{"type":"Resume","Epoch":"{NUL}","Me":0}}', "malformed", kinds=["v1"])
said(59, "Sessions", f'{{"type":"Resume","Epoch":"x","Me":0,"Sessions":{{"{NUL}":1}}}}', "malformed", kinds=["v1"])
body(59, "Username", f'{{"Username":"nanda{NUL}","Password":"four plain words"}}')
body(59, "Password", f'{{"Username":"nanda","Password":"four plain words{NUL}"}}')


@case(59, "Ref")
async def _(scene: Scene) -> None:
    async with await scene.socket() as wire:
        answer = await wire.say(f'{{"type":"Search","Username":"winston","Ref":"{NUL}"}}')
        assert answer["Code"] == "malformed"
        await wire.lives()


# ------------------------------------------------------------------------------------------------------------- accounts


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


# ---------------------------------------------------------------------------------------------------------------- chat


@case(78, "identical")
async def _(scene: Scene) -> None:
    for kind in ("core", "v1"):
        async with await scene.socket(kind, scene.carol) as wire:
            answers = []
            for session_id in (scene.session_id, "AAAAAAAAAAAAAAAA", "", "x" * 40, "../..", "\u00e9", "nanda", " "):
                await wire.send(
                    frame(json.dumps({"type": "Message", "SessionID": session_id, "Message": {"data": "x"}}))
                )
                answers.append(await wire.read())
            assert len(set(answers)) == 1
            is_error(json.loads(answers[0][1]), "not_found", "SessionID")


@case(79, "invited-who-has-not-accepted")
async def _(scene: Scene) -> None:
    asker, asked = await scene.town.person(), await scene.town.person()
    async with await scene.socket("core", asked) as wire, await scene.socket("core", asker) as asking:
        await asking.send(frame(json.dumps({"type": "Search", "Username": asked.name})))
        assert (await wire.text())["type"] == "Search"
        for sender, other in ((wire, asker), (asking, asked)):
            for session_id in (other.user_id, other.name, f"{asker.user_id}{asked.user_id}"[:32]):
                text = json.dumps({"type": "Message", "SessionID": session_id, "Message": {"data": "x"}})
                is_error(await sender.say(text), "not_found", "SessionID")


@case(80, "two-sockets-at-once")
async def _(scene: Scene) -> None:
    text = saying("once", Nonce="row-80-nonce")(scene)
    async with await scene.socket() as one, await scene.socket() as other:
        await asyncio.gather(one.send(frame(text)), other.send(frame(text)))
        heard = []
        for wire in (one, other):
            await wire.send(frame('{"type":"Search","Username":"no-such-user","Ref":"end"}'))
            while (answer := await wire.text()).get("Ref") != "end":
                heard.append(json.dumps(answer))
        # Each socket hears the delivery; the one whose send came second hears it a second time, as its answer.
        assert len(heard) == 3
        assert len(set(heard)) == 1
    assert [m["data"] for m in (await scene.messages()).values()].count("once") == 1


@case(80, "burst-on-one-socket")
async def _(scene: Scene) -> None:
    async with await scene.socket("v1") as wire:
        for number in range(5):
            await wire.send(frame(saying("burst", Nonce="row-80-burst", Ref=str(number))(scene)))
        heard: list[Any] = []
        done: list[Any] = []
        while len(done) < 5:
            answer = await wire.text()
            (done if answer.get("type") == "Done" else heard).append(answer)
        assert len({json.dumps(answer) for answer in heard}) == 1
        assert len({answer["MessageID"] for answer in done}) == 1
        assert [answer["Ref"] for answer in done] == list("01234")
        assert len(heard) == 5


@case(81, "other-body")
async def _(scene: Scene) -> None:
    async with await scene.socket() as wire:
        first = await wire.say(saying("one", Nonce="row-81-nonce")(scene))
        is_error(await wire.say(saying("two", Nonce="row-81-nonce")(scene)), "nonce_reused", "Nonce")
        stamped = saying("one", Nonce="row-81-nonce", Message={"TimeStamp": "2001-01-01T00:00:00Z"})(scene)
        assert await wire.say(stamped) == first


for name, blank in {
    "nothing": "", "spaces": "   ", "ZWSP": "\u200b", "newlines": "\n\r\t", "fillers": "\u3164\u115f\u1160\u2800",
    "format": "\u202e\u2066\u00ad\ufeff\U000e0061", "NBSP": "\u00a0\u2003\u3000", "mixed": " \u200b\u2800\n",
}.items():  # fmt: skip
    said(82, name, saying(blank), "empty", "Message.data")

said(83, "8001", saying("x" * 8_001), "too_long", "Message.data")
said(83, "16-KiB-and-1", saying("\u20ac" * 5_461 + "xx"), "too_long", "Message.data")
said(83, "700-families", saying("\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 700), "too_long")


@case(83, "as-long-as-may-be")
async def _(scene: Scene) -> None:
    async with await scene.socket() as wire:
        for data in ("x" * 8_000, "\u20ac" * 5_461 + "x"):
            answer = await wire.say(saying(data)(scene))
            assert [m["data"] for m in answer[scene.session_id].values()] == [data]


VERBATIM = (
    "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031e\u0349\u035a\u032f\u031e\u0320\u034dalgo",
    "\u202egnp.exe", "\n" * 1_000 + "x", "a\u2028b\u2029c", "<script>alert(1)</script>", "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", "{{7*7}}${7*7}", "  x  ",
    "cafe\u0301 caf\u00e9", "\x01\x1b[31m", "\ufffe\uffff", "%s%n", "\U0001f600",
)  # fmt: skip


@case(84, "verbatim")
async def _(scene: Scene) -> None:
    async with await scene.socket() as wire, await scene.socket("v1", scene.winston) as other:
        for data in VERBATIM:
            own, heard = await wire.say(saying(data)(scene)), await other.text()
            while scene.session_id not in heard:
                heard = await other.text()
            assert own == heard
            [(message_id, message)] = own[scene.session_id].items()
            assert message["data"] == data
            assert (await scene.messages())[message_id]["data"] == data


for query, field in {
    "before=-1": "before", "after=-1": "after", "limit=0": "limit", "limit=201": "limit", "limit=-1": "limit",
    "before=x": "before", "before=1.0": "before", "after=1e3": "after", "limit=": "limit", "before=%00": "before",
    "after=99999999999999999999": "after", "before=%D9%A1": "before", "limit=1&limit=2": "limit", "before=+1": "before",
}.items():  # fmt: skip

    @case(85, query)
    async def _(scene: Scene, query: str = query, field: str = field) -> None:
        bearer = f"Authorization: Bearer {scene.nanda.token}"
        reply = await scene.ask(request("GET", f"/api/sessions/{scene.session_id}/messages?{query}", bearer))
        is_problem(reply, 422, "malformed", field)


@case(85, "after-beyond-the-head")
async def _(scene: Scene) -> None:
    for number in ("100000", str(2**53)):
        path = f"/api/sessions/{scene.session_id}/messages?after={number}"
        reply = await scene.ask(request("GET", path, f"Authorization: Bearer {scene.nanda.token}"))
        assert (reply.status, reply.json) == (200, {"Messages": {}, "More": False})


for kind in ("Edit", "Delete"):
    said(86, f"{kind}-is-not-there-yet", json.dumps({"type": kind, "SessionID": "x", "MessageID": "1"}), "unknown_type")

said(89, "oneself", '{"type":"Search","Username":"nanda"}', "self", "Username")
said(89, "oneself-in-capitals", '{"type":"Search","Username":"NANDA"}', "self", "Username")
said(89, "missing", '{"type":"Search","Username":"no-such-user"}', "user_not_found", "Username")
for username in ("_a", "x" * 1_000, "", " ", "\u212aelvin", "nanda ", "admin"):
    text = json.dumps({"type": "Search", "Username": username})
    said(89, f"cannot-exist-{username[:8]}", text, "user_not_found", "Username")


@case(89, "in-session")
async def _(scene: Scene) -> None:
    users = {scene.winston.user_id: "winston"}
    expected = {"SessionID": scene.session_id, "Users": users}
    async with await scene.socket() as wire, await scene.socket("core", scene.winston) as other:
        answer = await wire.say('{"type":"Search","Username":"WINSTON"}')
        assert {k: v for k, v in answer.items() if k != "Seq"} == {"type": "Session", **expected}
        is_error(await other.say('{"type":"Search","Username":"no-such-user","Ref":"1"}'), "user_not_found", ref="1")
    async with await scene.socket("v1") as wire:
        assert await wire.say('{"type":"Search","Username":"winston","Ref":"1"}') == {
            "type": "Done",
            "Ref": "1",
            **expected,
        }


@case(90, "twice")
async def _(scene: Scene) -> None:
    asker, asked = await scene.town.person(), await scene.town.person()
    async with await scene.socket("v1", asker) as asking, await scene.socket("v1", asked) as answering:
        await asking.send(frame(json.dumps({"type": "Search", "Username": asked.name})))
        while (await answering.text())["type"] != "Search":
            pass
        accept = {"type": "request", "username": asker.name, "Accepted": 1}
        done = []
        for ref in ("1", "2"):
            await answering.send(frame(json.dumps(accept | {"Ref": ref})))
            while (answer := await answering.text()).get("Ref") != ref:
                assert ref == "1" or answer["type"] == "Status", "nothing but the answer comes the second time"
            done.append(answer)
        assert done[1] == done[0] | {"Ref": "2"}
        reject = json.dumps(accept | {"Accepted": 0, "Ref": "3"})
        while (answer := await answering.say(reject)).get("Ref") != "3":
            pass
        assert answer == done[0] | {"Ref": "3"}


@case(90, "anothers")
async def _(scene: Scene) -> None:
    asker, asked = await scene.town.person(), await scene.town.person()
    async with await scene.socket("core", asker) as asking, await scene.socket("core", scene.carol) as other:
        await asking.send(frame(json.dumps({"type": "Search", "Username": asked.name})))
        await asking.lives()
        accept = {"type": "request", "Accepted": 1}
        is_error(await other.say(json.dumps(accept | {"username": asker.name})), "no_invitation", "username")
        is_error(await other.say(json.dumps(accept | {"username": asked.name})), "no_invitation", "username")
        is_error(await asking.say(json.dumps(accept | {"username": asked.name})), "no_invitation", "username")
        is_error(await asking.say(json.dumps(accept | {"username": asker.name})), "no_invitation", "username")
        is_error(await asking.say(json.dumps(accept | {"username": "no-such-user"})), "no_invitation", "username")


@case(90, "lapsed")
async def _(scene: Scene) -> None:
    asker, asked = await scene.town.person(), await scene.town.person()
    async with await scene.socket("core", asker) as asking, await scene.socket("core", asked) as answering:
        await asking.send(frame(json.dumps({"type": "Search", "Username": asked.name})))
        assert (await answering.text())["type"] == "Search"
        scene.town.sql("UPDATE Pairs SET Lapses = '2001-01-01T00:00:00.000Z' WHERE Asker = ?", asker.user_id)
        for accepted in (1, 0):
            text = json.dumps({"type": "request", "username": asker.name, "Accepted": accepted})
            is_error(await answering.say(text), "gone", "username")


@case(90, "another-revision")
async def _(scene: Scene) -> None:
    asker, asked = await scene.town.person(), await scene.town.person()
    async with await scene.socket("core", asker) as asking, await scene.socket("core", asked) as answering:
        await asking.send(frame(json.dumps({"type": "Search", "Username": asked.name})))
        rev = (await answering.text())["Rev"]
        for wrong in (rev - 1, rev + 1):
            text = json.dumps({"type": "request", "username": asker.name, "Accepted": 1, "Rev": wrong})
            is_error(await answering.say(text), "gone", "username")
        text = json.dumps({"type": "request", "username": asker.name, "Accepted": 1, "Rev": rev})
        assert (await answering.say(text))["type"] == "Session"


@case(95, "beyond-the-head")
async def _(scene: Scene) -> None:
    async with await Wire.upgrade(scene.port, scene.nanda.token, "Sec-WebSocket-Protocol: parlour.v1") as wire:
        epoch = (await wire.text())["Epoch"]
        sessions = {scene.session_id: 1_000_000}
        await wire.send(frame(json.dumps({"type": "Resume", "Epoch": epoch, "Me": 0, "Sessions": sessions})))
        heard = [await wire.text()]
        while heard[-1] != {"type": "Resumed"}:
            heard.append(await wire.text())
        assert [f for f in heard if f["type"] == "Reset"] == [{"type": "Reset", "SessionID": scene.session_id}]
        for me in (1_000_000, 2**53 + 1, 2**70):
            await wire.send(frame(json.dumps({"type": "Resume", "Epoch": epoch, "Me": me})))
            assert (await wire.text()) in (
                {"type": "Reset"},
                {"type": "Status", "UserID": scene.winston.user_id, "Status": "Online"},
            )
            while (await wire.text()) != {"type": "Resumed"}:
                pass
        await wire.lives()


def resume_of(sessions: int, width: int) -> str:
    numbers = {f"{n:0{width}d}": 0 for n in range(sessions)}
    return json.dumps({"type": "Resume", "Epoch": "x", "Me": 0, "Ref": "r", "Sessions": numbers}, separators=(",", ":"))


@case(96, "1001-and-1000")
async def _(scene: Scene) -> None:
    async with await scene.socket("v1") as wire:
        answer = await wire.say(resume_of(1_001, 16))
        is_error(answer, "malformed", "Sessions", "r")
        await wire.send(frame(resume_of(1_000, 16)))
        while (await wire.text()) != {"type": "Done", "Ref": "r"}:
            pass
        await wire.lives()


violation(96, "10000-are-too-large-at-once", frame(resume_of(10_000, 4)), 1009)

# --------------------------------------------------------------------------------------------------------- environment


async def refuses(folder: Path, *arguments: str, code: int = 78, **options: Any) -> str:
    """A server does not start on this folder: the exit code, and exactly one plain sentence, which is given back."""
    process = await start(folder, *arguments, **options)
    try:
        assert await process.ends() == code, process.said
    finally:
        await process.kill()
    [sentence] = process.said
    assert re.fullmatch(r"[A-Z/].*\.", sentence), sentence
    return sentence


async def filled(scene: Scene, name: str) -> tuple[Path, str]:
    """A folder with a database in which two have talked; a token of one of them."""
    template = scene.folder / "filled"
    if not template.exists():
        async with town(template) as made:
            nanda, _, session_id = await made.pair()
            socket = await nanda.core()
            for number in range(50):
                await socket.send(type="Message", SessionID=session_id, Message={"data": f"{number} " * 200})
                await socket.message()
            (template / "token").write_text(nanda.token)
    copy = Path(shutil.copytree(template, scene.folder / name))
    return copy, (copy / "token").read_text()


def spoil(folder: Path, root_of: str) -> None:
    """Overwrite the first page of a table or an index."""
    path = folder / "parlour.db"
    connection = apsw.Connection(str(path))
    page = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (root_of,)).get
    size = connection.execute("PRAGMA page_size").get
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)


@case(98, "read-only-directory")
async def _(scene: Scene) -> None:
    folder = scene.folder / "read-only"
    folder.mkdir(mode=0o555)
    assert "cannot be written" in await refuses(folder, program=POWERLESS)
    assert "cannot be made" in await refuses(folder / "below", program=POWERLESS)
    folder.chmod(0o755)


@case(98, "read-only-database")
async def _(scene: Scene) -> None:
    folder, _ = await filled(scene, "read-only-database")
    (folder / "parlour.db").chmod(0o444)
    folder.chmod(0o555)
    assert "cannot be written" in await refuses(folder, program=POWERLESS)
    folder.chmod(0o755)


@case(98, "a-file-in-its-place")
async def _(scene: Scene) -> None:
    file = scene.folder / "file"
    file.write_text("not a folder")
    assert "cannot be made" in await refuses(file)


@case(99, "newer-schema")
async def _(scene: Scene) -> None:
    folder, _ = await filled(scene, "newer")
    connection = apsw.Connection(str(folder / "parlour.db"))
    connection.execute("INSERT INTO Migrations SELECT max(Number) + 1, 'later', 'x' FROM Migrations")
    connection.close()
    before = (folder / "parlour.db").read_bytes()
    assert "newer version" in await refuses(folder)
    assert (folder / "parlour.db").read_bytes() == before


@case(99, "another-programs")
async def _(scene: Scene) -> None:
    folder = scene.folder / "another"
    folder.mkdir()
    connection = apsw.Connection(str(folder / "parlour.db"))
    connection.execute("CREATE TABLE Bookmarks (URL TEXT)")
    connection.close()
    assert "another program" in await refuses(folder)


@case(99, "not-a-database")
async def _(scene: Scene) -> None:
    folder = scene.folder / "text"
    folder.mkdir()
    (folder / "parlour.db").write_text("Dear diary, " * 1_000)
    assert "not a database" in await refuses(folder)


for spoiled in ("Presence", "Facts", "Migrations"):

    @case(99, f"corrupt-page-at-the-start-{spoiled}")
    async def _(scene: Scene, spoiled: str = spoiled) -> None:
        folder, _ = await filled(scene, f"corrupt-{spoiled}")
        spoil(folder, spoiled)
        assert "backup" in await refuses(folder, code=70)


for spoiled in ("Messages", "Tokens"):

    @case(99, f"corrupt-page-later-{spoiled}")
    async def _(scene: Scene, spoiled: str = spoiled) -> None:
        folder, token = await filled(scene, f"corrupt-later-{spoiled}")
        spoil(folder, spoiled)
        async with served(folder) as process:
            is_problem(await ask(process.port, request("GET", "/api/load", f"Authorization: Bearer {token}")), 503)
            assert await process.ends() == 70
            [_, told] = process.said
            assert "ERROR" in told
            assert "backup" in told


@case(100, "second-server")
async def _(scene: Scene) -> None:
    assert "Another server runs" in await refuses(scene.folder)


@case(101, "port-in-use")
async def _(scene: Scene) -> None:
    assert "in use" in await refuses(scene.folder / "a", port=scene.port)


def first_port_for_everybody() -> int:
    return int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())


@case(101, "no-permission")
async def _(scene: Scene) -> None:
    port = first_port_for_everybody() - 1
    if port < 1:
        pytest.skip("this machine lets everybody listen on every port")
    sentence = await refuses(scene.folder / "b", port=port, program=POWERLESS)
    assert "ermission" in sentence


for address in ("2001:db8::1", "192.0.2.1", "::1::1"):

    @case(101, f"address-{address}")
    async def _(scene: Scene, address: str = address) -> None:
        assert address in await refuses(scene.folder / "c", "--host", address)


for number in ("65536", "-1"):

    @case(101, f"port-{number}")
    async def _(scene: Scene, number: str = number) -> None:
        assert "port" in await refuses(scene.folder / "d", f"--port={number}")


@case(101, "a-setting-that-cannot-be-read")
async def _(scene: Scene) -> None:
    assert "heartbeat" in await refuses(scene.folder / "e", PARLOUR_HEARTBEAT="soon")
    folder = scene.folder / "toml"
    folder.mkdir()
    for text in ("heartbeat = ", "heartbat = 25"):
        (folder / "parlour.toml").write_text(text)
        assert await refuses(folder)


@case(101, "ulimit-256")
async def _(scene: Scene) -> None:
    folder, token = await filled(scene, "few-files")
    async with served(folder, program=FEW_FILES) as process, AsyncExitStack() as open_ones:
        [warning, _] = process.said
        assert "WARNING Only 256 files may be open, so at most 192 sockets" in warning
        for _ in range(192):
            await open_ones.enter_async_context(await Wire.upgrade(process.port, token))
        one_more = await ask(process.port, handshake(f"Authorization: Bearer {token}"))
        is_problem(one_more, 503, "unavailable")
        assert int(one_more.headers["retry-after"]) >= 1
        assert (await ask(process.port, request("GET", "/readyz"))).status == 200


# --------------------------------------------------------------------------------------------------------- the one test


@pytest.mark.parametrize("case", CASES, ids=[f"{c.row}-{c.name}" for c in CASES])
async def test_a_bad_input_gets_its_answer(case: Case, scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await case.play(scene)
    assert (await scene.ask(request("GET", "/readyz"))).status == 200
    await scene.bystander.quiet()
    assert not [r for r in caplog.records if r.levelno > logging.WARNING or r.exc_info]
