"""Bad inputs to the rules of consent: rows 57, 79, 89 to 91 and 93. For the rules of these tables, see table.py."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from parlour.core.pairs import COMMANDS
from tests.server.bad_inputs.table import Scene, Table, is_error, is_problem, said_by
from tests.server.people import Json, Person, Town
from tests.server.wire import Wire, frame, post

TABLE = Table()
case, said = TABLE.case, TABLE.said


async def does(person: Person, kind: str, **fields: Any) -> Json:
    """Do something over HTTP that is not refused."""
    status, body = await person.call("POST", f"/api/{kind.lower()}", json=fields)
    assert status == 200, body
    return dict(body)


async def two(scene: Scene) -> tuple[Person, Person]:
    return await scene.town.person(), await scene.town.person()


# ------------------------------------------------------------------------------- 57: each command in each wrong state


class Two(NamedTuple):
    """Who asks, who is asked; and where these happen."""

    town: Town
    asker: Person
    asked: Person

    async def ask(self) -> None:
        await does(self.asker, "Search", Username=self.asked.name)

    async def answer(self, accepted: int, **more: Any) -> None:
        await does(self.asked, "request", username=self.asker.name, Accepted=accepted, **more)

    def set(self, what: str) -> None:
        """What only chance or time would do."""
        self.town.sql(f"UPDATE Pairs SET {what} WHERE Asker = ?", self.asker.user_id)

    async def session(self) -> str:
        await self.ask()
        await self.answer(1)
        return str(next(iter((await self.asker.call("GET", "/api/load"))[1])))


async def none(s: Two) -> None:
    """Nobody asks."""


async def pending(s: Two) -> None:
    await s.ask()


async def held(s: Two) -> None:
    await s.ask()
    s.set("State = 'held'")


async def shadow(s: Two) -> None:
    await does(s.asked, "Settings", WhoMayInvite="nobody")
    await s.ask()


async def declined(s: Two) -> None:
    await s.ask()
    await s.answer(0)


async def told(s: Two) -> None:
    await s.ask()
    await s.answer(0, Tell=True)


async def cancelled(s: Two) -> None:
    await s.ask()
    await does(s.asker, "Cancel", Username=s.asked.name)


async def expired(s: Two) -> None:
    await s.ask()
    s.set("Lapses = '2001-01-01T00:00:00.000Z'")


async def active(s: Two) -> None:
    await s.session()


async def closed(s: Two) -> None:
    await does(s.asker, "Close", SessionID=await s.session())


STATES: dict[str, Callable[[Two], Awaitable[None]]] = {
    step.__name__: step for step in (none, pending, held, shadow, declined, told, cancelled, expired, active, closed)
}
FRAMES: dict[str, Callable[[Person], Json]] = {
    "accept": lambda other: {"type": "request", "username": other.name, "Accepted": 1},
    "decline": lambda other: {"type": "request", "username": other.name, "Accepted": 0},
    "tell": lambda other: {"type": "request", "username": other.name, "Accepted": 0, "Tell": True},
    "cancel": lambda other: {"type": "Cancel", "Username": other.name},
    "close": lambda other: {"type": "Close", "SessionID": other.user_id},
}
REFUSALS = {"no_invitation": 404, "gone": 410, "not_found": 404}

for (command, side), steps in COMMANDS.items():
    for state, code in steps.items():
        if code not in REFUSALS:
            continue

        @case(57, f"{command}-by-{side}-{state}")
        async def _(
            scene: Scene, command: str = command, side: str = side, state: str = state, code: str = code
        ) -> None:
            people = Two(scene.town, *await two(scene))
            await STATES[state](people)
            me, other = people[1:] if side == "asker" else people[:0:-1]
            before = [(await person.call("GET", "/api/snapshot"))[1]["Me"] for person in (me, other)]
            told = FRAMES[command](other)
            async with await scene.socket("v1", me) as wire:
                is_error(await said_by(wire, told), code, ref="it")
            bearer = f"Authorization: Bearer {me.token}"
            reply = await scene.ask(post(f"/api/{told['type'].lower()}", json.dumps(told).encode(), bearer))
            is_problem(reply, REFUSALS[code], code)
            after = [(await person.call("GET", "/api/snapshot"))[1]["Me"] for person in (me, other)]
            assert after == before, "what is refused changes nothing"


@case(57, "every-state-is-tried")
async def _(scene: Scene) -> None:
    assert all(STATES.keys() == steps.keys() for steps in COMMANDS.values())


# ---------------------------------------------------------------------------------------- 79: who may not send any more


for name in ("Close", "Block"):

    @case(79, f"into-what-was-ended-by-{name}")
    async def _(scene: Scene, name: str = name) -> None:
        one, other, session_id = await scene.town.pair()
        await does(other, name, **({"SessionID": session_id} if name == "Close" else {"Username": one.name}))
        text = {"type": "Message", "SessionID": session_id, "Message": {"data": "x"}}
        for person in (one, other):
            for kind in ("core", "v1"):
                async with await scene.socket(kind, person) as wire:
                    is_error(await said_by(wire, text), "closed", "SessionID", ref="it")
        assert scene.town.sql("SELECT count(*) FROM Messages WHERE SessionID = ?", session_id) == [(0,)]


@case(79, "into-what-the-hub-believes-to-be-open")
async def _(scene: Scene) -> None:
    """The database decides in the transaction of the message, not what this node heard of it."""
    one, other, session_id = await scene.town.pair()
    text = {"type": "Message", "SessionID": session_id, "Message": {"data": "x"}}
    async with await scene.socket("core", one) as wire, await scene.socket("v1", other) as listening:
        scene.town.sql("UPDATE Members SET State = 'closed' WHERE SessionID = ?", session_id)
        is_error(await said_by(wire, text), "closed", "SessionID", ref="it")
        is_error(await said_by(listening, text), "closed", "SessionID", ref="it")
    assert scene.town.sql("SELECT count(*) FROM Messages WHERE SessionID = ?", session_id) == [(0,)]


# ------------------------------------------------------------------------------------------------- 89: whom one invites


for who in ("blocks me", "takes none"):

    @case(89, f"one-who-{who}".replace(" ", "-"))
    async def _(scene: Scene, who: str = who) -> None:
        me, other = await two(scene)
        if who == "blocks me":
            await does(other, "Block", Username=me.name)
        else:
            await does(other, "Settings", WhoMayInvite="nobody")
        async with await scene.socket("v1", me) as wire, await scene.socket("core", me) as core:
            answer = await said_by(wire, {"type": "Search", "Username": other.name})
            assert {k: answer[k] for k in ("type", "Username", "State")} == {
                "type": "Done", "Username": other.name, "State": "sent",
            }  # fmt: skip
            again = await said_by(wire, {"type": "Search", "Username": other.name})
            assert again == answer
            await core.lives()
        assert (await other.call("GET", "/api/snapshot"))[1]["Me"]["Invitations"] == []


@case(89, "one-whom-i-block")
async def _(scene: Scene) -> None:
    me, other = await two(scene)
    await does(me, "Block", Username=other.name)
    for kind in ("core", "v1"):
        async with await scene.socket(kind, me) as wire:
            answer = await said_by(wire, {"type": "Search", "Username": other.name.upper()})
            is_error(answer, "you_blocked", "Username", ref="it")


BLANK = json.dumps({"type": "Search", "Username": "no-such-user", "Note": " \u200b\u2800"})
LONG = json.dumps({"type": "Search", "Username": "no-such-user", "Note": "x" * 141})
NUL = json.dumps({"type": "Search", "Username": "no-such-user", "Note": "a\0b"})
said(89, "note-of-nothing", BLANK, "empty", "Note")
said(89, "note-of-141", LONG, "malformed", "Note")
said(89, "note-with-NUL", NUL, "malformed")
said(89, "note-of-a-number", '{"type":"Search","Username":"no-such-user","Note":1}', "malformed", "Note")
said(89, "note-for-oneself", '{"type":"Search","Username":"nanda","Note":"x"}', "self", "Username")

VERBATIM = ("<script>alert(1)</script>", "javascript:alert(1)", "\u202egnp.exe", "\n" * 140, "x" * 140, "' OR 1=1--")

for number, note in enumerate(note for note in VERBATIM if note.strip()):

    @case(89, f"note-verbatim-{number}")
    async def _(scene: Scene, note: str = note) -> None:
        me, other = await two(scene)
        await does(me, "Search", Username=other.name, Note=note)
        [invitation] = (await other.call("GET", "/api/snapshot"))[1]["Me"]["Invitations"]
        assert invitation["Note"] == note


for kind in ("Block", "Unblock", "Cancel"):
    expected = "no_invitation" if kind == "Cancel" else "user_not_found"
    for username in ("_a", "x" * 1_000, "", " ", "\u212aelvin", "nanda ", "no-such-user"):
        text = json.dumps({"type": kind, "Username": username})
        said(89, f"{kind}-cannot-exist-{username[:8]}", text, expected, "Username", kinds=["v1"])
    said(89, f"{kind}-in-the-core", json.dumps({"type": kind, "Username": "winston"}), "unknown_type", "type", ["core"])


# ------------------------------------------------------------------------------------------------ 91: accept and cancel


@case(91, "accept-against-cancel")
async def _(scene: Scene) -> None:
    """From two sockets each, many times: one outcome for all, whichever came first."""
    outcomes = set()
    for turn in range(12):
        asker, asked = await two(scene)
        await does(asker, "Search", Username=asked.name)
        accept = {"type": "request", "username": asker.name, "Accepted": 1}
        cancel = {"type": "Cancel", "Username": asked.name}
        wires = [await scene.socket("v1", person) for person in (asker, asker, asked, asked)]
        sends = [said_by(wire, cancel if number < 2 else accept) for number, wire in enumerate(wires)]
        answers = await asyncio.gather(*(sends if turn % 2 else reversed(sends)))
        cancels, accepts = (answers[:2], answers[2:]) if turn % 2 else (answers[:1:-1], answers[1::-1])
        won, lost = (accepts, cancels) if accepts[0]["type"] == "Done" else (cancels, accepts)
        assert won[0] == won[1]
        assert won[0]["type"] == "Done"
        assert lost[0] == lost[1]
        is_error(lost[0], "gone", ref="it")
        sessions = [set((await person.call("GET", "/api/load"))[1]) for person in (asker, asked)]
        assert sessions == ([{won[0]["SessionID"]}] * 2 if won is accepts else [set(), set()])
        for wire in wires:
            wire.reset()
        outcomes.add(lost[0]["Reason"])
    assert outcomes <= {"This invitation was taken back.", "This invitation was accepted."}
    assert outcomes


@case(91, "cancel-against-decline")
async def _(scene: Scene) -> None:
    """Whatever came first, the one who asked sees the same: taken back."""
    for _ in range(6):
        asker, asked = await two(scene)
        await does(asker, "Search", Username=asked.name)
        decline = {"type": "request", "username": asker.name, "Accepted": 0}
        async with await scene.socket("v1", asker) as asking, await scene.socket("v1", asked) as answering:
            cancelled_, declined_ = await asyncio.gather(
                said_by(asking, {"type": "Cancel", "Username": asked.name}), said_by(answering, decline)
            )
            assert cancelled_ == {"type": "Done", "Ref": "it"}
            assert declined_["type"] == "Done" or declined_["Code"] == "gone"
        for person in (asker, asked):
            me = (await person.call("GET", "/api/snapshot"))[1]["Me"]
            assert (me["Asking"], me["Invitations"]) == ([], [])


# ------------------------------------------------------------------------------------------------- 93: close and send


async def _heard(wire: Wire, session_id: str, sends: int) -> tuple[list[str], int, bool]:
    """Deliveries up to the answers of all sends, how many were refused; whether any came after the `Closed`."""
    delivered: list[str] = []
    refused, answered, is_closed, late = 0, 0, False, False
    while answered < sends or not is_closed:
        heard = await wire.text()
        if session_id in heard:
            delivered += heard[session_id]
            late = late or is_closed
        elif heard["type"] == "Closed":
            is_closed = True
        elif heard["type"] == "Error":
            is_error(heard, "closed", "SessionID", ref=heard["Ref"])
            refused += 1
        answered += "Ref" in heard
    return delivered, refused, late


async def _talk(wire: Wire, session_id: str, sends: int, closes_after: int = -1) -> None:
    for number in range(sends):
        text = {"type": "Message", "SessionID": session_id, "Message": {"data": str(number)}, "Ref": str(number)}
        await wire.send(frame(json.dumps(text)))
        if number == closes_after:
            await wire.send(frame(json.dumps({"type": "Close", "SessionID": session_id})))


@case(93, "close-while-both-send")
async def _(scene: Scene) -> None:
    """Each message is stored and heard by all before the closing, or is refused; nothing is heard after it."""
    count = 40
    for turn in range(6):
        one, other, session_id = await scene.town.pair()
        async with (
            await scene.socket("v1", one) as sending,
            await scene.socket("v1", other) as closing,
            await scene.socket("v1", other) as listening,
        ):
            heard = asyncio.gather(
                _heard(sending, session_id, count), _heard(closing, session_id, count), _heard(listening, session_id, 0)
            )
            await asyncio.gather(_talk(sending, session_id, count), _talk(closing, session_id, count, 5 + turn))
            results = await heard
        stored = scene.town.sql("SELECT MessageID FROM Messages WHERE SessionID = ?", session_id)
        numbers = [str(number) for (number,) in stored]
        assert [delivered for delivered, _, _ in results] == [numbers] * 3
        assert not any(late for _, _, late in results)
        assert sum(refused for _, refused, _ in results) == 2 * count - len(numbers)
        assert results[1][1] == count - 6 - turn, "what was sent behind the closing on its own socket is refused"


@case(93, "close-twice-at-once")
async def _(scene: Scene) -> None:
    one, other, session_id = await scene.town.pair()
    async with await scene.socket("v1", one) as first, await scene.socket("v1", other) as second:
        close = {"type": "Close", "SessionID": session_id}
        for answer in await asyncio.gather(said_by(first, close), said_by(second, close)):
            assert answer == {"type": "Done", "Ref": "it"}
    closed_ = [
        scene.town.sql("SELECT count(*) FROM Events WHERE Stream = ? AND Kind = 'Closed'", person.user_id)
        for person in (one, other)
    ]
    assert closed_ == [[(1,)], [(1,)]], "one event each, however often it is closed"


# ------------------------------------------------------------------------------------------------------------- links


for text in ("", " ", "x", "x" * 60_000, "\u212a.\u0131", "../..", "a.b.c", "' OR 1=1--", "%00", "null"):
    told_ = json.dumps({"type": "Redeem", "Link": text})
    said(90, f"Redeem-of-{text[:8]!a}", told_, "gone", "Link", kinds=["v1"])
    told_ = json.dumps({"type": "Unlink", "Link": text})
    said(90, f"Unlink-of-{text[:8]!a}", told_, "not_found", "Link", kinds=["v1"])


test_a_bad_input_gets_its_answer = TABLE.test()
