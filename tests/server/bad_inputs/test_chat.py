"""Bad inputs to the chat: rows 78 to 97. For the rules of these tables, see table.py."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.server.bad_inputs.table import Scene, Table, is_error, is_problem, saying
from tests.server.people import PASSWORD
from tests.server.wire import Wire, frame, handshake, request

TABLE = Table()
case, said, violation = TABLE.case, TABLE.said, TABLE.violation


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


@case(79, "into-a-closed-session")
async def _(scene: Scene) -> None:
    one, other, session_id = await scene.town.pair()
    text = json.dumps({"type": "Message", "SessionID": session_id, "Message": {"data": "x"}})
    async with await scene.socket("v1", one) as wire, await scene.socket("v1", other) as leaving:
        await leaving.send(frame(json.dumps({"type": "DeleteAccount", "Password": PASSWORD})))
        assert await leaving.closed() == 4401
        while (await wire.text())["type"] != "Closed":
            pass
        while (answer := await wire.say(text)).get("type") != "Error":
            pass
        is_error(answer, "closed")
    is_problem(await scene.ask(handshake(f"Authorization: Bearer {other.token}")), 401, "unauthorized")


@case(80, "two-sockets-at-once")
async def _(scene: Scene) -> None:
    text = saying("once", Nonce="row-80-nonce")(scene)
    async with await scene.socket() as one, await scene.socket() as other:
        await one.send(frame(saying("both have caught up")(scene)))
        assert await one.text() == await other.text()
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


async def told(wire: Wire, ref: str, *frames: dict[str, Any]) -> list[Any]:
    """Send these, the last one with this Ref: everything that comes up to its answer."""
    for one in frames[:-1]:
        await wire.send(frame(json.dumps(one)))
    heard = [await wire.say(json.dumps(frames[-1] | {"Ref": ref}))]
    while heard[-1].get("Ref") != ref:
        heard.append(await wire.text())
    return heard


@case(88, "beyond-the-last-and-back")
async def _(scene: Scene) -> None:
    one, other, session_id = await scene.town.pair()
    text = {"type": "Message", "SessionID": session_id, "Message": {"data": "x"}}
    async with await scene.socket("core", other) as wire:
        for _ in range(3):
            await wire.say(json.dumps(text))
    async with await scene.socket("v1", one) as wire, await scene.socket("v1", other) as watching:
        for kind in ("Delivered", "Read"):
            mark = {"type": kind, "SessionID": session_id}
            before = await told(wire, "2", mark | {"MessageID": "2"})
            after = await told(wire, "beyond", mark | {"MessageID": "9999999999999999"})
            for heard, number in ((before, "2"), (after, "3")):
                assert [f[kind] for f in heard if f.get("type") == "Mark"] == [number]
            back = (mark | {"MessageID": number} for number in ("0", "1", "2", "3"))
            assert await told(wire, "back", *back) == [{"type": "Done", "Ref": "back"}]
        _, loaded = await one.call("GET", "/api/load")
        assert loaded[session_id]["Marks"] == {one.user_id: {"Delivered": "3", "Read": "3"}}
        heard = await told(watching, "end", {"type": "Search", "Username": "no-such-user"})
        told_to_others = [f["Delivered"] for f in heard if f.get("type") == "Mark" and f["UserID"] == one.user_id]
        assert told_to_others == ["2", "3"]


for number in (2, "-1", "1.0", "01", "", " 1", "\u0661", "99999999999999999", None, "1e1"):
    for kind in ("Delivered", "Read"):
        text = json.dumps({"type": kind, "SessionID": "x", "MessageID": number})
        said(88, f"{kind}-of-{number!a}", text, "malformed", "MessageID", kinds=["v1"])

for kind in ("Typing", "Delivered", "Read"):

    @case(94, f"{kind}-in-a-foreign-session")
    async def _(scene: Scene, kind: str = kind) -> None:
        async with await scene.socket("v1", scene.winston) as member, await scene.socket("v1", scene.carol) as wire:
            answers = []
            for session_id in (scene.session_id, "AAAAAAAAAAAAAAAA", "", "x" * 40):
                mark = {"type": kind, "SessionID": session_id} | ({} if kind == "Typing" else {"MessageID": "1"})
                await wire.send(frame(json.dumps(mark)))
                answers.append(await wire.read())
            assert len(set(answers)) == 1
            is_error(json.loads(answers[0][1]), "not_found", "SessionID")
            [end] = await told(member, "end", {"type": "Search", "Username": "no-such-user"})
            is_error(end, "user_not_found", "Username", "end")


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


for sign in (-1, 1):

    @case(97, f"{10 * sign}-years")
    async def _(scene: Scene, sign: int = sign) -> None:
        """Order and receipt are the server's; the sender's own time is kept beside them."""
        stamp = f"{datetime.now(UTC).year + 10 * sign}-11-24T12:00:00+01:00"
        before = datetime.now(UTC) - timedelta(seconds=1)
        async with await scene.socket() as wire:
            numbers, messages = [], []
            for more in ({}, {"Message": {"TimeStamp": stamp}}, {}):
                [(number, message)] = (await wire.say(saying("when", **more)(scene)))[scene.session_id].items()
                numbers.append(int(number))
                messages.append(message)
        assert numbers == list(range(numbers[0], numbers[0] + 3))
        assert messages[1]["TimeStamp"] == stamp
        received = [datetime.fromisoformat(message["ReceivedAt"]) for message in messages]
        assert before <= received[0] <= received[1] <= received[2] <= datetime.now(UTC)
        assert [(await scene.messages())[str(number)] for number in numbers] == messages


test_a_bad_input_gets_its_answer = TABLE.test()
