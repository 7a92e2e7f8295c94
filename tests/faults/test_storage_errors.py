"""P7: what a disk refuses is never acknowledged: failing syncs and writes end the server, no room only refuses.

1. The errors come from the file system that SQLite is given, in a real server, under clients at full speed: while a
   commit is written, while it is synced, while the log is copied back into the database.
2. A sync that fails drops what was not synced, as a kernel may: who tries the same commit again would lose it.
3. A store that swallows the error must be found.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.process import ROOT, start

from . import checker
from .sizes import SIZES
from .world import World, world

pytestmark = pytest.mark.full

FAILING_SERVER = (str(ROOT / "tests" / "faults" / "failing_server.py"),)
BROKEN = 70
SENTENCE = "cannot be trusted any more"


async def broken(here: World, plan: str) -> None:
    """One life, until the server ends by itself for what the disk did."""
    process = await here.serve(FAILING_SERVER, FAIL=plan)
    code = await process.ends()
    here.up.clear()
    here.nobody_has_ended()
    assert code == BROKEN, (plan, process.said)
    assert [line for line in process.said if SENTENCE in line], process.said
    assert not [line for line in process.said if "Traceback" in line], process.said


@pytest.mark.parametrize(("kind", "first", "last"), [("sync", 40, 400), ("write", 200, 2_000), ("copy", 1, 5)])
async def test_what_cannot_be_stored_is_not_acknowledged(
    tmp_path: Path, chance: random.Random, report: Callable[[str], None], kind: str, first: int, last: int
) -> None:
    plans = [f"{kind}:{chance.randint(first, last)}" for _ in range(SIZES.errors.each)]
    async with world(tmp_path, chance) as here:
        here.begin()
        for plan in plans:
            await broken(here, plan)
        await here.end()
    heard, faults = here.judged()
    report(f"{len(plans)} errors, each ended its server with code {BROKEN}; {heard.told()}")
    assert faults == []
    assert len(heard.acknowledged) >= 20 * len(plans)


async def test_an_error_while_starting_is_told(tmp_path: Path, chance: random.Random) -> None:
    async with world(tmp_path, chance) as here:
        for number in range(1, 3):
            process = await start(here.data, program=FAILING_SERVER, FAIL=f"sync:{number}")
            assert await process.ends() == BROKEN
            assert len(process.said) == 1, process.said


async def test_no_room_for_a_while_refuses_and_no_more(
    tmp_path: Path, chance: random.Random, report: Callable[[str], None]
) -> None:
    async with world(tmp_path, chance) as here:
        here.begin()
        for _ in range(SIZES.errors.full):
            plan = f"full:{chance.randint(100, 1_000)}:{chance.randint(1, 30)}"
            process = await here.serve(FAILING_SERVER, FAIL=plan)
            await here.heard.more("storage_full", 1)
            await here.heard.more("acknowledged", 100)
            assert await process.stop() == 0, process.said
            here.up.clear()
            here.nobody_has_ended()
        await here.end()
    heard, faults = here.judged()
    refusals = heard.refusals("storage_full")
    report(f"{refusals} sends found no room; {heard.told()}")
    assert faults == []
    assert refusals >= SIZES.errors.full


async def test_a_store_that_swallows_errors_is_found(
    tmp_path: Path, chance: random.Random, report: Callable[[str], None]
) -> None:
    """The same test, with a guard taken out: it goes red."""
    async with world(tmp_path, chance) as here:
        here.begin()
        process = await here.serve(FAILING_SERVER, FAIL="sync:40:10", CARELESS="swallow_errors")
        await here.heard.more("acknowledged", 1_000)
        here.up.clear()
        await process.kill()
        await here.end()
    _, faults = here.judged()
    report(f"found {dict(checker.kinds(faults))}")
    assert "I1" in checker.kinds(faults)
