"""Devices that agree: marks, unread counts, settings and typing over real sockets, as two people with several see them.

1. What a device knows is gathered from its frames alone, and compared with a fresh snapshot.
2. A signal that was lost is made good by the present state; a core socket hears nothing of all this.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.server.people import Json, Person, Socket, Town, town
from tests.server.wire import Wire, frame

pytestmark = pytest.mark.asyncio(loop_scope="session")

MANY = 900
"""So many messages of 8,000 characters are more than the kernel keeps for a socket."""
V1 = "Sec-WebSocket-Protocol: parlour.v1"


async def another_device(house: Town, person: Person) -> Person:
    device = Person(house.http, house.base, person.name)
    await device.log_in()
    return device


async def ask(socket: Socket, kind: str, **fields: Any) -> Json:
    """Send a frame; its answer."""
    ref = f"{kind} {len(socket.frames)}"
    await socket.send(type=kind, Ref=ref, **fields)
    answer = await socket.next(lambda heard: heard.get("Ref") == ref)
    assert answer["type"] == "Done", answer
    return answer


async def say(socket: Socket, session_id: str, *texts: str) -> None:
    for text in texts:
        await ask(socket, "Message", SessionID=session_id, Message={"data": text})


def known(frames: list[Json], session_id: str, me: str) -> Json:
    """What a device makes of its frames: marks, what is unread, and settings for all and for this session."""
    marks: dict[str, Json] = {}
    said: dict[int, str] = {}
    settings: dict[str | None, Json] = {}
    for one in frames:
        if one.get("type") == "Mark" and one["SessionID"] == session_id:
            mine = marks.setdefault(one["UserID"], {})
            mine |= {what: one[what] for what in ("Delivered", "Read") if what in one}
        elif one.get("type") == "Settings":
            chosen = {k: v for k, v in one.items() if k not in ("type", "Seq", "SessionID")}
            settings.setdefault(one.get("SessionID"), {}).update(chosen)
        for number, message in one.get(session_id, {}).items() if "type" not in one else ():
            said[int(number)] = message["Sender"]
    read = int(marks.get(me, {}).get("Read", 0))
    unread = sum(number > read and sender != me for number, sender in said.items())
    return {"Marks": marks, "Unread": unread, "Here": settings.get(session_id, {}), "All": settings.get(None, {})}


async def fresh(person: Person, session_id: str) -> Json:
    """The same, of a snapshot."""
    _, snapshot = await person.call("GET", "/api/snapshot")
    session, chosen = snapshot["Sessions"][session_id], snapshot["Me"]["Settings"]
    chosen = {name: value for name, value in chosen.items() if name in ("Receipts", "Typing")}
    return {"Marks": session["Marks"], "Unread": session["Unread"], "Here": session["Settings"], "All": chosen}


async def test_three_devices_of_two_people_agree(house: Town) -> None:
    nanda, winston, session_id = await house.pair()
    phone = await another_device(house, nanda)
    people = (nanda, phone, winston)
    devices = [await one.v1() for one in people]
    desk, pocket, other = devices
    await say(other, session_id, "one", "two", "three")
    await ask(pocket, "Read", SessionID=session_id, MessageID="1")
    for device in (desk, other):
        await ask(device, "Settings", Receipts=True)
    await ask(desk, "Delivered", SessionID=session_id, MessageID="3")
    await ask(pocket, "Read", SessionID=session_id, MessageID="2")
    await say(desk, session_id, "four")
    await ask(other, "Delivered", SessionID=session_id, MessageID="4")
    await ask(other, "Read", SessionID=session_id, MessageID="99")
    await ask(pocket, "Settings", SessionID=session_id, Receipts=False, Muted=True)
    await ask(desk, "Read", SessionID=session_id, MessageID="3")
    await say(other, session_id, "five", "six")
    for device in devices:
        await device.quiet()
    for person, device in zip(people, devices, strict=True):
        assert known(device.frames, session_id, person.user_id) == await fresh(person, session_id)
    unread = [known(d.frames, session_id, p.user_id)["Unread"] for p, d in zip(people, devices, strict=True)]
    assert unread == [2, 2, 0]
    counted = [f["Unread"] for f in desk.frames if f.get("type") == "Mark" and "Unread" in f]
    assert counted == [2, 1, 0]
    assert (await fresh(winston, session_id))["Marks"][nanda.user_id] == {"Delivered": "3", "Read": "2"}


async def test_typing_is_heard_by_the_other_devices_of_the_other_alone(house: Town) -> None:
    nanda, winston, session_id = await house.pair()
    devices = [await nanda.v1(), await winston.v1(), await (await another_device(house, winston)).v1()]
    for device in devices[:2]:
        await ask(device, "Settings", Typing=True)
    await ask(devices[0], "Typing", SessionID=session_id)
    typing = {"type": "Typing", "SessionID": session_id, "UserID": nanda.user_id}
    for device in devices[1:]:
        assert await device.of_type("Typing") == typing
    assert typing not in devices[0].frames + await devices[0].quiet()


async def test_after_resumed_come_the_peers_who_are_here_and_the_marks(house: Town) -> None:
    nanda, winston, session_id = await house.pair()
    chika = await house.person()
    other = await house.together(nanda, chika)
    socket = await winston.v1()
    await say(socket, session_id, "one", "two")
    for person in (nanda, winston):
        await person.call("POST", "/api/settings", json={"Receipts": True})
    for person, number in ((nanda, "1"), (winston, "2")):
        await person.call("POST", "/api/read", json={"SessionID": session_id, "MessageID": number})
    await chika.call("POST", "/api/settings", json={"Presence": False})
    _, snapshot = await nanda.call("GET", "/api/snapshot")
    places = {s: one["Seq"] for s, one in snapshot["Sessions"].items()}
    back = await nanda.v1(snapshot["Me"]["Seq"], places)
    assert [f["type"] for f in back.frames] == ["Welcome", "Resumed"]
    status, *marks = await back.quiet()
    assert status == {"type": "Status", "UserID": winston.user_id, "Status": "Online"}
    assert sorted(marks, key=lambda mark: bool(mark["UserID"] == nanda.user_id)) == [
        {"type": "Mark", "SessionID": session_id, "UserID": winston.user_id, "Delivered": "2", "Read": "2"},
        {"type": "Mark", "SessionID": session_id, "UserID": nanda.user_id, "Delivered": "1", "Read": "1"},
    ]
    assert other in places


async def test_a_device_that_was_away_agrees_when_it_is_back(house: Town) -> None:
    nanda, winston, session_id = await house.pair()
    phone = await another_device(house, nanda)
    pocket, desk, other = await phone.v1(), await nanda.v1(), await winston.v1()
    await say(other, session_id, "one", "two")
    await pocket.quiet()
    seq = max(f["Seq"] for f in pocket.frames if "Seq" in f)
    await pocket.ws.close()
    for device in (desk, other):
        await ask(device, "Settings", Receipts=True)
    await ask(desk, "Read", SessionID=session_id, MessageID="2")
    await say(other, session_id, "three")
    await ask(other, "Read", SessionID=session_id, MessageID="3")
    await ask(desk, "Settings", SessionID=session_id, Muted=True)
    again = await phone.v1(seq, {session_id: 2})
    await again.quiet()
    frames = pocket.frames + again.frames
    assert known(frames, session_id, nanda.user_id) == await fresh(nanda, session_id)
    assert known(frames, session_id, nanda.user_id)["Unread"] == 1


@pytest.mark.full
async def test_a_slow_reader_gets_the_present_marks(tmp_path: Path) -> None:
    """Its signals found no room, so they are lost; what it gets in the end is how everything is by then."""
    async with town(tmp_path) as small:
        nanda, winston, session_id = await small.pair()
        other = await winston.v1()
        async with await Wire.upgrade(small.port, nanda.token, V1, room=4096) as wire:
            welcome = await wire.text()
            await wire.send(frame(json.dumps({"type": "Resume", "Epoch": welcome["Epoch"], "Me": 0})))
            while (await wire.text()) != {"type": "Resumed"}:
                pass
            for number in range(1, MANY + 1):
                await other.send(type="Message", SessionID=session_id, Message={"data": "x" * 8_000})
                await other.send(type="Delivered", SessionID=session_id, MessageID=str(number))
                if number % 25 == 0:
                    await ask(other, "Delivered", SessionID=session_id, MessageID="0")
            marks: list[str] = []
            heard: list[int] = []
            while not marks or marks[-1] != str(MANY):
                came = await wire.text()
                heard += map(int, came.get(session_id, ()))
                marks += [came["Delivered"]] if came.get("type") == "Mark" else []
            assert heard == list(range(1, MANY + 1))
            assert len(marks) < MANY, "it was told each of them: nothing was lost, and this test is blind"
            assert max(map(int, marks)) == MANY, "an old one may follow the present one: marks go forward only"


async def test_a_core_socket_hears_nothing_of_it(house: Town) -> None:
    nanda, winston, session_id = await house.pair()
    core, other = await nanda.core(), await winston.v1()
    full = await nanda.v1()
    await say(other, session_id, "one")
    for device in (full, other):
        await ask(device, "Settings", Receipts=True, Typing=True, Presence=True, WhoMayInvite="shared")
    await ask(other, "Typing", SessionID=session_id)
    for device in (other, full):
        await ask(device, "Delivered", SessionID=session_id, MessageID="1")
        await ask(device, "Read", SessionID=session_id, MessageID="1")
    await winston.call("POST", "/api/deleteaccount", json={"Password": "four plain words here"})
    await full.of_type("Closed")
    assert {"Typing", "Mark", "Settings", "Closed"} <= {f.get("type") for f in full.frames}
    await core.quiet()
    kinds = [f.get("type", "Delivery") for f in core.frames]
    assert kinds == ["Delivery", "Error"]


@pytest.mark.parametrize("kind", ["Delivered", "Read", "Typing", "Settings", "Password", "Revoke", "DeleteAccount"])
async def test_a_core_socket_cannot_ask_for_it(house: Town, kind: str) -> None:
    core = await (await house.person()).core()
    await core.send(type=kind)
    frame = await core.of_type("Error")
    assert frame["Code"] in ("unknown_type", "malformed")
    await core.send(type=kind, SessionID="x", MessageID="1")
    assert (await core.of_type("Error"))["Code"] in ("unknown_type", "malformed", "unknown_field")


async def test_marks_of_many_devices_at_once_end_alike(house: Town) -> None:
    """Two devices of one person read at once, in any order: forward only, and all see the same in the end."""
    nanda, winston, session_id = await house.pair()
    devices = [await nanda.v1(), await (await another_device(house, nanda)).v1()]
    other = await winston.v1()
    await say(other, session_id, *map(str, range(10)))
    for device in (devices[0], other):
        await ask(device, "Settings", Receipts=True)
    for one, another in zip(range(1, 10, 2), range(8, -1, -2), strict=True):
        for device, number in zip(devices, (one, another), strict=True):
            await device.send(type="Read", SessionID=session_id, MessageID=str(number))
    for device in (*devices, other):
        await device.quiet()
    for person, device in ((nanda, devices[0]), (nanda, devices[1]), (winston, other)):
        assert known(device.frames, session_id, person.user_id) == await fresh(person, session_id)
    assert (await fresh(winston, session_id))["Marks"][nanda.user_id] == {"Delivered": "9", "Read": "9"}
