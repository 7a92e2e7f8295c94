"""What SQLite alone has: settings of a connection, the data folder, damaged and foreign files, full disks."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import apsw
import pytest

from parlour.core.messages import Message
from parlour.core.ports import StorageBroken, StorageFailed, StorageFull, Tx
from parlour.core.snapshot import Fact
from parlour.store.folder import FolderLock, Unusable
from parlour.store.sqlite import Database, SqliteStore


def pragma(connection: apsw.Connection, name: str) -> Any:
    return connection.execute(f"PRAGMA {name}").get


def tables(path: Path) -> set[str]:
    """The tables of a file, as another program sees them."""
    connection = apsw.Connection(str(path))
    found = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    connection.close()
    return found


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def other_programs(path: Path, *statements: str) -> None:
    connection = apsw.Connection(str(path))
    for statement in statements:
        connection.execute(statement).fetchall()
    connection.close()


# ------------------------------------------------------------------------------------------------------------- settings


def test_a_commit_that_has_returned_is_on_the_disk(tmp_path: Path) -> None:
    database = Database(tmp_path / "parlour.db")
    assert pragma(database.writer, "journal_mode") == "wal"
    assert pragma(database.writer, "synchronous") == 2, "FULL"
    assert pragma(database.writer, "foreign_keys") == 1
    assert pragma(database.writer, "wal_autocheckpoint") == 20_000
    assert pragma(database.writer, "temp_store") == 2, "memory"
    assert pragma(database.writer, "cache_size") == -65_536
    assert pragma(database.writer, "mmap_size") == 0
    assert pragma(database.writer, "query_only") == 0
    database.writer.close()


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    database = Database(tmp_path / "parlour.db")
    reader = database.connect(readonly=True)
    assert pragma(reader, "query_only") == 1
    with pytest.raises(apsw.ReadOnlyError):
        reader.execute("INSERT INTO Facts VALUES ('a', 'b')")
    reader.close()
    database.writer.close()


async def test_questions_are_asked_of_connections_that_cannot_write(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)

    def write_in_a_question(tx: Tx) -> int:
        tx.add(Fact("a", "b"))
        return tx.count(Fact, {})

    with pytest.raises(StorageFailed):
        await store.read(write_in_a_question)
    assert await store.read(lambda tx: tx.count(Fact, {})) == 0
    store.close()


async def test_each_thread_has_one_connection_however_many_questions_there_are(tmp_path: Path) -> None:
    before = set(map(id, apsw.connections()))
    store = SqliteStore(tmp_path)
    for _ in range(20):
        await asyncio.gather(*(store.read(lambda tx: tx.count(Fact, {})) for _ in range(4)))
        await store.write(lambda tx: tx.head("s"))
    opened = [connection for connection in apsw.connections() if id(connection) not in before]
    assert 2 <= len(opened) <= 1 + store.READERS
    del opened
    store.close()


def test_a_reader_keeps_its_state_while_others_commit(tmp_path: Path) -> None:
    database = Database(tmp_path / "parlour.db")
    reader = database.connect(readonly=True)

    def ask(tx: Tx) -> list[int]:
        before = tx.count(Fact, {})
        database.write(lambda tx: tx.add(Fact("a", "b")))
        return [before, tx.count(Fact, {}), len(tx.find(Fact, {}))]

    assert database.read(ask, reader) == [0, 0, 0]
    assert database.read(lambda tx: tx.count(Fact, {}), reader) == 1
    reader.close()
    database.writer.close()


def test_databases_in_memory_are_apart() -> None:
    one, other = Database(None), Database(None)
    one.write(lambda tx: tx.add(Fact("a", "b")))
    assert other.read(lambda tx: tx.count(Fact, {}), other.writer) == 0
    one.writer.close()
    other.writer.close()


def test_messages_lie_in_the_order_of_their_arrival(tmp_path: Path) -> None:
    """A rowid table, its number unique within its session: hot-path figures rest on it."""
    database = Database(tmp_path / "parlour.db")
    rows = [Message("s", n, "nanda", "x", "then", "now", None) for n in (2, 1, 3)]
    for row in rows:
        database.write(lambda tx, row=row: tx.add(row))  # type: ignore[misc]
    assert database.writer.execute("SELECT rowid, MessageID FROM Messages ORDER BY rowid").fetchall() == [
        (1, 2),
        (2, 1),
        (3, 3),
    ]
    plan = database.writer.execute("EXPLAIN QUERY PLAN SELECT max(MessageID) FROM Messages WHERE SessionID = 's'").get
    assert "COVERING INDEX" in str(plan)
    database.writer.close()


# ----------------------------------------------------------------------------------------------------------- the folder


async def test_what_was_committed_is_there_after_a_start(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    await store.write(lambda tx: tx.add(Fact("a", "b")))
    await store.read(lambda tx: tx.count(Fact, {}))
    store.close()
    assert names_in(tmp_path) == ["parlour.db", "parlour.lock"], "the log was written back"
    store = SqliteStore(tmp_path)
    assert await store.read(lambda tx: tx.find(Fact, {})) == [Fact("a", "b")]
    store.close()


def test_one_process_on_a_folder(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    with pytest.raises(Unusable, match=r"Another server runs on .*\. Stop it first"):
        SqliteStore(tmp_path)
    store.close()
    SqliteStore(tmp_path).close()


def test_the_lock_is_a_file_of_its_own(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    assert names_in(tmp_path) == ["parlour.lock"]
    assert (tmp_path / "parlour.lock").stat().st_mode & 0o777 == 0o600
    with pytest.raises(Unusable):
        FolderLock(tmp_path)
    lock.release()
    FolderLock(tmp_path).release()


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "missing", tmp_path / "file"):
        with pytest.raises(Unusable, match="cannot be written"):
            SqliteStore(folder)


def test_a_database_that_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "parlour.db").mkdir()
    with pytest.raises(Unusable, match="cannot be written"):
        SqliteStore(tmp_path)


@pytest.mark.parametrize("content", [b"not a database, but a letter to a friend\n" * 100, b"\0" * 5_000, b"x" * 600])
def test_not_a_database(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "parlour.db").write_bytes(content)
    with pytest.raises(Unusable, match="is not a database of Parlour"):
        SqliteStore(tmp_path)
    assert (tmp_path / "parlour.db").read_bytes() == content, "it is not touched"


def test_another_programs_database(tmp_path: Path) -> None:
    other_programs(tmp_path / "parlour.db", "CREATE TABLE Users (Name TEXT)", "INSERT INTO Users VALUES ('nanda')")
    with pytest.raises(Unusable, match="another program's database"):
        SqliteStore(tmp_path)
    assert tables(tmp_path / "parlour.db") == {"Users"}


def test_an_unusable_folder_is_not_left_locked(tmp_path: Path) -> None:
    (tmp_path / "parlour.db").write_bytes(b"x" * 600)
    with pytest.raises(Unusable):
        SqliteStore(tmp_path)
    (tmp_path / "parlour.db").unlink()
    SqliteStore(tmp_path).close()


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    (tmp_path / "parlour.db").touch()
    SqliteStore(tmp_path).close()
    assert "Messages" in tables(tmp_path / "parlour.db")


# ---------------------------------------------------------------------------------------------- failures of the storage


def many(tx: Tx) -> None:
    for n in range(500):
        tx.add(Message("s", tx.next("s"), "nanda", "x" * 1_000, "then", f"{n}", None))


async def test_a_full_disk_is_told_and_nothing_is_stored(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    await store.write(lambda tx: tx.add(Message("s", tx.next("s"), "nanda", "x", "then", "now", None)))
    pages = pragma(store.database.writer, "page_count")
    store.database.writer.execute(f"PRAGMA max_page_count = {pages + 5}")
    for _ in range(3):
        with pytest.raises(StorageFull) as raised:
            await store.write(many)
        assert raised.value.code == "storage_full"
    assert await store.read(lambda tx: (tx.count(Message, {}), tx.head("s"))) == (1, 1)
    store.database.writer.execute("PRAGMA max_page_count = 100000")
    await store.write(many)
    assert await store.read(lambda tx: [one.number for one in tx.since("s", 0, 1_000)]) == list(range(1, 502))
    store.close()


START_WITHOUT_ROOM = """
import resource, sys
from pathlib import Path
from parlour.core.ports import StorageBroken
from parlour.store.sqlite import SqliteStore
resource.setrlimit(resource.RLIMIT_FSIZE, (8_192, resource.RLIM_INFINITY))
try:
    SqliteStore(Path(sys.argv[1]))
