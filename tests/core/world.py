"""A world for tests of the rules: SQLite in memory, a clock that tests own, people who act at once.

1. Whatever a person says passes the wire's own decoder first, so the definition's limits hold here as they do outside.
2. Each act is one transaction; what it published is compared with what the streams hold afterwards, byte for byte.
3. Time stands still until a test moves it; ids look random and are the same in every run.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

import msgspec

from parlour import protocol
from parlour.core.accounts import Register
from parlour.core.deletion import Delete
from parlour.core.dispatch import LOGIN_ENDED, NOBODY, Answer, Caller, Context, Refused, needs_of, run, stamp_of
from parlour.core.ledger import ledger
from parlour.core.limits import OFF
from parlour.core.logins import LOGIN, ChangePassword, LogIn
from parlour.core.messages import Page, page
from parlour.core.ports import Published, Secret, Tx
from parlour.core.presence import Presence
from parlour.core.snapshot import load, snapshot
from parlour.store.sqlite import Database

Json = dict[str, Any]
T = TypeVar("T")
START = datetime(2031, 3, 5, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
MOMENT = timedelta(milliseconds=1)

_frame = msgspec.json.Decoder(protocol.AnyFrame).decode


class FakeClock:
    """Time and chance, owned by the test."""

    def __init__(self) -> None:
        self.moment, self._made = START, 0

    def now(self) -> datetime:
        return self.moment

    def steady(self) -> datetime:
        return self.moment

    def new_id(self) -> str:
        return self._made_up()[:16]

    def new_token(self) -> str:
        return self._made_up()

    def _made_up(self) -> str:
        self._made += 1
        return base64.urlsafe_b64encode(hashlib.sha256(str(self._made).encode()).digest()).decode()


class Ran(NamedTuple):
    """What became of a request: its outcome, and what it published, in order."""

    outcome: Answer | Refused
    published: list[Published]

    @property
    def answer(self) -> Answer:
        assert isinstance(self.outcome, Answer), f"refused: {self.outcome}"
        return self.outcome

    @property
    def result(self) -> Any:
        return self.answer.result

    @property
    def refusal(self) -> tuple[str, str | None]:
        """The code and the field of a refusal, which publishes nothing."""
        assert isinstance(self.outcome, Refused), f"not refused: {self.outcome}"
        assert self.published == []
        return self.outcome.code, self.outcome.field

    def to(self, stream: str) -> list[Json]:
        """The frames that went to one stream, signals too."""
        told = [event for event in self.published if event.stream == stream and event.kind != LOGIN_ENDED]
        return [msgspec.json.decode(event.frame) for event in told]

    @property
    def ended(self) -> list[str]:
        """The logins whose sockets are told to close, in order."""
        return [event.frame.decode() for event in self.published if event.kind == LOGIN_ENDED]

    def kinds(self) -> list[tuple[str, str]]:
        """Where what kind of event went, in order."""
        return [(event.stream, event.kind) for event in self.published]


FRAME_OF: dict[type, type[protocol.ClientFrame]] = {
    ChangePassword: protocol.Password,
    Delete: protocol.DeleteAccount,
}
"""What is run for a frame that has a procedure."""


def assert_told_of(request: Any, refused: Refused) -> None:
    """A frame is refused with nothing but what the definition tells."""
    frame = FRAME_OF.get(type(request), type(request))
    if issubclass(frame, protocol.ClientFrame):
        assert refused.code in (*protocol.REFUSALS[protocol.base_of(frame)], *protocol.ANY_FRAME), frame
    assert refused.code in protocol.CODES


class World:
    """A database, a clock and the people in it."""

    def __init__(self) -> None:
        self.database, self.clock, self.limits = Database(None), FakeClock(), OFF
        self.watchers: list[Callable[[Ran], None]] = []
        """Called with everything that ran, after its commit."""

    def close(self) -> None:
        self.database.writer.close()

    # ------------------------------------------------------------------------------------------------------- running

    def run(self, request: Any, caller: Caller = NOBODY) -> Ran:
        """Run a request in a transaction of its own."""
        return self.run_all([(request, caller)])[0]

    def run_all(self, work: Iterable[tuple[Any, Caller]]) -> list[Ran]:
        """Run requests one after the other in one transaction, as the gateway does with what waits."""
        asked = list(work)
        ran = self.write(lambda tx: self._run(tx, asked))
        self._compare_with_streams([event for one in ran for event in one.published])
        for one in ran:
            for watch in self.watchers:
                watch(one)
        return ran

    def _run(self, tx: Tx, work: list[tuple[Any, Caller]]) -> list[Ran]:
        now = self.clock.now()
        tx.prefetch([need for request, caller in work for need in needs_of(request, caller)])
        ran = []
        for request, caller in work:
            context = Context(tx, caller, self.clock, now, stamp_of(now), self.limits)
            outcome = run(request, context)
            if isinstance(outcome, Refused):
                assert_told_of(request, outcome)
            ran.append(Ran(outcome, context.published))
        return ran

    def _compare_with_streams(self, events: list[Published]) -> None:
        def stored(tx: Tx) -> list[Published]:
            return [row for event in events if event.number for row in tx.since(event.stream, event.number - 1, 1)]

        assert [event for event in events if event.number] == self.read(stored)

    def write(self, work: Callable[[Tx], T]) -> T:
        return self.database.write(work)

    def read(self, work: Callable[[Tx], T]) -> T:
        return self.database.read(work, self.database.writer)

    def stream(self, stream: str) -> list[Published]:
        """All events of a stream."""
        return self.read(lambda tx: tx.since(stream, 0, 1_000_000))

    # ---------------------------------------------------------------------------------------------------------- time

    @property
    def stamp(self) -> str:
        return stamp_of(self.clock.moment)

    def later(self, span: timedelta = MOMENT, **spans: float) -> None:
        """Let time pass."""
        self.clock.moment += timedelta(**spans) if spans else span

    # -------------------------------------------------------------------------------------------------------- people

    def person(self, name: str) -> Person:
        """A new user, logged in on one device, Offline again: no socket took over."""
        person = self.stranger(name)
        person.log_in()
        self.run(Presence(person.user_id, "Offline"))
        return person

    def stranger(self, name: str) -> Person:
        """A new user who has not logged in."""
        registered = self.run(Register(name, Secret(f"kept of {name}"))).result
        return Person(self, registered.UserID, registered.Username)

    def people(self, *names: str) -> list[Person]:
        return [self.person(name) for name in names]

    def pair(self, one: str = "nanda", other: str = "winston") -> tuple[Person, Person, str]:
        """Two people who share a session, with its SessionID."""
        first, second = self.people(one, other)
        return first, second, first.meet(second)


class Person:
    """Somebody with an account."""

    def __init__(self, world: World, user_id: str, name: str) -> None:
        self.world, self.user_id, self.name = world, user_id, name
        self.caller = Caller(user_id, name, "")

    def log_in(self) -> Ran:
        """One more login, with the right password."""
        token = Secret(self.world.clock.new_token())
        ran = self.world.run(LogIn(self.user_id, Secret(f"kept of {self.name}"), token))
        self.caller = Caller(self.user_id, self.name, ran.result.LoginID)
        return ran

    def be(self, status: str) -> Ran:
        """Come or go."""
        return self.world.run(msgspec.convert({"UserID": self.user_id, "Status": status}, Presence))

    def say(self, **frame: Any) -> Ran:
        """Send a frame. Raises msgspec.ValidationError where the wire refuses it."""
        return self.world.run(_frame(msgspec.json.encode(frame)), self.caller)

    def invite(self, name: str, note: str | None = None) -> Ran:
        return self.say(type="Search", Username=name, **({} if note is None else {"Note": note}))

    def respond(self, name: str, accepted: int, **more: Any) -> Ran:
        return self.say(type="request", username=name, Accepted=accepted, **more)

    def accept(self, name: str, **more: Any) -> Ran:
        return self.respond(name, 1, **more)

    def reject(self, name: str, **more: Any) -> Ran:
        return self.respond(name, 0, **more)

    def tell_no(self, name: str, **more: Any) -> Ran:
        """Reject, and have it told."""
        return self.respond(name, 0, Tell=True, **more)

    def cancel(self, name: str) -> Ran:
        return self.say(type="Cancel", Username=name)

    def block(self, name: str) -> Ran:
        return self.say(type="Block", Username=name)

    def unblock(self, name: str) -> Ran:
        return self.say(type="Unblock", Username=name)

    def close(self, session_id: str) -> Ran:
        return self.say(type="Close", SessionID=session_id)

    def link(self) -> str:
        """Make a link; its secret."""
        return str(self.say(type="Link").result.Link)

    def unlink(self, link: str) -> Ran:
        return self.say(type="Unlink", Link=link)

    def redeem(self, link: str) -> Ran:
        return self.say(type="Redeem", Link=link)

    def meet(self, other: Person) -> str:
        """Invite and be accepted; the SessionID."""
        self.invite(other.name)
        return str(other.accept(self.name).result.SessionID)

    def choose(self, session_id: str | None = None, **named: Any) -> Ran:
        """Change settings, for all sessions or for one."""
        return self.say(type="Settings", **({} if session_id is None else {"SessionID": session_id}), **named)

    def deliver(self, session_id: str, number: int) -> Ran:
        return self.say(type="Delivered", SessionID=session_id, MessageID=str(number))

    def read(self, session_id: str, number: int) -> Ran:
        return self.say(type="Read", SessionID=session_id, MessageID=str(number))

    def type(self, session_id: str) -> Ran:
        return self.say(type="Typing", SessionID=session_id)

    def leave_for_good(self) -> Ran:
        """Delete the account, with the right password."""
        return self.world.run(Delete(Secret(f"kept of {self.name}")), self.caller)

    def send(self, session_id: str, data: str = "hello", *, nonce: str | None = None, **body: Any) -> Ran:
        more = {} if nonce is None else {"Nonce": nonce}
        return self.say(type="Message", SessionID=session_id, Message={"data": data, **body}, **more)

    # ------------------------------------------------------------------------------------------------------- looking

    def snapshot_bytes(self, messages: int = protocol.LOAD_MESSAGES) -> bytes:
        now = self.world.stamp
        return protocol.encode(self.world.read(lambda tx: snapshot(tx, self.caller, messages, now)))

    def snapshot(self, messages: int = protocol.LOAD_MESSAGES) -> Json:
        """The snapshot as a client reads it."""
        seen: Json = msgspec.json.decode(self.snapshot_bytes(messages))
        return seen

    def load(self, messages: int = protocol.LOAD_MESSAGES) -> Json:
        seen: Json = msgspec.json.decode(protocol.encode(self.world.read(lambda tx: load(tx, self.user_id, messages))))
        return seen

    def history(self, session_id: str, before: int | None = None, after: int | None = None, limit: int = 50) -> Json:
        """A page. Raises Refused."""
        asked = Page(session_id, before, after, limit)
        seen: Json = msgspec.json.decode(protocol.encode(self.world.read(lambda tx: page(asked, tx, self.caller))))
        return seen

    def ledger(self) -> list[Json]:
        """One's own ledger, the newest line first."""
        now = self.world.stamp
        seen = protocol.encode(self.world.read(lambda tx: ledger(tx, self.caller, now)))
        lines: list[Json] = msgspec.json.decode(seen)["Ledger"]
        return lines

    @property
    def is_logged_in(self) -> bool:
        return self.world.read(lambda tx: tx.get(LOGIN, self.caller.LoginID)) is not None

    def heard(self) -> list[Json]:
        """All events of the own stream, as frames."""
        return [msgspec.json.decode(event.frame) for event in self.world.stream(self.user_id)]
