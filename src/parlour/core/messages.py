"""Messages: what is said in a session.

1. A message's `MessageID` is its number in its session's stream; the table is that stream, as far as messages go.
2. (SessionID, Sender, Nonce) is sent once, however often it is repeated; a repeat is answered with the first delivery.
3. `data` and `TimeStamp` are kept and delivered exactly as sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import ClassVar

import msgspec

from .. import protocol
from ..protocol import DATA_BYTES, DATA_CHARACTERS, HISTORY_LIMIT, History, Messgae, Sent, StoredMessage
from .dispatch import Answer, Caller, Context, Refused, handler
from .ports import Key, Need, Streamed, Tx
from .sessions import MEMBER, member

# Only white space, format characters (category Cf) and four letters that show nothing: nobody would see a message.
BLANK = re.compile(
    r"[\s\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    r"\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    r"\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f\u3164\u115f\u1160\u2800]*\Z"
)


class Message(Streamed):
    """Something said, in the owner's columns."""

    table: ClassVar[str] = "Messages"
    rowid: ClassVar[bool] = True
    stream_column: ClassVar[str] = "SessionID"
    number_column: ClassVar[str] = "MessageID"
    SessionID: str
    MessageID: int
    SenderID: str
    Data: str
    TimeStamp: str
    ReceivedAt: str
    Nonce: str | None

    @property
    def stream(self) -> str:
        return self.SessionID

    @property
    def number(self) -> int:
        return self.MessageID

    @property
    def kind(self) -> str:
        return "Message"

    def frame(self) -> bytes:
        return protocol.delivery(self.SessionID, self.MessageID, delivered(self))


MESSAGE = Key(Message, "SessionID", "MessageID")
NONCE = Key(Message, "Nonce", "SessionID", "SenderID", name="Nonces", where="Nonce IS NOT NULL")


# ---------------------------------------------------------------------------------------------------------- look-ups


def shows_nothing(text: str) -> bool:
    """Whether nobody would see anything of a text."""
    return BLANK.match(text) is not None


def delivered(row: Message) -> StoredMessage:
    """A stored message as everybody sees it."""
    return StoredMessage(row.Data, row.TimeStamp, row.SenderID, row.ReceivedAt, row.Nonce)


def newest(tx: Tx, session_id: str, limit: int) -> tuple[dict[str, StoredMessage], bool]:
    """The newest messages of a session in order, and whether older ones exist."""
    page = history(tx, session_id, None, None, limit)
    return page.Messages, page.More


def last_of(tx: Tx, session_id: str) -> Message | None:
    """The newest message of a session."""
    rows = tx.find(Message, {"SessionID": session_id}, order="MessageID", newest=True, limit=1)
    return rows[0] if rows else None


def history(tx: Tx, session_id: str, before: int | None, after: int | None, limit: int) -> History:
    """A page: the first ones after `after`, else the last ones before `before`, else the newest."""
    rows = tx.find(
        Message,
        {"SessionID": session_id},
        order="MessageID",
        above=after,
        below=before,
        newest=after is None,
        limit=limit + 1,
    )
    more = len(rows) > limit
    if more:
        del rows[-1 if after is not None else 0]
    return History({str(row.MessageID): delivered(row) for row in rows}, more)


class Page(msgspec.Struct):
    """A question for a page of a session."""

    SessionID: str
    before: int | None
    after: int | None
    limit: int


# ---------------------------------------------------------------------------------------------------------- handlers


def judge(body: protocol.MessageBody, user_id: str) -> None:
    """Refuse what cannot be said. Raises Refused."""
    if len(body.data) > DATA_CHARACTERS or (not body.data.isascii() and len(body.data.encode()) > DATA_BYTES):
        raise Refused("too_long", "Message.data")
    if not "!" <= body.data[:1] <= "~" and BLANK.match(body.data):
        raise Refused("empty", "Message.data")
    if body.Sender is not None and body.Sender != user_id:
        raise Refused("not_you", "Message.Sender")
    if body.TimeStamp is not None and body.TimeStamp[8:10] > "28":
        _judge_day(body.TimeStamp)


def _judge_day(stamp: str) -> None:
    try:
        date.fromisoformat(stamp[:10])
    except ValueError:
        raise Refused("malformed", "Message.TimeStamp") from None


def _needs(request: protocol.Message, caller: Caller) -> Iterable[Need]:
    needs = [Need(MEMBER, (request.SessionID, caller.UserID)), Need(None, (request.SessionID,))]
    if request.Nonce is not None:
        needs.append(Need(NONCE, (request.Nonce, request.SessionID, caller.UserID)))
    return needs


@handler(protocol.Message, Messgae, needs=_needs)
def send(request: protocol.Message, context: Context) -> Answer:
    body = request.Message
    judge(body, context.caller.UserID)
    me = member(context.tx, request.SessionID, context.caller.UserID)
    if request.Nonce is not None:
        first = context.tx.get(NONCE, request.Nonce, request.SessionID, context.caller.UserID)
        if first is not None:
            return _again(first, body)
    if me.State != "active":
        raise Refused("closed", "SessionID")
    row = Message(
        SessionID=request.SessionID,
        MessageID=context.tx.next(request.SessionID),
        SenderID=context.caller.UserID,
        Data=body.data,
        TimeStamp=body.TimeStamp or context.stamp,
        ReceivedAt=context.stamp,
        Nonce=request.Nonce,
    )
    context.append(row)
    return Answer(Sent(row.SessionID, str(row.MessageID)))


def _again(first: Message, body: protocol.MessageBody) -> Answer:
    if first.Data != body.data:
        raise Refused("nonce_reused", "Nonce")
    return Answer(Sent(first.SessionID, str(first.MessageID)), repeat=first.frame())


def page(question: Page, tx: Tx, caller: Caller) -> History:
    """A page of a session for one of its members. Raises Refused `not_found`, `malformed`."""
    for name, number, least in (("before", question.before, 0), ("after", question.after, 0)):
        if number is not None and number < least:
            raise Refused("malformed", name)
    if not 1 <= question.limit <= HISTORY_LIMIT:
        raise Refused("malformed", "limit")
    member(tx, question.SessionID, caller.UserID)
    return history(tx, question.SessionID, question.before, question.after, question.limit)
