"""Deletion: somebody leaves for good.

1. The row of the user stays, so that the name is never given again; the password, the logins, the settings, and all
   that was their own of consent go.
2. What they said stays with those to whom they said it, under "Deleted account".
"""

from __future__ import annotations

import msgspec

from ..protocol import Nothing
from . import invitations, logins, sessions
from .accounts import USER, User
from .blocks import close_pair
from .budgets import Budget
from .dispatch import Answer, Context, Refused, handler
from .filters import Block, Pause
from .ledger import Line
from .links import Link
from .pairs import Asking, next_of, pairs_of, unseen
from .ports import Record, Secret
from .presence import come_or_go
from .settings import Setting

OWN: tuple[type[Record], ...] = (Asking, Block, Budget, Line, Link, Pause, Setting)
"""What is a user's alone, and is listed by the user."""


class Delete(msgspec.Struct):
    """Delete the account of whoever asks, whose password matched `Checked`."""

    Checked: Secret


@handler(Delete)
def delete(request: Delete, context: Context) -> Answer:
    user = context.tx.get(USER, context.caller.UserID)
    if user is None or user.DeletedAt is not None or user.Password != request.Checked:
        raise Refused("wrong_password", "Password")
    come_or_go(user, "Offline", context)
    user.DeletedAt, user.Password = context.stamp, Secret("")
    context.tx.put(user)
    _leave_all(context, user)
    _forget_all(context, user.UserID)
    logins.end_all(context, user.UserID)
    return Answer(Nothing())


def _forget_all(context: Context, user_id: str) -> None:
    """Others' blocks of this user stay theirs, until they lift them."""
    tx, owners = context.tx, [user_id, unseen(user_id)]
    for record in OWN:
        for row in tx.find(record, {"UserID": owners}):
            tx.drop(row)
    for pause in tx.find(Pause, {"Of": user_id}):
        tx.drop(pause)


def _leave_all(context: Context, user: User) -> None:
    """What they asked is taken back, what they were asked runs to its lapse, conversations close."""
    for pair in pairs_of(context.tx, user.UserID):
        if pair.State == "active":
            close_pair(context, pair, {user.UserID: user.shown})
            continue
        if next_of(pair, "cancel", user.UserID, context.stamp) == "cancelled":
            invitations.take_back(context, pair)
        if pair.SessionID:  # Closed before: what was said there stands under another name from now on.
            sessions.close(context, pair.SessionID, {user.UserID: user.shown})
