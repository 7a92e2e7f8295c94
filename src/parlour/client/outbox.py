"""Requests on their way: what has been asked, and not yet been answered.

1. Requests stand in lanes; each lane has one in flight, and the next leaves when that one is answered. A session's
   messages are a lane, so a refusal cannot change their order.
2. Nothing leaves the outbox by silence: after a lost connection what was in flight leaves again, under the same nonce.
3. Of marks only the newest counts: one that has not left is replaced.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

import msgspec

Json = dict[str, Any]


class Pending(msgspec.Struct, kw_only=True, eq=False):
    """A request. `patient`: the codes after which it is tried again."""

    ticket: int
    lane: str
    frame: Json
    patient: frozenset[str] = frozenset()
    ref: str = ""
    since: float = 0.0
    sent: bool = False
    """Whether it has ever left: then nobody knows whether it was stored."""

    @property
    def nonce(self) -> str | None:
        return self.frame.get("Nonce")


class Outbox:
    """All requests that wait for an answer."""

    def __init__(self) -> None:
        self._lanes: dict[str, deque[Pending]] = {}
        self._ready: dict[str, None] = {}
        self._resting: dict[str, float] = {}
        self._flying: dict[str, Pending] = {}
        self._nonces: dict[tuple[str, str], Pending] = {}
        self._refs = 0

    # ------------------------------------------------------------------------------------------------- coming, leaving

    def add(self, pending: Pending) -> None:
        """Take a request into its lane."""
        lane = self._lanes.setdefault(pending.lane, deque())
        lane.append(pending)
        if len(lane) == 1:
            self._ready[pending.lane] = None
        if pending.nonce is not None:
            self._nonces[pending.lane, pending.nonce] = pending

    def mark(self, pending: Pending) -> None:
        """Take a mark: it replaces the one that waits; an older one is nothing new."""
        lane = self._lanes.get(pending.lane)
        if not lane:
            self.add(pending)
        elif _number(pending) > _number(lane[-1]):
            if not lane[-1].ref:
                self._take(lane[-1])
            self.add(pending)

    def leave(self, most: int, now: float) -> Iterator[Json]:
        """The frames that may leave now, so that at most so many are in flight."""
        while self._ready and len(self._flying) < most:
            lane = next(iter(self._ready))
            del self._ready[lane]
            pending = self._lanes[lane][0]
            pending.ref, pending.since, pending.sent = self.new_ref(), now, True
            self._flying[pending.ref] = pending
            yield {**pending.frame, "Ref": pending.ref}

    def new_ref(self) -> str:
        """A name for a frame, never used before."""
        self._refs += 1
        return f"r{self._refs}"

    # --------------------------------------------------------------------------------------------------------- answers

    def answered(self, ref: object) -> Pending | None:
        """The request that has this name, if it is still in flight."""
        return self._flying.get(ref) if isinstance(ref, str) else None

    def delivered(self, session: str, nonce: str) -> Pending | None:
        """The message of this nonce, if it is on its way."""
        return self._nonces.get((session, nonce))

    def finish(self, pending: Pending) -> None:
        """It is done, or refused for good: the next of its lane may leave."""
        self._take(pending)

    def rest(self, pending: Pending, until: float) -> None:
        """It is tried again, but not before this moment."""
        self._flying.pop(pending.ref, None)
        pending.ref = ""
        self._resting[pending.lane] = until

    def cancel(self, ticket: int) -> None:
        """Nobody waits for it any more: it stays only if it has left, since it may be stored."""
        for lane in self._lanes.values():
            for pending in lane:
                if pending.ticket == ticket:
                    if not pending.sent:
                        self._take(pending)
                    return

    def lost(self) -> None:
        """The connection is gone: what was in flight leaves again on the next one."""
        for pending in self._flying.values():
            pending.ref = ""
            self._ready[pending.lane] = None
        self._flying.clear()

    def wake(self, now: float) -> None:
        """Those whose rest is over may leave."""
        for lane in [lane for lane, until in self._resting.items() if until <= now]:
            del self._resting[lane]
            self._ready[lane] = None

    def _take(self, pending: Pending) -> None:
        lane = self._lanes[pending.lane]
        first = lane[0] is pending
        lane.remove(pending)
        self._flying.pop(pending.ref, None)
        if pending.nonce is not None:
            self._nonces.pop((pending.lane, pending.nonce), None)
        if first:
            self._resting.pop(pending.lane, None)
            self._ready.pop(pending.lane, None)
            if lane:
                self._ready[pending.lane] = None
        if not lane:
            del self._lanes[pending.lane]

    # ------------------------------------------------------------------------------------------------------- look-ups

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return bool(self._flying)

    @property
    def oldest(self) -> float | None:
        """When the oldest request in flight left."""
        return next(iter(self._flying.values())).since if self._flying else None

    @property
    def rested(self) -> float | None:
        """When the first rest is over."""
        return min(self._resting.values(), default=None)

    def all(self) -> list[Pending]:
        """Everything that waits."""
        return [pending for lane in self._lanes.values() for pending in lane]


def _number(pending: Pending) -> int:
    return int(pending.frame["MessageID"])
