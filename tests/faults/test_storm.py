"""P12: a reconnect storm: the server is killed with thousands of sockets on it, and all come back at once.

1. Each socket resumes five sessions from where it stood, with the back-off of a client at a twentieth of its length.
2. Everybody hears what was said meanwhile once, and nobody has to log in again or to take anything anew.
3. The same run must find a server that comes back with other numbers.
4. The sockets are raw ones: thousands of the SDK's would need more of the machine than the server does.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import combinations
from pathlib import Path

import apsw
import pytest

from parlour.core.dispatch import NOBODY
from parlour.core.logins import LogIn
from parlour.core.ports import Secret
from parlour.server.access import make_token, token_hash
from tests.server.people import Person, Town, town
from tests.server.process import Process, start
from tests.server.wire import Wire, frame

from .sizes import SIZES
from .tasks import ended

pytestmark = pytest.mark.full
V1 = "Sec-WebSocket-Protocol: parlour.v1"
SESSIONS = 5
FIRST, MOST = 0.5 / 20, 30 / 20
"""Seconds: the first bound of the back-off, and the greatest."""
TOGETHER = 64
"""Handshakes that this process has under way at once: a client of its own would be a process of its own."""
BACK_WITHIN = 120.0


class Sleeper:
    """A socket that is there, comes back, and counts what it hears."""

    def __init__(self, storm: Storm, person: Person, sessions: list[str], chance: random.Random) -> None:
        self.storm, self.person, self.sessions, self.chance = storm, person, sessions, chance
        self.me, self.at = 0, dict.fromkeys(sessions, 0)
        self.heard: list[str] = []

    async def live(self) -> None:
        """For ever: connect, hear, come back."""
        tries = 0
        while True:
            with suppress(OSError, AssertionError):
                async with self.storm.doors:
                    wire = await Wire.upgrade(self.storm.port, self.person.token, V1)
                async with wire:
                    tries = 0
                    await self._hear(wire)
            tries += 1
            await asyncio.sleep(self.chance.uniform(0, min(MOST, FIRST * 2**tries)))

    async def _hear(self, wire: Wire) -> None:
        async for came in frames(wire):
            if (kind := self._take(came)) == "Welcome":
                where = {"Epoch": came["Epoch"], "Me": self.me, "Sessions": self.at}
                await wire.send(frame(json.dumps({"type": "Resume", **where})))
            elif kind == "Resumed":
                self.storm.came(self)

    def _take(self, came: dict[str, object]) -> str:
        kind = str(came.get("type", ""))
        if not kind:
            for session_id, messages in came.items():
                assert isinstance(messages, dict)
                self.at[session_id] = max(map(int, messages))
                self.heard.append(session_id)
                self.storm.count("heard")
        elif kind == "Reset":
            self.storm.count("Reset")
        self.me = max(self.me, int(str(came.get("Seq", 0))))
        return kind


async def frames(wire: Wire) -> AsyncIterator[dict[str, object]]:
    """What comes, until the connection ends. A wire's patience is for answers: silence is nothing here."""
    while True:
        with suppress(TimeoutError):
            yield await wire.text()


class Storm:
    """The sockets, and where the server is."""

    def __init__(self) -> None:
        self.port = 0
        self.doors = asyncio.Semaphore(TOGETHER)
        self.counts = Counter[str]()
        self.here: set[Sleeper] = set()
        self._more = asyncio.Event()

    def came(self, sleeper: Sleeper) -> None:
        self.here.add(sleeper)
        self._more.set()

    def count(self, what: str) -> None:
        self.counts[what] += 1
        self._more.set()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(BACK_WITHIN):
            while not true():
                self._more.clear()
                await self._more.wait()


def sleepers(
    storm: Storm, circles: list[dict[Person, list[str]]], count: int, chance: random.Random
) -> Iterator[Sleeper]:
    """So many sockets, of everybody in turn."""
    people = [(person, sessions) for circle in circles for person, sessions in circle.items()]
    for number in range(count):
        person, sessions = people[number % len(people)]
        yield Sleeper(storm, person, sessions, random.Random(chance.random()))


