"""The client: what a program calls.

1. What is given is given once and in order; what is sent is stored once. The link sees to both.
2. Time, chance and every interval come from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Self

import msgspec

from .. import protocol
from .errors import ClientError, Refused
from .events import Event, Invitation, Message, Place, Position, Session
from .http import post, read
from .link import HASTE, SHORT, Link
from .nonce import nonce as new_nonce
from .shell import Shell
from .streams import copied
from .timing import Timing
from .world import Happened, World

Json = dict[str, Any]


class Client:
    """One user on one server: `async with Client(...) as client`, then `async for event in client`.

    It begins with the invitations that wait, and then now; with `since`, after that position. `room` bounds the events
    that wait for the consumer, `watch` is told what happens to messages.
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
        self._shell = Shell(self.server, token, self._link, self._timing, self._world.now)

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
                await self._shell.change()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.stop()

    def start(self) -> None:
        """Begin to connect, without waiting for it."""
        self._shell.start()

    async def stop(self) -> None:
        """Disconnect. What is not acknowledged may be stored or not: `send` raises."""
        await self._shell.stop()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        """The next event. Raises Ended when the server ended the connection for good."""
        while True:
            event: Event | None = self._shell.do(self._link.take)
            if event is not None:
                self._tell(Happened(what="deliver", event=event))
                return event
            if self._shell.stopped:
                raise StopAsyncIteration
            await self._shell.change()

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
            done = await self._shell.ask(frame, session, HASTE)
        except ClientError as failed:
            code = failed.code if isinstance(failed, Refused) else ""
            self._tell(Happened(what="fail" if code else "lost", session=session, nonce=name, data=data, code=code))
            raise
        place = Place(session=done["SessionID"], number=int(done["MessageID"]))
        self._tell(Happened(what="ack", session=session, nonce=name, data=data, number=place.number))
        return place

    async def invite(self, username: str) -> Session | None:
        """Ask the user with exactly this name. The session, if there is one already. Raises Refused, Ended."""
        return _session(await self._shell.ask({"type": "Search", "Username": username}, "", SHORT))

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
        return await self._shell.ask(frame, "", SHORT)

    async def history(self, session: str, *, before: int | None = None, limit: int = 50) -> list[Message]:
        """Messages of a session in order: the last ones, or the last ones before a number. Raises Refused."""
        query = {"limit": limit} | ({} if before is None else {"before": before})
        async with self._shell.http.get(f"{self.server}/api/sessions/{session}/messages", params=query) as response:
            body = await read(response)
        page = msgspec.json.decode(body, type=protocol.History)
        return [self._link.streams.event(session, int(n), one) for n, one in page.Messages.items()]

    def delivered(self, session: str, number: int) -> None:
        """Tell that I have all messages up to this one, as soon as there is a connection."""
        self._shell.do(self._link.mark, "Delivered", session, number)

    def read(self, session: str, number: int) -> None:
        """Tell that I have read up to this message, as soon as there is a connection."""
        self._shell.do(self._link.mark, "Read", session, number)

    def typing(self, session: str) -> None:
        """Tell that I am typing, now or never; to be repeated every few seconds."""
        self._link.signal({"type": "Typing", "SessionID": session})
        self._shell.drain()

    async def settings(self, session: str | None = None, **changed: object) -> None:
        """Change settings, named as in the protocol, for all sessions or for one. Raises Refused, Ended."""
        where = {} if session is None else {"SessionID": session}
        await self._shell.ask({"type": "Settings", **where, **changed}, "", SHORT)

    def _tell(self, happened: Happened) -> None:
        if self._watch:
            self._watch(happened)

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
        """After the last event that the iterator gave: where another client may begin. At first: `since`."""
        return copied(self._link.streams.taken)


def _session(done: Json) -> Session | None:
    return Session(id=done["SessionID"], users=done["Users"]) if "SessionID" in done else None
