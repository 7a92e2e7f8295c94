"""Consent over real sockets: the commit is the gate, what was closed opens again, limits say when to come back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest

from tests.server.people import Json, Socket, Town, town

pytestmark = pytest.mark.asyncio(loop_scope="session")


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Nothing can be committed as long as this lasts: what is asked meanwhile waits, in its order."""
    database = apsw.Connection(str(folder / "parlour.db"))
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        database.close()


async def answer(socket: Socket, ref: str) -> str:
    """What became of a request: `Done`, or the code of a refusal."""
    frame = await socket.next(lambda frame: frame.get("Ref") == ref)
    return str(frame.get("Code", frame["type"]))


# ----------------------------------------------------------------------------------------------- the commit is the gate


async def read_by_then(small: Town) -> None:
    """Wait until the server has read what was sent to it before, on whichever socket."""
    for _ in range(3):
        async with small.http.get(f"{small.base}/healthz") as response:
            assert response.status == 200


@pytest.mark.parametrize("ending", ["Block", "Close"])
@pytest.mark.parametrize("own", [True, False])
async def test_what_is_sent_behind_a_block_or_a_closing_that_still_waits_is_refused_and_not_stored(
    tmp_path: Path, ending: str, own: bool
) -> None:
    async with town(tmp_path) as small:
        one, other, session_id = await small.pair()
        ender, sender = await one.v1(), await other.v1()
        end: Json = {"Username": other.name} if ending == "Block" else {"SessionID": session_id}
        say: Json = {"type": "Message", "SessionID": session_id}
        with held(tmp_path):
            await sender.send(**say, Message={"data": "in time"}, Ref="in time")
            await read_by_then(small)
            await ender.send(type=ending, **end, Ref="end")
            await read_by_then(small)
            await (ender if own else sender).send(**say, Message={"data": "too late"}, Ref="too late")
            await read_by_then(small)
        assert await answer(sender, "in time") == "Done"
        assert await answer(ender, "end") == "Done"
        assert await answer(ender if own else sender, "too late") == "closed"
        assert small.sql("SELECT Data FROM Messages") == [("in time",)]
        for socket in (ender, sender):
            await socket.quiet()
            assert "too late" not in json.dumps([frame for frame in socket.frames if session_id in frame])


# --------------------------------------------------------------------------------------------------------- opened again


async def test_opened_again_the_same_sockets_hear_it_from_the_next_number_on(house: Town) -> None:
    one, other, session_id = await house.pair()
    mine, theirs = await one.v1(), await other.v1()
    core = await other.core()
    await mine.send(type="Message", SessionID=session_id, Message={"data": "before"})
    for socket in (mine, theirs, core):
        assert (await socket.message())[:2] == (session_id, "1")
    await mine.send(type="Close", SessionID=session_id)
    for socket in (mine, theirs):
        assert (await socket.of_type("Closed"))["SessionID"] == session_id
    await theirs.send(type="Search", Username=one.name)
    await mine.of_type("Search")
    await mine.send(type="request", username=other.name, Accepted=1)
    for socket in (mine, theirs, core):
        assert (await socket.of_type("Session"))["SessionID"] == session_id
    await theirs.send(type="Message", SessionID=session_id, Message={"data": "after"})
    for socket in (mine, theirs, core):
        number, message = (await socket.message())[1:]
        assert (number, message["data"]) == ("2", "after")


# --------------------------------------------------------------------------------------------------------- what is held


async def test_a_core_socket_sees_what_is_held_when_it_begins_and_not_before(tmp_path: Path) -> None:
    async with town(tmp_path, limits="on", alert_burst=0) as small:
        asker, asked = await small.person(), await small.person()
        core, full = await asked.core(), await asked.v1()
        asking = await asker.v1()
        await asking.send(type="Search", Username=asked.name, Ref="ask")
        assert await answer(asking, "ask") == "Done"
        assert (await full.of_type("Search"))["Quiet"]
        assert await core.quiet() == []
        later = await asked.core()
        assert (await later.of_type("Search"))["UserName"] == asker.name


# --------------------------------------------------------------------------------------------------------------- limits


async def test_who_asks_too_much_hears_when_to_come_back_at_either_door(tmp_path: Path) -> None:
    async with town(tmp_path, limits="on", lookup_burst=2, lookup_each_hour=1) as small:
        person = await small.person()
        socket = await person.v1()
        await socket.send(type="Search", Username="nobody", Ref="miss")
        assert await answer(socket, "miss") == "user_not_found"
        await socket.send(type="Search", Username="nobody", Ref="again")
        refused = await socket.next(lambda frame: frame.get("Ref") == "again")
        assert refused["Code"] == "slow_down"
        assert 3_000 < refused["RetryAfter"] <= 3_600
        headers = {"Authorization": f"Bearer {person.token}"}
        body = {"Username": "nobody"}
        async with small.http.post(f"{small.base}/api/search", json=body, headers=headers) as response:
            assert response.status == 429
            assert 3_000 < int(response.headers["Retry-After"]) <= 3_600


# ----------------------------------------------------------------------------------------------------------- the ledger


async def test_ones_own_ledger_is_there_to_read_and_to_keep(house: Town) -> None:
    one, other, _ = await house.pair()
    for person, peer, by in ((one, other, "them"), (other, one, "me")):
        headers = {"Authorization": f"Bearer {person.token}"}
        async with house.http.get(f"{house.base}/api/consent", headers=headers) as response:
            assert response.status == 200
            assert response.headers["Content-Disposition"] == 'attachment; filename="parlour-consent.json"'
            newest = (await response.json())["Ledger"][0]
        assert (newest["By"], newest["Did"], newest["UserName"]) == (by, "accepted", peer.name)
    async with house.http.get(f"{house.base}/api/consent") as response:
        assert response.status == 401
