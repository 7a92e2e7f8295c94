"""SQLite: one writer thread, durable commits, a unit of work for each transaction.

1. WAL and synchronous=FULL: a commit that has returned survives a power cut. Nothing is told before it.
2. A transaction remembers what it has read and queues what it writes; the SQL is a few many-row statements.
   Nothing is remembered across transactions: there is no cache to invalidate.
3. Any failure rolls the whole transaction back.
"""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

import apsw
import msgspec

from ..core.ports import (
    Key,
    Need,
    Published,
    Record,
    StorageBroken,
    StorageFailed,
    StorageFull,
    Streamed,
    Tx,
)
from . import migrations, sql
from .folder import FolderLock, OpenFiles, Unusable
from .plan import Plan, as_json, cut, planned
from .threads import Threads, share_one_heap

R = TypeVar("R", bound=Record)
T = TypeVar("T")

MANY = "IN (SELECT value FROM json_each(?))"
PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA wal_autocheckpoint = 20000",
    "PRAGMA cache_size = -65536",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA foreign_keys = ON",
)
READING = (
    "PRAGMA query_only = ON",
    # The next commit makes it forget its pages: more of them are memory that is taken anew, page by page.
    "PRAGMA cache_size = -8192",
)


class Transaction(Tx):
    """The unit of work. Lives for one transaction of one connection, in one thread."""

    def __init__(self, connection: apsw.Connection, plan: Plan) -> None:
        self._execute, self._plan = connection.execute, plan
        self._known: dict[Key[Any], dict[tuple[Any, ...], Any]] = {key: {} for key in plan.finders}
        self._memories: dict[type[Record], list[tuple[dict[tuple[Any, ...], Any], Callable[[Any], Any]]]] = {}
        self._heads: dict[str, int] = {}
        self._added: dict[type[Record], list[Record]] = {}
        self._changed: dict[type[Record], dict[tuple[Any, ...], Record]] = {}

    # ------------------------------------------------------------------------------------------------------- reading

    def get(self, key: Key[R], *values: Any) -> R | None:
        known = self._known[key]
        if values not in known:
            self._fetch(key, (values,))
        row: R | None = known[values]
        return row

    def _fetch(self, key: Key[Any], wanted: Iterable[tuple[Any, ...]]) -> None:
        known, finder = self._known[key], self._plan.finders[key]
        asked = [values for values in dict.fromkeys(wanted) if values not in known]
        if not asked:
            return
        self._flush(key.record)
        known.update(dict.fromkeys(asked))
        only_key = len(self._plan.keys[key.record]) == 1
        for found in finder.rows(self._execute, asked):
            row = finder.build(*found)
            if only_key:
                known[finder.of(row)] = row
            else:
                self._remember(self._same(key.record, row))

    def _same(self, record: type[Record], row: Any) -> Any:
        """One object for one row, whichever way finds it: a change is seen by all who look."""
        primary, of = self._plan.keys[record][0]
        return self._known[primary].setdefault(of(row), row) or row

    def find(
        self,
        record: type[R],
        equal: dict[str, Any],
        *,
        order: str | None = None,
        above: Any = None,
        below: Any = None,
        newest: bool = False,
        limit: int | None = None,
    ) -> list[R]:
        self._flush(record)
        what = _range(record, equal, order, above, below, newest, limit)
        build = sql.builder(record)
        found = self._execute(sql.select(what, MANY), _values(equal, above, below, limit))
        rows = [self._same(record, build(*values)) for values in found]
        return rows[::-1] if newest else rows

    def count(self, record: type[Record], equal: dict[str, Any], *, order: str | None = None, above: Any = None) -> int:
        self._flush(record)
        what = _range(record, equal, order, above, None, False, None)
        return int(self._execute(sql.select(what, MANY, True), _values(equal, above, None, None)).get)

    def head(self, stream: str) -> int:
        if stream not in self._heads:
            self._fetch_heads((stream,))
        return self._heads[stream]

    def _fetch_heads(self, streams: Iterable[str]) -> None:
        asked = [stream for stream in set(streams) if stream not in self._heads]
        if asked:
            heads: Any = self._execute(self._plan.heads, (as_json(asked),))
            self._heads.update(heads)

    def since(self, stream: str, number: int, limit: int) -> list[Published]:
        rows: list[Streamed] = []
        for record in self._plan.streams:
            where = {record.stream_column: stream}
            rows += self.find(record, where, order=record.number_column, above=number, limit=limit)
        rows.sort(key=attrgetter("number"))
        return [Published(stream, row.number, row.kind, row.frame()) for row in rows[:limit]]

    def prefetch(self, needs: Iterable[Need]) -> None:
        wanted: dict[Key[Any] | None, list[tuple[Any, ...]]] = {}
        for need in needs:
            wanted.setdefault(need.key, []).append(need.values)
        for key, values in wanted.items():
            if key is None:
                self._fetch_heads(v[0] for v in values)
            else:
                self._fetch(key, values)

    # ------------------------------------------------------------------------------------------------------- writing

    def next(self, stream: str) -> int:
        number = self.head(stream) + 1
        self._heads[stream] = number
        return number

    def add(self, row: Record) -> None:
        self._added.setdefault(type(row), []).append(row)
        self._remember(row)

    def put(self, row: Record) -> None:
        self._changed.setdefault(type(row), {})[self._primary(row)] = row
        self._remember(row)

    def drop(self, row: Record) -> None:
        record = type(row)
        self._flush(record)
        self._execute(sql.delete(record), self._primary(row))
        for key, of in self._plan.keys[record]:
            self._known[key][of(row)] = None

    def lock(self, row: Record) -> None:
        """SQLite has one writer: the transaction itself is the lock."""

    def _primary(self, row: Record) -> tuple[Any, ...]:
        return self._plan.keys[type(row)][0][1](row)

    def _remember(self, row: Record) -> None:
        for known, of in self._memory(type(row)):
            known[of(row)] = row

    def _memory(self, record: type[Record]) -> list[tuple[dict[tuple[Any, ...], Any], Callable[[Any], Any]]]:
        """Where a record's rows are remembered, by each of its keys."""
        memory = self._memories.get(record)
        if memory is None:
            memory = self._memories[record] = [(self._known[key], of) for key, of in self._plan.keys[record]]
        return memory

    def _flush(self, record: type[Record]) -> None:
        """Write what is queued for one table."""
        rows, changed = self._added.pop(record, ()), self._changed.pop(record, None)
        start = 0
        for size in cut(len(rows)):
            self._execute(self._plan.inserts[record, size], _flat(record, rows[start : start + size]))
            start += size
        if changed:
            self._execute_many(sql.upsert(record), changed.values())

    def _execute_many(self, text: str, rows: Iterable[Record]) -> None:
        for row in rows:
            self._execute(text, sql.values(row))

    def flush(self) -> None:
        """Write all that is queued."""
        for record in list(self._added | self._changed):
            self._flush(record)


