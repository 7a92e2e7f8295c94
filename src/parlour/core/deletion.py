"""Deletion: somebody leaves for good.

1. The row of the user stays, so that the name is never given again; the password, the logins and the settings go.
2. What they said stays with those to whom they said it, under "Deleted account".
"""

from __future__ import annotations

import msgspec

from ..protocol import Nothing
from . import invitations, logins, settings
from .accounts import USER
from .dispatch import Answer, Context, Refused, handler
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
    invitations.end_all(context, user)
    settings.forget(context, user.UserID)
    logins.end_all(context, user.UserID)
    return Answer(Nothing())
