"""`./run bench [a b c d e]`: durable messages a second, latency, memory, start.

    a  1,000 connections, 1 message in flight each     d  memory of an idle socket
    b  200 connections, 8 in flight each               e  start to the first answer
    c  latency at 5,000 and at 100 messages a second

1. The server has one core, the load another; a reference in C does the same work, in turns with the server.
2. Where there is no compiler, the load cannot be made either: then (e) alone is measured, and that is said.
3. Nothing is left behind: no process, no data.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from . import build, report
from .measures import Bench, Pace
from .processes import Failed, Server, cores, started_by_launcher

PAIRS = 500
IDLE_SOCKETS = 5_000
FIRST_SOCKETS = 100
FILES_KEPT = 100
MESSAGES = (10_000, 1_000_000)
LATENCIES = ((5_000, 0.4), (100, 0.5))


def main() -> int:
    """Measure what was asked for; the exit code tells whether it could be measured, not how it came out."""
    asked = arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    build.CACHE.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="run-", dir=build.CACHE) as place:
        try:
            measure(make(asked, Path(place)), asked.what)
        except Failed as failed:
            print(f"Not measured: {failed}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("Interrupted: everything that was started is stopped.", file=sys.stderr)
            return 130
    return 0


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(
        prog="./run bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="*", help="what to measure [all]", metavar="a b c d e")
    parser.add_argument("--seconds", type=float, default=4, help="how long each run is measured [4]")
    parser.add_argument("--rounds", type=int, default=3, help="how often server and reference take turns [3]")
    asked = parser.parse_args()
    if not 0.5 <= asked.seconds <= 60 or not 1 <= asked.rounds <= 20:
        parser.error("--seconds from 0.5 to 60, --rounds from 1 to 20")
    asked.what = asked.what or list("abcde")
    if unknown := sorted(set(asked.what) - set("abcde")):
        parser.error(f"there is no {unknown[0]!r}: choose from a b c d e")
    return asked


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def make(asked: argparse.Namespace, place: Path) -> Bench:
    """Compile what can be compiled, and say what cannot."""
    servers, program = [Server("Parlour")], None
    try:
        cc = build.compiler()
        program = build.load(cc)
        found = build.reference(cc)
        servers.append(Server("reference", found.program))
        print(f"The reference is in C with epoll and SQLite {found.sqlite}.")
    except build.Missing as missing:
        print(f"Without {'the load and ' if program is None else ''}the reference: {missing}.")
    _describe(asked, place)
    return Bench(place, program, servers, asked.seconds, asked.rounds)


def _describe(asked: argparse.Namespace, place: Path) -> None:
    here, there = cores()
    where = f"Server on core {here}, load on core {there}."
    print(where if here != there else "ONE CORE FOR BOTH: no figure here means anything.")
    print(f"Medians of {asked.rounds} rounds of {asked.seconds:g} s; each ratio is taken within its round.")
    print(f"A durable write of one page takes {_flush_ms(place):.2f} ms here.\n", flush=True)


def _flush_ms(place: Path) -> float:
    """What a commit waits for on this disk, at least."""
    file, times = os.open(place / "flush", os.O_RDWR | os.O_CREAT, 0o600), []
    for number in range(50):
        begun = time.perf_counter()
        os.pwrite(file, bytes(4096), 4096 * number)
        os.fdatasync(file)
        times.append(time.perf_counter() - begun)
    os.close(file)
    return 1000 * statistics.median(times)


def measure(bench: Bench, what: list[str]) -> None:
    """One letter after the other."""
    sockets = _room_for_sockets() if "d" in what and bench.program else 0
    bench.prepare(max(PAIRS, -(-sockets // 2)))
    for letter in sorted(set(what)):
        if letter != "e" and not bench.program:
            print(f"({letter}) not measured: there is no load without a compiler")
        else:
            {"a": _a, "b": _b, "c": _c, "d": lambda bench: _d(bench, sockets), "e": _e}[letter](bench)


def _a(bench: Bench) -> None:
    rounds = bench.take_turns(Pace("closed", 1, 1_000))
    report.throughput("(a) 1,000 connections, 1 message in flight each, 500 sessions", rounds, 0.55)


def _b(bench: Bench) -> None:
    rounds = bench.take_turns(Pace("closed", 8, 200))
    report.throughput("(b) 200 connections, 8 messages in flight each, 100 sessions", rounds, 0.45)


def _c(bench: Bench) -> None:
    for rate, over in LATENCIES:
        rounds = bench.take_turns(Pace("open", rate, 1_000))
        report.latency(f"(c) {rate:,} messages a second on 1,000 connections, whatever the answers do", rounds, over)


def _d(bench: Bench, sockets: int) -> None:
    report.memory(bench.idle(sockets, FIRST_SOCKETS))


def _e(bench: Bench) -> None:
    servers = [Server("python -m parlour"), *[Server("./run", launcher=True)] * started_by_launcher()]
    for messages in MESSAGES:
        report.starts(messages, bench.starts(messages, servers), [server.name for server in servers])


def _room_for_sockets() -> int:
    """As many idle sockets as the limit of open files allows, once it is raised as far as it may be."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(IDLE_SOCKETS, hard - FILES_KEPT if hard != resource.RLIM_INFINITY else IDLE_SOCKETS)


if __name__ == "__main__":
    sys.exit(main())
