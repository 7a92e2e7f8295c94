"""People of a server process who talk without a pause, and write down what became of each message.

1. They know the protocol alone; what is stored is read from the file, by another program.
2. Each message says its own nonce, so that rows, acknowledgements and refusals can be compared.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import apsw

from tests.server.people import PASSWORD, PATIENCE, Person, Socket
from tests.server.process import Process, environment

IN_FLIGHT = 16
_numbers = itertools.count(1)


class Two(NamedTuple):
    """Two people who share a session."""

    nanda: Person
    winston: Person
    session_id: str


@asynccontextmanager
async def two(process: Process) -> AsyncIterator[Two]:
    """Two people with accounts on this server, who have accepted each other."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        base = f"http://127.0.0.1:{process.port}"
        nanda, winston = Person(http, base, "nanda"), Person(http, base, "winston")
        for person in (nanda, winston):
            await person.call("POST", "/api/register", json={"Username": person.name, "Password": PASSWORD})
            await person.log_in()
        asking, answering = await nanda.core(), await winston.core()
        await asking.send(type="Search", Username="winston")
        await answering.of_type("Search")
        await answering.send(type="request", username="nanda", Accepted=1)
        session_id = str((await asking.of_type("Session"))["SessionID"])
        for socket in (asking, answering):
            await socket.ws.close()
        yield Two(nanda, winston, session_id)


class Talk:
    """Somebody who sends on one socket, many messages in flight, until it is closed."""

    def __init__(self, person: Person, session_id: str) -> None:
        self.person, self.session_id = person, session_id
        self.stored: dict[str, int] = {}
        """The MessageID of each nonce that was acknowledged."""
        self.refused: dict[str, str] = {}
        """The code of each that was refused."""
        self.closed: int | None = None
        self._underway: set[str] = set()
        self._more = asyncio.Event()

    async def run(self) -> None:
        """Until the socket is closed, however it is."""
        socket = await self.person.v1()
        async for message in self._messages(socket):
            await self._hear(socket, message)
            while len(self._underway) < IN_FLIGHT and not socket.ws.closed:
                await self.send(socket)

    async def send(self, socket: Socket) -> str:
        """Send one; its nonce, which is its text and its `Ref` too."""
        nonce = f"nonce-{next(_numbers):08}"
        self._underway.add(nonce)
        frame = {"type": "Message", "SessionID": self.session_id, "Message": {"data": nonce}}
        try:
            await socket.ws.send_str(json.dumps(frame | {"Nonce": nonce, "Ref": nonce}))
        except ConnectionError:
            self._underway.discard(nonce)
        return nonce

    async def _messages(self, socket: Socket) -> AsyncIterator[Any]:
        await self.send(socket)
        while (message := await socket.ws.receive()).type is aiohttp.WSMsgType.TEXT:
            yield json.loads(message.data)
        self.closed = int(message.data) if message.type is aiohttp.WSMsgType.CLOSE else socket.ws.close_code

    async def _hear(self, socket: Socket, frame: Any) -> None:
        ref = frame.get("Ref")
        if ref is None:
            return
        self._underway.discard(ref)
        if frame["type"] == "Done":
            self.stored[ref] = int(frame["MessageID"])
        else:
            self.refused[ref] = frame["Code"]
        self._more.set()

    async def has_stored(self, count: int) -> None:
        """Wait until so many are acknowledged."""
        while len(self.stored) < count:
            self._more.clear()
            await asyncio.wait_for(self._more.wait(), PATIENCE)


def stored_in(folder: Path) -> dict[str, int]:
    """Nonces and numbers of the one session that the file holds, which is whole and has no hole."""
    connection = apsw.Connection(str(folder / "parlour.db"))
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    rows: list[Any] = connection.execute("SELECT Nonce, MessageID FROM Messages ORDER BY MessageID").fetchall()
    connection.close()
    assert [number for _, number in rows] == list(range(1, len(rows) + 1))
    return dict(rows)


async def parlour(*arguments: str) -> tuple[int, str]:
    """Run a command of the product to its end: exit code, and all that it said."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "parlour", *arguments, env=environment(),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(child.communicate(), 2 * PATIENCE)
    return child.returncode or 0, said.decode()
