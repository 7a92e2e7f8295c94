"""Logging out means logged out: the token, the sockets of that login and no other, at once.

1. A closed socket says why: 4401 to `parlour.v1`, 1008 to a core socket.
2. Nothing is delivered to a login that has ended.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.server.people import Person, Town, town
from tests.server.wire import Wire, ask, frame, handshake, request

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def another_login(house: Town, person: Person) -> Person:
    other = Person(house.http, house.base, person.name)
    await other.log_in()
    return other


async def test_the_sockets_of_that_login_close_and_say_why(house: Town) -> None:
    person = await house.person()
    elsewhere = await another_login(house, person)
    sockets = [await person.v1(), await person.core(), await person.v1(resume=False)]
    others = [await elsewhere.v1(), await elsewhere.core()]
    closing = asyncio.gather(*(socket.closed() for socket in sockets))
    assert await person.call("POST", "/api/logout") == (204, None)
    assert await closing == [4401, 1008, 4401]
    for socket in others:
        assert await socket.quiet() == []
    assert (await elsewhere.call("GET", "/api/load"))[0] == 200


async def test_the_token_is_worth_nothing_afterwards(house: Town) -> None:
    person = await house.person()
    await person.call("POST", "/api/logout")
    bearer = f"Authorization: Bearer {person.token}"
    for data in (request("GET", "/api/load", bearer), request("GET", "/api/snapshot", bearer), handshake(bearer)):
        reply = await ask(house.port, data)
        assert (reply.status, reply.json["code"]) == (401, "unauthorized")
    assert (await ask(house.port, request("POST", "/api/logout", bearer))).status == 204


async def test_nothing_is_delivered_afterwards(house: Town) -> None:
    one, other, session_id = await house.pair()
    sender, socket = await one.core(), await other.core()
    await other.call("POST", "/api/logout")
    for number in range(5):
        await sender.send(type="Message", SessionID=session_id, Message={"data": str(number)})
    await sender.quiet()
    await socket.closed()
    assert socket.frames == []


async def test_what_is_sent_while_it_closes_is_not_run(house: Town) -> None:
    one, other, session_id = await house.pair()
    async with await Wire.upgrade(house.port, one.token) as wire:
        await one.call("POST", "/api/logout")
        await wire.send(frame(json.dumps({"type": "Message", "SessionID": session_id, "Message": {"data": "late"}})))
        assert await wire.closed() == 1008
    _, page = await other.call("GET", f"/api/sessions/{session_id}/messages")
    assert page["Messages"] == {}


async def test_a_socket_that_is_not_read_is_cut_off(house: Town) -> None:
    """It cannot take the close frame, so it is ended without."""
    one, other, session_id = await house.pair()
    sender = await one.v1()
    async with await Wire.upgrade(house.port, other.token, room=4096) as wire:
        for number in range(500):
            message = {"data": "x" * 8_000}
            await sender.send(type="Message", SessionID=session_id, Message=message, Ref=str(number))
            if number % 25 == 24:
                await sender.next(lambda f, ref=str(number): f.get("Ref") == ref)  # type: ignore[misc]
        await other.call("POST", "/api/logout")
        await house_forgets(house, other)
        came = await wire.ended()
        assert len(came) < 4_000_000, "it was not given everything"


async def test_a_handshake_on_its_way_is_closed_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its token was looked up before the logout, its socket opens after it."""
    async with town(tmp_path) as small:
        person = await small.person()
        looked_up, logged_out, real = asyncio.Event(), asyncio.Event(), small.server.store.read

        async def read(work: Callable[[Any], Any]) -> Any:
            result = await real(work)
            if not looked_up.is_set():
                looked_up.set()
                await logged_out.wait()
            return result

        monkeypatch.setattr(small.server.store, "read", read)
        opening = asyncio.ensure_future(person.core())
        await looked_up.wait()
        await person.call("POST", "/api/logout")
        logged_out.set()
        assert await (await opening).closed() == 1008


async def house_forgets(house: Town, person: Person) -> None:
    """Until no socket of this person is open: then a new login's socket is the only one that is told."""
    again = await another_login(house, person)
    socket = await again.core()
    await socket.quiet()


async def test_the_oldest_login_of_too_many_ends_with_its_sockets(house: Town) -> None:
    person = await house.person()
    socket = await person.v1()
    closing = asyncio.ensure_future(socket.closed())
    for _ in range(20):
        newest = await another_login(house, person)
    assert await closing == 4401
    assert (await person.call("GET", "/api/load"))[0] == 401
    assert (await newest.call("GET", "/api/load"))[0] == 200
