"""From a request to its handler: the one way into the rules.

1. A handler is `def handler(request, context) -> Answer`, run whole inside one transaction, without side effects.
2. A refusal is an answer, not a rollback: a handler checks before it writes.
3. Exactly one handler for each kind of request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from math import ceil
from typing import Any, TypeVar

import msgspec

from ..protocol import Event as EventFrame
from ..protocol import ServerFrame, encode
from .limits import DEFAULTS, Limits
from .ports import Clock, Event, Need, Published, Streamed, Tx


class Refused(Exception):
    """A refusal by the rules. `code` stands in `protocol.CODES`; `why` says more than the code's own sentence."""

    def __init__(
        self,
        code: str,
        field: str | None = None,
        retry_after: int | None = None,
        status: int | None = None,
        why: str | None = None,
    ) -> None:
        super().__init__(code)
        self.code, self.field, self.retry_after, self.status, self.why = code, field, retry_after, status, why


class Caller(msgspec.Struct, frozen=True, gc=False):
    """Who asks: a user by one login."""

    UserID: str
    Username: str
    LoginID: str


NOBODY = Caller("", "", "")
"""The server itself, or somebody who has not logged in."""


class Answer(msgspec.Struct, gc=False):
    """What a handler gives back.

    `repeat` is an earlier delivery, sent again on the asking socket; `instead` is a frame for a socket that hears no
    `Done`, where the result has to be seen all the same. `ahead`: it leaves before anybody else hears of the request,
    so that it does not tell by its time whether anybody does.
    """

    result: Any
    repeat: bytes | None = None
    instead: bytes | None = None
    ahead: bool = False


LOGIN_ENDED = "LoginEnded"
"""The kind of a signal that goes to the server's own sockets, and over none of them."""


class Context:
    """What a handler may use. Lives for one request."""

    __slots__ = ("caller", "clock", "limits", "now", "published", "stamp", "tx")

    def __init__(
        self, tx: Tx, caller: Caller, clock: Clock, now: datetime, stamp: str, limits: Limits = DEFAULTS
    ) -> None:
        self.tx, self.caller, self.clock, self.now, self.stamp, self.limits = tx, caller, clock, now, stamp, limits
        self.published: list[Published] = []

    def emit(self, stream: str, frame: EventFrame, kind: str | None = None) -> int:
        """Append a frame to a stream under its next number, which is given back; as another kind than its `type`."""
        frame.Seq = self.tx.next(stream)
        self.append(Event(stream, frame.Seq, kind or kind_of(type(frame)), encode(frame)))
        return frame.Seq

    def append(self, row: Streamed) -> bytes:
        """Append a record that is itself an event. Its number comes from `tx.next`. Gives its frame."""
        self.tx.add(row)
        frame = row.frame()
        self.published.append(Published(row.stream, row.number, row.kind, frame))
        return frame

    def signal(self, stream: str, frame: ServerFrame) -> None:
        """Tell whoever listens now; nothing is stored."""
        self.published.append(Published(stream, 0, kind_of(type(frame)), encode(frame)))

    def end_login(self, user_id: str, login_id: str) -> None:
        """This login is over: whoever holds its sockets hears of it and closes them."""
        self.published.append(Published(user_id, 0, LOGIN_ENDED, login_id.encode()))

    def later(self, **span: float) -> str:
        """The moment that is so much later, as a stamp."""
        return stamp_of(self.now + timedelta(**span))

    def until(self, stamp: str) -> int:
        """The whole seconds until a moment, 1 at least."""
        return max(1, ceil((datetime.fromisoformat(stamp) - self.now).total_seconds()))


def after(stamp: str, days: int) -> str:
    """The moment that is so many days after another one."""
    return stamp_of(datetime.fromisoformat(stamp) + timedelta(days=days))


def stamp_of(moment: datetime) -> str:
    """A moment as RFC 3339 in UTC, to the millisecond: stamps sort as moments do."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def kind_of(frame: type[ServerFrame]) -> str:
    """The name under which a frame's events are stored and heard."""
    return str(frame.__struct_config__.tag)


Handler = Callable[[Any, Context], Answer]
Needs = Callable[[Any, Caller], Iterable[Need]]
HANDLERS: dict[type, Handler] = {}
NEEDS: dict[type, Needs] = {}
H = TypeVar("H", bound=Handler)


def handler(*requests: type, needs: Needs | None = None) -> Callable[[H], H]:
    """Make a function the handler of these requests; `needs` tells what it will look up, as a hint."""

    def register(function: H) -> H:
        for request in requests:
            if request in HANDLERS:
                raise TypeError(f"{request.__name__} has a handler already")
            HANDLERS[request] = function
            if needs:
                NEEDS[request] = needs
        return function

    return register


def run(request: Any, context: Context) -> Answer | Refused:
    """Run the handler of a request. Anything that is raised but `Refused` is a defect, and rolls everything back."""
    try:
        return HANDLERS[type(request)](request, context)
    except Refused as refused:
        return refused


def needs_of(request: Any, caller: Caller) -> Iterable[Need]:
    """What the request's handler will look up."""
    needs = NEEDS.get(type(request))
    return needs(request, caller) if needs else ()
