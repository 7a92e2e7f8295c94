"""Every sequence of three commands: two people, two devices each, and all that they can do to each other.

1. From where nothing has happened, every sequence of up to three; from every other beginning, of up to two.
2. After each step: it led where the table says; on every device both people see what a fresh snapshot shows; nothing
   can be said without a yes; the same command from the other device gives the same answer and no second event.
3. A command that writes nothing leads back to where it was, so what would follow it is what follows without it.
4. The matrix at the end of the run tells how often each command met each state, from each side. No cell is empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import NamedTuple, TypeVar, get_args

import msgspec
import pytest

from parlour import protocol
from parlour.core.dispatch import Answer, Caller, Refused
from parlour.core.filters import BLOCK, holds_back
from parlour.core.limits import OFF, Rate
from parlour.core.links import Link
from parlour.core.pairs import COMMANDS, OPEN, PAIR, Pair, Seen, Side, next_of, seen
from parlour.core.ports import Tx
from parlour.core.sessions import Session
from parlour.store.sqlite import Transaction
from tests.core.device import Device, Json, known_of
from tests.core.world import Person, Ran, World

pytestmark = pytest.mark.full

T = TypeVar("T")
FINAL = ("accepted", "cancelled", "blocked")
SIGNALS = ("Status", "Mark", "Typing")
SEEN: tuple[Seen, ...] = get_args(Seen)
PEOPLE = ("search", "accept", "decline", "tell", "cancel", "block", "unblock", "close", "redeem", "unlink")
LETTERS = [*((command, who) for command in PEOPLE for who in (0, 1)), ("lapse", 0)]
SIGHT: dict[Seen, tuple[str | None, str | None]] = {
    "none": (None, None),
    "pending": ("sent", "listed"),
    "held": ("sent", "listed quietly"),
    "shadow": ("sent", None),
    "declined": ("sent", None),
    "told": ("declined", None),
    "cancelled": (None, None),
    "expired": ("sent", None),
    "active": (None, None),
    "closed": (None, None),
}
"""What the asker and the one who was asked see. An asking that lapsed is listed for as long again: "no answer"."""


class Undoable(World):
    """A world in which everything can be undone: all of it is one transaction, and what is tried a savepoint."""

    def begin(self) -> None:
        self.database.writer.execute("BEGIN")

    def write(self, work: Callable[[Tx], T]) -> T:
        tx = Transaction(self.database.writer, self.database.plan)
        result = work(tx)
        tx.flush()
        return result

    def read(self, work: Callable[[Tx], T]) -> T:
        return work(Transaction(self.database.writer, self.database.plan))

    @property
    def changes(self) -> int:
        """How many rows have been written, ever."""
        return self.database.writer.total_changes()

    @contextmanager
    def undone(self) -> Iterator[None]:
        moment, made = self.clock.moment, self.clock._made
        self.database.writer.execute("SAVEPOINT here")
        try:
            yield
        finally:
            self.database.writer.execute("ROLLBACK TO here; RELEASE here")
            self.clock.moment, self.clock._made = moment, made


class Facts(NamedTuple):
    """What is true between the two."""

    pair: Pair | None
    blocks: tuple[bool, bool]
    held_back: tuple[bool, bool]
    links: tuple[Link, Link]


class Place(NamedTuple):
    """Where a sequence has led: what is true, what each live device knows, and all that each stream has told."""

    path: str
    facts: Facts
    live: tuple[Device, Device]
    told: tuple[list[Json], list[Json]]


class Walk:
    """Two people at a beginning, and everything that they can do from there."""

    def __init__(self, beginning: Callable[[World, Person, Person], None]) -> None:
        self.world, self.met, self.steps = Undoable(), Counter[tuple[str, Side, Seen]](), 0
        self.people = tuple(self.world.people("Nanda", "Winston"))
        for person in self.people:
            person.be("Online")
        beginning(self.world, *self.people)
        self.secrets = [str(person.say(type="Link").result.Link) for person in self.people]
        self.devices = [self._devices(person) for person in self.people]
        self.frames = {letter: self._frame(*letter) for letter in LETTERS if letter[0] not in ("close", "lapse")}
        self.ids = sorted(person.user_id for person in self.people)
        self.away = [Device(known_of(person.snapshot())) for person in self.people]
        self.world.begin()
        self.start = Place("", self.facts(), (self.away[0].twin(), self.away[1].twin()), ([], []))

    @staticmethod
    def _devices(person: Person) -> tuple[Caller, Caller]:
        first = person.caller
        person.log_in()
        return first, person.caller

    def _frame(self, command: str, who: int) -> protocol.ClientFrame:
        name, link = self.people[1 - who].name, self.secrets
        says: dict[str, Json] = {
            "search": {"type": "Search", "Username": name},
            "accept": {"type": "request", "username": name, "Accepted": 1},
            "decline": {"type": "request", "username": name, "Accepted": 0},
            "tell": {"type": "request", "username": name, "Accepted": 0, "Tell": True},
            "cancel": {"type": "Cancel", "Username": name},
            "block": {"type": "Block", "Username": name},
            "unblock": {"type": "Unblock", "Username": name},
            "redeem": {"type": "Redeem", "Link": link[1 - who]},
            "unlink": {"type": "Unlink", "Link": link[who]},
        }
        return frame_of(says[command])

    # ------------------------------------------------------------------------------------------------------- looking

    def facts(self) -> Facts:
        one, other = (person.user_id for person in self.people)

        def read(tx: Tx) -> Facts:
            links = {link.UserID: link for link in tx.find(Link, {"State": ["open", "used", "revoked"]})}
            now, pair = self.world.stamp, tx.get(PAIR, *self.ids)
            blocks = tuple(tx.get(BLOCK, *way) is not None for way in ((one, other), (other, one)))
            shared = pair is not None and pair.SessionID is not None
            held_back = tuple(holds_back(tx, *way, now, shared) for way in ((one, other), (other, one)))
            return Facts(pair, blocks, held_back, (links[one], links[other]))  # type: ignore[arg-type]

        return self.world.read(read)

    def side(self, facts: Facts, who: int) -> Side:
        return "asked" if facts.pair and facts.pair.Asked == self.people[who].user_id else "asker"

    def expected(self, facts: Facts, command: str, who: int) -> str:
        """Where the table leads; what stands in the way of a search and of a link is said beside it."""
        if command == "search" and facts.blocks[who]:
            return "you_blocked"
        if command == "close" and not (facts.pair and facts.pair.SessionID):
            return "not_found"
        if (command, self.side(facts, who)) not in COMMANDS:
            return "same"
        step = next_of(facts.pair, command, self.people[who].user_id, self.world.stamp)  # type: ignore[arg-type]
        return step if command != "redeem" or self._opens(facts, who, step) else "gone"

    def _opens(self, facts: Facts, who: int, step: str) -> bool:
        """Whether the other's link can be used: once, by one, in time, and where nobody blocks anybody."""
        link = facts.links[1 - who]
        used = link.State == "used" and step == "same"
        return (used or (link.State == "open" and self.world.stamp < link.Lapses)) and not any(facts.blocks)

    # ------------------------------------------------------------------------------------------------------- walking

    def go(self, place: Place, deep: int) -> None:
        """Try every letter from here, and from where it leads."""
        for command, who in LETTERS:
            with self.world.undone():
                there = self.try_(place, command, who)
                if deep > 1 and there:
                    self.go(there, deep - 1)

    def try_(self, place: Place, command: str, who: int) -> Place | None:
        path = f"{place.path} {command}{'' if command == 'lapse' else f' by {self.people[who].name}'}"
        self.steps += 1
        self._count(place, command, who)
        try:
            return self.step(place, command, who, path)
        except AssertionError as raised:
            raised.add_note(f"after:{path}")
            raise

    def _count(self, place: Place, command: str, who: int) -> None:
        sides: list[int] = [0, 1] if command == "lapse" else [who]
        for one in sides:
            found = seen(place.facts.pair, self.people[one].user_id, self.world.stamp)
            self.met[command, self.side(place.facts, one), found] += 1

    def step(self, place: Place, command: str, who: int, path: str) -> Place | None:
        """Where a command leads; None: nowhere, nothing was written."""
        if command == "lapse":
            self.world.later(days=protocol.INVITATION_DAYS)
            there = place._replace(path=path, facts=self.facts())
        else:
            request = self.frames.get((command, who)) or self.close(place)
            wanted = self.expected(place.facts, command, who)
            before = self.world.changes
            ran = self.world.run(request, self.devices[who][0])
            wrote = self.world.changes > before
            there = self.hear(place, ran, path) if wrote else place
            self.check_step(place.facts, there.facts, ran, wanted, who)
            self.check_consent(place.facts, there.facts, command, who)
            if not wrote:
                assert ran.published == []
                return None
            self.check_again(request, who, ran)
        self.check_devices(there)
        self.check_results(there)
        self.check_saying(there)
        return there

    def close(self, place: Place) -> protocol.Close:
        pair = place.facts.pair
        return protocol.Close(SessionID=(pair and pair.SessionID) or "nowhere")

    def hear(self, place: Place, ran: Ran, path: str) -> Place:
        told: list[list[Json]] = [[], []]
        facts = self.facts()
        for n, person in enumerate(self.people):
            frames = ran.to(person.user_id)
            told[n] = [frame for frame in frames if frame["type"] not in SIGNALS]
            if len(told[n]) != len(frames):
                assert facts.pair is not None
                assert facts.pair.State == "active", "presence is told of somebody with whom there is no conversation"
        one, other = (place.live[n].twin().hear(told[n]) if told[n] else place.live[n] for n in (0, 1))
        return Place(path, facts, (one, other), (place.told[0] + told[0], place.told[1] + told[1]))

    # ------------------------------------------------------------------------------------------------------ checking

    def check_step(self, before: Facts, after: Facts, ran: Ran, wanted: str, who: int) -> None:
        """It led where the table says."""
        if wanted in protocol.CODES and wanted not in SEEN:
            assert ran.refusal[0] == wanted
        else:
            assert isinstance(ran.outcome, Answer), ran.outcome
        if wanted == "ask":
            assert after.pair is not None
            assert after.pair.Asker == self.people[who].user_id
            assert after.pair.State in (("shadow",) if before.held_back[1 - who] else ("pending", "held"))
        elif wanted in SEEN:
            assert after.pair is not None
            assert after.pair.State == wanted
        else:
            assert after.pair == before.pair
            assert ran.to(self.people[1 - who].user_id) == []

    def check_consent(self, before: Facts, after: Facts, command: str, who: int) -> None:
        """Whatever the table says: each has said yes before they talk, and only whose it is ends an asking."""
        was, now, me = before.pair, after.pair, self.people[who].user_id
        if now is None or (was and was.State == now.State):
            return
        if now.State == "active" and command == "redeem":
            assert self._opens(before, who, "active")
        elif now.State == "active":
            assert command in ("search", "accept")
            assert was is not None
            assert was.State in OPEN
            assert (was.Asked, self.world.stamp < was.Lapses) == (me, True)
        elif now.State in ("declined", "told", "shadow") and command != "search":
            assert now.Asked == me
        elif now.State == "cancelled":
            assert now.Asker == me

    def check_again(self, request: protocol.ClientFrame, who: int, first: Ran) -> None:
        """From the other device: the same answer, and nobody hears anything."""
        with self.world.undone():
            again = self.world.run(request, self.devices[who][1])
        assert again.published == []
        assert _said(again) == _said(first)

    def check_devices(self, there: Place) -> None:
        """Live or away until now, a device shows what a fresh snapshot shows; and that is what may be seen."""
        now, pair = self.world.clock.moment, there.facts.pair
        for n, person in enumerate(self.people):
            fresh = known_of(person.snapshot())
            assert there.live[n].stands(now) == fresh
            assert self.away[n].twin().hear(there.told[n]).stands(now) == fresh
            other = self.people[1 - n]
            invitation, asking = fresh["Invitations"].get(other.name), fresh["Asking"].get(other.name)
            listed = "listed quietly" if invitation and invitation.get("Quiet") else invitation and "listed"
            sight = SIGHT[seen(pair, pair.Asker, self.world.stamp)] if pair else (None, None)
            is_asked, is_asker = (bool(pair and user == person.user_id) for user in _roles(pair))
            assert listed == (sight[1] if is_asked else None)
            if is_asker and pair and self.world.stamp < pair.Lapses:
                assert (asking and asking["State"]) == sight[0]
            else:
                assert asking is None or asking["Lapses"] <= self.world.stamp or asking["State"] == "declined"
            assert list(fresh["Sessions"].values()) == ([_state(pair)] if pair and pair.SessionID else [])
            if invitation:
                self.check_stale(other, n, invitation["Rev"])

    def check_stale(self, asker: Person, who: int, rev: int) -> None:
        """A pop-up of an earlier invitation is not a yes to this one."""
        stale = protocol.Request(username=asker.name, Accepted=1, Rev=rev - 1)
        assert self.world.run(stale, self.devices[who][1]).refusal == ("gone", "username")

    def check_results(self, there: Place) -> None:
        """Each invitation is over once; only a no may still turn into something else."""
        for n, frames in enumerate(there.told):
            results: list[str] = []
            for frame in frames:
                if frame["type"] == "Search":
                    results = []
                elif frame["type"] == "Resolved":
                    assert not results or results == ["declined"] != [frame["Result"]], (n, results, frame)
                    results = [frame["Result"]] if not results else [*results, frame["Result"]]

    def check_saying(self, there: Place) -> None:
        """Something can be said where both have said yes and nobody blocks anybody, and nowhere else."""
        pair = there.facts.pair
        assert self.world.read(lambda tx: tx.count(Pair, {})) <= 1
        assert self.world.read(lambda tx: tx.count(Session, {})) == bool(pair and pair.SessionID)
        if pair is None or pair.SessionID is None:
            return
        assert not (pair.State == "active" and any(there.facts.blocks))
        for callers in self.devices:
            body = protocol.MessageBody(data="hello")
            with self.world.undone():
                ran = self.world.run(protocol.Message(SessionID=pair.SessionID, Message=body), callers[1])
            assert isinstance(ran.outcome, Answer) == (pair.State == "active")