async def circle(here: Town) -> dict[Person, list[str]]:
    """Six people, each in a session with each other one: five sessions for everybody."""
    people = [await logged_in(here) for _ in range(SESSIONS + 1)]
    sessions: dict[Person, list[str]] = {person: [] for person in people}
    for one, other in combinations(people, 2):
        session_id = await here.together(one, other)
        sessions[one].append(session_id)
        sessions[other].append(session_id)
    return sessions


async def logged_in(here: Town) -> Person:
    """Somebody with a token, and nothing hashed for it."""
    person = await here.person(log_in=False)
    [(password,)] = here.sql("SELECT Password FROM Users WHERE UserID = ?", person.user_id)
    person.token = make_token(here.server.clock.new_token())
    hashed = Secret(token_hash(person.token) or "")
    await here.server.gateway.write(LogIn(person.user_id, Secret(password), hashed), NOBODY)
    return person


async def said_everywhere(storm: Storm, circles: list[dict[Person, list[str]]]) -> int:
    """One message in every session; how many that makes."""
    said: set[str] = set()
    for people in circles:
        for person, sessions in people.items():
            fresh = [session_id for session_id in sessions if session_id not in said]
            said.update(fresh)
            async with await Wire.upgrade(storm.port, person.token) as wire:
                for session_id in fresh:
                    message = {"type": "Message", "SessionID": session_id, "Message": {"data": "storm"}}
                    while session_id not in await wire.say(json.dumps(message)):
                        pass
    return len(said)


@asynccontextmanager
async def gathered(
    folder: Path, chance: random.Random, sockets: int, circles: int
) -> AsyncIterator[tuple[Storm, list[dict[Person, list[str]]], Process, list[Sleeper]]]:
    """All sockets connected to a server."""
    async with town(folder) as here:
        made = [await circle(here) for _ in range(circles)]
    storm = Storm()
    process = await start(folder)
    await process.listens()
    storm.port = process.port
    all_ = list(sleepers(storm, made, sockets, chance))
    living = [asyncio.create_task(sleeper.live()) for sleeper in all_]
    try:
        await storm.until(lambda: len(storm.here) == sockets)
        yield storm, made, process, all_
    finally:
        await ended(living)


async def back(storm: Storm, folder: Path, circles: list[dict[Person, list[str]]], sockets: int) -> Process:
    """The next server; something is said in every session before the sockets are back."""
    storm.here.clear()
    process = await start(folder, port=storm.port)
    await process.listens()
    await said_everywhere(storm, circles)
    await storm.until(lambda: len(storm.here) == sockets)
    return process


async def test_all_come_back_and_hear_what_they_missed_once(
    tmp_path: Path, chance: random.Random, report: Callable[[str], None]
) -> None:
    sizes = SIZES.storm
    async with gathered(tmp_path, chance, sizes.sockets, sizes.circles) as (storm, circles, first, all_):
        for sleeper in all_:
            sleeper.heard.clear()
        storm.counts.clear()
        await first.kill()
        second = await back(storm, tmp_path, circles, sizes.sockets)
        try:
            await storm.until(lambda: storm.counts["heard"] >= sizes.sockets * SESSIONS)
            report(f"{len(storm.here)} sockets came back, {storm.counts['heard']} messages that they had missed")
            assert storm.counts["Reset"] == 0
            for sleeper in all_:
                assert sorted(sleeper.heard) == sorted(sleeper.sessions), "once in each session"
        finally:
            await second.kill()


async def test_a_server_that_lost_numbers_is_found(
    tmp_path: Path, chance: random.Random, report: Callable[[str], None]
) -> None:
    """Between its lives somebody takes messages away: who comes back is ahead of the server."""
    async with gathered(tmp_path, chance, 30, 1) as (storm, circles, first, _):
        await said_everywhere(storm, circles)
        await storm.until(lambda: storm.counts["heard"] >= 30 * SESSIONS)
        await first.kill()
        connection = apsw.Connection(str(tmp_path / "parlour.db"))
        connection.execute("DELETE FROM Messages")
        connection.close()
        storm.here.clear()
        second = await start(tmp_path, port=storm.port)
        try:
            await second.listens()
            await storm.until(lambda: storm.counts["Reset"] >= 30)
        finally:
            await second.kill()
    report(f"found {storm.counts['Reset']} times")
