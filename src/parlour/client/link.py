"""The connection's mind: what to do when something happens. It has no socket, no clock and no chance of its own.

1. Something happens: a method is called with the time, and `effects` holds what is to be done, in order. `wakes_at`
   says when to call `alarm`.
2. Coming back is the rule; what the server ended for good is raised.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from .. import protocol
from .effects import Drop, Effect, Get, Open, Send, Stop, Told
from .errors import ClientError, Ended, LoggedOut, Refused
from .events import Event, Position
from .outbox import Json, Outbox, Pending
from .repair import SNAPSHOT, Repair
from .streams import Streams
from .timing import Timing, verdict, waits

Phase = Literal["new", "loading", "opening", "resuming", "live", "waiting", "stopped"]

HASTE = frozenset({"slow_down", "unavailable"})
SHORT = frozenset({"unavailable"})
UNREADABLE = (msgspec.MsgspecError, AttributeError, KeyError, TypeError, ValueError)
"""What is raised where a frame is not what the protocol says."""


class Link:
    """One user's connection. Give it what happens; do what `effects` says."""

    def __init__(self, since: Position | None, timing: Timing, chance: Callable[[], float], room: int = 1000) -> None:
        self.phase: Phase = "new"
        self.effects: list[Effect] = []
        self.streams = Streams(since, room)
        self.outbox = Outbox()
        self.limits = protocol.Limits()
        self._timing, self._chance = timing, chance
        self._due: dict[str, float] = {}
        self._silence = timing.silence
        self._attempt = self._tag = self._tickets = 0
        self._live_since = self._restarting_until = 0.0
        self._loaded = False
        self._repair = Repair(self.streams)
        self._fetching = ""

    # ------------------------------------------------------------------------------------------------- what happens

    def start(self, now: float) -> None:
        """Begin."""
        self._try(now)

    def stop(self) -> None:
        """End, without a word about why."""
        self.effects.append(Drop())
        self._due.clear()
        self.phase = "stopped"

    def fail(self, why: Ended) -> None:
        """End, and tell everybody why."""
        self.stop()
        for pending in self.outbox.all():
            self.effects.append(Told(pending.ticket, why))
        self.effects.append(Stop(why))

    def refused(self, status: int, retry_after: float | None, now: float) -> None:
        """The handshake was refused, or the socket never opened (0)."""
        if self.phase == "opening":
            self._answered(status, f"the handshake was refused with {status}", retry_after, now)

    def closed(self, code: int, reason: str, now: float) -> None:
        """The socket is gone."""
        if self.phase not in ("opening", "resuming", "live"):
            return
        meaning = verdict(code)
        if meaning == "stop":
            self.fail((LoggedOut if code == 4401 else Ended)(code, reason or "the server ended the connection"))
            return
        if self.phase == "live" and now - self._live_since >= self._timing.steady:
            self._attempt = 0
        if meaning == "soon":
            self._restarting_until = now + self._timing.restarting
        self._wait(0.0, now)

    def alarm(self, now: float) -> None:
        """It is `wakes_at`."""
        due = {name for name, at in self._due.items() if at <= now}
        for name in due:
            del self._due[name]
        if "settle" in due:
            self.streams.settle()
        if "retry" in due:
            self._try(now)
        oldest = self.outbox.oldest
        unanswered = oldest is not None and now >= oldest + self._timing.answer
        if unanswered or due & {"silence", "opening", "resume"}:
            self.closed(1006, "", now)
        self.outbox.wake(now)
        self._go_on(now)

    def got(self, tag: int, status: int, body: bytes, retry_after: float | None, now: float) -> None:
        """A call over HTTP is answered; the status is 0 if it was not."""
        if tag != self._tag or not self._fetching or self.phase == "stopped":
            return
        what, self._fetching = self._fetching, ""
        try:
            read = status == 200 and self._read(what, body, now)
        except UNREADABLE:
            read, status = False, 0
        if read:
            pass
        elif status == 404 and self._repair.pages(what):
            self._repair.gone(what)
        elif self.phase == "loading" or not (status == 200 or waits(status)):
            self._answered(status, f"the server answered {status}", retry_after, now)
        else:
            self._due["fetch"] = now + (retry_after or 0.0) + self._pause(now)
        self._go_on(now)

    def received(self, text: str | bytes, now: float) -> None:
        """A frame came."""
        if self.phase not in ("opening", "resuming", "live"):
            return
        self._due["silence"] = now + self._silence
        try:
            self._heard(msgspec.json.decode(text), now)
        except UNREADABLE:
            self.closed(1006, "", now)
        self._go_on(now)

    def ask(self, frame: Json, lane: str, patient: frozenset[str], now: float) -> int:
        """Send a request as soon as it may leave; its ticket."""
        self._tickets += 1
        self.outbox.add(Pending(ticket=self._tickets, lane=lane, frame=frame, patient=patient))
        self._go_on(now)
        return self._tickets

    def mark(self, kind: str, session: str, number: int, now: float) -> None:
        """Tell how far I have got; only the newest counts."""
        self._tickets += 1
        frame = {"type": kind, "SessionID": session, "MessageID": str(number)}
        self.outbox.mark(Pending(ticket=self._tickets, lane=f"{kind} {session}", frame=frame, patient=HASTE))
        self._go_on(now)

    def signal(self, frame: Json) -> None:
        """Send a frame now or never."""
        if self.phase == "live":
            self._send(frame)

    def take(self, now: float) -> Event | None:
        """The next event for the consumer, if there is one."""
        event = self.streams.take()
        self._go_on(now)
        return event

    @property
    def wakes_at(self) -> float | None:
        """When to call `alarm`, unless something happens before."""
        if self.phase == "stopped":
            return None
        oldest, rested = self.outbox.oldest, self.outbox.rested
        moments = [*self._due.values()]
        moments += [oldest + self._timing.answer] if oldest is not None else []
        moments += [rested] if rested is not None else []
        return min(moments, default=None)

    @property
    def urgent(self) -> bool:
        """Whether the socket must be read, though there is no room: an answer is awaited."""
        return self.phase != "live" or self.outbox.busy

    # ------------------------------------------------------------------------------------------------ coming and going

    def _try(self, now: float) -> None:
        self._due.clear()
        if not self._loaded:
            self.phase = "loading"
            self._get(SNAPSHOT, SNAPSHOT)
        else:
            self.phase = "opening"
            self._due["opening"] = now + self._timing.opening
            self.effects.append(Open())

    def _answered(self, status: int, reason: str, retry_after: float | None, now: float) -> None:
        """HTTP said no."""
        if waits(status):
            self._wait(retry_after or 0.0, now)
        else:
            self.fail((LoggedOut if status == 401 else Ended)(status, reason))

    def _pause(self, now: float) -> float:
        if now < self._restarting_until:
            return self._chance() * self._timing.soon
        return self._chance() * self._timing.bound(self._attempt)

    def _wait(self, told: float, now: float) -> None:
        """Nothing of this connection counts any more; try again later."""
        self.effects.append(Drop())
        self.phase = "waiting"
        self.outbox.lost()
        self._repair.forget()
        self._fetching = ""
        self._due = {"retry": now + told + self._pause(now)}
        self._attempt += 1

    # ---------------------------------------------------------------------------------------------------------- frames

    def _heard(self, frame: Json, now: float) -> None:
        kind = frame.get("type")
        if isinstance(kind, str):
            self._frame(kind, frame, now)
        else:
            for session, messages in frame.items():
                for number, body in messages.items():
                    self._message(session, int(number), msgspec.convert(body, protocol.StoredMessage))
        if "resume" in self._due and kind != "Beat":
            self._due["resume"] = now + self._timing.answer

    def _frame(self, kind: str, frame: Json, now: float) -> None:
        match kind:
            case "Welcome":
                self._welcome(msgspec.convert(frame, protocol.Welcome), now)
            case "Resumed":
                self._resumed(now)
            case "Reset":
                self._repair.reset(frame.get("SessionID"))
            case "Done":
                self._done(frame)
            case "Error":
                self._error(frame, now)
            case "Status":
                self.streams.status(frame["UserID"], frame["Status"] == "Online")
            case "Typing":
                self.streams.typing(frame)
            case "Mark":
                self.streams.mark(frame)
            case _:
                if isinstance(frame.get("Seq"), int) and not self._repair.everything:
                    self.streams.own(kind, frame)

    def _message(self, session: str, number: int, body: protocol.StoredMessage) -> None:
        """A stored message. While everything is broken its number means nothing; its nonce does."""
        if not self._repair.everything:
            self.streams.message(session, number, body)
        if body.Sender == self.streams.user_id and body.Nonce is not None:
            pending = self.outbox.delivered(session, body.Nonce)
            if pending:
                self._tell(pending, {"SessionID": session, "MessageID": str(number)})

    def _tell(self, pending: Pending, result: Json | ClientError) -> None:
        self.outbox.finish(pending)
        self.effects.append(Told(pending.ticket, result))

    def _done(self, frame: Json) -> None:
        self._repair.answered(frame.get("Ref"))
        pending = self.outbox.answered(frame.get("Ref"))
        if pending:
            self._tell(pending, frame)

    def _error(self, frame: Json, now: float) -> None:
        """A request was refused. Without a name it can only be one that nobody waits for."""
        if self._repair.is_resume(frame.get("Ref")):
            self.closed(1011, "", now)
            return
        pending = self.outbox.answered(frame.get("Ref"))
        if pending is None:
            return
        retry_after = frame.get("RetryAfter")
        if frame["Code"] in pending.patient:
            self.outbox.rest(pending, now + (self._timing.rest if retry_after is None else retry_after))
        else:
            self._tell(pending, Refused(frame["Code"], frame["Reason"], frame.get("Field"), retry_after))

    # ----------------------------------------------------------------------------------------------- catching up

    def _welcome(self, welcome: protocol.Welcome, now: float) -> None:
        """The server speaks first; tell it where all streams stand."""
        if self.phase != "opening":
            return
        self.phase, self.limits = "resuming", welcome.Limits
        if 2 * welcome.Heartbeat > self._timing.silence:
            self._silence = 2.4 * welcome.Heartbeat
        del self._due["opening"]
        self._resume(self.streams.at, now)

    def _resume(self, streams: dict[str, int], now: float) -> None:
        for frame in self._repair.resume(streams, self.outbox.new_ref):
            self._send(frame)
        self._due["resume"] = now + self._timing.answer

    def _resumed(self, now: float) -> None:
        if not self._repair.resumed():
            return
        self._due.pop("resume", None)
        self.streams.gather()
        self._due["settle"] = now + self._timing.settle
        if self.phase == "resuming":
            self.phase, self._live_since = "live", now

    def _snapshot(self, snapshot: protocol.Snapshot, now: float) -> None:
        everything = self._repair.load(snapshot)
        if not self._loaded:
            self._loaded = True
            self._try(now)
        elif everything:
            self._resume(self.streams.at, now)

    def _read(self, what: str, body: bytes, now: float) -> bool:
        """What was fetched."""
        if what == SNAPSHOT:
            self._snapshot(msgspec.json.decode(body, type=protocol.Snapshot), now)
        elif self._repair.pages(what):
            self._page(what, msgspec.json.decode(body, type=protocol.History))
        return True

    def _page(self, session: str, page: protocol.History) -> None:
        for number, body in sorted(page.Messages.items(), key=lambda one: int(one[0])):
            self._message(session, int(number), body)

    # ------------------------------------------------------------------------------------------------------- going on

    def _go_on(self, now: float) -> None:
        """Whatever can be done now."""
        if self.phase != "live":
            return
        for frame in self.outbox.leave(self.limits.InFlight, now):
            self._send(frame)
        if not self._fetching and "fetch" not in self._due and (wanted := self._repair.wants()):
            self._get(*wanted)
        if missing := self._repair.missing():
            self._resume(missing, now)

    def _get(self, what: str, path: str) -> None:
        self._fetching = what
        self._tag += 1
        self.effects.append(Get(path, self._tag))

    def _send(self, frame: dict[str, Any]) -> None:
        self.effects.append(Send(msgspec.json.encode(frame)))
