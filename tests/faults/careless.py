"""Guards taken out, for self-tests: each makes the server one that loses or doubles messages, or that tells.

A fault test that stays green with its guard out proves nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw

from parlour.core import filters
from parlour.core.messages import NONCE
from parlour.core.ports import StorageFailed
from parlour.server.websocket import Connection
from parlour.store.sqlite import Database, SqliteStore, Transaction


def tell_early() -> None:
    """Every write is answered before it is committed."""
    real = SqliteStore.write

    def write(self: SqliteStore, work: Callable[[Any], Any]) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        told: asyncio.Future[Any] = loop.create_future()

        def run(tx: Any) -> Any:
            result = work(tx)
            loop.call_soon_threadsafe(told.set_result, result)
            time.sleep(0.005)  # A disk that takes its time.
            return result

        real(self, run).add_done_callback(lambda done: done.exception())
        return told

    SqliteStore.write = write  # type: ignore[method-assign]


def forget_nonces() -> None:
    """A nonce is neither looked up nor unique."""
    real, begin = Transaction.get, Database.__init__

    def get(self: Transaction, key: Any, *values: Any) -> Any:
        return None if key is NONCE else real(self, key, *values)

    def prepare(self: Database, path: Path | None) -> None:
        begin(self, path)
        self.writer.execute(f"DROP INDEX IF EXISTS {NONCE.name}")

    Transaction.get = get  # type: ignore[method-assign]
    Database.__init__ = prepare  # type: ignore[method-assign]


def swallow_errors() -> None:
    """What a commit raises is taken for a success, and the next one tried as if nothing had been."""

    def write(self: Database, work: Callable[[Any], Any]) -> Any:
        self._begin()
        tx = Transaction(self.writer, self.plan)
        result = work(tx)
        try:
            tx.flush()
            self.writer.execute("COMMIT")
        except (apsw.Error, StorageFailed):
            if self.writer.in_transaction:
                self.writer.execute("ROLLBACK")
        return result

    Database.write = write  # type: ignore[method-assign]


def forget_room() -> None:
    """Whatever finds no room is queued all the same."""

    def push(self: Connection, wire: bytes) -> bool:
        self.say(wire)
        return True

    Connection.push = push  # type: ignore[method-assign,assignment]


def dawdle() -> None:
    """Whoever is held back waits a little longer for the answer."""
    real = filters.holds_back

    def holds_back(tx: Any, user_id: str, of: str, now: str) -> bool:
        if hidden := real(tx, user_id, of, now):
            time.sleep(0.0005)
        return hidden

    filters.holds_back = holds_back


GUARDS: dict[str, Callable[[], None]] = {
    function.__name__: function for function in (tell_early, forget_nonces, swallow_errors, forget_room, dawdle)
}


def become(careless: str) -> None:
    """Take out the guard of this name, if any."""
    if careless:
        GUARDS[careless]()
