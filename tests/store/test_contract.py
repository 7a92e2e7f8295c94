"""What every store must do, whatever its engine: the verbs of `core.ports.Tx`, whole or not at all.

1. Tests speak to the port alone; what only SQLite has is tested in `test_sqlite.py`.
2. The records are the product's own.
"""

from __future__ import annotations

import asyncio
from typing import Any

import apsw
import pytest

from parlour.core.accounts import USER, USER_NAME, User
from parlour.core.budgets import BUDGET, Budget
from parlour.core.filters import BLOCK, PAUSE, Block, Pause
from parlour.core.ledger import LINE, Line
from parlour.core.links import LINK, LINK_HASH, Link
from parlour.core.logins import LOGIN, LOGIN_TOKEN, Login
from parlour.core.messages import MESSAGE, NONCE, Message
from parlour.core.pairs import ASKING, PAIR, PAIR_SESSION, Asking, Pair
from parlour.core.ports import EVENT, Event, Key, Need, Published, Record, Secret, Store, Tx
from parlour.core.sessions import MEMBER, SESSION, Member, Session
from parlour.core.settings import SETTING, Setting
from parlour.core.snapshot import FACT, Fact

VIOLATION = apsw.ConstraintError
"""What an engine raises where a unique key would be held twice: a defect, not a failing storage."""


def user(name: str, status: Any = "Offline") -> User:
    return User(f"id of {name}", name, name.lower(), Secret(f"kept of {name}"), status, "then")


def message(stream: str, number: int, nonce: str | None = None, sender: str = "nanda") -> Message:
    return Message(stream, number, sender, f"text {number}", "then", "now", nonce)


def event(stream: str, number: int) -> Event:
    return Event(stream, number, "Resolved", b'{"Seq":%d}' % number)


def add_all(*rows: Record) -> Any:
    def work(tx: Tx) -> None:
        for row in rows:
            tx.add(row)

    return work


ROWS: list[tuple[Record, list[tuple[Key[Any], tuple[Any, ...]]]]] = [
    (user("Nanda"), [(USER, ("id of Nanda",)), (USER_NAME, ("nanda",))]),
    (Login("l", "nanda", Secret("hash"), "then", "now"), [(LOGIN, ("l",)), (LOGIN_TOKEN, ("hash",))]),
    (Session("s", "then"), [(SESSION, ("s",))]),
    (Member("s", "nanda", "then"), [(MEMBER, ("s", "nanda"))]),
    (message("s", 7, "abcdefgh"), [(MESSAGE, ("s", 7)), (NONCE, ("abcdefgh", "s", "nanda"))]),
    (event("nanda", 7), [(EVENT, ("nanda", 7))]),
    (Asking("a", "b", 1, "sent", "then"), [(ASKING, ("a", "b"))]),
    (Fact("Epoch", "e"), [(FACT, ("Epoch",))]),
    (Setting("nanda", "s", "shared", 1, 0), [(SETTING, ("nanda", "s"))]),
    (
        Pair("a", "b", "active", "a", "b", 1, "then", 1, "s"),
        [(PAIR, ("a", "b")), (PAIR_SESSION, ("s",))],
    ),
    (Block("nanda", "winston", "then"), [(BLOCK, ("nanda", "winston"))]),
    (Pause("nanda", "winston", "later", 1), [(PAUSE, ("nanda", "winston"))]),
    (Budget("nanda", "lookups", "soon"), [(BUDGET, ("nanda", "lookups"))]),
    (Line("nanda", 7, "then", 1, "asked", "winston", None, "hello"), [(LINE, ("nanda", 7))]),
    (Link("l", "nanda", Secret("hash"), "open", "then", "later"), [(LINK, ("l",)), (LINK_HASH, ("hash",))]),
]
each_row = pytest.mark.parametrize(("row", "keys"), ROWS, ids=[type(row).__name__ for row, _ in ROWS])
Keys = list[tuple[Key[Any], tuple[Any, ...]]]


def test_every_record_and_every_key_is_tried_here() -> None:
    from parlour.core.ports import KEYS

    assert {type(row): [key for key, _ in keys] for row, keys in ROWS} == KEYS


# ------------------------------------------------------------------------------------------------------------- get, add