def _flat(record: type[Record], rows: Iterable[Record]) -> list[Any]:
    return list(chain.from_iterable(map(sql.values if sql.secrets(record) else msgspec.structs.astuple, rows)))


def _range(
    record: type[Record], equal: dict[str, Any], order: str | None, above: Any, below: Any, newest: bool, limit: Any
) -> sql.Range:
    columns = tuple((c, isinstance(v, list)) for c, v in equal.items())
    return sql.Range(record, columns, order, above is not None, below is not None, newest, limit is not None)


def _values(equal: dict[str, Any], above: Any, below: Any, limit: int | None) -> list[Any]:
    bound = [as_json(v) if isinstance(v, list) else v for v in equal.values()]
    return bound + [v for v in (above, below, limit) if v is not None]


class Database:
    """The file, or a database in memory: connections, and transactions run in the calling thread."""

    def __init__(self, path: Path | None) -> None:
        self._name = str(path) if path else f"file:/{uuid.uuid4().hex}?vfs=memdb"
        self.plan = planned()
        try:
            self.writer = self.connect()
            self._prepare()
            self._files = OpenFiles(path) if path else None
        except apsw.CorruptError as raised:
            raise StorageBroken(f"{self._name} is damaged ({raised}). Restore a backup.") from None
        except (apsw.FullError, apsw.IOError) as raised:
            raise StorageBroken(f"{self._name} cannot be written ({raised}). Make room on its disk.") from None
        except apsw.NotADBError:
            raise Unusable(
                f"{self._name} is not a database of Parlour. Restore a backup, or name another folder."
            ) from None
        except (apsw.ReadOnlyError, apsw.CantOpenError, apsw.PermissionsError):
            raise Unusable(
                f"{self._name} cannot be written. Let this user write there, or name another folder."
            ) from None

    def connect(self, readonly: bool = False) -> apsw.Connection:
        """A further connection, set up as all are."""
        flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE | apsw.SQLITE_OPEN_URI
        connection = apsw.Connection(self._name, flags=flags, statementcachesize=256)
        connection.set_busy_timeout(5_000)
        for pragma in PRAGMAS + READING * readonly:
            connection.execute(pragma).fetchall()
        return connection

    def reader(self) -> apsw.Connection:
        """A further connection, which cannot write. Raises StorageFailed."""
        self._judge_files()
        try:
            return self.connect(readonly=True)
        except apsw.Error as raised:
            _translate(raised)
            raise

    def _prepare(self) -> None:
        try:
            migrations.migrate(self.writer.execute)
        except migrations.Foreign as foreign:
            raise Unusable(str(foreign)) from None

    def write(self, work: Callable[[Tx], T]) -> T:
        """Run in one transaction and commit. Raises StorageFailed; whatever is raised, nothing is left behind."""
        self._begin()
        try:
            tx = Transaction(self.writer, self.plan)
            result = work(tx)
            tx.flush()
            self.writer.execute("COMMIT")
            return result
        except BaseException as raised:
            if self.writer.in_transaction:
                self.writer.execute("ROLLBACK")
            _translate(raised)
            raise

    def _judge_files(self) -> None:
        if self._files:
            self._files.judge()

    def _begin(self) -> None:
        self._judge_files()
        try:
            self.writer.execute("BEGIN IMMEDIATE")
        except apsw.Error as raised:
            _translate(raised)
            raise

    def read(self, work: Callable[[Tx], T], connection: apsw.Connection) -> T:
        """Run on one consistent state."""
        self._judge_files()
        connection.execute("BEGIN")
        try:
            return work(Transaction(connection, self.plan))
        except apsw.Error as raised:
            _translate(raised)
            raise
        finally:
            connection.execute("ROLLBACK")


