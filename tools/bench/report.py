"""How figures are told: measured and wanted side by side.

1. A run beside which others used the processors is told as such: it measured them as well.
2. Nothing is rounded in our favour; a void run is told with its reason and makes the whole line void.
"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from typing import NamedTuple

from .measures import Idle, Round, Run, middle, within
from .scale import Ratio
from .sockets import Kept, Lags, Storm
from .web import MESSAGES, SESSIONS, SLOWER, Figure

OTHERS_MOST = 0.1


class Wanted(NamedTuple):
    """A figure and its bound."""

    text: str
    measured: float | None
    bound: float
    least: bool = False

    def line(self) -> str:
        """The line that says whether it holds."""
        if self.measured is None:
            return f"    {self.text}: no reference to compare with"
        holds = self.measured >= self.bound if self.least else self.measured <= self.bound
        sign, note = "≥" if self.least else "≤", "" if holds else "  ← NOT REACHED"
        return f"    {self.text}: {self.measured:.2f}, wanted {sign} {self.bound:.2f}{note}"


def throughput(title: str, rounds: list[Round], wanted: float) -> None:
    """(a) and (b)."""
    _table(title, rounds)
    _say(Wanted("ratio to the reference", within(rounds, lambda s, r: s.rate / r.rate), wanted, least=True))
    if (by_time := within(rounds, lambda s, r: r.server_us / s.server_us)) is not None:
        print(f"    the same by processor time a message, which a busy machine blurs less: {by_time:.2f}")


def latency(title: str, rounds: list[Round], over: float) -> None:
    """(c)."""
    _table(title, rounds)
    _say(Wanted("p50 above the reference, ms", within(rounds, lambda s, r: s.p50_ms - r.p50_ms), over))
    p99 = middle([r.server for r in rounds], "p99_ms")
    beside = [r.reference for r in rounds if r.reference]
    _say(Wanted("p99, ms", p99, max(5.0, 3 * middle(beside, "p99_ms")) if beside else 5.0))


def memory(found: Idle) -> None:
    """(d)."""
    print(f"(d) {found.sockets:,} idle sockets, after Resume; {found.opened_each_second:,.0f} handshakes/s")
    print(f"    resident memory {found.before / 2**20:.1f} MiB before, {found.after / 2**20:.1f} MiB with them")
    _say(Wanted("KB (1,000 bytes) a socket", (found.after - found.before) / found.sockets / 1000, 6))


def starts(messages: int, taken: list[list[float]], names: list[str]) -> None:
    """(e)."""
    print(f"(e) start to the first answer, {messages:,} messages")
    for name, times in zip(names, taken, strict=True):
        _say(Wanted(f"s by `{name}`", median(times), 0.5))


def scale(sides: list[tuple[int, float]]) -> None:
    """The head of the ratios."""
    print("(scale) the same 10,000 sessions, each ratio: with a million messages to with ten thousand")
    for messages, seconds in sides:
        print(f"    {messages:,} messages seeded in {seconds:.1f} s")


def ratios(found: list[Ratio], runs: list[Run] | None = None) -> None:
    """Each with its bound; the runs that they are taken from, if they were runs of the load."""
    for one in found:
        text = f"{one.what}, {one.large:,.2f} to {one.small:,.2f} {one.unit}"
        if one.ours:
            _say(Wanted(text, one.ratio, 1.3))
        else:
            print(f"    {text}: {one.ratio:.2f}")
    if runs:
        _void("sending", runs)
        _noise(max(run.counted.others_cpu for run in runs))


def kept(found: Kept) -> None:
    """(idle)."""
    print(f"(idle) {found.sockets:,} idle sockets for {found.pair.seconds:.0f} s; 2 others talk, 20 messages a second")
    print(f"    {found.opened_each_second:,.0f} handshakes/s; none was dropped")
    print(f"    resident memory {found.before / 1e6:.0f} MB before them")
    _say(Wanted("resident memory, MB", found.after / 1e6, 500))
    _say(Wanted("share of a core, %", 100 * found.pair.server_cpu, 15))
    _say(Wanted("p99 of what the two hear, ms", found.pair.p99_ms, 50))
    print(f"    its p50 {found.pair.p50_ms:.2f} ms, its longest {found.pair.most_ms:.2f} ms, each with a durable write")
    _lags(found.lags, 50)
    _noise(found.pair.others_cpu)


def storm(found: Storm) -> None:
    """(storm)."""
    print(f"(storm) {found.sockets:,} sockets, kill -9, a new process; each resumes 5 sessions, with its old login")
    print(f"    before: opened at {found.first_rate:,.0f} a second")
    print(f"    ready after {found.ready:.2f} s, half of them back after {found.half:.2f} s")
    print(f"    {found.rate:,.0f} came back each second; {found.tries:,} tries, {found.refused:,} refused")
    _say(Wanted("all are back, s", found.all, 60))
    _lags(found.lags, 100)


def web(found: Iterable[Figure]) -> None:
    """(--web)."""
    print(
        f"(--web) Chromium, its processor {SLOWER} times slower; {SESSIONS} sessions, {MESSAGES:,} messages", flush=True
    )
    for one in found:
        if one.bound:
            _say(Wanted(one.what, one.measured, one.bound))
        else:
            print(f"    {one.what}: {one.measured:.2f}", flush=True)


def _lags(found: Lags, wanted: float) -> None:
    _say(Wanted("p99 of the loop's answers meanwhile, ms", found.p99, wanted))
    print(f"    their p50 {found.p50:.2f} ms, the longest {found.most:.2f} ms", flush=True)


def _table(title: str, rounds: list[Round]) -> None:
    print(title)
    columns = ("messages/s", "p50 ms", "p99 ms", "server µs/msg", "server CPU", "load CPU", "others' CPU")
    print("    {:<11}{:>12}{:>9}{:>9}{:>16}{:>13}{:>11}{:>14}".format("", *columns))
    _row("Parlour", [r.server for r in rounds])
    if beside := [r.reference for r in rounds if r.reference]:
        _row("reference", beside)
    _noise(max(run.counted.others_cpu for round_ in rounds for run in round_ if run))


def _noise(most: float) -> None:
    if most > OTHERS_MOST:
        print(
            f"    NOISY: others used up to {most:.0%} of a core, so these figures mean little: measure when it is quiet"
        )


def _row(name: str, runs: list[Run]) -> None:
    names = ("rate", "p50_ms", "p99_ms", "server_us", "server_cpu", "load_cpu", "others_cpu")
    figures = [middle(runs, n) for n in names]
    print("    {:<11}{:>12,.0f}{:>9.2f}{:>9.2f}{:>16.1f}{:>13.0%}{:>11.0%}{:>14.0%}".format(name, *figures))
    _void(name, runs)


def _void(name: str, runs: list[Run]) -> None:
    for run in runs:
        if run.void:
            print(f"    {name}: VOID: {run.void}")


def _say(wanted: Wanted) -> None:
    print(wanted.line(), flush=True)