@each_row
async def test_what_is_not_there_is_none(store: Store, row: Record, keys: Keys) -> None:
    for key, values in keys:
        assert await store.read(lambda tx, key=key, values=values: tx.get(key, *values)) is None  # type: ignore[misc]


@each_row
async def test_a_row_is_seen_by_every_key_before_it_is_written(store: Store, row: Record, keys: Keys) -> None:
    def work(tx: Tx) -> None:
        tx.add(row)
        for key, values in keys:
            assert tx.get(key, *values) is row

    await store.write(work)


@each_row
async def test_a_row_that_was_missed_before_is_seen_once_it_is_added(store: Store, row: Record, keys: Keys) -> None:
    def work(tx: Tx) -> None:
        assert all(tx.get(key, *values) is None for key, values in keys)
        tx.add(row)
        assert all(tx.get(key, *values) is row for key, values in keys)

    await store.write(work)


@each_row
async def test_a_row_comes_back_as_it_was_by_every_key(store: Store, row: Record, keys: Keys) -> None:
    await store.write(add_all(row))

    def look(tx: Tx) -> list[Any]:
        return [tx.get(key, *values) for key, values in keys]

    assert await store.read(look) == [row] * len(keys)
    assert await store.write(look) == [row] * len(keys)


@each_row
async def test_one_row_is_one_object_whichever_way_finds_it(store: Store, row: Record, keys: Keys) -> None:
    await store.write(add_all(row))

    def by_key_first(tx: Tx) -> set[int]:
        found: list[Any] = [tx.get(key, *values) for key, values in keys]
        return {id(one) for one in found + tx.find(type(row), {}) + tx.find(type(row), {})}

    def by_find_first(tx: Tx) -> set[int]:
        found: list[Any] = tx.find(type(row), {}) + tx.find(type(row), {})
        return {id(one) for one in found + [tx.get(key, *values) for key, values in reversed(keys)]}

    for look in (by_key_first, by_find_first):
        assert len(await store.read(look)) == 1


async def test_a_change_of_what_was_found_is_seen_by_whoever_gets_it(store: Store) -> None:
    await store.write(add_all(user("nanda"), user("winston")))

    def work(tx: Tx) -> None:
        for found in tx.find(User, {"Status": "Offline"}):
            found.Status = "Online"
            tx.put(found)
        got = tx.get(USER_NAME, "winston")
        assert got
        assert got.Status == "Online"
        got.Password = Secret("another")
        tx.put(got)

    await store.write(work)
    found = await store.read(lambda tx: tx.get(USER, "id of winston"))
    assert found
    assert (found.Status, found.Password) == ("Online", Secret("another"))


@pytest.mark.parametrize("values", ["", "x" * 100_000, "' OR 1=1--", '"', "\\", "%", "🦉", "\0", "nanda\0", "NANDA"])
async def test_a_key_is_compared_exactly(store: Store, values: str) -> None:
    await store.write(add_all(user("nanda"), Member("s", "nanda", "then")))
    assert await store.read(lambda tx: tx.get(USER_NAME, values)) is None
    assert await store.read(lambda tx: tx.get(MEMBER, "s", values)) is None
    assert await store.read(lambda tx: tx.get(MEMBER, values, "nanda")) is None


@pytest.mark.parametrize("text", ["", "x" * 100_000, "' OR 1=1--", '"', "\\u0041", "🦉\u202e", "line\nline", "\ufffe"])
async def test_any_text_is_kept_exactly(store: Store, text: str) -> None:
    await store.write(add_all(Fact(text, text)))
    assert await store.read(lambda tx: tx.get(FACT, text)) == Fact(text, text)
    assert await store.read(lambda tx: tx.find(Fact, {"Name": [text], "Value": text})) == [Fact(text, text)]


@pytest.mark.parametrize("blob", [b"", b"\0\xff\xfe", bytes(range(256)) * 300])
async def test_any_bytes_are_kept_exactly(store: Store, blob: bytes) -> None:
    await store.write(add_all(Event("nanda", 1, "Resolved", blob)))
    found = await store.read(lambda tx: tx.get(EVENT, "nanda", 1))
    assert found
    assert found.Frame == blob
    assert isinstance(found.Frame, bytes)


