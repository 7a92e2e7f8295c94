"""Budgets: token buckets in a bounded table.

1. A budget is spent before the work that it protects.
2. The table forgets who was idle longest; a bucket that is full again says nothing that a new one would not.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from math import ceil

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
