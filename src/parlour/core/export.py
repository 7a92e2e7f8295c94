"""The export: everything that the server holds about somebody, as far as that person may see it.

1. It is read in parts, none of them large. All of them show the moment of the first: what came later has higher
   numbers and is left out, and what has a number does not change. People are called as they are called by then.
2. It tells nothing that the person's own devices were not told: of an invitation, what its asker sees.
3. Left out is what only guards: the hash of the password, tokens, the secrets of links, budgets; and the pauses after a
   no, which follow from the ledger, and which end when the other one leaves.
"""

from __future__ import annotations

from ..protocol import HISTORY_LIMIT, Export, ExportedLink, ExportedSession, Ledger, SessionSettings, StoredMessage
from . import ledger, logins, settings
from .accounts import User, living
from .dispatch import Caller
from .filters import blocked_by
from .invitations import asked_by, waiting_for
from .links import Link
from .marks import marks_of
from .messages import history
from .ports import Tx
from .sessions import Member, memberships_of, others_of

WHAT = (
    "Everything that this server holds about you, as far as you may see it, as it was at the moment that stands in At. "
    "It holds no password, no token and no secret of a link."
)


def begin(tx: Tx, caller: Caller, now: str, steady: str) -> tuple[Export, dict[str, int]]:
    """The first part: all but the ledger and the messages; and how many numbers each session's stream has by now,
    one's own among them. `steady` is now by the clock that logins end by.
    """
    me = living(tx, caller.UserID)
    export = Export(
        What=WHAT,
        At=now,
        UserID=me.UserID,
        Username=me.Username,
        CreatedAt=me.CreatedAt,
        Settings=settings.own(tx, me.UserID)[0],
        Logins=logins.view(tx, caller, steady).Logins,
        Invitations=waiting_for(tx, me.UserID, now),
        Asking=asked_by(tx, me.UserID, ""),
        Blocks=blocked_by(tx, me.UserID),
        Links=_links(tx, me.UserID),
        Ledger=[],
        Sessions=_sessions(tx, me),
    )
    return export, {stream: tx.head(stream) for stream in (me.UserID, *export.Sessions)}


def _links(tx: Tx, user_id: str) -> list[ExportedLink]:
    rows = tx.find(Link, {"UserID": user_id})
    return [ExportedLink(row.LinkID, row.State, row.CreatedAt, row.Lapses) for row in rows]


def _sessions(tx: Tx, me: User) -> dict[str, ExportedSession]:
    """One's sessions, without what was said in them."""
    mine = memberships_of(tx, me.UserID)
    others, chosen = others_of(tx, list(mine), me.UserID), settings.own(tx, me.UserID)[1]
    members: dict[str, list[Member]] = {session_id: [] for session_id in mine}
    for one in tx.find(Member, {"SessionID": list(mine)}):
        members[one.SessionID].append(one)
    return {
        session_id: ExportedSession(
            UserIds={user.UserID: user.shown for user in others[session_id]},
            JoinedAt=here.JoinedAt,
            State=here.State,
            Marks=marks_of(members[session_id], me.UserID),
            Settings=chosen.get(session_id, SessionSettings()),
            Messages={},
        )
        for session_id, here in mine.items()
    }


def lines(tx: Tx, caller: Caller, now: str, before: int) -> Ledger:
    """A part of the ledger: the newest lines before a number."""
    return ledger.ledger(tx, caller, now, before)


def messages(tx: Tx, session_id: str, after: int, head: int) -> dict[str, StoredMessage]:
    """A part of a session, of which the caller is a member: the first messages after a number, up to a head."""
    return history(tx, session_id, head + 1, after, HISTORY_LIMIT).Messages