def frame_of(says: Json) -> protocol.ClientFrame:
    """What is said, as the wire decodes it."""
    frame: protocol.ClientFrame = msgspec.convert(says, protocol.AnyFrame)
    return frame


def _said(ran: Ran) -> bytes:
    """The answer, or the refusal."""
    outcome = ran.outcome
    if isinstance(outcome, Refused):
        return protocol.encode(protocol.error(outcome.code, None, outcome.field, outcome.retry_after))
    return protocol.encode(outcome.result)


def _roles(pair: Pair | None) -> tuple[str, str]:
    """Who was asked, and who asked."""
    return (pair.Asked, pair.Asker) if pair else ("", "")


def _state(pair: Pair) -> str:
    return "active" if pair.State == "active" else "closed"


# ----------------------------------------------------------------------------------------------------------- beginnings


def nothing(world: World, nanda: Person, winston: Person) -> None:
    """Nobody has done anything."""


def held(world: World, nanda: Person, winston: Person) -> None:
    """Nobody is shown a pop-up any more: Winston's list has it."""
    world.limits = msgspec.structs.replace(OFF, alerts=Rate(0, 1.0))
    nanda.invite("Winston")


def links_alone(world: World, nanda: Person, winston: Person) -> None:
    """Winston takes no invitations, and was sent one."""
    winston.choose(WhoMayInvite="links")
    nanda.invite("Winston")


