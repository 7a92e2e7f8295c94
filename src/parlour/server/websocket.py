"""One connection: frames in, bytes out. The only file that knows the WebSocket library.

1. After the handshake the transport belongs to `Connection`, around aiohttp's frame reader: no task, request or
   response object for each socket. (`tests/server/test_websocket.py` pins the private names that this uses.)
2. Requests run in the order of arrival, at most 32 in work; then the socket is not read.
3. What goes out in one turn of the loop is one write. An event that finds no room is refused: the hub keeps a number.
"""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType
from aiohttp._websocket.reader import WebSocketDataQueue, WebSocketReader

from .. import protocol
from ..core.dispatch import Answer, Caller, Refused
from ..protocol import CLOSINGS, FRAME_BYTES, IN_FLIGHT, Closing
from .framing import Interleaved, Unfinished, follow
from .gateway import Unreadable, decode
from .hub import Listener, Opening
from .pressure import Waiting

if TYPE_CHECKING:
    from .gateway import Outcome
    from .presence import Floor

ROOM_BYTES = 65_536
UNUSABLE_IN_A_ROW = 20
FLOOD = 10
"""So many times as many pings as are answered are a flood."""
CLOSE_SECONDS = 1.0

TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A
_MIDDLE = struct.Struct(">BBH")


def wire(payload: bytes, opcode: int = TEXT) -> bytes:
    """A payload as one unmasked frame (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes((opcode, size)) + payload
    if size < 65_536:
        return _MIDDLE.pack(opcode, 126, size) + payload
    return bytes((opcode, 127)) + size.to_bytes(8, "big") + payload


class _Queue(WebSocketDataQueue):
    """Where aiohttp's reader puts messages: hands each on at once, so nothing is ever queued.

    The base's `__init__` is left out: it makes a buffer of 1 KB for each socket, which would stay empty. What the
    reader looks at is here.
    """

    __slots__ = ("_fail", "_hand_on")
    _size = _limit = 0

    def __init__(self, connection: Connection) -> None:
        self._hand_on = connection.on_message
        self._fail = connection.on_violation

    def feed_data(self, data: Any, size: int) -> None:
        self._hand_on(data)

    def set_exception(self, exc: BaseException, exc_cause: BaseException | None = None) -> None:
        self._fail(exc)


class Turn:
    """The connections that have something to send at the end of this turn of the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._waiting = loop, list[Connection]()

    def add(self, connection: Connection) -> None:
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(connection)

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        for connection in waiting:
            connection.flush()


