"""P18: half-open peers: a process that is stopped answers nothing; the server frees its sockets, and it comes back.

1. Intervals are a twentieth of the usual ones. Nothing here sleeps: what is awaited is what others see.
2. The same run must find a server that never asks whether its peers live.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from tests.server.people import PATIENCE, Person, Town, town
from tests.server.process import ROOT, environment

from . import checker
from .history import Log
from .peers import Plan
from .sizes import SIZES
from .told import Told

pytestmark = pytest.mark.full
SHORT = 4.0
TWENTIETH = {"heartbeat": 25 / 20, "pong_within": 10 / 20, "offline_after": 10 / 20, "stuck_after": 30 / 20}


class Peers:
    """The process with the devices."""

    def __init__(self, child: asyncio.subprocess.Process) -> None:
        self.child = child

    async def says(self, word: str) -> None:
        assert self.child.stdout
        line = await asyncio.wait_for(self.child.stdout.readline(), 60)
        assert line.decode().strip() == word, line

    async def asked(self, line: bytes) -> None:
        assert self.child.stdin
        self.child.stdin.write(line + b"\n")
        await self.child.stdin.drain()


@asynccontextmanager
async def peers(plan: Plan) -> AsyncIterator[Peers]:
    """Devices of this plan, connected."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.peers", cwd=ROOT, env=environment(),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    made = Peers(child)
    try:
        await made.asked(msgspec.json.encode(plan))
        await made.says("ready")
        yield made
    finally:
        child.kill()
        await child.wait()


async def stopped(here: Town, folder: Path, devices: int, patience: float = PATIENCE) -> None:
    """Somebody's devices stop answering, are taken for gone, miss messages, come back, and have everything."""
    one, other, session_id = await here.pair()
    beginning = Log(folder, "beginning", "")
    for person in (one, other):
        beginning.member(session_id, person.user_id)
    beginning.close()
    plan = Plan(here.base, str(folder), [(other.token, other.user_id)] * devices)
    async with Told(here.base, one.token, one.user_id, folder, "watching") as watching, peers(plan) as away:
        await watching.until(lambda: other.user_id in watching.client.online, patience)
        await say(one, session_id, 3)
        away.child.send_signal(signal.SIGSTOP)
        await watching.until(lambda: other.user_id not in watching.client.online, patience)
        await say(one, session_id, 5)
        away.child.send_signal(signal.SIGCONT)
        await watching.until(lambda: other.user_id in watching.client.online, patience)
        await away.asked(f"{session_id} 8".encode())
        await away.says("whole")
        await watching.has(session_id, 8)


async def say(person: Person, session_id: str, count: int) -> None:
    for _ in range(count):
        status, _ = await person.call(
            "POST", "/api/message", json={"SessionID": session_id, "Message": {"data": "are you there?"}}
        )
        assert status == 200


async def test_peers_that_do_not_answer_are_taken_for_gone_and_come_back(
    tmp_path: Path, report: Callable[[str], None]
) -> None:
    devices = SIZES.peers.devices
    async with town(tmp_path / "data", **TWENTIETH) as here:
        await stopped(here, tmp_path / "histories", devices)
    heard, faults = checker.check(tmp_path / "histories", tmp_path / "data" / "parlour.db")
    report(f"{devices} devices of a stopped process; {len(heard.delivered)} delivered")
    assert [fault for fault in faults if not fault.startswith("I8")] == [], "the sender keeps no history"
    assert len(heard.delivered) == (devices + 1) * 8


async def test_a_server_that_never_asks_is_found(tmp_path: Path, report: Callable[[str], None]) -> None:
    async with town(tmp_path / "data", **(TWENTIETH | {"pong_within": 3600, "stuck_after": 3600})) as here:
        with pytest.raises(TimeoutError):
            await stopped(here, tmp_path / "histories", 2, SHORT)
    report(f"after {SHORT:.0f} s nobody was taken for gone")
