"""Online and Offline: true with several sockets, after logging out, and after a crash.

1. Times are settings: they are made small or endless, and what follows from them is awaited, never slept for.
2. An absence that must not be told is shown by what comes instead, in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import aiohttp
import pytest

from tests.server.people import PASSWORD, Person, Socket, Town, town
from tests.server.process import served
from tests.server.wire import Wire

pytestmark = pytest.mark.asyncio(loop_scope="session")

NEVER = 600.0


class Watch(NamedTuple):
    """Somebody who watches on a socket, and a peer of theirs who is Offline and has no socket."""

    town: Town
    watcher: Person
    socket: Socket
    peer: Person

    async def next(self, person: Person | None = None) -> str:
        """The next Status of the peer."""
        user_id = (person or self.peer).user_id
        frame = await self.socket.next(lambda f: f.get("type") == "Status" and f.get("UserID") == user_id)
        assert set(frame) == {"type", "UserID", "Status"}
        return str(frame["Status"])

    async def told(self) -> list[str]:
        """Every Status of the peer up to now."""
        await self.socket.quiet()
        peers = [f for f in self.socket.frames if f.get("type") == "Status" and f["UserID"] == self.peer.user_id]
        return [frame["Status"] for frame in peers]

    async def loaded(self) -> str:
        """The peer's Status in load."""
        _, loaded = await self.watcher.call("GET", "/api/load")
        [session] = [s for s in loaded.values() if self.peer.user_id in s["UserIds"]]
        return str(session["Status"][self.peer.user_id])

    def written(self) -> str:
        """The peer's Status in the database."""
        return str(self.town.sql("SELECT Status FROM Users WHERE UserID = ?", self.peer.user_id)[0][0])


@asynccontextmanager
async def watching(folder: Path, offline_after: float, online_from_login: float) -> AsyncIterator[Watch]:
    """Two who share a session, on a server that has just started: everybody is Offline."""
    async with town(folder) as before:
        watcher, peer, _ = await before.pair()
    async with town(folder, offline_after=offline_after, online_from_login=online_from_login) as small:
        for person in (watcher, peer):
            person.http, person.base = small.http, small.base
        watch = Watch(small, watcher, await watcher.v1(), peer)
        assert (await watch.loaded(), watch.written(), await watch.told()) == ("Offline", "Offline", [])
        yield watch


async def test_online_with_a_login_and_offline_when_no_socket_takes_over(tmp_path: Path) -> None:
    async with watching(tmp_path, NEVER, 0.05) as watch:
        for _ in range(2):
            await watch.peer.log_in()
            assert [await watch.next(), await watch.next()] == ["Online", "Offline"]
        assert (await watch.loaded(), watch.written()) == ("Offline", "Offline")


async def test_online_while_any_socket_is_open(tmp_path: Path) -> None:
    async with watching(tmp_path, 0.0, NEVER) as watch:
        one, other = await watch.peer.core(), await watch.peer.v1()
        assert await watch.next() == "Online"
        await one.ws.close()
        third = await watch.peer.core()
        await other.ws.close()
        await third.quiet()
        assert await watch.told() == ["Online"]
        assert (await watch.loaded(), watch.written()) == ("Online", "Online")
        await third.ws.close()
        assert await watch.next() == "Offline"
        assert (await watch.loaded(), watch.written()) == ("Offline", "Offline")


async def test_back_in_time_is_never_offline(tmp_path: Path) -> None:
    async with watching(tmp_path, NEVER, NEVER) as watch:
        await (await watch.peer.core()).ws.close()
        assert await watch.next() == "Online"
        for _ in range(3):
            await (await watch.peer.core()).ws.close()
        assert await watch.loaded() == "Online"
        assert await watch.told() == ["Online"]


async def test_a_socket_takes_over_from_the_login(tmp_path: Path) -> None:
    async with watching(tmp_path, 0.0, 1.0) as watch:
        clock = await watch.town.person("somebody-else")
        await watch.town.together(watch.watcher, clock)
        while await watch.next(clock) != "Offline":
            pass
        await watch.peer.log_in()
        socket = await watch.peer.core()
        await clock.log_in()
        assert [await watch.next(clock), await watch.next(clock)] == ["Online", "Offline"]
        # What that login gave to somebody without a socket is over; the peer's, which came before it, as well.
        await socket.quiet()
        assert await watch.told() == ["Online"]


async def test_a_reset_connection_is_gone_too(tmp_path: Path) -> None:
    async with watching(tmp_path, 0.0, NEVER) as watch:
        wire = await Wire.upgrade(watch.town.port, watch.peer.token)
        assert await watch.next() == "Online"
        wire.reset()
        assert await watch.next() == "Offline"


async def test_logging_out_is_offline(tmp_path: Path) -> None:
    async with watching(tmp_path, 0.05, NEVER) as watch:
        await watch.peer.log_in()
        assert await watch.next() == "Online"
        await watch.peer.call("POST", "/api/logout")
        assert await watch.next() == "Offline"
        await watch.peer.log_in()
        device = await watch.peer.core()
        assert await watch.next() == "Online"
        await watch.peer.call("POST", "/api/logout")
        assert await device.closed() == 1008
        assert await watch.next() == "Offline"


async def test_logging_out_on_one_device_leaves_the_other_online(tmp_path: Path) -> None:
    async with watching(tmp_path, 0.0, NEVER) as watch:
        device = await watch.peer.core()
        assert await watch.next() == "Online"
        other = Person(watch.town.http, watch.town.base, watch.peer.name)
        await other.log_in()
        gone = await other.core()
        await other.call("POST", "/api/logout")
        await gone.closed()
        await device.quiet()
        assert await watch.told() == ["Online"]


async def test_after_a_crash_nobody_is_online(tmp_path: Path) -> None:
    """kill -9 while two are Online; the next server says Offline of who does not come back."""
    async with aiohttp.ClientSession() as http:
        async with served(tmp_path) as process:
            people = [Person(http, f"http://127.0.0.1:{process.port}", name) for name in ("nanda", "winston")]
            for person in people:
                await person.call("POST", "/api/register", json={"Username": person.name, "Password": PASSWORD})
                await person.log_in()
            nanda, winston = people
            one, other = await nanda.v1(), await winston.v1()
            await one.send(type="Search", Username="winston")
            await other.of_type("Search")
            await other.send(type="request", username="nanda", Accepted=1)
            assert (await one.of_type("Status"))["Status"] == "Online"
            _, loaded = await nanda.call("GET", "/api/load")
            assert [s["Status"] for s in loaded.values()] == [{winston.user_id: "Online"}]
            await process.kill()
        async with served(tmp_path) as process:
            nanda.base = f"http://127.0.0.1:{process.port}"
            _, loaded = await nanda.call("GET", "/api/load")
            assert [s["Status"] for s in loaded.values()] == [{winston.user_id: "Offline"}]
            socket = await nanda.v1()
            assert await socket.quiet() == [], "peers who are not named after Resumed are Offline"


async def test_coming_and_going_quickly_ends_in_the_truth(tmp_path: Path) -> None:
    async with watching(tmp_path, 0.0, 0.0) as watch:
        for _ in range(10):
            sockets = await asyncio.gather(*(watch.peer.core() for _ in range(3)))
            await asyncio.gather(*(s.ws.close() for s in sockets))
        last = await watch.peer.core()
        await last.quiet()
        while watch.written() != "Online":
            await watch.next()
        await last.ws.close()
        while watch.written() != "Offline":
            await watch.next()
        told = await watch.told()
        assert told == ["Online", "Offline"] * (len(told) // 2)
