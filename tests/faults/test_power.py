"""P2: what is acknowledged survives a power cut: the real store and gateway, on a disk that loses and tears.

1. Life after life on what the last cut has left. After each the database must be sound; in the end all is judged.
2. In half of the lives the log is copied back often, and many cuts are made to hit that.
3. With `synchronous=NORMAL` the same run must lose, with `OFF` it must find damage.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from parlour.core.dispatch import Refused
from parlour.core.ports import StorageBroken
from parlour.store import sqlite
from parlour.store.sqlite import SqliteStore

from . import checker
from .disk import PowerlessDisk
from .house import House, Sender, settle
from .sizes import SIZES

pytestmark = pytest.mark.full

ROUND = 30
"""Cuts of one database; then another one begins, so that none grows long."""
COPIED_BACK_AFTER = 20


class Cut:
    """Power cuts of one database."""

    def __init__(self, place: Path, chance: random.Random) -> None:
        self.place, self.chance = place, chance
        self.data, self.histories = place / "data", place / "histories"
        self.tally = Counter[str]()

    async def run(self, cuts: int) -> list[str]:
        """So many cuts, and a last life in peace; what the checker says."""
        senders = await settle(self.data, self.histories, self.chance)
        try:
            for _ in range(cuts):
                if damage := await self._cut(senders):
                    return damage
            house = House(self.data, senders)
            await house.begin()
            house.close()
            for sender in senders:
                sender.log.whole()
        finally:
            for sender in senders:
                sender.log.close()
        heard, faults = checker.check(self.histories, self.data / "parlour.db")
        self.tally["acknowledged"] += len(heard.acknowledged)
        return faults

    async def _cut(self, senders: list[Sender]) -> list[str]:
        """One life; what is damaged after it."""
        in_checkpoint = self.chance.random() < 0.3
        steps = self.chance.randint(1, 40 if in_checkpoint else 1_000)
        disk = PowerlessDisk(self.chance, steps, within=".db" if in_checkpoint else "")
        try:
            await self._live(disk, senders, in_checkpoint or self.chance.random() < 0.3)
        finally:
            disk.unregister()
        return self._restore(disk)

    async def _live(self, disk: PowerlessDisk, senders: list[Sender], copied_back_often: bool) -> None:
        """Until the power goes; it may go before the store is open."""
        try:
            house = House(self.data, senders)
        except (StorageBroken, apsw.Error):
            return
        try:
            if copied_back_often:
                house.store.database.writer.execute(f"PRAGMA wal_autocheckpoint = {COPIED_BACK_AFTER}").fetchall()
            await house.begin()
            await house.send()
        except (Refused, apsw.Error):
            assert disk.is_dead
        finally:
            house.close()

    def _restore(self, disk: PowerlessDisk) -> list[str]:
        """Go on with what the disk holds, after a look at it; what is damaged."""
        assert disk.is_dead, "the power never went"
        losses = disk.losses
        self.tally.update(cuts=1, unsynced=losses.unsynced, lost=losses.lost, torn=losses.torn)
        self.tally["in a checkpoint"] += losses.in_checkpoint
        look = self.place / "look"
        disk.save(look)
        damage = checker.damage(look / "parlour.db")
        shutil.rmtree(look)
        shutil.rmtree(self.data)
        disk.save(self.data)
        return [f"damaged: {line}" for line in damage]


async def cut_often(place: Path, chance: random.Random, cuts: int) -> tuple[Counter[str], list[str]]:
    """So many cuts, of as many databases as it takes."""
    tally, faults = Counter[str](), []
    for number, first in enumerate(range(0, cuts, ROUND)):
        one = Cut(place / f"round{number}", chance)
        faults += await one.run(min(ROUND, cuts - first))
        tally += one.tally
        shutil.rmtree(one.place)
    return tally, faults


def told(tally: Counter[str]) -> str:
    cuts = f"{tally['cuts']} cuts, {tally['in a checkpoint']} within a checkpoint"
    writes = f"of {tally['unsynced']} writes that were not synced {tally['lost']} lost and {tally['torn']} torn"
    return f"{cuts}; {writes}; {tally['acknowledged']} acknowledged"


async def test_what_is_acknowledged_survives_a_power_cut(
    tmp_path: Path, chance: random.Random, report: Callable[[str], None]
) -> None:
    sizes = SIZES.cuts
    tally, faults = await cut_often(tmp_path, chance, sizes.cuts)
    report(told(tally))
    assert faults == []
    assert tally["lost"] >= sizes.least_lost
    assert tally["torn"] >= sizes.least_torn
    assert tally["in a checkpoint"] >= sizes.least_in_checkpoints
    assert tally["acknowledged"] >= sizes.least_acknowledged


@pytest.mark.parametrize(("level", "kind"), [("NORMAL", "I1"), ("OFF", "da")])
async def test_a_database_that_syncs_less_is_found(
    tmp_path: Path,
    chance: random.Random,
    report: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    level: str,
    kind: str,
) -> None:
    """The same test without its guard: it goes red. NORMAL loses; OFF damages."""
    less = tuple(pragma.replace("synchronous = FULL", f"synchronous = {level}") for pragma in sqlite.PRAGMAS)
    assert less != sqlite.PRAGMAS
    monkeypatch.setattr(sqlite, "PRAGMAS", less)
    tally, faults = await cut_often(tmp_path, chance, SIZES.cuts.without_sync)
    found = checker.kinds(faults)
    report(f"{told(tally)}; found {dict(found)}")
    assert found[kind] >= (SIZES.cuts.lost_without_sync if kind == "I1" else 1)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Connections that end without power.
def test_the_first_start_survives_a_power_cut_at_every_step(tmp_path: Path, report: Callable[[str], None]) -> None:
    """Making the database: whatever is left of it, the next start makes it whole."""
    for cut_at in range(1, 1_000):
        chance = random.Random(cut_at)
        disk = PowerlessDisk(chance, cut_at)
        data, left = tmp_path / "data", tmp_path / "left"
        data.mkdir()
        try:
            SqliteStore(data).close()
        except (StorageBroken, apsw.Error):
            assert disk.is_dead
        finally:
            disk.unregister()
        if not disk.is_dead:
            report(f"{cut_at - 1} cuts")
            assert cut_at > 20
            return
        disk.save(left)
        SqliteStore(left).close()
        assert checker.damage(left / "parlour.db") == []
        shutil.rmtree(data)
        shutil.rmtree(left)
    pytest.fail("the first start never ends")
