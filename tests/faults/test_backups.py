"""P19: a backup restores: made while clients send at full speed, and while the server is killed.

1. Each holds everything that was acknowledged before it began, its streams have no hole, and a server serves it.
2. A copy of the database's file alone must be found to lack what is still in the log.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from tests.server.process import Process, environment, served

from . import checker, history
from .sizes import SIZES
from .world import World, world

pytestmark = pytest.mark.full

PATIENCE = 60.0
Copy = Callable[[World, Path], Coroutine[Any, Any, None]]


async def parlour(*arguments: str) -> None:
    """A command of the product, which must succeed."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "parlour", *arguments, env=environment(), stderr=asyncio.subprocess.PIPE
    )
    _, said = await asyncio.wait_for(child.communicate(), PATIENCE)
    assert child.returncode == 0, said.decode()


async def backup(here: World, file: Path) -> None:
    await parlour("backup", str(file), "--data", str(here.data))


async def copy_of_the_file(here: World, file: Path) -> None:
    shutil.copy(here.data / "parlour.db", file)


async def copied(here: World, number: int, process: Process, copy: Copy) -> tuple[Path, int]:
    """A copy, and when it began; every second server is killed meanwhile."""
    file = here.data.with_name(f"copy{number}.db")
    began = history.now()
    copying = asyncio.create_task(copy(here, file))
    if number % 2:
        await here.heard.more("acknowledged", here.chance.randint(1, 100))
        here.up.clear()
        await process.kill()
        here.heard.counts["killed meanwhile"] += not copying.done()
    await copying
    here.up.clear()
    await process.kill()
    here.nobody_has_ended()
    return file, began


async def lived(tmp_path: Path, chance: random.Random, copies: int, copy: Copy) -> tuple[str, list[list[str]]]:
    """So many lives, each with a copy; what happened, and what each copy lacks."""
    async with world(tmp_path, chance) as here:
        here.begin()
        made = []
        for number in range(copies):
            process = await here.serve()
            await here.heard.more("acknowledged", 100)
            made.append(await copied(here, number, process, copy))
        await here.end()
    heard, faults = here.judged()
    assert faults == []
    told = f"{copies} copies, {here.heard.counts['killed meanwhile']} of a server that was killed meanwhile"
    return f"{told}; {heard.told()}", [
        checker.faults_of_copy(heard, checker.Final(file), began) for file, began in made
    ]


async def test_a_backup_holds_what_was_acknowledged_before_it_began(
    tmp_path: Path, chance: random.Random, report: Callable[[str], None]
) -> None:
    copies = SIZES.backups
    told, faults = await lived(tmp_path, chance, copies, backup)
    report(told)
    assert faults == [[]] * copies
    await parlour("restore", str(tmp_path / "copy0.db"), "--data", str(tmp_path / "restored"))
    async with served(tmp_path / "restored") as process:
        assert await process.stop() == 0


async def test_a_copy_of_the_file_alone_is_found(
    tmp_path: Path, chance: random.Random, report: Callable[[str], None]
) -> None:
    """The same test without its guard: it goes red."""
    _, faults = await lived(tmp_path, chance, 2, copy_of_the_file)
    report(f"found {[dict(checker.kinds(one)) for one in faults]}")
    assert all("I1" in checker.kinds(one) for one in faults)
