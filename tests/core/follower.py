"""A client in its smallest form: it begins with a snapshot, then lives by the frames of its streams alone.

1. It hears its own stream and those of its sessions, as the hub gives them; nothing else.
2. At any moment it must stand where a fresh snapshot stands.
"""

from __future__ import annotations

from typing import Any

import msgspec

from parlour.core.dispatch import stamp_of
from parlour.core.ports import Published
from tests.core.world import Json, Person, Ran

ALL = 200
"""Messages of a session that a follower asks for: more than a test's session has."""


class Follower:
    """What one device of a person knows."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.state = person.snapshot(ALL)

    def hear(self, ran: Ran) -> None:
        """What a connection of this person would be sent."""
        for event in ran.published:
            if event.stream == self.person.user_id or event.stream in self.state["Sessions"]:
                self._apply(event)

    def _apply(self, event: Published) -> None:
        frame: Json = msgspec.json.decode(event.frame)
        kind = frame.get("type")
        if kind is None:
            self._message(event.number, frame)
        elif kind == "Status":
            self._status(frame)
        elif frame["Seq"] > self.state["Me"]["Seq"]:
            assert frame["Seq"] == self.state["Me"]["Seq"] + 1, "a hole in the stream"
            self.state["Me"]["Seq"] = frame["Seq"]
            {"Search": self._search, "Invite": self._invite, "Resolved": self._resolved, "Session": self._session}[
                kind
            ](frame)

    def _message(self, number: int, frame: Json) -> None:
        for session_id, messages in frame.items():
            session = self.state["Sessions"][session_id]
            if number > session["Seq"]:
                assert number == session["Seq"] + 1, "a hole in the stream"
                session["Messages"].update(messages)
                session["Seq"] = number
                self._to_the_front(session_id)

    def _to_the_front(self, session_id: str) -> None:
        sessions = self.state["Sessions"]
        self.state["Sessions"] = {session_id: sessions.pop(session_id), **sessions}

    def _status(self, frame: Json) -> None:
        for session in self.state["Sessions"].values():
            if frame["UserID"] in session["Status"]:
                session["Status"][frame["UserID"]] = frame["Status"]

    def _search(self, frame: Json) -> None:
        self._forget("Invitations", "UserName", frame["UserName"])
        self.state["Me"]["Invitations"].append({key: frame[key] for key in ("Seq", "UserName", "Rev", "Lapses")})

    def _invite(self, frame: Json) -> None:
        self._forget("Asking", "Username", frame["Username"])
        if frame["State"] == "sent":
            self.state["Me"]["Asking"].append({key: frame[key] for key in ("Seq", "Username", "State", "Lapses")})

    def _resolved(self, frame: Json) -> None:
        self._forget("Invitations", "UserName", frame["UserName"])

    def _session(self, frame: Json) -> None:
        for name in frame["Users"].values():
            self._forget("Asking", "Username", name)
        status = dict.fromkeys(frame["Users"], "Offline")
        self.state["Sessions"] = {
            frame["SessionID"]: {
                "UserIds": frame["Users"],
                "Messages": {},
                "Seq": 0,
                "More": False,
                "State": "active",
                "Status": status,
            },
            **self.state["Sessions"],
        }

    def _forget(self, where: str, field: str, name: str) -> None:
        self.state["Me"][where] = [one for one in self.state["Me"][where] if one[field] != name]

    def stands(self) -> Any:
        """What it knows, in a form to compare: lapsed invitations are over without a word."""
        return comparable(self.state, stamp_of(self.person.world.clock.moment))

    def should_stand(self) -> Any:
        """The same, of a fresh snapshot."""
        return comparable(self.person.snapshot(ALL), "")


def comparable(state: Json, now: str) -> Any:
    """A state in which the order of messages counts; that of sessions does where no two were active at one moment."""
    me = dict(state["Me"])
    for where in ("Invitations", "Asking"):
        me[where] = [one for one in me[where] if now < one["Lapses"]]
    sessions = {s: one | {"Messages": list(one["Messages"].items())} for s, one in state["Sessions"].items()}
    return {"Epoch": state["Epoch"], "Me": me, "Sessions": sessions}
