"""Sessions: the conversations and who is in them.

1. `member` is the one gate to everything in a session; what one may not see is simply not found.
2. Two users share at most one session, for ever: it stands in the record of their pair (invitations).
3. `UserIds` and `Users` name the others, never oneself.
4. A closed membership keeps its history and nothing else: nothing is sent, nobody is seen. Opened again, its numbers
   go on.
"""

from __future__ import annotations

from typing import ClassVar, Literal, NamedTuple

from ..protocol import Begun, Presence
from ..protocol import Closed as ClosedFrame
from ..protocol import Session as SessionFrame
from ..protocol import Status as StatusFrame
from .accounts import USER, User
from .dispatch import Context, Refused
from .ports import Index, Key, Record, Tx
from .settings import show_again, shows_presence, shows_presence_in


class Session(Record):
    """A conversation."""

    table: ClassVar[str] = "Sessions"
    SessionID: str
    CreatedAt: str


class Member(Record):
    """Somebody in a session: the owner's `Users[]`, a row each.

    `Delivered` and `Read`: the MessageIDs up to which this member has come; `Told`: the `Read` that others were told.
    """

    table: ClassVar[str] = "Members"
    SessionID: str
    UserID: str
    JoinedAt: str
    State: Literal["active", "closed"] = "active"
    Delivered: int = 0
    Read: int = 0
    Told: int = 0


SESSION = Key(Session, "SessionID")
MEMBER = Key(Member, "SessionID", "UserID")
Index(Member, "SessionsOfUser", "UserID", "SessionID")


# ---------------------------------------------------------------------------------------------------------- look-ups


def member(tx: Tx, session_id: str, user_id: str) -> Member:
    """The membership of a user. Raises Refused `not_found`, alike for what is foreign and what is not there."""
    found = tx.get(MEMBER, session_id, user_id)
    if found is None:
        raise Refused("not_found", "SessionID")
    return found


def sessions_of(tx: Tx, user_id: str) -> list[str]:
    """The sessions of a user."""
    return [m.SessionID for m in tx.find(Member, {"UserID": user_id})]


def talking(tx: Tx, session_id: str, user_id: str) -> Member:
    """The membership of a user in a session that is not closed. Raises Refused `not_found`, `closed`."""
    found = member(tx, session_id, user_id)
    if found.State != "active":
        raise Refused("closed", "SessionID")
    return found


def others_of(tx: Tx, session_ids: list[str], user_id: str) -> dict[str, list[User]]:
    """The other members of each session."""
    others: dict[str, list[User]] = {s: [] for s in session_ids}
    members = [m for m in tx.find(Member, {"SessionID": session_ids}) if m.UserID != user_id]
    users = {u.UserID: u for u in tx.find(User, {"UserID": [m.UserID for m in members]})}
    for m in members:
        others[m.SessionID].append(users[m.UserID])
    return others


def memberships_of(tx: Tx, user_id: str) -> dict[str, Member]:
    """What a user is a member of, by SessionID."""
    return {m.SessionID: m for m in tx.find(Member, {"UserID": user_id})}


def company_of(tx: Tx, session_ids: list[str], user_id: str) -> list[Member]:
    """The other members of these sessions who are in them still."""
    return [m for m in tx.find(Member, {"SessionID": session_ids}) if m.UserID != user_id and m.State == "active"]


def active_sessions_of(tx: Tx, user_id: str) -> list[str]:
    """The sessions of a user that are not closed."""
    return [s for s, m in memberships_of(tx, user_id).items() if m.State == "active"]


def watchers_of(tx: Tx, user_id: str) -> list[str]:
    """Everybody who may see whether this user is there, each once."""
    open_ones = active_sessions_of(tx, user_id)
    shown = shows_presence(tx, [user_id])
    seen_in = [s for s in open_ones if shown(user_id, s)]
    return list({m.UserID: None for m in company_of(tx, seen_in, user_id)})


def presence_of_peers(tx: Tx, user_id: str) -> dict[str, Presence]:
    """Who of one's peers is Online or Offline, as far as they show it."""
    company = company_of(tx, active_sessions_of(tx, user_id), user_id)
    ids = list({m.UserID: None for m in company})
    shown = shows_presence(tx, ids)
    seen = {m.UserID for m in company if shown(m.UserID, m.SessionID)}
    return {u.UserID: u.Status if u.UserID in seen else "Offline" for u in tx.find(User, {"UserID": ids})}


def seen_by(tx: Tx, session_id: str, user_id: str) -> Begun:
    """A session as the user sees it: with the others in it."""
    others = others_of(tx, [session_id], user_id)[session_id]
    return Begun(session_id, {u.UserID: u.shown for u in others})


# ----------------------------------------------------------------------------------------------------------- commands


class Started(NamedTuple):
    """A session that has begun; and where it stands in each member's stream."""

    SessionID: str
    Seqs: dict[str, int]


def begin(context: Context, earlier: str | None, first: str, second: str) -> Started:
    """The session of two users, or the earlier one anew; both hear of it, then of each other's presence."""
    session_id = _reopened(context, earlier) if earlier else _new(context, first, second)
    seqs = {one: _announce(context, session_id, one, other) for one, other in ((first, second), (second, first))}
    return Started(session_id, seqs)


def _new(context: Context, first: str, second: str) -> str:
    session = Session(context.clock.new_id(), context.stamp)
    context.tx.add(session)
    for user_id in (first, second):
        context.tx.add(Member(session.SessionID, user_id, context.stamp))
    return session.SessionID


def _reopened(context: Context, session_id: str) -> str:
    for m in context.tx.find(Member, {"SessionID": session_id}):
        m.State = "active"
        context.tx.put(m)
        show_again(context, m.UserID, session_id)
    return session_id


def _announce(context: Context, session_id: str, user_id: str, other_id: str) -> int:
    """What one of the two hears: the session, then whether the other is there. Gives the number of the first."""
    other = context.tx.get(USER, other_id)
    assert other is not None, "users are never removed"
    seq = context.emit(user_id, SessionFrame(SessionID=session_id, Users={other_id: other.Username}))
    if other.Status == "Online" and shows_presence_in(context.tx, session_id, other_id):
        context.signal(user_id, StatusFrame(UserID=other_id, Status="Online"))
    return seq


def close(context: Context, session_id: str, users: dict[str, str]) -> dict[str, int]:
    """Close a session for all; its members hear of it, and how `users` are called from now on.

    Gives where it stands in each member's stream.
    """
    members = context.tx.find(Member, {"SessionID": session_id})
    for m in members:
        m.State = "closed"
        context.tx.put(m)
    return {m.UserID: context.emit(m.UserID, ClosedFrame(SessionID=session_id, Users=users)) for m in members}
