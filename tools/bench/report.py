"""How figures are told: measured and wanted side by side.

1. A run beside which others used the processors is told as such: it measured them as well.
2. Nothing is rounded in our favour; a void run is told with its reason and makes the whole line void.
"""

from __future__ import annotations

from statistics import median
from typing import NamedTuple

from .measures import Idle, Round, Run, middle, within

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


def _table(title: str, rounds: list[Round]) -> None:
    print(title)
    columns = ("messages/s", "p50 ms", "p99 ms", "server µs/msg", "server CPU", "load CPU", "others' CPU")
    print("    {:<11}{:>12}{:>9}{:>9}{:>16}{:>13}{:>11}{:>14}".format("", *columns))
    _row("Parlour", [r.server for r in rounds])
    if beside := [r.reference for r in rounds if r.reference]:
        _row("reference", beside)
    most = max(run.counted.others_cpu for round_ in rounds for run in round_ if run)
    if most > OTHERS_MOST:
        print(
            f"    NOISY: others used up to {most:.0%} of a core, so these figures mean little: measure when it is quiet"
        )


def _row(name: str, runs: list[Run]) -> None:
    names = ("rate", "p50_ms", "p99_ms", "server_us", "server_cpu", "load_cpu", "others_cpu")
    figures = [middle(runs, n) for n in names]
    print("    {:<11}{:>12,.0f}{:>9.2f}{:>9.2f}{:>16.1f}{:>13.0%}{:>11.0%}{:>14.0%}".format(name, *figures))
    for run in runs:
        if run.void:
            print(f"    {name}: VOID: {run.void}")


def _say(wanted: Wanted) -> None:
    print(wanted.line(), flush=True)