class Connection(asyncio.Protocol):
    """A socket of a logged-in user."""

    __slots__ = (
        "_backlog", "_closing", "_floor", "_full", "_in_work", "_loop", "_out", "_out_size", "_reader",
        "_resuming", "_stopped", "_transport", "_turn", "_unfinished", "_unusable", "_waiter", "_waiting", "address",
        "caller", "ends_at", "heard", "listener", "pinged",
    )  # fmt: skip

    def __init__(
        self, transport: asyncio.Transport, caller: Caller, ends_at: float, core: bool, floor: Floor, address: str
    ) -> None:
        self._transport, self.caller, self.ends_at, self._floor = transport, caller, ends_at, floor
        self.address = address
        self._loop = asyncio.get_running_loop()
        self._reader = WebSocketReader(_Queue(self), FRAME_BYTES + 1, compress=False, decode_text=True)
        self.listener = Listener(self, caller.UserID, core)
        self._turn = floor.turn
        self._out: list[bytes] = []
        self._out_size = self._unusable = 0
        self._in_work = IN_FLIGHT if core else 0
        self._full = self._stopped = self._closing = False
        self._backlog: deque[protocol.ClientFrame] | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._resuming: asyncio.Task[None] | None = None
        self._unfinished: Unfinished | None = None
        self._waiting: Waiting | None = None
        self.heard = True
        self.pinged = self._loop.time()
        transport.set_write_buffer_limits(high=ROOM_BYTES)

    def started(self, early: bytes, opening: Opening | None) -> None:
        """The transport is ours: begin, with what came behind the handshake."""
        self._floor.came(self, opening)
        if early:
            self.data_received(early)

    def opened(self) -> None:
        """A core socket has been shown its pop-ups and hears its streams; what it asked for meanwhile is run now."""
        self._in_work = 0
        self._go_on()

    # ---------------------------------------------------------------------------------------- what the transport says

    def data_received(self, data: bytes) -> None:
        self.heard = True
        if not self._closing:
            self._reader.feed_data(data)
            try:
                self._unfinished = follow(data, self._unfinished, self._loop.time)
            except Interleaved as raised:
                self.on_violation(raised)

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None:
        self._full = True
        self._read_or_not()

    def resume_writing(self) -> None:
        self._full = False
        self._read_or_not()
        self._wake()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._closing = True
        self._out.clear()  # What waits for the end of this turn has nowhere to go: a closed transport would raise.
        self._floor.went(self)
        self._wake()

    # -------------------------------------------------------------------------------------------- what the reader says

    def on_message(self, message: Any) -> None:
        kind = message[0]
        if self._closing:
            return
        if kind is WSMsgType.TEXT:
            self._on_text(message[1])
        elif kind is WSMsgType.PING:
            self._on_ping(message[1])
        elif kind is WSMsgType.PONG:
            self._judge_flood(self._floor.pongs.count(self))
        elif kind is WSMsgType.CLOSE:
            self._on_close(message[1])
        elif kind is WSMsgType.BINARY:
            self._close(1003, "text only")

    def _on_ping(self, payload: bytes) -> None:
        """So many a second are answered, more are not; a flood ends the socket."""
        came = self._floor.pings.count(self)
        if came <= self._floor.pings.most:
            self._send(wire(payload, PONG))
        self._judge_flood(came)

    def _judge_flood(self, came: int) -> None:
        if came > FLOOD * self._floor.pings.most:
            self.end(CLOSINGS["abuse"])

    def _on_close(self, code: int) -> None:
        """The peer closes; 1006 is the one code that may not be sent and that the reader lets pass."""
        if code == 1006:
            self._close(1002, "")
        else:
            self._shut(wire(code.to_bytes(2, "big") if code else b"", CLOSE))

    def on_violation(self, raised: BaseException) -> None:
        """The bytes break RFC 6455."""
        self._close(int(getattr(raised, "code", 1002)), "")

    def _on_text(self, text: str) -> None:
        try:
            frame = decode(text, self.listener.core)
            self._floor.budgets.spend(frame, self.caller.UserID)
        except Unreadable as unreadable:
            self._unusable += 1
            self.say(wire(protocol.encode(unreadable.answer)))
            if self._unusable >= UNUSABLE_IN_A_ROW:
                self._close(1008, "too many frames that cannot be used")
        except Refused as refused:
            self._refuse(refused, frame.Ref)
        else:
            self._unusable = 0
            self._take(frame)

    # --------------------------------------------------------------------------------------------------- requests

    def _take(self, frame: protocol.ClientFrame) -> None:
        """Run a request, or keep it while enough are in work."""
        if self._in_work >= IN_FLIGHT:
            self._backlog = self._backlog or deque()
            self._backlog.append(frame)
            self._read_or_not()
            return
        self._in_work += self._room_of(frame)
        if isinstance(frame, protocol.Resume):
            self._resuming = self._loop.create_task(self._resume(frame, self._resuming))
        else:
            self._floor.gateway.submit(frame, self.caller, self._told)

    def _room_of(self, frame: protocol.ClientFrame) -> int:
        """Of how many in work it takes the place: what has a procedure takes all, so that nothing overtakes it."""
        return IN_FLIGHT if type(frame) in self._floor.gateway.procedures else 1

    async def _resume(self, frame: protocol.Resume, earlier: asyncio.Task[None] | None) -> None:
        if earlier:
            await earlier
        outcome: Outcome = Answer(protocol.Nothing())
        try:
            await self._floor.hub.resume(self.listener, frame)
        except Refused as refused:
            outcome = refused
        if self._resuming is asyncio.current_task():
            self._resuming = None
        self._told(frame, outcome)
        if isinstance(outcome, Refused):
            self.end()  # It would wait for `Resumed` for ever.

    def _told(self, frame: protocol.ClientFrame, outcome: Outcome) -> None:
        """A request is done: answer it, then take the next one."""
        self._in_work -= self._room_of(frame)
        if not self._closing:
            self._answer(frame, outcome)
            if self._backlog:
                self._go_on()

    def _go_on(self) -> None:
        """Take what waits, as far as it may be in work."""
        while self._backlog and self._in_work < IN_FLIGHT:
            self._take(self._backlog.popleft())
        self._read_or_not()

    def _answer(self, frame: protocol.ClientFrame, outcome: Outcome) -> None:
        if isinstance(outcome, Refused):
            self._refuse(outcome, frame.Ref)
            return
        again = outcome.repeat or (outcome.instead if self.listener.core else None)
        if again:
            self.say(wire(again))
        if frame.Ref is not None and not self.listener.core:
            self.say(wire(protocol.done(frame.Ref, outcome.result)))

    def _refuse(self, refused: Refused, ref: str | None) -> None:
        told = protocol.error(refused.code, ref, refused.field, refused.retry_after, refused.why)
        self.say(wire(protocol.encode(told)))

    # ------------------------------------------------------------------------------------------------- what goes out

    def push(self, bytes_: bytes) -> bool:
        if self._full or self._out_size > ROOM_BYTES or self._closing:
            return False
        self._send(bytes_)
        return True

    def say(self, bytes_: bytes) -> None:
        if not self._closing:
            self._send(bytes_)

    async def room(self) -> None:
        while (self._full or self._out_size > ROOM_BYTES) and not self._closing:
            self._waiter = self._loop.create_future()
            await self._waiter

    @property
    def closed(self) -> bool:
        return self._closing

    def _send(self, bytes_: bytes) -> None:
        if not self._out:
            self._turn.add(self)
        self._out.append(bytes_)
        self._out_size += len(bytes_)

    def flush(self) -> None:
        """What was gathered in this turn, in one write."""
        if self._out:
            self._transport.write(b"".join(self._out) if len(self._out) > 1 else self._out[0])
            if self._waiting:
                self._waiting.left += self._out_size
            self._out.clear()
            self._out_size = 0
        if not self._full:
            self._wake()

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def _read_or_not(self) -> None:
        """Read as long as there is room for answers and not too much in work; at the end, only to drop it."""
        stop = (self._full or bool(self._backlog)) and not self._closing
        if stop != self._stopped and not self._transport.is_closing():
            self._stopped = stop
            (self._transport.pause_reading if stop else self._transport.resume_reading)()

    # ----------------------------------------------------------------------------------------------- liveness, closing

    @property
    def unheard(self) -> bool:
        """Nothing came since the last ping, though it could have reached the peer and the answer us."""
        return not (self.heard or self._stopped)

    def beat(self, now: float) -> None:
        """Show that the server lives, and ask whether the peer does."""
        if self._closing:
            return
        self.pinged, self.heard = now, False
        self._send(wire(b"", PING))
        if not self.listener.core:
            self._send(wire(protocol.encode(protocol.Beat())))

    def look(self, now: float, stuck_after: float, whole_within: float) -> None:
        """End a peer who takes nothing of what waits for it, or does not finish what it began to say."""
        if self._closing:
            return
        if now - self._stuck_since(now) >= stuck_after:
            self.end(CLOSINGS["slow_consumer"])
        elif self._unfinished:
            if self._stopped:  # It is not the peer's fault.
                self._unfinished = self._unfinished._replace(since=now)
            elif now - self._unfinished.since >= whole_within:
                self._close(1008, "a message that does not end")

    def _stuck_since(self, now: float) -> float:
        """Since when the peer has taken nothing; now, if there is nothing to take."""
        if not self._transport.get_write_buffer_size():
            self._waiting = None
            return now
        self._waiting = self._waiting or Waiting(self._transport, now)
        return self._waiting.look(self._transport, now)

    def end(self, why: Closing = CLOSINGS["unavailable"]) -> None:
        """Close, saying why."""
        self._close(why.core if self.listener.core else why.code, why.reason)

    def _close(self, code: int, reason: str) -> None:
        if not self._closing:
            self._shut(wire(code.to_bytes(2, "big") + reason.encode(), CLOSE))

    def _shut(self, last: bytes) -> None:
        """The last bytes, then no more; a peer that does not take them is cut off.

        What still comes is read and dropped: closing over unread bytes resets the connection, and the peer may never
        see why it was closed.
        """
        self._send(last)
        self.flush()
        self._closing = True
        self._read_or_not()
        if not self._transport.is_closing():
            self._transport.write_eof()
        self._loop.call_later(CLOSE_SECONDS, self._transport.abort)