async def test_a_secret_goes_in_and_comes_out_as_a_secret(store: Store) -> None:
    await store.write(add_all(user("nanda"), Login("l", "nanda", Secret("hash"), "then", "now")))

    def look(tx: Tx) -> list[Any]:
        found, login = tx.get(USER_NAME, "nanda"), tx.get(LOGIN_TOKEN, "hash")
        assert found
        assert login
        return [found.Password, login.TokenHash, *(one.Password for one in tx.find(User, {}))]

    assert await store.read(look) == [Secret("kept of nanda"), Secret("hash"), Secret("kept of nanda")]


# ---------------------------------------------------------------------------------------------------------- find, count


async def fill(store: Store) -> None:
    rows: list[Record] = [message("s", n, sender="nanda" if n % 2 else "winston") for n in range(1, 8)]
    await store.write(add_all(*rows, message("t", 1), message("t", 2)))


@pytest.mark.parametrize(
    ("equal", "more", "numbers"),
    [
        ({"SessionID": "s"}, {}, [1, 2, 3, 4, 5, 6, 7]),
        ({"SessionID": "t"}, {}, [1, 2]),
        ({"SessionID": "u"}, {}, []),
        ({"SessionID": "s", "SenderID": "winston"}, {}, [2, 4, 6]),
        ({"SessionID": ["s", "t"]}, {}, [1, 1, 2, 2, 3, 4, 5, 6, 7]),
        ({"SessionID": ["s", "s", "u"]}, {}, [1, 2, 3, 4, 5, 6, 7]),
        ({"SessionID": []}, {}, []),
        ({"SessionID": "s", "MessageID": [1, 3, 99]}, {}, [1, 3]),
        ({"SessionID": ["t"], "SenderID": ["nanda", "winston"]}, {}, [1, 2]),
        ({"SessionID": "s"}, {"above": 5}, [6, 7]),
        ({"SessionID": "s"}, {"above": 7}, []),
        ({"SessionID": "s"}, {"above": 0}, [1, 2, 3, 4, 5, 6, 7]),
        ({"SessionID": "s"}, {"below": 3}, [1, 2]),
        ({"SessionID": "s"}, {"below": 0}, []),
        ({"SessionID": "s"}, {"above": 2, "below": 5}, [3, 4]),
        ({"SessionID": "s"}, {"limit": 3}, [1, 2, 3]),
        ({"SessionID": "s"}, {"limit": 0}, []),
        ({"SessionID": "s"}, {"limit": 99}, [1, 2, 3, 4, 5, 6, 7]),
        ({"SessionID": "s"}, {"newest": True, "limit": 3}, [5, 6, 7]),
        ({"SessionID": "s"}, {"newest": True}, [1, 2, 3, 4, 5, 6, 7]),
        ({"SessionID": "s"}, {"newest": True, "below": 6, "limit": 2}, [4, 5]),
        ({"SessionID": "s"}, {"above": 1, "below": 7, "newest": True, "limit": 2}, [5, 6]),
        ({"SessionID": "s", "SenderID": "nanda"}, {"above": 1, "limit": 2}, [3, 5]),
    ],
)
async def test_find(store: Store, equal: dict[str, Any], more: dict[str, Any], numbers: list[int]) -> None:
    await fill(store)
    found = await store.read(lambda tx: tx.find(Message, equal, order="MessageID", **more))
    assert [row.MessageID for row in found] == numbers
    if not more:
        assert await store.read(lambda tx: tx.count(Message, equal)) == len(numbers)


async def test_find_sees_what_is_queued(store: Store) -> None:
    await store.write(add_all(user("nanda"), user("winston")))

    def work(tx: Tx) -> list[list[str]]:
        tx.add(user("chika"))
        seen = [names(tx)]
        nanda = tx.get(USER_NAME, "nanda")
        assert nanda
        nanda.Status = "Online"
        tx.put(nanda)
        seen.append([one.Username for one in tx.find(User, {"Status": "Online"})])
        tx.drop(nanda)
        return [*seen, names(tx), [str(tx.count(User, {}))]]

    def names(tx: Tx) -> list[str]:
        return [one.Username for one in tx.find(User, {}, order="NameKey")]

    assert await store.write(work) == [["chika", "nanda", "winston"], ["nanda"], ["chika", "winston"], ["2"]]


