"""Invitations: nobody can write to you until you say yes, and a no cannot be told from silence.

1. One record for each unordered pair of users; it holds who asked, until when, and the pair's one session.
2. What is true and what the asker sees are two facts: a declined asking looks like an open one until it lapses.
3. Two who ask each other have both said yes. A command that is repeated gives the same result and no second event.
4. Who takes no invitations from the asker is not shown one: a *shadow*, which the asker cannot tell from an open one.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from ..protocol import INVITATION_DAYS, Asked, Invite, Nothing, PopUp, Request, Resolved, Search, encode
from ..protocol import Asking as AskingView
from ..protocol import Invitation as InvitationView
from ..protocol import Session as SessionFrame
from .accounts import USER, User, holder, living
from .dispatch import Answer, Context, Refused, handler
from .ports import Index, Key, Record, Tx
from .sessions import begin, close, seen_by
from .settings import takes_invitations


class Pair(Record):
    """Two users, the smaller UserID first. `AskedSeq`, `PopUpSeq`: where the last asking stands in their streams."""

    table: ClassVar[str] = "Pairs"
    First: str
    Second: str
    State: Literal["pending", "declined", "shadow", "cancelled", "active", "closed"]
    Asker: str
    Asked: str
    Rev: int
    Lapses: str
    AskedSeq: int
    PopUpSeq: int
    SessionID: str | None


OPEN = ("pending", "declined", "shadow")
"""The states that an asker sees as one: sent, and not answered."""

PAIR = Key(Pair, "First", "Second")
PAIR_SESSION = Key(Pair, "SessionID", name="PairSessions", where="SessionID IS NOT NULL")
Index(Pair, "AskedBy", "Asker", "State")
Index(Pair, "AskedOf", "Asked", "State")


# ---------------------------------------------------------------------------------------------------------- look-ups


def pair_of(tx: Tx, one: str, other: str) -> Pair | None:
    """The record of two users, locked."""
    pair = tx.get(PAIR, *sorted((one, other)))
    if pair:
        tx.lock(pair)
    return pair


def is_open(pair: Pair | None, now: str) -> bool:
    """Whether an asking stands, answered silently or not at all, and has not lapsed."""
    return pair is not None and pair.State in OPEN and now < pair.Lapses


def waiting_for(tx: Tx, user_id: str, now: str) -> list[InvitationView]:
    """The invitations that this user may answer, the oldest first."""
    pairs = [p for p in tx.find(Pair, {"Asked": user_id, "State": "pending"}) if is_open(p, now)]
    names = _names(tx, [p.Asker for p in pairs])
    views = [InvitationView(p.PopUpSeq, names[p.Asker], p.Rev, p.Lapses) for p in pairs]
    return sorted(views, key=lambda view: view.Seq)


def asked_by(tx: Tx, user_id: str, now: str) -> list[AskingView]:
    """This user's own open askings, as the asker sees them: a silent no is still `sent`."""
    pairs = [p for p in tx.find(Pair, {"Asker": user_id, "State": list(OPEN)}) if is_open(p, now)]
    names = _names(tx, [p.Asked for p in pairs])
    views = [AskingView(p.AskedSeq, names[p.Asked], "sent", p.Lapses) for p in pairs]
    return sorted(views, key=lambda view: view.Seq)


def pop_ups(tx: Tx, user_id: str, now: str) -> list[bytes]:
    """The frames that a core socket begins with."""
    views = waiting_for(tx, user_id, now)
    return [encode(PopUp(Seq=v.Seq, UserName=v.UserName, Rev=v.Rev, Lapses=v.Lapses)) for v in views]


def _names(tx: Tx, user_ids: list[str]) -> dict[str, str]:
    return {u.UserID: u.Username for u in tx.find(User, {"UserID": user_ids})}


# ---------------------------------------------------------------------------------------------------------- handlers


@handler(Search)
def search(request: Search, context: Context) -> Answer:
    me = living(context.tx, context.caller.UserID).UserID
    other = holder(context.tx, request.Username)
    if other is not None and other.UserID == me:
        raise Refused("self", "Username")
    pair = pair_of(context.tx, me, other.UserID) if other else None
    if pair and pair.State == "active":
        return _existing(context, pair)
    if pair and is_open(pair, context.stamp):  # Who is asked and asks back has said yes.
        return _asked(other, pair) if pair.Asker == me else _accept(context, pair)
    if other is None or other.DeletedAt is not None:
        raise Refused("user_not_found", "Username")
    return _ask(context, other, pair)


