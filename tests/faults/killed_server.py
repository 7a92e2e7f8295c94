"""A server that kills itself inside a commit, for tests: `python killed_server.py --data … --port …`.

1. The product is run as it is; what differs is the file system that SQLite is given (an apsw VFS around the machine's).
2. `KILL` says when: `write:N` in the middle of writing the N-th commit to the log, `sync:N` before its fsync,
   `synced:N` after it, before the commit returns; `never` otherwise.
3. One byte of the file `KILL_MARK` is 1 while a commit is written: it survives the process and tells where it died.
4. `CARELESS` takes out a guard (careless.py): the test that uses this must then fail.
"""

from __future__ import annotations

import mmap
import os
import signal
import sys
from pathlib import Path
from typing import Any, ClassVar

import apsw

from parlour.cli import main
from tests.faults import careless


class Plan:
    """When to die, and the mark that tells whether a commit was under way."""

    def __init__(self, when: str, mark: Path) -> None:
        self.kind, _, number = when.partition(":")
        self.at = int(number or 0)
        self.commits = 0
        with mark.open("r+b") as file:
            self.mark = mmap.mmap(file.fileno(), 1)
        self.mark[0] = 0

    def writing(self) -> None:
        """A part of a commit is about to be written. Between the parts it is torn."""
        torn, self.mark[0] = self.mark[0] == 1, 1
        if torn:
            self.die_if("write")

    def syncing(self) -> None:
        """A commit is written and is about to be made durable."""
        self.mark[0] = 1
        self.die_if("sync")

    def synced(self) -> None:
        """A commit is durable, and nobody knows yet."""
        self.die_if("synced")
        self.commits += 1
        self.mark[0] = 0

    def die_if(self, kind: str) -> None:
        if self.kind == kind and self.commits >= self.at:
            os.kill(os.getpid(), signal.SIGKILL)


class LogFile(apsw.VFSFile):
    """The write-ahead log: what is written there is a commit."""

    plan: ClassVar[Plan]

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self.plan.writing()
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self.plan.syncing()
        super().xSync(flags)
        self.plan.synced()


class Disk(apsw.VFS):
    """The machine's file system, with a log that is watched."""

    def __init__(self) -> None:
        super().__init__("watched", "unix", makedefault=True)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> Any:  # noqa: N802
        kind = LogFile if flags[0] & apsw.SQLITE_OPEN_WAL else apsw.VFSFile
        return kind("unix", name, flags)


if __name__ == "__main__":
    LogFile.plan = Plan(os.environ["KILL"], Path(os.environ["KILL_MARK"]))
    disk = Disk()
    careless.become(os.environ.get("CARELESS", ""))
    sys.exit(main(["serve", *sys.argv[1:]], prog_name="parlour"))
