"""The one way in: decode, spend the budget, run, publish, reply.

1. While a write is under way, requests wait; then all that wait run in one transaction, in the order of arrival, each
   by its ordinary handler, and share one commit.
2. Nothing is told before the commit: first the events of a request go out, then its answer. Where the answer must not
   tell whether anybody hears of the request, others hear after it has left.
3. A refusal is just an answer. What else is raised rolls everything back, and each request runs again alone.
4. A request that needs more than one transaction (a password has to be hashed) has its own procedure beside these.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import msgspec

from .. import protocol
from ..core.dispatch import Answer, Caller, Context, Refused, needs_of, run, stamp_of
from ..core.limits import Limits
from ..core.ports import Bus, Clock, Published, StorageBroken, StorageFailed, Store, Tx
from .limits import Budget, Unlimited

log = logging.getLogger(__name__)

Outcome = Answer | Refused
Procedure = Callable[[Any, Caller], Awaitable[Any]]
Told = Callable[[Any, Outcome], None]
"""Hears what became of a request."""


class Work(msgspec.Struct, gc=False):
    """A request that waits for the writer, and who is told of its outcome."""

    request: Any
    caller: Caller
    told: Told


Ran = list[tuple[Outcome, list[Published]]]


class Gateway:
    """Takes requests from all doors."""

    def __init__(
        self, store: Store, bus: Bus, clock: Clock, batch: int, limits: Limits, broken: Callable[[str], None]
    ) -> None:
        self._store, self._bus, self._clock, self._batch, self._broken = store, bus, clock, batch, broken
        self._limits = limits
        self._waiting: list[Work] = []
        self._writing = self._refusing = False
        self._idle: asyncio.Event = asyncio.Event()
        self._idle.set()
        self.procedures: dict[type, Procedure] = {}
        """What is done first for requests that no handler can do alone; it gives the request that is run for them."""
        self._proceeding: set[asyncio.Task[None]] = set()

    def submit(self, request: Any, caller: Caller, told: Told) -> None:
        """Run a request with all that wait; `told` hears the outcome after the commit."""
        if self._refusing:
            self._refuse(request, told)
            return
        if type(request) in self.procedures:
            self._proceed(request, caller, told)
            return
        self._waiting.append(Work(request, caller, told))
        if not self._writing:
            self._writing = True
            self._idle.clear()
            asyncio.get_running_loop().call_soon(self._go_on)

    def _refuse(self, request: Any, told: Told) -> None:
        asyncio.get_running_loop().call_soon(told, request, Refused("unavailable", retry_after=1))

    def _proceed(self, request: Any, caller: Caller, told: Told) -> None:
        task = asyncio.get_running_loop().create_task(self._follow(request, caller, told))
        self._proceeding.add(task)
        task.add_done_callback(self._proceeding.discard)

    async def _follow(self, request: Any, caller: Caller, told: Told) -> None:
        try:
            proven = await self.procedures[type(request)](request, caller)
        except Refused as refused:
            told(request, refused)
        except Exception:
            log.exception("a request failed: %s", type(request).__name__)
            told(request, Refused("internal"))
        else:  # As every other request, so that it is answered before the sockets of a login that it ended close.
            self.submit(proven, caller, lambda _, outcome: told(request, outcome))

    async def write(self, request: Any, caller: Caller) -> Any:
        """Run a request; its result. Raises Refused."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.submit(request, caller, lambda _, outcome: None if future.done() else future.set_result(outcome))
        outcome = await future
        if isinstance(outcome, Refused):
            raise outcome
        return outcome.result

    async def read(self, work: Callable[[Tx], Any]) -> Any:
        """Run a question. Raises Refused."""
        try:
            return await self._store.read(work)
        except StorageBroken as raised:
            self._give_up(raised)
            raise Refused("unavailable") from raised
        except StorageFailed as raised:
            raise Refused(raised.code) from raised

    def refuse(self) -> None:
        """Take nothing new from now on: who asks is told to come back."""
        self._refusing = True

    def _give_up(self, raised: StorageBroken) -> None:
        """Nothing is stored any more: what a later commit would say could not be believed."""
        self._refusing = True
        waiting, self._waiting = self._waiting, []
        for work in waiting:
            self._refuse(work.request, work.told)
        self._broken(str(raised))

    async def drain(self) -> None:
        """Until nothing waits."""
        await self._idle.wait()

    def now(self) -> str:
        """The present moment as a stamp."""
        return stamp_of(self._clock.now())

    def steady(self) -> datetime:
        """The present moment without the jumps of the clock."""
        return self._clock.steady()

    # ------------------------------------------------------------------------------------------------------- batches

    def _start(self) -> None:
        batch, self._waiting = self._waiting[: self._batch], self._waiting[self._batch :]
        future = asyncio.ensure_future(self._store.write(lambda tx: self._run(tx, batch)))
        future.add_done_callback(lambda done: self._finish(batch, done))

    def _finish(self, batch: list[Work], done: asyncio.Future[Ran]) -> None:
        """On the loop, when a batch is committed or failed; the next one starts before this one is told of."""
        raised = done.exception()
        if raised is not None and not isinstance(raised, StorageFailed) and len(batch) > 1:
            log.error("a request failed; its batch runs again one by one", exc_info=raised)
            self._alone(batch)
            return
        outcomes = self._outcomes(batch, done)
        self._go_on()
        for work, (outcome, events) in zip(batch, outcomes, strict=True):
            self._tell(work, outcome, events)

    def _tell(self, work: Work, outcome: Outcome, events: list[Published]) -> None:
        if isinstance(outcome, Answer) and outcome.ahead:
            self._tell_ahead(work, outcome, events)
        else:
            self._bus.publish(events)
            work.told(work.request, outcome)

    def _tell_ahead(self, work: Work, outcome: Outcome, events: list[Published]) -> None:
        """To whoever asked; to others in the next turn of the loop, when that has been sent.

        What is published in between may overtake it: the number tells, the stream repairs.
        """
        me = work.caller.UserID
        self._bus.publish([event for event in events if event.stream == me])
        work.told(work.request, outcome)
        others = [event for event in events if event.stream != me]
        asyncio.get_running_loop().call_soon(self._bus.publish, others)

    def _go_on(self) -> None:
        if self._waiting:
            self._start()
        else:
            self._writing = False
            self._idle.set()

    def _alone(self, batch: list[Work]) -> None:
        """Each request by itself, in order, so that only the guilty one fails."""

        def next_one(position: int) -> None:
            if position == len(batch):
                self._go_on()
                return
            one = [batch[position]]
            future = asyncio.ensure_future(self._store.write(lambda tx: self._run(tx, one)))
            future.add_done_callback(lambda done: tell(position, one, done))

        def tell(position: int, one: list[Work], done: asyncio.Future[Ran]) -> None:
            [(outcome, events)] = self._outcomes(one, done)
            self._tell(one[0], outcome, events)
            next_one(position + 1)

        next_one(0)

    def _outcomes(self, batch: list[Work], done: asyncio.Future[Ran]) -> Ran:
        """What became of a batch; every failure becomes a refusal here."""
        raised = done.exception()
        if raised is None:
            return done.result()
        if isinstance(raised, StorageBroken):
            self._give_up(raised)
        if not isinstance(raised, StorageFailed):
            log.error("a request failed: %s", type(batch[0].request).__name__, exc_info=raised)
        code = raised.code if isinstance(raised, StorageFailed) else "internal"
        return [(Refused(code), []) for _ in batch]

    def _run(self, tx: Tx, batch: list[Work]) -> Ran:
        """In the writer's thread: the whole batch, each request by its handler."""
        now = self._clock.now()
        stamp = stamp_of(now)
        tx.prefetch([need for work in batch for need in needs_of(work.request, work.caller)])
        ran: Ran = []
        for work in batch:
            context = Context(tx, work.caller, self._clock, now, stamp, self._limits)
            outcome = run(work.request, context)
            ran.append((outcome, context.published))
        return ran


