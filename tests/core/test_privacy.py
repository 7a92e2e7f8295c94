"""A no cannot be told from silence: whatever became of an invitation, the asker sees the same bytes, and each of the
asker's acts costs the same statements.

1. Here the rules alone are asked, in memory; over real sockets it is tests/server/test_privacy.py.
2. Each check is made to fail: by rules that spare themselves what nobody will see, and by rules that talk.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import apsw
import pytest

from parlour import protocol
from parlour.core import budgets, export, filters, invitations, ledger
from parlour.core.dispatch import Answer, Context, Refused
from parlour.core.invitations import pop_ups
from parlour.core.pairs import OPEN, Pair, inbox
from parlour.core.presence import Presence
from parlour.core.settings import takes_invitations
from tests.branches import ASKED, ASKER, BRANCHES, CROWD, LIMITS, NEVER_OPENED, Branch, Json, play
from tests.core.world import Person, Ran, World


class Seen(NamedTuple):
    """All that reached the asker, and all statements of what the asker did; act by act."""

    trace: list[tuple[str, Any]]
    statements: list[tuple[str, list[str]]]


class Asker:
    """Nanda, by the rules alone."""

    def __init__(self, world: World, person: Person) -> None:
        self.world, self.person = world, person
        self.seen = Seen([], [])
        self._kept: list[str] | None = None
        world.database.writer.exec_trace = self._trace

    def _trace(self, _: apsw.Cursor, text: str, __: Any) -> bool:
        if self._kept is not None:
            self._kept.append(text)
        return True

    @contextmanager
    def act(self, what: str) -> Iterator[None]:
        self._kept = []
        yield
        self.seen.statements.append((what, self._kept))
        self._kept = None

    def told(self, what: str, ran: Ran) -> None:
        """What goes to the asker's connections: events, whoever made them, and signals."""
        events = [(one.number, one.kind, one.frame) for one in ran.published if one.stream == self.person.user_id]
        self.seen.trace.append((what, events))

    async def say(self, frame: Json) -> None:
        with self.act(str(frame)):
            outcome = self.person.say(**frame).outcome
        self.seen.trace.append(("answer", answer_of(outcome)))

    say_core = call = say

    async def look(self) -> None:
        person, now = self.person, self.world.stamp
        with self.act("look"):
            seen = [person.snapshot_bytes(), protocol.encode(person.load())]
            seen.append(protocol.encode(self.world.read(lambda tx: ledger.ledger(tx, person.caller, now))))
            seen.append(protocol.encode(self.world.read(lambda tx: export.begin(tx, person.caller, now, now))))
        self.seen.trace.append(("look", seen))

    async def come_back(self) -> None:
        user_id, now = self.person.user_id, self.world.stamp
        with self.act("come back"):
            resumed = [one.frame for one in self.world.stream(user_id)]
            core = self.world.read(lambda tx: pop_ups(tx, user_id, now))
        self.seen.trace.append(("come back", resumed + core))


def answer_of(outcome: Answer | Refused) -> bytes:
    """All that one is told of a request, over any door."""
    if isinstance(outcome, Refused):
        return protocol.encode(protocol.error(outcome.code, "ref", outcome.field, outcome.retry_after))
    return protocol.encode(outcome.result) + (outcome.repeat or b"") + (outcome.instead or b"")


class Stage:
    """A world with the people of the story."""

    def __init__(self) -> None:
        self.world = World()
        self.world.limits = LIMITS
        self.people = {name: self.world.person(name) for name in (ASKER, ASKED, *CROWD)}
        for name in (ASKER, ASKED):
            self.world.run(Presence(self.people[name].user_id, "Online"))
        self.nanda = Asker(self.world, self.people[ASKER])
        self.world.watchers.append(lambda ran: self.nanda.told("event", ran))

    async def do(self, who: str, frame: Json) -> None:
        ran = self.people[who].say(**frame)
        assert isinstance(ran.outcome, Answer), (who, frame, ran.outcome)
        [(what, events)] = [self.nanda.seen.trace.pop()]
        if events:  # What somebody else does is an act of no asker's: it must bring nothing.
            self.nanda.seen.trace.append((what, events))

    def later(self, days: float) -> None:
        self.world.later(days=days)


