"""The unit of work against dictionaries: whatever is queued, remembered or hinted at, a transaction sees the truth.

1. A run is a list of transactions; some end in an exception, and then the dictionaries are those of before.
2. Every look is compared at once, and the whole store after every transaction.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parlour.core.accounts import USER, USER_NAME, User
from parlour.core.messages import MESSAGE, NONCE, Message
from parlour.core.ports import Event, Need, Published, Secret, Store, Tx
from parlour.store.sqlite import SqliteStore

PEOPLE = ["nanda", "winston", "chika"]
STREAMS = ["s", "t"]
NONCES = ["nonce-01", "nonce-02"]


class Undo(Exception):
    """Raised at the end of a transaction that must leave nothing behind."""


class Books:
    """What should be there."""

    def __init__(self) -> None:
        self.users: dict[str, str] = {}
        self.streams: dict[str, list[Message | Event]] = {stream: [] for stream in STREAMS}

    def messages(self, stream: str) -> list[Message]:
        return [row for row in self.streams[stream] if isinstance(row, Message)]

    def published(self, stream: str) -> list[Published]:
        return [Published(stream, row.number, row.kind, row.frame()) for row in self.streams[stream]]


Step = Callable[[Tx, Books], None]


# -------------------------------------------------------------------------------------------------------------- users


def id_of(name: str) -> str:
    return f"id of {name}"


def the_user(name: str, status: Any) -> User:
    return User(id_of(name), name, name, Secret(f"kept of {name}"), status, "then")


def join(name: str, status: str) -> Step:
    def step(tx: Tx, books: Books) -> None:
        if name not in books.users:
            tx.add(the_user(name, status))
            books.users[name] = status

    return step


def change(name: str, status: Any, way: int) -> Step:
    """Get a row in one of three ways, change the object and put it."""

    def step(tx: Tx, books: Books) -> None:
        ways: list[Callable[[], User | None]] = [
            lambda: tx.get(USER, id_of(name)),
            lambda: tx.get(USER_NAME, name),
            lambda: next(iter(tx.find(User, {"UserID": [id_of(name)]})), None),
        ]
        user = ways[way]()
        assert (user is not None) == (name in books.users)
        if user:
            assert user.Status == books.users[name]
            user.Status = books.users[name] = status
            tx.put(user)

    return step


def leave(name: str) -> Step:
    def step(tx: Tx, books: Books) -> None:
        tx.drop(the_user(name, "Offline"))
        books.users.pop(name, None)

    return step


def look_for(name: str, way: int) -> Step:
    def step(tx: Tx, books: Books) -> None:
        found = tx.get(USER, id_of(name)) if way else tx.get(USER_NAME, name)
        assert found == (the_user(name, books.users[name]) if name in books.users else None)

    return step


def look_at_all(status: str) -> Step:
    def step(tx: Tx, books: Books) -> None:
        fitting = sorted(name for name, one in books.users.items() if one == status)
        assert [user.Username for user in tx.find(User, {"Status": status}, order="NameKey")] == fitting
        assert tx.count(User, {"Status": [status]}) == len(fitting)
        assert tx.count(User, {}) == len(books.users)

    return step


# ------------------------------------------------------------------------------------------------------------ streams


def say(stream: str, sender: str, nonce: str | None) -> Step:
    """A message, unless its nonce was used."""

    def step(tx: Tx, books: Books) -> None:
        used = [row for row in books.messages(stream) if nonce and (row.Nonce, row.SenderID) == (nonce, sender)]
        if nonce:
            assert tx.get(NONCE, nonce, stream, sender) == next(iter(used), None)
        if not used:
            number = tx.next(stream)
            assert number == len(books.streams[stream]) + 1
            row = Message(stream, number, sender, f"text {number}", "then", "now", nonce)
            tx.add(row)
            books.streams[stream].append(copy.copy(row))

    return step


def tell(stream: str) -> Step:
    def step(tx: Tx, books: Books) -> None:
        row = Event(stream, tx.next(stream), "Resolved", b"{}")
        tx.add(row)
        books.streams[stream].append(row)

    return step


def read_on(stream: str, after: int, limit: int) -> Step:
    def step(tx: Tx, books: Books) -> None:
        assert tx.since(stream, after, limit) == books.published(stream)[after:][:limit]
        assert tx.head(stream) == len(books.streams[stream])

    return step


def page(stream: str, below: int, limit: int) -> Step:
    def step(tx: Tx, books: Books) -> None:
        found = tx.find(Message, {"SessionID": stream}, order="MessageID", below=below, newest=True, limit=limit)
        assert found == [row for row in books.messages(stream) if row.MessageID < below][-limit:]

    return step


def look_up(stream: str, number: int) -> Step:
    def step(tx: Tx, books: Books) -> None:
        wanted = next((row for row in books.messages(stream) if row.MessageID == number), None)
        assert tx.get(MESSAGE, stream, number) == wanted

    return step


def hint(needs: list[Need]) -> Step:
    return lambda tx, books: tx.prefetch(needs)


names, streams, nonces = st.sampled_from(PEOPLE), st.sampled_from(STREAMS), st.sampled_from(NONCES)
statuses, numbers = st.sampled_from(["Online", "Offline"]), st.integers(0, 12)
any_need = st.one_of(
    st.builds(lambda name: Need(USER, (id_of(name),)), names),
    st.builds(lambda name: Need(USER_NAME, (name,)), names | st.text(max_size=3)),
    st.builds(lambda stream: Need(None, (stream,)), streams | st.just("nowhere")),
    st.builds(lambda stream, number: Need(MESSAGE, (stream, number)), streams, numbers),
    st.builds(lambda *values: Need(NONCE, values), nonces, streams, names),
)
steps = st.one_of(
    st.builds(join, names, statuses),
    st.builds(change, names, statuses, st.integers(0, 2)),
    st.builds(leave, names),
    st.builds(look_for, names, st.integers(0, 1)),
    st.builds(look_at_all, statuses),
    st.builds(say, streams, names, nonces | st.none()),
    st.builds(tell, streams),
    st.builds(read_on, streams, numbers, st.integers(0, 5)),
    st.builds(page, streams, numbers, st.integers(1, 4)),
    st.builds(look_up, streams, numbers),
    st.builds(hint, st.lists(any_need, max_size=4)),
)
runs = st.lists(st.tuples(st.lists(steps, max_size=25), st.booleans()), min_size=1, max_size=4)
WHOLE: list[Step] = [
    *(look_for(name, way) for name in PEOPLE for way in (0, 1)),
    *(look_at_all(status) for status in ("Online", "Offline")),
    *(read_on(stream, 0, 1_000) for stream in STREAMS),
]


async def run(store: Store, transactions: list[tuple[list[Step], bool]]) -> None:
    books = Books()
    for some, committed in transactions:
        after = copy.deepcopy(books)

        def work(tx: Tx, some: list[Step] = some, committed: bool = committed, after: Books = after) -> None:
            for step in some:
                step(tx, after)
            if not committed:
                raise Undo

        if committed:
            await store.write(work)
            books = after
        else:
            with pytest.raises(Undo):
                await store.write(work)
        for step in WHOLE:
            await store.read(lambda tx, step=step, books=books: step(tx, books))  # type: ignore[misc]


def run_on_a_new_store(transactions: list[tuple[list[Step], bool]]) -> None:
    store = SqliteStore(None)
    try:
        asyncio.run(run(store, transactions))
    finally:
        store.close()


@given(runs)
@settings(max_examples=100)
def test_a_transaction_sees_the_truth(transactions: list[tuple[list[Step], bool]]) -> None:
    run_on_a_new_store(transactions)


@pytest.mark.full
@given(runs)
@settings(max_examples=150)
def test_a_transaction_sees_the_truth_many_times(transactions: list[tuple[list[Step], bool]]) -> None:
    run_on_a_new_store(transactions)
