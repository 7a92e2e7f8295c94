"""P15: a refusal does not tell by time. What becomes of an invitation cannot be seen from how long its answer takes.

1. Time is taken at the asker's socket, from the request's first byte to the answer's last. Branches take turns by
   chance, so that whatever slows the machine slows all of them.
2. Who takes the time and who serves have a processor each, where there are two: else a server that goes on working
   for others would keep from the asker, for as long, what it has sent already. Nobody elsewhere could see that.
3. AUC is how often one guesses right: 0.5 is chance. `./run test` is too short to judge by time; there the answers
   alone are compared.
4. The full run must find a server that takes half a millisecond longer where somebody is held back.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import socket
import time
from bisect import bisect_left, bisect_right
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.server.people import Person, Town, town
from tests.server.process import PATIENCE, served

from .sizes import IS_SOAK, SIZES

pytestmark = pytest.mark.full
LINES = 3
"""Devices of somebody who is there."""
SILENCE = "never opened"
BRANCHES = (SILENCE, "never opened, there", "blocks", "takes none", "pauses", "box full")
CALLS = ("Search", "Search again", "Cancel")
MOST = 0.05
"""How far from 0.5 AUC may be."""
MANY = "1000000"
LIMITS = {
    "PARLOUR_LIMITS": "on",
    "PARLOUR_INVITATION_BURST": MANY,
    "PARLOUR_INVITATIONS_OPEN": MANY,
    "PARLOUR_LOOKUP_BURST": MANY,
    "PARLOUR_ALERT_BURST": MANY,
    "PARLOUR_REQUESTS_OPEN": "1",
    "PARLOUR_FRAME_EACH_SECOND": MANY,
    "PARLOUR_HEARTBEAT": "3600",
}
"""Nothing is spent in a whole run; one open invitation fills a box."""
SERVE = "from tests.faults import careless; careless.become('{}'); from parlour.cli import main; main()"


class Line:
    """A `parlour.v1` socket that blocks: nothing of a loop stands between the wire and the clock."""

    def __init__(self, port: int, person: Person) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = (
            "GET /ws HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            "Sec-WebSocket-Protocol: parlour.v1", f"Authorization: Bearer {person.token}",
        )  # fmt: skip
        self.socket.sendall("\r\n".join([*head, "", ""]).encode())
        welcome = self.until(b'"Limits"')
        epoch = re.search(rb'"Epoch":"([^"]+)"', welcome)
        assert epoch, welcome
        self.send(b'{"type":"Resume","Epoch":"%b","Me":0}' % epoch[1])
        self.until(b'"Resumed"')

    def until(self, mark: bytes) -> bytes:
        """All that comes, up to where this stands in it."""
        came = b""
        while mark not in came:
            more = self.socket.recv(65_536)
            assert more, came
            came += more
        return came

    def send(self, frame: bytes) -> None:
        """Masked with zeroes."""
        self.socket.sendall(b"\x81\xfe" + len(frame).to_bytes(2, "big") + bytes(4) + frame)

    def ask(self, frame: bytes, ref: bytes) -> tuple[float, bytes]:
        """Send, and wait for the answer: seconds, and what came."""
        begun = time.perf_counter()
        self.send(frame)
        came = self.until(b'"Ref":"%b"' % ref)
        return time.perf_counter() - begun, came

    def drop(self) -> None:
        """Forget what has come: nobody looks at it."""
        self.socket.setblocking(False)
        try:
            while self.socket.recv(65_536):
                pass
        except BlockingIOError:
            self.socket.setblocking(True)


class Place(NamedTuple):
    """A server, who asks, and whom: one for each branch."""

    port: int
    pid: int
    askers: list[Person]
    asked: dict[str, Person]


@asynccontextmanager
async def place(folder: Path, careless: str = "") -> AsyncIterator[Place]:
    """Everybody has an earlier invitation of each asker, which was taken back; then the branches begin."""
    async with town(folder / "data") as made:
        askers = [await made.person() for _ in range(SIZES.timing.askers)]
        asked = {branch: await made.person() for branch in BRANCHES}
        for asker in askers:
            for branch, person in asked.items():
                await _earlier(made, asker, branch, person)
        other = await made.person()
        await _do(other, "search", Username=asked["box full"].name)
    program = ("-c", SERVE.format(careless), "serve")
    async with served(folder / "data", program=program, **LIMITS) as process:
        yield Place(process.port, process.child.pid, askers, asked)


async def _earlier(made: Town, asker: Person, branch: str, asked: Person) -> None:
    await _do(asker, "search", Username=asked.name)
    if branch == "pauses":
        await _do(asked, "request", username=asker.name, Accepted=0)
    await _do(asker, "cancel", Username=asked.name)
    if branch == "blocks":
        await _do(asked, "block", Username=asker.name)
    if branch == "takes none":
        await _do(asked, "settings", WhoMayInvite="nobody")


async def _do(person: Person, call: str, **body: object) -> None:
    status, answer = await person.call("POST", f"/api/{call}", json=body)
    assert status == 200, answer


@contextmanager
def apart(pid: int) -> Iterator[None]:
    """This thread, and the threads of that process, on different processors."""
    mine = os.sched_getaffinity(0)
    if len(mine) < 2:
        yield
        return
    *others, last = sorted(mine)
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), others)
    os.sched_setaffinity(0, {last})
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine)


Times = dict[str, dict[str, list[float]]]


def timed(here: Place, chance: random.Random, calls: int) -> tuple[Times, dict[str, set[bytes]]]:
    """Seconds of each call and branch, and the answers of each call, with names and numbers made alike."""
    times: Times = {call: {branch: [] for branch in BRANCHES} for call in CALLS}
    told: dict[str, set[bytes]] = {call: set() for call in CALLS}
    with ExitStack() as stack, apart(here.pid):
        askers = [Line(here.port, asker) for asker in here.askers]
        there = [Line(here.port, here.asked["never opened, there"]) for _ in range(LINES)]
        for line in (*askers, *there):
            stack.callback(line.socket.close)
        for turn in range(calls):
            for call in CALLS:
                for branch in chance.sample(BRANCHES, len(BRANCHES)):
                    name = here.asked[branch].name.encode()
                    frame = b'{"type":"%b","Username":"%b","Ref":"%d"}' % (call.split()[0].encode(), name, turn)
                    seconds, came = askers[turn % len(askers)].ask(frame, b"%d" % turn)
                    times[call][branch].append(seconds)
                    told[call].add(alike(came, name))
            for line in there:
                line.drop()
    return times, told


def alike(came: bytes, name: bytes) -> bytes:
    """An answer without what differs from call to call."""
    frames = b" ".join(re.findall(rb'\{"[^{}]+\}', came))
    return re.sub(rb'"Seq":\d+|"Ref":"\d+"|"Lapses":"[^"]+"', b"", frames).replace(name, b"")


def auc(ones: list[float], others: list[float]) -> float:
    """How often one of these is greater than one of those."""
    among = sorted(others)
    return sum(bisect_left(among, x) + bisect_right(among, x) for x in ones) / (2 * len(ones) * len(others))


def told_apart(times: Times, report: Callable[[str], None]) -> dict[tuple[str, str], float]:
    """How well each call tells each branch from silence."""
    found = {(c, b): auc(times[c][b], times[c][SILENCE]) for c in CALLS for b in BRANCHES[1:]}
    for call in CALLS:
        silent = sorted(times[call][SILENCE])
        each = ", ".join(f"{branch} {found[call, branch]:.3f}" for branch in BRANCHES[1:])
        report(f"{call}: {len(silent)} a branch, {silent[len(silent) // 2] * 1000:.2f} ms; AUC: {each}")
    return found


async def test_a_refusal_does_not_tell_by_time(
    tmp_path: Path, chance: random.Random, report: Callable[[str], None]
) -> None:
    async with place(tmp_path) as here:
        times, told = await asyncio.to_thread(timed, here, chance, SIZES.timing.calls)
    found = told_apart(times, report)
    assert {call: len(answers) for call, answers in told.items()} == dict.fromkeys(CALLS, 1)
    assert not IS_SOAK or {what: value for what, value in found.items() if abs(value - 0.5) > MOST} == {}


@pytest.mark.skipif(not IS_SOAK, reason="a short run does not judge by time")
async def test_a_server_that_tells_by_time_is_found(
    tmp_path: Path, chance: random.Random, report: Callable[[str], None]
) -> None:
    async with place(tmp_path, "dawdle") as here:
        times, _ = await asyncio.to_thread(timed, here, chance, SIZES.timing.careless)
    found = told_apart(times, report)
    assert {branch for branch in BRANCHES[1:] if found["Search", branch] - 0.5 > MOST} >= {
        "blocks", "takes none", "pauses",
    }  # fmt: skip


def test_a_guess_is_half_right() -> None:
    assert auc([1, 2, 3], [1, 2, 3]) == 0.5
    assert auc([2, 3], [0, 1]) == 1
    assert auc([0, 4], [1, 2, 3, 5]) == 3 / 8
