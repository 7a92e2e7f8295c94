"""The full protocol on a `parlour.v1` socket: Welcome, Resume from every position, Ref and Done, signals, life.

1. `Resume` is tried from every kind of position: whole, in the middle, too far behind, beyond the head, another Epoch.
2. What comes by catching up is compared with what came live, byte for byte.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from parlour.core.dispatch import NOBODY
from parlour.core.presence import Presence
from tests.server.people import Json, Person, Socket, Town, running, town
from tests.server.wire import PING, PONG, Wire, ask, frame, handshake

pytestmark = pytest.mark.asyncio(loop_scope="session")

V1 = "Sec-WebSocket-Protocol: parlour.v1"


async def opened(person: Person) -> tuple[Socket, Json]:
    """A socket that has not resumed, and its Welcome."""
    socket = await person.v1(resume=False)
    return socket, socket.frames[0]


async def resumed(socket: Socket) -> list[Json]:
    """What comes up to `Resumed`."""
    start = len(socket.frames)
    await socket.of_type("Resumed")
    return socket.frames[start:-1]


async def say(socket: Socket, session_id: str, *texts: str) -> None:
    for text in texts:
        await socket.send(type="Message", SessionID=session_id, Message={"data": text}, Ref=f"say {text}")
    await socket.next(lambda frame: frame.get("Ref") == f"say {texts[-1]}")


def numbers(frames: list[Json], session_id: str) -> list[int]:
    """The MessageIDs of a session among these frames."""
    return [int(message_id) for frame in frames for message_id in frame.get(session_id, ())]


def no_status(frame: Json) -> bool:
    return frame.get("type") != "Status"


def without_status(frames: list[Json]) -> list[Json]:
    return list(filter(no_status, frames))


def write(town: Town, session_id: str, sender: str, number: int) -> None:
    """Messages 1 to `number` as rows: thousands in no time."""
    town.sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
        "INSERT INTO Messages (SessionID, MessageID, SenderID, Data, TimeStamp, ReceivedAt, Nonce) "
        "SELECT ?, i, ?, 'seed ' || i, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000Z', NULL FROM n",
        number, session_id, sender,
    )  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- opening


async def test_welcome_comes_first(house: Town) -> None:
    person = await house.person()
    _, welcome = await opened(person)
    epoch = welcome.pop("Epoch")
    assert isinstance(epoch, str)
    assert welcome == {
        "type": "Welcome", "UserID": person.user_id, "Username": person.name, "Heartbeat": 25,
        "Limits": {"Message": 8000, "Frame": 65536, "InFlight": 32},
    }  # fmt: skip
    assert (await person.call("GET", "/api/snapshot"))[1]["Epoch"] == epoch


@pytest.mark.parametrize(
    "offered",
    [[V1], ["Sec-WebSocket-Protocol: other, parlour.v1"], ["Sec-WebSocket-Protocol: other", V1], [f"{V1},parlour.v2"]],
)
async def test_the_subprotocol_is_chosen_among_those_offered(house: Town, offered: list[str]) -> None:
    person = await house.person()
    reply = await ask(house.port, handshake(f"Authorization: Bearer {person.token}", *offered))
    assert (reply.status, reply.headers["sec-websocket-protocol"]) == (101, "parlour.v1")


@pytest.mark.parametrize("offered", ["parlour.v2", "parlour", "PARLOUR.V1", "", "parlour.v1x", "chat, superchat"])
async def test_an_unknown_subprotocol_is_refused(house: Town, offered: str) -> None:
    person = await house.person()
    reply = await ask(
        house.port, handshake(f"Authorization: Bearer {person.token}", f"Sec-WebSocket-Protocol: {offered}")
    )
    assert (reply.status, reply.json["code"]) == (400, "bad_request")


async def test_a_core_socket_is_told_no_subprotocol(house: Town) -> None:
    person = await house.person()
    reply = await ask(house.port, handshake(f"Authorization: Bearer {person.token}"))
    assert reply.status == 101
    assert "sec-websocket-protocol" not in reply.headers
    assert "sec-websocket-extensions" not in reply.headers


async def test_nothing_but_direct_answers_before_resume(house: Town) -> None:
    one, other, session_id = await house.pair()
    asker = await house.person()
    socket, welcome = await opened(one)
    peer = await other.v1()
    await say(peer, session_id, "early")
    asking = await asker.v1()
    await asking.send(type="Search", Username=one.name, Ref="s")
    await asking.of_type("Done")
    await peer.ws.close()
    await socket.send(type="Message", SessionID=session_id, Message={"data": "mine"}, Ref="own")
    await socket.send(type="Search", Username="no-such-user", Ref="none")
    assert [f.get("Ref") for f in [await socket.next(), await socket.next()]] == ["own", "none"]
    assert len(socket.frames) == 3
    await socket.resume(welcome["Epoch"], 0, {session_id: 0})
    heard = await resumed(socket)
    assert numbers(heard, session_id) == [1, 2]
    assert [f["type"] for f in heard if "type" in f] == ["Invite", "Session", "Search"] or [
        f["type"] for f in heard if "type" in f
    ] == ["Search", "Resolved", "Session", "Search"]


# --------------------------------------------------------------------------------------------------------------- resume


async def test_resume_from_nothing_brings_everything_once_and_in_order(house: Town) -> None:
    one, other, session_id = await house.pair()
    await say(await one.v1(), session_id, *map(str, range(250)))
    socket, welcome = await opened(other)
    await socket.resume(welcome["Epoch"])
    heard = await resumed(socket)
    assert numbers(heard, session_id) == list(range(1, 251))
    kinds = [frame.get("type") for frame in heard]
    assert kinds.index("Session") < kinds.index(None), "a Session comes before the first event of that session"
    sequence = [frame["Seq"] for frame in heard if "Seq" in frame]
    assert sequence == list(range(1, len(sequence) + 1))
    _, snapshot = await other.call("GET", "/api/snapshot")
    assert snapshot["Me"]["Seq"] == sequence[-1]


@pytest.mark.parametrize("at", [0, 1, 4, 5])
async def test_resume_brings_what_is_missing(house: Town, at: int) -> None:
    one, other, session_id = await house.pair()
    await say(await one.v1(), session_id, *map(str, range(5)))
    _, snapshot = await other.call("GET", "/api/snapshot")
    me = snapshot["Me"]["Seq"]
    socket, welcome = await opened(other)
    await socket.resume(welcome["Epoch"], me, {session_id: at})
    heard = await resumed(socket)
    assert numbers(heard, session_id) == list(range(at + 1, 6))
    assert len(heard) == 5 - at
    await say(await one.v1(), session_id, "live")
    assert (await socket.message())[1] == "6"


@pytest.mark.parametrize("me", [0, 1])
async def test_resume_brings_what_is_missing_of_ones_own_stream(house: Town, me: int) -> None:
    one, other, session_id = await house.pair()
    _, snapshot = await other.call("GET", "/api/snapshot")
    socket, welcome = await opened(other)
    await socket.resume(welcome["Epoch"], me, {session_id: 0})
    heard = await resumed(socket)
    assert [frame["Seq"] for frame in heard] == list(range(me + 1, snapshot["Me"]["Seq"] + 1))
    assert heard[-1] == {"type": "Session", "Seq": snapshot["Me"]["Seq"], "SessionID": session_id,
                         "Users": {one.user_id: one.name}}  # fmt: skip


async def test_a_stream_that_is_not_named_counts_as_0(house: Town) -> None:
    one, other, session_id = await house.pair()
    await say(await one.v1(), session_id, "1", "2")
    _, snapshot = await other.call("GET", "/api/snapshot")
    socket, welcome = await opened(other)
    await socket.resume(welcome["Epoch"], snapshot["Me"]["Seq"])
    assert numbers(await resumed(socket), session_id) == [1, 2]


async def test_caught_up_and_live_are_the_same_bytes(house: Town) -> None:
    one, other, session_id = await house.pair()
    third = await house.person()
    live = await other.v1(0, {session_id: 0})
    heard_live: list[str] = []
    writer = await one.v1()
    await say(writer, session_id, "é", "b")
    asking = await third.v1()
    await asking.send(type="Search", Username=other.name)
    while len(heard_live) < 3:
        data = (await asyncio.wait_for(live.ws.receive(), 10)).data
        if '"Status"' not in data:
            heard_live.append(data)
    later, welcome = await opened(other)
    await later.resume(welcome["Epoch"])
    heard_later = []
    while (data := (await asyncio.wait_for(later.ws.receive(), 10)).data) != '{"type":"Resumed"}':
        heard_later.append(data)
    assert set(heard_live) <= set(heard_later)


async def test_exactly_1000_behind_is_made_whole_and_one_more_is_reset(house: Town) -> None:
    one, other, session_id = await house.pair()
    write(house, session_id, one.user_id, 1_001)
    _, snapshot = await other.call("GET", "/api/snapshot")
    me = snapshot["Me"]["Seq"]
    socket, welcome = await opened(other)
    await socket.resume(welcome["Epoch"], me, {session_id: 1})
    assert numbers(await resumed(socket), session_id) == list(range(2, 1_002))
    socket, welcome = await opened(other)
    await socket.resume(welcome["Epoch"], me, {session_id: 0})
    assert await resumed(socket) == [{"type": "Reset", "SessionID": session_id}]
    await say(await one.v1(me, {session_id: 1_001}), session_id, "live")
    assert (await socket.message())[1] == "1002"


async def test_a_broken_session_leaves_the_others_whole(house: Town) -> None:
    one, other, first = await house.pair()
    third = await house.person()
    second = await house.together(third, other)
    for person, session_id in ((one, first), (third, second)):
        await say(await person.v1(), session_id, "1", "2")
    _, snapshot = await other.call("GET", "/api/snapshot")
    socket, welcome = await opened(other)
    await socket.resume(welcome["Epoch"], snapshot["Me"]["Seq"], {first: 3, second: 1})
    heard = await resumed(socket)
    assert heard == [{"type": "Reset", "SessionID": first}, heard[1]]
    assert numbers(heard, second) == [2]
    await say(await one.v1(), first, "3")
    assert (await socket.message())[:2] == (first, "3")


@pytest.mark.parametrize("case", ["epoch", "beyond", "far behind"])
async def test_what_is_not_this_history_is_reset_as_a_whole(house: Town, case: str) -> None:
    one, other, session_id = await house.pair()
    await say(await one.v1(), session_id, "1")
    _, snapshot = await other.call("GET", "/api/snapshot")
    me = int(snapshot["Me"]["Seq"])
    socket, welcome = await opened(other)
    epoch = welcome["Epoch"]
    if case == "far behind":
        house.sql(
            "WITH RECURSIVE n(i) AS (SELECT ?1 + 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1001) "
            "INSERT INTO Events (Stream, Number, Kind, Frame) SELECT ?2, i, 'Invite', CAST('{}' AS BLOB) FROM n",
            me, other.user_id,
        )  # fmt: skip
    positions: dict[str, tuple[str, int]] = {
        "epoch": ("another", me),
        "beyond": (epoch, me + 1),
        "far behind": (epoch, 0),
    }
    await socket.resume(*positions[case], {session_id: 0})
    assert await resumed(socket) == [{"type": "Reset"}]
    await say(await one.v1(), session_id, "2")
    assert (await socket.message())[:2] == (session_id, "2")


async def test_a_session_that_is_foreign_or_not_there_is_passed_over(house: Town) -> None:
    one, other, session_id = await house.pair()
    stranger = await house.person()
    await say(await one.v1(), session_id, "secret")
    socket, welcome = await opened(stranger)
    await socket.resume(welcome["Epoch"], 0, {session_id: 0, "AAAAAAAAAAAAAAAA": 0, other.user_id: 0})
    assert await resumed(socket) == []
    await say(await other.v1(), session_id, "secret too")
    assert await socket.quiet() == []


async def test_a_further_resume_overrides_only_what_it_names(house: Town) -> None:
    one, other, first = await house.pair()
    third = await house.person()
    second = await house.together(third, other)
    for person, session_id in ((one, first), (third, second)):
        await say(await person.v1(), session_id, "1", "2", "3")
    me = (await other.call("GET", "/api/snapshot"))[1]["Me"]["Seq"]
    socket, welcome = await opened(other)
    await socket.resume(welcome["Epoch"], me, {first: 3, second: 3})
    assert await resumed(socket) == []
    await socket.resume(welcome["Epoch"], me, {second: 1})
    heard = await resumed(socket)
    assert [numbers(heard, first), numbers(heard, second)] == [[], [2, 3]]
    await socket.resume(welcome["Epoch"], me, {first: 9})
    assert without_status(await resumed(socket)) == [{"type": "Reset", "SessionID": first}]


async def test_two_resumes_at_once_are_both_obeyed(house: Town) -> None:
    one, other, session_id = await house.pair()
    await say(await one.v1(), session_id, "1", "2", "3")
    me = (await other.call("GET", "/api/snapshot"))[1]["Me"]["Seq"]
    for _ in range(20):
        socket, welcome = await opened(other)
        for ref, at in (("one", 3), ("two", 1)):
            await socket.send(type="Resume", Epoch=welcome["Epoch"], Me=me, Sessions={session_id: at}, Ref=ref)
        await socket.next(lambda frame: frame.get("Ref") == "two")
        await socket.of_type("Resumed")
        assert sorted(set(numbers(socket.frames, session_id))) == [2, 3]
        await socket.ws.close()


async def test_a_resume_while_the_one_before_is_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one's read of the stream comes back when the second has moved the listener: it must not count."""
    async with town(tmp_path) as small:
        one, other, session_id = await small.pair()
        await say(await one.v1(), session_id, "1", "2", "3")
        me = (await other.call("GET", "/api/snapshot"))[1]["Me"]["Seq"]
        socket, welcome = await opened(other)
        await socket.quiet()
        held, real, reads = asyncio.Event(), small.server.store.read, 0

        async def read(work: Callable[[Any], Any]) -> Any:
            nonlocal reads
            reads += 1
            mine, result = reads, await real(work)
            if mine == 2:
                await held.wait()
            return result

        monkeypatch.setattr(small.server.store, "read", read)
        for ref, at in (("one", 2), ("two", 1)):
            await socket.send(type="Resume", Epoch=welcome["Epoch"], Me=me, Sessions={session_id: at}, Ref=ref)
        await socket.next(lambda frame: frame.get("Ref") == "two")
        held.set()
        assert numbers(await resumed(socket), session_id) == [2, 3]


