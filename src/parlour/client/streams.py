"""What the server has told: how far each stream is known, and the events that wait to be taken.

1. Only the next number of a stream is an event. What is known already is nothing; what comes too early is not kept: its
   number is, and the stream is read again from where it is known (`lacking`).
2. The events that wait are bounded in the same way: while they are too many, the next one comes too early.
3. Numbers are known as soon as they wait, and *taken* when the consumer has them: `taken` is where another begins.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import msgspec

from .. import protocol
from .consent import Consents
from .events import (
    Anew,
    Event,
    Mark,
    Message,
    Position,
    Session,
    SessionBegun,
    SessionClosed,
    Settings,
    Signal,
    Status,
    Typing,
)

Json = dict[str, Any]
OWN = ""
"""My own stream, beside those of the sessions."""


class Entry(msgspec.Struct):
    """An event that waits. `position`: from here on, all streams are counted anew."""

    event: Event | None
    stream: str = OWN
    number: int = 0
    position: Position | None = None


class Streams:
    """The streams of one user, as far as they are known."""

    def __init__(self, since: Position | None, room: int) -> None:
        self._since, self._room = since, room
        self.epoch = self.user_id = self.username = ""
        self.at: dict[str, int] = {OWN: 0}
        """The last number of each stream that is known. A session stands here from its beginning on."""
        self.lacking: dict[str, int] = {}
        """Numbers that came too early: the streams are to be read again."""
        self.sessions: dict[str, Session] = {}
        self.consents = self._told = Consents()
        """What is, and what was told of it: not the same while events of before the first snapshot are missing."""
        self._states: dict[str, str] = {}
        """The states of the sessions, as they were told."""
        self.online: set[str] = set()
        self.taken = copied(since or Position())
        self._named: set[str] | None = None
        self._waiting: deque[Entry] = deque()
        self._signals: dict[tuple[object, ...], Signal] = {}

    # ------------------------------------------------------------------------------------------------------ the waiting

    @property
    def full(self) -> bool:
        return len(self._waiting) >= self._room

    @property
    def room(self) -> int:
        """How many events may still come; 0 until at least half of the room is free again."""
        free = self._room - len(self._waiting)
        return free if 2 * free >= self._room else 0

    @property
    def has_some(self) -> bool:
        """Whether there is something to take."""
        return bool(self._signals or self._waiting)

    def take(self) -> Event | None:
        """The next event, signals first."""
        while self._signals:
            return self._signals.pop(next(iter(self._signals)))
        while self._waiting:
            entry = self._waiting.popleft()
            if entry.position:
                self.taken = entry.position
            elif entry.stream == OWN:
                self.taken.Me = max(entry.number, self.taken.Me)
            else:
                self.taken.Sessions[entry.stream] = entry.number
            if isinstance(entry.event, SessionBegun):
                self.taken.Sessions.setdefault(entry.event.session, 0)
            if entry.event is not None:
                return entry.event
        return None

    # ------------------------------------------------------------------------------------------------------- snapshots

    def load(self, snapshot: protocol.Snapshot, broken: set[str]) -> bool:
        """Take a snapshot, to begin or to go on where streams are broken. Whether it begins anew, with other data."""
        first = self.epoch == ""
        self.user_id, self.username = snapshot.Me.UserID, snapshot.Me.Username
        since = self._since if first else None
        if not first and snapshot.Epoch == self.epoch and not self._beyond(snapshot, broken):
            self._go_on(snapshot)
            return False
        if since is not None and since.Epoch in ("", snapshot.Epoch):
            self._begin(snapshot, Position(Epoch=snapshot.Epoch, Me=since.Me, Sessions=since.Sessions), None)
        else:
            news = None if first and since is None else Anew(epoch=snapshot.Epoch)
            self._begin(snapshot, self._heads(snapshot), news)
        return True

    def _beyond(self, snapshot: protocol.Snapshot, broken: set[str]) -> bool:
        """Whether more is known of broken streams than the server has: these are other data.

        My own stream stands for all. One that is whole may have gone on since the snapshot was read.
        """
        heads = {OWN: snapshot.Me.Seq} | self._heads(snapshot).Sessions
        return any(self.at.get(stream, 0) > head for stream, head in heads.items() if {OWN, stream} & broken)

    def _heads(self, snapshot: protocol.Snapshot) -> Position:
        return Position(
            Epoch=snapshot.Epoch, Me=snapshot.Me.Seq, Sessions={s: one.Seq for s, one in snapshot.Sessions.items()}
        )

    def _begin(self, snapshot: protocol.Snapshot, position: Position, news: Anew | None) -> None:
        self.epoch = snapshot.Epoch
        self.at = {OWN: position.Me} | {s: n for s, n in position.Sessions.items() if s in snapshot.Sessions}
        self.lacking = {}
        self.sessions = {s: _session(s, one) for s, one in snapshot.Sessions.items()}
        if news:
            self._waiting.append(Entry(news, position=copied(position)))
        else:
            self.taken = copied(position)
        self._meet(snapshot)
        self.consents.load(snapshot.Me)
        is_told = position.Me == snapshot.Me.Seq
        self._told = self.consents if is_told else Consents()
        self._states = {s: one.State for s, one in snapshot.Sessions.items()} if is_told else {}
        for one in snapshot.Me.Invitations:
            if one.Seq <= position.Me:  # It waits for an answer still: whoever begins is told.
                invitation = self._told.invitations[one.UserName] = self.consents.invitations[one.UserName]
                self._waiting.append(Entry(invitation, OWN, one.Seq))

    def _go_on(self, snapshot: protocol.Snapshot) -> None:
        """My own stream up to the snapshot: its events are gone, what they led to is there."""
        known = self.at[OWN]
        if snapshot.Me.Seq <= known:  # It may be older than what is known.
            return
        for session_id, one in snapshot.Sessions.items():
            self._catch_session(_session(session_id, one))
        told, self.consents = self._told, Consents()
        self.consents.load(snapshot.Me)
        self._told = self.consents
        self._waiting += [Entry(event) for event in self.consents.since(told)]
        self.at[OWN] = snapshot.Me.Seq
        self._waiting.append(Entry(None, OWN, snapshot.Me.Seq))
        self._meet(snapshot)

    def _catch_session(self, session: Session) -> None:
        before = self._states.get(session.id, "active") if session.id in self.at else None
        if before is None or (before, session.state) == ("closed", "active"):
            self._waiting.append(Entry(self._begun(session.id, session.users)))
        if session.state == "closed" and before != "closed":
            self._waiting.append(Entry(self._closed(session.id, session.users)))
        self.sessions[session.id] = session

    def _meet(self, snapshot: protocol.Snapshot) -> None:
        """Who is there, as the snapshot says."""
        for one in snapshot.Sessions.values():
            for user, status in one.Status.items():
                self.status(user, status == "Online")

    # ----------------------------------------------------------------------------------------------------------- events

    def message(self, session: str, number: int, body: protocol.StoredMessage) -> None:
        """A message, live, caught up or from a page of history."""
        if self._is_next(session, number):
            self._waiting.append(Entry(self.event(session, number, body), session, number))

    def event(self, session: str, number: int, body: protocol.StoredMessage) -> Message:
        """A stored message as an event."""
        return Message(
            session=session,
            number=number,
            data=body.data,
            sender=body.Sender,
            mine=body.Sender == self.user_id,
            time_stamp=body.TimeStamp,
            received_at=body.ReceivedAt,
            nonce=body.Nonce,
        )

    def own(self, kind: str, frame: Json) -> None:
        """An event of my own stream. One whose type is not known counts, and is nothing more."""
        number = frame["Seq"]
        if self._is_next(OWN, number):
            self._waiting.append(Entry(self._personal(kind, frame), OWN, number))

    def lacks(self, stream: str, number: int) -> None:
        """This number is there, and is not known. Where nothing of a session is known, its `Session` is missing too."""
        self.lacking[stream] = max(number, self.lacking.get(stream, 0))
        if stream not in self.at:
            self.lacking[OWN] = max(self.at[OWN] + 1, self.lacking.get(OWN, 0))

    def _is_next(self, stream: str, number: int) -> bool:
        """Whether this is the next one, and there is room for it. What comes too early is remembered by its number."""
        at = self.at.get(stream)
        if at is not None and number <= at:
            return False
        if at is None or number != at + 1 or self.full:
            self.lacks(stream, number)
            return False
        self.at[stream] = number
        return True

    def _personal(self, kind: str, frame: Json) -> Event | None:
        match kind:
            case "Session" | "Closed":
                return self._session(kind, frame["SessionID"], frame.get("Users", {}))
            case "Settings":
                changed = {k: v for k, v in frame.items() if k not in ("type", "Seq", "SessionID")}
                return Settings(session=frame.get("SessionID"), changed=changed)
            case _:
                if self._told is not self.consents:
                    self._told.hear(kind, frame)
                return self.consents.hear(kind, frame)

    def _session(self, kind: str, session: str, users: dict[str, str]) -> Event:
        return (self._begun if kind == "Session" else self._closed)(session, users)

    def _begun(self, session: str, users: dict[str, str]) -> SessionBegun:
        again = session in self.at
        self.at.setdefault(session, 0)
        self.sessions[session] = Session(id=session, users=users)
        self._states[session] = "active"
        self.consents.begun(users)
        self._told.begun(users)
        return SessionBegun(session=session, users=users, again=again)

    def _closed(self, session: str, users: dict[str, str]) -> SessionClosed:
        known = self.sessions.get(session)
        names = (known.users if known else {}) | users
        self.sessions[session] = Session(id=session, users=names, state="closed")
        self._states[session] = "closed"
        for user in names:
            self.status(user, False)
        return SessionClosed(session=session)

    # ---------------------------------------------------------------------------------------------------------- signals

    def signal(self, event: Signal) -> None:
        """The newest of its kind replaces the one that waits."""
        if isinstance(event, Status):
            self._signals[Status, event.user] = event
        else:
            key = (type(event), event.session, event.user)
            before = self._signals.get(key)
            if isinstance(event, Mark) and isinstance(before, Mark):
                event = _both(before, event)
            self._signals[key] = event

    def status(self, user: str, online: bool) -> None:
        """Somebody is there, or not."""
        if online and self._named is not None:
            self._named.add(user)
        if online != (user in self.online):
            (self.online.add if online else self.online.discard)(user)
            self.signal(Status(user=user, online=online))

    def gather(self) -> None:
        """From now on, those who are Online are named."""
        self._named = set()

    def settle(self) -> None:
        """All who are Online have been named: the others are Offline."""
        if self._named is not None:
            for user in self.online - self._named:
                self.status(user, False)
        self._named = None

    def typing(self, frame: Json) -> None:
        """Somebody is writing."""
        self.signal(Typing(session=frame["SessionID"], user=frame["UserID"]))

    def mark(self, frame: Json) -> None:
        """How far somebody has got."""
        numbers = {name: int(frame[word]) for name, word in _MARKS.items() if frame.get(word) is not None}
        self.signal(Mark(session=frame["SessionID"], user=frame["UserID"], **numbers))


_MARKS = {"delivered": "Delivered", "read": "Read", "unread": "Unread"}


def copied(position: Position) -> Position:
    """The same, to be changed or kept."""
    return Position(Epoch=position.Epoch, Me=position.Me, Sessions=dict(position.Sessions))


def _both(before: Mark, after: Mark) -> Mark:
    """Two marks of one member as one: what the later one does not name stays."""
    old, new = msgspec.structs.asdict(before), msgspec.structs.asdict(after)
    return Mark(**{name: old[name] if value is None else value for name, value in new.items()})


def _session(session_id: str, loaded: protocol.LoadedSession) -> Session:
    return Session(id=session_id, users=loaded.UserIds, state=loaded.State)
