"""The schema's numbered steps: each is a file of steps/, checksummed, never changed once released.

1. A step's first line says its name; its statements stand apart by an empty line. All that a database lacks are taken
   in one transaction, wholly or not at all.
2. A database with a step that this version does not know, or knows otherwise, is not touched.
3. What all steps make is what the records say: a test compares them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib import resources
from typing import Any

from . import sql

Execute = Callable[..., Any]

APPLIED = """CREATE TABLE IF NOT EXISTS Migrations (
  Number INTEGER NOT NULL PRIMARY KEY,
  Name TEXT NOT NULL,
  Checksum TEXT NOT NULL
)"""


class Foreign(Exception):
    """The database was not written by this version or an older one. The text says what to do."""


def schema() -> list[str]:
    """The statements that make the whole schema, derived from the records."""
    return [APPLIED] + [statement for record in sql.records() for statement in sql.create(record)]


@cache
def steps() -> list[tuple[str, list[str]]]:
    """The steps in order, by name."""
    files = [file for file in (resources.files(__package__) / "steps").iterdir() if file.name.endswith(".sql")]
    files.sort(key=lambda file: int(file.name.removesuffix(".sql")))
    return [_step(file.read_text(encoding="utf-8")) for file in files]


def _step(text: str) -> tuple[str, list[str]]:
    name, *statements = text.strip().split("\n\n")
    return name.removeprefix("-- "), [statement.removesuffix(";") for statement in statements]


def migrate(execute: Execute) -> None:
    """Bring a database to this version's schema. Raises Foreign."""
    execute("BEGIN IMMEDIATE")
    try:
        _check_owner(execute)
        execute(APPLIED)
        done = _done(execute)
        for number, (name, statements) in enumerate(steps()[done:], start=done + 1):
            _apply(execute, number, name, statements)
        execute("COMMIT")
    except BaseException:
        with suppress(Exception):  # A full disk has rolled everything back already.
            execute("ROLLBACK")
        raise


def judge(execute: Execute) -> None:
    """Whether this is a database that this version can go on with; nothing is written. Raises Foreign."""
    if not _check_owner(execute):
        raise Foreign("This is no database of Parlour: it is empty.")
    _done(execute)


def _check_owner(execute: Execute) -> bool:
    """Whether anything is there yet."""
    tables = {name for (name,) in execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if tables and "Migrations" not in tables:
        raise Foreign("This is another program's database. Name another data folder.")
    return bool(tables)


def _done(execute: Execute) -> int:
    """How many steps the database has taken."""
    taken = [checksum for (checksum,) in execute("SELECT Checksum FROM Migrations ORDER BY Number")]
    known = [_checksum(statements) for _, statements in steps()]
    if len(taken) > len(known):
        raise Foreign(
            "This database was written by a newer version of Parlour. Start that version, or restore a backup."
        )
    if taken != known[: len(taken)]:
        raise Foreign("This database was made with other tables. Start the version that made it, or restore a backup.")
    return len(taken)


def _checksum(statements: list[str]) -> str:
    return hashlib.sha256("\n".join(statements).encode()).hexdigest()


def _apply(execute: Execute, number: int, name: str, statements: list[str]) -> None:
    for statement in statements:
        execute(statement)
    execute("INSERT INTO Migrations VALUES (?, ?, ?)", (number, name, _checksum(statements)))
