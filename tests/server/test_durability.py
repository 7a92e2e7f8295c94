"""Durable before acknowledged: a server that is killed again and again, under clients that send.

1. Clients write down what they do and hear; afterwards that history is checked against the database (`Checker`).
2. Some kills hit the middle of a commit: the server dies there by itself, at a random one. The run says how many.
3. The same run must find a fault in a server that acknowledges before it commits.

The invariants: I1 what is acknowledged is there, with its id and body. I2 numbers are exactly 1 to N. I3 one row for
(session, sender, nonce). I4 what was delivered is what the database holds. I5 what a client shows is in order, without
doubles, and whole. I6 acknowledged before invoked means a smaller number. I7 nobody hears a session not
theirs. I8 what was never acknowledged is there once or not at all.
"""

from __future__ import annotations

import asyncio
import json
import random
import secrets
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import apsw
import pytest

from tests.server.people import PASSWORD, Json, Person
from tests.server.process import ROOT, Process, start

pytestmark = pytest.mark.asyncio(loop_scope="session")

KILLED_SERVER = (str(ROOT / "tests" / "server" / "killed_server.py"),)
CLIENTS = 8
INSIDE = ("write", "sync", "synced")


class Sent(NamedTuple):
    """What a client knows of one send."""

    session_id: str
    sender: str
    nonce: str
    data: str


class History:
    """What all clients did and heard, in one order: that of this process."""

    def __init__(self) -> None:
        self.clock = 0
        self.invoked: dict[Sent, int] = {}
        self.acknowledged: dict[Sent, tuple[int, int]] = {}  # when, and MessageID
        self.delivered: dict[tuple[str, int], Json] = {}
        self.shown: dict[str, dict[str, list[int]]] = {}
        self.faults: list[str] = []

    def invoke(self, sent: Sent) -> None:
        self.clock += 1
        self.invoked.setdefault(sent, self.clock)

    def acknowledge(self, sent: Sent, number: int) -> None:
        self.clock += 1
        before = self.acknowledged.setdefault(sent, (self.clock, number))
        if before[1] != number:
            self.faults.append(f"I3: {sent} was acknowledged as {before[1]} and as {number}")

    def deliver(self, client: str, session_id: str, number: int, message: Json) -> None:
        known = self.delivered.setdefault((session_id, number), message)
        if known != message:
            self.faults.append(f"I4: {session_id} {number} was delivered as {known} and as {message}")
        shown = self.shown.setdefault(client, {}).setdefault(session_id, [])
        if number > len(shown) + 1:
            self.faults.append(f"I5: {client} was given {number} after {len(shown)}")
        if number > len(shown):
            shown.append(number)


