"""Data to measure on: users, sessions and logins, made by the product's own handlers.

1. Every row is what a handler writes; messages go through the store's own unit of work.
2. All users share one password, hashed once: nobody logs in with it here.
3. The same folder is copied for every server that is measured.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from parlour.core import passwords
from parlour.core.accounts import Register
from parlour.core.dispatch import NOBODY, Answer, Caller, Context, run, stamp_of
from parlour.core.logins import LogIn
from parlour.core.messages import Message
from parlour.core.ports import Secret, Tx
from parlour.core.presence import EverybodyOffline
from parlour.core.snapshot import Begin
from parlour.protocol import Request, Search
from parlour.server.access import make_token, token_hash
from parlour.server.app import SystemClock
from parlour.store.sqlite import Database

PAIRS_AT_ONCE = 100
ROWS_AT_ONCE = 5_000
LETTERS = "-" + string.digits + string.ascii_uppercase + "_" + string.ascii_lowercase
TEXT = ("I thought of you at the market today, where they had those small apples again. " * 3)[:180]


class Client(NamedTuple):
    """One device of the load: its token, who it is, what it hears and where it stands in that."""

    token: str
    user_id: str
    session_id: str
    own_head: int
    session_head: int


class Maker:
    """Runs requests in one transaction, as the gateway does."""

    def __init__(self, tx: Tx, kept: Secret) -> None:
        self.tx, self.kept, self.clock = tx, kept, SystemClock()
        self.now = self.clock.now()

    def do(self, request: Any, caller: Caller = NOBODY) -> Any:
        """Run a request that cannot be refused; its result."""
        answer = run(request, Context(self.tx, caller, self.clock, self.now, stamp_of(self.now)))
        assert isinstance(answer, Answer), answer
        return answer.result

    def user(self, name: str) -> tuple[Caller, str]:
        """A registered user with a login and its token."""
        user_id = self.do(Register(name, self.kept)).UserID
        token = make_token(self.clock.new_token())
        login = self.do(LogIn(user_id, self.kept, Secret(token_hash(token) or "")))
        return Caller(user_id, name, login.LoginID), token

    def pair(self, number: int) -> list[Client]:
        """Two users in a session: one asked, the other said yes."""
        (one, one_token), (other, other_token) = self.user(f"one{number}"), self.user(f"other{number}")
        self.do(Search(Username=other.Username), one)
        session = self.do(Request(username=one.Username, Accepted=1), other).SessionID
        return [
            Client(token, who.UserID, session, self.tx.head(who.UserID), 0)
            for who, token in ((one, one_token), (other, other_token))
        ]


def make(folder: Path, pairs: int) -> list[Client]:
    """A data folder with so many sessions of two; its clients, two of a session beside each other."""
    folder.mkdir(parents=True)
    database, clients = Database(folder / "parlour.db"), list[Client]()
    kept = passwords.hashed(secrets.token_urlsafe())
    for first in range(0, pairs, PAIRS_AT_ONCE):
        clients += database.write(lambda tx, first=first: _pairs(Maker(tx, kept), first, pairs))  # type: ignore[misc]
    database.write(lambda tx: [Maker(tx, kept).do(request) for request in (Begin(), EverybodyOffline())])
    database.writer.close()
    return clients


def _pairs(maker: Maker, first: int, pairs: int) -> list[Client]:
    return [client for n in range(first, min(first + PAIRS_AT_ONCE, pairs)) for client in maker.pair(n)]


def write_clients(path: Path, clients: list[Client]) -> None:
    """The clients in the form that the load reads."""
    path.write_text("".join(" ".join(map(str, client)) + "\n" for client in clients))


def fill(folder: Path, clients: list[Client], messages: int) -> None:
    """So many messages, spread over the sessions, the last ones now."""
    database, rows = Database(folder / "parlour.db"), _messages(clients, messages)
    for _ in range(0, messages, ROWS_AT_ONCE):
        database.write(lambda tx: _add(tx, islice(rows, ROWS_AT_ONCE)))
    database.writer.close()


def _add(tx: Tx, rows: Iterable[Message]) -> None:
    for row in rows:
        tx.add(row)


def _messages(clients: list[Client], count: int) -> Iterator[Message]:
    begun = datetime.now(UTC) - timedelta(milliseconds=100 * count)
    sessions = len(clients) // 2
    for number in range(count):
        at = begun + timedelta(milliseconds=100 * number)
        turn, place = divmod(number, sessions)
        who, stamp = clients[2 * place + turn % 2], stamp_of(at)
        yield Message(who.session_id, turn + 1, who.user_id, TEXT, stamp, stamp, _nonce(at))


def _nonce(at: datetime) -> str:
    """As the clients make them: the clock's milliseconds, highest first, then chance."""
    ms = int(at.timestamp() * 1000)
    return "".join(LETTERS[ms >> 6 * place & 63] for place in range(6, -1, -1)) + secrets.token_urlsafe(8)[:10]
