"""What stands between me and others: who asks me, whom I ask, whom I block, and my links.

1. My own stream changes it, event by event; a snapshot replaces it, and what differs then is told as events.
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

    def go_on(self, me: protocol.Me, known: int) -> Iterator[Event]:
        """What a snapshot says, after events that nobody can give any more; what differs, as events."""
        invitations, asking, blocks, links = self.invitations, self.asking, self.blocks, self.links
        self.load(me)
        for name in invitations.keys() - self.invitations.keys():
            yield InvitationResolved(username=name, result="")
        yield from (self.invitations[one.UserName] for one in me.Invitations if one.Seq > known)
        for name in asking.keys() - self.asking.keys():
            yield Asking(username=name, state="none", lapses=asking[name].lapses)
        yield from (self.asking[one.Username] for one in me.Asking if one.Seq > known)
        for name in sorted(blocks ^ self.blocks):
            yield Blocked(username=name, blocked=name in self.blocks)
        for link in links.keys() - self.links.keys():
            yield OwnLink(link=link, state="", lapses=links[link].lapses)
        yield from (one for link, one in self.links.items() if link not in links)

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
