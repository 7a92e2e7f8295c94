"""What stands between me and others: who asks me, whom I ask, whom I block, and my links.

1. My own stream changes it, event by event. Where events are lost, what differs is told in their place.
2. A session that begins ends what was asked, on both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from .. import protocol
from .events import Asking, Blocked, Event, Invitation, InvitationResolved, OwnLink

Json = dict[str, Any]


class Consents:
    """As far as it is known, by name."""

    def __init__(self) -> None:
        self.invitations: dict[str, Invitation] = {}
        self.asking: dict[str, Asking] = {}
        self.blocks: set[str] = set()
        self.links: dict[str, OwnLink] = {}

    # ------------------------------------------------------------------------------------------------------- snapshots

    def load(self, me: protocol.Me) -> None:
        """What a snapshot says."""
        self.invitations = {one.UserName: _invitation(one) for one in me.Invitations}
        self.asking = {one.Username: _asking(one) for one in me.Asking}
        self.blocks = set(me.Blocks)
        self.links = {one.Link: OwnLink(link=one.Link, state="open", lapses=one.Lapses) for one in me.Links}

    def since(self, told: Consents) -> Iterator[Event]:
        """The events that lead here from what was told, where those that did are lost."""
        for name in told.invitations.keys() - self.invitations.keys():
            yield InvitationResolved(username=name, result="")
        yield from (one for name, one in self.invitations.items() if one != told.invitations.get(name))
        for name in told.asking.keys() - self.asking.keys():
            yield Asking(username=name, state="none", lapses=told.asking[name].lapses)
        yield from (one for name, one in self.asking.items() if one != told.asking.get(name))
        for name in sorted(told.blocks ^ self.blocks):
            yield Blocked(username=name, blocked=name in self.blocks)
        for link in told.links.keys() - self.links.keys():
            yield OwnLink(link=link, state="", lapses=told.links[link].lapses)
        yield from (one for link, one in self.links.items() if link not in told.links)

    # ---------------------------------------------------------------------------------------------------------- events

    def hear(self, kind: str, frame: Json) -> Event | None:
        """An event of my own stream, if it is of these."""
        hear = _HEARS.get(kind)
        return hear(self, frame) if hear else None

    def begun(self, users: dict[str, str]) -> None:
        """With these people a session has begun."""
        for name in users.values():
            self.invitations.pop(name, None)
            self.asking.pop(name, None)

    def _search(self, frame: Json) -> Event:
        invitation = _invitation(msgspec.convert(frame, protocol.PopUp))
        self.invitations[invitation.username] = invitation
        return invitation

    def _resolved(self, frame: Json) -> Event:
        self.invitations.pop(frame["UserName"], None)
        return InvitationResolved(username=frame["UserName"], result=frame["Result"])

    def _invite(self, frame: Json) -> Event:
        asking = _asking(msgspec.convert(frame, protocol.Invite))
        if asking.state == "none":
            self.asking.pop(asking.username, None)
        else:
            self.asking[asking.username] = asking
        return asking

    def _blocked(self, frame: Json) -> Event:
        name, blocked = frame["UserName"], bool(frame["Blocked"])
        (self.blocks.add if blocked else self.blocks.discard)(name)
        return Blocked(username=name, blocked=blocked)

    def _linked(self, frame: Json) -> Event:
        link = OwnLink(link=frame["Link"], state=frame["State"], lapses=frame["Lapses"])
        if link.state == "open":
            self.links[link.link] = link
        else:
            self.links.pop(link.link, None)
        return link


_HEARS: dict[str, Callable[[Consents, Json], Event]] = {
    "Search": Consents._search,
    "Resolved": Consents._resolved,
    "Invite": Consents._invite,
    "Blocked": Consents._blocked,
    "Linked": Consents._linked,
}


def _invitation(told: protocol.PopUp | protocol.Invitation) -> Invitation:
    return Invitation(username=told.UserName, rev=told.Rev, lapses=told.Lapses, note=told.Note, quiet=told.Quiet)


def _asking(told: protocol.Invite | protocol.Asking) -> Asking:
    return Asking(username=told.Username, state=told.State, lapses=told.Lapses)