class Client:
    """Sends one message after the other, each until it is acknowledged, through every restart."""

    def __init__(self, world: World, person: Person, session_id: str, number: int) -> None:
        self.world, self.person, self.session_id = world, person, session_id
        self.name = f"client {number}"
        self.unresolved: Sent | None = None
        self.me = 0

    async def run(self) -> None:
        """Until the world has had its kills, and a last message is acknowledged or given up."""
        while not self.world.over or self.unresolved:
            await self.world.up.wait()
            if self.world.over and self.world.gives_up(self):
                return
            with suppress(aiohttp.ClientError, ConnectionError, Gone):
                await self.connected()

    async def connected(self) -> None:
        """Come back, then send as long as the world has kills to come."""
        person, base = self.person, self.world.base
        headers = {"Authorization": f"Bearer {person.token}"}
        async with person.http.ws_connect(f"{base}/ws", headers=headers, protocols=["parlour.v1"]) as ws:
            welcome = await self._hear(ws)
            heard = len(self.world.history.shown.get(self.name, {}).get(self.session_id, ()))
            resume = {"type": "Resume", "Epoch": welcome["Epoch"], "Me": self.me, "Sessions": {self.session_id: heard}}
            await ws.send_str(json.dumps(resume))
            while (came := await self._hear(ws)).get("type") != "Resumed":
                if came.get("type") == "Reset":
                    self.world.history.faults.append(f"I5: {self.name} has seen what is not there any more")
            while not self.world.over or self.unresolved:
                await self._send_one(ws)

    async def _send_one(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        sent = self.unresolved or Sent(
            self.session_id,
            self.person.user_id,
            f"nonce-{secrets.token_hex(8)}",
            secrets.token_hex(random.randint(1, 60)),
        )
        self.unresolved = sent
        self.world.history.invoke(sent)
        message = {"data": sent.data, "Sender": sent.sender}
        frame = {
            "type": "Message",
            "SessionID": sent.session_id,
            "Message": message,
            "Nonce": sent.nonce,
            "Ref": sent.nonce,
        }
        await ws.send_str(json.dumps(frame))
        while (came := await self._hear(ws)).get("Ref") != sent.nonce:
            pass
        if came["type"] == "Done":
            self.world.history.acknowledge(sent, int(came["MessageID"]))
            self.unresolved = None
        else:
            assert came["Code"] in ("unavailable", "internal"), came

    async def _hear(self, ws: aiohttp.ClientWebSocketResponse) -> Json:
        message = await asyncio.wait_for(ws.receive(), 20)
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise Gone
        frame: Json = json.loads(message.data)
        self.me = max(self.me, frame.get("Seq", 0))
        for session_id, messages in frame.items() if "type" not in frame else ():
            assert session_id == self.session_id, "I7: a message of a session that one is not in"
            for number, delivered in messages.items():
                self.world.history.deliver(self.name, session_id, int(number), delivered)
        return frame


class Gone(Exception):
    """The connection has ended."""


class World:
    """A data folder, the servers that live and die on it, and eight clients in four sessions."""

    def __init__(self, folder: Path, http: aiohttp.ClientSession, chance: random.Random, early: bool) -> None:
        self.folder, self.http, self.chance, self.early = folder, http, chance, early
        self.mark = folder.with_suffix(".mark")
        self.mark.write_bytes(b"\0")
        self.up, self.over, self.port = asyncio.Event(), False, 0
        self.history = History()
        self.kills, self.inside = 0, Counter[str]()
        self.process: Process | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def server(self, plan: str) -> Process:
        """A server that will die as planned."""
        settings = {"KILL": plan, "KILL_MARK": str(self.mark)}
        if self.early and self.port:
            settings["TELL_EARLY"] = "1"
        process = self.process = await start(self.folder, port=self.port, program=KILLED_SERVER, **settings)
        await process.listens()
        self.port = process.port
        self.up.set()
        return process

    async def lives_and_dies(self, plan: str) -> None:
        """One life: until the server kills itself inside a commit, or is killed from outside at a random moment."""
        process = await self.server(plan)
        outside = plan == "never"
        try:
            await asyncio.wait_for(process.child.wait(), self.chance.uniform(0.05, 0.6) if outside else 10)
        except TimeoutError:
            assert outside, f"{plan} never came"
        self.up.clear()
        await process.kill()
        self.kills += 1
        if self.mark.read_bytes() == b"\1":
            self.inside[plan.partition(":")[0] if not outside else "from outside"] += 1
        assert not [line for line in process.said if "Traceback" in line], process.said

    def gives_up(self, client: Client) -> bool:
        """Whether a client never asks again what became of its last message: half of them do not."""
        return int(client.name[-1]) % 2 == 0

    async def settle(self) -> list[Client]:
        """Eight people in four sessions; their clients."""
        process = await self.server("never")
        people = [Person(self.http, self.base, f"person{number}") for number in range(CLIENTS)]
        for person in people:
            await person.call("POST", "/api/register", json={"Username": person.name, "Password": PASSWORD})
            await person.log_in()
        sessions = [await self._pair(*people[n : n + 2]) for n in range(0, CLIENTS, 2)]
        self.up.clear()
        assert await process.stop() == 0
        return [Client(self, person, sessions[n // 2], n) for n, person in enumerate(people)]

    async def _pair(self, first: Person, second: Person) -> str:
        one, other = await first.core(), await second.core()
        await one.send(type="Search", Username=second.name)
        await other.of_type("Search")
        await other.send(type="request", username=first.name, Accepted=1)
        session_id = str((await one.of_type("Session"))["SessionID"])
        for socket in (one, other):
            await socket.ws.close()
        return session_id


async def world_of_kills(folder: Path, plans: list[str], chance: random.Random, early: bool = False) -> World:
    """Live through these deaths, then once more in peace; with the history of it all."""
    async with aiohttp.ClientSession() as http:
        world = World(folder, http, chance, early)
        running: list[asyncio.Task[None]] = []
        try:
            clients = await world.settle()
            running += [asyncio.create_task(client.run()) for client in clients]
            for plan in plans:
                await world.lives_and_dies(plan)
                assert not [task for task in running if task.done()], "a client has ended too early"
            world.over = True
            process = await world.server("never")
            await asyncio.gather(*running)
            for client in clients:  # Once more, to be brought up to the end.
                client.unresolved = None
                await client.connected()
            await process.stop()
        finally:
            for task in running:
                task.cancel()
            if world.process:
                await world.process.kill()
        return world


def faults_of(world: World) -> list[str]:
    """Every invariant that the history and the database break."""
    history, faults = world.history, list(world.history.faults)
    connection = apsw.Connection(str(world.folder / "parlour.db"))
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    columns = "SessionID, MessageID, SenderID, Data, TimeStamp, ReceivedAt, Nonce"
    rows = list(connection.execute(f"SELECT {columns} FROM Messages ORDER BY SessionID, MessageID"))
    connection.close()
    stored: dict[Sent, list[int]] = {}
    final: dict[str, list[int]] = {}
    for session_id, number, sender, data, stamp, received, nonce in rows:
        stored.setdefault(Sent(session_id, sender, nonce, data), []).append(number)
        final.setdefault(session_id, []).append(number)
        message = {"data": data, "TimeStamp": stamp, "Sender": sender, "ReceivedAt": received, "Nonce": nonce}
        if history.delivered.setdefault((session_id, number), message) != message:
            faults.append(f"I4: {session_id} {number} is {message}")
    faults += [f"I1: {sent} was acknowledged as {number}, is {stored.get(sent)}"
               for sent, (_, number) in history.acknowledged.items() if stored.get(sent) != [number]]  # fmt: skip
    faults += [f"I2: {s} has {n}" for s, n in final.items() if n != list(range(1, len(n) + 1))]
    nonces = Counter((sent.session_id, sent.sender, sent.nonce) for sent, numbers in stored.items() for _ in numbers)
    faults += [f"I3: {key} stands {times} times" for key, times in nonces.items() if times > 1]
    faults += [f"I4: {key} was delivered and is not there" for key in history.delivered if key[1] > len(final[key[0]])]
    faults += [f"I5: {client} shows {len(shown)} of {len(final[s])}" for client, lists in history.shown.items()
               for s, shown in lists.items() if shown != final[s]]  # fmt: skip
    faults += [f"I8: {sent} was never sent" for sent in stored if sent not in history.invoked]
    return faults + _out_of_order(history)


def _out_of_order(history: History) -> list[str]:
    """I6: what was acknowledged before another was invoked has the smaller number."""
    steps: list[tuple[int, str, Any, int]] = []
    for sent, (when, number) in history.acknowledged.items():
        steps.append((when, "acknowledged", sent, number))
        steps.append((history.invoked[sent], "invoked", sent, number))
    highest: dict[str, int] = {}
    faults = []
    for _, what, sent, number in sorted(steps, key=lambda step: step[0]):
        if what == "acknowledged":
            highest[sent.session_id] = max(number, highest.get(sent.session_id, 0))
        elif number <= highest.get(sent.session_id, 0):
            faults.append(f"I6: {sent} got {number}, after {highest[sent.session_id]} was acknowledged")
    return faults


def plans(chance: random.Random, inside: int, outside: int) -> list[str]:
    """Deaths in a random order: so many inside a commit, of each kind in turn, the others at any moment."""
    made = [f"{INSIDE[n % len(INSIDE)]}:{chance.randint(5, 150)}" for n in range(inside)] + ["never"] * outside
    chance.shuffle(made)
    return made


@pytest.mark.full
async def test_what_is_acknowledged_survives_every_kill(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed = secrets.randbits(32)
    chance = random.Random(seed)
    world = await world_of_kills(tmp_path / "data", plans(chance, 9, 5), chance)
    history = world.history
    unresolved = len(history.invoked) - len(history.acknowledged)
    with capsys.disabled():
        print(
            f"\n{world.kills} kills (seed {seed}), {world.inside.total()} inside a commit {dict(world.inside)}; "
            f"{len(history.acknowledged)} acknowledged, {unresolved} never resolved, {len(history.delivered)} delivered"
        )
    assert faults_of(world) == []
    assert world.kills >= 10
    assert world.inside.total() >= 9, "each that dies by itself dies inside a commit"
    assert len(history.acknowledged) >= 500


@pytest.mark.full
async def test_an_acknowledgement_before_the_commit_is_found(tmp_path: Path) -> None:
    """The same test, against a server that tells before it commits: it goes red."""
    chance = random.Random(1)
    world = await world_of_kills(tmp_path / "data", ["write:40"] * 3, chance, early=True)
    faults = faults_of(world)
    print(f"found: {Counter(fault[:2] for fault in faults)}")
    assert [fault for fault in faults if fault.startswith("I1")], "an acknowledged message is lost"
