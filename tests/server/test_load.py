"""Load details, snapshot and history: the owner's shape, with paging."""

from __future__ import annotations

import pytest

from tests.server.people import Json, Person, Socket, Town

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def say(person: Person, session_id: str, *texts: str) -> list[tuple[str, Json]]:
    """Say these; MessageID and message of each, as they were delivered."""
    socket = await person.core()
    told = []
    for text in texts:
        await socket.send(type="Message", SessionID=session_id, Message={"data": text})
        told.append((await socket.message())[1:])
    await socket.ws.close()
    return told


async def load(person: Person, query: str = "") -> Json:
    status, body = await person.call("GET", f"/api/load{query}")
    assert status == 200, body
    assert isinstance(body, dict)
    return body


async def history(person: Person, session_id: str, query: str = "") -> Json:
    status, body = await person.call("GET", f"/api/sessions/{session_id}/messages{query}")
    assert status == 200, body
    assert isinstance(body, dict)
    return body


async def test_nobody_has_sessions_at_first(house: Town) -> None:
    assert await load(await house.person()) == {}


async def test_load_has_the_owners_shape(house: Town) -> None:
    one, other, session_id = await house.pair()
    [(message_id, message)] = await say(one, session_id, "Hello")
    loaded = await load(other)
    assert list(loaded) == [session_id]
    session = loaded[session_id]
    assert session["UserIds"] == {one.user_id: one.name}
    assert session["Messages"] == {message_id: message}
    assert message["data"] == "Hello"
    assert message["Sender"] == one.user_id
    assert {"data", "TimeStamp", "Sender"} <= set(message)
    assert {k: session[k] for k in ("Seq", "More", "State")} == {"Seq": 1, "More": False, "State": "active"}
    assert set(session["Status"]) == {one.user_id}


async def test_a_session_stands_in_load_from_its_beginning(house: Town) -> None:
    one, other, session_id = await house.pair()
    for person in (one, other):
        session = (await load(person))[session_id]
        assert (session["Messages"], session["Seq"], session["More"]) == ({}, 0, False)


async def test_load_tells_who_is_online(house: Town) -> None:
    one, other, session_id = await house.pair()
    assert (await load(one))[session_id]["Status"] == {other.user_id: "Online"}


async def test_load_returns_the_newest_in_order(house: Town) -> None:
    one, other, session_id = await house.pair()
    told = await say(one, session_id, *map(str, range(60)))
    session = (await load(other))[session_id]
    assert list(session["Messages"].items()) == told[-50:]
    assert (session["Seq"], session["More"]) == (60, True)


@pytest.mark.parametrize("number", [0, 1, 2, 200])
async def test_load_returns_as_many_as_are_asked_for(house: Town, number: int) -> None:
    one, other, session_id = await house.pair()
    told = await say(one, session_id, "a", "b", "c")
    session = (await load(other, f"?messages={number}"))[session_id]
    assert list(session["Messages"].items()) == (told[-number:] if number else [])
    assert session["More"] is (number < 3)
    assert session["Seq"] == 3


async def test_the_most_recently_active_session_stands_first(house: Town) -> None:
    one, second, early = await house.pair()
    third, fourth = await house.person(), await house.person()
    middle, late = await house.together(one, third), await house.together(one, fourth)
    assert list(await load(one)) == [late, middle, early]
    await say(second, early, "me again")
    assert list(await load(one)) == [early, late, middle]


async def test_ids_are_opaque_and_messages_are_numbered(house: Town) -> None:
    one, _, session_id = await house.pair()
    told = await say(one, session_id, *map(str, range(12)))
    assert [message_id for message_id, _ in told] == [str(n) for n in range(1, 13)]
    assert all(len(i) <= 32 for i in (one.user_id, session_id))


async def test_the_snapshot_is_load_and_oneself(house: Town) -> None:
    one, _, session_id = await house.pair()
    asking, asked = await house.person(), await house.person()
    await say(one, session_id, "Hello")
    for person, username in ((one, asked.name), (asking, one.name)):
        socket = await person.v1()
        await socket.send(type="Search", Username=username, Ref="1")
        await socket.of_type("Done")
    _, snapshot = await one.call("GET", "/api/snapshot")
    assert set(snapshot) == {"Epoch", "Me", "Sessions"}
    assert snapshot["Sessions"] == await load(one)
    me = snapshot["Me"]
    assert set(me) == {"Seq", "UserID", "Username", "Invitations", "Asking", "Blocks", "Links", "Settings"}
    assert (me["UserID"], me["Username"]) == (one.user_id, one.name)
    [pop_up], [own] = me["Invitations"], me["Asking"]
    assert set(pop_up) == {"Seq", "UserName", "Rev", "Lapses"}
    assert pop_up["UserName"] == asking.name
    assert set(own) == {"Seq", "Username", "State", "Lapses"}
    assert (own["Username"], own["State"]) == (asked.name, "sent")
    assert me["Seq"] == max(pop_up["Seq"], own["Seq"])


