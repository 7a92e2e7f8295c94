"""Deletion: somebody leaves for good.

1. The row of the user stays, so that the name is never given again; the password, the logins, the settings, and all
   that was their own of consent go.
2. What they said stays with those to whom they said it, under "Deleted account".
"""

from __future__ import annotations

import msgspec

from ..protocol import Nothing
from . import budgets, filters, invitations, ledger, links, logins, sessions, settings
from .accounts import USER, User
from .blocks import close_pair
from .dispatch import Answer, Context, Refused, handler
from .pairs import next_of, pairs_of, unseen
from .ports import Secret
from .presence import come_or_go


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
    for part in (filters, invitations, links, budgets, ledger, settings):
        part.forget(context, user.UserID)
    for hidden in (budgets, ledger):
        hidden.forget(context, unseen(user.UserID))
    logins.end_all(context, user.UserID)
    return Answer(Nothing())


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