except StorageBroken as broken:
    print(broken)
"""


def test_a_start_without_room_is_told_in_one_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-c", START_WITHOUT_ROOM, str(tmp_path)]
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.rstrip().endswith("Make room on its disk."), done
    SqliteStore(tmp_path).close()


async def test_a_commit_that_fails_skips_no_number(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)

    def say(tx: Tx) -> int:
        number = tx.next("s")
        tx.add(Message("s", number, "nanda", "x", "then", "now", None))
        return number

    assert await store.write(say) == 1
    store.database.writer.set_commit_hook(lambda: True)
    with pytest.raises(apsw.ConstraintError):
        await store.write(say)
    store.database.writer.set_commit_hook(None)
    assert await store.read(lambda tx: tx.head("s")) == 1
    assert await store.write(say) == 2
    store.close()


async def test_a_locked_database_is_unavailable_and_then_available_again(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    store.database.writer.set_busy_timeout(0)
    other = apsw.Connection(str(tmp_path / "parlour.db"))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageFailed) as raised:
        await store.write(lambda tx: tx.add(Fact("a", "b")))
    assert raised.value.code == "unavailable"
    assert not isinstance(raised.value, StorageBroken)
    other.execute("ROLLBACK")
    other.close()
    await store.write(lambda tx: tx.add(Fact("a", "b")))
    assert await store.read(lambda tx: tx.count(Fact, {})) == 1
    store.close()


async def damaged(folder: Path, whole: int) -> None:
    """A database of which only the first pages are whole."""
    store = SqliteStore(folder)
    await store.write(many)
    store.close()
    path = folder / "parlour.db"
    content = path.read_bytes()
    path.write_bytes(content[: whole * 4096] + b"\xa5" * (len(content) - whole * 4096))


async def test_a_database_damaged_at_its_beginning_does_not_open(tmp_path: Path) -> None:
    await damaged(tmp_path, whole=1)
    with pytest.raises(StorageBroken, match="Restore a backup"):
        SqliteStore(tmp_path)


async def test_a_damaged_page_breaks_the_storage_when_it_is_read(tmp_path: Path) -> None:
    await damaged(tmp_path, whole=30)
    store = SqliteStore(tmp_path)
    for run in (store.read, store.write):
        with pytest.raises(StorageBroken, match="Restore a backup"):
            await run(lambda tx: tx.find(Message, {}))
    store.close()


async def test_a_defect_is_no_failure_of_the_storage(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path)
    with pytest.raises(ZeroDivisionError):
        await store.write(lambda tx: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        await store.read(lambda tx: 1 // 0)
    await store.write(lambda tx: tx.add(Fact("a", "b")))
    store.close()
