"""P5: a restart loses nothing: SIGTERM and a new process, again and again, under messages and idle sockets.

1. Clients are not told that a restart is near: they run into the server that drains, into none, and into the next one.
2. Every server ends with code 0. What was acknowledged is there once, and everybody hears all of it.
3. The same load must find an end that loses: a server that answers early, and is killed.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.process import ROOT

from . import checker
from .sizes import SIZES
from .world import world

pytestmark = pytest.mark.full

CARELESS_SERVER = (str(ROOT / "tests" / "faults" / "failing_server.py"),)
WINDOW = 16


async def test_restarts_lose_nothing(tmp_path: Path, chance: random.Random, report: Callable[[str], None]) -> None:
    sizes = SIZES.restarts
    async with world(tmp_path, chance) as here:
        here.pace(sizes.rate, WINDOW)
        here.idle(sizes.idle)
        here.begin()
        slowest = 0.0
        for _ in range(sizes.restarts):
            back = here.heard.counts["idle"] + sizes.idle
            process = await here.serve()
            await here.heard.reach("idle", back)
            await here.heard.more("acknowledged", round(sizes.rate * sizes.seconds))
            await here.heard.more("sent", 1)  # So there is something on its way when the end comes.
            begun = time.monotonic()
            assert await process.stop() == 0, process.said
            slowest = max(slowest, time.monotonic() - begun)
            assert len(process.said) == 1, process.said
            here.nobody_has_ended()
        await here.end()
    heard, faults = here.judged()
    idle = here.heard.counts["idle"]
    took = f"the slowest stop took {slowest:.2f} s, the slowest start {here.slowest_start:.2f} s"
    cut_off = here.heard.counts["cut off"]
    hit = f"{sizes.restarts} restarts cut off {cut_off} sends; {idle} times an idle socket came back"
    report(f"{hit}; {heard.told()}; {took}")
    assert faults == []
    assert idle >= sizes.restarts * sizes.idle
    assert len(heard.acknowledged) >= sizes.least_acknowledged


async def test_an_end_that_loses_is_found(tmp_path: Path, chance: random.Random, report: Callable[[str], None]) -> None:
    async with world(tmp_path, chance) as here:
        here.pace(SIZES.restarts.rate, WINDOW)
        here.begin()
        for _ in range(3):
            process = await here.serve(CARELESS_SERVER, CARELESS="tell_early")
            await here.heard.more("acknowledged", 50)
            here.up.clear()
            await process.kill()
        await here.end()
    _, faults = here.judged()
    report(f"found {dict(checker.kinds(faults))}")
    assert "I1" in checker.kinds(faults)
