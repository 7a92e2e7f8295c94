"""Marks: how far each member has come in a session; and who is typing.

1. A mark is a column of the membership, and only moves forward; one beyond the head is clamped to it.
2. `Delivered` reaches the others always, `Read` and typing only where both sides show theirs. `Told` is the `Read` that
   the others were told: what was told stays told, and a change of settings tells nothing by itself.
3. In a closed session nothing moves that others see: one's own `Read` alone, for one's own devices.
4. Marks and typing are signals; what was lost of the marks is repaired by telling the present ones.
"""

from __future__ import annotations

from collections.abc import Iterable

from .. import protocol
from ..protocol import UNREAD_MOST, IsTyping, Mark, Marks, Nothing
from .accounts import living
from .dispatch import Answer, Caller, Context, handler
from .messages import Message
from .ports import Need, Tx
from .sessions import MEMBER, Member, company_of, member, memberships_of, talking
from .settings import both_show

# ---------------------------------------------------------------------------------------------------------- look-ups


def unread(tx: Tx, me: Member) -> int:
    """How many messages of others lie after one's `Read`, of the session's last UNREAD_MOST numbers."""
    start = max(me.Read, tx.head(me.SessionID) - UNREAD_MOST)
    if start >= tx.head(me.SessionID):
        return 0
    every = tx.count(Message, {"SessionID": me.SessionID}, order="MessageID", above=start)
    mine = tx.count(Message, {"SessionID": me.SessionID, "SenderID": me.UserID}, order="MessageID", above=start)
    return every - mine


def marks_of(members: Iterable[Member], user_id: str) -> dict[str, Marks]:
    """The marks of these members as this user sees them, of who has any."""
    seen = {m.UserID: Marks(_id(m.Delivered), _id(m.Read if m.UserID == user_id else m.Told)) for m in members}
    return {one: marks for one, marks in seen.items() if marks.Delivered or marks.Read}


def present_marks(tx: Tx, user_id: str) -> list[Mark]:
    """Every mark that this user may see, as it is now.

    Without `Unread`: a message that comes between this reading and the telling would make it wrong.
    """
    members = tx.find(Member, {"SessionID": list(memberships_of(tx, user_id))})
    seen = [(m.SessionID, user, marks) for m in members for user, marks in marks_of([m], user_id).items()]
    return [Mark(SessionID=s, UserID=user, Delivered=m.Delivered, Read=m.Read) for s, user, m in seen]


def _id(number: int) -> str | None:
    return str(number) if number else None


# ---------------------------------------------------------------------------------------------------------- handlers


def _needs(request: protocol.Delivered | protocol.Read | protocol.Typing, caller: Caller) -> Iterable[Need]:
    return [Need(MEMBER, (request.SessionID, caller.UserID)), Need(None, (request.SessionID,))]


@handler(protocol.Delivered, needs=_needs)
def delivered(request: protocol.Delivered, context: Context) -> Answer:
    me = _mine(context, request.SessionID)
    number = _clamped(request.MessageID, context, me)
    if number > me.Delivered and me.State == "active":
        me.Delivered = number
        context.tx.put(me)
        for user_id in (me.UserID, *_company(context, me)):
            context.signal(user_id, Mark(SessionID=me.SessionID, UserID=me.UserID, Delivered=str(number)))
    return Answer(Nothing())


@handler(protocol.Read, needs=_needs)
def read(request: protocol.Read, context: Context) -> Answer:
    me = _mine(context, request.SessionID)
    number = _clamped(request.MessageID, context, me)
    if number <= me.Read:
        return Answer(Nothing())
    reaches = max(number, me.Delivered) if me.State == "active" else me.Delivered
    news = str(number) if reaches > me.Delivered else None
    me.Read, me.Delivered = number, reaches
    _tell_readers(context, me, news)
    context.tx.put(me)
    left = unread(context.tx, me)
    mine = Mark(SessionID=me.SessionID, UserID=me.UserID, Delivered=_id(me.Delivered), Read=str(number), Unread=left)
    context.signal(me.UserID, mine)
    return Answer(Nothing())


def _mine(context: Context, session_id: str) -> Member:
    """The caller's membership. Raises Refused; a deleted account moves nothing that the others still see."""
    me = member(context.tx, session_id, context.caller.UserID)
    if me.State != "active":
        living(context.tx, me.UserID)
    return me


def _clamped(message_id: str, context: Context, me: Member) -> int:
    return min(int(message_id), context.tx.head(me.SessionID))


def _tell_readers(context: Context, me: Member, delivered: str | None) -> None:
    """Others hear that it was read where both show it, else no more than that it was delivered, if that is news."""
    for other in _company(context, me):
        mark = Mark(SessionID=me.SessionID, UserID=me.UserID, Delivered=delivered)
        if both_show(context.tx, "Receipts", me.SessionID, me.UserID, other):
            me.Told = me.Read
            mark.Read = str(me.Read)
        if mark.Delivered or mark.Read:
            context.signal(other, mark)


def _company(context: Context, me: Member) -> list[str]:
    """Who may hear of a member: in a closed session nobody."""
    if me.State != "active":
        return []
    return [m.UserID for m in company_of(context.tx, [me.SessionID], me.UserID)]


@handler(protocol.Typing, needs=_needs)
def typing(request: protocol.Typing, context: Context) -> Answer:
    me = talking(context.tx, request.SessionID, context.caller.UserID)
    for other in _company(context, me):
        if both_show(context.tx, "Typing", me.SessionID, me.UserID, other):
            context.signal(other, IsTyping(SessionID=me.SessionID, UserID=me.UserID))
    return Answer(Nothing())
