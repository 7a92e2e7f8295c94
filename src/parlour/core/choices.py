"""Choices: a person changes their settings.

1. One's own devices hear of it in one's own stream. Others hear nothing, but that somebody who hides is Offline to
   them, as if they had gone.
2. A command that is repeated gives the same result and no second event.
3. Only a closed session can be hidden: nobody misses what is said in one that is open.
"""

from __future__ import annotations

from msgspec import UNSET

from ..protocol import Nothing, Presence, Settings, Status
from . import settings
from .accounts import living
from .dispatch import Answer, Context, Refused, handler
from .sessions import member, watchers_of


@handler(Settings)
def choose(request: Settings, context: Context) -> Answer:
    me, tx = context.caller.UserID, context.tx
    user = living(tx, me)
    if request.SessionID is not UNSET:
        here = member(tx, request.SessionID, me)
        if request.Hidden is True and here.State != "closed":
            raise Refused("open", "Hidden")
    told = request.Presence is not UNSET and user.Status == "Online"
    before = set(watchers_of(tx, me)) if told else set()
    if settings.change(request, context) and told:
        after = set(watchers_of(tx, me))
        _tell(context, sorted(after - before), "Online")
        _tell(context, sorted(before - after), "Offline")
    return Answer(Nothing())


def _tell(context: Context, peers: list[str], status: Presence) -> None:
    for peer in peers:
        context.signal(peer, Status(UserID=context.caller.UserID, Status=status))
