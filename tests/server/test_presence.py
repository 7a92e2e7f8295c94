"""Online and Offline: true with several sockets, after logging out, and after a crash.

1. Times are settings: they are made small or endless, and what follows from them is awaited, never slept for.
2. An absence that must not be told is shown by what comes instead, in order.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest

from parlour.core.logins import Touch
from parlour.server import presence
from parlour.server.presence import Floor
from tests.server.people import PASSWORD, Person, Socket, Town, town
from tests.server.process import served
from tests.server.wire import Wire

pytestmark = pytest.mark.asyncio(loop_scope="session")

NEVER = 600.0
OFTEN = {"stuck_after": 0.2}
"""With this the sweep comes every 50 ms."""


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
async def watching(folder: Path, offline_after: float, online_from_login: float, **more: float) -> AsyncIterator[Watch]:
    """Two who share a session, on a server that has just started: everybody is Offline."""
    async with town(folder) as before:
        watcher, peer, _ = await before.pair()
    async with town(folder, offline_after=offline_after, online_from_login=online_from_login, **more) as small:
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


@pytest.mark.full
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


async def test_what_could_not_be_stored_is_stored_later(tmp_path: Path) -> None:
    """The database takes no writes while the last socket goes; Offline is written and told when it takes them again."""
    async with watching(tmp_path, 0.0, NEVER, **OFTEN) as watch:
        writer = watch.town.server.store.database.writer
        socket = await watch.peer.core()
        assert await watch.next() == "Online"
        writer.execute("PRAGMA query_only = 1").fetchall()
        await socket.ws.close()
        floor = watch.town.server.floor
        while watch.peer.user_id not in floor._unwritten:
            await watch.socket.quiet()
        assert watch.written() == "Online"
        writer.execute("PRAGMA query_only = 0").fetchall()
        assert await watch.next() == "Offline"
        assert (await watch.loaded(), watch.written()) == ("Offline", "Offline")
        assert not floor._unwritten


async def test_who_came_back_meanwhile_is_online(tmp_path: Path) -> None:
    async with watching(tmp_path, 0.0, NEVER, **OFTEN) as watch:
        floor = watch.town.server.floor
        socket = await watch.peer.core()
        assert await watch.next() == "Online"
        floor._unwritten[watch.peer.user_id] = None  # As if an Offline of before could not be stored.
        while floor._unwritten:
            await watch.socket.quiet()
        await socket.quiet()
        assert (await watch.told(), watch.written()) == (["Online"], "Online")


# ------------------------------------------------------------------------------------------- a socket is use of a login


async def test_each_login_with_an_open_socket_is_touched_once_an_hour(
    house: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Floor, "_look_after", lambda *_: None)
    person, idle = await house.person(), await house.person()
    sockets = []
    for _ in range(20):
        await person.log_in()
        sockets += [await person.core(), await person.core()]
    await (await idle.core()).ws.close()
    while idle.user_id in house.server.floor._here:
        await sockets[0].quiet()
    await asyncio.gather(*(socket.quiet() for socket in sockets))
    touched: list[list[str]] = []
    submit = house.server.gateway.submit

    def watch(request: Any, *rest: Any) -> None:
        if isinstance(request, Touch):
            touched[-1].append(request.LoginID)
        submit(request, *rest)

    monkeypatch.setattr(house.server.gateway, "submit", watch)
    for second in range(3_600):
        touched.append([])
        house.server.floor._touch(7_000 + second, 7_001 + second)
    mine = {one.caller.LoginID for one in house.server.floor._here[person.user_id]}
    assert len(mine) == 20
    times = Counter(login for batch in touched for login in batch)
    assert {login: times[login] for login in mine} == dict.fromkeys(mine, 1)
    assert sum(1 for batch in touched if mine & set(batch)) > 5, "not all at once"
    touched.append([])
    house.server.floor._touch(10_600, 10_600 + 3_600 * 5)
    assert sorted(login for login in touched[-1] if login in mine) == sorted(mine), "after a pause: each once"
    [(idles,)] = house.sql("SELECT LoginID FROM Logins WHERE UserID = ?", idle.user_id)
    assert not times[idles]


async def test_a_login_lives_as_long_as_its_socket_is_open(house: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "TOUCH_EVERY", 1)
    person = await house.person()
    socket = await person.v1()
    thirteen_days_ago = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-13 days')"
    house.sql(f"UPDATE Logins SET UsedAt = {thirteen_days_ago} WHERE UserID = ?", person.user_id)

    def used_at() -> datetime:
        [(stamp,)] = house.sql("SELECT UsedAt FROM Logins WHERE UserID = ?", person.user_id)
        return datetime.fromisoformat(stamp)

    while datetime.now(UTC) - used_at() > timedelta(minutes=5):
        await socket.quiet()
    assert (await person.call("GET", "/api/load"))[0] == 200


async def test_a_round_of_the_sweep_that_fails_is_not_the_last_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Every socket is looked after again a round later: the beat comes."""
    look_after, failures = Floor._look_after, 0

    def failing(floor: Floor, *given: Any) -> None:
        nonlocal failures
        failures += 1
        if failures == 1:
            raise RuntimeError("made up")
        look_after(floor, *given)

    monkeypatch.setattr(Floor, "_look_after", failing)
    async with town(tmp_path, heartbeat=0.4) as here:
        socket = await (await here.person()).v1()
        await socket.of_type("Beat")
    assert failures > 1
    assert "made up" in caplog.text
    caplog.clear()


async def test_in_a_closed_session_nobody_is_seen_until_it_is_opened_again(tmp_path: Path) -> None:
    async with town(tmp_path, offline_after=0.05) as small:
        one, other, session_id = await small.pair()
        friend = await small.person()
        await small.together(friend, other)
        watching, leaving, seeing = await one.v1(), await other.v1(), await friend.v1()
        await leaving.send(type="Close", SessionID=session_id)
        for socket in (watching, leaving):
            await socket.of_type("Closed")
        start = len(watching.frames)
        await leaving.ws.close()
        await seeing.next(lambda frame: frame.get("Status") == "Offline")
        again = await other.v1()
        await seeing.next(lambda frame: frame.get("Status") == "Online")
        for kind in ("Delivered", "Read", "Typing"):
            place = {} if kind == "Typing" else {"MessageID": "1"}
            await again.send(type=kind, SessionID=session_id, **place)
        await again.quiet()
        await watching.quiet()
        assert watching.frames[start:-1] == []
        loaded = (await one.call("GET", "/api/load"))[1][session_id]
        assert (loaded["Status"], loaded["Marks"]) == ({other.user_id: "Offline"}, {})
        await again.send(type="Search", Username=one.name)
        await watching.of_type("Search")
        await watching.send(type="request", username=other.name, Accepted=1)
        assert await watching.of_type("Status") == {"type": "Status", "UserID": other.user_id, "Status": "Online"}
