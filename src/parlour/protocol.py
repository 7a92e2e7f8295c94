"""The protocol: every frame, body, reply, error and limit, stated once.

1. Validation, routes, OpenAPI, AsyncAPI, the client's types and the tables in `docs/protocol.md` are derived from here.
2. The core types (`Message`, `Search`, `request`, `Session`) are the owner's, field for field; they never change.
3. Clients may not send unknown fields; they must ignore those that they do not know. New fields have defaults.

Words: a *session* is a conversation; a *login* is one device's access; a *stream* is the numbered list of events of one
session or of one user; its *head* is its last number.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType

SUBPROTOCOL = "parlour.v1"

# ------------------------------------------------------------------------------------------------------------ limits

FRAME_BYTES = 65_536
"""Bytes of one frame, in all its fragments, and of one body."""
IN_FLIGHT = 32
"""Requests of one connection in work; then the socket is not read."""
DATA_CHARACTERS = 8_000
"""Characters of `data`."""
DATA_BYTES = 16_384
"""Bytes of `data` in UTF-8."""
PASSWORD_CHARACTERS = (8, 128)
"""Characters of a password after NFC, at least and at most."""
PASSWORD_BYTES = 1_024
"""Bytes of a password in UTF-8."""
RESUME_SESSIONS = 1_000
"""Sessions in one `Resume`."""
RESUME_EVENTS = 1_000
"""Events behind which a stream is still made whole; a stream further behind gets `Reset`."""
HEARTBEAT_SECONDS = 25
"""Seconds between two `Beat`s."""
LOAD_MESSAGES = 50
"""Messages of each session in load and snapshot, and of a page of history, where nothing is asked for."""
LOAD_MESSAGES_MOST = 200
"""Messages of each session that `?messages=` may ask for."""
LOAD_TOTAL = 5_000
"""Messages of one load or snapshot; the newest one of each session is there in any case."""
HISTORY_LIMIT = 200
"""Messages of one page of history."""
INVITATION_DAYS = 14
"""Days until an invitation lapses."""
DIGEST_MINUTES = 30
"""Minutes after which invitations that made no pop-up are shown in one together: a matter of each client."""
LEDGER_LINES = 1_000
"""Lines of one answer of the ledger."""
NOTE_CHARACTERS = 140
"""Characters of the note that goes with an invitation."""
UNREAD_MOST = 1_000
"""Of so many of a session's last numbers the unread messages are counted."""
USED_SECONDS = 3_600
"""Seconds that the `UsedAt` of a login may lie before its last use: it is not written more often."""

USERNAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{1,31}\Z"
RESERVED = frozenset({"admin", "administrator", "system", "support", "everyone", "root", "parlour", "deleted"})
NONCE = r"^[A-Za-z0-9_-]{8,40}\Z"
TIMESTAMP = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)"
    r"(\.[0-9]{1,12})?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])\Z"
)

Number = Annotated[int, Meta(ge=0)]
Position = Annotated[str, Meta(pattern=r"^(0|[1-9][0-9]{0,15})\Z")]
"""A MessageID, or 0 for none: up to where somebody has come in a session."""
Ref = Annotated[
    str, Meta(max_length=40, description="The client's own name for this frame; it comes back in the answer.")
]

# ------------------------------------------------------------------------------------------------------------ errors


class Code(NamedTuple):
    """What a refusal means: its HTTP status and one plain sentence."""

    status: int
    reason: str