async def test_a_thousand_values_are_looked_up_at_once(store: Store) -> None:
    await store.write(add_all(*(user(f"user{i:04d}") for i in range(1_000))))
    wanted = [f"id of user{i:04d}" for i in range(0, 2_000, 2)]
    found = await store.read(lambda tx: tx.find(User, {"UserID": wanted}, order="UserID"))
    assert [one.UserID for one in found] == wanted[:500]


# ------------------------------------------------------------------------------------------------------- add, put, drop


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 15, 16, 17, 20, 63, 64, 65, 84, 85, 128, 129, 500])
async def test_many_rows_are_all_written(store: Store, count: int) -> None:
    rows = [message("s" if n % 3 else "t", n, f"nonce-{n:04d}") for n in range(1, count + 1)]
    await store.write(add_all(*rows))
    assert await store.read(lambda tx: tx.find(Message, {}, order="MessageID")) == rows
    last = await store.read(lambda tx: tx.get(NONCE, f"nonce-{count:04d}", "s" if count % 3 else "t", "nanda"))
    assert (last == rows[-1]) if rows else last is None


@pytest.mark.parametrize("count", [1, 4, 21, 65])
async def test_many_rows_with_secrets(store: Store, count: int) -> None:
    rows = [user(f"user{n:03d}") for n in range(count)]
    await store.write(add_all(*rows))
    assert await store.read(lambda tx: tx.find(User, {}, order="UserID")) == rows


async def test_a_changed_row_is_written(store: Store) -> None:
    await store.write(add_all(user("nanda"), user("winston")))

    def change(tx: Tx) -> None:
        nanda = tx.get(USER_NAME, "nanda")
        assert nanda
        nanda.Status, nanda.Password = "Online", Secret("another")
        tx.put(nanda)

    await store.write(change)
    found = await store.read(lambda tx: tx.find(User, {}, order="NameKey"))
    assert [(one.Status, one.Password) for one in found] == [
        ("Online", Secret("another")),
        ("Offline", Secret("kept of winston")),
    ]


