"""P10: a slow reader hurts nobody: many sockets are left unread beside healthy ones, and cost next to nothing.

1. Memory is that of the server's process, by Python's account of it. What the kernel keeps is not among it.
2. A socket that is read again gets everything once and in order.
3. The same run must find a server that queues whatever finds no room.
"""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.server.people import Person, town
from tests.server.process import ROOT, Process, served
from tests.server.test_streams import heard, say, v1_wire

from . import checker
from .history import Log
from .sizes import SIZES
from .told import Told

pytestmark = pytest.mark.full
MEASURED_SERVER = (str(ROOT / "tests" / "server" / "measured_server.py"),)
PATIENT = {"PARLOUR_HEARTBEAT": "3600", "PARLOUR_STUCK_AFTER": "3600"}
"""Nobody is ended for reading slowly: what that costs is the question here."""
CHARACTERS = 8_000
EACH = 1_200_000
"""Bytes that a socket left unread may cost: what waits for its room, and a page of its stream."""


class Place(NamedTuple):
    """A server whose memory can be asked for, and two who talk on it."""

    folder: Path
    process: Process
    one: Person
    other: Person
    session_id: str

    async def holds(self) -> int:
        """Bytes."""
        return int((await self.process.asked(signal.SIGUSR1)).split()[1])

    def device(self, name: str) -> Told:
        base = f"http://127.0.0.1:{self.process.port}"
        return Told(base, self.other.token, self.other.user_id, self.folder / "histories", name)


@asynccontextmanager
async def place(folder: Path, careless: str = "") -> AsyncIterator[Place]:
    """See the type."""
    async with town(folder / "data") as made:
        one, other, session_id = await made.pair()
    beginning = Log(folder / "histories", "beginning", "")
    for person in (one, other):
        beginning.member(session_id, person.user_id)
    beginning.close()
    async with served(folder / "data", program=MEASURED_SERVER, CARELESS=careless, **PATIENT) as process:
        yield Place(folder, process, one, other, session_id)


async def left_unread(here: Place, slow: int, healthy: int, messages: int) -> int:
    """So many sockets of each kind, and so many messages for them; the bytes that the server held more meanwhile."""
    port = here.process.port
    async with AsyncExitStack() as stack:
        unread = [
            await stack.enter_async_context(await v1_wire(port, here.other.token, room=4096)) for _ in range(slow)
        ]
        devices = [here.device(f"healthy{number}") for number in range(healthy)]
        for device in devices:
            await stack.enter_async_context(device)
        before = await here.holds()
        await say(port, here.one.token, here.session_id, messages, CHARACTERS)
        for device in devices:
            await device.has(here.session_id, messages)
        grown = await here.holds() - before
        for wire in unread:
            wire.widen(1_000_000)
            assert await heard(wire, here.session_id, messages) == list(range(1, messages + 1))
    return grown


async def test_many_slow_readers_hurt_nobody(tmp_path: Path, report: Callable[[str], None]) -> None:
    sizes = SIZES.readers
    async with place(tmp_path) as here:
        grown = await left_unread(here, sizes.slow, sizes.healthy, sizes.messages)
    megabytes = sizes.messages * CHARACTERS / 1e6
    report(f"{sizes.slow} sockets left unread for {megabytes:.0f} MB each cost {grown / 1e6:.1f} MB in all")
    told, faults = checker.check(tmp_path / "histories", tmp_path / "data" / "parlour.db")
    assert [fault for fault in faults if not fault.startswith("I8")] == [], "the senders keep no history"
    assert len(told.delivered) == sizes.healthy * sizes.messages
    assert grown <= sizes.slow * EACH


async def test_a_server_that_queues_without_a_bound_is_found(tmp_path: Path, report: Callable[[str], None]) -> None:
    async with place(tmp_path, "forget_room") as here:
        grown = await left_unread(here, 3, 1, SIZES.readers.messages)
    report(f"without the bound 3 sockets cost {grown / 1e6:.1f} MB")
    assert grown > 3 * EACH