@pytest.mark.parametrize("what", ["Message", "Mark", "Status"])
async def test_what_happens_while_an_opening_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Who has missed nothing is told so from one read; what came since that read, before listening, is not lost."""
    async with town(tmp_path) as small:
        one, other, session_id = await small.pair()
        speaker = await one.v1()
        await say(speaker, session_id, "1")
        me = (await other.call("GET", "/api/snapshot"))[1]["Me"]["Seq"]
        socket, welcome = await opened(other)
        await socket.quiet()
        read, held, real = asyncio.Event(), asyncio.Event(), small.server.store.read

        async def slowly(work: Callable[[Any], Any]) -> Any:
            result = await real(work)
            read.set()
            await held.wait()
            return result

        monkeypatch.setattr(small.server.store, "read", slowly)
        await socket.resume(welcome["Epoch"], me, {session_id: 1})
        await read.wait()
        if what == "Message":
            await say(speaker, session_id, "2")
        elif what == "Mark":
            await speaker.send(type="Delivered", SessionID=session_id, MessageID="1", Ref="came")
            await speaker.next(lambda frame: frame.get("Ref") == "came")
        else:
            await small.server.gateway.write(Presence(one.user_id, "Offline"), NOBODY)
        held.set()
        heard = await resumed(socket) + (await socket.quiet())
        assert numbers(heard, session_id) == ([2] if what == "Message" else [])
        assert any(f.get("type") == "Mark" and f["UserID"] == one.user_id for f in heard) == (what == "Mark")
        assert any(f.get("type") == "Status" and f["Status"] == "Online" for f in heard) == (what != "Status")


# --------------------------------------------------------------------------------------------------------- ref and done


async def test_done_comes_after_the_delivery(house: Town) -> None:
    one, _, session_id = await house.pair()
    socket = await one.v1()
    for number in range(1, 4):
        await socket.send(type="Message", SessionID=session_id, Message={"data": "x"}, Ref=f"r{number}")
        delivery, done = await socket.next(no_status), await socket.next(no_status)
        assert list(delivery[session_id]) == [str(number)]
        assert done == {"type": "Done", "Ref": f"r{number}", "SessionID": session_id, "MessageID": str(number)}


async def test_without_ref_success_is_silent(house: Town) -> None:
    one, other, session_id = await house.pair()
    socket, asked = await one.v1(), await house.person()
    start = len(socket.frames)
    await socket.send(type="Message", SessionID=session_id, Message={"data": "x"})
    await socket.send(type="Search", Username=asked.name)
    await socket.send(type="Search", Username=other.name)
    await socket.quiet()
    assert [f.get("type") for f in without_status(socket.frames[start:-1])] == [None, "Invite"]


async def test_the_results_of_search_and_request(house: Town) -> None:
    asker, asked = await house.person(), await house.person()
    asking, answering = await asker.v1(), await asked.v1()
    await asking.send(type="Search", Username=asked.name.upper(), Ref="s")
    invite, done = await asking.next(), await asking.next()
    lapses = invite["Lapses"]
    assert invite == {"type": "Invite", "Seq": 1, "Username": asked.name, "State": "sent", "Lapses": lapses}
    assert done == {"type": "Done", "Ref": "s", "Username": asked.name, "State": "sent", "Lapses": lapses}
    assert await answering.next() == {
        "type": "Search", "Seq": 1, "UserName": asker.name, "Rev": 1, "Lapses": lapses,
    }  # fmt: skip

    await asking.send(type="Search", Username=asked.name, Ref="again")
    assert await asking.next() == done | {"Ref": "again"}

    await answering.send(type="request", username=asker.name, Accepted=0, Ref="no")
    assert await answering.next() == {"type": "Resolved", "Seq": 2, "UserName": asker.name, "Result": "declined"}
    assert await answering.next() == {"type": "Done", "Ref": "no"}

    await answering.send(type="request", username=asker.name, Accepted=1, Ref="yes")
    session, status, done = [await answering.next() for _ in range(3)]
    session_id = session["SessionID"]
    users = {asker.user_id: asker.name}
    assert session == {"type": "Session", "Seq": 3, "SessionID": session_id, "Users": users}
    assert status == {"type": "Status", "UserID": asker.user_id, "Status": "Online"}
    assert done == {"type": "Done", "Ref": "yes", "SessionID": session_id, "Users": users}
    others = {asked.user_id: asked.name}
    assert await asking.next() == {"type": "Session", "Seq": 2, "SessionID": session_id, "Users": others}
    assert await asking.next() == {"type": "Status", "UserID": asked.user_id, "Status": "Online"}

    await asking.send(type="Search", Username=asked.name, Ref="there")
    assert await asking.next() == {"type": "Done", "Ref": "there", "SessionID": session_id, "Users": others}


async def test_an_error_has_the_ref_of_its_frame(house: Town) -> None:
    socket = await (await house.person()).v1()
    wrong: list[Json] = [
        {"type": "Search", "Username": "no-such-user"},
        {"type": "Search"},
        {"type": "Shout"},
        {"type": "Search", "x": 1},
        {"type": "Message", "SessionID": "x", "Message": {"data": " "}},
        {"type": "request", "username": "x", "Accepted": 7},
    ]
    for number, fields in enumerate(wrong):
        await socket.send(**fields, Ref=f"ref {number}")
        error = await socket.next()
        assert (error["type"], error["Ref"]) == ("Error", f"ref {number}")
        await socket.send(**fields)
        assert "Ref" not in await socket.next()


async def test_a_repeated_nonce_is_the_delivery_again_then_done(house: Town) -> None:
    one, other, session_id = await house.pair()
    socket, peer = await one.v1(), await other.v1()
    heard = []
    for ref in ("a", "b"):
        await socket.send(type="Message", SessionID=session_id, Message={"data": "x"}, Nonce="nonce-12345678", Ref=ref)
        delivery, done = await socket.next(no_status), await socket.next(no_status)
        assert done == {"type": "Done", "Ref": ref, "SessionID": session_id, "MessageID": "1"}
        heard.append(delivery)
    assert heard[0] == heard[1]
    await peer.quiet()
    assert numbers(peer.frames, session_id) == [1]


async def test_resume_with_ref_is_done_too(house: Town) -> None:
    socket, welcome = await opened(await house.person())
    await socket.send(type="Resume", Epoch=welcome["Epoch"], Me=0, Ref="back")
    heard = [await socket.next(), await socket.next()]
    assert {"type": "Done", "Ref": "back"} in heard
    assert {"type": "Resumed"} in heard


# -------------------------------------------------------------------------------------------------------------- signals


async def test_after_resumed_comes_who_is_online(house: Town) -> None:
    one, other, _ = await house.pair()
    await other.core()
    socket = await one.v1()
    assert await socket.next() == {"type": "Status", "UserID": other.user_id, "Status": "Online"}


async def test_status_is_for_those_who_share_a_session(house: Town) -> None:
    one, _, _ = await house.pair()
    stranger = await (await house.person()).v1()
    socket = await one.v1()
    await socket.of_type("Status")
    newcomer = await house.person(log_in=False)
    session_id = ""
    await newcomer.log_in()
    session_id = await house.together(one, newcomer)
    assert session_id
    heard = [await socket.of_type("Session"), await socket.of_type("Status")]
    assert heard[1] == {"type": "Status", "UserID": newcomer.user_id, "Status": "Online"}
    assert await stranger.quiet() == []


async def test_signs_of_life(tmp_path: Path) -> None:
    """Beat and ping; who answers stays, who does not is closed with 4003."""
    async with town(tmp_path, heartbeat=0.2, pong_within=0.2) as small:
        person = await small.person()
        answering = await Wire.upgrade(small.port, person.token, V1)
        silent = await Wire.upgrade(small.port, person.token, V1)
        quiet_core = await Wire.upgrade(small.port, person.token)
        async with answering, silent, quiet_core:
            welcome = await answering.text()
            assert welcome["type"] == "Welcome"
            beats = 0
            while beats < 4:
                opcode, payload = await answering.read()
                if opcode == PING:
                    await answering.send(frame(payload, PONG))
                else:
                    assert json.loads(payload) == {"type": "Beat"}
                    beats += 1
            assert await silent.closed() == 4003
            assert await quiet_core.closed() == 1011
            await answering.send(frame("{}"))
            opcode, payload = await answering.read()
            while opcode == PING or json.loads(payload) == {"type": "Beat"}:
                opcode, payload = await answering.read()
            assert json.loads(payload)["Code"] == "malformed"


async def test_what_closes_says_come_back_when_the_server_stops(tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as http:
        async with running(tmp_path) as server:
            person = await Town(server, http).person()
            closing = asyncio.gather((await person.v1()).closed(), (await person.core()).closed())
        assert list(await closing) == [4001, 1012]
