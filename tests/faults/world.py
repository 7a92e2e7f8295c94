"""A data folder, the servers that live and die on it, and the clients that go on through it all.

1. People are made once, in this process, through the handlers; after that everything is a process and sockets.
2. Four senders share one session: two people with two devices each. The others are in pairs. Half of the clients are
   made with the SDK, half speak the protocol themselves.
3. Whatever happens, no process is left behind.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.server.people import Person, town
from tests.server.process import SERVE, Process, start

from . import checker
from .bots import Bot
from .clients import Client, Device, Heard, Idler, Paced
from .history import Log
from .tasks import ended

PAIRS = 3
"""… and one more, where nobody speaks."""
WINDOW = 3
ENDING = 60.0


class World:
    """See the file."""

    def __init__(self, folder: Path, http: aiohttp.ClientSession, chance: random.Random) -> None:
        self.data, self.histories = folder / "data", folder / "histories"
        self.http, self.chance = http, chance
        self.up, self.over, self.port = asyncio.Event(), False, 0
        self.heard = Heard()
        self.devices: list[Device] = []
        self.quiet: list[Device] = []
        self.clients: list[Client | Bot] = []
        self.idlers: list[Idler] = []
        self.processes: list[Process] = []
        self.slowest_start = 0.0
        self._running: list[asyncio.Task[None]] = []

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # -------------------------------------------------------------------------------------------------------- settling

    async def settle(self) -> None:
        """Make people, sessions and eight clients."""
        async with town(self.data) as made:
            pairs = [await made.pair() for _ in range(PAIRS + 1)]
            log = Log(self.histories, "beginning", "")
            for place, (first, second, session_id) in enumerate(pairs):
                for person in (first, second):
                    log.member(session_id, person.user_id)
                    await self._devices(person, session_id, 2 if place == 0 else 1)
            log.close()
        self.quiet = [self.devices.pop() for _ in range(2)]

    async def _devices(self, person: Person, session_id: str, count: int) -> None:
        for number in range(count):
            if number:
                await person.log_in()
            self.devices.append(Device(f"{person.name}-{number}", person.user_id, person.token, session_id))

    def hurry(self, window: int = WINDOW) -> None:
        """Let eight clients send as fast as they are answered, so many messages in flight each."""
        self.clients = self._both(Client, window)

    def idle(self, count: int) -> None:
        """So many sockets beside the clients that only listen, in a session where nobody speaks."""
        devices = [self.quiet[number % 2]._replace(name=f"idler{number}") for number in range(count)]
        self.idlers = [self._client(Idler, device, 0) for device in devices]

    def pace(self, each_second: float, window: int) -> None:
        """Let the clients send so many messages a second together."""
        self.clients = self._both(Paced, window)
        for client in self.clients:
            client.each_second = each_second / len(self.clients)

    def _both(self, kind: type[Client], window: int) -> list[Client | Bot]:
        """Clients of this kind and bots of the SDK in turns, so that each session has both."""
        kinds = [(kind, Bot)[place % 2] for place in range(len(self.devices))]
        return [self._client(kind, device, window) for kind, device in zip(kinds, self.devices, strict=True)]

    def _client(self, kind: type[Any], device: Device, window: int) -> Any:
        log = Log(self.histories, device.name, device.user_id)
        return kind(self, device, log, random.Random(self.chance.random()), window)

    # ---------------------------------------------------------------------------------------------------------- living

    async def serve(self, program: Sequence[str] = SERVE, **settings: str) -> Process:
        """The next server, on the same port as the last one."""
        begun = time.monotonic()
        process = await start(self.data, port=self.port, program=program, **settings)
        self.processes.append(process)
        await process.listens()
        self.slowest_start = max(self.slowest_start, time.monotonic() - begun)
        self.port = process.port
        self.up.set()
        return process

    def begin(self) -> None:
        """Let all clients act; where nothing else was said they hurry."""
        if not self.clients:
            self.hurry()
        acts: list[Coroutine[Any, Any, None]] = [client.run() for client in (*self.clients, *self.idlers)]
        self._running += [asyncio.create_task(act) for act in acts]

    def nobody_has_ended(self) -> None:
        """Raises what ended a client too early."""
        for task in self._running:
            if task.done():
                task.result()
                raise AssertionError("a client has ended too early")

    async def end(self) -> None:
        """A last server, in peace: all clients finish, then each hears what it lacks, and the server stops."""
        self.over = True
        process = await self.serve()
        async with asyncio.timeout(ENDING):
            await asyncio.gather(*self._running[: len(self.clients)])
            await asyncio.gather(*(client.catch_up() for client in (*self.clients, *self.idlers)))
        assert await process.stop() == 0

    async def leave(self) -> None:
        """Nothing stays behind."""
        await ended(self._running)
        for client in (*self.clients, *self.idlers):
            client.log.close()
        for process in self.processes:
            await process.kill()

    def judged(self) -> tuple[checker.Heard, list[str]]:
        """What the checker says."""
        return checker.check(self.histories, self.data / "parlour.db")


@asynccontextmanager
async def world(folder: Path, chance: random.Random) -> AsyncIterator[World]:
    """A world with its people in it, in which nothing has begun."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        made = World(folder, http, chance)
        try:
            await made.settle()
            yield made
        finally:
            await made.leave()
