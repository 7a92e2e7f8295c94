"""Budgets: token buckets in a bounded table.

1. A budget is spent before the work that it protects.
2. The table forgets who was idle longest; a bucket that is full again says nothing that a new one would not.
3. What comes too often to have a bucket is counted for one second, then all counts are forgotten at once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from math import ceil, inf

from ..core.dispatch import Refused

KEPT = 50_000


class Budget:
    """So many at once, then so many a second, for each key."""

    def __init__(self, burst: float, each_second: float, now: Callable[[], float]) -> None:
        self._burst, self._rate, self._now = burst, each_second, now
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def spend(self, key: str) -> None:
        """Take one. Raises Refused `slow_down` with the whole seconds to wait."""
        now = self._now()
        left, since = self._left.pop(key, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._rate)
        enough = left >= 1
        self._left[key] = (left - enough, now)
        if len(self._left) > KEPT:
            self._left.popitem(last=False)
        if not enough:
            raise Refused("slow_down", retry_after=max(1, ceil((1 - left) / self._rate)))


class Unlimited:
    """Every budget when `limits` is off."""

    def spend(self, key: str) -> None:
        """Nothing runs out."""


class Tally:
    """How often each has done something in the present second. Who does nothing costs nothing."""

    def __init__(self, most: float, now: Callable[[], float]) -> None:
        self.most = most
        self._now, self._until = now, -inf
        self._came: dict[object, int] = {}

    def count(self, who: object) -> int:
        """Once more: how often by now, or 0 where it does not matter."""
        if self.most == inf:
            return 0
        now = self._now()
        if now >= self._until:
            self._came, self._until = {}, now + 1
        self._came[who] = came = self._came.get(who, 0) + 1
        return came
