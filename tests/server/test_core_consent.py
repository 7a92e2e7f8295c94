"""The rules of consent for clients that know section 1 alone: they obey them, and are told in its three types.

1. What a core client has no frame for (to block, to take back, to close) somebody else does here, by other doors.
2. A session that was closed and is opened again is one session, on whatever kind of socket one hears of it.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import websockets

from tests.server.people import Json, Person, Socket, Town, town

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def does(person: Person, kind: str, **frame: Any) -> Json:
    """Do something by the door over HTTP, which no core client knows."""
    status, body = await person.call("POST", f"/api/{kind.lower()}", json=frame)
    assert status == 200, body
    return dict(body)


async def error(socket: Socket, **frame: Any) -> tuple[str, str]:
    """Send a frame that is refused: the code, and what is said of it."""
    await socket.send(**frame)
    told = await socket.of_type("Error")
    return told["Code"], told["Reason"]


async def says(socket: Socket, session_id: str, data: str) -> str:
    """Say something; its MessageID."""
    await socket.send(type="Message", SessionID=session_id, Message={"data": data})
    session, number, message = await socket.message()
    assert (session, message["data"]) == (session_id, data)
    return number


async def names(socket: Socket) -> list[str]:
    """Who asks, as far as this socket was told by now."""
    await socket.quiet()
    return [frame["UserName"] for frame in socket.frames if frame.get("type") == "Search"]


async def lapse(house: Town, asker: Person) -> None:
    house.sql("UPDATE Pairs SET Lapses = '2001-01-01T00:00:00.000Z' WHERE Asker = ?", asker.user_id)


# ------------------------------------------------------------------------------------------------ blocked, or paused


async def test_who_is_blocked_can_say_nothing_more_and_hears_no_more_than_that(house: Town) -> None:
    one, other, session_id = await house.pair()
    sending, blocking = await one.core(), await other.core()
    await does(other, "Block", Username=one.name)
    for socket in (sending, blocking):
        message = {"type": "Message", "SessionID": session_id, "Message": {"data": "x"}}
        assert (await error(socket, **message))[0] == "closed"
    await sending.send(type="Search", Username=other.name)
    assert [await socket.quiet("after") for socket in (sending, blocking)] == [[], []]
    assert await names(await other.core()) == []


async def test_an_invitation_of_somebody_whom_one_blocks_cannot_be_answered(house: Town) -> None:
    asker, asked = await house.person(), await house.person()
    asking, answering = await asker.core(), await asked.core()
    await asking.send(type="Search", Username=asked.name)
    await answering.of_type("Search")
    await does(asked, "Block", Username=asker.name)
    assert (await error(answering, type="request", username=asker.name, Accepted=1))[0] == "no_invitation"
    assert (await error(answering, type="Search", Username=asker.name))[0] == "you_blocked"
    assert await asking.quiet() == []


async def test_after_a_no_one_is_not_asked_again_for_a_while(house: Town) -> None:
    asker, asked = await house.person(), await house.person()
    asking, answering = await asker.core(), await asked.core()
    await asking.send(type="Search", Username=asked.name)
    await answering.of_type("Search")
    await answering.send(type="request", username=asker.name, Accepted=0)
    await answering.quiet()
    await lapse(house, asker)
    await asking.send(type="Search", Username=asked.name)
    assert await asking.quiet() == await answering.quiet("then") == []
    assert await names(await asked.core()) == []
    await answering.send(type="Search", Username=asker.name)
    for socket in (answering, asking):
        assert (await socket.next())["type"] == "Session"


async def test_a_no_is_undone_by_a_second_request(house: Town) -> None:
    asker, asked = await house.person(), await house.person()
    asking, answering = await asker.core(), await asked.core()
    await asking.send(type="Search", Username=asked.name)
    await answering.of_type("Search")
    await answering.send(type="request", username=asker.name, Accepted=0)
    assert await asking.quiet() == []
    later = await asked.core()
    assert await names(later) == []
    await later.send(type="request", username=asker.name, Accepted=1)
    begun = [await socket.of_type("Session") for socket in (later, answering, asking)]
    assert len({frame["SessionID"] for frame in begun}) == 1


async def test_a_no_that_was_told_is_final(house: Town) -> None:
    asker, asked = await house.person(), await house.person()
    asking, watching, answering = await asker.core(), await asker.v1(), await asked.core()
    await asking.send(type="Search", Username=asked.name)
    await answering.of_type("Search")
    await answering.send(type="request", username=asker.name, Accepted=0, Tell=True)
    while (told := await watching.of_type("Invite"))["State"] == "sent":
        pass
    assert (told["Username"], told["State"]) == (asked.name, "declined")
    assert await asking.quiet() == [], "the core has no word for it"
    over = ("gone", "This invitation was declined.")
    assert await error(answering, type="request", username=asker.name, Accepted=1) == over


# --------------------------------------------------------------------------------------- held, mutual, taken back


async def test_what_is_held_makes_no_pop_up_and_a_new_socket_lists_it(tmp_path: Path) -> None:
    async with town(tmp_path, limits="on", alert_burst=2, alert_each_minutes=1_000) as small:
        asked = await small.person("asked")
        answering = await asked.core()
        askers = [await small.person(f"asker{number}") for number in range(4)]
        for asker in askers:
            socket = await asker.core()
            await socket.send(type="Search", Username=asked.name)
            assert await socket.quiet() == [], "who asks sees nothing of it"
        await answering.heard(lambda frame: frame.get("UserName") == "asker1")
        assert await names(answering) == ["asker0", "asker1"]
        later = await asked.core()
        listed = await later.quiet()
        assert [frame["UserName"] for frame in listed] == ["asker0", "asker1", "asker2", "asker3"]
        assert all(set(frame) == {"type", "Seq", "UserName", "Rev", "Lapses"} for frame in listed)
        await answering.send(type="request", username="asker3", Accepted=1)
        assert (await answering.of_type("Session"))["Users"] == {askers[3].user_id: "asker3"}


async def test_who_asks_somebody_who_asked_has_said_yes_also_after_a_no(house: Town) -> None:
    first, second = await house.person(), await house.person()
    one, other = await first.core(), await second.core()
    await one.send(type="Search", Username=second.name)
    await other.of_type("Search")
    await other.send(type="request", username=first.name, Accepted=0)
    await other.quiet()
    await other.send(type="Search", Username=first.name)
    begun = [await socket.next() for socket in (one, other)]
    assert [frame["Users"] for frame in begun] == [{second.user_id: second.name}, {first.user_id: first.name}]


async def test_an_answer_to_what_was_taken_back_is_told_why(house: Town) -> None:
    asker, asked = await house.person(), await house.person()
    asking, answering = await asker.core(), await asked.core()
    await asking.send(type="Search", Username=asked.name)
    await answering.of_type("Search")
    await does(asker, "Cancel", Username=asked.name)
    assert await answering.quiet() == [], "the core has no word for it"
    for accepted in (1, 0):
        told = await error(answering, type="request", username=asker.name, Accepted=accepted)
        assert told == ("gone", "This invitation was taken back.")
    assert await asking.quiet() == []


async def test_a_note_stands_beside_the_name(house: Town) -> None:
    asker, asked = await house.person(), await house.person()
    asking, answering = await asker.core(), await asked.core()
    note = "We met <b>at the lake</b>: https://example.org \u202e"
    await asking.send(type="Search", Username=asked.name, Note=note)
    assert (await answering.of_type("Search"))["Note"] == note
    assert (await (await asked.core()).of_type("Search"))["Note"] == note


# --------------------------------------------------------------------------------------------- closed, opened again


async def test_a_closed_session_takes_no_message_and_can_be_read(house: Town) -> None:
    one, other, session_id = await house.pair()
    first, second = await one.core(), await other.core()
    await says(first, session_id, "before")
    await second.message()
    await does(one, "Close", SessionID=session_id)
    for socket in (first, second):
        message = {"type": "Message", "SessionID": session_id, "Message": {"data": "x"}}
        assert (await error(socket, **message))[0] == "closed"
        assert [frame.get("type") for frame in socket.frames].count("Closed") == 0
    for person in (one, other):
        _, loaded = await person.call("GET", "/api/load")
        assert loaded[session_id]["State"] == "closed"
        assert [m["data"] for m in loaded[session_id]["Messages"].values()] == ["before"]


async def test_a_session_that_is_opened_again_goes_on_wherever_one_listens(house: Town) -> None:
    """On a socket that was open all the time, on one that was opened while it was closed, and on one that resumed."""
    one, other, session_id = await house.pair()
    steady, peer = await one.core(), await other.core()
    steady_v1 = await one.v1()
    assert await says(peer, session_id, "first") == "1"
    me = max(frame["Seq"] for frame in steady_v1.frames if "Seq" in frame)
    await does(other, "Close", SessionID=session_id)
    opened = await one.core()
    resumed = await one.v1(me, {session_id: 1})
    assert [frame for frame in resumed.frames if "type" not in frame] == []
    await peer.send(type="Search", Username=one.name)
    sockets = [steady, opened, steady_v1, resumed]
    for socket in sockets:
        assert (await socket.of_type("Search"))["UserName"] == other.name
    await steady.send(type="request", username=other.name, Accepted=1)
    for socket in (*sockets, peer):
        begun = await socket.of_type("Session")
        assert begun["SessionID"] == session_id
    assert await says(peer, session_id, "second") == "2"
    for socket in sockets:
        heard = await socket.message()
        while heard[1] == "1":  # Those who began before have heard the first as well.
            heard = await socket.message()
        assert heard[:2] == (session_id, "2")
    late = await one.v1()
    await late.quiet()
    kinds = [frame["type"] for frame in late.frames if frame.get("SessionID") == session_id and "Seq" in frame]
    assert kinds == ["Session", "Closed", "Session"]
    assert [next(iter(frame[session_id])) for frame in late.frames if session_id in frame] == ["1", "2"]


async def test_a_foreign_client_meets_the_rules(house: Town) -> None:
    """Another library, with nothing but section 1: blocked, unblocked, asked again, and the same session goes on."""
    one, other, session_id = await house.pair()
    address = f"ws://127.0.0.1:{house.port}/ws"
    bearers = [{"Authorization": f"Bearer {person.token}"} for person in (one, other)]
    async with (
        websockets.connect(address, additional_headers=bearers[0]) as first,
        websockets.connect(address, additional_headers=bearers[1]) as second,
    ):

        async def hear(socket: Any) -> Json:
            return dict(json.loads(await asyncio.wait_for(socket.recv(), 10)))

        message = json.dumps({"type": "Message", "SessionID": session_id, "Message": {"data": "hello"}})
        await does(other, "Block", Username=one.name)
        await first.send(message)
        assert (await hear(first))["Code"] == "closed"
        await does(other, "Unblock", Username=one.name)
        await first.send(message)
        assert (await hear(first))["Code"] == "closed", "lifting a block revives nothing"
        await first.send(json.dumps({"type": "Search", "Username": other.name}))
        assert (await hear(second))["UserName"] == one.name
        await second.send(json.dumps({"type": "request", "username": one.name, "Accepted": 1}))
        for socket in (first, second):
            begun = await hear(socket)
            assert (begun["type"], begun["SessionID"]) == ("Session", session_id)
        await first.send(message)
        for socket in (first, second):
            assert (await hear(socket))[session_id]["1"]["data"] == "hello"
