"""P6: a full disk: sends are told so, reads work, the server is not ready, and nothing lies; with room it goes on.

1. The disk is a small tmpfs in a namespace of its own, where the system allows that, filled to its last
   byte; and, on every system, one that the file system given to SQLite says is full.
2. A store that swallows the error must be found.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from io import FileIO
from pathlib import Path
from typing import Protocol

import aiohttp
import pytest

from tests.server.process import ROOT, SERVE

from . import checker
from .sizes import SIZES
from .world import World, world

pytestmark = pytest.mark.full

FAILING_SERVER = (str(ROOT / "tests" / "faults" / "failing_server.py"),)
SIZE = "160m"
"""The log alone grows to 80 MB before it is carried back (decision 0024): on less, it would fill the disk by itself."""
PATIENCE = 20.0
REFUSED = 50
"""Sends that are refused before there is room again."""
MOUNT = 'mount -t tmpfs -o size="$2" parlour "$1" && echo mounted && exec sleep infinity'


class Disk(Protocol):
    """What is filled and freed, and how a server is started on it."""

    program: tuple[str, ...]
    settings: dict[str, str]

    def fill(self) -> None:
        """No byte more."""

    def free(self) -> None:
        """Room again."""


class SaidToBeFull:
    """The file system that SQLite is given says so."""

    def __init__(self, place: Path) -> None:
        self.flag = place / "full"
        self.program: tuple[str, ...] = FAILING_SERVER
        self.settings = {"FULL_WHILE": str(self.flag)}

    def fill(self) -> None:
        self.flag.touch()

    def free(self) -> None:
        self.flag.unlink()


class ReallyFull:
    """A small tmpfs, seen by those who enter the namespace of the process that holds it; and from here by its root."""

    def __init__(self, place: Path, holder: int) -> None:
        enter = f"import os, sys; os.execvp('nsenter', [*'nsenter -U -m --preserve-credentials -t {holder}'.split(), "
        self.program: tuple[str, ...] = ("-c", f"{enter}'{sys.executable}', *{SERVE!r}, *sys.argv[1:]])")
        self.settings: dict[str, str] = {}
        self.seen = Path(f"/proc/{holder}/root{place}")

    def fill(self) -> None:
        with (self.seen / "ballast").open("wb", buffering=0) as file:
            for size in (65_536, 1):
                with pytest.raises(OSError, match="No space"):
                    _write_for_ever(file, bytes(size))

    def free(self) -> None:
        (self.seen / "ballast").unlink()


def _write_for_ever(file: FileIO, data: bytes) -> None:
    while True:
        file.write(data)


@asynccontextmanager
async def small_disk(data: Path) -> AsyncIterator[Disk]:
    """The data folder on a small disk; afterwards it lies where it was."""
    command = ["unshare", "-rm", "sh", "-c", MOUNT, "sh", str(data), SIZE]
    holder = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        assert holder.stdout
        said = await asyncio.wait_for(holder.stdout.readline(), PATIENCE)
        if said != b"mounted\n":
            pytest.skip(f"this system lets nobody mount a tmpfs: {said.decode().strip()}")
        disk = ReallyFull(data, holder.pid)
        shutil.copytree(data, disk.seen, dirs_exist_ok=True)
        yield disk
        shutil.copytree(disk.seen, data, dirs_exist_ok=True)
    finally:
        if holder.returncode is None:
            holder.kill()
        await holder.wait()


@asynccontextmanager
async def full_when_told(data: Path) -> AsyncIterator[Disk]:
    """The data folder on a disk that says that it is full."""
    yield SaidToBeFull(data.parent)


async def status(here: World, path: str) -> int:
    """What a call answers."""
    headers = {"Authorization": f"Bearer {here.devices[0].token}"}
    async with here.http.get(here.base + path, headers=headers, timeout=aiohttp.ClientTimeout(PATIENCE)) as response:
        return response.status


async def becomes(here: World, path: str, expected: int) -> None:
    """Until a call answers so: asked again whenever a client hears something. The disk is asked once a second."""
    async with asyncio.timeout(PATIENCE):
        while await status(here, path) != expected:
            await here.heard.more("anything", 1)


async def full_and_free(here: World, disk: Disk) -> None:
    """Fill the disk under clients that send; look at it; free it."""
    session = here.devices[0].session_id
    await here.heard.more("acknowledged", 200)
    disk.fill()
    await here.heard.more("storage_full", REFUSED)
    await becomes(here, "/readyz", 503)
    for path in ("/healthz", "/api/load", "/api/snapshot", f"/api/sessions/{session}/messages"):
        assert await status(here, path) == 200, path
    disk.free()
    await here.heard.more("acknowledged", 200)
    await becomes(here, "/readyz", 200)


@pytest.mark.parametrize("small", [small_disk, full_when_told], ids=["tmpfs", "told"])
async def test_a_full_disk_is_told_and_nothing_lies(
    tmp_path: Path,
    chance: random.Random,
    report: Callable[[str], None],
    small: Callable[[Path], AbstractAsyncContextManager[Disk]],
) -> None:
    async with world(tmp_path, chance) as here:
        async with small(here.data) as disk:
            process = await here.serve(disk.program, **disk.settings)
            here.begin()
            for _ in range(SIZES.errors.full):
                await full_and_free(here, disk)
            assert await process.stop() == 0, process.said
            here.up.clear()
        await here.end()
    heard, faults = here.judged()
    report(f"full {SIZES.errors.full} times; {heard.refusals('storage_full')} sends told so; {heard.told()}")
    assert faults == []
    assert not [line for line in process.said if "Traceback" in line], process.said


async def test_a_store_that_swallows_errors_is_found(
    tmp_path: Path, chance: random.Random, report: Callable[[str], None]
) -> None:
    """The same disk, with a guard taken out: it goes red."""
    async with world(tmp_path, chance) as here:
        disk = SaidToBeFull(tmp_path)
        process = await here.serve(disk.program, **disk.settings, CARELESS="swallow_errors")
        here.begin()
        await here.heard.more("acknowledged", 200)
        disk.fill()
        await here.heard.more("acknowledged", 200)
        disk.free()
        here.up.clear()
        await process.kill()
        await here.end()
    _, faults = here.judged()
    report(f"found {dict(checker.kinds(faults))}")
    assert "I1" in checker.kinds(faults)
