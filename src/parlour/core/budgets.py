"""Budgets of consent: token buckets that are records, spent in the transaction that they allow.

1. A bucket is one moment: when it will be full again. What is spent moves that moment on.
2. A refusal commits what was written before it, so that a miss is not free.
3. A clock that jumps back costs a full bucket at most.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import ClassVar

from .dispatch import Context, Refused, stamp_of
from .limits import Rate
from .ports import Key, Record


class Budget(Record):
    """What somebody has left of one kind of act: all of it from `Full` on."""

    table: ClassVar[str] = "Budgets"
    UserID: str
    Kind: str
    Full: str


BUDGET = Key(Budget, "UserID", "Kind")


def spend(context: Context, user_id: str, kind: str, rate: Rate, cost: int = 1) -> None:
    """Take `cost`. Raises Refused `slow_down` with the seconds to wait, and has taken nothing then."""
    lacking = _lacking(context, user_id, kind, rate, cost)
    if lacking > 0:
        raise Refused("slow_down", retry_after=max(1, ceil(lacking)))
    _take(context, user_id, kind, rate, cost)


def overdraw(context: Context, user_id: str, kind: str, rate: Rate) -> None:
    """Take one more, whether or not it is there."""
    _take(context, user_id, kind, rate, 1)


def spend_if(context: Context, wanted: bool, user_id: str, kind: str, rate: Rate) -> bool:
    """Take one where it is wanted and there. What is looked up and written is the same, whatever becomes of it."""
    spent = _lacking(context, user_id, kind, rate, 1) <= 0 and wanted
    _take(context, user_id, kind, rate, int(spent))
    return spent


def _lacking(context: Context, user_id: str, kind: str, rate: Rate, cost: int) -> float:
    """The seconds until `cost` is there."""
    return _ahead(context, user_id, kind, rate) + (cost - rate.burst) * rate.each


def _ahead(context: Context, user_id: str, kind: str, rate: Rate) -> float:
    """The seconds until the bucket is full; one overdrawn by a jump of the clock is merely empty from now on."""
    row = context.tx.get(BUDGET, user_id, kind)
    if row is None:
        return 0.0
    context.tx.lock(row)
    ahead, most = (datetime.fromisoformat(row.Full) - context.now).total_seconds(), (rate.burst + 1) * rate.each
    if ahead > most:
        _fill(context, user_id, kind, most)
    return min(max(0.0, ahead), most)


def _take(context: Context, user_id: str, kind: str, rate: Rate, cost: int) -> None:
    _fill(context, user_id, kind, _ahead(context, user_id, kind, rate) + cost * rate.each)


def _fill(context: Context, user_id: str, kind: str, seconds: float) -> None:
    context.tx.put(Budget(user_id, kind, stamp_of(context.now + timedelta(seconds=seconds))))
