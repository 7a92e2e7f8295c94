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
from .events import Asking, Deed, Event, Invitation, Login, Message, NewLink, OwnLink, Place, Position, Session
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

    async def invite(self, username: str, *, note: str | None = None) -> Session | None:
        """Ask the user with exactly this name, who sees the note. The session, if there is one already.

        Raises Refused (`slow_down`: enough for now), Ended.
        """
        written = {} if note is None else {"Note": note}
        return _session(await self._ask("Search", Username=username, **written))

    async def cancel(self, username: str) -> None:
        """Take my invitation back; it is the same whatever became of it. Raises Refused, Ended."""
        await self._ask("Cancel", Username=username)

    async def accept(self, invitation: Invitation) -> Session:
        """Say yes, also after a no that was not told; the session. Raises Refused (`gone`: it is over), Ended."""
        session = _session(await self._answer(invitation, 1))
        assert session
        return session

    async def reject(self, invitation: Invitation, *, tell: bool = False) -> None:
        """Say no; the other side is told only if `tell`. Raises Refused, Ended."""
        await self._answer(invitation, 0, **({"Tell": True} if tell else {}))

    async def _answer(self, invitation: Invitation, accepted: int, **more: object) -> Json:
        asked = {"username": invitation.username, "Rev": invitation.rev}
        return await self._ask("request", **asked, Accepted=accepted, **more)

    async def block(self, username: str) -> None:
        """Hear nothing of this user any more; our session closes. They are not told. Raises Refused, Ended."""
        await self._ask("Block", Username=username)

    async def unblock(self, username: str) -> None:
        """Lift the block; nothing that it ended comes back. Raises Refused, Ended."""
        await self._ask("Unblock", Username=username)

    async def close(self, session: str) -> None:
        """Close a session for all its members, until somebody is invited and accepts again. Raises Refused, Ended."""
        await self._ask("Close", SessionID=session)

    async def make_link(self) -> NewLink:
        """A link that one person may use, once, to begin a session with me. Raises Refused, Ended."""
        made = await self._ask("Link")
        return NewLink(text=made["Link"], link=made["Link"].partition(".")[0], lapses=made["Lapses"])

    async def take_back_link(self, link: str) -> None:
        """End a link of mine, by its name or its text. Raises Refused, Ended."""
        await self._ask("Unlink", Link=link)

    async def redeem(self, text: str) -> Session:
        """Use somebody's link; the session. Raises Refused (`gone`: it does not work, for whatever reason), Ended."""
        session = _session(await self._ask("Redeem", Link=text))
        assert session
        return session

    async def ledger(self) -> list[Deed]:
        """What I asked, agreed to, refused and blocked, and what others did; the newest first. Raises Refused."""
        deeds: list[Deed] = []
        more, query = True, dict[str, int]()
        while more:
            told = msgspec.json.decode(await self._get("/api/consent", **query), type=protocol.Ledger)
            deeds += [_deed(one) for one in told.Ledger]
            more, query = told.More, {"before": deeds[-1].number} if deeds else {}
        return deeds

    async def history(self, session: str, *, before: int | None = None, limit: int = 50) -> list[Message]:
        """Messages of a session in order: the last ones, or the last ones before a number. Raises Refused."""
        query = {"limit": limit} | ({} if before is None else {"before": before})
        body = await self._get(f"/api/sessions/{session}/messages", **query)
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
        await self._ask("Settings", **where, **changed)

    async def change_password(self, old: str, new: str) -> None:
        """A new password; all my other logins end. Raises Refused, Ended."""
        await self._ask("Password", Old=old, New=new)

    async def logins(self) -> list[Login]:
        """Where I am logged in, the login that was used last first. Raises Refused."""
        told = msgspec.json.decode(await self._get("/api/logins"), type=protocol.Logins)
        return [_login(one) for one in told.Logins]

    async def revoke(self, login: str) -> None:
        """End one of my logins, or with "others" all but this one. Raises Refused, Ended."""
        await self._ask("Revoke", LoginID=login)

    async def delete_account(self, password: str) -> None:
        """Delete my account for ever, and end the client. Raises Refused, Ended."""
        await self._ask("DeleteAccount", Password=password)
        await self.stop()

    async def _ask(self, kind: str, **fields: object) -> Json:
        """One request after the other; what was on its way when the connection was lost is sent again."""
        return await self._shell.ask({"type": kind, **fields}, "", SHORT)

    async def _get(self, path: str, **query: int) -> bytes:
        async with self._shell.http.get(self.server + path, params=query) as response:
            return await read(response)

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
        return list(self._link.streams.consents.invitations.values())

    @property
    def asking(self) -> list[Asking]:
        """Those whom I have asked, and who have not accepted."""
        return list(self._link.streams.consents.asking.values())

    @property
    def blocks(self) -> frozenset[str]:
        """The names of those whom I block."""
        return frozenset(self._link.streams.consents.blocks)

    @property
    def links(self) -> list[OwnLink]:
        """My links that nobody has used."""
        return list(self._link.streams.consents.links.values())

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


def _deed(told: protocol.Consent) -> Deed:
    return Deed(
        number=told.Seq,
        at=told.At,
        mine=told.By == "me",
        did=told.Did,
        username=told.UserName,
        how=told.How,
        note=told.Note,
        undo=told.Undo,
    )


def _login(told: protocol.LoginView) -> Login:
    return Login(
        id=told.LoginID, created_at=told.CreatedAt, used_at=told.UsedAt, agent=told.Agent, current=told.Current
    )