def paused(world: World, nanda: Person, winston: Person) -> None:
    """Winston has said no; Nanda has taken it back and asks again."""
    nanda.invite("Winston")
    winston.reject("Nanda")
    nanda.say(type="Cancel", Username="Winston")
    nanda.invite("Winston")


def never_shown_and_taken_back(world: World, nanda: Person, winston: Person) -> None:
    """Nanda asked while Winston blocked her, and took it back."""
    winston.say(type="Block", Username="Nanda")
    nanda.invite("Winston")
    nanda.say(type="Cancel", Username="Winston")
    winston.say(type="Unblock", Username="Nanda")


def never_shown_and_lapsed(world: World, nanda: Person, winston: Person) -> None:
    """Nanda asked while Winston blocked her, and it lapsed."""
    winston.say(type="Block", Username="Nanda")
    nanda.invite("Winston")
    world.later(days=protocol.INVITATION_DAYS)


def declined(world: World, nanda: Person, winston: Person) -> None:
    """Winston has said no without a word."""
    nanda.invite("Winston")
    winston.reject("Nanda")


def told(world: World, nanda: Person, winston: Person) -> None:
    """Winston has said no aloud."""
    nanda.invite("Winston")
    winston.reject("Nanda", Tell=True)


def lapsed(world: World, nanda: Person, winston: Person) -> None:
    """Winston never answered."""
    nanda.invite("Winston")
    world.later(days=protocol.INVITATION_DAYS)


