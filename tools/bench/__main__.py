"""`./run bench [a b c d e scale idle storm]`: durable messages a second, latency, memory, start, scale; or `--web`.

    a  1,000 connections, 1 message in flight each     d  memory of an idle socket
    b  200 connections, 8 in flight each               e  start to the first answer
    c  latency at 5,000 and at 100 messages a second

    scale  a million messages beside ten thousand in the same 10,000 sessions: sending, load, history, start
    idle   10,000 idle sockets, with their beats: memory, processor, what two others notice
    --web  the web client in Chromium on a slow processor: bytes, first load, typing, sending, switching, memory
    storm  2,000 sockets that come back after a kill, each with 5 sessions; --long: 10,000, at their real pace

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
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from . import build, report, scale, sockets, web
from .measures import Bench, Pace
from .processes import Failed, Server, cores, started_by_launcher, stay_off_the_servers_core

LETTERS = ("a", "b", "c", "d", "e")
PARTS = (*LETTERS, "scale", "idle", "storm")
PAIRS = 500
IDLE_SOCKETS = 5_000
CROWD = 10_000
STORM, STORM_SHRUNK = 2_000, 5.0
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
            if asked.web:
                report.web(web.measure(Path(place), asked.rounds))
            else:
                measure(make(asked, Path(place)), asked)
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
    parser.add_argument("what", nargs="*", help="what to measure [all]", metavar=" ".join(PARTS))
    parser.add_argument("--web", action="store_true", help="the web client, and nothing else")
    parser.add_argument("--long", action="store_true", help="storm: 10,000 sockets instead of 2,000")
    parser.add_argument("--seconds", type=float, default=4, help="how long each run is measured [4]")
    parser.add_argument("--rounds", type=int, default=3, help="how often server and reference take turns [3]")
    asked = parser.parse_args()
    if not 0.5 <= asked.seconds <= 60 or not 1 <= asked.rounds <= 20:
        parser.error("--seconds from 0.5 to 60, --rounds from 1 to 20")
    asked.what = asked.what or list(PARTS)
    if unknown := sorted(set(asked.what) - set(PARTS)):
        parser.error(f"there is no {unknown[0]!r}: choose from {' '.join(PARTS)}")
    return asked


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def make(asked: argparse.Namespace, place: Path) -> Bench:
    """Compile what can be compiled, and say what cannot."""
    servers, programs = [Server("Parlour")], dict[str, Path]()
    try:
        cc = build.compiler()
        programs = build.loads(cc)
        found = build.reference(cc)
        servers.append(Server("reference", found.program))
        print(f"The reference is in C with epoll and SQLite {found.sqlite}.")
    except build.Missing as missing:
        print(f"Without {'' if programs else 'the load and '}the reference: {missing}.")
    _describe(asked, place)
    return Bench(place, programs, servers, asked.seconds, asked.rounds)


def _describe(asked: argparse.Namespace, place: Path) -> None:
    here, there = cores()
    stay_off_the_servers_core()
    where = f"Server on core {here}, load on core {there}."
    print(where if here != there else "ONE CORE FOR BOTH: no figure here means anything.")
    rounds = f"{asked.rounds} rounds (of sending in scale: {scale.SENDINGS})"
    print(f"Medians of {rounds} of {asked.seconds:g} s; each ratio is taken within its round.")
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


def measure(bench: Bench, asked: argparse.Namespace) -> None:
    """One part after the other."""
    most = _room_for_sockets() if bench.programs else 0
    idle = min(IDLE_SOCKETS, most) if "d" in asked.what else 0
    if set(asked.what) & set(LETTERS):
        bench.prepare(max(PAIRS, -(-idle // 2)))
    parts: dict[str, Callable[[], None]] = {
        "a": lambda: _a(bench),
        "b": lambda: _b(bench),
        "c": lambda: _c(bench),
        "d": lambda: _d(bench, idle),
        "e": lambda: _e(bench),
        "scale": lambda: _scale(bench),
        "idle": lambda: report.kept(sockets.idle(bench, min(CROWD, most))),
        "storm": lambda: _storm(bench, most, asked.long),
    }
    for part in (part for part in PARTS if part in asked.what):
        if part == "e" or bench.programs:
            parts[part]()
        else:
            print(f"({part}) not measured: there is no load without a compiler")


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


def _scale(bench: Bench) -> None:
    sides = scale.seeded(bench)
    report.scale([(side.messages, side.seconds) for side in sides])
    for ratios, runs in scale.sending(bench, sides):
        report.ratios(ratios, runs)
    report.ratios([*scale.asking(bench, sides), scale.starting(bench, sides)])


def _storm(bench: Bench, most: int, long: bool) -> None:
    report.storm(sockets.storm(bench, min(CROWD if long else STORM, most), 1.0 if long else STORM_SHRUNK))


def _room_for_sockets() -> int:
    """How many sockets the limit of open files allows, once it is raised as far as it may be."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return CROWD if hard == resource.RLIM_INFINITY else min(CROWD, hard - FILES_KEPT)


if __name__ == "__main__":
    sys.exit(main())
