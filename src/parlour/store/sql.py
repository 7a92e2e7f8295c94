"""Records as tables: statements and the schema, derived from the records alone.

1. A record is a table, its fields are the columns in order; a first key is the primary key.
2. Both engines read this file; what only one of them understands stands in that engine's file.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Sequence
from functools import cache
from types import UnionType
from typing import Any

import msgspec

from ..core.ports import INDEXES, KEYS, Record, Secret

TYPES: dict[Any, str] = {str: "TEXT", int: "INTEGER", bytes: "BLOB", Secret: "TEXT"}


@cache
def columns(record: type[Record]) -> tuple[str, ...]:
    """The columns of a record."""
    return record.__struct_fields__


@cache
def secrets(record: type[Record]) -> tuple[int, ...]:
    """Where a record keeps what nobody may see."""
    return tuple(i for i, field in enumerate(columns(record)) if _hints(record)[field] is Secret)


@cache
def _hints(record: type[Record]) -> dict[str, Any]:
    return typing.get_type_hints(record)


@cache
def builder(record: type[Record]) -> Callable[..., Any]:
    """What makes a record of a row's values."""
    hidden = secrets(record)
    if not hidden:
        return record

    def build(*values: Any) -> Record:
        return record(*(Secret(v) if i in hidden else v for i, v in enumerate(values)))

    return build


def values(row: Record) -> tuple[Any, ...]:
    """A record as the values of a row."""
    plain = msgspec.structs.astuple(row)
    hidden = secrets(type(row))
    return tuple(v.value if i in hidden else v for i, v in enumerate(plain)) if hidden else plain


def create(record: type[Record]) -> list[str]:
    """The statements that make a record's table and indexes."""
    primary, *others = KEYS[record]
    lines = [f"  {_column(record, c)}" for c in columns(record)]
    lines.append(f"  {'UNIQUE' if record.rowid else 'PRIMARY KEY'} ({', '.join(primary.columns)})")
    statements = [
        f"CREATE TABLE {record.table} (\n" + ",\n".join(lines) + "\n)" + ("" if record.rowid else " WITHOUT ROWID")
    ]
    for key in others:
        where = f" WHERE {key.where}" if key.where else ""
        statements.append(f"CREATE UNIQUE INDEX {key.name} ON {record.table} ({', '.join(key.columns)}){where}")
    statements += [f"CREATE INDEX {i.name} ON {record.table} ({', '.join(i.columns)})" for i in INDEXES.get(record, [])]
    return statements


def _column(record: type[Record], column: str) -> str:
    hint = _hints(record)[column]
    options = typing.get_args(hint) if typing.get_origin(hint) in (UnionType, typing.Union) else (hint,)
    kind = next(o for o in options if o is not type(None))
    if typing.get_origin(kind) is typing.Literal:
        kind = type(typing.get_args(kind)[0])
    return f"{column} {TYPES[kind]}" + ("" if type(None) in options else " NOT NULL")


def insert(record: type[Record], rows: int) -> str:
    """An INSERT of so many rows."""
    marks = f"({', '.join('?' * len(columns(record)))})"
    return f"INTO {record.table} ({', '.join(columns(record))}) VALUES {', '.join([marks] * rows)}"


def upsert(record: type[Record]) -> str:
    """Write one row whether or not it is there."""
    key = KEYS[record][0].columns
    rest = [c for c in columns(record) if c not in key]
    changes = f"DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in rest)}" if rest else "DO NOTHING"
    return f"INSERT {insert(record, 1)} ON CONFLICT ({', '.join(key)}) {changes}"


def delete(record: type[Record]) -> str:
    """Remove the row with this primary key."""
    return f"DELETE FROM {record.table} WHERE " + " AND ".join(f"{c} = ?" for c in KEYS[record][0].columns)


class Range(typing.NamedTuple):
    """What `find` asks for, beside its values."""

    record: type[Record]
    equal: tuple[tuple[str, bool], ...]  # column, and whether many values are given
    order: str | None
    above: bool
    below: bool
    newest: bool
    limit: bool


@cache
def select(what: Range, many: str, counted: bool = False) -> str:
    """The statement of a `find`. `many` is the engine's way to say that a column is one of a list."""
    tests = [f"{c} {many}" if several else f"{c} = ?" for c, several in what.equal]
    tests += [f"{what.order} > ?"] * what.above + [f"{what.order} < ?"] * what.below
    text = f"SELECT {'count(*)' if counted else ', '.join(columns(what.record))} FROM {what.record.table}"
    text += " WHERE " + " AND ".join(tests) if tests else ""
    text += f" ORDER BY {what.order}{' DESC' if what.newest else ''}" if what.order and not counted else ""
    return text + (" LIMIT ?" if what.limit else "")


def records() -> Sequence[type[Record]]:
    """Every record there is, by name of its table."""
    return sorted(KEYS, key=lambda record: record.table)
