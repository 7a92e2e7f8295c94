"""What one device knows of consent: a snapshot first, then the frames of its person's own stream alone.

1. It is all that a client has to do about invitations, blocks, links and closed conversations.
2. What lapses, lapses by the clock, without a frame; an asking is listed for as long again, as one without an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from parlour.core.dispatch import stamp_of
from parlour.protocol import INVITATION_DAYS

Json = dict[str, Any]
_copy = msgspec.json.Decoder(dict[str, Any]).decode
_bytes = msgspec.json.Encoder().encode


def known_of(snapshot: Json) -> Json:
    """What a snapshot tells of consent, by name."""
    me = snapshot["Me"]
    return {
        "Seq": me["Seq"],
        "Invitations": {one.pop("UserName"): one for one in me["Invitations"]},
        "Asking": {one.pop("Username"): one for one in me["Asking"]},
        "Blocks": dict.fromkeys(me["Blocks"], True),
        "Links": {one["Link"]: one["Lapses"] for one in me["Links"]},
        "Sessions": {s: one["State"] for s, one in snapshot["Sessions"].items()},
    }


class Device:
    """A client in its smallest form."""

    def __init__(self, known: Json) -> None:
        self.known = known

    def twin(self) -> Device:
        """Another one that knows the same."""
        return Device(_copy(_bytes(self.known)))

    def hear(self, frames: Iterable[Json]) -> Device:
        """Events of its person's stream, in order; what it has heard already does nothing. Gives itself."""
        for frame in frames:
            if frame["Seq"] > self.known["Seq"]:
                assert frame["Seq"] == self.known["Seq"] + 1, "a hole in the stream"
                self.known["Seq"] = frame["Seq"]
                APPLY[frame["type"]](self.known, frame)
        return self

    def stands(self, now: datetime) -> Json:
        """What it shows at this moment."""
        still, listed = stamp_of(now), stamp_of(now - timedelta(days=INVITATION_DAYS))
        return self.known | {
            "Invitations": {n: one for n, one in self.known["Invitations"].items() if one["Lapses"] > still},
            "Asking": {n: one for n, one in self.known["Asking"].items() if one["Lapses"] > listed},
            "Links": {n: lapses for n, lapses in self.known["Links"].items() if lapses > still},
        }


def _pop_up(known: Json, frame: Json) -> None:
    known["Invitations"][frame["UserName"]] = {k: v for k, v in frame.items() if k not in ("type", "UserName")}


def _invite(known: Json, frame: Json) -> None:
    known["Asking"].pop(frame["Username"], None)
    if frame["State"] != "none":
        known["Asking"][frame["Username"]] = {k: frame[k] for k in ("Seq", "State", "Lapses")}


def _resolved(known: Json, frame: Json) -> None:
    known["Invitations"].pop(frame["UserName"], None)


def _session(known: Json, frame: Json) -> None:
    for name in frame["Users"].values():
        known["Asking"].pop(name, None)
    known["Sessions"][frame["SessionID"]] = "active"


def _closed(known: Json, frame: Json) -> None:
    known["Sessions"][frame["SessionID"]] = "closed"


def _blocked(known: Json, frame: Json) -> None:
    known["Blocks"].pop(frame["UserName"], None)
    if frame["Blocked"]:
        known["Blocks"][frame["UserName"]] = True


def _linked(known: Json, frame: Json) -> None:
    known["Links"].pop(frame["Link"], None)
    if frame["State"] == "open":
        known["Links"][frame["Link"]] = frame["Lapses"]


APPLY: dict[str, Callable[[Json, Json], None]] = {
    "Search": _pop_up,
    "Invite": _invite,
    "Resolved": _resolved,
    "Session": _session,
    "Closed": _closed,
    "Blocked": _blocked,
    "Linked": _linked,
    "Settings": lambda known, frame: None,
}
