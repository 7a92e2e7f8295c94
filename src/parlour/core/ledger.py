"""The ledger of consent: who did what, when, and how; each person's own, as that person may see it.

1. A line stands under the number of the event by which its person heard of it: it tells nothing that the stream has
   not told.
2. Lines are only added. They go with their person's account.
"""

from __future__ import annotations

from typing import ClassVar

from ..protocol import LEDGER_LINES, Consent, Deed, Ledger, Way
from .accounts import User
from .dispatch import Caller, Context
from .pairs import declined_by, pairs_of
from .ports import Key, Record, Tx


class Line(Record):
    """One line of a person's ledger. `Mine`: whether it is the person's own deed; `Other`: whom it is about."""

    table: ClassVar[str] = "Ledger"
    UserID: str
    Seq: int
    At: str
    Mine: int
    Did: Deed
    Other: str | None = None
    How: Way | None = None
    Note: str | None = None


LINE = Key(Line, "UserID", "Seq")


def mine(context: Context, user_id: str, seq: int, did: Deed, other: str | None, how: Way | None = None) -> Line:
    """A deed of this user's own, under the number of its event."""
    return _add(context, Line(user_id, seq, context.stamp, 1, did, other, how))


def theirs(context: Context, user_id: str, seq: int, did: Deed, other: str, how: Way | None = None) -> Line:
    """What somebody else did, as this user sees it."""
    return _add(context, Line(user_id, seq, context.stamp, 0, did, other, how))


def _add(context: Context, line: Line) -> Line:
    context.tx.add(line)
    return line


def speaks_of(tx: Tx, user_id: str, other: str) -> bool:
    """Whether this user has ever had to do with the other one, and was told so."""
    return bool(tx.find(Line, {"UserID": user_id, "Other": other}, limit=1))


def closed_at(tx: Tx, user_id: str, other: str) -> str:
    """When the conversation of the two was closed last; '' if it never was."""
    lines = tx.find(Line, {"UserID": user_id, "Other": other, "Did": "closed"}, order="Seq", newest=True, limit=1)
    return lines[0].At if lines else ""


def ledger(tx: Tx, caller: Caller, now: str, before: int | None = None) -> Ledger:
    """A person's own ledger, the newest line first: LEDGER_LINES at most, of those that stand before a number."""
    me, limit = caller.UserID, LEDGER_LINES + 1
    lines = tx.find(Line, {"UserID": me}, order="Seq", below=before, newest=True, limit=limit)[::-1]
    names = _names(tx, me, lines)
    undoable = declined_by(tx, me, now)
    return Ledger([_seen(one, names, undoable) for one in lines[:LEDGER_LINES]], len(lines) > LEDGER_LINES)


def _names(tx: Tx, user_id: str, lines: list[Line]) -> dict[str, str]:
    """What the others are called: that somebody left is told to those alone who share a session with them."""
    shared = {pair.other(user_id) for pair in pairs_of(tx, user_id) if pair.SessionID}
    others = tx.find(User, {"UserID": [line.Other for line in lines if line.Other]})
    return {u.UserID: u.shown if u.UserID in shared else u.Username for u in others}


def _seen(line: Line, names: dict[str, str], undoable: dict[str, int]) -> Consent:
    """A line in the person's words. Only the last rejection of somebody can be undone."""
    rev = undoable.pop(line.Other, None) if line.Mine and line.Did == "declined" and line.Other else None
    return Consent(
        Seq=line.Seq,
        At=line.At,
        By="me" if line.Mine else "them",
        Did=line.Did,
        UserName=names[line.Other] if line.Other else None,
        How=line.How,
        Note=line.Note,
        Undo=rev is not None,
        Rev=rev,
    )
