"""Threads that run transactions: each function whole, in the order of asking.

1. A queue and one call back to the loop: an executor's chained futures and locks cost half as much again for each hop
   (docs/decisions/0014), and a single message waits for the hop and for the disk.
2. What a function raises belongs to whoever asked. A thread never ends by it.
3. All threads take their memory from one heap.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

M_ARENA_MAX = -8  # <malloc.h>
T = TypeVar("T")


def share_one_heap() -> None:
    """Before there are threads. glibc gives each a heap that grows page by page, with a system call for each page.

    A cache of the database is made of pages: reading an old one costs a third less so (docs/decisions/0024).
    """
    with contextlib.suppress(AttributeError, ImportError, OSError):  # Other C libraries care for it themselves.
        import ctypes  # Here, since a Python may be built without it.

        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


class Threads:
    """So many threads behind one queue."""

    def __init__(self, name: str, count: int) -> None:
        self._asked: SimpleQueue[tuple[asyncio.Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._threads = [threading.Thread(target=self._work, name=name, daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def run(self, function: Callable[[], T]) -> asyncio.Future[T]:
        """What the function gives or raises, run in one of the threads."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._asked.put((future, function))
        return future

    def close(self) -> None:
        """Finish what was asked, then end."""
        for _ in self._threads:
            self._asked.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while asked := self._asked.get():
            future, function = asked
            result = raised = None
            try:
                result = function()
            except BaseException as caught:  # noqa: BLE001 — see rule 2
                raised = caught
            with contextlib.suppress(RuntimeError):  # The loop is closed: nobody waits any more.
                future.get_loop().call_soon_threadsafe(_settle, future, result, raised)
            del asked, future, function, result, raised  # What was asked is not kept until the next one.


def _settle(future: asyncio.Future[Any], result: Any, raised: BaseException | None) -> None:
    if future.cancelled():
        return
    if raised is None:
        future.set_result(result)
    else:
        future.set_exception(raised)
