"""The one checker of all fault tests: client histories against the final database.

I1 What is acknowledged is there, under its number, with its body.
I2 The numbers of every stream are exactly 1 to N.
I3 One row for (session, sender, nonce), and one number in all its acknowledgements.
I4 What was delivered is the frame that `since` builds for its number.
I5 What a client displays is in order, without doubles and holes, and whole once it is caught up.
I6 Acknowledged before invoked means a smaller number.
I7 Nobody hears a session outside their membership.
I8 What was never acknowledged is there once or not at all; what was refused for certain is not there; nothing is there
   that nobody sent.

1. It believes nothing but files: it runs after everything has ended, and knows no client and no server.
2. A fault is one line that begins with its invariant; no fault is an empty list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import apsw
import msgspec

from parlour.core.messages import Message
from parlour.core.ports import Tx
from parlour.store.sqlite import Database

from . import history
from .history import Ack, Client, Deliver, Fail, Invoke, Line, Member, Reset, Whole

MAYBE = {"unavailable"}
"""Refusals that leave open whether anything was stored. All others say that nothing was."""
PAGE = 1_000


class Send(NamedTuple):
    """A message, as its sender names it."""

    session: str
    sender: str
    nonce: str


class Row(NamedTuple):
    """A message, as the database holds it."""

    number: int
    send: Send
    body: str


class Final:
    """The database at the end."""

    def __init__(self, path: Path) -> None:
        self.damage = damage(path)
        self.rows: dict[str, list[Row]] = {}
        self.numbers: dict[str, list[int]] = {}
        self.frames: dict[tuple[str, int], str] = {}
        if not self.damage:
            self._read(path)

    def _read(self, path: Path) -> None:
        database = Database(path)
        try:
            database.read(self._take, database.writer)
            both = "SELECT SessionID, MessageID FROM Messages UNION ALL SELECT Stream, Number FROM Events ORDER BY 1, 2"
            for stream, number in database.writer.execute(both):
                self.numbers.setdefault(stream, []).append(number)
        finally:
            database.writer.close()

    def _take(self, tx: Tx) -> None:
        for row in tx.find(Message, {}, order="MessageID"):
            send = Send(row.SessionID, row.SenderID, row.Nonce or "")
            self.rows.setdefault(row.SessionID, []).append(Row(row.MessageID, send, history.body_hash(row.Data)))
        for session in self.rows:
            self._take_frames(tx, session)

    def _take_frames(self, tx: Tx, session: str) -> None:
        """What a client that comes later is sent."""
        after = 0
        while page := tx.since(session, after, PAGE):
            for event in page:
                if event.kind == "Message":
                    delivery = msgspec.json.decode(event.frame)[session]
                    self.frames[session, event.number] = history.message_hash(delivery[str(event.number)])
            after = page[-1].number

    def displayed(self, session: str, after: int) -> list[int]:
        """What a client that is caught up displays."""
        return [row.number for row in self.rows.get(session, ()) if row.number > after]


def damage(path: Path) -> list[str]:
    """What SQLite says of its own file."""
    try:
        connection = apsw.Connection(str(path))
        said = [str(line) for (line,) in connection.execute("PRAGMA integrity_check")]
        connection.close()
    except apsw.Error as raised:
        said = [str(raised)]
    return [] if said == ["ok"] else said


class Heard:
    """All histories, sorted by what they tell."""

    def __init__(self, histories: Iterable[Iterable[Line]]) -> None:
        self.invoked: dict[Send, list[Invoke]] = {}
        self.acknowledged: dict[Send, list[Ack]] = {}
        self.refused: dict[Send, list[Fail]] = {}
        self.delivered: list[tuple[str, str, Deliver]] = []  # client, user
        self.members: dict[tuple[str, str], list[Member]] = {}
        self.displays: dict[str, list[Line]] = {}
        self.users: dict[str, str] = {}
        for lines in histories:
            self._take(lines)

    def _take(self, lines: Iterable[Line]) -> None:
        client = user = ""
        sessions: dict[str, str] = {}
        for line in lines:
            if isinstance(line, Client):
                client, user = line.client, line.user
                self.users[client] = user
            elif isinstance(line, Invoke):
                sessions[line.nonce] = line.session
                self.invoked.setdefault(Send(line.session, user, line.nonce), []).append(line)
            elif isinstance(line, Ack):
                self.acknowledged.setdefault(Send(sessions[line.nonce], user, line.nonce), []).append(line)
            elif isinstance(line, Fail):
                self.refused.setdefault(Send(sessions[line.nonce], user, line.nonce), []).append(line)
            elif isinstance(line, Member):
                self.members.setdefault((line.session, line.user), []).append(line)
            else:
                self._hear(client, user, line)

    def _hear(self, client: str, user: str, line: Line) -> None:
        self.displays.setdefault(client, []).append(line)
        if isinstance(line, Deliver):
            self.delivered.append((client, user, line))

    def begins(self, client: str, session: str) -> int:
        """The number after which this client may hear a session."""
        changes = self.members.get((session, self.users[client]), [])
        return max((change.number for change in changes if change.joined), default=0)

    def refusals(self, code: str) -> int:
        """How many sends were refused with this code."""
        return sum(fail.code == code for fails in self.refused.values() for fail in fails)

    def told(self) -> str:
        """How much happened, for people."""
        repeats = sum(len(invokes) - 1 for invokes in self.invoked.values())
        unresolved = len(self.invoked) - len(self.acknowledged)
        refusals = sum(map(len, self.refused.values()))
        return (
            f"{len(self.acknowledged)} acknowledged, {repeats} repeats, {refusals} refusals, "
            f"{unresolved} never resolved, {len(self.delivered)} delivered"
        )


def faults_of(heard: Heard, final: Final) -> list[str]:
    """Every invariant that is broken, each breach a line."""
    if final.damage:
        return [f"I1: the database is damaged: {line}" for line in final.damage]
    return [fault for invariant in INVARIANTS for fault in invariant(heard, final)]


def check(histories: Path, database: Path) -> tuple[Heard, list[str]]:
    """A folder of histories against a database; what happened, and what is wrong."""
    heard = Heard(history.read_all(histories).values())
    return heard, faults_of(heard, Final(database))


def faults_of_copy(heard: Heard, final: Final, began: int) -> list[str]:
    """What is wrong with a copy of the database that was made while it was written to, from that moment on."""
    if final.damage:
        return [f"I1: the copy is damaged: {line}" for line in final.damage]
    early = Heard(())
    early.invoked = heard.invoked
    early.acknowledged = {
        send: acks for send, acks in heard.acknowledged.items() if min(ack.at for ack in acks) < began
    }
    parts = (_acknowledged_is_there, _numbers_have_no_hole, _one_row_for_a_nonce)
    return [fault for invariant in parts for fault in invariant(early, final)]


def kinds(faults: Iterable[str]) -> Counter[str]:
    """How many of each invariant."""
    return Counter(fault[:2] for fault in faults)


# ---------------------------------------------------------------------------------------------------------- invariants


def _acknowledged_is_there(heard: Heard, final: Final) -> Iterator[str]:
    stored = {(row.send, row.number): row.body for rows in final.rows.values() for row in rows}
    for send, acks in heard.acknowledged.items():
        for ack in acks:
            if stored.get((send, ack.id)) != heard.invoked[send][0].hash:
                there = "with another body" if (send, ack.id) in stored else "not there"
                yield f"I1: {send} was acknowledged as {ack.id}, and is {there}"


def _numbers_have_no_hole(heard: Heard, final: Final) -> Iterator[str]:
    for stream, numbers in final.numbers.items():
        if numbers != list(range(1, len(numbers) + 1)):
            wrong = next(n for place, n in enumerate(numbers, 1) if n != place)
            yield f"I2: {stream} has {len(numbers)} events up to {numbers[-1]}; the first that is wrong is {wrong}"


def _one_row_for_a_nonce(heard: Heard, final: Final) -> Iterator[str]:
    times = Counter(row.send for rows in final.rows.values() for row in rows if row.send.nonce)
    yield from (f"I3: {send} stands {count} times" for send, count in times.items() if count > 1)
    for send, acks in heard.acknowledged.items():
        if len({ack.id for ack in acks}) > 1:
            yield f"I3: {send} was acknowledged as {sorted({ack.id for ack in acks})}"


def _delivered_is_what_is_stored(heard: Heard, final: Final) -> Iterator[str]:
    for client, _, line in heard.delivered:
        frame = final.frames.get((line.session, line.id))
        if frame != line.hash:
            why = "is not there" if frame is None else "is another one"
            yield f"I4: {line.session} {line.id} ({line.nonce}), delivered to {client}, {why}"


def _displayed_in_order(heard: Heard, final: Final) -> Iterator[str]:
    for client, lines in heard.displays.items():
        starts: dict[str, int] = {}
        shown: dict[str, list[int]] = {}
        for line in lines:
            if isinstance(line, Reset):
                starts[line.session], shown[line.session] = line.number, []
            elif isinstance(line, Deliver) and line.shown:
                shown.setdefault(line.session, []).append(line.id)
            elif isinstance(line, Whole):
                yield from _not_whole(client, starts, shown, heard, final)
        for session, numbers in shown.items():
            start = starts.get(session, heard.begins(client, session))
            due = final.displayed(session, start)[: len(numbers)]
            if numbers != due:
                wrong = next((n for n, d in zip(numbers, due, strict=False) if n != d), numbers[-1])
                yield f"I5: {client} displays {session} out of order, twice or with a hole, from {wrong} on"


def _not_whole(
    client: str, starts: dict[str, int], shown: dict[str, list[int]], heard: Heard, final: Final
) -> Iterator[str]:
    for (session, member), changes in heard.members.items():
        if member != heard.users[client] or not changes[-1].joined:
            continue
        due = final.displayed(session, starts.get(session, changes[-1].number))
        if len(shown.get(session, ())) < len(due):
            yield f"I5: {client} is caught up and displays {len(shown.get(session, ()))} of {len(due)} in {session}"


def _in_order_of_time(heard: Heard, final: Final) -> Iterator[str]:
    steps: list[tuple[int, int, Send, int]] = []
    for send, acks in heard.acknowledged.items():
        steps.append((min(ack.at for ack in acks), 1, send, acks[0].id))
        steps.append((heard.invoked[send][0].at, 0, send, acks[0].id))
    highest: Counter[str] = Counter()
    for _, acknowledged, send, number in sorted(steps):
        if acknowledged:
            highest[send.session] = max(number, highest[send.session])
        elif number <= highest[send.session]:
            yield f"I6: {send} got {number}, and was invoked after {highest[send.session]} was acknowledged"


def _only_members_hear(heard: Heard, final: Final) -> Iterator[str]:
    for client, user, line in heard.delivered:
        changes = heard.members.get((line.session, user), [])
        past = [change for change in changes if change.number < line.id]
        if not past or not max(past, key=lambda change: change.number).joined:
            yield f"I7: {line.session} {line.id} was delivered to {client}, whose user is not in it"


def _unacknowledged_is_there_once_or_not(heard: Heard, final: Final) -> Iterator[str]:
    stored = Counter(row.send for rows in final.rows.values() for row in rows)
    for session, rows in final.rows.items():
        for row in rows:
            bodies = {invoke.hash for invoke in heard.invoked.get(row.send, ())}
            if row.body not in bodies:
                yield f"I8: {session} {row.number} holds what {row.send.sender} never sent"
    for send, invokes in heard.invoked.items():
        if send in heard.acknowledged:
            continue
        refusals = heard.refused.get(send, [])
        if stored[send] > 1:
            yield f"I8: {send} was never acknowledged and stands {stored[send]} times"
        if stored[send] and len(refusals) == len(invokes) and not MAYBE & {fail.code for fail in refusals}:
            yield f"I8: {send} was refused ({refusals[-1].code}) and is there"


INVARIANTS = (
    _acknowledged_is_there,
    _numbers_have_no_hole,
    _one_row_for_a_nonce,
    _delivered_is_what_is_stored,
    _displayed_in_order,
    _in_order_of_time,
    _only_members_hear,
    _unacknowledged_is_there_once_or_not,
)
