"""A database whose files were deleted or replaced under the server (row 98): it ends, whoever asks it anything or not.

1. Nobody asks for readiness here, unless a test says so: the server notices by itself.
2. What was acknowledged before is looked for afterwards, in the file or in the next server.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from tests.server.process import served
from tests.server.talk import stored_in, two
from tests.server.wire import Line, request

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.full]


def delete(file: Path) -> None:
    file.unlink()


def replace(file: Path) -> None:
    """By a copy of it, as `cp` and `mv` do."""
    shutil.copy(file, file.with_suffix(".copy"))
    file.with_suffix(".copy").rename(file)


deeds = pytest.mark.parametrize("deed", [delete, replace])
files = pytest.mark.parametrize("name", ["parlour.db", "parlour.db-wal", "parlour.db-shm"])


@deeds
@files
async def test_it_is_noticed_though_nobody_asks(tmp_path: Path, deed: Callable[[Path], None], name: str) -> None:
    async with served(tmp_path) as process:
        deed(tmp_path / name)
        assert await process.ends() == 70
        [_, told] = process.said
        assert f"ERROR {tmp_path / name} was deleted or replaced while the server ran." in told


async def test_a_health_probe_notices_it(tmp_path: Path) -> None:
    async with served(tmp_path) as process, await Line.open(process.port) as line:
        (tmp_path / "parlour.db").unlink()
        assert (await line.ask(request("GET", "/readyz"))).status == 503
        assert await process.ends() == 70


@deeds
async def test_nothing_is_acknowledged_that_would_be_lost(tmp_path: Path, deed: Callable[[Path], None]) -> None:
    async with served(tmp_path) as process, two(process) as people:
        talking = await people.nanda.v1()
        deed(tmp_path / "parlour.db")
        await talking.send(type="Message", SessionID=people.session_id, Message={"data": "lost"}, Ref="lost")
        answer = await talking.next(lambda frame: frame.get("Ref") == "lost")
        assert (answer["type"], answer["Code"]) == ("Error", "unavailable")
        assert await talking.closed() == 4001
        assert await process.ends() == 70


@deeds
async def test_without_its_log_all_that_was_acknowledged_is_kept(tmp_path: Path, deed: Callable[[Path], None]) -> None:
    """The server has the log open still, and brings it home when it ends."""
    async with served(tmp_path) as process, two(process) as people:
        talking = await people.nanda.v1()
        for number in range(20):
            nonce = f"nonce-{number:04}"
            message = {"type": "Message", "SessionID": people.session_id, "Message": {"data": nonce}}
            await talking.send(**message, Nonce=nonce, Ref=nonce)
            await talking.next(lambda frame, ref=nonce: frame.get("Ref") == ref)  # type: ignore[misc]
        deed(tmp_path / "parlour.db-wal")
        assert await process.ends() == 70
    assert list(stored_in(tmp_path)) == [f"nonce-{number:04}" for number in range(20)]


async def test_another_database_in_its_place_is_not_touched(tmp_path: Path) -> None:
    """Nor is its log, which has the name of ours."""
    ours, other = tmp_path / "ours", tmp_path / "other"
    async with served(other) as process, two(process) as people:
        talking = await people.nanda.v1()
        message = {"type": "Message", "SessionID": people.session_id, "Message": {"data": "of the other"}}
        await talking.send(**message, Nonce="of-the-other", Ref="r")
        await talking.next(lambda frame: frame.get("Ref") == "r")
        await process.kill()
    put = {name: (other / name).read_bytes() for name in ("parlour.db", "parlour.db-wal")}
    assert put["parlour.db-wal"]
    async with served(ours) as process, two(process):
        for name in put:
            (other / name).rename(ours / name)
        assert await process.ends() == 70
    assert {name: (ours / name).read_bytes() for name in put} == put
    database = apsw.Connection(str(ours / "parlour.db"))
    assert database.execute("SELECT Data FROM Messages").fetchall() == [("of the other",)]
    database.close()
