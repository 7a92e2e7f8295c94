"""Presence: who is Online.

1. Written when it changes, and told to those who share a session and may see it, nobody else.
2. A crash leaves nobody Online: when the server starts, everybody is Offline.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from ..protocol import Status
from .accounts import USER, User
from .dispatch import Answer, Context, handler
from .sessions import watchers_of


class Presence(msgspec.Struct):
    """A user came or went."""

    UserID: str
    Status: Literal["Online", "Offline"]


class EverybodyOffline(msgspec.Struct):
    """The server starts: nobody is here yet."""


@handler(Presence)
def presence(request: Presence, context: Context) -> Answer:
    user = context.tx.get(USER, request.UserID)
    if user and user.DeletedAt is None:  # A log-in that was on its way says so after the deletion.
        come_or_go(user, request.Status, context)
    return Answer(None)


@handler(EverybodyOffline)
def everybody_offline(request: EverybodyOffline, context: Context) -> Answer:
    for user in context.tx.find(User, {"Status": "Online"}):
        user.Status = "Offline"
        context.tx.put(user)
    return Answer(None)


def come_or_go(user: User, status: Literal["Online", "Offline"], context: Context) -> None:
    """Write a change of presence, and tell the peers."""
    if user.Status == status:
        return
    user.Status = status
    context.tx.put(user)
    for peer in watchers_of(context.tx, user.UserID):
        context.signal(peer, Status(UserID=user.UserID, Status=status))
