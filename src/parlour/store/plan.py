"""What SQLite is asked: the statements of a unit of work, derived once from the records.

1. Many rows a statement: 64, 16, 4 or 1 at once, so that all of them stay prepared.
2. `INSERT OR FAIL` spares SQLite the statement journal of a many-row INSERT under a unique index, two thirds of its
   cost; it is safe because any failure rolls the whole transaction back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec

from ..core.ports import KEYS, Key, Record, Streamed
from . import sql

SIZES = (64, 16, 4, 1)


class Finder:
    """How rows are found by one key, many at a time; and how a row tells its own values of the key."""

    def __init__(self, key: Key[Any]) -> None:
        self.single = len(key.columns) == 1
        pick = attrgetter(*key.columns)
        record: type[Record] = key.record
        self.of: Callable[[Any], tuple[Any, ...]] = (lambda row: (_bare(pick(row)),)) if self.single else pick
        fields = ", ".join("t." + c for c in sql.columns(record))
        self._select = f"SELECT {fields} FROM {{}} CROSS JOIN {record.table} t ON "
        self._one = self._select.format("json_each(?) k") + f"t.{key.columns[0]} = k.value"
        self._parts = {size: self._part(key.columns, size) for size in SIZES}
        self.build = sql.builder(record)

    def _part(self, columns: tuple[str, ...], size: int) -> str:
        """So many values of a key with several columns: rows of parameters cost half of what taking JSON apart does."""
        names = [f"v{i}" for i in range(len(columns))]
        row = f"({', '.join('?' * len(columns))})"
        keys = f"WITH k ({', '.join(names)}) AS (VALUES {', '.join([row] * size)}) "
        on = " AND ".join(f"t.{c} = k.{n}" for c, n in zip(columns, names, strict=True))
        return keys + self._select.format("k") + on

    def rows(self, execute: Callable[..., Any], asked: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """The rows that these values name, those that there are."""
        if self.single:
            yield from execute(self._one, (as_json([a[0] for a in asked]),))
            return
        start = 0
        for size in cut(len(asked)):
            yield from execute(self._parts[size], tuple(chain.from_iterable(asked[start : start + size])))
            start += size


def _bare(value: Any) -> Any:
    return getattr(value, "value", value)


class Plan:
    """What is derived once from the records: finders, the statements of writing, the tables that are streams."""

    def __init__(self) -> None:
        self.records = sql.records()
        self.finders = {key: Finder(key) for record in self.records for key in KEYS[record]}
        self.keys = {record: [(key, self.finders[key].of) for key in KEYS[record]] for record in self.records}
        self.inserts = {(r, n): "INSERT OR FAIL " + sql.insert(r, n) for r in self.records for n in SIZES}
        self.streams = [r for r in self.records if issubclass(r, Streamed)]
        heads = [
            f"coalesce((SELECT max({r.number_column}) FROM {r.table} WHERE {r.stream_column} = k.value), 0)"
            for r in self.streams
        ]
        self.heads = f"SELECT k.value, max({', '.join(heads)}) FROM json_each(?) k"


@cache
def planned() -> Plan:
    """The plan that all databases of a process share."""
    return Plan()


def as_json(values: Any) -> str:
    """Values as one parameter."""
    return msgspec.json.encode(values).decode()


def cut(count: int) -> Iterator[int]:
    """Parts whose statements are prepared: few, large ones."""
    for size in SIZES:
        while count >= size:
            yield size
            count -= size
