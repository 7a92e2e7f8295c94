"""What only a certain order of things shows: the tests bring that order about, and look from outside at what it does.

1. Where an order cannot be had from outside, a test reaches for the connection or the store, and for nothing else.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from parlour.core.ports import StorageBroken, StorageFailed, Tx
from parlour.protocol import CLOSINGS
from parlour.server.access import Known
from parlour.server.app import Server, open_store
from parlour.server.hub import Listener, Opening, Present
from parlour.server.websocket import Connection, wire
from tests.server.people import PASSWORD, PATIENCE, Person, Socket, Town, settings_for, town
from tests.server.wire import Wire, frame

pytestmark = pytest.mark.asyncio(loop_scope="session")


def connection_of(town: Town, person: Person) -> Connection:
    """The server's side of a person's only socket."""
    [connection] = town.server.floor._here[person.user_id]
    return connection


# ------------------------------------------------------------------------------------------------- one socket's end


async def test_a_socket_lost_in_the_turn_of_a_delivery_silences_nobody(house: Town) -> None:
    lost, bystander = await house.person(), await house.person()
    losing = await lost.core()
    await losing.quiet()
    socket = await bystander.core()
    await socket.quiet()
    gone, here = connection_of(house, lost), connection_of(house, bystander)
    gone._transport.abort()
    for connection in (gone, here):
        connection.say(wire(b'{"type":"Beat"}'))
    await socket.of_type("Beat")


async def test_a_sign_of_life_due_while_a_socket_closes_silences_nobody(house: Town) -> None:
    leaving, bystander = await house.person(), await house.person()
    ending = await leaving.core()
    await ending.quiet()
    socket = await bystander.core()
    await socket.quiet()
    gone, here = connection_of(house, leaving), connection_of(house, bystander)
    gone.end(CLOSINGS["logged_out"])
    for connection in (gone, here):
        connection.beat(asyncio.get_running_loop().time())
        connection.say(wire(b'{"type":"Beat"}'))
    await socket.of_type("Beat")


# ----------------------------------------------------------------------------------------------------- an opening


def after_the_login(town: Town, monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Do something between the look-up of a handshake's token and the opening of its socket."""
    known = town.server.access.known

    async def looked_up(token: str | None) -> Known | None:
        found = await known(token)
        act()
        return found

    monkeypatch.setattr(town.server.access, "known", looked_up)


