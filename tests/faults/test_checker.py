"""The checker finds every kind of fault: a sound run is doctored in one place, and exactly that must be told.

1. The database is a real one, written by the store; doctoring is SQL behind its back, or a line of a history.
2. A sound run has no fault: else the rows below would prove nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import msgspec
import pytest

from parlour.core.messages import Message, delivered
from parlour.core.ports import Event
from parlour.store.sqlite import Database

from . import checker, history
from .history import Ack, Client, Deliver, Fail, Invoke, Line, Member, Reset, Whole, body_hash, message_hash

Histories = dict[str, list[Line]]
STAMP = "2031-03-05T09:30:00.000Z"
ROWS = [
    Message("s", number, sender, f"text {number}", STAMP, STAMP, f"nonce-{number}")
    for number, sender in enumerate(("ann", "bob", "ann", "bob"), 1)
]
"""The last one was sent, and its answer never heard."""


def shown(number: int, is_shown: bool = True) -> Deliver:
    row = ROWS[number - 1]
    hashed = message_hash(msgspec.to_builtins(delivered(row)))
    return Deliver(at=0, session="s", id=number, hash=hashed, nonce=row.Nonce, shown=is_shown)


def sound() -> Histories:
    """Two users, three devices; a repeat, a refusal, an answer that never came."""
    lines: Histories = {
        "ann-1": [
            Member(at=0, session="s", user="ann"), Member(at=0, session="s", user="bob"),
            *said(1), shown(1), shown(2), shown(1, is_shown=False), *said(3), shown(3), shown(4), Whole(at=0),
        ],
        "ann-2": [shown(1), shown(2)],
        "bob-1": [
            shown(1), *said(2), shown(2), Invoke(at=0, session="s", nonce="refused", hash="00"),
            Fail(at=0, nonce="refused", code="storage_full"), said(4)[0],
            Fail(at=0, nonce="nonce-4", code="unavailable"),
            said(4)[0], shown(3), shown(4), Whole(at=0),
        ],
    }  # fmt: skip
    for client in lines:
        lines[client].insert(0, Client(at=0, client=client, user=client[:3]))
    in_turns = [("ann-1", 6), ("bob-1", 5), ("ann-1", 12), ("bob-1", 99), ("ann-2", 99), ("ann-1", 99)]
    done, at = dict.fromkeys(lines, 0), 0
    for client, until in in_turns:
        for line in lines[client][done[client] : until]:
            at, line.at = at + 1, at + 1
        done[client] = max(done[client], until)
    return lines


def said(number: int) -> list[Line]:
    row = ROWS[number - 1]
    assert row.Nonce
    return [Invoke(at=0, session="s", nonce=row.Nonce, hash=body_hash(row.Data)), Ack(at=0, nonce=row.Nonce, id=number)]


def stored(path: Path) -> None:
    """The database of the sound run."""
    database = Database(path)

    def work(tx: Any) -> None:
        for row in ROWS:
            tx.add(msgspec.structs.replace(row))
        for number in (1, 2):
            tx.add(Event("ann", number, "Session", b"{}"))

    database.write(work)
    database.writer.close()


def faults(tmp_path: Path, histories: Histories, *statements: str) -> list[str]:
    """What the checker says, by way of the files."""
    stored(tmp_path / "parlour.db")
    connection = apsw.Connection(str(tmp_path / "parlour.db"))
    for statement in statements:
        connection.execute(statement).fetchall()
    connection.close()
    history.write_all(tmp_path / "histories", histories)
    return checker.check(tmp_path / "histories", tmp_path / "parlour.db")[1]


def test_a_sound_run_has_no_fault(tmp_path: Path) -> None:
    assert faults(tmp_path, sound()) == []


INSERTED = (
    "INSERT INTO Messages (SessionID, MessageID, SenderID, Data, TimeStamp, ReceivedAt, Nonce) "
    f"VALUES ('s', 5, '{{}}', '{{}}', '{STAMP}', '{STAMP}', '{{}}')"
)
IN_THE_DATABASE: dict[str, tuple[set[str], list[str]]] = {
    "an acknowledged message is gone": (
        {"I1", "I2", "I4", "I5"}, ["DELETE FROM Messages WHERE MessageID = 3"]),
    "the last acknowledged message is gone, and there is no hole": (
        {"I1", "I4", "I5"}, ["DELETE FROM Messages WHERE MessageID >= 3"]),
    "another body": ({"I1", "I4", "I8"}, ["UPDATE Messages SET Data = 'other' WHERE MessageID = 1"]),
    "another sender": ({"I1", "I4", "I8"}, ["UPDATE Messages SET SenderID = 'bob' WHERE MessageID = 1"]),
    "another time": ({"I4"}, ["UPDATE Messages SET TimeStamp = '2031-03-05T09:31:00Z' WHERE MessageID = 1"]),
    "acknowledged under another number": (
        {"I1", "I4"},
        [f"UPDATE Messages SET MessageID = {to} WHERE MessageID = {of}" for of, to in ((1, 9), (2, 1), (9, 2))]),
    "a hole in a session": ({"I2", "I4", "I5"}, ["UPDATE Messages SET MessageID = 6 WHERE MessageID = 4"]),
    "a hole in a user's stream": ({"I2"}, ["UPDATE Events SET Number = 3 WHERE Number = 2"]),
    "a number twice": (
        {"I2"}, ["INSERT INTO Events VALUES ('s', 4, 'Other', x'7b7d')"]),
    "a nonce twice": ({"I3", "I5"}, ["DROP INDEX Nonces", INSERTED.format("ann", "text 1", "nonce-1")]),
    "an unacknowledged one twice": (
        {"I3", "I8", "I5"}, ["DROP INDEX Nonces", INSERTED.format("bob", "text 4", "nonce-4")]),
    "what nobody sent": ({"I8", "I5"}, [INSERTED.format("ann", "invented", "nonce-x")]),
    "what was refused": ({"I8", "I5"}, [INSERTED.format("bob", "refused", "refused")]),
}  # fmt: skip


@pytest.mark.parametrize("name", IN_THE_DATABASE)
def test_a_doctored_database_is_found(tmp_path: Path, name: str) -> None:
    expected, statements = IN_THE_DATABASE[name]
    found = faults(tmp_path, sound(), *statements)
    assert expected == set(checker.kinds(found)), found


def test_what_was_refused_for_certain_and_is_there_is_told_as_that(tmp_path: Path) -> None:
    histories = sound()
    for line in histories["bob-1"]:
        if isinstance(line, Invoke) and line.nonce == "refused":
            line.hash = body_hash("refused")
    found = faults(tmp_path, histories, INSERTED.format("bob", "refused", "refused"))
    assert [line for line in found if "was refused (storage_full) and is there" in line]


def test_a_damaged_database_is_found(tmp_path: Path) -> None:
    history.write_all(tmp_path / "histories", sound())
    stored(tmp_path / "parlour.db")
    with (tmp_path / "parlour.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * 8192)
    assert set(checker.kinds(checker.check(tmp_path / "histories", tmp_path / "parlour.db")[1])) == {"I1"}


def place(histories: Histories, client: str, kind: type[Line], which: int = 0) -> int:
    """Where the line of this kind stands."""
    return [n for n, line in enumerate(histories[client]) if isinstance(line, kind)][which]


def acknowledged_again(histories: Histories) -> None:
    histories["ann-1"].append(Ack(at=99, nonce="nonce-1", id=2))


def acknowledged_as_another(histories: Histories) -> None:
    ack = histories["ann-1"][place(histories, "ann-1", Ack)]
    assert isinstance(ack, Ack)
    ack.id = 2


def delivered_otherwise(histories: Histories) -> None:
    deliver = histories["ann-2"][place(histories, "ann-2", Deliver)]
    assert isinstance(deliver, Deliver)
    deliver.hash = "ff"


def delivered_uncommitted(histories: Histories) -> None:
    histories["ann-2"].append(Deliver(at=99, session="s", id=5, hash="ff", shown=False))


def displayed_twice(histories: Histories) -> None:
    histories["ann-2"].append(shown(2))


def displayed_with_a_hole(histories: Histories) -> None:
    histories["ann-2"].append(shown(4))


def displayed_in_another_order(histories: Histories) -> None:
    lines, at = histories["ann-2"], place(histories, "ann-2", Deliver)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]


def not_whole(histories: Histories) -> None:
    histories["ann-2"].append(Whole(at=99))


def not_whole_after_a_reset(histories: Histories) -> None:
    histories["ann-2"] += [Reset(at=98, session="s", number=2), shown(3), Whole(at=99)]


def whole_without_a_frame(histories: Histories) -> None:
    del histories["bob-1"][place(histories, "bob-1", Deliver, -1)]


def invoked_after_a_later_one(histories: Histories) -> None:
    invoke, ack = (histories["ann-1"][place(histories, "ann-1", kind)] for kind in (Invoke, Ack))
    bobs = histories["bob-1"][place(histories, "bob-1", Ack)]
    invoke.at, ack.at = bobs.at + 1, bobs.at + 2


def heard_by_a_stranger(histories: Histories) -> None:
    histories["eve-1"] = [Client(at=0, client="eve-1", user="eve"), shown(1)]


def heard_before_joining(histories: Histories) -> None:
    for line in histories["ann-1"]:
        if isinstance(line, Member) and line.user == "bob":
            line.number = 1


def heard_after_leaving(histories: Histories) -> None:
    histories["ann-1"].append(Member(at=99, session="s", user="bob", joined=False, number=3))


IN_A_HISTORY: list[tuple[Callable[[Histories], None], str]] = [
    (acknowledged_again, "I3"),
    (acknowledged_again, "I1"),
    (acknowledged_as_another, "I1"),
    (delivered_otherwise, "I4"),
    (delivered_uncommitted, "I4"),
    (displayed_twice, "I5"),
    (displayed_with_a_hole, "I5"),
    (displayed_in_another_order, "I5"),
    (not_whole, "I5"),
    (not_whole_after_a_reset, "I5"),
    (whole_without_a_frame, "I5"),
    (invoked_after_a_later_one, "I6"),
    (heard_by_a_stranger, "I7"),
    (heard_before_joining, "I7"),
    (heard_after_leaving, "I7"),
]


@pytest.mark.parametrize(("doctor", "expected"), IN_A_HISTORY, ids=lambda part: getattr(part, "__name__", part))
def test_a_doctored_history_is_found(tmp_path: Path, doctor: Callable[[Histories], None], expected: str) -> None:
    histories = sound()
    doctor(histories)
    found = faults(tmp_path, histories)
    assert expected in checker.kinds(found), found


def test_a_reset_begins_a_display_anew(tmp_path: Path) -> None:
    histories = sound()
    histories["ann-2"] += [Reset(at=98, session="s", number=2), shown(3), shown(4), Whole(at=99)]
    assert faults(tmp_path, histories) == []


def test_who_leaves_need_not_be_caught_up(tmp_path: Path) -> None:
    histories = sound()
    histories["ann-1"].append(Member(at=97, session="s", user="cem", number=1))
    histories["ann-1"].append(Member(at=98, session="s", user="cem", joined=False, number=3))
    histories["cem-1"] = [Client(at=0, client="cem-1", user="cem"), shown(2), shown(3), Whole(at=99)]
    assert faults(tmp_path, histories) == []


def test_a_line_that_was_cut_off_with_its_process_does_not_count(tmp_path: Path) -> None:
    log = history.Log(tmp_path, "ann-1", "ann")
    log.invoke("s", "nonce-1", "text")
    log.close()
    with (tmp_path / "ann-1.jsonl").open("ab") as file:
        file.write(b'{"kind":"ack","no')
    assert [type(line) for line in history.read_all(tmp_path)["ann-1"]] == [Client, Invoke]
