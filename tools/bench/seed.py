"""Data to measure on: users, sessions and logins, made by the product's own handlers.

1. Every row is written by a handler, messages too; only the flushes to the disk are left out.
2. All users share one password, hashed once: nobody logs in with it here.
3. The same folder is copied for every server that is measured.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from parlour.core import passwords
from parlour.core.accounts import Register
from parlour.core.dispatch import NOBODY, Answer, Caller, Context, needs_of, run, stamp_of
from parlour.core.limits import OFF
from parlour.core.logins import LogIn
from parlour.core.ports import Clock, Secret, Tx
from parlour.core.presence import EverybodyOffline
from parlour.core.snapshot import Begin
from parlour.protocol import Message, MessageBody, Read, Request, Search
from parlour.server.access import make_token, token_hash
from parlour.server.app import SystemClock
from parlour.store.sqlite import Database

AT_ONCE = 100
ROWS_AT_ONCE = 50_000
LONG = 10
LONG_SHARE = 20
LETTERS = "-" + string.digits + string.ascii_uppercase + "_" + string.ascii_lowercase
TEXT = ("I thought of you at the market today, where they had those small apples again. " * 3)[:180]
T = TypeVar("T")


class Client(NamedTuple):
    """One device of the load: its token, who it is, and the last number of each stream that it hears."""

    token: str
    user_id: str
    own_head: int
    sessions: dict[str, int]


class Maker:
    """Runs requests in one transaction, as the gateway does."""

    def __init__(self, tx: Tx, kept: Secret) -> None:
        self.tx, self.kept, self.clock = tx, kept, SystemClock()
        self.now = self.clock.now()

    def do(self, request: Any, caller: Caller = NOBODY) -> Any:
        """Run a request that cannot be refused; its result."""
        return _do(self.tx, request, caller, self.clock, self.now)

    def user(self, name: str) -> tuple[Caller, str]:
        """A registered user with a login and its token."""
        user_id = self.do(Register(name, self.kept)).UserID
        token = make_token(self.clock.new_token())
        login = self.do(LogIn(user_id, self.kept, Secret(token_hash(token) or "")))
        return Caller(user_id, name, login.LoginID), token

    def meet(self, one: Caller, other: Caller) -> str:
        """One asks, the other says yes: the SessionID."""
        self.do(Search(Username=other.Username), one)
        return str(self.do(Request(username=one.Username, Accepted=1), other).SessionID)


def _do(tx: Tx, request: Any, caller: Caller, clock: Clock, now: datetime) -> Any:
    answer = run(request, Context(tx, caller, clock, now, stamp_of(now), OFF))
    assert isinstance(answer, Answer), answer
    return answer.result


def make(folder: Path, side: int, degree: int = 1) -> list[Client]:
    """A data folder with two sides of users, each in sessions with so many of the other side; their clients.

    One of each side stand beside each other; with one session each, these two share it.
    """
    names = [f"{('one', 'other')[n % 2]}{n // 2}" for n in range(2 * side)]
    return _made(folder, names, [(2 * n, 2 * ((n + step) % side) + 1) for n in range(side) for step in range(degree)])


def star(folder: Path, others: int) -> list[Client]:
    """A data folder with one user who shares a session with each of so many others; the clients, that one first."""
    return _made(folder, ["middle", *(f"other{n}" for n in range(others))], [(0, n + 1) for n in range(others)])


def _made(folder: Path, names: list[str], members: list[tuple[int, int]]) -> list[Client]:
    """Users of these names, in sessions of these two each."""
    folder.mkdir(parents=True)
    database, kept = _unflushed(folder), passwords.hashed(secrets.token_urlsafe())

    def by_hundreds(count: int, each: Callable[[Maker, int], T]) -> list[T]:
        parts = [range(first, min(first + AT_ONCE, count)) for first in range(0, count, AT_ONCE)]
        return [made for part in parts for made in database.write(partial(_part, kept, part, each))]

    users = by_hundreds(len(names), lambda maker, n: maker.user(names[n]))
    met = by_hundreds(len(members), lambda maker, n: maker.meet(*(users[who][0] for who in members[n])))
    sessions: list[dict[str, int]] = [{} for _ in users]
    for session_id, both in zip(met, members, strict=True):
        for who in both:
            sessions[who][session_id] = 0
    database.write(lambda tx: [Maker(tx, kept).do(request) for request in (Begin(), EverybodyOffline())])
    heads = database.write(lambda tx: [tx.head(caller.UserID) for caller, _ in users])
    database.writer.close()
    return [Client(t, who.UserID, head, ids) for (who, t), head, ids in zip(users, heads, sessions, strict=True)]


def _part(kept: Secret, numbers: range, each: Callable[[Maker, int], T], tx: Tx) -> list[T]:
    maker = Maker(tx, kept)
    return [each(maker, n) for n in numbers]


def _unflushed(folder: Path) -> Database:
    database = Database(folder / "parlour.db")
    database.writer.execute("PRAGMA synchronous = OFF")
    return database


def write_clients(path: Path, clients: list[Client]) -> None:
    """The clients in the form that the load reads."""
    path.write_text("".join(_line(client) for client in clients))


def _line(client: Client) -> str:
    places = " ".join(f"{session_id} {head}" for session_id, head in client.sessions.items())
    return f"{client.token} {client.user_id} {client.own_head} {len(client.sessions)} {places}\n"


def fill(folder: Path, clients: list[Client], messages: int) -> list[Client]:
    """So many messages in turn over all sessions, every twentieth into one of ten long ones; the clients after them.

    Everybody has read all but the newest.
    """
    database = _unflushed(folder)
    _send(database, _messages(clients, messages))
    ids = list(dict.fromkeys(session_id for client in clients for session_id in client.sessions))
    heads = database.write(lambda tx: {session_id: tx.head(session_id) for session_id in ids})
    clients = [client._replace(sessions={s: heads[s] for s in client.sessions}) for client in clients]
    _send(database, _readings(clients))
    database.writer.close()
    return clients


Sent = tuple[Message | Read, Caller, datetime]


def _send(database: Database, requests: Iterator[Sent]) -> None:
    while some := list(islice(requests, ROWS_AT_ONCE)):
        database.write(partial(_run, some))


def _run(sent: list[Sent], tx: Tx) -> None:
    clock = SystemClock()
    tx.prefetch(need for request, caller, _ in sent for need in needs_of(request, caller))
    for request, caller, at in sent:
        _do(tx, request, caller, clock, at)


def _readings(clients: list[Client]) -> Iterator[Sent]:
    now = datetime.now(UTC)
    for client in clients:
        for session_id, head in client.sessions.items():
            if head > 1:
                yield Read(SessionID=session_id, MessageID=str(head - 1)), Caller(client.user_id, "", ""), now


def _messages(clients: list[Client], count: int) -> Iterator[Sent]:
    begun = datetime.now(UTC) - timedelta(milliseconds=100 * count)
    callers: dict[str, list[Caller]] = {}
    for client in clients:
        for session_id in client.sessions:
            callers.setdefault(session_id, []).append(Caller(client.user_id, "", ""))
    ids = list(callers)
    for number in range(count):
        at, (earlier, rest) = begun + timedelta(milliseconds=100 * number), divmod(number, LONG_SHARE)
        turn, place = divmod(earlier, LONG) if rest == LONG_SHARE - 1 else divmod(number - earlier, len(ids))
        body = MessageBody(data=TEXT, TimeStamp=stamp_of(at))
        yield Message(SessionID=ids[place], Message=body, Nonce=nonce(at)), callers[ids[place]][turn % 2], at


def nonce(at: datetime) -> str:
    """As the clients make them: the clock's milliseconds, highest first, then chance."""
    ms = int(at.timestamp() * 1000)
    return "".join(LETTERS[ms >> 6 * place & 63] for place in range(6, -1, -1)) + secrets.token_urlsafe(8)[:10]
