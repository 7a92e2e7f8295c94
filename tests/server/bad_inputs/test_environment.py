"""Faults of the environment: rows 98 to 104. For the rules of these tables, see table.py."""

from __future__ import annotations

import re
import shutil
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.server.bad_inputs.table import Scene, Table, is_problem
from tests.server.people import town
from tests.server.process import FEW_FILES, POWERLESS, served, start
from tests.server.wire import Wire, ask, handshake, request

TABLE = Table()
case = TABLE.case
pytestmark = pytest.mark.full


async def refuses(folder: Path, *arguments: str, code: int = 78, **options: Any) -> str:
    """A server does not start on this folder: the exit code, and exactly one plain sentence, which is given back."""
    process = await start(folder, *arguments, **options)
    try:
        assert await process.ends() == code, process.said
    finally:
        await process.kill()
    [sentence] = process.said
    assert re.fullmatch(r"[A-Z/].*\.", sentence), sentence
    return sentence


async def filled(scene: Scene, name: str) -> tuple[Path, str]:
    """A folder with a database in which two have talked; a token of one of them."""
    template = scene.folder / "filled"
    if not template.exists():
        async with town(template) as made:
            nanda, _, session_id = await made.pair()
            socket = await nanda.core()
            for number in range(50):
                await socket.send(type="Message", SessionID=session_id, Message={"data": f"{number} " * 200})
                await socket.message()
            (template / "token").write_text(nanda.token)
    copy = Path(shutil.copytree(template, scene.folder / name))
    return copy, (copy / "token").read_text()


def spoil(folder: Path, root_of: str) -> None:
    """Overwrite the first page of a table or an index."""
    path = folder / "parlour.db"
    connection = apsw.Connection(str(path))
    page = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (root_of,)).get
    size = connection.execute("PRAGMA page_size").get
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)


@case(98, "read-only-directory")
async def _(scene: Scene) -> None:
    folder = scene.folder / "read-only"
    folder.mkdir(mode=0o555)
    assert "cannot be written" in await refuses(folder, program=POWERLESS)
    assert "cannot be made" in await refuses(folder / "below", program=POWERLESS)
    folder.chmod(0o755)


@case(98, "read-only-database")
async def _(scene: Scene) -> None:
    folder, _ = await filled(scene, "read-only-database")
    (folder / "parlour.db").chmod(0o444)
    folder.chmod(0o555)
    assert "cannot be written" in await refuses(folder, program=POWERLESS)
    folder.chmod(0o755)


@case(98, "a-file-in-its-place")
async def _(scene: Scene) -> None:
    file = scene.folder / "file"
    file.write_text("not a folder")
    assert "cannot be made" in await refuses(file)


@case(99, "newer-schema")
async def _(scene: Scene) -> None:
    folder, _ = await filled(scene, "newer")
    connection = apsw.Connection(str(folder / "parlour.db"))
    connection.execute("INSERT INTO Migrations SELECT max(Number) + 1, 'later', 'x' FROM Migrations")
    connection.close()
    before = (folder / "parlour.db").read_bytes()
    assert "newer version" in await refuses(folder)
    assert (folder / "parlour.db").read_bytes() == before


@case(99, "another-programs")
async def _(scene: Scene) -> None:
    folder = scene.folder / "another"
    folder.mkdir()
    connection = apsw.Connection(str(folder / "parlour.db"))
    connection.execute("CREATE TABLE Bookmarks (URL TEXT)")
    connection.close()
    assert "another program" in await refuses(folder)


@case(99, "not-a-database")
async def _(scene: Scene) -> None:
    folder = scene.folder / "text"
    folder.mkdir()
    (folder / "parlour.db").write_text("Dear diary, " * 1_000)
    assert "not a database" in await refuses(folder)


for spoiled in ("Presence", "Facts", "Migrations"):

    @case(99, f"corrupt-page-at-the-start-{spoiled}")
    async def _(scene: Scene, spoiled: str = spoiled) -> None:
        folder, _ = await filled(scene, f"corrupt-{spoiled}")
        spoil(folder, spoiled)
        assert "backup" in await refuses(folder, code=70)


for spoiled in ("Messages", "Tokens"):

    @case(99, f"corrupt-page-later-{spoiled}")
    async def _(scene: Scene, spoiled: str = spoiled) -> None:
        folder, token = await filled(scene, f"corrupt-later-{spoiled}")
        spoil(folder, spoiled)
        async with served(folder) as process:
            is_problem(await ask(process.port, request("GET", "/api/load", f"Authorization: Bearer {token}")), 503)
            assert await process.ends() == 70
            [_, told] = process.said
            assert "ERROR" in told
            assert "backup" in told


@case(100, "second-server")
async def _(scene: Scene) -> None:
    assert "Another server runs" in await refuses(scene.folder)


@case(101, "port-in-use")
async def _(scene: Scene) -> None:
    assert "in use" in await refuses(scene.folder / "a", port=scene.port)


def first_port_for_everybody() -> int:
    return int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())


@case(101, "no-permission")
async def _(scene: Scene) -> None:
    port = first_port_for_everybody() - 1
    if port < 1:
        pytest.skip("this machine lets everybody listen on every port")
    sentence = await refuses(scene.folder / "b", port=port, program=POWERLESS)
    assert "ermission" in sentence


for address in ("2001:db8::1", "192.0.2.1", "::1::1"):

    @case(101, f"address-{address}")
    async def _(scene: Scene, address: str = address) -> None:
        assert address in await refuses(scene.folder / "c", "--host", address)


for number in ("65536", "-1"):

    @case(101, f"port-{number}")
    async def _(scene: Scene, number: str = number) -> None:
        assert "port" in await refuses(scene.folder / "d", f"--port={number}")


@case(101, "a-setting-that-cannot-be-read")
async def _(scene: Scene) -> None:
    assert "heartbeat" in await refuses(scene.folder / "e", PARLOUR_HEARTBEAT="soon")
    folder = scene.folder / "toml"
    folder.mkdir()
    for text in ("heartbeat = ", "heartbat = 25"):
        (folder / "parlour.toml").write_text(text)
        assert await refuses(folder)


@case(101, "ulimit-256")
async def _(scene: Scene) -> None:
    folder, token = await filled(scene, "few-files")
    async with served(folder, program=FEW_FILES) as process, AsyncExitStack() as open_ones:
        [warning, _] = process.said
        assert "WARNING Only 256 files may be open, so at most 192 sockets" in warning
        for _ in range(192):
            await open_ones.enter_async_context(await Wire.upgrade(process.port, token))
        one_more = await ask(process.port, handshake(f"Authorization: Bearer {token}"))
        is_problem(one_more, 503, "unavailable")
        assert int(one_more.headers["retry-after"]) >= 1
        assert (await ask(process.port, request("GET", "/readyz"))).status == 200


test_a_bad_input_gets_its_answer = TABLE.test()