CODES: dict[str, Code] = {
    # what is asked for cannot be read
    "malformed": Code(422, "This is not what the protocol asks for here. Correct it and send it again."),
    "unknown_field": Code(422, "There is a field here that the protocol does not know. Leave it out."),
    "unknown_type": Code(422, "The protocol has no frame of this type for this connection."),
    "too_large": Code(413, "This is larger than 64 KiB. Send less at once."),
    "not_json": Code(415, "The body must be plain JSON: send Content-Type: application/json, not compressed."),
    "token_in_url": Code(400, "A token never belongs in an address. It has been revoked: log in again."),
    # accounts
    "username_taken": Code(409, "This username is taken. Choose another one."),
    "username_invalid": Code(
        422,
        "A username has 2 to 32 of A-Z a-z 0-9 . _ - and begins with a letter or digit; a few names are reserved.",
    ),
    "password_weak": Code(422, "Choose a password of 8 to 128 characters that is not commonly used."),
    "wrong_password": Code(401, "The password does not match."),
    "unauthorized": Code(401, "Log in first: there is no valid token here."),
    "csrf": Code(403, "This request does not come from Parlour's own page."),
    "origin": Code(403, "This request comes from a page that may not talk to this server."),
    "wrong_host": Code(421, "This server does not answer to that host name. The operator can set `origins`."),
    # conversations
    "not_found": Code(404, "There is nothing here by this name for you."),
    "user_not_found": Code(404, "There is nobody with this username."),
    "self": Code(422, "That is your own username."),
    "no_invitation": Code(404, "There is no invitation from this user."),
    "gone": Code(410, "This invitation is over."),
    "you_blocked": Code(403, "You have blocked this user. Unblock them first."),
    "closed": Code(409, "This conversation is closed. Nothing more can be said in it."),
    "open": Code(409, "This conversation is open. Only a closed one can be hidden."),
    "not_you": Code(403, "The sender must be yourself."),
    "empty": Code(422, "The message is empty. Write something first."),
    "too_long": Code(422, "The message is too long: at most 8,000 characters and 16 KiB."),
    "nonce_reused": Code(409, "Another message was already sent under this nonce. Use a new one."),
    # the server's own state
    "slow_down": Code(429, "Too much at once. Wait a moment and try again."),
    "unavailable": Code(503, "The server cannot do this now. Try again in a moment."),
    "storage_full": Code(507, "The server's disk is full. Nothing was stored; try again later."),
    "internal": Code(500, "Something went wrong in the server; it has been noted. Nothing was stored."),
    # HTTP alone
    "bad_request": Code(400, "This is not a request that the server understands."),
    "method_not_allowed": Code(405, "This address does not take that method."),
    "headers_too_large": Code(431, "The request's headers are too large."),
    "upgrade_required": Code(426, "This address speaks WebSocket, version 13."),
}

WHY_GONE: dict[str, str] = {
    "cancelled": "This invitation was taken back.",
    "expired": "This invitation has lapsed.",
    "told": "This invitation was declined.",
    "active": "This invitation was accepted.",
    "closed": "This conversation is closed. A new invitation opens it again.",
    "replaced": "This invitation is over; another one stands in its place.",
}
"""What `gone` says of an invitation, by what became of it. Of a link it never says why."""


class Closing(NamedTuple):
    """Why a socket is ended: the code for `parlour.v1`, the code for a core socket, the reason in words."""

    code: int
    core: int
    reason: str


CLOSINGS: dict[str, Closing] = {
    # 4000-4399, 1001, 1011-1013: come back
    "restarting": Closing(4001, 1012, "restarting"),
    "slow_consumer": Closing(4002, 1013, "slow_consumer"),
    "heartbeat": Closing(4003, 1011, "heartbeat"),
    "unavailable": Closing(1013, 1013, "try again later"),
    # 4400-4499 and the rest: do not
    "logged_out": Closing(4401, 1008, "logged_out"),
    "replaced": Closing(4409, 1008, "replaced"),
    "abuse": Closing(4429, 1008, "abuse"),
}

# ------------------------------------------------------------------------------------------- what clients send: bodies


