"""The link's hands: a socket, calls over HTTP and an alarm, with aiohttp on asyncio.

1. One socket at a time. It is read as long as there is room, or an answer is awaited; so a consumer who waits for an
   answer never waits for itself.
2. Whatever nobody foresaw ends the client with an exception; it is never a silence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import aiohttp

from .. import protocol
from .effects import Drop, Effect, Get, Open, Send, Stop, Told
from .errors import ClientError, Ended
from .http import bearer, retry_after
from .link import Link
from .timing import Timing

Json = dict[str, Any]


class Shell:
    """Does what a link decides."""

    http: aiohttp.ClientSession

    def __init__(self, server: str, token: str, link: Link, timing: Timing, now: Callable[[], float]) -> None:
        self._server, self._token, self._link, self._timing, self._now = server, token, link, timing, now
        self._told: dict[int, asyncio.Future[Json]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._socket: asyncio.Task[None] | None = None
        self._out: asyncio.Queue[bytes] = asyncio.Queue()
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = self._patient_until = 0.0
        self._changed = asyncio.Event()
        self._ended: Ended | None = None
        self.stopped = False

    def start(self) -> None:
        """Begin."""
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), headers=bearer(self._token))
        self.do(self._link.start)

    async def stop(self) -> None:
        """End, and leave nothing behind."""
        self.stopped = True
        self._link.stop()
        self.drain()
        for told in self._told.values():
            if not told.done():
                told.set_exception(ClientError("the client was stopped"))
        for task in self._tasks:
            task.cancel()
        while self._tasks:
            await asyncio.wait(self._tasks)
        if hasattr(self, "http"):
            await self.http.close()

    async def ask(self, frame: Json, lane: str, patient: frozenset[str]) -> Json:
        """Send a request; its answer. Raises Refused, Ended."""
        if self._ended:
            raise self._ended
        if self.stopped:
            raise ClientError("the client was stopped")
        told: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        ticket = self._link.ask(frame, lane, patient, self._now())
        self._told[ticket] = told
        self.drain()
        try:
            return await told
        finally:
            del self._told[ticket]
            if told.cancelled():
                self._link.outbox.cancel(ticket)

    async def change(self) -> None:
        """Wait until something has happened. Raises Ended."""
        if self._ended:
            raise self._ended
        self._changed.clear()
        await self._changed.wait()

    # ----------------------------------------------------------------------------------------------------- the effects

    def do(self, step: Callable[..., Any], *facts: object) -> Any:
        """Tell the link what happened, and do what it says."""
        result = step(*facts, self._now())
        self.drain()
        return result

    def drain(self) -> None:
        """Do what the link says."""
        effects, self._link.effects = self._link.effects, []
        for effect in effects:
            self._perform(effect)
        self._set_alarm()
        self._changed.set()

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Send(text):
                self._out.put_nowait(text)
            case Told(ticket, result):
                self._answered(ticket, result)
            case Get(path, tag):
                self._begin(self._get(path, tag))
            case Open():
                self._out = asyncio.Queue()
                self._socket = self._begin(self._connection())
            case Drop():
                if self._socket:
                    self._socket.cancel()
                self._socket = None
            case Stop(why):
                self._ended = why

    def _answered(self, ticket: int, result: Json | ClientError) -> None:
        told = self._told.get(ticket)
        if told is None or told.done():
            return
        if isinstance(result, ClientError):
            told.set_exception(result)
        else:
            told.set_result(result)

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._over)
        return task

    def _over(self, task: asyncio.Task[None]) -> None:
        """What nobody foresaw ends the client, and is not a silence."""
        self._tasks.discard(task)
        if not task.cancelled() and (raised := task.exception()):
            self._link.fail(Ended(0, repr(raised)))
            self.drain()

    def _set_alarm(self) -> None:
        """Wake in time; too early does no harm, so what is set is left where the next moment is later."""
        at = self._link.wakes_at
        if self._alarm and (at is None or at < self._alarm_at):
            self._alarm.cancel()
            self._alarm = None
        if at is not None and self._alarm is None and not self.stopped:
            self._alarm_at = at
            after = max(0.0, at - self._now())
            self._alarm = asyncio.get_running_loop().call_later(after, self._woken)

    def _woken(self) -> None:
        self._alarm = None
        self.do(self._link.alarm)

    # -------------------------------------------------------------------------------------------------------- the wires

    async def _get(self, path: str, tag: int) -> None:
        """A call over HTTP."""
        status, body, told = 0, b"", None
        patience = aiohttp.ClientTimeout(total=self._timing.answer)
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with self.http.get(self._server + path, timeout=patience) as response:
                body = await response.read()
                status, told = response.status, retry_after(response.headers)
        self.do(self._link.got, tag, status, body, told)

    async def _connection(self) -> None:
        """One socket, from the handshake to its end."""
        url, out = f"{self._server}/ws", self._out
        limits = aiohttp.ClientWSTimeout(ws_close=self._timing.soon)
        try:
            socket = await self.http.ws_connect(url, protocols=[protocol.SUBPROTOCOL], timeout=limits)
        except aiohttp.WSServerHandshakeError as refused:
            self.do(self._link.refused, refused.status, retry_after(refused.headers or {}))
            return
        except (aiohttp.ClientError, OSError, TimeoutError):
            self.do(self._link.refused, 0, None)
            return
        writer = self._begin(_write(socket, out))
        try:
            code, reason = await self._read(socket)
            self._socket = None
            self.do(self._link.closed, code, reason)
        finally:
            writer.cancel()
            await socket.close()

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> tuple[int, str]:
        """Frames to the link, until the end; the close code and the reason."""
        while True:
            if self._link.streams.full:
                await self._patience()
            elif self._link.streams.room:
                self._patient_until = 0.0
            message = await socket.receive()
            if message.type is aiohttp.WSMsgType.TEXT:
                self.do(self._link.received, message.data)
            elif message.type is aiohttp.WSMsgType.CLOSE:
                return int(message.data or 1006), str(message.extra or "")
            else:
                return 1006, ""

    async def _patience(self) -> None:
        """Wait for the consumer, unless an answer is awaited.

        Not for ever, as the server wants to be answered: then what comes is dropped, and asked for again later.
        """
        self._patient_until = self._patient_until or self._now() + self._timing.patience
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, self._patient_until - self._now())):
                while self._link.streams.full and not self._link.urgent:
                    self._changed.clear()
                    await self._changed.wait()


async def _write(socket: aiohttp.ClientWebSocketResponse, out: asyncio.Queue[bytes]) -> None:
    """Frames to the socket, as it takes them. What breaks here is noticed where it is read."""
    with suppress(aiohttp.ClientError, OSError):
        while True:
            await socket.send_str((await out.get()).decode())
