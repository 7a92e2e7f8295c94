"""Blocking somebody, and closing a conversation.

1. Either ends the conversation for both, and both see the same: it is closed.
2. A block ends every invitation between the two as well: theirs becomes a shadow, one's own is taken back.
3. Lifting a block revives nothing.
"""

from __future__ import annotations

from .. import protocol
from ..protocol import Blocked, Close, Nothing, Unblock
from . import budgets, ledger, sessions
from .accounts import User, holder, living
from .dispatch import Answer, Context, Refused, handler
from .filters import BLOCK, Block
from .invitations import resolve, take_back
from .pairs import PAIR_SESSION, Pair, next_of, pair_of
from .ports import Tx


@handler(protocol.Block)
def block(request: protocol.Block, context: Context) -> Answer:
    me, other = _both(request.Username, context)
    pair = pair_of(context.tx, me, other.UserID)
    if context.tx.get(BLOCK, me, other.UserID):
        return Answer(Nothing())
    if other.DeletedAt is not None:
        raise Refused("user_not_found", "Username")
    context.tx.put(Block(me, other.UserID, context.stamp))
    seq = context.emit(me, Blocked(UserName=other.Username, Blocked=True))
    ledger.mine(context, me, seq, "blocked", other.UserID)
    if pair:
        _end(context, pair, next_of(pair, "block", me, context.stamp))
    return Answer(Nothing())


def _both(username: str, context: Context) -> tuple[str, User]:
    """Who asks, and whom this is about. Raises Refused `user_not_found`, `self`."""
    me, other = living(context.tx, context.caller.UserID).UserID, holder(context.tx, username)
    if other is not None and other.UserID == me:
        raise Refused("self", "Username")
    if other is None or not _have_met(context.tx, me, other.UserID):
        budgets.spend(context, me, "lookups", context.limits.lookups)
    if other is None:
        budgets.overdraw(context, me, "lookups", context.limits.lookups)
        raise Refused("user_not_found", "Username")
    return me, other


def _have_met(tx: Tx, me: str, other: str) -> bool:
    """Whether this user knows of the other one already. If not, the name is looked up, which has its budget."""
    pair = pair_of(tx, me, other)
    return (pair is not None and pair.SessionID is not None) or ledger.speaks_of(tx, me, other)


def _end(context: Context, pair: Pair, step: str) -> None:
    """What stood between the two is over."""
    if step == "cancelled":
        take_back(context, pair)
    elif step == "closed":
        close_pair(context, pair)
    elif step == "shadow":
        resolve(context, pair, "blocked")
        pair.State = "shadow"
        context.tx.put(pair)


@handler(Unblock)
def unblock(request: Unblock, context: Context) -> Answer:
    me, other = _both(request.Username, context)
    pair_of(context.tx, me, other.UserID)  # Locked, as it is by whoever asks whether the block stands.
    row = context.tx.get(BLOCK, me, other.UserID)
    if row:
        budgets.spend(context, me, "changes", context.limits.changes)
        context.tx.drop(row)
        seq = context.emit(me, Blocked(UserName=other.Username, Blocked=False))
        ledger.mine(context, me, seq, "unblocked", other.UserID)
    return Answer(Nothing())


@handler(Close)
def close(request: Close, context: Context) -> Answer:
    me = living(context.tx, context.caller.UserID).UserID
    sessions.member(context.tx, request.SessionID, me)
    pair = context.tx.get(PAIR_SESSION, request.SessionID)
    if pair:
        context.tx.lock(pair)
        if next_of(pair, "close", me, context.stamp) == "closed":
            close_pair(context, pair)
    return Answer(Nothing())


def close_pair(context: Context, pair: Pair, users: dict[str, str] | None = None) -> None:
    """The conversation of two is closed, by whoever asks; `users`: who is called otherwise from now on."""
    assert pair.SessionID is not None, "an active pair has its session"
    me = context.caller.UserID
    pair.State = "closed"
    context.tx.put(pair)
    for user_id, seq in sessions.close(context, pair.SessionID, users or {}).items():
        (ledger.mine if user_id == me else ledger.theirs)(context, user_id, seq, "closed", pair.other(user_id))
