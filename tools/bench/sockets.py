"""Ten thousand sockets: what they cost while nothing happens, and how they come back when the server was killed.

1. They are held by a process of its own, on the load's core; it gives up when the server ends one of them.
2. Meanwhile two others talk: what they wait for each other is what a person would notice.
3. After a kill, clients wait as real ones do and keep their logins. All the while the server's loop is asked how it is.
"""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import quantiles
from typing import NamedTuple

from . import seed
from .measures import Bench, Pace, settled
from .processes import Counted, Failed, Running, free_port, holding, load, serving

HEARTBEATS = 2.4
HEARTBEAT_SECONDS = 25
TALK_EACH_SECOND = 20
EACH = 5
"""Sessions of one client of the storm."""
PROBE_SECONDS = 0.02


class Lags(NamedTuple):
    """How long the server's loop took to answer something that needs neither thread nor disk, in milliseconds."""

    p50: float
    p99: float
    most: float


class Kept(NamedTuple):
    """What so many idle sockets cost, what a pair of others noticed, and how long the loop did not answer."""

    sockets: int
    opened_each_second: float
    before: int
    after: int
    pair: Counted
    lags: Lags


class Storm(NamedTuple):
    """How a storm went. Seconds since the server was started again."""

    sockets: int
    ready: float
    half: float
    all: float
    rate: float
    tries: int
    refused: int
    first_rate: float
    lags: Lags


def idle(bench: Bench, sockets: int) -> Kept:
    """So many idle sockets for more than two heartbeats, beside two that talk."""
    clients = seed.make(bench.place / "crowd", sockets // 2 + 1)
    bench.introduce("crowd", clients[:sockets])
    bench.introduce("pair", clients[sockets : sockets + 2])
    seconds = HEARTBEATS * HEARTBEAT_SECONDS
    with bench.serve(bench.servers[0], "crowd") as running:
        before = settled(running)
        with holding(bench.loading(running, Pace("idle", 0, sockets), 4 * seconds, "crowd")) as held:
            opened = held.line()["opened_each_second"]
            with probing(running) as lags:
                pair = load(bench.loading(running, Pace("open", TALK_EACH_SECOND, 2), seconds, "pair"))
            held.check()
            return Kept(sockets, opened, before, running.memory(), pair, _lags(lags))


def storm(bench: Bench, sockets: int, shrink: float) -> Storm:
    """So many sockets, a kill, a start, until all are back."""
    data = f"storm-{sockets}"
    bench.introduce(data, seed.make(bench.place / data, sockets // 2, EACH))
    port = free_port()
    clients = str(bench.place / f"{data}.clients")
    command = [str(bench.programs["storm"]), str(port), clients, str(sockets), str(shrink)]
    with ExitStack() as stack:
        folder = stack.enter_context(bench.copy(data))
        first = stack.enter_context(serving(bench.servers[0], folder, port))
        held = stack.enter_context(holding(command))
        first_rate = held.line()["rate"]
        settled(first)
        first.process.kill()
        first.process.wait()
        second = stack.enter_context(serving(bench.servers[0], folder, port))
        with probing(second) as lags:
            said = held.line()
        if said["errors"]:
            raise Failed(f"{said['errors']:.0f} sockets were refused what they resumed")
        return Storm(
            sockets=sockets,
            ready=second.seconds,
            half=said["half_at"] - second.started,
            all=said["back_at"] - second.started,
            rate=said["rate"],
            tries=int(said["tries"]),
            refused=int(said["refused"]),
            first_rate=first_rate,
            lags=_lags(lags),
        )


@contextmanager
def probing(running: Running) -> Iterator[list[float]]:
    """Ask the loop again and again, for the length of the block; the milliseconds that each answer took."""
    lags: list[float] = []
    done = threading.Event()
    asking = threading.Thread(target=_probe, args=(running.port, done, lags), daemon=True)
    asking.start()
    try:
        yield lags
    finally:
        done.set()
        asking.join()


def _probe(port: int, done: threading.Event, lags: list[float]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    while not done.wait(PROBE_SECONDS):
        begun = time.perf_counter()
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        lags.append(1000 * (time.perf_counter() - begun))
    connection.close()


def _lags(found: list[float]) -> Lags:
    percentiles = quantiles(found, n=100, method="inclusive") if len(found) > 1 else [0.0] * 99
    return Lags(percentiles[49], percentiles[98], max(found, default=0.0))
