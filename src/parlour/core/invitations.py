"""Invitations: nobody can write to you until you say yes, and a no cannot be told from silence.

1. Where a command leads stands in the table of pairs.py; here is what each step does.
2. All ways of asking read and write the same: what must not be seen goes to a stream that nobody reads.
3. Two who ask each other have both said yes. A command that is repeated gives the same result and no second event.
4. A budget is spent before anything is told that it protects.
"""

from __future__ import annotations

from typing import Literal

from ..protocol import (
    INVITATION_DAYS,
    WHY_GONE,
    Asked,
    Begun,
    Cancel,
    Invite,
    Nothing,
    PopUp,
    Request,
    Resolved,
    Search,
    Way,
    encode,
)
from ..protocol import Asking as AskingView
from ..protocol import Invitation as InvitationView
from ..protocol import Session as SessionFrame
from . import budgets, filters, ledger
from .accounts import USER, User, holder, living
from .dispatch import Answer, Context, Refused, after, handler
from .messages import shows_nothing
from .pairs import ASKING, OPEN, SHOWN, Asking, Command, Pair, State, inbox, names_of, next_of, pair_of, seen, unseen
from .ports import Tx
from .sessions import begin, seen_by

HELD = 200
"""Invitations without a pop-up that are listed."""
POP_UPS = 50
"""Pop-ups that a core socket begins with."""
QUIET = "Quiet"
"""The kind of an event that lists an invitation and makes no pop-up: a core socket is not sent it."""
Result = Literal["accepted", "declined", "cancelled", "blocked"]


# ---------------------------------------------------------------------------------------------------------- look-ups


def waiting_for(tx: Tx, user_id: str, now: str) -> list[InvitationView]:
    """The invitations that this user may answer, the oldest first; of those that are held, HELD at most."""
    pairs = tx.find(Pair, {"Asked": user_id, "State": "pending"}, order="Lapses", above=now)
    pairs += tx.find(Pair, {"Asked": user_id, "State": "held"}, order="Lapses", above=now, limit=HELD)
    names = names_of(tx, [p.Asker for p in pairs])
    views = [InvitationView(p.PopUpSeq, names[p.Asker], p.Rev, p.Lapses, p.Note, p.State == "held") for p in pairs]
    return sorted(views, key=lambda view: view.Seq)


def asked_by(tx: Tx, user_id: str, since: str) -> list[AskingView]:
    """This user's own askings that lapse after `since`, as the asker sees them: a silent no is still `sent`."""
    askings = tx.find(Asking, {"UserID": user_id}, order="Lapses", above=since)
    names = names_of(tx, [one.Of for one in askings])
    return sorted((AskingView(one.Seq, names[one.Of], one.State, one.Lapses) for one in askings), key=lambda v: v.Seq)


def pop_ups(tx: Tx, user_id: str, now: str) -> list[bytes]:
    """The frames that a core socket begins with: POP_UPS at most, those that are held last."""
    views = sorted(waiting_for(tx, user_id, now), key=lambda view: view.Quiet)[:POP_UPS]
    return [encode(PopUp(Seq=v.Seq, UserName=v.UserName, Rev=v.Rev, Lapses=v.Lapses, Note=v.Note)) for v in views]


# ------------------------------------------------------------------------------------------------------------- asking


@handler(Search)
def search(request: Search, context: Context) -> Answer:
    tx, me = context.tx, living(context.tx, context.caller.UserID).UserID
    other = holder(tx, request.Username)
    if other is not None and other.UserID == me:
        raise Refused("self", "Username")
    if request.Note is not None and shows_nothing(request.Note):
        raise Refused("empty", "Note")
    pair = pair_of(tx, me, other.UserID) if other else None
    budgets.spend(context, me, "lookups", context.limits.lookups)
    if other is not None and filters.blocks(tx, me, other.UserID):
        raise Refused("you_blocked", "Username")
    step = next_of(pair, "search", me, context.stamp)
    if pair and step == "same":
        return existing(context, pair) if pair.State == "active" else _asked(tx, pair)
    if pair and other and step == "active" and _may_meet(tx, me, other):
        return Answer(agree(context, pair, "mutual"))
    if other is None or other.DeletedAt is not None:
        budgets.overdraw(context, me, "lookups", context.limits.lookups)
        raise Refused("user_not_found", "Username")
    _judge_askings(context, me)
    budgets.spend(context, me, "invitations", context.limits.invitations)
    return _ask(context, other, pair, request.Note)


