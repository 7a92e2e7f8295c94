"""Streams and the hub: what was not heard costs a number, not a queue, and comes once and in order.

1. Three ways to fall behind: a socket that is not read, a hub that loses deliveries, a client that was away.
2. What a socket has heard is compared with what the session holds: every message once, in the order of its numbers.
3. Memory is that of a server process of its own, by Python's account of it.
4. Nobody is asked whether they live or ended for reading slowly, however long a slow machine takes.
"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from parlour.server.hub import Hub
from parlour.server.websocket import Connection
from tests.server.people import PASSWORD, Json, Person, Socket, Town, town
from tests.server.process import ROOT, Process, served
from tests.server.wire import Wire, frame

pytestmark = pytest.mark.asyncio(loop_scope="session")

V1 = "Sec-WebSocket-Protocol: parlour.v1"
MEASURED_SERVER = (str(ROOT / "tests" / "server" / "measured_server.py"),)
PATIENT = {"heartbeat": 3600, "stuck_after": 3600}
MANY = 20_000
SENDERS = 8
FEW, MORE = 1_000, 5_000
few_or_more = pytest.mark.parametrize("number", [FEW, pytest.param(MORE, marks=pytest.mark.full)])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """A patient server for the tests of this file."""
    async with town(tmp_path_factory.mktemp("patient"), **PATIENT) as made:
        yield made


def size_for(number: int) -> int:
    """Characters of a message, so that together they are more than the kernel keeps for a socket."""
    return 8_000 if number < MORE else 2_000


async def v1_wire(port: int, token: str, room: int | None = None) -> Wire:
    """A raw `parlour.v1` socket, resumed from nothing."""
    wire = await Wire.upgrade(port, token, V1, room=room)
    await wire.send(frame(json.dumps({"type": "Resume", "Epoch": (await wire.text())["Epoch"], "Me": 0})))
    while (await wire.text()) != {"type": "Resumed"}:
        pass
    return wire


async def heard(wire: Wire, session_id: str, upto: int, numbers: list[int] | None = None) -> list[int]:
    """The MessageIDs that come on this socket, up to and with this one."""
    numbers = [] if numbers is None else numbers
    while not numbers or numbers[-1] != upto:
        numbers += map(int, (await wire.text()).get(session_id, ()))
    return numbers


async def say(port: int, token: str, session_id: str, number: int, size: int = 1_000) -> None:
    """Say so many messages over a few sockets at once; back when each has been delivered to its sender."""

    async def one(part: int) -> None:
        message = {"data": "x" * size, "TimeStamp": "2026-11-24T12:00:00Z"}
        data = frame(json.dumps({"type": "Message", "SessionID": session_id, "Message": message}))
        async with await Wire.upgrade(port, token) as wire:
            sending = asyncio.ensure_future(wire.send(data * part))
            last = 0
            while last < before + number:
                last = max([last, *map(int, (await wire.text()).get(session_id, ()))])
            await sending

    before = (await loaded(port, token, session_id))["Seq"]
    # One that has nothing to say could open after the last message, which it would then wait for in vain.
    parts = [number // SENDERS + (n < number % SENDERS) for n in range(min(SENDERS, number))]
    await asyncio.gather(*map(one, filter(None, parts)))


async def loaded(port: int, token: str, session_id: str) -> Json:
    async with aiohttp.ClientSession() as http:
        headers = {"Authorization": f"Bearer {token}"}
        async with http.get(f"http://127.0.0.1:{port}/api/load?messages=0", headers=headers) as response:
            session: Json = (await response.json())[session_id]
            return session


async def all_of(person: Person, session_id: str) -> list[int]:
    """Every MessageID of the session, by pages of its history."""
    numbers: list[int] = []
    more = True
    while more:
        after = numbers[-1] if numbers else 0
        _, page = await person.call("GET", f"/api/sessions/{session_id}/messages?after={after}&limit=200")
        numbers += map(int, page["Messages"])
        more = page["More"]
    return numbers


# ------------------------------------------------------------------------------------------------- a socket left unread


@few_or_more
@pytest.mark.parametrize("kind", ["core", "v1"])
async def test_a_socket_left_unread_gets_everything_once_and_in_order(
    house: Town, monkeypatch: pytest.MonkeyPatch, kind: str, number: int
) -> None:
    one, other, session_id = await house.pair()
    refused, push = 0, Connection.push

    def pushing(connection: Connection, data: bytes) -> bool:
        nonlocal refused
        pushed = push(connection, data)
        refused += not pushed
        return pushed

    monkeypatch.setattr(Connection, "push", pushing)
    open_wire = v1_wire if kind == "v1" else Wire.upgrade
    async with await open_wire(house.port, other.token, room=4096) as unread:
        await say(house.port, one.token, session_id, number, size_for(number))
        assert refused, "it fell behind"
        unread.widen(1_000_000)
        assert await heard(unread, session_id, number) == list(range(1, number + 1))
        await say(house.port, one.token, session_id, 1)
        assert await heard(unread, session_id, number + 1) == [number + 1], "and then it is live"


async def test_a_session_that_begins_meanwhile_is_heard_from_its_first_message(house: Town) -> None:
    one, other, session_id = await house.pair()
    async with await v1_wire(house.port, other.token, room=4096) as unread:
        await say(house.port, one.token, session_id, FEW, 8_000)
        third = await house.person()
        second = await house.together(third, other)
        await say(house.port, third.token, second, 3)
        unread.widen(1_000_000)
        frames: list[Json] = []
        while second not in (frames[-1] if frames else {}) or "3" not in frames[-1][second]:
            frames.append(await unread.text())
    kinds = [f.get("SessionID") if f.get("type") == "Session" else next(iter(f), "") for f in frames]
    assert kinds.index(second) < len(kinds) - 3, "a Session is sent before the first event of that session"
    assert [n for f in frames for n in f.get(second, ())] == ["1", "2", "3"]
    numbers = [int(n) for f in frames for n in f.get(session_id, ())]
    assert numbers == list(range(1, len(numbers) + 1))


async def _held(process: Process) -> int:
    """The bytes that a server holds."""
    return int((await process.asked(signal.SIGUSR1)).removeprefix("holds "))


async def _two_who_talk(http: aiohttp.ClientSession, process: Process) -> tuple[Person, Person, str]:
    base = f"http://127.0.0.1:{process.port}"
    people = [Person(http, base, name) for name in ("nanda", "winston")]
    for person in people:
        await person.call("POST", "/api/register", json={"Username": person.name, "Password": PASSWORD})
        await person.log_in()
    one, other = await people[0].core(), await people[1].core()
    await one.send(type="Search", Username="winston")
    await other.of_type("Search")
    await other.send(type="request", username="nanda", Accepted=1)
    session_id = (await one.of_type("Session"))["SessionID"]
    for socket in (one, other):
        await socket.ws.close()
    return people[0], people[1], session_id


@pytest.mark.full
async def test_a_socket_left_unread_for_20000_messages_costs_less_than_5_mb(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """20 MB go by it: what is kept for it is a number."""
    patient = {f"PARLOUR_{name.upper()}": str(value) for name, value in PATIENT.items()}
    async with served(tmp_path, program=MEASURED_SERVER, **patient) as process, aiohttp.ClientSession() as http:
        nanda, winston, session_id = await _two_who_talk(http, process)
        async with await v1_wire(process.port, winston.token, room=4096) as unread:
            await say(process.port, nanda.token, session_id, 100)
            numbers = await heard(unread, session_id, 100)
            before = await _held(process)
            await say(process.port, nanda.token, session_id, MANY - 100)
            cost = await _held(process) - before
            with capsys.disabled():
                print(f"\na socket left unread for {MANY} messages costs {cost / 1e6:.2f} MB")
            assert cost < 5_000_000
            unread.widen(1_000_000)
            assert await heard(unread, session_id, MANY, numbers) == list(range(1, MANY + 1))


# ------------------------------------------------------------------------------------------------ a hub that loses some


@few_or_more
async def test_a_hub_that_drops_every_tenth_delivery(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    deliveries = dropped = 0
    real = Hub.deliver

    def deliver(hub: Hub, stream: str, at: int, kind: str, data: bytes) -> None:
        nonlocal deliveries, dropped
        deliveries += kind == "Message"
        if kind == "Message" and deliveries % 10 == 0:
            dropped += 1
        else:
            real(hub, stream, at, kind, data)

    monkeypatch.setattr(Hub, "deliver", deliver)
    async with town(tmp_path, **PATIENT) as small:
        one, other, session_id = await small.pair()
        async with (
            await v1_wire(small.port, other.token) as live,
            await Wire.upgrade(small.port, other.token) as core,
            await v1_wire(small.port, other.token, room=4096) as unread,
        ):
            reading = [asyncio.ensure_future(heard(wire, session_id, number + 1)) for wire in (live, core)]
            saying = asyncio.ensure_future(say(small.port, one.token, session_id, number, size_for(number)))
            while deliveries < number:
                for failed in (await asyncio.wait({saying}, timeout=0.01))[0]:
                    failed.result()
            # The last one may be lost: within one process only a later event shows it. There is one.
            await say_one(one, session_id)
            await saying
            unread.widen(1_000_000)
            for numbers in [await task for task in reading] + [await heard(unread, session_id, number + 1)]:
                assert numbers == list(range(1, number + 2))
    assert dropped == deliveries // 10 >= number // 10


async def say_one(person: Person, session_id: str) -> None:
    socket = await person.v1(0)
    await socket.send(type="Message", SessionID=session_id, Message={"data": "one more"}, Ref="one more")
    await socket.next(lambda f: f.get("Ref") == "one more")
    await socket.ws.close()


# -------------------------------------------------------------------------------------------------- a client comes back


async def back(person: Person, me: int, sessions: dict[str, int]) -> tuple[Socket, list[Json]]:
    """A socket that has come back from here, and what came up to `Resumed`."""
    socket = await person.v1(me, sessions)
    return socket, socket.frames[1:-1]


def ids(frames: list[Json], session_id: str) -> list[int]:
    return [int(n) for f in frames for n in f.get(session_id, ())]


async def test_back_within_1000_by_events(house: Town) -> None:
    one, other, session_id = await house.pair()
    _, snapshot = await other.call("GET", "/api/snapshot")
    me = snapshot["Me"]["Seq"]
    await say(house.port, one.token, session_id, 1_000, size=10)
    saying = asyncio.ensure_future(say(house.port, one.token, session_id, 200, size=10))
    socket, frames = await back(other, me, {session_id: 300})
    await saying
    while ids(socket.frames, session_id)[-1] < 1_200:
        await socket.message()
    assert not [f for f in frames if f.get("type") == "Reset"]
    assert ids(socket.frames, session_id) == list(range(301, 1_201))


@few_or_more
async def test_back_after_more_by_reset_snapshot_and_history(house: Town, number: int) -> None:
    """While more is said: what was shown, the snapshot, the pages before it and what came live join without a seam."""
    one, other, session_id = await house.pair()
    number = max(number, 1_100)
    me = (await other.call("GET", "/api/snapshot"))[1]["Me"]["Seq"]
    await say(house.port, one.token, session_id, number, size=10)
    saying = asyncio.ensure_future(say(house.port, one.token, session_id, 300, size=10))
    socket, frames = await back(other, me, {session_id: 50})
    resets = [f for f in frames if f.get("type") == "Reset"]
    assert resets == [{"type": "Reset", "SessionID": session_id}]
    _, snapshot = await other.call("GET", "/api/snapshot")
    session = snapshot["Sessions"][session_id]
    shown: dict[int, Any] = {int(n): m for n, m in session["Messages"].items()}
    more = session["More"]
    while more:
        _, page = await other.call("GET", f"/api/sessions/{session_id}/messages?before={min(shown)}&limit=200")
        shown |= {int(n): m for n, m in page["Messages"].items()}
        more = page["More"]
    await saying
    live = ids(socket.frames, session_id)
    while not live or live[-1] < number + 300:
        _, message_id, message = await socket.message()
        live.append(int(message_id))
        assert shown.setdefault(int(message_id), message) == message
    assert live == list(range(live[0], number + 301))
    assert live[0] <= session["Seq"] + 1
    assert sorted(shown) == list(range(1, number + 301)) == await all_of(other, session_id)
