"""Who hears which stream; catching up.

1. The server decides what a connection hears, from membership. Nobody can ask for a stream.
2. A listener is *live* on a stream, or *behind* at a number. Live delivery, slow readers, lost frames and coming back
   are one path: whoever is behind reads the stream from the store until there is nothing more, then is live.
3. A slow reader costs a number, not a queue. One's own stream is caught up first: a `Session` comes before its events.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import msgspec

from ..core import invitations, marks, sessions, snapshot
from ..core.dispatch import LOGIN_ENDED, Refused
from ..core.ports import Bus, Need, Published, Tx
from ..protocol import RESUME_EVENTS, Mark, Presence, Reset, Resume, Resumed, ServerFrame, Status, encode
from ..protocol import Session as SessionFrame

log = logging.getLogger(__name__)

PAGE = 100
"""Events that one read of a stream brings: with frames of 64 KiB at most, a listener's share of memory."""
SIGNALS_KEPT = 100
"""Signals that wait while the present state is read; more, and it is read again."""


class Outlet(Protocol):
    """Where a listener's frames go."""

    def push(self, wire: bytes) -> bool:
        """Send bytes; False: there is no room, and nothing was sent."""

    def say(self, wire: bytes) -> None:
        """Send bytes whether or not there is room: a direct answer, whose number the reading side bounds."""

    async def room(self) -> None:
        """Until there is room again, or the outlet is closed."""

    def end(self) -> None:
        """Close in a way that says: come back."""

    @property
    def closed(self) -> bool: ...


class Listener:
    """What one connection hears, and how far it has heard."""

    __slots__ = ("behind", "core", "later", "missed", "numbers", "outlet", "resuming", "task", "user_id")

    def __init__(self, outlet: Outlet, user_id: str, core: bool) -> None:
        self.outlet, self.user_id, self.core = outlet, user_id, core
        self.numbers: dict[str, int] = {}
        """The last number of each stream that was sent."""
        self.behind: dict[str, int] | None = None
        """The streams that are behind, with the highest number that was heard of. Mostly nothing: no dict then."""
        self.missed = False
        """Whether a signal found no room, or came while something was behind."""
        self.later: list[bytes] | None = None
        """Signals that came while the present state is read: they follow it."""
        self.resuming = False
        self.task: asyncio.Task[None] | None = None


class Opening(msgspec.Struct):
    """What a listener begins with, from one read. `present`: what follows `Resumed`, where nothing was missed."""

    epoch: str
    heads: dict[str, int]
    pop_ups: list[bytes]
    present: Present | None


class Present(msgspec.Struct):
    """How everything is that is told by signals: who of one's peers is here, and all marks."""

    peers: dict[str, Presence]
    marks: list[Mark]


class Page(msgspec.Struct):
    """The next events of a stream; `whole`: there were no more at the moment of the read."""

    stream: str
    events: list[Published]
    whole: bool


CORE_KINDS = frozenset({"Message", "Search", "Session"})
"""The kinds of event that a core socket is sent."""

Read = Callable[[Callable[[Tx], Any]], Awaitable[Any]]


