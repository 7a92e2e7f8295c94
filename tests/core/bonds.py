"""What stands between people, as the rules of consent say it: a dictionary, written without a look at the code.

1. Each act gives what it must be answered with and who is told of it; what is hidden is told to nobody.
2. Conditions are tried in the order of the paper. Nothing here knows of records, streams or tables.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any, NamedTuple

from parlour.core.limits import Limits, Rate

LAPSE, WEEK, DAY = timedelta(days=14), timedelta(days=7), timedelta(days=1)
OPEN = ("pending", "held", "shadow", "declined")
SHOWN = ("pending", "held")
FOR_EVER = datetime.max.replace(tzinfo=UTC)
LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Bond:
    """Two people of whom one has asked the other; `shown`: whether the last asking was."""

    def __init__(self, asker: str, asked: str, lapses: datetime, rev: int) -> None:
        self.asker, self.asked, self.lapses, self.rev = asker, asked, lapses, rev
        self.state, self.shown = "cancelled", True
        self.session: str | None = None


class Link:
    def __init__(self, maker: str, lapses: datetime) -> None:
        self.maker, self.lapses, self.state = maker, lapses, "open"
        self.made = lapses - WEEK
        self.used_by: str | None = None


class Told(NamedTuple):
    """A frame that somebody is sent, as far as it is certain."""

    to: str
    kind: str
    says: dict[str, Any]


class Outcome(NamedTuple):
    """A refusal's code and field, or what is answered: `asked`, `begun`, `again`, `nothing`; who is told what."""

    answer: str
    field: str | None = None
    told: tuple[Told, ...] = ()
    bond: Bond | None = None
    wait: int | None = None


class Entry(NamedTuple):
    """A line of somebody's ledger."""

    by: str
    did: str
    other: str | None
    how: str | None = None
    note: str | None = None


NOTHING = Outcome("nothing")