# ------------------------------------------------------------------------------------------------------------ decoding

_decode_frame = msgspec.json.Decoder(protocol.AnyFrame).decode
_by_type: dict[str, type[protocol.ClientFrame]] = {
    str(frame.__struct_config__.tag): frame for frame in protocol.CLIENT_FRAMES
}


class Unreadable(Exception):
    """A frame that cannot be used; with what to answer."""

    def __init__(self, answer: protocol.Error) -> None:
        super().__init__(answer.Code)
        self.answer = answer


def decode(payload: str, core: bool) -> protocol.ClientFrame:
    """A client's frame. A core socket knows the core's types alone. Raises Unreadable."""
    try:
        frame: protocol.ClientFrame = _decode_frame(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as raised:
        raise Unreadable(_why(payload, raised)) from None
    if core and not frame.core:
        raise Unreadable(protocol.error("unknown_type", frame.Ref, "type"))
    if "\\u0000" in payload and holds_nul(msgspec.to_builtins(frame)):
        raise Unreadable(protocol.error("malformed", frame.Ref))
    return frame


def holds_nul(value: Any) -> bool:
    """Whether any text in here holds NUL, which not every engine can store."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(holds_nul(k) or holds_nul(v) for k, v in value.items())
    return isinstance(value, (list, tuple)) and any(map(holds_nul, value))


def _why(payload: str, raised: Exception) -> protocol.Error:
    """The answer to what could not be decoded, with the frame's `Ref` if one can be found."""
    try:
        raw = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return protocol.error("malformed")
    if not isinstance(raw, dict):
        return protocol.error("malformed")
    ref = raw.get("Ref")
    ref = ref if isinstance(ref, str) and len(ref) <= 40 else None
    kind = raw.get("type")
    if isinstance(kind, str) and kind not in _by_type:
        return protocol.error("unknown_type", ref, "type")
    return protocol.error(*refusal_of(raised, ref))


_OF_AN_OBJECT = (
    ("Object contains unknown field `", "unknown_field"),
    ("Object missing required field `", "malformed"),
)


def refusal_of(raised: Exception, ref: str | None = None) -> tuple[str, str | None, str | None]:
    """Code, Ref and field of a decoding error."""
    text = str(raised)
    path = text.rpartition(" - at `$.")[2].rstrip("`") if " - at `$." in text else None
    for start, code in _OF_AN_OBJECT:
        if text.startswith(start):
            name = text[len(start) :].split("`", maxsplit=1)[0][:64]
            return code, ref, f"{path}.{name}" if path else name
    return "malformed", ref, path


class Budgets:
    """What one user may send, by either door, and ask for over HTTP."""

    def __init__(
        self,
        messages: Budget | Unlimited,
        others: Budget | Unlimited,
        questions: Budget | Unlimited,
        exports: Budget | Unlimited,
    ) -> None:
        self._messages, self._others, self._questions, self._exports = messages, others, questions, exports

    def spend(self, frame: protocol.ClientFrame, user_id: str) -> None:
        """Raises Refused `slow_down`."""
        (self._messages if isinstance(frame, protocol.Message) else self._others).spend(user_id)

    def ask(self, user_id: str) -> None:
        """Raises Refused `slow_down`."""
        self._questions.spend(user_id)

    def take_all(self, user_id: str) -> None:
        """An export. Raises Refused `slow_down`."""
        self._exports.spend(user_id)
