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

from tests.server.people import PASSWORD, PATIENCE, Json, Person, Socket, Town, town
from tests.server.wire import Line, Wire, ask, frame, handshake, post, request

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


async def test_a_body_on_its_way_does_nothing_any_more(house: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its token was looked up before the logout, its last bytes come after it."""
    one, _, session_id = await house.pair()
    looked_up, known = asyncio.Event(), house.server.access.known

    async def tells(token: str | None) -> Any:
        found = await known(token)
        looked_up.set()
        return found

    body = json.dumps({"SessionID": session_id, "Message": {"data": "too late"}}).encode()
    data = post("/api/message", body, f"Authorization: Bearer {one.token}")
    async with await Line.open(house.port) as line:
        monkeypatch.setattr(house.server.access, "known", tells)
        await line.send(data[:-1])
        await asyncio.wait_for(looked_up.wait(), PATIENCE)
        assert await one.call("POST", "/api/logout") == (204, None)
        await line.send(data[-1:])
        reply = await line.reply()
    assert (reply.status, reply.json["code"]) == (401, "unauthorized")
    assert house.sql("SELECT count(*) FROM Messages WHERE SessionID = ?", session_id) == [(0,)]


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


# ------------------------------------------------------------- the other ways in which a login ends, with open sockets

NEW_PASSWORD = "four other plain words"


async def done(socket: Socket, **frame: Any) -> Json:
    """The answer to a frame."""
    await socket.send(**frame, Ref="the end")
    answer = await socket.next(lambda heard: heard.get("Ref") == "the end")
    assert answer["type"] == "Done", answer
    return answer


async def opens(person: Person) -> bool:
    return (await person.call("GET", "/api/load"))[0] == 200


async def login_id(person: Person) -> str:
    _, body = await person.call("GET", "/api/logins")
    return str(next(one["LoginID"] for one in body["Logins"] if one["Current"]))


async def each_kind(person: Person) -> list[Socket]:
    """A socket of each kind: resumed, one that has not said where it stands, and core."""
    return [await person.v1(), await person.v1(resume=False), await person.core()]


by_either_door = pytest.mark.parametrize("by_http", [True, False])


@by_either_door
@pytest.mark.parametrize("how", ["Password", "Revoke", "Revoke others"])
async def test_other_logins_end_with_their_sockets_and_ones_own_lives(house: Town, how: str, by_http: bool) -> None:
    person = await house.person()
    elsewhere = await another_login(house, person)
    own, others = await each_kind(person), await each_kind(elsewhere)
    frame = {
        "Password": {"type": "Password", "Old": PASSWORD, "New": NEW_PASSWORD},
        "Revoke": {"type": "Revoke", "LoginID": await login_id(elsewhere)},
        "Revoke others": {"type": "Revoke", "LoginID": "others"},
    }[how]
    closing = asyncio.gather(*(socket.closed() for socket in others))
    if by_http:
        assert (await person.call("POST", f"/api/{frame['type'].lower()}", json=frame))[0] == 200
    else:
        await done(own[0], **frame)
    assert await closing == [4401, 4401, 1008]
    assert (await opens(person), await opens(elsewhere)) == (True, False)
    for socket in (own[0], own[2]):
        assert await socket.quiet() == []


@by_either_door
@pytest.mark.parametrize("how", ["DeleteAccount", "Revoke"])
async def test_ones_own_login_ends_after_the_answer(house: Town, how: str, by_http: bool) -> None:
    person = await house.person()
    elsewhere = await another_login(house, person)
    own, others = await each_kind(person), await each_kind(elsewhere)
    deleted = how == "DeleteAccount"
    frame = {"type": how} | ({"Password": PASSWORD} if deleted else {"LoginID": await login_id(person)})
    ending = [*own[1:], *(others if deleted else ())]
    closing = asyncio.gather(*(socket.closed() for socket in ending))
    if by_http:
        assert (await person.call("POST", f"/api/{how.lower()}", json=frame))[0] == 200
    else:
        await done(own[0], **frame)
    assert await own[0].closed() == 4401
    assert await closing == [4401, 1008, 4401, 4401, 1008][: len(ending)]
    assert (await opens(person), await opens(elsewhere)) == (False, not deleted)


@pytest.mark.parametrize(("protocols", "code"), [((), 1008), (("parlour.v1",), 4401)])
@pytest.mark.parametrize("how", ["Password", "Revoke", "DeleteAccount"])
async def test_a_handshake_on_its_way_is_closed_by_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocols: tuple[str, ...], code: int, how: str
) -> None:
    async with town(tmp_path) as small:
        person = await small.person()
        elsewhere = await another_login(small, person)
        own = await person.v1()
        looked_up, ended, real = asyncio.Event(), asyncio.Event(), small.server.access.known

        async def known(token: str | None) -> Any:
            found = await real(token)
            if token == elsewhere.token:
                looked_up.set()
                await ended.wait()
            return found

        monkeypatch.setattr(small.server.access, "known", known)
        headers = {"Authorization": f"Bearer {elsewhere.token}"}
        shaking_hands = small.http.ws_connect(f"{small.base}/ws", headers=headers, protocols=protocols)
        opening = asyncio.ensure_future(shaking_hands)
        await looked_up.wait()
        more = {"Password": {"Old": PASSWORD, "New": NEW_PASSWORD}, "Revoke": {"LoginID": "others"}}
        await done(own, type=how, **more.get(how, {"Password": PASSWORD}))
        ended.set()
        socket = Socket(await opening)
        assert (await socket.closed(), socket.frames) == (code, [])