class Body(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A JSON body of a call."""


class Credentials(Body, kw_only=True):
    """Who one is, for `register` and `login`."""

    Username: str
    Password: str


# ------------------------------------------------------------------------------------------- what clients send: frames


class ClientFrame(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, tag=True, gc=False):
    """What a client sends over the socket; its `type` is the name of the frame."""

    Ref: Ref | None = None
    core: ClassVar[bool] = False


class MessageBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What is said: `data` is kept and delivered as sent; a missing `TimeStamp` is the server's."""

    data: str
    TimeStamp: Annotated[str, Meta(pattern=TIMESTAMP)] | None = None
    Sender: str | None = None


class Message(ClientFrame, kw_only=True):
    """Say something in a session. With a `Nonce` it may be repeated for ever: the first delivery is the answer."""

    SessionID: str
    Message: MessageBody
    Nonce: Annotated[str, Meta(pattern=NONCE)] | None = None
    core: ClassVar[bool] = True


class Messgae(Message, tag="Messgae", kw_only=True):
    """`Message` as the owner's text first spelled it: accepted for ever."""


class Search(ClientFrame, kw_only=True):
    """Look for the user with exactly this name and invite them. They see the `Note` with the name."""

    Username: str
    Note: Annotated[str, Meta(max_length=NOTE_CHARACTERS)] | None = None
    core: ClassVar[bool] = True


class Request(ClientFrame, tag="request", kw_only=True):
    """Answer the invitation that `username` sent: 1 accepts, 0 rejects. With `Rev`: that one and no later one.

    A rejection is not told; with `Tell` it is. Accepting what one has rejected in silence undoes the rejection.
    """

    username: str
    Accepted: Annotated[int, Meta(ge=0, le=1)]
    Rev: Number | None = None
    Tell: bool = False
    core: ClassVar[bool] = True


class Cancel(ClientFrame, kw_only=True):
    """Take my invitation to this user back. While I see it as sent, the answer is the same whatever became of it."""

    Username: str


class Block(ClientFrame, kw_only=True):
    """Never hear of this user again: closes our conversation and every invitation between us. They are not told."""

    Username: str


class Unblock(ClientFrame, kw_only=True):
    """Lift my block of this user. Nothing that it ended comes back."""

    Username: str


class Close(ClientFrame, kw_only=True):
    """Close this conversation for all its members. Its history can be read still; a new invitation opens it again."""

    SessionID: str


class Link(ClientFrame, kw_only=True):
    """Make a link that one person may use, once, to begin a conversation with me at once."""


class Unlink(ClientFrame, kw_only=True):
    """Take a link of mine back, by its name or by its whole secret."""

    Link: str


class Redeem(ClientFrame, kw_only=True):
    """Use somebody's link: whoever made it has said yes in advance."""

    Link: str


class Resume(ClientFrame, kw_only=True):
    """Where the client stands in each stream; a stream that no `Resume` has named counts as 0."""

    Epoch: str
    Me: Number
    Sessions: Annotated[dict[str, Number], Meta(max_length=RESUME_SESSIONS)] = {}


class Delivered(ClientFrame, kw_only=True):
    """This device has all messages up to here. The other members hear of it."""

    SessionID: str
    MessageID: Position


class Read(ClientFrame, kw_only=True):
    """I have read up to here. The other members hear of it where both sides send receipts."""

    SessionID: str
    MessageID: Position


class Typing(ClientFrame, kw_only=True):
    """I am typing; to be repeated while it is so. The other members hear of it where both sides show it."""

    SessionID: str


WhoMayInvite = Literal["everyone", "shared", "links", "nobody"]
Switch = bool | UnsetType


class Settings(ClientFrame, kw_only=True):
    """Change what is named, for all sessions or for one; the rest stays. All my devices hear of it, nobody else.

    `WhoMayInvite` is for all alone, `Muted` and `Hidden` are for one session alone, `Hidden` for a closed one.
    """

    SessionID: str | UnsetType = UNSET
    WhoMayInvite: WhoMayInvite | UnsetType = UNSET
    Receipts: Switch = UNSET
    Typing: Switch = UNSET
    Presence: Switch = UNSET
    Muted: Switch = UNSET
    Hidden: Switch = UNSET


class Password(ClientFrame, kw_only=True):
    """Change my password. All my other logins end."""

    Old: str
    New: str


class Revoke(ClientFrame, kw_only=True):
    """End one of my logins, or with `others` all but this one; their sockets close."""

    LoginID: str


class DeleteAccount(ClientFrame, kw_only=True):
    """Delete my account: all logins end, all conversations close, the name is never given again."""

    Password: str


AnyFrame = (
    Message | Messgae | Search | Request | Cancel | Block | Unblock | Close | Link | Unlink | Redeem | Resume
    | Delivered | Read | Typing | Settings | Password | Revoke | DeleteAccount
)  # fmt: skip
CLIENT_FRAMES: tuple[type[ClientFrame], ...] = (
    Message, Messgae, Search, Request, Cancel, Block, Unblock, Close, Link, Unlink, Redeem, Resume, Delivered, Read,
    Typing, Settings, Password, Revoke, DeleteAccount,
)  # fmt: skip

# ------------------------------------------------------------------------------------------- what the server sends


class ServerFrame(msgspec.Struct, kw_only=True, omit_defaults=True, tag=True):
    """What the server sends over the socket."""

    core: ClassVar[bool] = False


class Event(ServerFrame, kw_only=True):
    """A frame that stands in a user's stream under the number `Seq`."""

    Seq: int = 0


class PopUp(Event, tag="Search", kw_only=True):
    """`UserName` wants to talk to you: show the pop-up. `Rev` names this very invitation.

    `Note`: what they wrote, plain text without links. `Quiet`: too many have asked; list it, and show no pop-up.
    """

    UserName: str
    Rev: int
    Lapses: str
    Note: str | None = None
    Quiet: bool = False
    core: ClassVar[bool] = True


InviteState = Literal["sent", "declined", "none"]


class Invite(Event, kw_only=True):
    """My own asking, as I see it. `declined`: they chose to tell me; `none`: I took it back."""

    Username: str
    State: InviteState
    Lapses: str


class Resolved(Event, kw_only=True):
    """An invitation to me is over: close its pop-up on every device."""

    UserName: str
    Result: Literal["accepted", "declined", "cancelled", "blocked"]


class Blocked(Event, kw_only=True):
    """I block this user, or do so no more. My own devices hear of it, nobody else."""

    UserName: str
    Blocked: bool


class Linked(Event, kw_only=True):
    """A link of mine, as all my devices see it: it can be used, it was used, or I took it back."""

    Link: str
    State: Literal["open", "used", "revoked"]
    Lapses: str


class Session(Event, kw_only=True):
    """A session has begun, or has been opened again; `Users` holds the other user."""

    SessionID: str
    Users: dict[str, str]
    core: ClassVar[bool] = True


class Closed(Event, kw_only=True):
    """A session is closed: its history can be read still. `Users`: who is called otherwise from now on."""

    SessionID: str
    Users: dict[str, str] = {}


class SettingsChanged(Event, tag="Settings", kw_only=True):
    """My own settings as far as they changed: for all sessions, or for one. What opens again is no longer `Hidden`."""

    SessionID: str | UnsetType = UNSET
    WhoMayInvite: WhoMayInvite | UnsetType = UNSET
    Receipts: Switch = UNSET
    Typing: Switch = UNSET
    Presence: Switch = UNSET
    Muted: Switch = UNSET
    Hidden: Switch = UNSET


class Mark(ServerFrame, kw_only=True):
    """How far a member has come, as far as it changed. A signal. `Unread`: what is left when I read on."""

    SessionID: str
    UserID: str
    Delivered: str | None = None
    Read: str | None = None
    Unread: int | None = None


class IsTyping(ServerFrame, tag="Typing", kw_only=True):
    """A member is typing. A signal: over after 5 seconds without another one."""

    SessionID: str
    UserID: str


Presence = Literal["Online", "Offline"]


class Status(ServerFrame, kw_only=True):
    """Somebody I share a session with came or went. A signal: never stored."""

    UserID: str
    Status: Presence


class Limits(msgspec.Struct, kw_only=True):
    """What one connection may send: characters of a message, bytes of a frame, requests in work."""

    Message: int = DATA_CHARACTERS
    Frame: int = FRAME_BYTES
    InFlight: int = IN_FLIGHT


class Welcome(ServerFrame, omit_defaults=False, kw_only=True):
    """The first frame of a `parlour.v1` socket. `Heartbeat`: seconds between two `Beat`s."""

    UserID: str
    Username: str
    Epoch: str
    Heartbeat: int = HEARTBEAT_SECONDS
    Limits: Limits


class Resumed(ServerFrame):
    """Everything that was missing has been sent. Peers whom no `Status` names after this are Offline."""


class Reset(ServerFrame, kw_only=True):
    """This session (without `SessionID`: everything) cannot be made whole here: take it from the snapshot anew."""

    SessionID: str | None = None


class Beat(ServerFrame):
    """The server lives."""


class Done(ServerFrame, kw_only=True):
    """The one answer to a frame with a `Ref`, after its commit. The fields of the result stand beside these."""

    Ref: str | None = None


class Error(ServerFrame, kw_only=True):
    """A frame could not be used. The socket lives."""

    Ref: str | None = None
    Code: str
    Reason: str
    Field: str | None = None
    RetryAfter: int | None = None
    core: ClassVar[bool] = True


SERVER_FRAMES: tuple[type[ServerFrame], ...] = (
    PopUp, Invite, Resolved, Blocked, Linked, Session, Closed, SettingsChanged, Mark, IsTyping, Status, Welcome,
    Resumed, Reset, Beat, Done, Error,
)  # fmt: skip


class StoredMessage(msgspec.Struct, omit_defaults=True, gc=False):
    """A stored message, wherever it stands: delivery, load and history hold the same bytes."""

    data: str
    TimeStamp: str
    Sender: str
    ReceivedAt: str
    Nonce: str | None = None


Delivery = dict[str, dict[str, StoredMessage]]
"""`{SessionID: {MessageID: message}}`: the one frame without a `type`."""

# -------------------------------------------------------------------------------------- results: what `Done` carries


class Sent(msgspec.Struct, gc=False):
    """The message's place."""

    SessionID: str
    MessageID: str


class Asked(msgspec.Struct):
    """My invitation, as I see it."""

    Username: str
    State: InviteState
    Lapses: str


class Made(msgspec.Struct):
    """A link: its secret, which is told this once, and begins with the name under which it is listed."""

    Link: str
    Lapses: str


class Begun(msgspec.Struct):
    """The session of the two."""

    SessionID: str
    Users: dict[str, str]


class Nothing(msgspec.Struct):
    """Done, and there is no more to say."""


RESULTS: dict[type[ClientFrame], tuple[type[msgspec.Struct], ...]] = {
    Message: (Sent,),
    Search: (Asked, Begun),
    Request: (Begun, Nothing),
    Cancel: (Nothing,),
    Block: (Nothing,),
    Unblock: (Nothing,),
    Close: (Nothing,),
    Link: (Made,),
    Unlink: (Nothing,),
    Redeem: (Begun,),
    Resume: (Nothing,),
    Delivered: (Nothing,),
    Read: (Nothing,),
    Typing: (Nothing,),
    Settings: (Nothing,),
    Password: (Nothing,),
    Revoke: (Nothing,),
    DeleteAccount: (Nothing,),
}
REFUSALS: dict[type[ClientFrame], tuple[str, ...]] = {
    Message: ("not_found", "closed", "not_you", "empty", "too_long", "nonce_reused"),
    Search: ("self", "you_blocked", "user_not_found", "empty"),
    Request: ("no_invitation", "gone"),
    Cancel: ("no_invitation", "gone"),
    Block: ("self", "user_not_found"),
    Unblock: ("self", "user_not_found"),
    Close: ("not_found",),
    Link: (),
    Unlink: ("not_found",),
    Redeem: ("self", "gone"),
    Resume: (),
    Delivered: ("not_found",),
    Read: ("not_found",),
    Typing: ("not_found", "closed"),
    Settings: ("not_found", "open"),
    Password: ("wrong_password", "password_weak"),
    Revoke: ("not_found",),
    DeleteAccount: ("wrong_password",),
}
"""What a frame may be refused with, beside what any may be (`ANY_FRAME`)."""
ANY_FRAME = ("malformed", "unknown_field", "unauthorized", "slow_down", "unavailable", "storage_full")

# ------------------------------------------------------------------------------------------- replies of the HTTP calls


class Registered(msgspec.Struct):
    """The new user. `Status` is Offline until the first login."""

    UserID: str
    Username: str


class LoggedIn(msgspec.Struct, omit_defaults=True):
    """A login. `Token` is missing where a cookie was set instead."""

    UserID: str
    Username: str
    ExpiresAt: str
    Token: str | None = None


class Marks(msgspec.Struct, omit_defaults=True):
    """How far a member has come: MessageIDs. `Read` of others: the last that they showed."""

    Delivered: str | None = None
    Read: str | None = None


class SessionSettings(msgspec.Struct):
    """What I have set for one session; what is missing is as for all. These are all switches that there are."""

    Receipts: Switch = UNSET
    Typing: Switch = UNSET
    Presence: Switch = UNSET
    Muted: Switch = UNSET
    Hidden: Switch = UNSET


class LoadedSession(msgspec.Struct):
    """A session as `load` shows it. `UserIds`: the other members; `Seq`: the head; `More`: older messages exist.

    `Unread`: others' messages after my own `Read`. `Marks`: by UserID, mine too, of who has any.
    """

    UserIds: dict[str, str]
    Messages: dict[str, StoredMessage]
    Seq: int
    More: bool
    State: Literal["active", "closed"]
    Status: dict[str, Presence]
    Unread: int
    Marks: dict[str, Marks]
    Settings: SessionSettings


Load = dict[str, LoadedSession]


class Asking(msgspec.Struct):
    """An invitation of mine: open, or declined where they told me so. It is listed for 14 days after it lapsed."""

    Seq: int
    Username: str
    State: InviteState
    Lapses: str


class Invitation(msgspec.Struct, omit_defaults=True):
    """An open invitation to me. `Quiet`: it makes no pop-up."""

    Seq: int
    UserName: str
    Rev: int
    Lapses: str
    Note: str | None = None
    Quiet: bool = False


class OpenLink(msgspec.Struct):
    """A link of mine that nobody has used. `Link` names it, and is not its secret."""

    Link: str
    Lapses: str


class OwnSettings(msgspec.Struct):
    """What I have set for all sessions. `Receipts`, `Typing`: missing, and off, until I have answered."""

    WhoMayInvite: WhoMayInvite = "everyone"
    Presence: bool = True
    Receipts: Switch = UNSET
    Typing: Switch = UNSET


class Me(msgspec.Struct):
    """Myself, at the head `Seq` of my own stream."""

    Seq: int
    UserID: str
    Username: str
    Invitations: list[Invitation]
    Asking: list[Asking]
    Blocks: list[str]
    Links: list[OpenLink]
    Settings: OwnSettings


class Snapshot(msgspec.Struct):
    """Everything that a client needs to begin, from one read."""

    Epoch: str
    Me: Me
    Sessions: Load


class History(msgspec.Struct):
    """A page of a session. `More`: the session has more in the direction that was asked for."""

    Messages: dict[str, StoredMessage]
    More: bool


class LoginView(msgspec.Struct):
    """One of my logins. `Agent`: what the device called itself; `Current`: the one that asks."""

    LoginID: str
    CreatedAt: str
    UsedAt: str
    Agent: str
    Current: bool


class Logins(msgspec.Struct):
    """My logins, the one that was used last first."""

    Logins: list[LoginView]


Deed = Literal["asked", "cancelled", "accepted", "declined", "blocked", "unblocked", "closed", "linked", "unlinked"]
Way = Literal["invitation", "mutual", "link"]


class Consent(msgspec.Struct, omit_defaults=True):
    """One line of my ledger: what I or the other one did, when, and how.

    `Seq`: where it stands in my stream. `Undo`: a rejection that I can take back still, by accepting this `Rev`.
    `Note`: what I wrote.
    """

    Seq: int
    At: str
    By: Literal["me", "them"]
    Did: Deed
    UserName: str | None = None
    How: Way | None = None
    Note: str | None = None
    Undo: bool = False
    Rev: int | None = None


class Ledger(msgspec.Struct):
    """What I asked, agreed to, refused and blocked, the newest first. `More`: there are older ones."""

    Ledger: list[Consent]
    More: bool


class ExportedLink(msgspec.Struct):
    """A link of mine, whatever became of it. `Link` names it, and is not its secret."""

    Link: str
    State: Literal["open", "used", "revoked"]
    CreatedAt: str
    Lapses: str


class ExportedSession(msgspec.Struct):
    """A session, as I may see it, with all its messages. `UserIds`: the other members; `Marks`: by UserID, mine too."""

    UserIds: dict[str, str]
    JoinedAt: str
    State: Literal["active", "closed"]
    Marks: dict[str, Marks]
    Settings: SessionSettings
    Messages: dict[str, StoredMessage]


class Export(msgspec.Struct):
    """All that the server holds about me, as far as I may see it, as it was at `At`. `What` says so in words.

    `Invitations`: to me, that I may answer; `Asking`: mine, as I see them; `Links`: also those that are over.
    """

    What: str
    At: str
    UserID: str
    Username: str
    CreatedAt: str
    Settings: OwnSettings
    Logins: list[LoginView]
    Invitations: list[Invitation]
    Asking: list[Asking]
    Blocks: list[str]
    Links: list[ExportedLink]
    Ledger: list[Consent]
    Sessions: dict[str, ExportedSession]


class Problem(msgspec.Struct, omit_defaults=True, kw_only=True):
    """Every error over HTTP (RFC 9457, `application/problem+json`)."""

    type: str = "about:blank"
    status: int
    title: str
    code: str
    field: str | None = None


class Query(NamedTuple):
    """A number that may stand in the query of a call. No default: the call is then as without it."""

    least: int
    most: int
    default: int | None
    summary: str


QUERIES: dict[str, Query] = {
    "messages": Query(0, LOAD_MESSAGES_MOST, LOAD_MESSAGES, "How many of the newest messages of each session."),
    "before": Query(0, 2**53, None, "Messages with a smaller MessageID: the last ones of them."),
    "after": Query(0, 2**53, None, "Messages with a greater MessageID: the first ones of them."),
    "limit": Query(1, HISTORY_LIMIT, LOAD_MESSAGES, "How many messages."),
}

GATE = (
    "bad_request", "token_in_url", "csrf", "origin", "too_large", "wrong_host", "headers_too_large", "internal",
    "unavailable",
)  # fmt: skip
"""What every call may be refused with, beside its own codes."""
BODY = ("not_json", "malformed", "unknown_field")
"""What a call with a body may be refused with as well."""


class Call(NamedTuple):
    """A route of the HTTP side: what it takes, what it answers, which refusals are its own."""

    method: str
    path: str
    summary: str
    body: Any
    query: tuple[str, ...]
    reply: Any
    codes: tuple[str, ...]
    needs_login: bool
    statuses: Mapping[str, int] = MappingProxyType({})
    """Where this call answers a code with another status than the code's own."""


CLIENT_FRAMES_OVER_HTTP = tuple(frame for frame in CLIENT_FRAMES if frame is not Resume)
"""`Resume` says where a connection stands, so only a socket has it."""


def name_of(frame: type[msgspec.Struct]) -> str:
    """The `type` of a frame."""
    return str(frame.__struct_config__.tag)


def base_of(frame: type[ClientFrame]) -> type[ClientFrame]:
    """The frame that this one is another spelling of, or itself."""
    return next(kind for kind in frame.__mro__ if kind in RESULTS)


FRAME_STATUSES = {"wrong_password": 422}
"""Who sends a frame is logged in: 401 would say that this is over."""


def _door(frame: type[ClientFrame]) -> Call:
    """The call that sends a frame over HTTP."""
    summary = (frame.__doc__ or "").split("\n")[0]
    codes = tuple(dict.fromkeys((*REFUSALS[base_of(frame)], *ANY_FRAME)))
    return Call("POST", f"/api/{name_of(frame).lower()}", summary, frame, (), Done, codes, True, FRAME_STATUSES)


CALLS: tuple[Call, ...] = (
    Call("POST", "/api/register", "Make a user.", Credentials, (), Registered,
         ("username_taken", "username_invalid", "password_weak", "slow_down", "storage_full"), False),
    Call("POST", "/api/login", "Get a token, or a cookie on our own page.", Credentials, (), LoggedIn,
         ("user_not_found", "wrong_password", "slow_down", "storage_full"), False, {"user_not_found": 400}),
    Call("POST", "/api/logout", "End this login and its sockets.", None, (), None, ("storage_full",), False),
    Call("GET", "/api/load", "My sessions with their newest messages.", None, ("messages",), Load,
         ("malformed", "unknown_field", "slow_down"), True),
    Call("GET", "/api/snapshot", "Everything a client needs to begin.", None, ("messages",), Snapshot,
         ("malformed", "unknown_field", "slow_down"), True),
    Call("GET", "/api/sessions/{SessionID}/messages", "A page of a session.", None, ("before", "after", "limit"),
         History, ("malformed", "unknown_field", "not_found", "slow_down"), True),
    Call("GET", "/api/logins", "My logins.", None, (), Logins, ("unknown_field", "slow_down"), True),
    Call("GET", "/api/consent", "My ledger: what I asked, agreed to, refused and blocked.", None, ("before",), Ledger,
         ("unknown_field", "slow_down"), True),
    Call("GET", "/api/export", "All that the server holds about me, as far as I may see it: a file.", None, (), Export,
         ("unknown_field", "slow_down"), True),
)  # fmt: skip

FRAME_CALLS: dict[type[ClientFrame], Call] = {frame: _door(frame) for frame in CLIENT_FRAMES_OVER_HTTP}
"""The door over HTTP of each frame: the same body, and what `Done` would carry."""

# ------------------------------------------------------------------------------------------- encoding

encode = msgspec.json.Encoder().encode
"""A frame, reply or result as JSON bytes. Refuses what nobody may see (`core.ports.Secret`)."""


def delivery(session_id: str, message_id: int, message: StoredMessage) -> bytes:
    """The frame of one message, the same bytes live, in catching up and for a repeated nonce.

    Put together by hand, as ids need no escaping: a quarter of the encoder's time for the whole dictionary.
    """
    return b'{"%b":{"%d":%b}}' % (session_id.encode(), message_id, encode(message))


def done(ref: str | None, result: msgspec.Struct) -> bytes:
    """The answer to `ref`: `Done` with the fields of the result beside it."""
    named = {} if ref is None else {"Ref": ref}
    return encode({"type": "Done", **named, **msgspec.structs.asdict(result)})


def error(
    code: str, ref: str | None = None, field: str | None = None, retry_after: int | None = None, why: str | None = None
) -> Error:
    """The frame that tells of a refusal; `why` instead of the code's own sentence."""
    return Error(Ref=ref, Code=code, Reason=why or CODES[code].reason, Field=field, RetryAfter=retry_after)
