"""A client in its smallest form: it begins with a snapshot, then lives by the frames of its streams alone.

1. It hears its own stream and those of its sessions, as the hub gives them, until its login ends; nothing else.
2. While it is away it hears nothing; when it comes back, it is given what its streams hold since, then how it is now.
3. At any moment it must stand where a fresh snapshot stands.
4. What follows without a word it does by itself: invitations and links lapse, nobody is Online in a closed session, who
   asks has not been asked, and whoever one talks with neither asks nor is asked.
"""

from __future__ import annotations

from typing import Any

import msgspec

from parlour import protocol
from parlour.core.dispatch import LOGIN_ENDED, after, stamp_of
from parlour.core.marks import present_marks
from parlour.core.ports import Published
from parlour.core.sessions import presence_of_peers
from tests.core.world import Json, Person, Ran

ALL = 200
"""Messages of a session that a follower asks for: more than a test's session has."""


class Follower:
    """What one device of a person knows."""

    def __init__(self, person: Person, away: bool = False) -> None:
        self.person = person
        self.login_id = person.caller.LoginID
        self.state = person.snapshot(ALL)
        self.away, self.over = away, False
        self.typing: list[tuple[str, str]] = []
        """Who typed where: it stands in no state."""

    def hear(self, ran: Ran) -> None:
        """What a connection of this person would be sent."""
        for event in ran.published:
            if event.kind == LOGIN_ENDED:
                self.over = self.over or event.frame.decode() == self.login_id
            elif not (self.away or self.over) and self._listens_to(event.stream):
                self._apply(event)

    def _listens_to(self, stream: str) -> bool:
        return stream == self.person.user_id or stream in self.state["Sessions"]

    def come_back(self) -> None:
        """What `Resume` brings: one's own stream, then the others, then the present state of what is not stored."""
        self.away = False
        world, me = self.person.world, self.person.user_id
        for event in world.read(lambda tx: tx.since(me, self.state["Me"]["Seq"], 1_000)):
            self._apply(event)
        for session_id, session in list(self.state["Sessions"].items()):
            number = session["Seq"]
            for event in world.read(lambda tx, s=session_id, n=number: tx.since(s, n, 1_000)):  # type: ignore[misc]
                self._apply(event)
        for session in self.state["Sessions"].values():
            session["Status"] = dict.fromkeys(session["Status"], "Offline")
        here = world.read(lambda tx: presence_of_peers(tx, me))
        for user_id in (u for u, status in here.items() if status == "Online"):
            self._status({"UserID": user_id, "Status": "Online"})
        for mark in world.read(lambda tx: present_marks(tx, me)):
            self._mark(msgspec.json.decode(protocol.encode(mark)))

    def _apply(self, event: Published) -> None:
        frame: Json = msgspec.json.decode(event.frame)
        kind = frame.get("type")
        if kind is None:
            self._message(event.number, frame)
        elif event.number == 0:
            {"Status": self._status, "Mark": self._mark, "Typing": self._typing}[kind](frame)
        elif frame["Seq"] > self.state["Me"]["Seq"]:
            assert frame["Seq"] == self.state["Me"]["Seq"] + 1, "a hole in the stream"
            self.state["Me"]["Seq"] = frame["Seq"]
            {
                "Search": self._search,
                "Invite": self._invite,
                "Resolved": self._resolved,
                "Blocked": self._blocked,
                "Linked": self._linked,
                "Session": self._session,
                "Closed": self._closed,
                "Settings": self._settings,
            }[kind](frame)

    def _message(self, number: int, frame: Json) -> None:
        for session_id, messages in frame.items():
            session = self.state["Sessions"][session_id]
            if number > session["Seq"]:
                assert number == session["Seq"] + 1, "a hole in the stream"
                session["Messages"].update(messages)
                session["Seq"] = number
                session["Unread"] = self._unread(session)
                self._to_the_front(session_id)

    def _to_the_front(self, session_id: str) -> None:
        sessions = self.state["Sessions"]
        self.state["Sessions"] = {session_id: sessions.pop(session_id), **sessions}

    def _status(self, frame: Json) -> None:
        for session in self.state["Sessions"].values():
            if frame["UserID"] in session["Status"]:
                session["Status"][frame["UserID"]] = frame["Status"]

    def _unread(self, session: Json) -> int:
        """What others said after one's own mark."""
        me = self.person.user_id
        read = int(session["Marks"].get(me, {}).get("Read", 0))
        return sum(int(n) > read and said["Sender"] != me for n, said in session["Messages"].items())

    def _mark(self, frame: Json) -> None:
        """Forward only, so it may come twice or late."""
        session = self.state["Sessions"][frame["SessionID"]]
        marks = session["Marks"].setdefault(frame["UserID"], {})
        for what in ("Delivered", "Read"):
            if int(frame.get(what, 0)) > int(marks.get(what, 0)):
                marks[what] = frame[what]
        if frame["UserID"] == self.person.user_id and "Read" in frame:
            session["Unread"] = self._unread(session)
            assert frame.get("Unread", session["Unread"]) == session["Unread"], "devices would disagree"
        else:
            assert "Unread" not in frame or frame["UserID"] == self.person.user_id

    def _typing(self, frame: Json) -> None:
        assert frame["SessionID"] in self.state["Sessions"]
        self.typing.append((frame["SessionID"], frame["UserID"]))

    def _settings(self, frame: Json) -> None:
        where = self.state["Sessions"][frame["SessionID"]] if "SessionID" in frame else self.state["Me"]
        where["Settings"] |= {name: v for name, v in frame.items() if name not in ("type", "Seq", "SessionID")}

    def _closed(self, frame: Json) -> None:
        session = self.state["Sessions"][frame["SessionID"]]
        session["State"] = "closed"
        session["UserIds"] |= frame.get("Users", {})
        session["Status"] = dict.fromkeys(session["Status"], "Offline")

    def _search(self, frame: Json) -> None:
        self._forget("Invitations", "UserName", frame["UserName"])
        self.state["Me"]["Invitations"].append({key: value for key, value in frame.items() if key != "type"})

    def _invite(self, frame: Json) -> None:
        self._forget("Asking", "Username", frame["Username"])
        if frame["State"] != "none":
            self.state["Me"]["Asking"].append({key: value for key, value in frame.items() if key != "type"})

    def _resolved(self, frame: Json) -> None:
        self._forget("Invitations", "UserName", frame["UserName"])

    def _blocked(self, frame: Json) -> None:
        blocks, name = set(self.state["Me"]["Blocks"]), frame["UserName"]
        self.state["Me"]["Blocks"] = sorted(blocks | {name} if frame["Blocked"] else blocks - {name})

    def _linked(self, frame: Json) -> None:
        self._forget("Links", "Link", frame["Link"])
        if frame["State"] == "open":
            self.state["Me"]["Links"].append({key: frame[key] for key in ("Link", "Lapses")})

    def _session(self, frame: Json) -> None:
        for name in frame["Users"].values():
            self._forget("Asking", "Username", name)
        if frame["SessionID"] in self.state["Sessions"]:
            self.state["Sessions"][frame["SessionID"]] |= {"State": "active", "UserIds": frame["Users"]}
            return
        status = dict.fromkeys(frame["Users"], "Offline")
        self.state["Sessions"] = {
            frame["SessionID"]: {
                "UserIds": frame["Users"],
                "Messages": {},
                "Seq": 0,
                "More": False,
                "State": "active",
                "Status": status,
                "Unread": 0,
                "Marks": {},
                "Settings": {},
            },
            **self.state["Sessions"],
        }

    def _forget(self, where: str, field: str, name: str) -> None:
        self.state["Me"][where] = [one for one in self.state["Me"][where] if one[field] != name]

    def stands(self) -> Any:
        """What it knows, in a form to compare."""
        return comparable(self.state, stamp_of(self.person.world.clock.moment))

    def should_stand(self) -> Any:
        """The same, of a fresh snapshot."""
        return comparable(self.person.snapshot(ALL), None)


STAYS = {"Invitations": 0, "Links": 0, "Asking": protocol.INVITATION_DAYS}
"""For how many days after its lapse something is still there."""


def comparable(state: Json, now: str | None) -> Any:
    """A state in which the order of messages counts; that of sessions does where no two were active at one moment.

    With `now`, what has lapsed is left out.
    """
    me = dict(state["Me"])
    for where, days in STAYS.items():
        me[where] = [one for one in me[where] if now is None or after(now, -days) < one["Lapses"]]
    me["Links"] = sorted(me["Links"], key=lambda link: (link["Lapses"], link["Link"]))
    sessions = {s: one | {"Messages": list(one["Messages"].items())} for s, one in state["Sessions"].items()}
    return {"Epoch": state["Epoch"], "Me": me, "Sessions": sessions}
