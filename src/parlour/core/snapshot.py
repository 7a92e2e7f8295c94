"""The snapshot: everything that a client needs to begin, from one read.

1. `load` is the snapshot's `Sessions`, and nothing else.
2. The most recently active session stands first; the total is bounded, but each session has its newest message.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from ..protocol import INVITATION_DAYS, LOAD_TOTAL, Load, LoadedSession, Me, SessionSettings, Snapshot
from . import settings
from .dispatch import Answer, Caller, Context, after, handler
from .filters import blocked_by
from .invitations import asked_by, waiting_for
from .links import links_of
from .marks import marks_of, unread
from .messages import last_of, newest
from .ports import Key, Need, Record, Tx
from .sessions import Member, Session, memberships_of, others_of, presence_of_peers


class Fact(Record):
    """What the database knows of itself: `Epoch`, the random id of this history; `Probe`, when it was last tried."""

    table: ClassVar[str] = "Facts"
    Name: str
    Value: str


FACT = Key(Fact, "Name")


def epoch_of(tx: Tx) -> str:
    """The Epoch. A database that began has one."""
    fact = tx.get(FACT, "Epoch")
    return fact.Value if fact else ""


def load(tx: Tx, user_id: str, messages: int) -> Load:
    """A user's sessions with their newest messages, at most `messages` of each."""
    mine = memberships_of(tx, user_id)
    ids = list(mine)
    tx.prefetch(Need(None, (session_id,)) for session_id in ids)
    rows = {s.SessionID: s for s in tx.find(Session, {"SessionID": ids})}
    others, here, chosen = others_of(tx, ids, user_id), presence_of_peers(tx, user_id), settings.own(tx, user_id)[1]
    members = _by_session(tx, ids)
    loaded, left = {}, LOAD_TOTAL
    for session_id in _by_activity(tx, rows):
        found, more = newest(tx, session_id, min(messages, max(left, 1))) if messages else ({}, tx.head(session_id) > 0)
        left -= len(found)
        loaded[session_id] = LoadedSession(
            UserIds={u.UserID: u.shown for u in others[session_id]},
            Messages=found,
            Seq=tx.head(session_id),
            More=more,
            State=mine[session_id].State,
            Status={u.UserID: here.get(u.UserID, "Offline") for u in others[session_id]},
            Unread=unread(tx, mine[session_id]),
            Marks=marks_of(members[session_id], user_id),
            Settings=chosen.get(session_id, SessionSettings()),
        )
    return loaded


def _by_session(tx: Tx, session_ids: list[str]) -> dict[str, list[Member]]:
    members: dict[str, list[Member]] = {session_id: [] for session_id in session_ids}
    for member in tx.find(Member, {"SessionID": session_ids}):
        members[member.SessionID].append(member)
    return members


def _by_activity(tx: Tx, sessions: dict[str, Session]) -> list[str]:
    last = {s: last_of(tx, s) for s in sessions}
    return sorted(sessions, key=lambda s: m.ReceivedAt if (m := last[s]) else sessions[s].CreatedAt, reverse=True)


def snapshot(tx: Tx, caller: Caller, messages: int, now: str) -> Snapshot:
    """The whole state of a user at one moment."""
    me = Me(
        Seq=tx.head(caller.UserID),
        UserID=caller.UserID,
        Username=caller.Username,
        Invitations=waiting_for(tx, caller.UserID, now),
        Asking=asked_by(tx, caller.UserID, after(now, -INVITATION_DAYS)),
        Blocks=blocked_by(tx, caller.UserID),
        Links=links_of(tx, caller.UserID, now),
        Settings=settings.own(tx, caller.UserID)[0],
    )
    return Snapshot(epoch_of(tx), me, load(tx, caller.UserID, messages))


class Probe(msgspec.Struct):
    """Can anything be written? Tried by writing."""


@handler(Probe)
def probe(request: Probe, context: Context) -> Answer:
    (context.tx.put if context.tx.get(FACT, "Probe") else context.tx.add)(Fact("Probe", context.stamp))
    return Answer(None)


class Begin(msgspec.Struct):
    """The server starts: a database without an Epoch gets one."""


@handler(Begin)
def begin(request: Begin, context: Context) -> Answer:
    epoch = epoch_of(context.tx)
    if not epoch:
        epoch = context.clock.new_id()
        context.tx.add(Fact("Epoch", epoch))
    return Answer(epoch)
