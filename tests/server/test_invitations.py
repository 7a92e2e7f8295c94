"""Invitations between real people: on every device, across absences, at the same moment, and without telling a no.

1. What somebody hears is compared as a whole trace, with names and times made alike.
2. Two who race are tried with many sockets and many times.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.server.people import Json, Person, Socket, Town, town

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def ask(asker: Person, asked: Person) -> None:
    """`asker` invites `asked`, then goes away."""
    socket = await asker.core()
    await socket.send(type="Search", Username=asked.name)
    assert await socket.quiet() == []
    await socket.ws.close()


async def pop_ups(socket: Socket) -> list[str]:
    """Who is asking, as far as this socket has been told."""
    await socket.quiet()
    return [frame["UserName"] for frame in socket.frames if frame.get("type") == "Search"]


async def test_invited_while_offline_it_comes_with_the_next_connection_on_every_device(house: Town) -> None:
    asker, asked = await house.person(), await house.person()
    await ask(asker, asked)
    for _ in range(2):
        devices = [await asked.core(), await asked.v1(), await asked.core()]
        assert [await pop_ups(device) for device in devices] == [[asker.name]] * 3
        for device in devices:
            await device.ws.close()


async def test_it_comes_until_it_is_answered_on_one(house: Town) -> None:
    asker, asked = await house.person(), await house.person()
    await ask(asker, asked)
    first = await asked.core()
    assert await pop_ups(first) == [asker.name]
    await first.send(type="request", username=asker.name, Accepted=0)
    assert await pop_ups(first) == [asker.name]
    assert await pop_ups(await asked.core()) == []
    _, snapshot = await asked.call("GET", "/api/snapshot")
    assert snapshot["Me"]["Invitations"] == []


@pytest.mark.parametrize(("accepted", "result"), [(1, "accepted"), (0, "declined")])
async def test_an_answer_closes_the_pop_up_on_other_devices(house: Town, accepted: int, result: str) -> None:
    asker, asked = await house.person(), await house.person()
    asking = await asker.core()
    one, other, core = await asked.v1(), await asked.v1(), await asked.core()
    await asking.send(type="Search", Username=asked.name)
    for device in (one, other, core):
        assert (await device.of_type("Search"))["UserName"] == asker.name
    await one.send(type="request", username=asker.name, Accepted=accepted)
    for device in (one, other):
        resolved = await device.of_type("Resolved")
        assert (resolved["UserName"], resolved["Result"]) == (asker.name, result)
    heard = await core.quiet()
    assert [frame["type"] for frame in heard] == ["Session"] * accepted


async def test_an_asker_sees_the_asking_on_all_devices_and_in_the_snapshot(house: Town) -> None:
    asker, asked = await house.person(), await house.person()
    one, other = await asker.v1(), await asker.v1()
    await one.send(type="Search", Username=asked.name)
    shown = [await device.of_type("Invite") for device in (one, other)]
    assert shown[0] == shown[1]
    _, snapshot = await asker.call("GET", "/api/snapshot")
    assert snapshot["Me"]["Asking"] == [{k: v for k, v in shown[0].items() if k != "type"}]


async def test_inviting_each_other_is_one_session_with_one_frame_each(house: Town) -> None:
    first, second = await house.person(), await house.person()
    one, other = await first.v1(), await second.v1()
    await one.send(type="Search", Username=second.name)
    await other.of_type("Search")
    await other.send(type="Search", Username=first.name, Ref="me too")
    done = await other.of_type("Done")
    for socket, peer in ((one, second), (other, first)):
        await socket.quiet()
        begun = [frame for frame in socket.frames if frame.get("type") == "Session"]
        assert [frame["Users"] for frame in begun] == [{peer.user_id: peer.name}]
        assert begun[0]["SessionID"] == done["SessionID"]
    assert [f["Result"] for f in other.frames if f.get("type") == "Resolved"] == ["accepted"]
    assert [f for f in one.frames if f.get("type") == "Resolved"] == []


def begun(frame: Json) -> bool:
    """Whether this is the event of a session that begins."""
    return frame.get("type") == "Session" and "Seq" in frame


async def test_mutual_searches_from_many_sockets_at_once_are_one_session(house: Town) -> None:
    for _ in range(5):
        first, second = await house.person(), await house.person()
        ones = [await first.core() for _ in range(8)]
        others = [await second.core() for _ in range(8)]
        sends = [s.send(type="Search", Username=second.name) for s in ones]
        sends += [s.send(type="Search", Username=first.name) for s in others]
        await asyncio.gather(*sends)
        for socket in (*ones, *others):
            await socket.heard(begun)
        for socket in (*ones, *others):
            await socket.quiet()
        sessions = {f["SessionID"] for s in (*ones, *others) for f in s.frames if f.get("type") == "Session"}
        assert len(sessions) == 1
        assert house.sql("SELECT SessionID FROM Pairs WHERE ? IN (First, Second)", first.user_id) == [(*sessions,)]
        for mine in (ones, others):
            assert [len([f for f in s.frames if begun(f)]) for s in mine] == [1] * 8, "every device hears one event"
        for person in (first, second):
            assert set((await person.call("GET", "/api/load"))[1]) == sessions


async def test_accepting_and_rejecting_at_once_has_one_outcome(house: Town) -> None:
    for _ in range(5):
        asker, asked = await house.person(), await house.person()
        asking = await asker.core()
        await asking.send(type="Search", Username=asked.name)
        await asking.quiet()
        devices = [await asked.v1() for _ in range(6)]
        for device in devices:
            assert [f["UserName"] for f in device.frames if f["type"] == "Search"] == [asker.name]
        await asyncio.gather(
            *(d.send(type="request", username=asker.name, Accepted=n % 2) for n, d in enumerate(devices))
        )
        for device in devices * 2:
            await device.quiet()
        for device in devices:
            results = [f["Result"] for f in device.frames if f.get("type") == "Resolved"]
            assert results in (["accepted"], ["declined"]), "what ends a decline is the session"
            assert len([f for f in device.frames if begun(f)]) == 1
        assert len((await asker.call("GET", "/api/load"))[1]) == 1


async def test_two_sessions_of_one_pair_never_exist(house: Town) -> None:
    first, second, session_id = await house.pair()
    one, other = await first.core(), await second.core()
    for _ in range(3):
        await one.send(type="Search", Username=second.name)
        await other.send(type="Search", Username=first.name)
        await other.send(type="request", username=first.name, Accepted=1)
        await one.send(type="request", username=second.name, Accepted=0)
    for socket in (one, other):
        await socket.quiet()
        assert {f["SessionID"] for f in socket.frames if f.get("type") == "Session"} == {session_id}
    assert len(house.sql("SELECT 1 FROM Members WHERE UserID = ?", first.user_id)) == 1


def alike(value: Any, names: dict[str, str]) -> Any:
    """With made-up ids, times and names made alike."""
    text = json.dumps(value)
    for name, common in names.items():
        text = text.replace(json.dumps(name)[1:-1], common)
    made: Json = json.loads(text)
    return blank(made)


def blank(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: "…" if k in ("Lapses", "Epoch", "ExpiresAt", "Token") else blank(v) for k, v in value.items()}
    return [blank(v) for v in value] if isinstance(value, list) else value


async def trace_of_an_asker(folder: Path, asked_does: str) -> list[Any]:
    """Everything that an asker can see, live and later, over every door, around what the asked one does."""
    async with town(folder) as small:
        asker, asked = await small.person("asker"), await small.person("asked")
        core, v1, answering = await asker.core(), await asker.v1(), await asked.v1()
        await v1.send(type="Search", Username=asked.name, Ref="ask")
        await v1.of_type("Done")
        await answering.of_type("Search")
        if asked_does == "reject":
            await answering.send(type="request", username=asker.name, Accepted=0, Ref="no")
            await answering.of_type("Done")
        await answering.quiet()
        for socket in (core, v1):
            await socket.quiet()
            await socket.send(type="Search", Username=asked.name, Ref="again")
            await socket.send(type="request", username=asked.name, Accepted=1, Ref="their side")
            await socket.quiet("quiet too")
        later, later_core = await asker.v1(), await asker.core()
        for socket in (later, later_core):
            await socket.quiet()
        seen = [socket.frames for socket in (core, v1, later, later_core)]
        seen += [(await asker.call("GET", path))[1] for path in ("/api/snapshot", "/api/load")]
        names = {asker.user_id: "ASKER", asked.user_id: "ASKED"}
        return [alike(part, names) for part in seen]


async def test_a_rejection_is_not_told(tmp_path: Path) -> None:
    silence = await trace_of_an_asker(tmp_path / "silence", "nothing")
    rejection = await trace_of_an_asker(tmp_path / "rejection", "reject")
    assert rejection == silence
    assert "sent" in json.dumps(silence)


async def test_a_rejected_one_asking_again_alerts_nobody(house: Town) -> None:
    asker, asked = await house.person(), await house.person()
    await ask(asker, asked)
    answering = await asked.v1()
    await answering.send(type="request", username=asker.name, Accepted=0)
    await answering.of_type("Resolved")
    await ask(asker, asked)
    assert await answering.quiet() == []
    assert await pop_ups(await asked.core()) == []


async def test_the_one_who_rejected_may_still_ask(house: Town) -> None:
    asker, asked = await house.person(), await house.person()
    await ask(asker, asked)
    answering, asking = await asked.core(), await asker.core()
    await answering.send(type="request", username=asker.name, Accepted=0)
    await answering.send(type="Search", Username=asker.name)
    assert (await answering.of_type("Session"))["Users"] == {asker.user_id: asker.name}
    assert (await asking.of_type("Session"))["Users"] == {asked.user_id: asked.name}


async def test_a_lapsed_invitation_is_gone_everywhere_and_may_be_asked_anew(house: Town) -> None:
    asker, asked = await house.person(), await house.person()
    await ask(asker, asked)
    house.sql("UPDATE Pairs SET Lapses = '2001-01-01T00:00:00.000Z' WHERE Asker = ?", asker.user_id)
    house.sql("UPDATE Askings SET Lapses = '2001-01-01T00:00:00.000Z' WHERE UserID = ?", asker.user_id)
    assert await pop_ups(await asked.core()) == []
    for person, part in ((asked, "Invitations"), (asker, "Asking")):
        assert (await person.call("GET", "/api/snapshot"))[1]["Me"][part] == []
    await ask(asker, asked)
    socket = await asked.core()
    assert (await socket.of_type("Search"))["Rev"] == 2
    await socket.send(type="request", username=asker.name, Accepted=1, Rev=1)
    assert (await socket.next())["Code"] == "gone"
    await socket.send(type="request", username=asker.name, Accepted=1, Rev=2)
    assert (await socket.next())["type"] == "Session"


async def test_names_are_found_in_any_case_and_shown_as_typed(house: Town) -> None:
    asker, asked = await house.person("Mixed.Case"), await house.person("Other_Case")
    asking, answering = await asker.core(), await asked.core()
    await asking.send(type="Search", Username="OTHER_case")
    assert (await answering.of_type("Search"))["UserName"] == "Mixed.Case"
    await answering.send(type="request", username="mixed.case", Accepted=1)
    assert (await asking.of_type("Session"))["Users"] == {asked.user_id: "Other_Case"}
