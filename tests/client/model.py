"""A server in its smallest form, and everything that may happen between it and a link. No socket, no clock.

1. The server keeps the protocol's word: numbers without a hole, `Resume` and `Reset`, a nonce stored once.
2. The wire does not: frames are repeated, dropped and swapped, sockets end, calls fail.
3. `heal` lets everything arrive; then the link must have given what the server has.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

import msgspec

from parlour.client import (
    Anew,
    Asking,
    Blocked,
    Event,
    Invitation,
    InvitationResolved,
    Message,
    OwnLink,
    Position,
    SessionBegun,
    SessionClosed,
    Timing,
)
from parlour.client.effects import Drop, Effect, Get, Open, Send, Stop, Told
from parlour.client.link import HASTE, Link
from parlour.protocol import RESUME_SESSIONS

Json = dict[str, Any]
ME, YOU = "me", "you"
REACH = 6
"""Events behind which the server makes a stream whole: few, so that it is often too many."""
ROOM = 5
ENOUGH = 3_000


class Server:
    """Streams, and one connection."""

    def __init__(self) -> None:
        self.epoch = 1
        self.own: list[Json] = []
        self.sessions: dict[str, list[Json]] = {}
        self.places: dict[str, int] | None = None
        self.wire: list[Json] = []
        self.haste = 0
        """So many messages are refused for haste."""
        self.heard: list[Json] = []

    # --------------------------------------------------------------------------------------------------------- rules

    def begin(self) -> None:
        """A session begins."""
        session = f"s{len(self.sessions) + 1}"
        self.sessions[session] = []
        self.happen(type="Session", SessionID=session, Users={YOU: f"with {session}"})
        if self.places is not None:
            self.places.setdefault(session, 0)

    def turn(self, session: str) -> None:
        """A session is closed, or opened again."""
        kind = "Closed" if self.state().sessions[session] == "active" else "Session"
        self.happen(type=kind, SessionID=session, Users={YOU: f"with {session}"})

    def happen(self, **frame: Any) -> None:
        """An event of one's own stream."""
        frame["Seq"] = len(self.own) + 1
        self.own.append(frame)
        if self.places is not None:
            self._push("", len(self.own), frame)

    def state(self) -> State:
        """What all events of one's own stream come to."""
        state = State({}, {}, {}, {}, {})
        for frame in self.own:
            _count(state, frame)
        return state

    def say(self, session: str, data: str, sender: str = YOU, nonce: str | None = None) -> int:
        """A message is stored; its number."""
        for number, known in enumerate(self.sessions[session], 1):
            if nonce is not None and known.get("Nonce") == nonce:
                self.wire.append({session: {str(number): known}})
                return number
        body = {"data": data, "TimeStamp": "t", "Sender": sender, "ReceivedAt": "t"}
        body |= {"Nonce": nonce} if nonce else {}
        self.sessions[session].append(body)
        number = len(self.sessions[session])
        if self.places is not None:
            self._push(session, number, {session: {str(number): body}})
        return number

    def _push(self, stream: str, number: int, frame: Json) -> None:
        assert self.places is not None
        if self.places.get(stream) == number - 1:
            self.places[stream] = number
            self.wire.append(frame)

    def restore(self) -> None:
        """A backup is put back: the last half of each session is gone, and the history is another one."""
        self.epoch += 1
        for session, messages in self.sessions.items():
            self.sessions[session] = messages[: len(messages) // 2]
        self.end()

    def end(self) -> None:
        """The connection is gone."""
        self.places, self.wire = None, []

    # ---------------------------------------------------------------------------------------------------------- frames

    def open(self) -> None:
        self.end()
        limits = {"Message": 1, "Frame": 1, "InFlight": 32}
        welcome = {"type": "Welcome", "UserID": ME, "Username": ME, "Epoch": str(self.epoch), "Heartbeat": 25}
        self.wire.append(welcome | {"Limits": limits})

    def hear(self, frame: Json) -> None:
        self.heard.append(frame)
        if frame["type"] == "Resume":
            self._resume(frame)
        elif frame["type"] == "Message" and self.haste:
            self.haste -= 1
            self.wire.append({"type": "Error", "Ref": frame["Ref"], "Code": "slow_down", "Reason": "", "RetryAfter": 1})
        elif frame["type"] == "Message":
            number = self.say(frame["SessionID"], frame["Message"]["data"], ME, frame["Nonce"])
            place = {"SessionID": frame["SessionID"], "MessageID": str(number)}
            self.wire.append({"type": "Done", "Ref": frame["Ref"], **place})
        elif "Ref" in frame:
            self.wire.append({"type": "Done", "Ref": frame["Ref"]})

    def _resume(self, frame: Json) -> None:
        assert len(frame["Sessions"]) <= RESUME_SESSIONS
        first = self.places is None
        places = self.places = self.places or {}
        asked = {"": frame["Me"], **frame["Sessions"]}
        heads = {"": len(self.own)} | {s: len(messages) for s, messages in self.sessions.items()}
        named = {s: asked.get(s, 0) for s in heads if first or s in asked}
        if frame["Epoch"] != str(self.epoch) or not heads[""] - REACH <= named[""] <= heads[""]:
            self.wire.append({"type": "Reset"})
            named = heads
        for stream, number in named.items():
            if not heads[stream] - REACH <= number <= heads[stream]:
                self.wire.append({"type": "Reset", "SessionID": stream})
                named[stream] = heads[stream]
        places.update(named)
        answer: list[Json] = [{"type": "Done", "Ref": frame["Ref"]}, {"type": "Resumed"}]
        if places == heads:  # Nothing was missed.
            self.wire += reversed(answer)
        else:
            self.wire.append(answer[0])
            self._catch_up()
            self.wire.append(answer[1])

    def _catch_up(self) -> None:
        assert self.places is not None
        for frame in self.own[self.places[""] :]:
            if "SessionID" in frame:
                self.places.setdefault(frame["SessionID"], 0)
            self._push("", frame["Seq"], frame)
        for session in self.places.keys() - {""}:
            for number, body in enumerate(self.sessions[session][self.places[session] :], self.places[session] + 1):
                self._push(session, number, {session: {str(number): body}})

    # ----------------------------------------------------------------------------------------------------------- calls

    def call(self, path: str) -> bytes:
        if page := re.fullmatch(r"/api/sessions/(\w+)/messages\?after=(\d+)&limit=(\d+)", path):
            session, after, limit = page[1], int(page[2]), int(page[3])
            found = list(enumerate(self.sessions[session], 1))[after : after + limit]
            return json.dumps({"Messages": {str(n): one for n, one in found}, "More": False}).encode()
        state = self.state()
        me = {
            "Seq": len(self.own),
            "UserID": ME,
            "Username": ME,
            "Invitations": list(state.invitations.values()),
            "Asking": list(state.asking.values()),
            "Blocks": list(state.blocks),
            "Links": list(state.links.values()),
            "Settings": {},
        }
        sessions = {s: loaded(s, len(messages), state.sessions[s]) for s, messages in self.sessions.items()}
        return json.dumps({"Epoch": str(self.epoch), "Me": me, "Sessions": sessions}).encode()


class State(NamedTuple):
    """What stands: sessions with their states, and what stands between this one and others."""

    sessions: dict[str, str]
    invitations: dict[str, Json]
    asking: dict[str, Json]
    blocks: dict[str, Json]
    links: dict[str, Json]


def _count(state: State, frame: Json) -> None:
    """What one event changes."""
    told = {key: value for key, value in frame.items() if key != "type"}
    match frame:
        case {"type": "Session" | "Closed" as kind, "SessionID": session, "Users": users}:
            state.sessions[session] = "active" if kind == "Session" else "closed"
            for name in users.values() if kind == "Session" else ():
                state.invitations.pop(name, None)
                state.asking.pop(name, None)
        case {"type": "Search" | "Resolved" as kind, "UserName": name}:
            _keep(state.invitations, name, told, kind == "Search")
        case {"type": "Invite", "Username": name}:
            _keep(state.asking, name, told, told["State"] != "none")
        case {"type": "Blocked", "UserName": name}:
            _keep(state.blocks, name, told, told["Blocked"])
        case {"type": "Linked", "Link": name}:
            _keep(state.links, name, {"Link": name, "Lapses": told["Lapses"]}, told["State"] == "open")


def _keep(part: dict[str, Json], name: str, told: Json, stays: bool) -> None:
    part.pop(name, None)
    if stays:
        part[name] = told


def counted(events: list[Event]) -> list[Any]:
    """What somebody knows who has nothing but the events: sessions, invitations, askings, blocks, links."""
    sessions: dict[str, str] = {}
    invitations, asking, blocks, links = set[str](), set[str](), set[str](), set[str]()

    def keep(part: set[str], name: str, stays: bool) -> None:
        (part.add if stays else part.discard)(name)

    for event in events:
        match event:
            case SessionBegun():
                sessions[event.session] = "active"
                for name in event.users.values():
                    invitations.discard(name)
                    asking.discard(name)
            case SessionClosed():
                sessions[event.session] = "closed"
            case Invitation() | InvitationResolved():
                keep(invitations, event.username, isinstance(event, Invitation))
            case Asking():
                keep(asking, event.username, event.state != "none")
            case Blocked():
                keep(blocks, event.username, event.blocked)
            case OwnLink():
                keep(links, event.link, event.state == "open")
    return [sessions, invitations, asking, blocks, links]


def loaded(session: str, seq: int, state: str) -> Json:
    """A session as the snapshot shows it when asked for no messages."""
    plain: Json = {
        "UserIds": {YOU: f"with {session}"},
        "Messages": {},
        "More": seq > 0,
        "State": state,
        "Status": {YOU: "Offline"},
    }
    return plain | {"Seq": seq, "Unread": 0, "Marks": {}, "Settings": {}}


class World:
    """A server, a link, and what lies between them."""

    def __init__(self, since: Position | None = None, sessions: int = 1, room: int = ROOM) -> None:
        self.now = 0.0
        self.server = Server()
        for _ in range(sessions):
            self.server.begin()
        self.link = Link(since, Timing(), lambda: 0.5, room)
        self.is_open = False
        self.calls: list[Get] = []
        self.taken: list[Event] = []
        self.told: dict[int, Any] = {}
        self.asked: dict[int, str] = {}
        self.stopped: Stop | None = None
        self.do(self.link.start)

    def do(self, step: Any, *facts: Any) -> Any:
        """Tell the link what happened, and do what it says."""
        result = step(*facts, self.now)
        effects, self.link.effects = self.link.effects, []
        for effect in effects:
            self._perform(effect)
        return result

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Open():
                self.is_open = True
                self.server.open()
            case Drop():
                self.is_open = False
                self.server.end()
            case Send(text):
                assert self.is_open
                self.server.hear(msgspec.json.decode(text))
            case Get():
                self.calls.append(effect)
            case Told(ticket, result):
                assert ticket not in self.told
                self.told[ticket] = result
            case Stop():
                self.stopped = effect

    def settle(self) -> None:
        """Connect, and let all arrive."""
        for _ in range(ENOUGH):
            if not (self.calls or self.server.wire):
                return
            self.answer()
            self.hear(1)

    @property
    def waits(self) -> float:
        """How long until the next alarm."""
        assert self.link.wakes_at is not None
        return self.link.wakes_at - self.now

    # ------------------------------------------------------------------------------------------------- what may happen

    def send(self, session: int) -> None:
        """Say something oneself."""
        number = len(self.asked)
        frame = {"type": "Message", "Nonce": f"nonce-{number}", "Message": {"data": f"mine {number}"}}
        name = self._session(session)
        self.asked[self.do(self.link.ask, frame | {"SessionID": name}, name, HASTE)] = name

    def say(self, session: int, times: int) -> None:
        """Somebody else says something."""
        name = self._session(session)
        for _ in range(times):
            self.server.say(name, f"theirs {self.server.epoch} {len(self.server.sessions[name])}")

    def _session(self, number: int) -> str:
        return f"s{number % len(self.server.sessions) + 1}"

    def turn(self, session: int) -> None:
        """A session is closed, or opened again."""
        self.server.turn(self._session(session))

    def meet(self, what: int, who: int) -> None:
        """Something happens between this one and somebody, or with a link."""
        state, name, lapses = self.server.state(), f"with s{who}", f"day {len(self.server.own)}"
        kinds: list[Json] = [
            {"type": "Resolved", "UserName": name, "Result": "cancelled"}
            if name in state.invitations
            else {"type": "Search", "UserName": name, "Rev": len(self.server.own), "Lapses": lapses, "Note": "hello"},
            {"type": "Invite", "Username": name, "Lapses": lapses}
            | {"State": "none" if name in state.asking else "sent"},
            {"type": "Blocked", "UserName": name, "Blocked": name not in state.blocks},
            {"type": "Linked", "Link": name, "Lapses": lapses, "State": "used" if name in state.links else "open"},
        ]
        self.server.happen(**kinds[what])

    def hear(self, frames: int) -> None:
        for _ in range(min(frames, len(self.server.wire))):
            if self.server.wire:
                self.do(self.link.received, json.dumps(self.server.wire.pop(0)))

    def drop(self, place: int) -> None:
        if self.server.wire:
            del self.server.wire[place % len(self.server.wire)]

    def repeat(self, place: int, later: int) -> None:
        if self.server.wire:
            place %= len(self.server.wire)
            self.server.wire.insert(place + 1 + later, self.server.wire[place])

    def swap(self, place: int) -> None:
        wire = self.server.wire
        if len(wire) > 1:
            place %= len(wire) - 1
            wire[place], wire[place + 1] = wire[place + 1], wire[place]

    def close(self, code: int = 1006) -> None:
        if self.is_open:
            self.server.end()
            self.is_open = False
            self.do(self.link.closed, code, "")

    def answer(self, status: int = 200) -> None:
        """The oldest call is answered."""
        if self.calls:
            call = self.calls.pop(0)
            body = self.server.call(call.path) if status == 200 else b""
            self.do(self.link.got, call.tag, status, body, None)

    def take(self, events: int) -> None:
        for _ in range(events):
            event = self.do(self.link.take)
            if event is not None:
                self.taken.append(event)

    def wait(self) -> None:
        """Time goes on to the next alarm."""
        if self.link.wakes_at is not None:
            self.now = max(self.now, self.link.wakes_at)
            self.do(self.link.alarm)

    def heal(self) -> None:
        """Everything arrives, and the consumer takes it all."""
        self.server.haste = 0
        self.close()
        for _ in range(ENOUGH):
            if not (self.calls or self.server.wire or self.link.streams.has_some):
                if self.link.phase == "live" and not self.link.outbox.all():
                    return
                self.wait()
            self.answer()
            self.hear(3)
            self.take(2)
        raise AssertionError(f"it does not come to rest: {self.link.phase}")

    # ----------------------------------------------------------------------------------------------------- what is due

    def check(self, start: dict[str, int]) -> None:
        """Every message once and in order, since the start or since the last time that all began anew."""
        at, data = dict(start), {s: [m["data"] for m in messages] for s, messages in self.server.sessions.items()}
        anew = max((i for i, event in enumerate(self.taken) if isinstance(event, Anew)), default=None)
        for event in self.taken if anew is None else self.taken[anew + 1 :]:
            if isinstance(event, SessionBegun):
                assert event.again is (event.session in at)
                at.setdefault(event.session, 0)
            if isinstance(event, Message):
                if anew is not None:
                    at.setdefault(event.session, event.number - 1)
                assert event.number == at[event.session] + 1
                at[event.session] = event.number
                assert event.data == data[event.session][event.number - 1]
        position = self.link.streams.taken
        assert {s: n for s, n in position.Sessions.items() if n} == {s: len(m) for s, m in data.items() if m}
        assert anew is not None or at == {s: len(m) for s, m in data.items()}
        assert (position.Epoch, position.Me) == (str(self.server.epoch), len(self.server.own))
        self.check_known()

    def check_known(self) -> None:
        """What is known is what the server has; and who keeps count of the events comes to the same."""
        state, streams = self.server.state(), self.link.streams
        known = streams.consents
        assert {s: one.state for s, one in streams.sessions.items()} == state.sessions
        assert {n: (one.rev, one.note) for n, one in known.invitations.items()} == {
            n: (one["Rev"], one["Note"]) for n, one in state.invitations.items()
        }
        assert {n: one.lapses for n, one in known.asking.items()} == {
            n: one["Lapses"] for n, one in state.asking.items()
        }
        assert known.blocks == state.blocks.keys()
        assert known.links.keys() == state.links.keys()
        if not any(isinstance(event, Anew) for event in self.taken):
            keys = [set(part) for part in (state.invitations, state.asking, state.blocks, state.links)]
            assert counted(self.taken) == [state.sessions, *keys]

    def check_sent(self) -> None:
        """Everything that was sent is stored once, in the order in which it was sent, and that was told."""
        for ticket, session in self.asked.items():
            place = self.told[ticket]
            assert place["SessionID"] == session
        for session, messages in self.server.sessions.items():
            mine = [message["data"] for message in messages if message["Sender"] == ME]
            assert mine == [f"mine {n}" for n, s in enumerate(self.asked.values()) if s == session]
