"""What was acknowledged is there: the server is killed again and again under eight people who send.

1. A message is sent until it is acknowledged by its own delivery; after a kill, what is not acknowledged is sent again
   under its nonce, on a new connection.
2. Afterwards every delivery that anybody ever saw is held against the database: I1 to I6 and I8 of the promises.
3. The same story goes red when the server tells before it commits.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import aiohttp
import apsw
import pytest

from tests.server.killed_server import SAID
from tests.server.people import Person, Town, running
from tests.server.process import Process, start

PROGRAM = ("-m", "tests.server.killed_server")
IN_FLIGHT = 4
PATIENCE = 60.0


class Sender:
    """Somebody who says one thing after another, and remembers what was seen."""

    def __init__(self, person: Person, session_id: str) -> None:
        self.person, self.session_id = person, session_id
        self.waiting: dict[str, str] = {}
        self.asked_before: dict[str, int] = {}
        self.acknowledged: dict[str, int] = {}
        self.seen: dict[int, tuple[str, str, str]] = {}
        self.count = 0
        self.enough = False

    async def talk(self, up: asyncio.Event) -> None:
        """Send until there is enough and nothing waits; through every kill."""
        while not (self.enough and not self.waiting):
            await asyncio.wait_for(up.wait(), PATIENCE)
            with suppress(aiohttp.ClientError, ConnectionError):
                socket = await self.person.core()
                async with socket.ws:
                    await self._converse(socket.ws)

    async def _converse(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        for nonce, text in list(self.waiting.items()):
            await self._send(ws, nonce, text)
        while not (self.enough and not self.waiting):
            while len(self.waiting) < IN_FLIGHT and not self.enough:
                self.count += 1
                nonce = f"{self.person.name}-{self.count:08d}"
                self.waiting[nonce] = f"{self.person.name} says {self.count}: {random.random()}"
                self.asked_before[nonce] = len(self.acknowledged)
                await self._send(ws, nonce, self.waiting[nonce])
            message = await asyncio.wait_for(ws.receive(), PATIENCE)
            if message.type is not aiohttp.WSMsgType.TEXT:
                return
            self._hear(message.json())

    async def _send(self, ws: aiohttp.ClientWebSocketResponse, nonce: str, text: str) -> None:
        body = {"data": text, "Sender": self.person.user_id}
        await ws.send_json({"type": "Message", "SessionID": self.session_id, "Message": body, "Nonce": nonce})

    def _hear(self, frame: dict[str, dict[str, dict[str, str]]]) -> None:
        assert "type" not in frame, frame
        for number, message in frame[self.session_id].items():
            told = (message["Sender"], message["Nonce"], message["data"])
            assert self.seen.setdefault(int(number), told) == told, "one number was delivered with two contents"
            if message["Sender"] == self.person.user_id and self.waiting.pop(message["Nonce"], None) is not None:
                self.acknowledged[message["Nonce"]] = int(number)


def check(database: Path, senders: Sequence[Sender]) -> int:
    """Hold what was seen against what is stored; how many acknowledgements there were."""
    rows: dict[str, dict[int, tuple[str, str, str]]] = defaultdict(dict)
    connection = apsw.Connection(str(database))
    for session_id, number, *told in connection.execute(
        "SELECT SessionID, MessageID, SenderID, Nonce, Data FROM Messages ORDER BY SessionID, MessageID"
    ):
        rows[str(session_id)][int(str(number))] = (str(told[0]), str(told[1]), str(told[2]))
    connection.close()
    for sender in senders:
        stored = rows[sender.session_id]
        assert list(stored) == list(range(1, len(stored) + 1)), "I2: a stream has a hole"
        keys = [(who, nonce) for who, nonce, _ in stored.values()]
        assert len(keys) == len(set(keys)), "I3, I8: a nonce is there twice"
        for number, told in sender.seen.items():
            assert stored.get(number) == told, f"I1, I4: {told[1]} was delivered as {number} and is not there"
        numbers = list(sender.acknowledged.values())
        for nonce, before in sender.asked_before.items():
            if before and nonce in sender.acknowledged:
                assert sender.acknowledged[nonce] > max(numbers[:before]), "I6: a later message has an earlier number"
    return sum(len(sender.acknowledged) for sender in senders)


async def people(folder: Path, http: aiohttp.ClientSession) -> list[Sender]:
    """Four pairs, made by an ordinary server."""
    async with running(folder) as server:
        town = Town(server, http)
        senders = []
        for pair in range(4):
            one, other, session_id = await town.pair(f"one{pair}", f"other{pair}")
            senders += [Sender(one, session_id), Sender(other, session_id)]
    return senders


async def serve(folder: Path, senders: Sequence[Sender], up: asyncio.Event, **settings: str) -> Process:
    """Start a server and let everybody know where it is."""
    process = await start(folder, program=PROGRAM, **settings)
    await process.listens()
    for sender in senders:
        sender.person.base = f"http://127.0.0.1:{process.port}"
    up.set()
    return process


async def acknowledged(senders: Sequence[Sender], more: int) -> None:
    """Until so many more messages are acknowledged."""
    goal = sum(len(s.acknowledged) for s in senders) + more
    while sum(len(s.acknowledged) for s in senders) < goal:
        await asyncio.sleep(0)


async def story(folder: Path, kills: Sequence[int], **settings: str) -> tuple[list[Sender], int]:
    """Kill once for each number: 0 from outside, else before that write to the log. Gives how many were in a commit."""
    up, inside = asyncio.Event(), 0
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http, asyncio.timeout(240):
        senders = await people(folder, http)
        talking = [asyncio.create_task(sender.talk(up)) for sender in senders]
        for kill_at in kills:
            process = await serve(folder, senders, up, KILL_AT=str(kill_at), **settings)
            if not kill_at:
                await acknowledged(senders, random.randrange(20, 200))
                process.child.kill()
            assert await process.ends() == -9
            up.clear()
            inside += SAID in process.said
        process = await serve(folder, senders, up)
        for sender in senders:
            sender.enough = True
        await asyncio.gather(*talking)
        assert await process.stop() == 0
    return senders, inside


@pytest.mark.full
async def test_what_was_acknowledged_survives_every_kill(tmp_path: Path) -> None:
    kills = [0 if turn % 3 == 2 else random.randrange(20, 400) for turn in range(15)]
    senders, inside = await story(tmp_path, kills)
    count = check(tmp_path / "parlour.db", senders)
    print(f"{len(kills)} kills, {inside} of them inside a commit; {count} acknowledged messages, all there")
    assert inside == 10
    assert count >= 500


@pytest.mark.full
async def test_it_goes_red_when_the_server_tells_before_it_commits(tmp_path: Path) -> None:
    senders, inside = await story(tmp_path, [random.randrange(40, 200) for _ in range(4)], TELL="early")
    assert inside == 4
    with pytest.raises(AssertionError, match="I1, I4"):
        check(tmp_path / "parlour.db", senders)