def seen_by_asker(branch: Branch) -> Seen:
    """The whole story of a branch, as the asker sees it."""
    stage = Stage()
    asyncio.run(play(stage, branch))
    stage.nanda.world.database.writer.exec_trace = None
    stage.world.close()
    return stage.nanda.seen


@pytest.fixture(scope="module")
def silence() -> Seen:
    """What is seen where the other one never opens it."""
    return seen_by_asker(NEVER_OPENED)


@pytest.mark.parametrize("branch", BRANCHES)
def test_the_asker_sees_what_silence_looks_like(silence: Seen, branch: str) -> None:
    assert seen_by_asker(BRANCHES[branch]).trace == silence.trace


@pytest.mark.parametrize("branch", BRANCHES)
def test_every_act_of_the_asker_costs_what_it_costs_in_silence(silence: Seen, branch: str) -> None:
    assert seen_by_asker(BRANCHES[branch]).statements == silence.statements


def test_the_story_is_worth_comparing(silence: Seen) -> None:
    """It reaches what it is about: every budget, every refusal, the lapse; and statements are really heard."""
    told = [part for what, part in silence.trace if what == "answer"]
    waits = {part for part in told if b"RetryAfter" in part}
    assert len(waits) == 3, "one for each budget"
    for code in (b"no_invitation", b"user_not_found", b"gone"):
        assert any(code in part for part in told)
    assert len({part for part in told if b'"sent"' in part}) == 4 + len(CROWD), "four dates with Winston's name"
    asked = next(statements for what, statements in silence.statements if "It is me." in what)
    for table in ("Pairs", "Askings", "Blocks", "Pauses", "Settings", "Budgets", "Events", "Ledger"):
        assert any(table in statement for statement in asked)


@pytest.mark.parametrize(
    ("branch", "state"),
    [
        ("a silent no", "declined"),
        ("blocked before", "shadow"),
        ("blocked after", "shadow"),
        ("a no, then blocked", "shadow"),
        ("takes none", "shadow"),
        ("takes none from now on", "pending"),
        ("takes links alone", "shadow"),
        ("paused", "shadow"),
        ("held: the box is full", "held"),
        ("held: too many alerts", "held"),
        (None, "pending"),
    ],
)
def test_a_branch_is_what_it_says(branch: str | None, state: str) -> None:
    """When Nanda first looks, this is true."""
    found: list[str] = []

    async def look(self: Asker) -> None:
        pairs = self.world.read(lambda tx: tx.find(Pair, {"Asker": self.person.user_id}, order="Rev"))
        found.append(pairs[0].State)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Asker, "look", look)
        seen_by_asker(BRANCHES[branch] if branch else NEVER_OPENED)
    assert found[0] == state


def test_what_nobody_reads_goes_with_the_account(world: World) -> None:
    nanda, winston = world.people("Nanda", "Winston")
    winston.say(type="Block", Username="Nanda")
    nanda.say(type="Search", Username="Winston", Note="It is me.")
    assert _kept_under(world, f"~{winston.user_id}") == (1, 1)
    winston.leave_for_good()
    for name in (winston.user_id, f"~{winston.user_id}"):
        assert _kept_under(world, name) == (0, 0)


def _kept_under(world: World, name: str) -> tuple[int, int]:
    """Lines of the ledger, and budgets."""
    lines, spent = (
        world.read(lambda tx, record=record: tx.count(record, {"UserID": name}))  # type: ignore[misc]
        for record in (ledger.Line, budgets.Budget)
    )
    return lines, spent


# ------------------------------------------------------------------------------------------------ rules that are wrong

_emit, _take, _spend_if, _theirs, _decline = (
    Context.emit, budgets._take, budgets.spend_if, ledger.theirs, invitations._decline,
)  # fmt: skip
_hidden, _numbers = "~", itertools.count(1_000)


def emits_nothing(patch: pytest.MonkeyPatch) -> None:
    """What nobody reads is not written."""

    def emit(self: Context, stream: str, frame: Any, kind: str | None = None) -> int:
        return next(_numbers) if stream.startswith(_hidden) else _emit(self, stream, frame, kind)

    patch.setattr(Context, "emit", emit)


def spends_no_alert(patch: pytest.MonkeyPatch) -> None:
    """A shadow costs no alert."""

    def spend_if(context: Context, wanted: bool, user_id: str, *more: Any) -> bool:
        return user_id.startswith(_hidden) or _spend_if(context, wanted, user_id, *more)

    patch.setattr(budgets, "spend_if", spend_if)


