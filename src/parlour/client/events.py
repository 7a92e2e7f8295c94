"""What the iterator of a client gives, and what a client knows of a session.

1. Everything here is a value: it is made once and never changes.
2. Messages, invitations and sessions come from numbered streams: each is given once, in order. `Status`, `Typing` and
   `Mark` are signals: only the newest counts, and one may be skipped.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the server told."""


class Message(Fact, frozen=True, kw_only=True):
    """Something said in a session. `number` is its MessageID; `mine`: I said it, on this or another device."""

    session: str
    number: int
    data: str
    sender: str
    mine: bool
    time_stamp: str
    received_at: str
    nonce: str | None = None


class Invitation(Fact, frozen=True, kw_only=True):
    """`username` wants to talk to me. Answer with `client.accept` or `client.reject`.

    `note`: what they wrote, plain text. `quiet`: too many have asked me; it is listed, and not worth an alert.
    """

    username: str
    rev: int
    lapses: str
    note: str | None = None
    quiet: bool = False


class InvitationResolved(Fact, frozen=True, kw_only=True):
    """An invitation to me is over.

    `result`: "accepted" or "declined" (by me, maybe elsewhere), "cancelled" (they took it back), "blocked" (I block
    them), or "" if nobody can know any more.
    """

    username: str
    result: str


class Asking(Fact, frozen=True, kw_only=True):
    """My own asking of `username`, as I see it.

    `state`: "sent" while it stands, "declined" if they chose to tell me, "none" when it is over. A no that is not told
    looks as if there were no answer.
    """

    username: str
    state: str
    lapses: str


class Blocked(Fact, frozen=True, kw_only=True):
    """I block this user, or do so no more."""

    username: str
    blocked: bool


class OwnLink(Fact, frozen=True, kw_only=True):
    """A link of mine. `link` is its name, and opens nothing.

    `state`: "open", "used", "revoked" (I took it back), or "" if it is over and nobody can know how.
    """

    link: str
    state: str
    lapses: str


class SessionBegun(Fact, frozen=True, kw_only=True):
    """A session has begun. `users`: the others, names by ids. `again`: it was closed, and is open again."""

    session: str
    users: dict[str, str]
    again: bool = False


class SessionClosed(Fact, frozen=True, kw_only=True):
    """Nothing can be said in this session any more, unless both agree again. What was said can be read."""

    session: str


class Status(Fact, frozen=True, kw_only=True):
    """Somebody I share a session with came or went."""

    user: str
    online: bool


class Typing(Fact, frozen=True, kw_only=True):
    """Somebody is writing."""

    session: str
    user: str


class Mark(Fact, frozen=True, kw_only=True):
    """How far `user` has got in a session: messages up to these numbers. `unread` stands beside my own marks alone."""

    session: str
    user: str
    delivered: int | None = None
    read: int | None = None
    unread: int | None = None


class Settings(Fact, frozen=True, kw_only=True):
    """My settings changed, for a session or for all; `changed` holds them as the protocol names them."""

    session: str | None
    changed: dict[str, object]


class Anew(Fact, frozen=True, kw_only=True):
    """The server's data are others than before (a backup was restored): what was given until now may not be there."""

    epoch: str


Event = (
    Message
    | Invitation
    | InvitationResolved
    | Asking
    | Blocked
    | OwnLink
    | SessionBegun
    | SessionClosed
    | Status
    | Typing
    | Mark
    | Settings
    | Anew
)
Signal = Status | Typing | Mark


class Session(Fact, frozen=True, kw_only=True):
    """A conversation. `users`: the others, names by ids."""

    id: str
    users: dict[str, str]
    state: Literal["active", "closed"] = "active"


class NewLink(Fact, frozen=True, kw_only=True):
    """A link that I made: `text` is what I give to somebody, and is told this once; `link` is its name."""

    text: str
    link: str
    lapses: str


class Deed(Fact, frozen=True, kw_only=True):
    """A line of my ledger of consent: what I or the other one did, when, and how.

    `number`: where it stands in my stream. `undo`: a rejection that I can still take back.
    """

    number: int
    at: str
    mine: bool
    did: str
    username: str | None = None
    how: str | None = None
    note: str | None = None
    undo: bool = False


class Login(Fact, frozen=True, kw_only=True):
    """A device that is logged in as me; `current`: this one."""

    id: str
    created_at: str
    used_at: str
    agent: str
    current: bool


class Place(Fact, frozen=True, kw_only=True):
    """Where a message is stored."""

    session: str
    number: int


class Position(msgspec.Struct, kw_only=True):
    """How far a client has got: the numbers of the last events that its iterator gave. As it is: the very beginning.

    `msgspec.json.encode(client.position)` can be kept, and given to the next `Client` as `since`.
    """

    Epoch: str = ""
    Me: int = 0
    Sessions: dict[str, int] = {}
