"""What is measured, and when a figure is void.

1. Server and reference take turns, each time on a fresh copy of the same data; ratios are taken within one round.
2. A run counts only if every message sent was acknowledged, delivered to the other member, in order, and stored; if
   nothing was refused; and if the load had time to spare. What others did on the machine meanwhile is told, not judged.
3. Figures are medians over the rounds.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from . import seed
from .processes import Counted, Failed, Running, Server, holding, load, serving

LOAD_MOST = 0.9
WARMING = 1.0
SETTLED = 64 * 1024
SETTLE_SECONDS = 15.0


class Run(NamedTuple):
    """One run of the load against one server: what was counted, what is stored, and why it is void, if it is."""

    counted: Counted
    stored: int
    void: str


class Pace(NamedTuple):
    """How the load sends: `closed`, so many in flight on each connection; `open`, so many a second in all.

    `active`: into so many of its sessions each client writes; 0: into all.
    """

    mode: str
    value: int
    connections: int
    active: int = 0


class Round(NamedTuple):
    """The server and, where there is one, the reference, one after the other."""

    server: Run
    reference: Run | None


class Idle(NamedTuple):
    """Sockets held open: how fast they came, and the server's resident bytes before and with them."""

    sockets: int
    opened_each_second: float
    before: int
    after: int


class Bench:
    """A place to measure in: the seeded data, the programs, how long and how often."""

    def __init__(
        self, place: Path, programs: dict[str, Path], servers: list[Server], seconds: float, rounds: int
    ) -> None:
        self.place, self.programs, self.servers, self.seconds, self.rounds = place, programs, servers, seconds, rounds
        self.clients: list[seed.Client] = []

    def prepare(self, pairs: int) -> None:
        """Seed the data that every run gets a copy of."""
        self.clients = seed.make(self.place / "seeded", pairs)
        self.introduce("seeded", self.clients)

    def introduce(self, data: str, clients: list[seed.Client]) -> None:
        """These are the clients of this data."""
        seed.write_clients(self.place / f"{data}.clients", clients)

    @contextmanager
    def copy(self, data: str) -> Iterator[Path]:
        """A fresh copy of the data, which the disk has taken in: its writing would disturb what is measured."""
        with TemporaryDirectory(dir=self.place) as fresh:
            folder = Path(fresh) / "data"
            shutil.copytree(self.place / data, folder)
            os.sync()
            yield folder

    @contextmanager
    def serve(self, server: Server, data: str = "seeded") -> Iterator[Running]:
        """A server on a fresh copy of the data."""
        with self.copy(data) as folder, serving(server, folder) as running:
            yield running

    def loading(self, running: Running, pace: Pace, seconds: float, data: str = "seeded") -> list[str]:
        """The command of the load."""
        clients, timing = str(self.place / f"{data}.clients"), [str(seconds), str(WARMING), str(running.pid)]
        how = [str(pace.connections), pace.mode, str(pace.value)]
        return [str(self.programs["load"]), str(running.port), clients, *how, *timing, str(pace.active)]

    def take_turns(self, pace: Pace) -> list[Round]:
        """(a), (b), (c): as many rounds as were asked for."""
        rounds = []
        for _ in range(self.rounds):
            runs = [self.run(server, pace) for server in self.servers]
            rounds.append(Round(runs[0], runs[1] if len(runs) > 1 else None))
        return rounds

    def run(self, server: Server, pace: Pace, data: str = "seeded") -> Run:
        """One run on a fresh copy of the data."""
        before = _stored(self.place / data)
        with self.serve(server, data) as running:
            counted = load(self.loading(running, pace, self.seconds, data))
            stored = _stored(running.folder) - before
        return Run(counted, stored, _void(counted, stored))

    def idle(self, sockets: int, first: int) -> Idle:
        """(d): resident memory of an idle socket. `first` ones came and went before: what is made once counts not."""
        with self.serve(self.servers[0]) as running:
            with holding(self.loading(running, Pace("idle", 0, first), 0)) as held:
                held.line()
                settled(running)
            before = settled(running)
            with holding(self.loading(running, Pace("idle", 0, sockets), 0)) as held:
                return Idle(sockets, held.line()["opened_each_second"], before, settled(running))

    def starts(self, messages: int, servers: list[Server]) -> list[list[float]]:
        """(e): seconds from the start of the process to the first answer, for each of these ways to start."""
        data = f"filled-{messages}"
        shutil.copytree(self.place / "seeded", self.place / data)
        seed.fill(self.place / data, self.clients, messages)
        taken: list[list[float]] = [[] for _ in servers]
        for number in range(self.rounds + 1):
            for server, times in zip(servers, taken, strict=True):
                with serving(server, self.place / data) as running:
                    if number:  # The first time warms the disk's cache.
                        times.append(running.seconds)
        shutil.rmtree(self.place / data)
        return taken


def settled(running: Running) -> int:
    """Resident memory once it has stopped to change."""
    until, last = time.monotonic() + SETTLE_SECONDS, -1
    while time.monotonic() < until:
        now = running.memory()
        if abs(now - last) < SETTLED:
            return now
        last = now
        time.sleep(1)
    raise Failed(f"the server's memory did not come to rest within {SETTLE_SECONDS:.0f} s")


def _stored(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "parlour.db")) as database:
        return int(database.execute("SELECT count(*) FROM Messages").fetchone()[0])


def _void(counted: Counted, stored: int) -> str:
    """Why a run does not count; nothing if it does."""
    reasons = [f"{getattr(counted, name)} {name}" for name in ("errors", "gaps", "strays") if getattr(counted, name)]
    fates = {"acknowledged": counted.acknowledged, "delivered": counted.delivered, "stored": stored}
    reasons += [f"{counted.sent} sent, {number} {fate}" for fate, number in fates.items() if number != counted.sent]
    if counted.load_cpu > LOAD_MOST:
        reasons.append(f"the load used {counted.load_cpu:.0%} of its core")
    return "; ".join([*reasons, counted.said] if reasons and counted.said else reasons)


def middle(runs: list[Run], name: str) -> float:
    """The median of a figure."""
    return float(median(getattr(run.counted, name) for run in runs))


def within(rounds: list[Round], figure: Callable[[Counted, Counted], float]) -> float | None:
    """The median of a comparison of server and reference, each taken within one round; None: there is no reference."""
    pairs = [(r.server.counted, r.reference.counted) for r in rounds if r.reference]
    return median(figure(server, reference) for server, reference in pairs) if pairs else None