def _ask(context: Context, other: User, pair: Pair | None) -> Answer:
    """A new asking: own devices see it, the other one gets the pop-up."""
    me, tx, lapses = context.caller, context.tx, context.later(days=INVITATION_DAYS)
    rev = pair.Rev + 1 if pair else 1
    asked_seq = context.emit(me.UserID, Invite(Username=other.Username, State="sent", Lapses=lapses))
    taken = takes_invitations(tx, other.UserID)
    pop_up_seq = context.emit(other.UserID, PopUp(UserName=me.Username, Rev=rev, Lapses=lapses)) if taken else 0
    first, second = sorted((me.UserID, other.UserID))
    state: Literal["pending", "shadow"] = "pending" if taken else "shadow"
    new = Pair(first, second, state, me.UserID, other.UserID, rev, lapses, asked_seq, pop_up_seq, None)
    (tx.put if pair else tx.add)(new)
    return _asked(other, new)


def _asked(other: User | None, pair: Pair) -> Answer:
    """What the asker sees: the same for an open asking and for one that was silently declined."""
    assert other is not None, "a pair is of two users"
    return Answer(Asked(other.Username, "sent", pair.Lapses))


def _existing(context: Context, pair: Pair) -> Answer:
    """The session that there is already: to the asking socket alone."""
    assert pair.SessionID is not None, "an active pair has its session"
    begun = seen_by(context.tx, pair.SessionID, context.caller.UserID)
    return Answer(begun, instead=encode(SessionFrame(SessionID=begun.SessionID, Users=begun.Users)))


def _accept(context: Context, pair: Pair) -> Answer:
    """The session begins, in this transaction."""
    _resolve(context, pair, "accepted")
    pair.State = "active"
    pair.SessionID = begin(context, pair.Asked, pair.Asker)
    context.tx.put(pair)
    return Answer(seen_by(context.tx, pair.SessionID, context.caller.UserID))


def _resolve(context: Context, pair: Pair, result: Literal["accepted", "declined", "cancelled"]) -> None:
    """The pop-up closes on every device of the one who was asked."""
    asker = context.tx.get(USER, pair.Asker)
    assert asker is not None, "users are never removed"
    context.emit(pair.Asked, Resolved(UserName=asker.Username, Result=result))


@handler(Request)
def answer(request: Request, context: Context) -> Answer:
    asker = holder(context.tx, request.username)
    me = living(context.tx, context.caller.UserID).UserID
    pair = pair_of(context.tx, me, asker.UserID) if asker and asker.UserID != me else None
    if pair is None:
        raise Refused("no_invitation", "username")
    if pair.State == "active":
        return _existing(context, pair)
    if pair.Asker == me or pair.State == "shadow":
        raise Refused("no_invitation", "username")
    if not is_open(pair, context.stamp) or request.Rev not in (None, pair.Rev):
        raise Refused("gone", "username")
    return _accept(context, pair) if request.Accepted else _decline(context, pair)


def _decline(context: Context, pair: Pair) -> Answer:
    """A no: one's own devices hear it, the asker hears nothing."""
    if pair.State == "pending":
        _resolve(context, pair, "declined")
        pair.State = "declined"
        context.tx.put(pair)
    return Answer(Nothing())


def end_all(context: Context, user: User) -> None:
    """The user is gone: what they asked is cancelled, what they were asked runs to its lapse, sessions close."""
    for pair in context.tx.find(Pair, {"Asker": user.UserID}) + context.tx.find(Pair, {"Asked": user.UserID}):
        if pair.State == "active" and pair.SessionID is not None:
            pair.State = "closed"
            close(context, pair.SessionID, user.UserID, {user.UserID: user.shown})
        elif pair.Asker == user.UserID and is_open(pair, context.stamp):
            if pair.State == "pending":
                _resolve(context, pair, "cancelled")
            pair.State = "cancelled"
        context.tx.put(pair)
