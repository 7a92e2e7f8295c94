"""Whether it matters how much was said: the same sessions with ten thousand and with a million messages.

1. Both are measured in turns, a moment apart, so that what else the machine does hits both; only ratios are told.
2. Both sides ask for the same number of messages: `load` for one of each session, `history` for fifty.
3. Messages lie in the worst order: each session's are strewn over the whole table.
"""

from __future__ import annotations

import random
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from statistics import median
from typing import NamedTuple

from . import seed
from .measures import Bench, Pace, Run
from .processes import Failed, Running, serving

SIDE = DEGREE = 100
"""Two sides of a hundred users, each in sessions with all of the other side."""
SMALL, LARGE = 10_000, 1_000_000
ASKED = 300
PAGE = 50
STARTS = 7
SENDINGS = 5
"""Turns, whatever `--rounds` says: what the disk does meanwhile moves a single ratio by a fifth."""
PACES = {"600 of them": Pace("closed", 8, 2 * SIDE, 3), "all of them in turn": Pace("closed", 8, 2 * SIDE)}


class Side(NamedTuple):
    """One of the two databases: its data's name, how many messages it has, its clients."""

    data: str
    messages: int
    clients: list[seed.Client]
    seconds: float


class Ratio(NamedTuple):
    """How much longer something takes with a million messages: as a ratio, and both figures. Only `ours` is judged."""

    what: str
    ratio: float
    small: float
    large: float
    unit: str
    ours: bool = True


def seeded(bench: Bench) -> list[Side]:
    """Both databases, from the same people and sessions."""
    people = seed.make(bench.place / "people", SIDE, DEGREE)
    return [_filled(bench, people, messages) for messages in (SMALL, LARGE)]


def _filled(bench: Bench, people: list[seed.Client], messages: int) -> Side:
    data, begun = f"scale-{messages}", time.perf_counter()
    shutil.copytree(bench.place / "people", bench.place / data)
    clients = seed.fill(bench.place / data, people, messages)
    bench.introduce(data, clients)
    return Side(data, messages, clients, time.perf_counter() - begun)


# ------------------------------------------------------------------------------------------------------------- sending


def sending(bench: Bench, sides: list[Side]) -> Iterator[tuple[list[Ratio], list[Run]]]:
    """Messages into some and into all sessions: how long one takes, by the clock and by the server's processor.

    Into all in turn, each message has a page of the index of its own: that the reference pays as well.
    """
    for where, pace in PACES.items():
        servers = bench.servers if pace.active == 0 else bench.servers[:1]
        turns = range(SENDINGS)
        rounds = [[[bench.run(s, pace, side.data) for side in sides] for s in servers] for _ in turns]
        yield (
            [ratio for n in range(len(servers)) for ratio in _sent(where, n == 0, [round_[n] for round_ in rounds])],
            [run for round_ in rounds for runs in round_ for run in runs],
        )


def _sent(where: str, ours: bool, rounds: list[list[Run]]) -> list[Ratio]:
    pairs = [(small.counted, large.counted) for small, large in rounds]
    what = f"sending into {where}" if ours else "    the same of the reference"
    by_clock = [(1e6 / small.rate, 1e6 / large.rate) for small, large in pairs]
    by_processor = [(small.server_us, large.server_us) for small, large in pairs]
    return [_ratio(f"{what}, by the clock", by_clock, ours), _ratio(f"{what}, by its processor", by_processor, ours)]


def _ratio(what: str, pairs: list[tuple[float, float]], ours: bool) -> Ratio:
    ratio = median(large / small for small, large in pairs)
    small, large = (median(side) for side in zip(*pairs, strict=True))
    return Ratio(what, ratio, small, large, "µs a message", ours)


# -------------------------------------------------------------------------------------------------------------- asking


class Asker:
    """A connection to a server that asks again and again."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, path: str, token: str) -> float:
        """The milliseconds until the whole answer is here."""
        begun = time.perf_counter()
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n"
        self._socket.sendall(head.encode())
        self._read(path)
        return 1000 * (time.perf_counter() - begun)

    def _read(self, path: str) -> None:
        got = b""
        while b"\r\n\r\n" not in got:
            got += self._more(path)
        head, _, body = got.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200 "):
            raise Failed(f"{path} was answered by {head[:80]!r}")
        left = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]) - len(body)
        while left > 0:
            left -= len(self._more(path))

    def _more(self, path: str) -> bytes:
        got = self._socket.recv(1 << 20)
        if not got:
            raise Failed(f"the server ended the connection instead of answering {path}")
        return got

    def close(self) -> None:
        """Ask no more."""
        self._socket.close()


def asking(bench: Bench, sides: list[Side]) -> list[Ratio]:
    """`load` and `history`, of two servers in turns."""
    with ExitStack() as stack:
        askers = []
        for side in sides:
            running: Running = stack.enter_context(bench.serve(bench.servers[0], side.data))
            askers.append((side, stack.enter_context(closing(Asker(running.port)))))
        return [
            _asked(f"load of {DEGREE} sessions, one message of each", askers, _loads),
            _asked(f"a page of {PAGE} messages, the newest", askers, _newest),
            _asked(f"a page of {PAGE} messages, somewhere", askers, _somewhere),
        ]


Paths = Callable[[Side], Iterator[tuple[str, str]]]


def _asked(what: str, askers: list[tuple[Side, Asker]], paths: Paths) -> Ratio:
    times = []
    for small, large in zip(*(paths(side) for side, _ in askers), strict=True):
        times.append((askers[0][1].ask(*small), askers[1][1].ask(*large)))
    # A ratio of two single answers is mostly noise: compare medians.
    small_ms, large_ms = (median(side) for side in zip(*times[len(times) // 10 :], strict=True))
    return Ratio(what, large_ms / small_ms, small_ms, large_ms, "ms")


def _loads(side: Side) -> Iterator[tuple[str, str]]:
    for number in range(ASKED):
        yield "/api/load?messages=1", side.clients[number % len(side.clients)].token


def _newest(side: Side) -> Iterator[tuple[str, str]]:
    for session_id, _ in _long(side):
        yield f"/api/sessions/{session_id}/messages?limit={PAGE}", side.clients[0].token


def _somewhere(side: Side) -> Iterator[tuple[str, str]]:
    for session_id, head in _long(side):
        before = random.randint(PAGE + 1, head + 1)  # noqa: S311 — no secret
        yield f"/api/sessions/{session_id}/messages?limit={PAGE}&before={before}", side.clients[0].token


def _long(side: Side) -> Iterator[tuple[str, int]]:
    """The long sessions, which are the first ones of the first client, again and again."""
    sessions = list(side.clients[0].sessions.items())[: seed.LONG]
    for number in range(ASKED):
        yield sessions[number % seed.LONG]


# ------------------------------------------------------------------------------------------------------------ starting


def starting(bench: Bench, sides: list[Side]) -> Ratio:
    """From the start of the process to its first good answer."""
    times: list[list[float]] = [[], []]
    with ExitStack() as stack:
        folders = [stack.enter_context(bench.copy(side.data)) for side in sides]
        for _ in range(STARTS):
            for folder, taken in zip(folders, times, strict=True):
                with serving(bench.servers[0], folder) as running:
                    taken.append(1000 * running.seconds)
    small, large = (median(taken[1:]) for taken in times)  # The first time warms the disk's cache.
    return Ratio("start to the first answer", large / small, small, large, "ms")
