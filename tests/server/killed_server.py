"""A server that kills itself inside a commit, for the tests of durability.

1. It is the product's own server; only the file system below SQLite and, for one test, the order of telling are ours.
2. `KILL_AT`: before which write to the write-ahead log, counted from the start, it kills itself: the commit whose frames
   these are is then half written. 0: never.
3. `TELL=early` tells of a batch before its commit: what the product must never do, so that the test is seen to fail.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Any

import apsw

from parlour.core.ports import Tx
from parlour.server.gateway import Gateway, Ran, Work

SAID = "killed inside a commit"


class Log(apsw.VFSFile):
    """A file that counts its writes, if it is the write-ahead log."""

    left = int(os.environ.pop("KILL_AT", "0"))

    def __init__(self, name: Any, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        self._is_log = bool(flags[0] & apsw.SQLITE_OPEN_WAL)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 — apsw's name
        if self._is_log and Log.left:
            Log.left -= 1
            if not Log.left:
                os.write(2, f"{SAID}\n".encode())
                os.kill(os.getpid(), signal.SIGKILL)
        super().xWrite(data, offset)


class Files(apsw.VFS):
    """The file system, with our files in it."""

    def __init__(self) -> None:
        super().__init__("killing", "unix", makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> Log:  # noqa: N802 — apsw's name
        return Log(name, flags)


def tell_early() -> None:
    """Publish and answer while the transaction is still open."""
    run = Gateway._run
    loops: list[asyncio.AbstractEventLoop] = []
    submit = Gateway.submit

    def noted(self: Gateway, *arguments: Any) -> None:
        loops[:] = [asyncio.get_running_loop()]
        submit(self, *arguments)

    def early(self: Gateway, tx: Tx, batch: list[Work]) -> Ran:
        ran = run(self, tx, batch)

        async def tell() -> None:
            for work, (outcome, events) in zip(batch, ran, strict=True):
                self._bus.publish(events)
                work.told(work.request, outcome)
            for _ in range(3):  # the turn that writes to the sockets, and the one that uvloop sends in
                await asyncio.sleep(0)

        asyncio.run_coroutine_threadsafe(tell(), loops[0]).result()
        return ran

    Gateway.submit = noted  # type: ignore[method-assign]
    Gateway._run = early  # type: ignore[method-assign]


if __name__ == "__main__":
    files = Files()
    if os.environ.pop("TELL", "") == "early":
        tell_early()
    from parlour.cli import main

    sys.argv[1:] = ["serve", *sys.argv[1:]]
    main()