def _translate(raised: BaseException) -> None:
    """What SQLite says of the storage, in the words of the port. A violated constraint is a defect, not a storage."""
    if isinstance(raised, apsw.FullError):
        raise StorageFull from raised
    if isinstance(raised, (apsw.CorruptError, apsw.IOError, apsw.NotADBError)):
        raise StorageBroken(f"The database cannot be trusted any more ({raised}). Restore a backup.") from raised
    if isinstance(raised, (apsw.BusyError, apsw.LockedError, apsw.CantOpenError, apsw.ReadOnlyError)):
        raise StorageFailed(str(raised)) from raised


class SqliteStore:
    """The store of one node: one thread writes, two read; each runs a transaction whole."""

    READERS = 2

    def __init__(self, folder: Path | None) -> None:
        self._lock = FolderLock(folder) if folder else None
        share_one_heap()
        try:
            self.database = Database(folder / "parlour.db" if folder else None)
        except BaseException:
            self._unlock()
            raise
        self._writer = Threads("writer", 1)
        self._readers = Threads("reader", self.READERS) if folder else self._writer
        self._local = threading.local()

    def write(self, work: Callable[[Tx], T]) -> asyncio.Future[T]:
        return self._writer.run(partial(self.database.write, work))

    def read(self, work: Callable[[Tx], T]) -> asyncio.Future[T]:
        return self._readers.run(lambda: self.database.read(work, self._connection()))

    def _connection(self) -> apsw.Connection:
        """A thread's own connection; a database in memory has one thread for both."""
        if self._readers is self._writer:
            return self.database.writer
        if not hasattr(self._local, "connection"):
            self._local.connection = self.database.reader()
        connection: apsw.Connection = self._local.connection
        return connection

    def close(self) -> None:
        for threads in {self._readers, self._writer}:
            threads.close()
        self.database.writer.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock:
            self._lock.release()
