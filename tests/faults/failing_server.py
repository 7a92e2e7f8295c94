"""A server whose disk fails as planned, for tests: `python failing_server.py --data … --port …`.

1. The product is run as it is; what differs is the file system that SQLite is given (an apsw VFS around the machine's).
2. `FAIL` says how, by the number of a sync or write of the log: `sync:N` fails the N-th sync, and what was written
   since the one before is dropped, as a kernel may do; `write:N` fails the N-th write; `full:N` finds no room for the
   N-th. `copy:N` is `sync:N` for the database itself, within a checkpoint. A second number fails so many in a row.
3. While the file that `FULL_WHILE` names exists, nothing that is written finds room.
4. `CARELESS` takes out a guard (careless.py): the test that uses this must then fail.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

import apsw

from parlour.cli import main
from parlour.store import sqlite
from tests.faults import careless

COPIED_BACK_AFTER = 20


class Plan:
    """What fails, and when."""

    def __init__(self, what: str, full_while: str) -> None:
        self.kind, first, many = f"{what}::".split(":")[:3]
        self.first, self.many = int(first or 0), int(many or 1)
        self.full_while = Path(full_while) if full_while else None
        self.done = Counter[str]()

    def fails(self, step: str) -> bool:
        """Whether this step is one that fails."""
        if step != self.kind and not (step == "write" and self.kind == "full"):
            return False
        self.done[step] += 1
        return self.first <= self.done[step] < self.first + self.many

    def no_room(self) -> bool:
        return self.full_while is not None and self.full_while.exists()


class File(apsw.VFSFile):
    """A file; `is_log` where it is the write-ahead log."""

    plan: ClassVar[Plan]

    def __init__(self, name: Any, flags: list[int]) -> None:
        self.is_log = bool(flags[0] & apsw.SQLITE_OPEN_WAL)
        self.path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        self.unsynced: list[tuple[int, bytes]] = []
        super().__init__("unix", name, flags)
        self._look = os.open(self.path, os.O_RDWR)  # Never closed: that would drop SQLite's locks.

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        if self.plan.no_room() or (self.is_log and self.plan.fails("write")):
            raise apsw.exception_for(apsw.SQLITE_IOERR_WRITE if self.plan.kind == "write" else apsw.SQLITE_FULL)
        if self.plan.kind in ("sync", "copy"):
            self.unsynced.append((offset, os.pread(self._look, len(data), offset)))
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802
        if self.plan.fails("sync" if self.is_log else "copy"):
            while self.unsynced:
                offset, before = self.unsynced.pop()
                os.pwrite(self._look, before, offset)
            raise apsw.exception_for(apsw.SQLITE_IOERR_FSYNC)
        self.unsynced.clear()
        super().xSync(flags)


class Disk(apsw.VFS):
    """The machine's file system, failing."""

    def __init__(self) -> None:
        super().__init__("failing", "unix", makedefault=True)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> Any:  # noqa: N802
        return File(name, flags)


if __name__ == "__main__":
    File.plan = Plan(os.environ.get("FAIL", ""), os.environ.get("FULL_WHILE", ""))
    disk = Disk()
    if File.plan.kind == "copy":
        often = f"PRAGMA wal_autocheckpoint = {COPIED_BACK_AFTER}"
        vars(sqlite)["PRAGMAS"] = (*sqlite.PRAGMAS, often)
    careless.become(os.environ.get("CARELESS", ""))
    sys.exit(main(["serve", *sys.argv[1:]], prog_name="parlour"))