def met(world: World, nanda: Person, winston: Person) -> None:
    """They have a conversation."""
    nanda.meet(winston)


def parted(world: World, nanda: Person, winston: Person) -> None:
    """They had a conversation."""
    nanda.say(type="Close", SessionID=nanda.meet(winston))


BEGINNINGS = (
    nothing, held, links_alone, paused, never_shown_and_taken_back, never_shown_and_lapsed, declined, told, lapsed, met,
    parted,
)  # fmt: skip


@cache
def walked(beginning: Callable[[World, Person, Person], None]) -> tuple[Counter[tuple[str, Side, Seen]], int]:
    """What was met from here, and in how many steps."""
    walk = Walk(beginning)
    walk.go(walk.start, 3 if beginning is nothing else 2)
    walk.world.close()
    return walk.met, walk.steps


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_every_sequence_leads_where_the_table_says(beginning: Callable[[World, Person, Person], None]) -> None:
    _, steps = walked(beginning)
    assert steps > len(LETTERS) ** (2 if beginning is nothing else 1)


def test_no_cell_is_empty(report: Callable[[str], None]) -> None:
    met = sum((walked(beginning)[0] for beginning in BEGINNINGS), Counter[tuple[str, Side, Seen]]())
    sides: tuple[Side, ...] = get_args(Side)
    report(f"{'':16}" + "".join(f"{state:>10}" for state in SEEN))
    for command in (*PEOPLE, "lapse"):
        for side in sides:
            report(f"{command:9}{side:7}" + "".join(f"{met[command, side, state]:10}" for state in SEEN))
    assert [(c, s, f) for c in (*PEOPLE, "lapse") for s in sides for f in SEEN if not met[c, s, f]] == []
    assert {command for command, _ in COMMANDS} <= set(PEOPLE)
