"""The core protocol over a socket without subprotocol: section 1, to the letter.

1. Frames are compared whole: what stands beside the owner's fields is named here.
2. Nothing but the types of section 1 and `Error` ever comes.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
import websockets

from parlour.core.dispatch import Caller
from parlour.protocol import Search
from tests.server.people import PASSWORD, Json, Person, Socket, Town

pytestmark = pytest.mark.asyncio(loop_scope="session")

CORE_TYPES = {"Search", "Session", "Error", None}


async def pop_up(socket: Socket, asker: Person) -> Json:
    """The pop-up that `asker` caused."""
    frame = await socket.of_type("Search")
    assert frame["UserName"] == asker.name
    return frame


async def test_the_owners_text_from_search_to_messages(house: Town) -> None:
    inviter, invited = await house.person(), await house.person()
    one, other = await inviter.core(), await invited.core()

    await one.send(type="Search", Username=invited.name)
    shown = await other.next()
    assert (shown["type"], shown["UserName"]) == ("Search", inviter.name)
    assert set(shown) == {"type", "UserName", "Seq", "Rev", "Lapses"}

    await other.send(type="request", username=inviter.name, Accepted=1)
    for socket, peer in ((one, invited), (other, inviter)):
        begun = await socket.next()
        assert set(begun) == {"type", "SessionID", "Users", "Seq"}
        assert (begun["type"], begun["Users"]) == ("Session", {peer.user_id: peer.name})
    session_id = one.frames[-1]["SessionID"]
    assert other.frames[-1]["SessionID"] == session_id

    said = {"data": "Hello", "TimeStamp": "2026-11-24T12:00:00+01:00", "Sender": inviter.user_id}
    await one.send(type="Message", SessionID=session_id, Message=said)
    for socket in (one, other):
        delivery = await socket.next()
        assert list(delivery) == [session_id]
        assert list(delivery[session_id]) == ["1"]
        message = delivery[session_id]["1"]
        assert set(message) == {"data", "TimeStamp", "Sender", "ReceivedAt"}
        assert {k: message[k] for k in said} == said
    assert {frame.get("type") for socket in (one, other) for frame in socket.frames} <= CORE_TYPES


@pytest.mark.parametrize("spelling", ["Message", "Messgae"])
async def test_both_spellings_are_accepted(house: Town, spelling: str) -> None:
    one, other, session_id = await house.pair()
    sender, receiver = await one.core(), await other.core()
    await sender.send(type=spelling, SessionID=session_id, Message={"data": spelling})
    assert (await sender.message())[2]["data"] == spelling
    assert await receiver.message() == (session_id, "1", sender.frames[-1][session_id]["1"])


async def test_all_devices_of_both_get_the_same_bytes(house: Town) -> None:
    one, other, session_id = await house.pair()
    sockets = [await person.core() for person in (one, one, other, other)]
    await sockets[0].send(type="Message", SessionID=session_id, Message={"data": "é"})
    heard = [(await asyncio.wait_for(socket.ws.receive(), 10)).data for socket in sockets]
    assert len(set(heard)) == 1


async def test_a_rejection_begins_no_session(house: Town) -> None:
    asker, asked = await house.person(), await house.person()
    asking, answering = await asker.core(), await asked.core()
    await asking.send(type="Search", Username=asked.name)
    await pop_up(answering, asker)
    await answering.send(type="request", username=asker.name, Accepted=0)
    assert await answering.quiet() == []
    assert await asking.quiet() == []
    for person in (asker, asked):
        assert (await person.call("GET", "/api/load")) == (200, {})


async def test_a_missing_time_stamp_is_the_servers(house: Town) -> None:
    one, _, session_id = await house.pair()
    socket = await one.core()
    await socket.send(type="Message", SessionID=session_id, Message={"data": "x"})
    _, _, message = await socket.message()
    assert message["TimeStamp"] == message["ReceivedAt"]
    assert message["TimeStamp"].endswith("Z")
    sent = datetime.fromisoformat(message["TimeStamp"])
    assert abs(datetime.now(UTC) - sent) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "stamp", ["1970-01-01T00:00:00Z", "2036-11-24t12:00:00.123456789012z", "2026-11-24T12:00:00-23:59"]
)
async def test_a_time_stamp_is_kept_as_sent(house: Town, stamp: str) -> None:
    one, other, session_id = await house.pair()
    socket = await one.core()
    await socket.send(type="Message", SessionID=session_id, Message={"data": "x", "TimeStamp": stamp})
    assert (await socket.message())[2]["TimeStamp"] == stamp
    _, loaded = await other.call("GET", "/api/load")
    assert loaded[session_id]["Messages"]["1"]["TimeStamp"] == stamp


async def test_the_sender_is_oneself(house: Town) -> None:
    one, other, session_id = await house.pair()
    socket = await one.core()
    message = {"data": "x", "Sender": other.user_id}
    await socket.send(type="Message", SessionID=session_id, Message=message, Ref="r1")
    error = await socket.next()
    assert {k: error[k] for k in ("type", "Code", "Ref", "Field")} == {
        "type": "Error", "Code": "not_you", "Ref": "r1", "Field": "Message.Sender",
    }  # fmt: skip
    await socket.send(type="Message", SessionID=session_id, Message={"data": "x", "Sender": one.user_id})
    assert (await socket.message())[2]["Sender"] == one.user_id


async def test_an_unknown_name_and_ones_own_are_errors(house: Town) -> None:
    one = await house.person()
    socket = await one.core()
    for name, code in (("no-such-user", "user_not_found"), (one.name, "self")):
        await socket.send(type="Search", Username=name)
        error = await socket.next()
        assert (error["type"], error["Code"]) == ("Error", code)
        assert "Ref" not in error


async def test_searching_again_alerts_nobody(house: Town) -> None:
    asker, asked = await house.person(), await house.person()
    asking, answering = await asker.core(), await asked.core()
    for _ in range(3):
        await asking.send(type="Search", Username=asked.name)
    assert await asking.quiet() == []
    await answering.of_type("Search")
    assert await answering.quiet() == []
    assert [frame["type"] for frame in answering.frames] == ["Search", "Error"], "one pop-up, and the answer just now"


async def test_searching_a_friend_gives_the_session_again_to_that_socket_alone(house: Town) -> None:
    one, other, session_id = await house.pair()
    asking, bystanding, peer = await one.core(), await one.core(), await other.core()
    await asking.send(type="Search", Username=other.name.upper())
    assert await asking.next() == {
        "type": "Session", "SessionID": session_id, "Users": {other.user_id: other.name},
    }  # fmt: skip
    assert await bystanding.quiet() == []
    assert await peer.quiet() == []


async def test_answering_twice_gives_the_same_result(house: Town) -> None:
    one, other, session_id = await house.pair()
    socket, peer = await other.core(), await one.core()
    for accepted in (1, 0):
        await socket.send(type="request", username=one.name, Accepted=accepted)
        again = await socket.next()
        assert (again["type"], again["SessionID"]) == ("Session", session_id)
    assert await peer.quiet() == []


async def test_rejecting_twice_and_then_accepting(house: Town) -> None:
    asker, asked = await house.person(), await house.person()
    asking, answering = await asker.core(), await asked.core()
    await asking.send(type="Search", Username=asked.name)
    await pop_up(answering, asker)
    for _ in range(2):
        await answering.send(type="request", username=asker.name, Accepted=0)
    assert await answering.quiet() == []
    await answering.send(type="request", username=asker.name, Accepted=1)
    assert (await answering.next())["type"] == "Session"
    assert (await asking.next())["type"] == "Session"


async def test_a_repeated_nonce_is_the_first_delivery_again(house: Town) -> None:
    one, other, session_id = await house.pair()
    asking, elsewhere, peer = await one.core(), await one.core(), await other.core()
    for number in range(3):
        message = {"data": "x", "TimeStamp": f"2026-11-24T12:00:0{number}Z"}
        await asking.send(type="Message", SessionID=session_id, Message=message, Nonce="nonce-12345678")
    heard = [await asking.message() for _ in range(3)]
    assert heard[0] == heard[1] == heard[2]
    assert heard[0][2]["TimeStamp"] == "2026-11-24T12:00:00Z"
    for socket in (elsewhere, peer):
        assert await socket.message() == heard[0]
        assert await socket.quiet() == []
        assert len(socket.frames) == 2, "one delivery, and the answer just now"


async def test_a_nonce_is_ones_own(house: Town) -> None:
    one, other, session_id = await house.pair()
    first, second = await one.core(), await other.core()
    for socket in (first, second):
        await socket.send(type="Message", SessionID=session_id, Message={"data": "x"}, Nonce="nonce-12345678")
        await socket.message()
    heard = await first.heard(lambda frame: session_id in frame, 2)
    assert [next(iter(frame[session_id])) for frame in heard] == ["1", "2"]


async def test_a_core_socket_never_hears_done_or_status(house: Town) -> None:
    one, other, session_id = await house.pair()
    socket, peer = await one.core(), await other.core()
    await socket.send(type="Message", SessionID=session_id, Message={"data": "x"}, Ref="r")
    await socket.message()
    await peer.ws.close()
    await other.call("POST", "/api/logout")
    await other.log_in()
    assert await socket.quiet() == []
    assert [frame.get("type") for frame in socket.frames] == [None, "Error"]


async def test_it_begins_at_the_heads_with_every_pending_pop_up(house: Town) -> None:
    one, other, session_id = await house.pair()
    writer = await one.core()
    for number in range(3):
        await writer.send(type="Message", SessionID=session_id, Message={"data": str(number)})
        await writer.message()
    askers = [await house.person() for _ in range(2)]
    for asker in askers:
        asking = await asker.core()
        await asking.send(type="Search", Username=other.name)
        await asking.quiet()
    socket = await other.core()
    begun = [await socket.next(), await socket.next()]
    assert [(frame["type"], frame["UserName"]) for frame in begun] == [("Search", asker.name) for asker in askers]
    assert await socket.quiet() == [], "nothing of what was before"
    await writer.send(type="Message", SessionID=session_id, Message={"data": "now"})
    assert (await socket.message())[1] == "4"


async def test_of_many_pending_pop_ups_fifty_come_and_the_others_when_those_are_answered(house: Town) -> None:
    asked = await house.person()
    for _ in range(60):
        asker = await house.person(log_in=False)
        await house.server.gateway.write(Search(Username=asked.name), Caller(asker.user_id, asker.name, ""))
    socket = await asked.core()
    first = [frame["UserName"] for frame in await socket.quiet()]
    assert len(set(first)) == len(first) == 50
    for name in first[:10]:
        await socket.send(type="request", username=name, Accepted=0)
    assert await socket.quiet("answered") == []
    then = [frame["UserName"] for frame in await (await asked.core()).quiet()]
    assert len({*first, *then}) == 60
    assert len(then) == 50


async def test_a_foreign_client_speaks_it(house: Town) -> None:
    """Another library, with nothing but section 1."""
    http = house.http
    names = ["Foreign.One", "Foreign-Two"]
    tokens, ids = [], []
    for name in names:
        body = {"Username": name, "Password": PASSWORD}
        async with http.post(f"{house.base}/api/register", json=body) as response:
            assert response.status == 200
        async with http.post(f"{house.base}/api/login", json=body) as response:
            reply = await response.json()
            tokens.append(reply["Token"])
            ids.append(reply["UserID"])
    one, other = [
        await websockets.connect(f"ws://127.0.0.1:{house.port}/ws", additional_headers={"Authorization": f"Bearer {t}"})
        for t in tokens
    ]
    async with one, other:
        await one.send(json.dumps({"type": "Search", "Username": names[1]}))
        assert json.loads(await other.recv())["UserName"] == names[0]
        await other.send(json.dumps({"type": "request", "username": names[0], "Accepted": 1}))
        begun = [json.loads(await socket.recv()) for socket in (one, other)]
        session_id = begun[0]["SessionID"]
        assert [frame["Users"] for frame in begun] == [{ids[1]: names[1]}, {ids[0]: names[0]}]
        message = {"data": "hello from afar", "TimeStamp": "2026-11-24T12:00:00Z", "Sender": ids[0]}
        await one.send(json.dumps({"type": "Messgae", "SessionID": session_id, "Message": message}))
        for socket in (one, other):
            delivered = json.loads(await socket.recv())[session_id]["1"]
            assert {k: delivered[k] for k in message} == message
        pong = await one.ping()
        assert await asyncio.wait_for(pong, 10) >= 0
    assert one.close_code == other.close_code == 1000