async def test_what_is_said_after_the_handshake_is_heard_however_long_the_opening_takes(
    house: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By somebody else, and by oneself with the handshake: both are stored before the socket listens."""
    sender, other, session_id = await house.pair()
    talking, stored, open_core = await other.core(), asyncio.Event(), house.server.hub.open_core

    async def slowly(listener: Listener, opening: Opening) -> None:
        await stored.wait()
        await open_core(listener, opening)

    monkeypatch.setattr(house.server.hub, "open_core", slowly)
    said = {"type": "Message", "SessionID": session_id, "Message": {"data": "at once"}}
    async with await Wire.upgrade(house.port, sender.token, early=frame(json.dumps(said))) as socket:
        await say(talking, session_id, "by another")
        await talking.message()
        stored.set()
        heard = [(await socket.text())[session_id] for _ in range(2)]
    assert [message["data"] for one in heard for message in one.values()] == ["by another", "at once"]


async def test_a_session_comes_before_its_events_however_long_catching_up_takes(
    house: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender, away, session_id = await house.pair()
    talking, returning = await sender.v1(), await away.v1(resume=False)
    reading, said, read_on = asyncio.Event(), asyncio.Event(), house.server.hub._read_on

    async def slowly(listener: Listener) -> None:
        reading.set()
        await said.wait()
        await read_on(listener)

    monkeypatch.setattr(house.server.hub, "_read_on", slowly)
    await returning.resume(returning.frames[0]["Epoch"])
    await asyncio.wait_for(reading.wait(), PATIENCE)
    await say(talking, session_id, "meanwhile")
    await talking.of_type("Done")
    said.set()
    await returning.of_type("Resumed")
    kinds = [frame.get("type", "Message") for frame in returning.frames]
    assert kinds.index("Session") < kinds.index("Message")


async def test_signals_that_come_while_the_present_state_is_read_follow_it(
    house: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not told once more for each of them: they could come faster than a thousand marks are read."""
    one, other, session_id = await house.pair()
    typing, returning = await one.v1(), await other.v1(resume=False)
    for socket in (typing, returning):
        await socket.send(type="Settings", Typing=True, Ref="shown")
        await socket.of_type("Done")
    read_it, typed, read = asyncio.Event(), asyncio.Event(), house.server.hub._read

    async def slowly(work: Callable[[Tx], Any]) -> Any:
        found = await read(work)
        if isinstance(found, Present):
            read_it.set()
            await typed.wait()
        return found

    monkeypatch.setattr(house.server.hub, "_read", slowly)
    await returning.resume(returning.frames[0]["Epoch"])
    await asyncio.wait_for(read_it.wait(), PATIENCE)
    for _ in range(3):
        await typing.send(type="Typing", SessionID=session_id, Ref="typed")
        await typing.of_type("Done")
    typed.set()
    await returning.of_type("Resumed")
    assert [frame["type"] for frame in await returning.quiet()] == ["Status", "Typing", "Typing", "Typing"]


async def fails(work: object) -> None:
    """A store that cannot read."""
    raise StorageFailed


async def test_a_resume_that_cannot_be_obeyed_is_told_to_come_back(
    house: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = await (await house.person()).v1(resume=False)
    monkeypatch.setattr(house.server.store, "read", fails)
    await socket.resume(socket.frames[0]["Epoch"])
    assert await socket.closed() == 1013
    assert socket.frames[-1]["Code"] == "unavailable"


async def test_a_core_socket_that_cannot_begin_is_told_to_come_back(
    house: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await house.person()
    after_the_login(house, monkeypatch, lambda: monkeypatch.setattr(house.server.store, "read", fails))
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await person.core()
    assert refused.value.status == 503


# ------------------------------------------------------------------------------------- what takes more than one step


async def test_nothing_overtakes_what_has_to_be_hashed_first(house: Town) -> None:
    person, _, session_id = await house.pair()
    socket, new = await person.v1(), "four other words here"
    await say(socket, session_id, "before")
    await socket.send(type="Password", Old=PASSWORD, New=new, Ref="changed")
    await say(socket, session_id, "between")
    await socket.send(type="Password", Old=new, New=PASSWORD, Ref="changed back")
    await say(socket, session_id, "after")
    answers = [await socket.next(lambda frame: "Ref" in frame) for _ in range(5)]
    assert [(a["Ref"], a["type"]) for a in answers] == [
        (ref, "Done") for ref in ("before", "changed", "between", "changed back", "after")
    ]


# -------------------------------------------------------------------------------------------------------------- the end


async def say(socket: Socket, session_id: str, text: str) -> None:
    await socket.send(type="Message", SessionID=session_id, Message={"data": text}, Ref=text)


async def test_what_was_sent_before_the_stop_is_acknowledged_and_what_comes_later_is_refused(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    server = Server(settings, open_store(settings))
    await server.start()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        house = Town(server, http)
        sender, _, session_id = await house.pair()
        socket, commit_may_begin = await sender.v1(), threading.Event()
        busy = server.store.write(lambda tx: commit_may_begin.wait(10))
        await say(socket, session_id, "before")
        await socket.send(type="Shout", Ref="read")
        await socket.of_type("Error")
        stopping = asyncio.ensure_future(server.stop())
        await asyncio.sleep(0)
        await say(socket, session_id, "later")
        refused = await socket.of_type("Error")
        assert (refused["Ref"], refused["Code"], refused["RetryAfter"]) == ("later", "unavailable", 1)
        commit_may_begin.set()
        assert (await socket.of_type("Done"))["Ref"] == "before"
        assert await socket.closed() == 4001
        await asyncio.gather(stopping, busy)
        assert house.sql("SELECT Data FROM Messages") == [("before",)]


async def test_after_the_storage_broke_nothing_is_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with town(tmp_path) as house:
        sender, _, session_id = await house.pair()
        database, write, broke = house.server.store.database, house.server.store.database.write, threading.Event()

        def breaks_once(work: Callable[[Tx], object]) -> object:
            if not broke.is_set():
                broke.set()
                raise StorageBroken("a test broke it")
            return write(work)

        socket, commit_may_begin = await sender.v1(), threading.Event()
        busy = house.server.store.write(lambda tx: commit_may_begin.wait(10))
        monkeypatch.setattr(database, "write", breaks_once)
        await say(socket, session_id, "in the batch")
        await socket.send(type="Shout")
        await socket.of_type("Error")
        await say(socket, session_id, "waiting")
        await socket.send(type="Shout")
        await socket.of_type("Error")
        commit_may_begin.set()
        await busy
        answers = {
            frame["Ref"]: frame["Code"] for frame in [await socket.of_type("Error"), await socket.of_type("Error")]
        }
        assert answers == {"in the batch": "unavailable", "waiting": "unavailable"}
        assert house.sql("SELECT Data FROM Messages") == []
        assert (house.server.exit_code, house.server.stopping.is_set()) == (70, True)
    assert "a test broke it" in caplog.text
    caplog.clear()