def writes_no_line(patch: pytest.MonkeyPatch) -> None:
    """A shadow stands in nobody's ledger."""

    def theirs(context: Context, user_id: str, seq: int, did: Any, other: str, how: Any = None) -> Any:
        if user_id.startswith(_hidden):
            return ledger.Line(user_id, seq, context.stamp, 0, did, other, how)
        return _theirs(context, user_id, seq, did, other, how)

    patch.setattr(ledger, "theirs", theirs)


def looks_no_further(patch: pytest.MonkeyPatch) -> None:
    """The first reason is enough."""

    def holds_back(tx: Any, user_id: str, of: str, now: str, shared: bool) -> bool:
        pause = tx.get(filters.PAUSE, user_id, of)
        paused = pause is not None and now < pause.Until
        return paused or filters.blocks(tx, user_id, of) or not takes_invitations(tx, user_id, shared)

    patch.setattr(filters, "holds_back", holds_back)


def writes_what_is_spent(patch: pytest.MonkeyPatch) -> None:
    """A budget of which nothing is taken is not written."""

    def take(context: Context, user_id: str, kind: str, rate: Any, cost: int) -> None:
        if cost:
            _take(context, user_id, kind, rate, cost)

    patch.setattr(budgets, "_take", take)


def takes_a_shadow_back_for_nothing(patch: pytest.MonkeyPatch) -> None:
    """Nobody has a pop-up to close."""

    def resolve(context: Context, pair: Pair, result: Any) -> int:
        name = invitations._user(context.tx, pair.Asker).Username
        frame = protocol.Resolved(UserName=name, Result=result)
        return next(_numbers) if pair.State in ("shadow", "declined") else context.emit(inbox(pair), frame)

    patch.setattr(invitations, "resolve", resolve)


def tells_the_asker(patch: pytest.MonkeyPatch) -> None:
    """That it is over goes to whoever asked."""
    patch.setattr(invitations, "inbox", lambda pair: pair.Asker)


def tells_every_no(patch: pytest.MonkeyPatch) -> None:
    """A no is told without being asked to."""
    patch.setattr(invitations, "_decline", lambda context, pair, told: _decline(context, pair, True))


def frees_a_place(patch: pytest.MonkeyPatch) -> None:
    """A shadow does not count as open."""
    patch.setattr(invitations, "OPEN", tuple(state for state in OPEN if state != "shadow"))


def refuses_the_blocked(patch: pytest.MonkeyPatch) -> None:
    """Who is held back is told that there is nobody."""
    _state = invitations._state_of_new

    def state_of_new(context: Context, other: str, pair: Pair | None) -> Any:
        if (state := _state(context, other, pair)) == "shadow":
            raise Refused("user_not_found", "Username")
        return state

    patch.setattr(invitations, "_state_of_new", state_of_new)


@pytest.mark.full
@pytest.mark.parametrize(
    ("wrong", "branch", "part"),
    [
        (emits_nothing, "blocked before", "statements"),
        (emits_nothing, "blocked after", "statements"),
        (spends_no_alert, "takes none", "statements"),
        (writes_no_line, "paused", "statements"),
        (writes_no_line, "blocked after", "statements"),
        (looks_no_further, "blocked before", "statements"),
        (looks_no_further, "paused", "statements"),
        (writes_what_is_spent, "held: the box is full", "statements"),
        (writes_what_is_spent, "held: too many alerts", "statements"),
        (takes_a_shadow_back_for_nothing, "a silent no", "statements"),
        (takes_a_shadow_back_for_nothing, "takes none", "statements"),
        (tells_the_asker, "a silent no", "trace"),
        (tells_the_asker, "blocked after", "trace"),
        (tells_every_no, "a silent no", "trace"),
        (frees_a_place, "a silent no", "trace"),
        (refuses_the_blocked, "blocked before", "trace"),
        (refuses_the_blocked, "paused", "trace"),
    ],
)
def test_rules_that_are_wrong_are_noticed(
    monkeypatch: pytest.MonkeyPatch, wrong: Callable[[pytest.MonkeyPatch], None], branch: str, part: str
) -> None:
    wrong(monkeypatch)
    silent, told = seen_by_asker(NEVER_OPENED), seen_by_asker(BRANCHES[branch])
    assert getattr(told, part) != getattr(silent, part)