class Bonds:
    """What the rules of consent know. `who_may(user)`: who may invite them; `shown_again(user, session)`: whether they
    had hidden this session, which they have no more."""

    def __init__(self, who_may: Callable[[str], str], shown_again: Callable[[str, str], bool]) -> None:
        self.limits, self.who_may, self.shown_again = Limits(), who_may, shown_again
        self.now = LONG_AGO
        self.bonds: dict[frozenset[str], Bond] = {}
        self.asking: dict[tuple[str, str], tuple[str, datetime]] = {}
        """What each sees of their own askings: state and lapse."""
        self.blocks: set[tuple[str, str]] = set()
        self.pauses: dict[tuple[str, str], tuple[datetime, int]] = {}
        self.full: dict[tuple[str, str], datetime] = {}
        self.links: dict[str, Link] = {}
        self.ledgers: defaultdict[str, list[Entry]] = defaultdict(list)
        self.gone: set[str] = set()
        self.closed: dict[frozenset[str], datetime] = {}
        """When the conversation of two was closed last."""

    # ------------------------------------------------------------------------------------------------------ look-ups

    def between(self, one: str, other: str) -> Bond | None:
        return self.bonds.get(frozenset((one, other)))

    def is_open(self, bond: Bond | None) -> bool:
        return bond is not None and bond.state in OPEN and self.now < bond.lapses

    def waiting_for(self, user: str) -> list[Bond]:
        """The invitations that somebody may answer."""
        return [b for b in self.bonds.values() if b.asked == user and b.state in SHOWN and self.is_open(b)]

    def links_of(self, user: str) -> list[Link]:
        """The links of somebody that can be used."""
        return [one for one in self.links.values() if one.maker == user and self.lives(one)]

    def lives(self, link: Link) -> bool:
        return link.state == "open" and self.now < link.lapses

    def can_undo(self, user: str, other: str) -> bool:
        bond = self.between(user, other)
        return bond is not None and bond.asked == user and bond.state == "declined" and self.is_open(bond)

    # ------------------------------------------------------------------------------------------------------- budgets

    def lacks(self, user: str, kind: str, rate: Rate) -> int:
        """The seconds until one more is there."""
        ahead = max(self.full.get((user, kind), self.now) - self.now, timedelta()).total_seconds()
        return ceil(ahead - (rate.burst - 1) * rate.each)

    def take(self, user: str, kind: str, rate: Rate, cost: int = 1) -> None:
        ahead = max(self.full.get((user, kind), self.now), self.now)
        self.full[user, kind] = ahead + timedelta(seconds=cost * rate.each)

    # -------------------------------------------------------------------------------------------------------- asking

    def search(self, me: str, other: str | None, note: str | None) -> Outcome:
        """`other`: whose name it is, if anybody's."""
        if other == me:
            return Outcome("self", "Username")
        if note is not None and not note.strip():
            return Outcome("empty", "Note")
        if (wait := self.lacks(me, "lookups", self.limits.lookups)) > 0:
            return Outcome("slow_down", wait=wait)
        self.take(me, "lookups", self.limits.lookups)
        if other is not None and (me, other) in self.blocks:
            return Outcome("you_blocked", "Username")
        return self.found(me, other, note)

    def found(self, me: str, other: str | None, note: str | None) -> Outcome:
        bond = self.between(me, other) if other else None
        if bond and bond.state == "active":
            return Outcome("again", bond=bond)
        if bond and self.is_open(bond):
            return Outcome("asked", bond=bond) if bond.asker == me else self.begin(bond, me, "mutual")
        if other is None or other in self.gone:
            self.take(me, "lookups", self.limits.lookups)
            return Outcome("user_not_found", "Username")
        return self.ask(me, other, bond, note)

    def ask(self, me: str, other: str, bond: Bond | None, note: str | None) -> Outcome:
        mine = sorted(b.lapses for b in self.bonds.values() if b.asker == me and self.is_open(b))
        if len(mine) >= self.limits.askings:
            return Outcome("slow_down", wait=ceil((mine[0] - self.now).total_seconds()))
        if (wait := self.lacks(me, "invitations", self.limits.invitations)) > 0:
            return Outcome("slow_down", wait=wait)
        self.take(me, "invitations", self.limits.invitations)
        new = Bond(me, other, self.now + LAPSE, bond.rev + 1 if bond else 1)
        new.session = bond.session if bond else None
        new.state = self.state_of_new(me, other, bond)
        new.shown = new.state in SHOWN
        self.bonds[frozenset((me, other))] = new
        self.asking[me, other] = "sent", new.lapses
        self.note(me, "me", "asked", other, note=note)
        told = [Told(me, "Invite", {"State": "sent"})]
        if new.shown:
            self.note(other, "them", "asked", me)
            says = {"Rev": new.rev, "Note": note, "Quiet": True if new.state == "held" else None}
            told.append(Told(other, "Search", says))
        return Outcome("asked", told=tuple(told), bond=new)

    def state_of_new(self, me: str, other: str, before: Bond | None) -> str:
        until, _ = self.pauses.get((other, me), (LONG_AGO, 0))
        welcome = ("everyone", "shared") if before and before.session else ("everyone",)
        hidden = (other, me) in self.blocks or self.who_may(other) not in welcome or self.now < until
        full = sum(bond.state == "pending" for bond in self.waiting_for(other)) >= self.limits.requests
        taken_back = before is not None and before.asker == me and before.state == "cancelled"
        if before and taken_back and self.now < before.lapses - LAPSE + DAY:
            full = True  # It has rung today.
        payer = ("hidden " if hidden else "") + other
        alerted = not full and self.lacks(payer, "alerts", self.limits.alerts) <= 0
        if alerted:
            self.take(payer, "alerts", self.limits.alerts)
        return "shadow" if hidden else "pending" if alerted else "held"

    def cancel(self, me: str, other: str | None) -> Outcome:
        bond = self.between(me, other) if other else None
        if bond and bond.state in ("active", "closed"):
            return Outcome("gone", "Username")
        if bond is None or bond.asker != me:
            return Outcome("no_invitation", "Username")
        if self.is_open(bond):
            return Outcome("nothing", told=self.take_back(bond))
        return NOTHING if bond.state == "cancelled" else Outcome("gone", "Username")

    def take_back(self, bond: Bond) -> tuple[Told, ...]:
        told = [Told(bond.asker, "Invite", {"State": "none"})]
        self.asking.pop((bond.asker, bond.asked))
        self.note(bond.asker, "me", "cancelled", bond.asked)
        if bond.state in SHOWN:
            told.append(Told(bond.asked, "Resolved", {"Result": "cancelled"}))
            self.note(bond.asked, "them", "cancelled", bond.asker)
        bond.state = "cancelled"
        return tuple(told)

    # ----------------------------------------------------------------------------------------------------- answering

    def answer(self, me: str, asker: str | None, accepted: int, tell: bool, rev: int | None) -> Outcome:
        bond = self.between(me, asker) if asker else None
        if bond and bond.state == "active":
            return Outcome("again", bond=bond)
        if bond and bond.state == "closed":
            return Outcome("gone", "username")
        lapsed = bond is not None and bond.state in OPEN and not self.is_open(bond)
        over = bond is not None and (lapsed or bond.state == "cancelled")
        hidden = bond is not None and ((bond.state == "shadow" and not over) or (over and not bond.shown))
        if bond is None or bond.asked != me or hidden:
            return Outcome("no_invitation", "username")
        if over or (accepted and bond.state == "told") or rev not in (None, bond.rev):
            return Outcome("gone", "username")
        if accepted:
            return self.begin(bond, me, "invitation")
        return Outcome("nothing", told=self.decline(bond, tell))

    def decline(self, bond: Bond, tell: bool) -> tuple[Told, ...]:
        told = []
        if bond.state in SHOWN:
            told.append(Told(bond.asked, "Resolved", {"Result": "declined"}))
            self.note(bond.asked, "me", "declined", bond.asker)
            self.pause(bond.asked, bond.asker)
            bond.state = "declined"
        if tell and bond.state == "declined":
            told.append(Told(bond.asker, "Invite", {"State": "declined"}))
            self.note(bond.asker, "them", "declined", bond.asked)
            self.asking[bond.asker, bond.asked] = "declined", bond.lapses
            bond.state = "told"
        return tuple(told)

    def pause(self, user: str, of: str) -> None:
        times = self.pauses.get((user, of), (None, 0))[1]
        spans = [timedelta(days=days) for days in (7, 30, 180)]
        self.pauses[user, of] = self.now + spans[times] if times < 3 else FOR_EVER, times + 1

    def begin(self, bond: Bond, me: str, how: str) -> Outcome:
        """Both have said yes. The session's id is written into the bond by whoever sees it."""
        other = bond.asked if bond.asker == me else bond.asker
        shown = bond.state in SHOWN and self.is_open(bond)
        told = [Told(bond.asked, "Resolved", {"Result": "accepted"})] if shown else []
        for user in (me, other):
            if bond.session and self.shown_again(user, bond.session):
                told.append(Told(user, "Settings", {"SessionID": bond.session, "Hidden": False}))
            told.append(Told(user, "Session", {}))
        for pair in ((me, other), (other, me)):
            self.pauses.pop(pair, None)
            self.asking.pop(pair, None)
        bond.state = "active"
        self.note(me, "me", "accepted", other, how)
        self.note(other, "them", "accepted", me, how)
        return Outcome("begun", told=tuple(told), bond=bond)

    # ------------------------------------------------------------------------------------------------ blocks, closing

    def look_up(self, me: str, other: str | None) -> Outcome | None:
        """Whom a block is about: somebody whom one has had nothing to do with is looked up."""
        if other == me:
            return Outcome("self", "Username")
        bond = self.between(me, other) if other else None
        if not ((bond and bond.session) or any(entry.other == other for entry in self.ledgers[me] if other)):
            if (wait := self.lacks(me, "lookups", self.limits.lookups)) > 0:
                return Outcome("slow_down", wait=wait)
            self.take(me, "lookups", self.limits.lookups, 1 if other else 2)
        return None if other else Outcome("user_not_found", "Username")

    def block(self, me: str, other: str | None) -> Outcome:
        if refused := self.look_up(me, other):
            return refused
        assert other is not None
        if other in self.gone and (me, other) not in self.blocks:
            return Outcome("user_not_found", "Username")
        if (me, other) in self.blocks:
            return NOTHING
        self.blocks.add((me, other))
        self.note(me, "me", "blocked", other)
        told: tuple[Told, ...] = (Told(me, "Blocked", {"Blocked": True}),)
        bond = self.between(me, other)
        if bond and bond.state == "active":
            told += self.shut(bond, me)
        elif bond and self.is_open(bond) and bond.asker == me:
            told += self.take_back(bond)
        elif bond and self.is_open(bond):
            told += (Told(me, "Resolved", {"Result": "blocked"}),) * (bond.state in SHOWN)
            bond.state = "shadow"
        return Outcome("nothing", told=told)

    def unblock(self, me: str, other: str | None) -> Outcome:
        if refused := self.look_up(me, other):
            return refused
        assert other is not None
        if (me, other) not in self.blocks:
            return NOTHING
        if (wait := self.lacks(me, "changes", self.limits.changes)) > 0:
            return Outcome("slow_down", wait=wait)
        self.take(me, "changes", self.limits.changes)
        self.blocks.remove((me, other))
        self.note(me, "me", "unblocked", other)
        return Outcome("nothing", told=(Told(me, "Blocked", {"Blocked": False}),))

    def close(self, me: str, session: str) -> Outcome:
        bond = next((b for pair, b in self.bonds.items() if b.session == session and me in pair), None)
        if bond is None:
            return Outcome("not_found", "SessionID")
        return Outcome("nothing", told=self.shut(bond, me)) if bond.state == "active" else NOTHING

    def shut(self, bond: Bond, me: str) -> tuple[Told, ...]:
        other = bond.asked if bond.asker == me else bond.asker
        bond.state = "closed"
        self.closed[frozenset((me, other))] = self.now
        self.note(me, "me", "closed", other)
        self.note(other, "them", "closed", me)
        return tuple(Told(user, "Closed", {"SessionID": bond.session}) for user in (me, other))

    # --------------------------------------------------------------------------------------------------------- links

    def make_link(self, me: str) -> Outcome:
        mine = self.links_of(me)
        if len(mine) >= self.limits.links:
            first = min(link.lapses for link in mine)
            return Outcome("slow_down", wait=ceil((first - self.now).total_seconds()))
        if (wait := self.lacks(me, "changes", self.limits.changes)) > 0:
            return Outcome("slow_down", wait=wait)
        self.take(me, "changes", self.limits.changes)
        self.note(me, "me", "linked", None)
        return Outcome("link", told=(Told(me, "Linked", {"State": "open"}),))

    def unlink(self, me: str, link: Link | None) -> Outcome:
        if link is None or link.maker != me:
            return Outcome("not_found", "Link")
        if link.state != "open":
            return NOTHING
        link.state = "revoked"
        self.note(me, "me", "unlinked", None)
        return Outcome("nothing", told=(Told(me, "Linked", {"State": "revoked"}),))

    def redeem(self, me: str, link: Link | None) -> Outcome:
        if link and link.maker == me:
            return Outcome("self", "Link")
        if link is None or not self.opens(link, me):
            return Outcome("gone", "Link")
        bond = self.between(me, link.maker)
        if bond and bond.state == "active":
            return Outcome("again", bond=bond)
        if link.used_by:
            return Outcome("gone", "Link")
        link.state, link.used_by = "used", me
        if bond is None:
            bond = self.bonds[frozenset((me, link.maker))] = Bond(link.maker, me, self.now, 1)
        begun = self.begin(bond, me, "link")
        return begun._replace(told=(Told(link.maker, "Linked", {"State": "used"}), *begun.told))

    def opens(self, link: Link, me: str) -> bool:
        blocked = {(me, link.maker), (link.maker, me)} & self.blocks
        older = link.made < self.closed.get(frozenset((me, link.maker)), LONG_AGO)
        wanted = self.who_may(link.maker) != "nobody" and not older
        return (self.lives(link) or link.used_by == me) and wanted and not blocked

    # ------------------------------------------------------------------------------------------------------- leaving

    def leave(self, me: str) -> tuple[Told, ...]:
        """Somebody deletes the account."""
        told: tuple[Told, ...] = ()
        for pair, bond in self.bonds.items():
            if me not in pair:
                continue
            was_active = bond.state == "active"
            if was_active:
                told += self.shut(bond, me)
            elif bond.asker == me and self.is_open(bond):
                told += self.take_back(bond)
            if bond.session and not was_active:
                told += tuple(Told(user, "Closed", {"SessionID": bond.session}) for user in pair)
        self.gone.add(me)
        self.blocks = {block for block in self.blocks if block[0] != me}
        self.pauses = {pair: pause for pair, pause in self.pauses.items() if me not in pair}
        self.links = {secret: link for secret, link in self.links.items() if link.maker != me}
        self.full = {key: full for key, full in self.full.items() if key[0] not in (me, "hidden " + me)}
        self.ledgers.pop(me, None)
        return told

    def note(
        self, user: str, by: str, did: str, other: str | None, how: str | None = None, note: str | None = None
    ) -> None:
        if user not in self.gone:
            self.ledgers[user].append(Entry(by, did, other, how, note))
