"""`parlour backup` and `parlour restore` beside real servers: nothing acknowledged is lost, and clients notice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import apsw
import pytest

from tests.server.people import Socket
from tests.server.process import Process, served
from tests.server.talk import Talk, Two, parlour, stored_in, two

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.full]


async def test_a_backup_under_load_holds_all_that_was_acknowledged_before_it_began(tmp_path: Path) -> None:
    held: list[tuple[Path, dict[str, int]]] = []
    async with served(tmp_path / "data") as process, two(process) as people:
        talks = [Talk(person, people.session_id) for person in (people.nanda, people.winston, people.nanda)]
        running = [asyncio.create_task(talk.run()) for talk in talks]
        for number in range(4):
            for talk in talks:
                await talk.has_stored(len(talk.stored) + 100)
            held.append((tmp_path / f"backup {number}.db", {n: i for talk in talks for n, i in talk.stored.items()}))
            assert await parlour("backup", str(held[-1][0]), "--data", str(tmp_path / "data")) == (
                0,
                f"{held[-1][0]} holds the whole database.\n",
            )
        await process.kill()
        await asyncio.gather(*running)
    for number, (file, acknowledged) in enumerate(held):
        folder = tmp_path / f"restored {number}"
        assert await parlour("restore", str(file), "--data", str(folder)) == (0, f"{file} is restored.\n")
        found = stored_in(folder)
        assert acknowledged.items() <= found.items()
        assert len(acknowledged) >= 300 * (number + 1)
    async with served(tmp_path / "restored 3") as process:
        assert process.port


async def say(socket: Socket, session_id: str, *texts: str) -> None:
    for text in texts:
        await socket.send(type="Message", SessionID=session_id, Message={"data": text}, Ref=text)
        await socket.next(lambda frame, ref=text: frame.get("Ref") == ref)  # type: ignore[misc]


async def first_life(process: Process, people: Two, file: Path, data: Path) -> tuple[str, int]:
    """Five messages, a backup, ten more: Epoch and Me of a client that has seen them all."""
    socket = await people.nanda.v1()
    await say(socket, people.session_id, *(f"before {n}" for n in range(5)))
    assert (await parlour("backup", str(file), "--data", str(data)))[0] == 0
    await say(socket, people.session_id, *(f"lost {n}" for n in range(10)))
    _, snapshot = await people.nanda.call("GET", "/api/snapshot")
    assert snapshot["Sessions"][people.session_id]["Seq"] == 15
    await socket.ws.close()
    assert await process.stop() == 0
    return snapshot["Epoch"], snapshot["Me"]["Seq"]


async def second_life(process: Process, people: Two, epoch: str, me: int) -> tuple[list[str], list[str]]:
    """Twenty other messages; then the client of before resumes: the types it is sent, and what the snapshot holds."""
    for person in (people.nanda, people.winston):
        person.base = f"http://127.0.0.1:{process.port}"
    speaking = await people.winston.v1()
    await say(speaking, people.session_id, *(f"after {n}" for n in range(20)))
    socket = await people.nanda.v1(resume=False)
    await socket.resume(epoch, me, {people.session_id: 15})
    await socket.of_type("Resumed")
    resets = [frame for frame in socket.frames if frame.get("type") == "Reset"]
    assert not [frame for frame in resets if "SessionID" in frame]
    _, snapshot = await people.nanda.call("GET", "/api/snapshot")
    session = snapshot["Sessions"][people.session_id]
    assert session["Seq"] == len(session["Messages"])
    return [frame["type"] for frame in resets], [message["data"] for message in session["Messages"].values()]


async def test_clients_that_have_seen_what_is_lost_begin_anew(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "backup.db"
    async with served(data) as process, two(process) as people:
        epoch, me = await first_life(process, people, file, data)
        assert (await parlour("restore", str(file), "--data", str(data)))[0] == 0
        async with served(data) as again:
            resets, messages = await second_life(again, people, epoch, me)
        assert resets == ["Reset"]
        assert messages == [f"before {n}" for n in range(5)] + [f"after {n}" for n in range(20)]


async def test_without_a_new_epoch_they_would_not_notice(tmp_path: Path) -> None:
    """Why a copy has none: the self-test of the one above."""
    data, file = tmp_path / "data", tmp_path / "backup.db"
    async with served(data) as process, two(process) as people:
        epoch, me = await first_life(process, people, file, data)
        await parlour("restore", str(file), "--data", str(data))
        database = apsw.Connection(str(data / "parlour.db"))
        database.execute("INSERT INTO Facts VALUES ('Epoch', ?)", (epoch,))
        database.close()
        async with served(data) as again:
            resets, _ = await second_life(again, people, epoch, me)
        assert resets == []


async def test_what_cannot_be_done_is_told_in_one_sentence(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "backup.db"
    async with served(data):
        assert (await parlour("backup", str(file), "--data", str(data)))[0] == 0
        code, told = await parlour("restore", str(file), "--data", str(data))
        assert (code, told.count("\n")) == (78, 1)
        assert told.startswith("Another server runs on ")
    assert await parlour("backup", str(file), "--data", str(data)) == (
        78,
        f"{file} is there already. Name another file.\n",
    )
    with file.open("r+b") as damaged:
        damaged.seek(5 * 4096)
        damaged.write(b"\xa5" * 4096)
    code, told = await parlour("restore", str(file), "--data", str(data))
    assert (code, told.count("\n")) == (70, 1)
    assert "is damaged" in told
    assert "Traceback" not in told
