"""P1: what is acknowledged survives `kill -9`, within commits and at any moment, under clients at full speed.

1. Some servers kill themselves within a commit: in the middle of writing it, before its sync, after it. The others are
   killed from outside; a mark in a file tells whether that hit a commit too.
2. The same run must find a server that acknowledges before it commits, and one that forgets nonces.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.process import ROOT

from . import checker
from .sizes import SIZES
from .world import World, world

pytestmark = pytest.mark.full

KILLED_SERVER = (str(ROOT / "tests" / "faults" / "killed_server.py"),)
INSIDE = ("write", "sync", "synced")
FROM_OUTSIDE = "never"
SHARE = SIZES.kills.least_acknowledged // SIZES.kills.outside
"""Acknowledgements before a death from outside may come, so that a slow machine has as much at stake as a fast one."""
PATIENCE = 20.0


class Deaths:
    """Kills one server after the other."""

    def __init__(self, here: World, careless: str = "") -> None:
        self.world, self.careless = here, careless
        self.mark = here.data.with_name("mark")
        self.mark.write_bytes(b"\0")
        self.kills, self.inside = 0, Counter[str]()

    async def die(self, plan: str) -> None:
        """One life, to its end."""
        settings = {"KILL": plan, "KILL_MARK": str(self.mark), "CARELESS": self.careless}
        process = await self.world.serve(KILLED_SERVER, **settings)
        outside = plan == FROM_OUTSIDE
        if outside:
            await self.world.heard.more("acknowledged", SHARE)
        try:
            await asyncio.wait_for(
                process.child.wait(), self.world.chance.uniform(0.1, SIZES.kills.longest) if outside else PATIENCE
            )
        except TimeoutError:
            assert outside, f"{plan} never came"
        self.world.up.clear()
        await process.kill()
        self.kills += 1
        if self.mark.read_bytes() == b"\1":
            self.inside["from outside" if outside else plan.partition(":")[0]] += 1
        assert not [line for line in process.said if "Traceback" in line], process.said
        self.world.nobody_has_ended()


def plans(chance: random.Random, inside: int, outside: int) -> list[str]:
    """Deaths in a random order: so many within a commit, of each kind in turn, the others at any moment."""
    made = [f"{INSIDE[n % len(INSIDE)]}:{chance.randint(5, 150)}" for n in range(inside)] + [FROM_OUTSIDE] * outside
    chance.shuffle(made)
    return made


async def lived(here: World, deaths: list[str], careless: str = "") -> Deaths:
    """Through these deaths, then once more in peace."""
    killer = Deaths(here, careless)
    here.begin()
    for plan in deaths:
        await killer.die(plan)
    await here.end()
    return killer


async def test_what_is_acknowledged_survives_every_kill(
    tmp_path: Path, chance: random.Random, report: Callable[[str], None]
) -> None:
    sizes = SIZES.kills
    async with world(tmp_path, chance) as here:
        killer = await lived(here, plans(chance, sizes.inside, sizes.outside))
    heard, faults = here.judged()
    hit = f"{killer.kills} kills, {killer.inside.total()} within a commit {dict(killer.inside)}"
    report(f"{hit}; {heard.told()}; the slowest start took {here.slowest_start:.2f} s")
    assert faults == []
    assert killer.kills == sizes.inside + sizes.outside
    assert killer.inside.total() >= sizes.least_inside, "each that dies by itself dies within a commit"
    assert len(heard.acknowledged) >= sizes.least_acknowledged


@pytest.mark.parametrize(
    ("careless", "plan", "found"), [("tell_early", "write:40", "I1"), ("forget_nonces", "synced:40", "I3")]
)
async def test_a_careless_server_is_found(
    tmp_path: Path, chance: random.Random, report: Callable[[str], None], careless: str, plan: str, found: str
) -> None:
    """The same test, with a guard taken out: it goes red."""
    async with world(tmp_path, chance) as here:
        await lived(here, [plan] * 3, careless)
    _, faults = here.judged()
    report(f"found {dict(checker.kinds(faults))}")
    assert found in checker.kinds(faults), faults[:5]
