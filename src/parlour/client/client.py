"""The client for asyncio: does what the link decides, with aiohttp.

1. One socket at a time. It is read as long as there is room, or an answer is awaited; so a consumer who waits for
   `send` never waits for itself.
2. What is given is given once and in order; what is sent is stored once. The link sees to both.
3. Time, chance and every interval come from outside.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Self

import aiohttp
import msgspec

from .. import protocol
from .effects import Drop, Effect, Get, Open, Send, Stop, Told
from .errors import ClientError, Ended, Refused
from .events import Event, Invitation, Message, Place, Position, Session
from .http import bearer, post, read, retry_after
from .link import HASTE, SHORT, Link
from .nonce import nonce as new_nonce
from .timing import Timing
from .world import Happened, World

Json = dict[str, Any]


class Client:
    """One user on one server: `async with Client(...) as client`, then `async for event in client`.

    It begins now, with the invitations that wait; with `since`, after that position. `room` bounds the events that wait
    for the consumer, `watch` is told what happens to messages.
    """

    def __init__(
        self,
        server: str,
        token: str,
        *,
        since: Position | None = None,
        timing: Timing | None = None,
        world: World | None = None,
        room: int = 1000,
        watch: Callable[[Happened], None] | None = None,
    ) -> None:
        self.server, self.token = server.rstrip("/"), token
        self._timing, self._world, self._watch = timing or Timing(), world or World(), watch
        self._link = Link(since, self._timing, self._world.chance, room)
        self._told: dict[int, asyncio.Future[Json]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._socket: asyncio.Task[None] | None = None
        self._out: asyncio.Queue[bytes] = asyncio.Queue()
        self._alarm: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()
        self._http: aiohttp.ClientSession | None = None
        self._ended: Ended | None = None
        self._stopped = False

    # -------------------------------------------------------------------------------------------------------- accounts

    @staticmethod
    async def register(server: str, username: str, password: str) -> str:
        """Make an account; its UserID. Raises Refused."""
        body = await post(f"{server.rstrip('/')}/api/register", {"Username": username, "Password": password})
        return msgspec.json.decode(body, type=protocol.Registered).UserID

    @classmethod
    async def log_in(cls, server: str, username: str, password: str, **options: Any) -> Self:
        """A client with a new login; the options are those of `Client`. Raises Refused."""
        body = await post(f"{server.rstrip('/')}/api/login", {"Username": username, "Password": password})
        return cls(server, msgspec.json.decode(body, type=protocol.LoggedIn).Token or "", **options)

    async def log_out(self) -> None:
        """End this login, on the server, and the client."""
        await self.stop()
        await post(f"{self.server}/api/logout", None, self.token)

    # ------------------------------------------------------------------------------------------------- begin, end, take

    async def __aenter__(self) -> Self:
        """Connect; until everything that was missing has been sent. Raises Ended."""
        self.start()
        try:
            while self._link.phase != "live":
                await self._change()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.stop()

    def start(self) -> None:
        """Begin to connect, without waiting for it."""
        self._http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), headers=bearer(self.token))
        self._do(self._link.start)

    async def stop(self) -> None:
        """Disconnect. What is not acknowledged may be stored or not: `send` raises."""
        self._stopped = True
        self._link.stop()
        self._drain()
        for told in self._told.values():
            if not told.done():
                told.set_exception(ClientError("the client was stopped"))
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)
        if self._http:
            await self._http.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        """The next event. Raises Ended when the server ended the connection for good."""
        while True:
            event = self._link.take(self._world.now())
            self._drain()
            if event is not None:
                self._tell(Happened(what="deliver", event=event))
                return event
            if self._stopped:
                raise StopAsyncIteration
            await self._change()

    async def _change(self) -> None:
        if self._ended:
            raise self._ended
        self._changed.clear()
        await self._changed.wait()

    # -------------------------------------------------------------------------------------------------------- requests

    async def send(self, session: str, data: str, *, nonce: str | None = None) -> Place:
        """Say something; its place, once it is stored. It is repeated over any number of connections.

        A call that is cancelled may still be stored. With a `nonce` of one's own it can be repeated by another client.
        Raises Refused, Ended.
        """
        name = nonce or new_nonce(self._world.day(), self._world.bytes(12))
        stamp = datetime.fromtimestamp(self._world.day(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        frame = {"type": "Message", "SessionID": session, "Nonce": name, "Message": {"data": data, "TimeStamp": stamp}}
        self._tell(Happened(what="invoke", session=session, nonce=name, data=data))
        try:
            done = await self._ask(frame, session, HASTE)
        except ClientError as failed:
            code = failed.code if isinstance(failed, Refused) else ""
            self._tell(Happened(what="fail", session=session, nonce=name, data=data, code=str(code)))
            raise
        place = Place(session=done["SessionID"], number=int(done["MessageID"]))
        self._tell(Happened(what="ack", session=session, nonce=name, data=data, number=place.number))
        return place

    async def invite(self, username: str) -> Session | None:
        """Ask the user with exactly this name. The session, if there is one already. Raises Refused, Ended."""
        return _session(await self._ask({"type": "Search", "Username": username}, "", SHORT))

    async def accept(self, invitation: Invitation) -> Session:
        """Say yes; the session. Raises Refused (`gone`: it is over), Ended."""
        session = _session(await self._answer(invitation, 1))
        assert session
        return session

    async def reject(self, invitation: Invitation) -> None:
        """Say no; the other side is told nothing. Raises Refused, Ended."""
        await self._answer(invitation, 0)

    async def _answer(self, invitation: Invitation, accepted: int) -> Json:
        frame = {"type": "request", "username": invitation.username, "Accepted": accepted, "Rev": invitation.rev}
        return await self._ask(frame, "", SHORT)

    async def history(self, session: str, *, before: int | None = None, limit: int = 50) -> list[Message]:
        """Messages of a session in order: the last ones, or the last ones before a number. Raises Refused."""
        assert self._http, "the client has not begun"
        query = {"limit": limit} | ({} if before is None else {"before": before})
        async with self._http.get(f"{self.server}/api/sessions/{session}/messages", params=query) as response:
            body = await read(response)
        page = msgspec.json.decode(body, type=protocol.History)
        return [self._link.streams.event(session, int(n), one) for n, one in page.Messages.items()]

    def delivered(self, session: str, number: int) -> None:
        """Tell that I have all messages up to this one, as soon as there is a connection."""
        self._do(self._link.mark, "Delivered", session, number)

    def read(self, session: str, number: int) -> None:
        """Tell that I have read up to this message, as soon as there is a connection."""
        self._do(self._link.mark, "Read", session, number)

    def typing(self, session: str) -> None:
        """Tell that I am typing, now or never; to be repeated every few seconds."""
        self._link.signal({"type": "Typing", "SessionID": session})
        self._drain()

    async def settings(self, session: str | None = None, **changed: object) -> None:
        """Change settings, named as in the protocol, for all sessions or for one. Raises Refused, Ended."""
        where = {} if session is None else {"SessionID": session}
        await self._ask({"type": "Settings", **where, **changed}, "", SHORT)

    async def _ask(self, frame: Json, lane: str, patient: frozenset[str]) -> Json:
        if self._ended:
            raise self._ended
        if self._stopped:
            raise ClientError("the client was stopped")
        ticket = self._link.ask(frame, lane, patient, self._world.now())
        told: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._told[ticket] = told
        self._drain()
        try:
            return await told
        finally:
            del self._told[ticket]
            if told.cancelled():
                self._link.outbox.cancel(ticket)

    # --------------------------------------------------------------------------------------------------- what is known

    @property
    def user_id(self) -> str:
        """My UserID; empty until the first connection."""
        return self._link.streams.user_id

    @property
    def username(self) -> str:
        """My name; empty until the first connection."""
        return self._link.streams.username

    @property
    def sessions(self) -> Mapping[str, Session]:
        """My sessions by their ids."""
        return MappingProxyType(self._link.streams.sessions)

    @property
    def invitations(self) -> list[Invitation]:
        """Those who wait for my answer."""
        return list(self._link.streams.invitations.values())

    @property
    def online(self) -> frozenset[str]:
        """The UserIDs of those who are there, as far as one knows."""
        return frozenset(self._link.streams.online)

    @property
    def live(self) -> bool:
        """Whether there is a connection that has caught up."""
        return self._link.phase == "live"

    @property
    def position(self) -> Position:
        """After the last event that the iterator gave: where another client may begin."""
        taken = self._link.streams.taken
        return Position(Epoch=taken.Epoch, Me=taken.Me, Sessions=dict(taken.Sessions))

    # ----------------------------------------------------------------------------------------------------- the effects

    def _do(self, step: Callable[..., object], *facts: object) -> None:
        """Tell the link what happened, and do what it says."""
        step(*facts, self._world.now())
        self._drain()

    def _drain(self) -> None:
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

    def _begin(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _set_alarm(self) -> None:
        if self._alarm:
            self._alarm.cancel()
        self._alarm, at = None, self._link.wakes_at
        if at is not None and not self._stopped:
            after = max(0.0, at - self._world.now())
            self._alarm = asyncio.get_running_loop().call_later(after, self._do, self._link.alarm)

    def _tell(self, happened: Happened) -> None:
        if self._watch:
            self._watch(happened)

    # -------------------------------------------------------------------------------------------------------- the wires

    async def _get(self, path: str, tag: int) -> None:
        """A call over HTTP."""
        assert self._http
        status, body, told = 0, b"", None
        patience = aiohttp.ClientTimeout(total=self._timing.answer)
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with self._http.get(self.server + path, timeout=patience) as response:
                body = await response.read()
                status, told = response.status, retry_after(response.headers)
        self._do(self._link.got, tag, status, body, told)

    async def _connection(self) -> None:
        """One socket, from the handshake to its end."""
        assert self._http
        url, out = f"{self.server}/ws", self._out
        limits = aiohttp.ClientWSTimeout(ws_close=self._timing.soon)
        try:
            socket = await self._http.ws_connect(url, protocols=[protocol.SUBPROTOCOL], timeout=limits)
        except aiohttp.WSServerHandshakeError as refused:
            self._do(self._link.refused, refused.status, retry_after(refused.headers or {}))
            return
        except (aiohttp.ClientError, OSError, TimeoutError):
            self._do(self._link.refused, 0, None)
            return
        writer = self._begin(_write(socket, out))
        try:
            code, reason = await self._read(socket)
            self._socket = None
            self._do(self._link.closed, code, reason)
        finally:
            writer.cancel()
            await socket.close()

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> tuple[int, str]:
        """Frames to the link, until the end; the close code and the reason."""
        while True:
            if self._link.streams.full:
                await self._patience()
            message = await socket.receive()
            if message.type is aiohttp.WSMsgType.TEXT:
                self._do(self._link.received, message.data)
            elif message.type is aiohttp.WSMsgType.CLOSE:
                return int(message.data or 1006), str(message.extra or "")
            else:
                return 1006, ""

    async def _patience(self) -> None:
        """Wait for the consumer, unless an answer is awaited; not for ever, as the server wants to be answered."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._timing.patience):
                while self._link.streams.full and not self._link.urgent:
                    self._changed.clear()
                    await self._changed.wait()


async def _write(socket: aiohttp.ClientWebSocketResponse, out: asyncio.Queue[bytes]) -> None:
    """Frames to the socket, as it takes them. What breaks here is noticed where it is read."""
    with suppress(aiohttp.ClientError, OSError):
        while True:
            await socket.send_str((await out.get()).decode())


def _session(done: Json) -> Session | None:
    return Session(id=done["SessionID"], users=done["Users"]) if "SessionID" in done else None
