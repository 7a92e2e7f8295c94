"""Filters: whom somebody does not want to hear from.

1. A block is one person's, against one other, until lifted. It is told to nobody.
2. A pause begins with a no: 7 days, then 30, then 180; after that only who said no can begin again.
3. Whatever holds the asker back, the asker sees an invitation that is sent.
"""

from __future__ import annotations

from typing import ClassVar

from .accounts import User
from .dispatch import Context
from .ports import Index, Key, Record, Tx
from .settings import takes_invitations

FOR_EVER = "9999-12-31T23:59:59.999Z"


class Block(Record):
    """`UserID` hears nothing of `Of`."""

    table: ClassVar[str] = "Blocks"
    UserID: str
    Of: str
    At: str


class Pause(Record):
    """`UserID` has said no to `Of`, so many times, and is not asked again until then."""

    table: ClassVar[str] = "Pauses"
    UserID: str
    Of: str
    Until: str
    Times: int


BLOCK = Key(Block, "UserID", "Of")
PAUSE = Key(Pause, "UserID", "Of")
Index(Pause, "PausesOf", "Of")


def blocks(tx: Tx, user_id: str, of: str) -> bool:
    """Whether this user blocks that one."""
    return tx.get(BLOCK, user_id, of) is not None


def apart(tx: Tx, one: str, other: str) -> bool:
    """Whether either blocks the other."""
    return any([blocks(tx, one, other), blocks(tx, other, one)])


def holds_back(tx: Tx, user_id: str, of: str, now: str, shared: bool) -> bool:
    """Whether an invitation of `of` must not reach this user; `shared`: the two have had a conversation.

    All is looked up, whatever the first look finds.
    """
    pause = tx.get(PAUSE, user_id, of)
    reasons = [
        blocks(tx, user_id, of),
        not takes_invitations(tx, user_id, shared),
        pause is not None and now < pause.Until,
    ]
    return any(reasons)


def blocked_by(tx: Tx, user_id: str) -> list[str]:
    """The names of those whom this user blocks."""
    ids = [row.Of for row in tx.find(Block, {"UserID": user_id})]
    return sorted(u.Username for u in tx.find(User, {"UserID": ids}))


def pause(context: Context, user_id: str, of: str) -> None:
    """This user has said no once more."""
    before = context.tx.get(PAUSE, user_id, of)
    times, days = (before.Times if before else 0), context.limits.pauses
    until = context.later(days=days[times]) if times < len(days) else FOR_EVER
    context.tx.put(Pause(user_id, of, until, times + 1))


def end_pauses(context: Context, one: str, other: str) -> None:
    """Both have said yes: what either said before does not count any more."""
    for user_id, of in ((one, other), (other, one)):
        row = context.tx.get(PAUSE, user_id, of)
        if row:
            context.tx.drop(row)
