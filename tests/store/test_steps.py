"""The schema's steps: what they make is what the records say, each database is brought up wholly or not at all.

1. A step that was released is never changed: its checksum stands here.
2. Databases of earlier versions are made by the steps of then, with rows in them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import apsw
import pytest

import parlour.core  # noqa: F401 - every feature is loaded, so every record is known
from parlour.store import migrations
from parlour.store.folder import Unusable
from parlour.store.sqlite import SqliteStore
from tests.store.mortal import Mortal

RELEASED = ["7c2332e5b20f004a989427a19b7d06c883e17bab791e44e073c6d0120e56eb4e"]
THEN = "2026-09-01T12:00:00.000Z"


def checksum(statements: list[str]) -> str:
    return hashlib.sha256("\n".join(statements).encode()).hexdigest()


def asked(path: Path, question: str) -> list[tuple[Any, ...]]:
    """What another program is told."""
    connection = apsw.Connection(str(path))
    rows = connection.execute(question).fetchall()
    connection.close()
    return rows


def applied(path: Path) -> list[tuple[Any, ...]]:
    return asked(path, "SELECT Number, Name, Checksum FROM Migrations ORDER BY Number")


def tables(path: Path) -> set[str]:
    return {name for (name,) in asked(path, "SELECT name FROM sqlite_schema WHERE type = 'table'")}


def other_programs(path: Path, *statements: str) -> None:
    connection = apsw.Connection(str(path))
    for statement in statements:
        connection.execute(statement).fetchall()
    connection.close()


# ------------------------------------------------------------------------------------------------------ what they make


def shape(connection: apsw.Connection) -> dict[str, Any]:
    """Tables, columns, types, nullability, keys, indexes. The order of columns and defaults are the steps' own."""
    found: dict[str, Any] = {}
    listed = "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
    names: list[tuple[Any, ...]] = connection.execute(listed).fetchall()
    for table, without_rowid in names:
        if not table.startswith("sqlite_"):
            columns = connection.execute('SELECT name, type, "notnull", pk FROM pragma_table_xinfo(?)', (table,))
            found[table] = without_rowid, set(columns), _indexes(connection, table)
    return found


def _indexes(connection: apsw.Connection, table: str) -> set[Any]:
    listed = 'SELECT name, "unique", origin, partial FROM pragma_index_list(?)'
    found = set()
    for name, *kind in connection.execute(listed, (table,)).fetchall():
        columns = connection.execute('SELECT name, "desc", coll FROM pragma_index_xinfo(?) WHERE key', (name,))
        text = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (name,)).get
        found.add((name, *kind, tuple(columns), text.partition(" WHERE ")[2] if text else ""))
    return found


def made_by(statements: list[str]) -> apsw.Connection:
    connection = apsw.Connection("")
    for statement in statements:
        connection.execute(statement)
    return connection


def of_steps(count: int | None = None) -> list[str]:
    return [migrations.APPLIED, *(s for _, statements in migrations.steps()[:count] for s in statements)]


def test_all_steps_make_what_the_records_say() -> None:
    """A record that was changed needs a step that changes its table."""
    assert shape(made_by(of_steps())) == shape(made_by(migrations.schema()))


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE Users ADD COLUMN More TEXT",
        "ALTER TABLE Events DROP COLUMN Kind",
        "CREATE TABLE More (x)",
        "DROP INDEX Presence",
        "DROP INDEX PairSessions; CREATE UNIQUE INDEX PairSessions ON Pairs (SessionID) WHERE SessionID > ''",
        "DROP INDEX AskedBy; CREATE INDEX AskedBy ON Pairs (State, Asker)",
        "DROP TABLE Facts; CREATE TABLE Facts (Name TEXT NOT NULL, Value TEXT, PRIMARY KEY (Name)) WITHOUT ROWID",
        "DROP TABLE Facts; CREATE TABLE Facts (Name TEXT NOT NULL, Value TEXT NOT NULL, PRIMARY KEY (Name))",
    ],
)
def test_a_difference_is_found(change: str) -> None:
    assert shape(made_by([*of_steps(), change])) != shape(made_by(of_steps()))


def test_what_was_released_is_as_it_was() -> None:
    assert [checksum(statements) for _, statements in migrations.steps()][: len(RELEASED)] == RELEASED


# -------------------------------------------------------------------------------------------------- how they are taken


def test_steps_are_recorded_with_their_checksums_once(tmp_path: Path) -> None:
    for _ in range(2):
        SqliteStore(tmp_path).close()
        expected = [(n, name, checksum(said)) for n, (name, said) in enumerate(migrations.steps(), start=1)]
        assert applied(tmp_path / "parlour.db") == expected