async def test_delivery_load_snapshot_and_history_say_the_same(house: Town) -> None:
    one, other, session_id = await house.pair()
    socket = await one.v1()
    await socket.send(
        type="Message", SessionID=session_id, Nonce="nonce-0001",
        Message={"data": "é\u2028\n", "TimeStamp": "2024-02-29T23:59:60.5+05:30", "Sender": one.user_id},
    )  # fmt: skip
    _, message_id, message = await socket.message()
    assert message.pop("ReceivedAt").endswith("Z")
    assert message == {
        "data": "é\u2028\n", "TimeStamp": "2024-02-29T23:59:60.5+05:30", "Sender": one.user_id, "Nonce": "nonce-0001",
    }  # fmt: skip
    pages = [
        (await load(other))[session_id]["Messages"],
        (await other.call("GET", "/api/snapshot"))[1]["Sessions"][session_id]["Messages"],
        (await history(other, session_id))["Messages"],
    ]
    for page in pages:
        assert page[message_id].pop("ReceivedAt")
        assert page == {message_id: message}


async def test_history_goes_back_page_by_page(house: Town) -> None:
    one, other, session_id = await house.pair()
    told = await say(one, session_id, *map(str, range(7)))
    page = await history(other, session_id, "?limit=3")
    assert (list(page["Messages"].items()), page["More"]) == (told[4:], True)
    page = await history(other, session_id, "?before=5&limit=3")
    assert (list(page["Messages"].items()), page["More"]) == (told[1:4], True)
    page = await history(other, session_id, "?before=2&limit=3")
    assert (list(page["Messages"].items()), page["More"]) == (told[:1], False)
    page = await history(other, session_id, "?before=1")
    assert page == {"Messages": {}, "More": False}


async def test_history_goes_on_page_by_page(house: Town) -> None:
    one, other, session_id = await house.pair()
    told = await say(one, session_id, *map(str, range(7)))
    page = await history(other, session_id, "?after=0&limit=4")
    assert (list(page["Messages"].items()), page["More"]) == (told[:4], True)
    page = await history(other, session_id, "?after=4&limit=4")
    assert (list(page["Messages"].items()), page["More"]) == (told[4:], False)
    page = await history(other, session_id, "?after=2&before=5")
    assert list(page["Messages"].items()) == told[2:4]


async def test_what_is_foreign_is_not_found(house: Town) -> None:
    one, _, session_id = await house.pair()
    stranger = await house.person()
    foreign = await stranger.call("GET", f"/api/sessions/{session_id}/messages")
    missing = await stranger.call("GET", "/api/sessions/AAAAAAAAAAAAAAAA/messages")
    assert foreign == missing
    assert (foreign[0], foreign[1]["code"]) == (404, "not_found")
    assert session_id not in await load(stranger)
    assert session_id in await load(one)


@pytest.mark.parametrize("path", ["/api/load", "/api/snapshot", "/api/sessions/AAAAAAAAAAAAAAAA/messages"])
async def test_who_is_not_logged_in_reads_nothing(house: Town, path: str) -> None:
    person = await house.person(log_in=False)
    person.token = "parlour_"
    status, body = await person.call("GET", path)
    assert (status, body["code"]) == (401, "unauthorized")


@pytest.mark.parametrize(
    ("path", "code", "field"),
    [
        ("/api/load?messages=201", "malformed", "messages"),
        ("/api/load?messages=-1", "malformed", "messages"),
        ("/api/load?messages=", "malformed", "messages"),
        ("/api/load?messages=1e1", "malformed", "messages"),
        ("/api/load?messages=1&messages=2", "malformed", "messages"),
        ("/api/load?message=1", "unknown_field", "message"),
        ("/api/snapshot?messages=201", "malformed", "messages"),
        ("/api/snapshot?x", "unknown_field", "x"),
    ],
)
async def test_a_wrong_query_is_told_by_its_name(house: Town, path: str, code: str, field: str) -> None:
    status, body = await (await house.person()).call("GET", path)
    assert (status, body["code"], body["field"]) == (422, code, field)


async def test_a_socket_first_then_load_misses_nothing(house: Town) -> None:
    """A core client that must miss nothing opens the socket first, then loads."""
    one, other, session_id = await house.pair()
    writer: Socket = await one.core()
    listener = await other.core()
    await writer.send(type="Message", SessionID=session_id, Message={"data": "1"})
    loaded = (await load(other))[session_id]["Messages"]
    await writer.send(type="Message", SessionID=session_id, Message={"data": "2"})
    heard = [await listener.message() for _ in range(2)]
    seen = {message_id: message["data"] for message_id, message in loaded.items()}
    assert seen | {message_id: message["data"] for _, message_id, message in heard} == {"1": "1", "2": "2"}