def _judge_askings(context: Context, me: str) -> None:
    """Refuse one open asking too many, until the first of them lapses. Raises Refused `slow_down`."""
    most, now = context.limits.askings, context.stamp
    mine = context.tx.find(Pair, {"Asker": me, "State": list(OPEN)}, order="Lapses", above=now, limit=most)
    if len(mine) == most:
        raise Refused("slow_down", retry_after=context.until(mine[0].Lapses))


def _ask(context: Context, other: User, pair: Pair | None, note: str | None) -> Answer:
    """A new asking: own devices see it, the other one gets the pop-up, or nobody does."""
    me, tx, lapses = context.caller, context.tx, context.later(days=INVITATION_DAYS)
    state = _state_of_new(context, other.UserID, pair)
    inbox = unseen(other.UserID) if state == "shadow" else other.UserID
    rev, session_id = (pair.Rev + 1, pair.SessionID) if pair else (1, None)
    asked_seq = context.emit(me.UserID, Invite(Username=other.Username, State="sent", Lapses=lapses))
    pop_up = PopUp(UserName=me.Username, Rev=rev, Lapses=lapses, Note=note, Quiet=state == "held")
    pop_up_seq = context.emit(inbox, pop_up, QUIET if state == "held" else None)
    first, second = sorted((me.UserID, other.UserID))
    shown_seq = 0 if state == "shadow" else pop_up_seq
    new = Pair(first, second, state, me.UserID, other.UserID, rev, lapses, shown_seq, session_id, note)
    tx.put(new)
    tx.put(Asking(me.UserID, other.UserID, asked_seq, "sent", lapses))
    ledger.mine(context, me.UserID, asked_seq, "asked", other.UserID).Note = note
    ledger.theirs(context, inbox, pop_up_seq, "asked", me.UserID)
    return _asked(tx, new)


def _state_of_new(context: Context, other: str, pair: Pair | None) -> State:
    """Whether an asking reaches the other one. Everything is looked up and written alike, whatever it comes to."""
    tx, now = context.tx, context.stamp
    hidden = filters.holds_back(tx, other, context.caller.UserID, now, pair is not None and pair.SessionID is not None)
    waiting = tx.count(Pair, {"Asked": other, "State": "pending"}, order="Lapses", above=now)
    room = waiting < context.limits.requests and not _rings_again(context, pair)
    payer = unseen(other) if hidden else other
    alerted = budgets.spend_if(context, room, payer, "alerts", context.limits.alerts)
    return "shadow" if hidden else "pending" if alerted else "held"


def _rings_again(context: Context, pair: Pair | None) -> bool:
    """Whether the asker took an asking of the last 24 hours back: one account must not use up all of somebody's
    pop-ups."""
    if pair is None or pair.Asker != context.caller.UserID or pair.State != "cancelled":
        return False
    return context.stamp < after(pair.Lapses, 1 - INVITATION_DAYS)


def _asked(tx: Tx, pair: Pair) -> Answer:
    """What the asker sees: the same for an open asking and for one that was silently declined."""
    return Answer(Asked(_user(tx, pair.Asked).Username, "sent", pair.Lapses), ahead=True)


def existing(context: Context, pair: Pair) -> Answer:
    """The session that there is already: to the asking socket alone."""
    assert pair.SessionID is not None, "an active pair has its session"
    begun = seen_by(context.tx, pair.SessionID, context.caller.UserID)
    return Answer(begun, instead=encode(SessionFrame(SessionID=begun.SessionID, Users=begun.Users)))


# ---------------------------------------------------------------------------------------------------------- answering


@handler(Request)
def answer(request: Request, context: Context) -> Answer:
    asker = holder(context.tx, request.username)
    me = living(context.tx, context.caller.UserID).UserID
    pair = pair_of(context.tx, me, asker.UserID) if asker and asker.UserID != me else None
    command: Command = "accept" if request.Accepted else "tell" if request.Tell else "decline"
    step = next_of(pair, command, me, context.stamp)
    if asker and step == "active" and not _may_meet(context.tx, me, asker):
        step = "no_invitation"
    if pair is None or step == "no_invitation":
        raise Refused("no_invitation", "username")
    if pair.State == "active":
        return existing(context, pair)
    if step == "gone" or request.Rev not in (None, pair.Rev):
        raise _over(context, pair, step, "username")
    if step == "active":
        return Answer(agree(context, pair, "invitation"))
    if step in ("declined", "told"):
        _decline(context, pair, told=step == "told")
    return Answer(Nothing())