def test_a_newer_database_is_not_touched(tmp_path: Path) -> None:
    SqliteStore(tmp_path).close()
    path = tmp_path / "parlour.db"
    other_programs(
        path,
        "INSERT INTO Migrations SELECT max(Number) + 1, 'of the future', 'x' FROM Migrations",
        "CREATE TABLE Future (x)",
    )
    before = path.read_bytes()
    with pytest.raises(Unusable, match="written by a newer version"):
        SqliteStore(tmp_path)
    assert path.read_bytes() == before


def test_a_database_with_other_tables_is_not_touched(tmp_path: Path) -> None:
    SqliteStore(tmp_path).close()
    path = tmp_path / "parlour.db"
    other_programs(path, "UPDATE Migrations SET Checksum = 'of a step that was changed after its release'")
    before = path.read_bytes()
    with pytest.raises(Unusable, match="made with other tables"):
        SqliteStore(tmp_path)
    assert path.read_bytes() == before


def test_a_step_that_fails_leaves_the_database_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    released = migrations.steps()
    SqliteStore(tmp_path).close()
    path = tmp_path / "parlour.db"
    before = applied(path), tables(path)
    broken = [*released, ("one more", ["CREATE TABLE More (x)"]), ("a wrong one", ["CREATE NONSENSE"])]
    monkeypatch.setattr(migrations, "steps", lambda: broken)
    with pytest.raises(apsw.SQLError):
        SqliteStore(tmp_path)
    assert (applied(path), tables(path)) == before


def test_steps_that_are_missing_are_taken_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    released = migrations.steps()
    SqliteStore(tmp_path).close()
    more = [*released, ("one more", ["CREATE TABLE More (x)"]), ("another", ["ALTER TABLE More ADD COLUMN y"])]
    monkeypatch.setattr(migrations, "steps", lambda: more)
    SqliteStore(tmp_path).close()
    names = [name for name, _ in released] + ["one more", "another"]
    assert [row[:2] for row in applied(tmp_path / "parlour.db")] == list(enumerate(names, start=1))
    monkeypatch.setattr(migrations, "steps", lambda: released)
    with pytest.raises(Unusable, match="newer"):
        SqliteStore(tmp_path)


# ------------------------------------------------------------------------------------------------ from earlier versions

ASKED = ("pending", "declined")
FIRST_ROWS: dict[str, list[tuple[Any, ...]]] = {
    "Users": [(f"u{n}", f"Person{n}", f"person{n}", "$argon2id$", "Offline", THEN) for n in range(4)],
    "Sessions": [(f"s{n}", "active", THEN) for n in range(3)],
    "Members": [(f"s{n}", user, THEN) for n in range(3) for user in ("u0", f"u{n + 1}")],
    "Messages": [
        (f"s{s}", n, "u0", f"words {n}", THEN, THEN, f"nonce-{n:04}" if n % 2 else None)
        for s in range(2)
        for n in range(1, 6 + s)
    ],
    "Logins": [("l0", "u0", "hash", THEN, THEN)],
    "Pairs": [
        *(("u0", f"u{n + 1}", "active", "u0", f"u{n + 1}", 1, THEN, 1, 1, f"s{n}") for n in range(3)),
        *(("u1", f"u{n + 2}", state, "u1", f"u{n + 2}", 1, THEN, n + 4, 1, None) for n, state in enumerate(ASKED)),
    ],
    "Events": [("u0", 1, "Session", b"{}")],
    "Facts": [("Epoch", "of then")],
}


SECOND_ROWS: dict[str, list[tuple[Any, ...]]] = {
    "Users": [(*row, None) for row in FIRST_ROWS["Users"]] + [("u9", "Gone", "gone", "", "Offline", THEN, THEN)],
    "Sessions": [(f"s{n}", THEN) for n in range(3)],
    "Members": [(*row, "active", 5, 4, 3) for row in FIRST_ROWS["Members"]],
    "Messages": FIRST_ROWS["Messages"],
    "Logins": [(*row, "Firefox") for row in FIRST_ROWS["Logins"]],
    "Pairs": [
        *FIRST_ROWS["Pairs"],
        ("u3", "u4", "pending", "u4", "u3", 1, THEN, 1, 1, None),
        ("u3", "u5", "shadow", "u3", "u5", 4, THEN, 7, 0, None),
        ("u2", "u9", "closed", "u9", "u2", 1, THEN, 1, 1, "s9"),
    ],
    "Events": FIRST_ROWS["Events"],
    "Facts": FIRST_ROWS["Facts"],
    "Settings": [("u0", "", "shared", 1, None, None, None, None), ("u0", "s0", None, None, None, None, 1, 0)],
}
EARLIER: dict[int, dict[str, list[tuple[Any, ...]]]] = {1: FIRST_ROWS, 2: SECOND_ROWS}
"""By the number of steps that a version had: the rows of a database of then."""
each_version = pytest.mark.parametrize("version", EARLIER)


