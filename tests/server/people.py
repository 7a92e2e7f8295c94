"""People for tests: a server in this loop, clients that speak the protocol over real sockets.

1. A client knows the protocol alone. Only `Town` reaches into its server: to look into the database, and to make
   accounts whose password is hashed once for all of them; whoever tests registering does so over HTTP.
2. Every wait has a limit, and what was not received is told by what was.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import apsw

from parlour.config import Settings
from parlour.core import passwords
from parlour.core.accounts import Register
from parlour.core.dispatch import NOBODY
from parlour.core.ports import Secret
from parlour.server.app import Server, open_store

PASSWORD = "four plain words here"
PATIENCE = 10.0
Json = dict[str, Any]


@cache
def _kept() -> Secret:
    return passwords.hashed(PASSWORD)


def settings_for(folder: Path, **changes: Any) -> Settings:
    """Settings of a test's server: any free port, no budgets unless a test asks for them."""
    chosen: dict[str, Any] = {"data": str(folder), "port": 0, "limits": "off", "log": "warning"}
    return Settings(**(chosen | changes))


@asynccontextmanager
async def running(folder: Path, **changes: Any) -> AsyncIterator[Server]:
    """A server in this loop."""
    settings = settings_for(folder, **changes)
    server = Server(settings, open_store(settings))
    try:
        await server.start()
        yield server
    finally:
        await server.stop()


class Socket:
    """A WebSocket of a person, with all frames that came."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws
        self.frames: list[Json] = []

    async def send(self, **frame: Any) -> None:
        await self.ws.send_str(json.dumps(frame))

    async def next(self, fits: Callable[[Json], bool] = lambda frame: True) -> Json:
        """The next frame that fits; those before it are kept in `frames`."""
        while True:
            message = await asyncio.wait_for(self.ws.receive(), PATIENCE)
            assert message.type is aiohttp.WSMsgType.TEXT, f"{message} after {self.frames[-3:]}"
            frame: Json = json.loads(message.data)
            self.frames.append(frame)
            if fits(frame):
                return frame

    async def heard(self, fits: Callable[[Json], bool], count: int = 1) -> list[Json]:
        """All frames that fit, as soon as there are so many: those kept in `frames` and those to come."""
        while len(fitting := [frame for frame in self.frames if fits(frame)]) < count:
            await self.next(fits)
        return fitting

    async def of_type(self, kind: str) -> Json:
        """The next frame of this type."""
        return await self.next(lambda frame: frame.get("type") == kind)

    async def message(self) -> tuple[str, str, Json]:
        """The next delivery: SessionID, MessageID, message."""
        frame = await self.next(lambda frame: "type" not in frame)
        [(session_id, messages)] = frame.items()
        [(message_id, message)] = messages.items()
        return session_id, message_id, message

    async def closed(self) -> int:
        """Wait for the end; the close code."""
        while True:
            message = await asyncio.wait_for(self.ws.receive(), PATIENCE)
            if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING):
                return int(message.data if message.type is aiohttp.WSMsgType.CLOSE else self.ws.close_code or 1006)
            self.frames.append(json.loads(message.data))

    async def quiet(self, ref: str = "quiet") -> list[Json]:
        """All frames until the server has dealt with everything before this call (it answers in order)."""
        start = len(self.frames)
        await self.send(type="Message", SessionID="nowhere", Message={"data": "?"}, Ref=ref)
        await self.next(lambda frame: frame.get("Ref") == ref)
        return self.frames[start:-1]

    async def resume(self, epoch: str, me: int = 0, sessions: dict[str, int] | None = None) -> None:
        await self.send(type="Resume", Epoch=epoch, Me=me, Sessions=sessions or {})


class Person:
    """Somebody with an account and a login."""

    def __init__(self, http: aiohttp.ClientSession, base: str, name: str) -> None:
        self.http, self.base, self.name = http, base, name
        self.user_id = self.token = ""

    async def call(self, method: str, path: str, **kwargs: Any) -> tuple[int, Any]:
        """A call with the person's token: status and decoded body."""
        headers = {"Authorization": f"Bearer {self.token}"} | kwargs.pop("headers", {})
        async with self.http.request(method, self.base + path, headers=headers, **kwargs) as response:
            body = await response.read()
            return response.status, json.loads(body) if body else None

    async def log_in(self) -> None:
        status, body = await self.call("POST", "/api/login", json={"Username": self.name, "Password": PASSWORD})
        assert status == 200, body
        self.token, self.user_id = body["Token"], body["UserID"]

    async def core(self) -> Socket:
        """A socket without subprotocol."""
        return Socket(await self.http.ws_connect(f"{self.base}/ws", headers={"Authorization": f"Bearer {self.token}"}))

    async def v1(self, me: int = 0, sessions: dict[str, int] | None = None, *, resume: bool = True) -> Socket:
        """A `parlour.v1` socket, resumed from here."""
        headers = {"Authorization": f"Bearer {self.token}"}
        socket = Socket(await self.http.ws_connect(f"{self.base}/ws", headers=headers, protocols=["parlour.v1"]))
        welcome = await socket.of_type("Welcome")
        if resume:
            await socket.resume(welcome["Epoch"], me, sessions)
            await socket.of_type("Resumed")
        return socket


class Town:
    """A server and the people who use it."""

    def __init__(self, server: Server, http: aiohttp.ClientSession) -> None:
        self.server, self.http = server, http
        self.port = server.port
        self.base = f"http://127.0.0.1:{server.port}"
        self._names = (f"person{number}" for number in itertools.count(1))

    async def person(self, name: str = "", log_in: bool = True) -> Person:
        """A new user, logged in; any name if none is given."""
        person = Person(self.http, self.base, name or next(self._names))
        registered = await self.server.gateway.write(Register(person.name, _kept()), NOBODY)
        person.user_id = registered.UserID
        if log_in:
            await person.log_in()
        return person

    async def pair(self, one: str = "", other: str = "") -> tuple[Person, Person, str]:
        """Two people who share a session; its SessionID."""
        first, second = await self.person(one), await self.person(other)
        return first, second, await self.together(first, second)

    async def together(self, first: Person, second: Person) -> str:
        """Let two people invite each other; the SessionID."""
        async with (await first.core()).ws as a, (await second.core()).ws as b:
            asking, answering = Socket(a), Socket(b)
            await asking.send(type="Search", Username=second.name)
            await answering.of_type("Search")
            await answering.send(type="request", username=first.name, Accepted=1)
            session = await asking.of_type("Session")
            await answering.of_type("Session")
        return str(session["SessionID"])

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Look into the database, or change it behind the server's back."""
        connection = apsw.Connection(str(Path(self.server.settings.data) / "parlour.db"))
        connection.set_busy_timeout(5_000)
        try:
            return connection.execute(statement, values).fetchall()
        finally:
            connection.close()


@asynccontextmanager
async def town(folder: Path, **changes: Any) -> AsyncIterator[Town]:
    """A running server and a client session for its people."""
    async with running(folder, **changes) as server, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield Town(server, http)