class Hub:
    """The listeners of this node."""

    def __init__(self, read: Read, bus: Bus, wire: Callable[[bytes], bytes], now: Callable[[], str]) -> None:
        self._read, self._bus, self._wire, self._now = read, bus, wire, now
        self._listeners: dict[str, list[Listener]] = {}
        self._openings = 0
        self._news: dict[str, int] = {}
        """The streams that something happened on while any opening is being read, with the last number."""
        self.login_ended: Callable[[str, str], None] = lambda user_id, login_id: None
        """Told when a login is over, of whatever node."""

    # ------------------------------------------------------------------------------------------------- live delivery

    def deliver(self, stream: str, number: int, kind: str, frame: bytes) -> None:
        """An event of the bus, to each who listens: sent if it is the next one, else a hint to read."""
        listeners = self._listeners.get(stream)
        if self._openings:
            self._news[stream] = number or self._news.get(stream, 0)
        if number == 0 and kind == LOGIN_ENDED:
            self.login_ended(stream, frame.decode())
            return
        if not listeners:
            return
        wire = self._wire(frame)
        for listener in tuple(listeners) if kind == "Session" else listeners:
            if number == 0:
                self._signal(listener, wire)
            elif (
                kind == "Message"  # The way of nearly every event, in one step.
                and listener.behind is None
                and listener.numbers[stream] == number - 1
                and listener.outlet.push(wire)
            ):
                listener.numbers[stream] = number
            else:
                self._event(listener, stream, number, kind, frame, wire)

    def _signal(self, listener: Listener, wire: bytes) -> None:
        """A signal is lossy: one that cannot be sent now is made good by the present state, later."""
        if listener.core:
            return
        if listener.later is not None and len(listener.later) < SIGNALS_KEPT:
            listener.later.append(wire)
        elif listener.task or not listener.outlet.push(wire):
            listener.missed = True
            self._wake(listener)

    def _event(self, listener: Listener, stream: str, number: int, kind: str, frame: bytes, wire: bytes) -> None:
        at = listener.numbers[stream]
        if number <= at:
            return
        is_behind = listener.behind is not None and stream in listener.behind
        if is_behind or number != at + 1 or not self._give(listener, stream, number, kind, wire):
            self._fall_behind(listener, stream, number)
        elif kind == "Session":
            self._join_begun(listener, frame, live=True)

    def _give(self, listener: Listener, stream: str, number: int, kind: str, wire: bytes) -> bool:
        """The next event of a stream to one listener; False if there was no room."""
        if not (listener.core and kind not in CORE_KINDS) and not listener.outlet.push(wire):
            return False
        listener.numbers[stream] = number
        return True

    def _join_begun(self, listener: Listener, frame: bytes, live: bool) -> None:
        """A session has begun: the listener hears it from its first event on."""
        session_id = msgspec.json.decode(frame, type=SessionFrame).SessionID
        if session_id not in listener.numbers:
            self._listen(listener, session_id, 0)
            if not live:
                self._fall_behind(listener, session_id, 0)

    # ----------------------------------------------------------------------------------------------- joining, leaving

    def join(self, listener: Listener, stream: str, number: int) -> None:
        """Listen to a stream from a number on."""
        self._listen(listener, stream, number)
        self._fall_behind(listener, stream, number)

    def _listen(self, listener: Listener, stream: str, number: int) -> None:
        if stream not in listener.numbers:
            heard_by = self._listeners.setdefault(stream, [])
            heard_by.append(listener)
            if len(heard_by) == 1:
                self._bus.follow(stream)
        listener.numbers[stream] = number

    def leave(self, listener: Listener) -> None:
        """Listen to nothing any more."""
        for stream in listener.numbers:
            heard_by = self._listeners[stream]
            heard_by.remove(listener)
            if not heard_by:
                del self._listeners[stream]
                self._bus.unfollow(stream)
        listener.numbers = {}
        if listener.task:
            listener.task.cancel()

    # ------------------------------------------------------------------------------------------------------ openings

    async def opening(self, user_id: str) -> Opening:
        """Where a core socket begins. Raises Refused."""
        return await self._opening(user_id, None)

    async def open_core(self, listener: Listener, opening: Opening) -> None:
        """A core socket begins at the heads of its opening, with every pending pop-up."""
        if listener.outlet.closed:
            return
        for frame in opening.pop_ups:
            if not await self._push(listener, self._wire(frame)):
                return
        for stream, head in opening.heads.items():
            self.join(listener, stream, head)

    async def _push(self, listener: Listener, wire: bytes) -> bool:
        """Send as soon as there is room. False: the connection is gone."""
        while not listener.outlet.push(wire):
            await listener.outlet.room()
            if listener.outlet.closed:
                return False
        return True

    async def resume(self, listener: Listener, where: Resume) -> None:
        """Bring a `parlour.v1` listener from where it says that it stands to now; `Resumed` follows."""
        with self._noting():
            opening = await self._opening(listener.user_id, where)
            if not listener.outlet.closed:
                self._resume(listener, where, opening)

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """Note what happens between the read of an opening and listening: what is not news is not read again."""
        self._openings += 1
        try:
            yield
        finally:
            self._openings -= 1
            if not self._openings:
                self._news = {}

    def _resume(self, listener: Listener, where: Resume, opening: Opening) -> None:
        first = not listener.numbers
        asked = {**where.Sessions, listener.user_id: where.Me}
        places = {s: asked.get(s, 0) for s in opening.heads if first or s in asked}
        if where.Epoch != opening.epoch or not _whole(where.Me, opening.heads[listener.user_id]):
            broken: list[str | None] = [None]
            places = dict(opening.heads)
        else:
            broken = [s for s, number in places.items() if not _whole(number, opening.heads[s])]
        for stream in broken:
            self._say(listener, Reset(SessionID=stream))
        for stream, number in places.items():
            self._place(listener, stream, opening.heads[stream] if stream in broken else number, opening.heads[stream])
        listener.resuming = True
        if opening.present and not listener.task and listener.user_id not in self._news:
            self._tell(listener, opening.present)
        else:
            listener.missed = True
            self._wake(listener)

    def _place(self, listener: Listener, stream: str, number: int, head: int) -> None:
        """Listen from a number on: live, unless there was more at the read, or came since.

        What may have begun in what is missing of one's own stream waits for that: a `Session` comes before its events.
        """
        behind = listener.behind or ()
        begins = number == 0 and listener.user_id in behind
        if number == max(head, self._news.get(stream, 0)) and stream not in behind and not begins:
            self._listen(listener, stream, number)
        else:
            self.join(listener, stream, number)

    def _say(self, listener: Listener, frame: ServerFrame) -> None:
        """A direct answer: it is sent even where an event would wait for room."""
        listener.outlet.say(self._wire(encode(frame)))

    async def _opening(self, user_id: str, where: Resume | None) -> Opening:
        now = self._now()

        def read(tx: Tx) -> Opening:
            streams = [user_id, *sessions.sessions_of(tx, user_id)]
            tx.prefetch(Need(None, (stream,)) for stream in streams)
            heads = {stream: tx.head(stream) for stream in streams}
            pop_ups = [] if where else invitations.pop_ups(tx, user_id, now)
            present = _present(tx, user_id) if where and heads == {**where.Sessions, user_id: where.Me} else None
            return Opening(snapshot.epoch_of(tx), heads, pop_ups, present)

        opening: Opening = await self._read(read)
        return opening

    # --------------------------------------------------------------------------------------------------- catching up

    def _fall_behind(self, listener: Listener, stream: str, heard_of: int) -> None:
        if listener.behind is None:
            listener.behind = {}
        listener.behind[stream] = max(heard_of, listener.behind.get(stream, 0))
        self._wake(listener)

    def _wake(self, listener: Listener) -> None:
        if listener.task is None and not listener.outlet.closed:
            listener.task = asyncio.get_running_loop().create_task(self._catch_up(listener))

    async def _catch_up(self, listener: Listener) -> None:
        """Until nothing is behind and nothing was missed; then the listener is live on all its streams."""
        try:
            while (listener.behind or listener.missed) and not listener.outlet.closed:
                if listener.behind:
                    await self._read_on(listener)
                else:
                    await self._tell_present(listener)
            listener.behind = None
        except Refused:
            log.warning("a listener cannot catch up: the storage does not answer")
            listener.outlet.end()
        finally:
            listener.task = None

    async def _read_on(self, listener: Listener) -> None:
        """One read for all that is behind, then what it found."""
        assert listener.behind
        await listener.outlet.room()
        behind = {stream: listener.numbers[stream] for stream in listener.behind}
        pages: list[Page] = await self._read(lambda tx: _pages(tx, behind, listener.user_id))
        for page in pages:
            if not await self._send_page(listener, page):
                return

    async def _send_page(self, listener: Listener, page: Page) -> bool:
        """One stream's next events; live where there are no more. False: the connection is gone."""
        stream = page.stream
        for event in page.events:
            if event.number != listener.numbers.get(stream, -1) + 1:
                return not listener.outlet.closed
            while not self._give(listener, stream, event.number, event.kind, self._wire(event.frame)):
                await listener.outlet.room()
                if listener.outlet.closed or listener.numbers.get(stream) != event.number - 1:
                    return not listener.outlet.closed
            if event.kind == "Session":
                self._join_begun(listener, event.frame, live=False)
        if page.whole and listener.behind and listener.behind.get(stream, 0) <= listener.numbers[stream]:
            del listener.behind[stream]
        return True

    async def _tell_present(self, listener: Listener) -> None:
        """After catching up: how everything is now."""
        await listener.outlet.room()
        listener.missed, listener.later = False, []
        present: Present = await self._read(lambda tx: _present(tx, listener.user_id))
        later, listener.later = listener.later, None
        if listener.behind:
            listener.missed = True
            return
        self._tell(listener, present)
        for wire in later:  # Older ones too: of each kind the last one is not older than what was read.
            listener.outlet.say(wire)

    def _tell(self, listener: Listener, present: Present) -> None:
        """`Resumed` if it is due, then who is Online, all marks; later, who is Offline too."""
        resumed, listener.resuming = listener.resuming, False
        if resumed:
            self._say(listener, Resumed())
        for peer, status in present.peers.items():
            if status == "Online" or not resumed:
                self._say(listener, Status(UserID=peer, Status=status))
        for mark in present.marks:
            self._say(listener, mark)


def _present(tx: Tx, user_id: str) -> Present:
    return Present(sessions.presence_of_peers(tx, user_id), marks.present_marks(tx, user_id))


def _whole(number: int, head: int) -> bool:
    """Whether a stream can be made whole from here on."""
    return head - RESUME_EVENTS <= number <= head


def _pages(tx: Tx, behind: dict[str, int], own: str) -> list[Page]:
    """The next events of what is behind: one's own stream alone as long as it has some."""
    if own in behind and tx.head(own) > behind[own]:
        return [_page(tx, own, behind[own], PAGE)]
    tx.prefetch(Need(None, (stream,)) for stream in behind)
    pages, room = [], PAGE
    for stream, number in behind.items():
        page = _page(tx, stream, number, room)
        pages.append(page)
        room -= len(page.events)
        if room <= 0:
            break
    return pages


def _page(tx: Tx, stream: str, number: int, limit: int) -> Page:
    head = tx.head(stream)
    events = tx.since(stream, number, limit) if head > number else []
    reached = events[-1].number if events else number
    return Page(stream, events, reached >= head)