def earlier_version(folder: Path, version: int = 1) -> Path:
    """A database as an earlier version left it, with rows in it."""
    path = folder / "parlour.db"
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode = WAL").fetchall()
    for statement in of_steps(version):
        connection.execute(statement)
    for number, (name, statements) in enumerate(migrations.steps()[:version], start=1):
        connection.execute("INSERT INTO Migrations VALUES (?, ?, ?)", (number, name, checksum(statements)))
    for table, rows in EARLIER[version].items():
        connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
    connection.close()
    return path


def rows_of(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    return {table: sorted(asked(path, f"SELECT * FROM {table}"), key=repr) for table in sorted(tables(path))}


def test_a_database_of_the_first_version_is_brought_up_with_its_rows(tmp_path: Path) -> None:
    path = earlier_version(tmp_path)
    SqliteStore(tmp_path).close()
    assert [row[0] for row in applied(path)] == list(range(1, len(migrations.steps()) + 1))
    kept = rows_of(path)
    for table, rows in FIRST_ROWS.items():
        width = {"Sessions": 1, "Pairs": 7}.get(table, len(rows[0]))
        assert sorted(row[:width] for row in kept[table]) == sorted(row[:width] for row in rows), table
    assert asked(path, "SELECT SessionID, CreatedAt FROM Sessions ORDER BY 1") == [(f"s{n}", THEN) for n in range(3)]
    assert asked(path, "PRAGMA integrity_check") == [("ok",)]


def test_an_asker_of_then_sees_the_asking_still_and_not_the_no(tmp_path: Path) -> None:
    path = earlier_version(tmp_path)
    SqliteStore(tmp_path).close()
    assert asked(path, "SELECT * FROM Askings ORDER BY Of") == [
        ("u1", "u2", 4, "sent", THEN),
        ("u1", "u3", 5, "sent", THEN),
    ]


def test_what_was_asked_before_there_were_notes_is_as_it_was(tmp_path: Path) -> None:
    path = earlier_version(tmp_path, 2)
    SqliteStore(tmp_path).close()
    kept = rows_of(path)
    assert kept["Pairs"] == sorted(((*row[:7], *row[8:], None) for row in SECOND_ROWS["Pairs"]), key=repr)
    for table in SECOND_ROWS.keys() - {"Pairs"}:
        assert kept[table] == sorted(SECOND_ROWS[table], key=repr), table
    for table in ("Blocks", "Pauses", "Links", "Budgets", "Ledger"):
        assert kept[table] == []
    assert [asking[:4] for asking in kept["Askings"]] == [
        ("u1", "u2", 4, "sent"),
        ("u1", "u3", 5, "sent"),
        ("u3", "u5", 7, "sent"),
        ("u4", "u3", 1, "sent"),
    ]
    assert asked(path, "PRAGMA integrity_check") == [("ok",)]


def test_what_was_said_before_marks_is_not_unread_and_nobody_is_told_that_it_was_read(tmp_path: Path) -> None:
    path = earlier_version(tmp_path)
    SqliteStore(tmp_path).close()
    marks = asked(path, "SELECT DISTINCT SessionID, State, Delivered, Read, Told FROM Members ORDER BY 1")
    assert marks == [("s0", "active", 0, 5, 0), ("s1", "active", 0, 6, 0), ("s2", "active", 0, 0, 0)]


DIES = """
import os, signal
import apsw
from parlour.store import migrations
def run(path, statement):
    connection = apsw.Connection(path)
    connection.execute("PRAGMA journal_mode = WAL").fetchall()
    connection.execute("PRAGMA cache_size = 1").fetchall()
    taken = 0
    def execute(*asked):
        nonlocal taken
        if taken == int(statement):
            os.kill(os.getpid(), signal.SIGKILL)
        taken += 1
        return connection.execute(*asked)
    migrations.migrate(execute)
    assert taken == int(statement)
"""
"""A start that is killed before so many statements of bringing the database up are done."""


def killed_at(mortal: Mortal, folder: Path, version: int, statement: int) -> bool:
    """Kill there; the database is as it was before, and then is brought up. False: it was brought up before that."""
    folder.mkdir()
    path = earlier_version(folder, version)
    before = rows_of(path)
    if not mortal.dies(path, statement):
        return False
    assert rows_of(path) == before
    SqliteStore(folder).close()
    assert len(applied(path)) == len(migrations.steps())
    return True


@each_version
@pytest.mark.full
def test_a_kill_between_any_two_statements_leaves_the_database_as_it_was(tmp_path: Path, version: int) -> None:
    statements = 0
    with Mortal(DIES) as mortal:
        while killed_at(mortal, tmp_path / str(statements), version, statements):
            statements += 1
    assert statements > sum(len(said) for _, said in migrations.steps()[version:])