def _may_meet(tx: Tx, me: str, other: User) -> bool:
    """Whether a yes counts. What had lapsed when one of the two blocked the other, or left, was not ended by that: a
    clock that is set back must not open it again."""
    return other.DeletedAt is None and not filters.apart(tx, me, other.UserID)


def agree(context: Context, pair: Pair, how: Way) -> Begun:
    """Both have said yes, the second of them now: the session begins, or opens again, in this transaction."""
    me, other = context.caller.UserID, pair.other(context.caller.UserID)
    if pair.State in SHOWN and context.stamp < pair.Lapses:
        resolve(context, pair, "accepted")
    filters.end_pauses(context, me, other)
    for user_id, of in ((me, other), (other, me)):
        _end_asking(context.tx, user_id, of)
    started = begin(context, pair.SessionID, me, other)
    pair.State, pair.SessionID = "active", started.SessionID
    context.tx.put(pair)
    ledger.mine(context, me, started.Seqs[me], "accepted", other, how)
    ledger.theirs(context, other, started.Seqs[other], "accepted", me, how)
    return seen_by(context.tx, started.SessionID, me)


def resolve(context: Context, pair: Pair, result: Result) -> int:
    """The pop-up closes on every device of the one who was asked. Gives the number of the event."""
    name = _user(context.tx, pair.Asker).Username
    return context.emit(inbox(pair), Resolved(UserName=name, Result=result))


def _decline(context: Context, pair: Pair, told: bool) -> None:
    """A no: one's own devices hear it, the asker only if one says so."""
    if pair.State in SHOWN:
        seq = resolve(context, pair, "declined")
        ledger.mine(context, pair.Asked, seq, "declined", pair.Asker)
        filters.pause(context, pair.Asked, pair.Asker)
    if told:
        name = _user(context.tx, pair.Asked).Username
        seq = context.emit(pair.Asker, Invite(Username=name, State="declined", Lapses=pair.Lapses))
        ledger.theirs(context, pair.Asker, seq, "declined", pair.Asked)
        context.tx.put(Asking(pair.Asker, pair.Asked, seq, "declined", pair.Lapses))
    pair.State = "told" if told else "declined"
    context.tx.put(pair)


# ---------------------------------------------------------------------------------------------------------- cancelling


@handler(Cancel)
def cancel(request: Cancel, context: Context) -> Answer:
    other = holder(context.tx, request.Username)
    me = living(context.tx, context.caller.UserID).UserID
    pair = pair_of(context.tx, me, other.UserID) if other and other.UserID != me else None
    step = next_of(pair, "cancel", me, context.stamp)
    if pair and step == "cancelled":
        take_back(context, pair)
    elif pair and step == "gone":
        raise _over(context, pair, step, "Username")
    elif step != "same":
        raise Refused(step, "Username")
    return Answer(Nothing(), ahead=True)


def _over(context: Context, pair: Pair, step: str, field: str) -> Refused:
    """The refusal of an invitation that is over, and why; a `step` other than `gone`: another one stands now."""
    found = seen(pair, context.caller.UserID, context.stamp) if step == "gone" else "replaced"
    return Refused("gone", field, why=WHY_GONE[found])


def take_back(context: Context, pair: Pair) -> None:
    """The asker takes an open asking back: the same steps, whatever became of it."""
    name = _user(context.tx, pair.Asked).Username
    seq = context.emit(pair.Asker, Invite(Username=name, State="none", Lapses=pair.Lapses))
    ledger.mine(context, pair.Asker, seq, "cancelled", pair.Asked)
    _end_asking(context.tx, pair.Asker, pair.Asked)
    seq = resolve(context, pair, "cancelled")
    ledger.theirs(context, inbox(pair), seq, "cancelled", pair.Asker)
    pair.State = "cancelled"
    context.tx.put(pair)


def _end_asking(tx: Tx, user_id: str, of: str) -> None:
    """This user's asking is not listed any more."""
    row = tx.get(ASKING, user_id, of)
    if row:
        tx.drop(row)


def _user(tx: Tx, user_id: str) -> User:
    user = tx.get(USER, user_id)
    assert user is not None, "users are never removed"
    return user