async def test_putting_twice_writes_the_last(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.add(Fact("a", "1"))
        tx.put(Fact("a", "2"))
        tx.put(Fact("a", "3"))
        tx.put(Fact("b", "new"))
        found = tx.get(FACT, "a")
        assert found == Fact("a", "3")

    await store.write(work)
    assert await store.read(lambda tx: tx.find(Fact, {}, order="Name")) == [Fact("a", "3"), Fact("b", "new")]


async def test_a_row_added_and_changed_in_one_transaction(store: Store) -> None:
    def work(tx: Tx) -> None:
        pair = Pair("a", "b", "pending", "a", "b", 1, "then", 1, None)
        tx.add(pair)
        pair.State, pair.SessionID = "active", "s"
        tx.put(pair)
        assert tx.get(PAIR_SESSION, "s") is pair

    await store.write(work)
    found = await store.read(lambda tx: tx.get(PAIR_SESSION, "s"))
    assert found == Pair("a", "b", "active", "a", "b", 1, "then", 1, "s")


async def test_a_row_of_keys_alone_can_be_put_again(store: Store) -> None:
    await store.write(add_all(Member("s", "nanda", "then")))
    await store.write(lambda tx: tx.put(Member("s", "nanda", "then")))
    assert await store.read(lambda tx: tx.count(Member, {})) == 1


@each_row
async def test_a_dropped_row_is_gone_by_every_key(store: Store, row: Record, keys: Keys) -> None:
    await store.write(add_all(row, Fact("other", "stays")))

    def work(tx: Tx) -> None:
        found: Record | None = tx.get(keys[0][0], *keys[0][1])
        assert found
        tx.drop(found)
        assert all(tx.get(key, *values) is None for key, values in keys)
        assert found not in tx.find(type(row), {})

    await store.write(work)
    assert all(await store.read(lambda tx: [tx.get(key, *values) is None for key, values in keys]))
    assert await store.read(lambda tx: tx.get(FACT, "other")) == Fact("other", "stays")


async def test_a_row_added_and_dropped_was_never_there(store: Store) -> None:
    def work(tx: Tx) -> None:
        tx.add(user("nanda"))
        tx.add(user("winston"))
        tx.drop(user("nanda"))

    await store.write(work)
    assert [one.Username for one in await store.read(lambda tx: tx.find(User, {}))] == ["winston"]


async def test_what_was_dropped_can_be_added_again(store: Store) -> None:
    await store.write(add_all(user("nanda")))

    def work(tx: Tx) -> None:
        tx.drop(user("nanda"))
        tx.add(user("nanda", "Online"))
        found = tx.get(USER_NAME, "nanda")
        assert found
        assert found.Status == "Online"

    await store.write(work)
    found = await store.read(lambda tx: tx.get(USER, "id of nanda"))
    assert found
    assert found.Status == "Online"


async def test_dropping_what_is_not_there_changes_nothing(store: Store) -> None:
    await store.write(add_all(user("nanda")))
    await store.write(lambda tx: tx.drop(user("winston")))
    assert await store.read(lambda tx: tx.count(User, {})) == 1


async def test_locking_is_allowed_on_any_row(store: Store) -> None:
    await store.write(add_all(user("nanda")))
    await store.write(lambda tx: tx.lock(user("nanda")))
    assert await store.read(lambda tx: tx.count(User, {})) == 1


# ----------------------------------------------------------------------------------------------------- whole or nothing


VIOLATIONS: dict[str, list[Record]] = {
    "primary key": [user("nanda"), Fact("x", "y"), User("id of nanda", "b", "b", Secret(""), "Offline", "")],
    "second key": [user("nanda"), User("other", "NANDA", "nanda", Secret(""), "Offline", "")],
    "number in a stream": [message("s", 1), message("s", 1)],
    "nonce": [message("s", 1, "abcdefgh"), message("s", 2, "abcdefgh")],
    "the last of many": [*(message("s", n) for n in range(1, 90)), message("s", 89)],
    "the first of many": [message("s", 64), *(message("s", n) for n in range(1, 90))],
    "null": [user("nanda"), Fact("x", None)],  # type: ignore[arg-type]
}


@pytest.mark.parametrize("rows", VIOLATIONS.values(), ids=VIOLATIONS)
async def test_a_violated_constraint_leaves_nothing_behind(store: Store, rows: list[Record]) -> None:
    await store.write(add_all(Fact("before", "stays")))

    def work(tx: Tx) -> None:
        assert tx.next("stream") == 1
        tx.add(event("stream", 1))
        add_all(*rows)(tx)

    with pytest.raises(VIOLATION):
        await store.write(work)
    for record in (User, Message, Event):
        assert await store.read(lambda tx, record=record: tx.count(record, {})) == 0  # type: ignore[misc]
    assert await store.read(lambda tx: tx.find(Fact, {})) == [Fact("before", "stays")]
    assert await store.write(lambda tx: tx.next("stream")) == 1


async def test_a_violation_of_what_is_committed_leaves_it_as_it_was(store: Store) -> None:
    await store.write(add_all(user("nanda"), message("s", 1, "abcdefgh")))
    with pytest.raises(VIOLATION):
        await store.write(add_all(Fact("x", "y"), User("new", "Nanda", "nanda", Secret("other"), "Online", "")))
    with pytest.raises(VIOLATION):
        await store.write(add_all(Fact("x", "y"), message("s", 2, "abcdefgh")))
    assert await store.read(lambda tx: tx.find(User, {})) == [user("nanda")]
    assert await store.read(lambda tx: tx.find(Message, {})) == [message("s", 1, "abcdefgh")]
    assert await store.read(lambda tx: tx.count(Fact, {})) == 0


async def test_no_nonce_is_as_good_as_any(store: Store) -> None:
    rows = [message("s", n) for n in range(1, 4)] + [message("s", 4, "abcdefgh"), message("t", 1, "abcdefgh")]
    await store.write(add_all(*rows, message("s", 5, "abcdefgh", sender="winston")))
    assert await store.read(lambda tx: tx.count(Message, {})) == 6


async def test_what_is_raised_rolls_everything_back(store: Store) -> None:
    await store.write(add_all(user("nanda"), user("winston")))

    def work(tx: Tx) -> None:
        tx.add(Fact("x", "y"))
        nanda = tx.get(USER_NAME, "nanda")
        assert nanda
        nanda.Status = "Online"
        tx.put(nanda)
        tx.drop(user("winston"))
        assert tx.count(User, {}) == 1
        raise ZeroDivisionError("a defect")

    with pytest.raises(ZeroDivisionError, match="a defect"):
        await store.write(work)
    assert await store.read(lambda tx: tx.find(User, {}, order="UserID")) == [user("nanda"), user("winston")]
    assert await store.read(lambda tx: tx.count(Fact, {})) == 0


async def test_after_a_failure_the_next_transaction_is_as_if_nothing_had_been(store: Store) -> None:
    def fail(tx: Tx) -> None:
        tx.add(message("s", tx.next("s")))
        tx.flush_me_please()  # type: ignore[attr-defined]

    for _ in range(3):
        with pytest.raises(AttributeError):
            await store.write(fail)
    assert await store.read(lambda tx: tx.head("s")) == 0
    await store.write(lambda tx: tx.add(message("s", tx.next("s"))))
    assert await store.read(lambda tx: [one.number for one in tx.since("s", 0, 10)]) == [1]


async def test_a_question_leaves_nothing_behind(store: Store) -> None:
    await store.read(lambda tx: tx.add(user("nanda")))
    await store.read(lambda tx: tx.next("s"))
    assert await store.read(lambda tx: (tx.count(User, {}), tx.head("s"))) == (0, 0)


async def test_a_result_comes_after_the_commit(store: Store) -> None:
    """Whoever has the result finds the row, by another connection too."""
    for i in range(20):
        await store.write(add_all(Fact(f"{i}", "")))
        assert await store.read(lambda tx: tx.count(Fact, {})) == i + 1


async def test_writes_run_one_after_the_other_in_the_order_in_which_they_were_asked_for(store: Store) -> None:
    def say(tx: Tx) -> int:
        number = tx.next("s")
        tx.add(message("s", number))
        return number

    assert await asyncio.gather(*(store.write(say) for _ in range(50))) == list(range(1, 51))


async def test_a_question_sees_one_state_however_long_it_takes(store: Store) -> None:
    await store.write(add_all(*(Fact(f"{i}", "") for i in range(10))))

    def ask(tx: Tx) -> set[int]:
        return {tx.count(Fact, {}) for _ in range(200)}

    asking = [store.read(ask) for _ in range(4)]
    writing = [store.write(add_all(Fact(f"new {i}", ""))) for i in range(30)]
    assert all(len(counts) == 1 for counts in await asyncio.gather(*asking))
    await asyncio.gather(*writing)
    assert await store.read(ask) == {40}


# -------------------------------------------------------------------------------------------------------------- streams


async def test_numbers_go_1_2_3(store: Store) -> None:
    def work(tx: Tx) -> list[int]:
        numbers = [tx.head("s"), tx.next("s")]
        tx.add(message("s", numbers[1]))
        numbers += [tx.next("s"), tx.head("s"), tx.head("other")]
        tx.add(event("s", numbers[2]))
        return numbers

    assert await store.write(work) == [0, 1, 2, 2, 0]
    assert await store.write(lambda tx: tx.next("s")) == 3, "the number of the last one that was stored, and one"
    assert await store.read(lambda tx: tx.head("s")) == 2


@pytest.mark.parametrize("last", ["message", "event"])
async def test_the_head_is_the_greatest_of_all_tables(store: Store, last: str) -> None:
    rows: list[Record] = [message("s", 1), event("s", 2)] if last == "event" else [event("s", 1), message("s", 2)]
    await store.write(add_all(*rows))
    assert await store.read(lambda tx: tx.head("s")) == 2


async def test_heads_that_were_prefetched_are_the_same(store: Store) -> None:
    await store.write(add_all(*(message("s", n) for n in range(1, 4)), event("nanda", 1)))

    def heads(tx: Tx) -> list[int]:
        tx.prefetch(Need(None, (stream,)) for stream in ("s", "nanda", "nowhere", "s"))
        return [tx.head("s"), tx.head("nanda"), tx.head("nowhere"), tx.next("s"), tx.next("nowhere")]

    assert await store.write(heads) == [3, 1, 0, 4, 1]


def stream_of_both(stream: str, count: int) -> list[Message | Event]:
    return [message(stream, n) if n % 3 else event(stream, n) for n in range(1, count + 1)]


@pytest.mark.parametrize(
    ("after", "limit", "numbers"),
    [
        (0, 100, range(1, 11)),
        (0, 10, range(1, 11)),
        (0, 4, range(1, 5)),
        (2, 1, [3]),
        (3, 3, [4, 5, 6]),
        (9, 100, [10]),
        (10, 100, []),
        (99, 100, []),
        (0, 0, []),
    ],
)
async def test_a_stream_is_read_in_order_from_all_its_tables(
    store: Store, after: int, limit: int, numbers: Any
) -> None:
    rows = stream_of_both("s", 10)
    await store.write(add_all(*reversed(rows), *stream_of_both("t", 3)))
    wanted = [Published("s", row.number, row.kind, row.frame()) for row in rows if row.number in numbers]
    assert await store.read(lambda tx: tx.since("s", after, limit)) == wanted


async def test_a_stream_is_read_with_what_is_queued(store: Store) -> None:
    await store.write(add_all(*stream_of_both("s", 3)))

    def work(tx: Tx) -> list[int]:
        tx.add(message("s", tx.next("s")))
        tx.add(event("s", tx.next("s")))
        return [one.number for one in tx.since("s", 2, 100)]

    assert await store.write(work) == [3, 4, 5]


async def test_catching_up_gives_the_bytes_that_were_live(store: Store) -> None:
    rows = [message("s", 1, "abcdefgh"), message("s", 2), event("s", 3)]
    rows[0] = Message("s", 1, "nanda", '🦉 \u202e"\\ <b>\n\u2028', "2031-03-05T09:30:00+01:00", "now", "abcdefgh")
    live = [row.frame() for row in rows]
    await store.write(add_all(*rows))
    assert [one.frame for one in await store.read(lambda tx: tx.since("s", 0, 10))] == live


async def test_page_by_page_a_stream_is_whole(store: Store) -> None:
    await store.write(add_all(*stream_of_both("s", 50)))

    def pages(tx: Tx) -> list[int]:
        numbers: list[int] = []
        while page := tx.since("s", numbers[-1] if numbers else 0, 7):
            numbers += [one.number for one in page]
        return numbers

    assert await store.read(pages) == list(range(1, 51))


# ------------------------------------------------------------------------------------------------------------- prefetch


@each_row
async def test_what_was_prefetched_is_the_row(store: Store, row: Record, keys: Keys) -> None:
    await store.write(add_all(row))

    def work(tx: Tx) -> None:
        needs = [Need(key, values) for key, values in keys]
        tx.prefetch([*needs, *needs])
        found = [tx.get(key, *values) for key, values in keys]
        assert found == [row] * len(keys)
        assert len({id(one) for one in found}) == 1

    await store.write(work)


@each_row
async def test_a_wrong_hint_costs_time_and_never_truth(store: Store, row: Record, keys: Keys) -> None:
    nothing = [Need(key, tuple("no such thing" for _ in values)) for key, values in keys]

    def work(tx: Tx) -> None:
        tx.prefetch([*nothing, *(Need(key, values) for key, values in keys), Need(None, ("nowhere",))])
        assert all(tx.get(key, *values) is None for key, values in keys)
        tx.add(row)
        tx.prefetch([Need(key, values) for key, values in keys])
        assert all(tx.get(key, *values) is row for key, values in keys)

    await store.write(work)


async def test_a_hint_does_not_bring_back_what_was_changed_or_dropped(store: Store) -> None:
    await store.write(add_all(user("nanda"), user("winston")))

    def work(tx: Tx) -> None:
        nanda = tx.get(USER, "id of nanda")
        assert nanda
        nanda.Status = "Online"
        tx.put(nanda)
        tx.drop(user("winston"))
        tx.prefetch([Need(USER_NAME, ("nanda",)), Need(USER_NAME, ("winston",)), Need(USER, ("id of winston",))])
        assert tx.get(USER_NAME, "nanda") is nanda
        assert tx.get(USER_NAME, "winston") is None
        assert tx.get(USER, "id of winston") is None

    await store.write(work)


# ---------------------------------------------------------------------------------------------------------------- close


async def test_closing_finishes_what_was_begun() -> None:
    from parlour.store.sqlite import SqliteStore

    store = SqliteStore(None)
    writing = [store.write(add_all(Fact(f"{i}", ""))) for i in range(20)]
    counting = store.read(lambda tx: tx.count(Fact, {}))
    store.close()
    await asyncio.gather(*writing)
    assert await counting == 20
