"""P21: the machine's clock jumps, and nothing changes: order, delivery, logins, beats.

1. The server runs in this process; what jumps is the `now` of its clock, as a machine's does. Its steady clock goes on.
2. The same run must find a server whose logins go by the clock that jumps.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.server.people import Person, Town, town

from . import checker
from .history import Log
from .sizes import SIZES
from .told import Told

pytestmark = pytest.mark.full
JUMPS = (timedelta(days=1), timedelta(days=-1), timedelta(days=3652), timedelta(days=-3653), timedelta(hours=-1))
BEAT = 25 / 20


class JumpingClock:
    """Moves the machine's time under a running server."""

    def __init__(self, here: Town) -> None:
        self.ahead, self.jumps = timedelta(0), 0
        here.server.clock.now = self.now  # type: ignore[method-assign]

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def jump(self, span: timedelta) -> None:
        self.ahead += span
        self.jumps += 1


async def talking(here: Town, folder: Path, stack: AsyncExitStack) -> tuple[list[Told], str, list[Person]]:
    """Two people with a device each."""
    first, second, session_id = await here.pair()
    beginning = Log(folder, "beginning", "")
    for person in (first, second):
        beginning.member(session_id, person.user_id)
    beginning.close()
    devices = [Told(here.base, one.token, one.user_id, folder, one.name) for one in (first, second)]
    for device in devices:
        await stack.enter_async_context(device)
    return devices, session_id, [first, second]


async def test_the_clock_jumps_and_nothing_changes(
    tmp_path: Path, chance: random.Random, report: Callable[[str], None]
) -> None:
    jumps = SIZES.clocks.jumps
    async with town(tmp_path / "data", heartbeat=BEAT) as here, AsyncExitStack() as stack:
        devices, session_id, people = await talking(here, tmp_path / "histories", stack)
        watching = await people[0].v1()
        clock = JumpingClock(here)
        for place in range(jumps):
            clock.jump(JUMPS[place % len(JUMPS)])
            sent = [one.client.send(session_id, f"{place} {chance.random()}") for one in devices * 3]
            places = await asyncio.gather(*sent)
            beats = len([f for f in watching.frames if f.get("type") == "Beat"])
            for person in people:
                assert (await person.call("GET", "/api/load?messages=0"))[0] == 200, "nobody was logged out"
            await watching.of_type("Beat")
            assert len([f for f in watching.frames if f.get("type") == "Beat"]) == beats + 1, "no burst of beats"
        last = max(one.number for one in places)
        await asyncio.gather(*(one.has(session_id, last) for one in devices))
        assert [one.ended for one in devices] == [None, None]
        assert not watching.ws.closed
    heard, faults = checker.check(tmp_path / "histories", tmp_path / "data" / "parlour.db")
    report(f"{clock.jumps} jumps of up to ten years; {heard.told()}")
    assert faults == []
    assert clock.jumps == jumps


async def test_a_server_whose_logins_go_by_that_clock_is_found(tmp_path: Path, report: Callable[[str], None]) -> None:
    async with town(tmp_path / "data") as here:
        person = await here.person()
        clock = JumpingClock(here)
        here.server.clock.steady = clock.now  # type: ignore[method-assign]
        clock.jump(timedelta(days=3652))
        status, _ = await person.call("GET", "/api/load?messages=0")
        report(f"a jump of ten years answers {status}")
        assert status == 401
