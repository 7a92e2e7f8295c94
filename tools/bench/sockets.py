"""Ten thousand sockets: what they cost while nothing happens, and how they come back when the server was killed.

1. They are held by a process of its own, on the load's core; it gives up when the server ends one of them.
2. Meanwhile two others talk: what they wait for each other is what a person would notice.
3. After a kill, clients wait as real ones do and keep their logins; the server's loop is asked all the while how it is.
"""

from __future__ import annotations

import http.client
import select
import time
from contextlib import ExitStack
from statistics import quantiles
from typing import NamedTuple

from . import seed
from .measures import Bench, Pace, settled
from .processes import Counted, Failed, Held, Running, free_port, holding, load, serving

HEARTBEATS = 2.4
HEARTBEAT_SECONDS = 25
TALK_EACH_SECOND = 20
EACH = 5
"""Sessions of one client of the storm."""
PROBE_SECONDS = 0.02
BACK_SECONDS = 120


class Kept(NamedTuple):
    """What so many idle sockets cost, and what a pair of others noticed."""

    sockets: int
    opened_each_second: float
    before: int
    after: int
    pair: Counted


class Storm(NamedTuple):
    """How a storm went. Seconds since the server was started again; milliseconds that its loop did not answer."""

    sockets: int
    ready: float
    half: float
    all: float
    rate: float
    tries: int
    refused: int
    first_rate: float
    lag_p50: float
    lag_p99: float
    lag_most: float


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
            pair = load(bench.loading(running, Pace("open", TALK_EACH_SECOND, 2), seconds, "pair"))
            held.check()
            return Kept(sockets, opened, before, running.memory(), pair)


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
        lags = _probed(second, held)
        return _told(sockets, second, held.line(), first_rate, lags)


def _probed(running: Running, held: Held) -> list[float]:
    """Ask the loop again and again until all are back; the milliseconds that each answer took."""
    lags, until = [], time.monotonic() + BACK_SECONDS
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=30)
    while not select.select([held.out], [], [], PROBE_SECONDS)[0]:
        begun = time.perf_counter()
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        lags.append(1000 * (time.perf_counter() - begun))
        if time.monotonic() > until:
            raise Failed(f"not all sockets were back after {BACK_SECONDS} s")
    connection.close()
    return lags


def _told(sockets: int, running: Running, said: dict[str, float], first_rate: float, lags: list[float]) -> Storm:
    if said["errors"]:
        raise Failed(f"{said['errors']:.0f} sockets were refused what they resumed")
    percentiles = quantiles(lags, n=100, method="inclusive") if len(lags) > 1 else [0.0] * 99
    return Storm(
        sockets=sockets,
        ready=running.seconds,
        half=said["half_at"] - running.started,
        all=said["back_at"] - running.started,
        rate=said["rate"],
        tries=int(said["tries"]),
        refused=int(said["refused"]),
        first_rate=first_rate,
        lag_p50=percentiles[49],
        lag_p99=percentiles[98],
        lag_most=max(lags, default=0.0),
    )
