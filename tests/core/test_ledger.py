"""The ledger of consent: each person's own, as they may see it, and never more than they were told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from parlour.core import ledger as rules
from parlour.core.ledger import Line
from tests.core.test_state import STORIES, Story
from tests.core.world import DAY, Person, World


@pytest.fixture
def two(world: World) -> tuple[Person, Person]:
    nanda, winston = world.people("nanda", "winston")
    return nanda, winston


def lines(person: Person) -> list[tuple[str, ...]]:
    """Who did what to whom, and how; the newest first."""
    return [
        tuple(line[name] for name in ("By", "Did", "UserName", "How", "Note") if name in line)
        for line in person.ledger()
    ]


def test_nothing_stands_in_it_at_first(world: World) -> None:
    assert world.person("nanda").ledger() == []


def test_a_line_says_when_and_where_it_stands_in_the_stream(world: World, two: tuple[Person, Person]) -> None:
    nanda, _ = two
    world.later(DAY)
    nanda.invite("winston", "from the choir")
    assert nanda.ledger() == [
        {
            "Seq": 1, "At": "2031-03-06T09:30:00.000Z", "By": "me", "Did": "asked", "UserName": "winston",
            "Note": "from the choir",
        }
    ]  # fmt: skip


DEEDS: dict[str, tuple[Callable[[Person, Person], Any], list[tuple[str, ...]], list[tuple[str, ...]]]] = {
    "accepted": (
        lambda nanda, winston: nanda.meet(winston),
        [("them", "accepted", "winston", "invitation"), ("me", "asked", "winston")],
        [("me", "accepted", "nanda", "invitation"), ("them", "asked", "nanda")],
    ),
    "mutual": (
        lambda nanda, winston: (nanda.invite("winston"), winston.invite("nanda")),
        [("them", "accepted", "winston", "mutual"), ("me", "asked", "winston")],
        [("me", "accepted", "nanda", "mutual"), ("them", "asked", "nanda")],
    ),
    "link": (
        lambda nanda, winston: winston.redeem(nanda.link()),
        [("them", "accepted", "winston", "link"), ("me", "linked")],
        [("me", "accepted", "nanda", "link")],
    ),
    "unlinked": (lambda nanda, winston: nanda.unlink(nanda.link()), [("me", "unlinked"), ("me", "linked")], []),
    "declined": (
        lambda nanda, winston: (nanda.invite("winston"), winston.reject("nanda")),
        [("me", "asked", "winston")],
        [("me", "declined", "nanda"), ("them", "asked", "nanda")],
    ),
    "told": (
        lambda nanda, winston: (nanda.invite("winston"), winston.tell_no("nanda")),
        [("them", "declined", "winston"), ("me", "asked", "winston")],
        [("me", "declined", "nanda"), ("them", "asked", "nanda")],
    ),
    "told later": (
        lambda nanda, winston: (nanda.invite("winston"), winston.reject("nanda"), winston.tell_no("nanda")),
        [("them", "declined", "winston"), ("me", "asked", "winston")],
        [("me", "declined", "nanda"), ("them", "asked", "nanda")],
    ),
    "cancelled": (
        lambda nanda, winston: (nanda.invite("winston"), nanda.cancel("winston")),
        [("me", "cancelled", "winston"), ("me", "asked", "winston")],
        [("them", "cancelled", "nanda"), ("them", "asked", "nanda")],
    ),
    "cancelled after a no": (
        lambda nanda, winston: (nanda.invite("winston"), winston.reject("nanda"), nanda.cancel("winston")),
        [("me", "cancelled", "winston"), ("me", "asked", "winston")],
        [("me", "declined", "nanda"), ("them", "asked", "nanda")],
    ),
    "blocked": (
        lambda nanda, winston: (nanda.invite("winston"), winston.block("nanda")),
        [("me", "asked", "winston")],
        [("me", "blocked", "nanda"), ("them", "asked", "nanda")],
    ),
    "unblocked": (
        lambda nanda, winston: (winston.block("nanda"), nanda.invite("winston"), winston.unblock("nanda")),
        [("me", "asked", "winston")],
        [("me", "unblocked", "nanda"), ("me", "blocked", "nanda")],
    ),
    "in vain": (
        lambda nanda, winston: (winston.choose(WhoMayInvite="links"), nanda.invite("winston"), nanda.cancel("winston")),
        [("me", "cancelled", "winston"), ("me", "asked", "winston")],
        [],
    ),
    "closed": (
        lambda nanda, winston: nanda.close(nanda.meet(winston)),
        [("me", "closed", "winston"), ("them", "accepted", "winston", "invitation"), ("me", "asked", "winston")],
        [("them", "closed", "nanda"), ("me", "accepted", "nanda", "invitation"), ("them", "asked", "nanda")],
    ),
    "closed by a block": (
        lambda nanda, winston: (nanda.meet(winston), winston.block("nanda")),
        [("them", "closed", "winston"), ("them", "accepted", "winston", "invitation"), ("me", "asked", "winston")],
        [
            ("me", "closed", "nanda"), ("me", "blocked", "nanda"), ("me", "accepted", "nanda", "invitation"),
            ("them", "asked", "nanda"),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("act", "of_nanda", "of_winston"), DEEDS.values(), ids=DEEDS)
def test_each_sees_what_they_did_and_what_they_were_told(
    two: tuple[Person, Person],
    act: Callable[[Person, Person], Any],
    of_nanda: list[tuple[str, ...]],
    of_winston: list[tuple[str, ...]],
) -> None:
    nanda, winston = two
    act(nanda, winston)
    assert (lines(nanda), lines(winston)) == (of_nanda, of_winston)


def test_a_note_stays_in_the_ledger_of_who_wrote_it_alone(world: World, two: tuple[Person, Person]) -> None:
    """A stranger writes nothing that stays with whom it was written to."""
    nanda, winston = two
    nanda.invite("winston", "from the choir")
    assert lines(nanda) == [("me", "asked", "winston", "from the choir")]
    assert lines(winston) == [("them", "asked", "nanda")]
    assert world.person("chika").ledger() == []


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_every_line_stands_where_the_stream_told_it(world: World, story: Story) -> None:
    people = world.people("nanda", "winston", "chika")
    story(world, *people)
    told = {
        "asked": ("Invite", "Search"),
        "cancelled": ("Invite", "Resolved"),
        "declined": ("Resolved", "Invite"),
        "accepted": ("Session", "Session"),
        "closed": ("Closed", "Closed"),
        "blocked": ("Blocked",),
        "unblocked": ("Blocked",),
        "linked": ("Linked",),
        "unlinked": ("Linked",),
    }
    for person in people:
        frames = {frame["Seq"]: frame for frame in person.heard()}
        for line in person.ledger():
            frame = frames[line["Seq"]]
            assert frame["type"] == told[line["Did"]][line["By"] == "them"]
            names = {frame.get("UserName"), frame.get("Username"), *frame.get("Users", {}).values()}
            assert line.get("UserName") in names | {None, "Deleted account"} or frame["type"] == "Closed"


# ------------------------------------------------------------------------------------------------------------- undoing


def undoable(person: Person) -> list[str]:
    return [line["UserName"] for line in person.ledger() if line.get("Undo")]


def test_a_silent_no_can_be_undone_until_it_lapses(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("winston")
    assert undoable(winston) == []
    winston.reject("nanda")
    assert (undoable(winston), undoable(nanda)) == (["nanda"], [])
    world.later(14 * DAY)
    assert undoable(winston) == []
    assert winston.accept("nanda").refusal == ("gone", "username")


ENDS: dict[str, Callable[[Person, Person], Any]] = {
    "undone": lambda nanda, winston: winston.accept("nanda"),
    "told": lambda nanda, winston: winston.tell_no("nanda"),
    "taken back": lambda nanda, winston: nanda.cancel("winston"),
    "blocked": lambda nanda, winston: winston.block("nanda"),
    "asked back": lambda nanda, winston: winston.invite("nanda"),
    "gone": lambda nanda, winston: nanda.leave_for_good(),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_what_can_be_undone_no_more_is_not_offered(
    two: tuple[Person, Person], end: Callable[[Person, Person], Any]
) -> None:
    nanda, winston = two
    nanda.invite("winston")
    winston.reject("nanda")
    end(nanda, winston)
    assert undoable(winston) == []


def test_only_the_last_no_to_each_can_be_undone(world: World) -> None:
    winston, nanda, chika = world.people("winston", "nanda", "chika")
    for _ in range(3):
        for one in (nanda, chika):
            one.invite("winston")
            winston.reject(one.name)
        world.later(200 * DAY)
    for one in (nanda, chika):
        one.invite("winston")
    assert undoable(winston) == []
    winston.reject("nanda")
    marked = [(line["UserName"], line["At"]) for line in winston.ledger() if line.get("Undo")]
    assert marked == [("nanda", world.stamp)]


# -------------------------------------------------------------------------------------------------------------- leaving


def test_it_goes_with_its_person(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.choose(WhoMayInvite="nobody")
    winston.invite("nanda", "for nobody's eyes")
    nanda.meet(world.person("chika"))
    nanda.leave_for_good()
    left = {line.UserID for line in world.read(lambda tx: tx.find(Line, {}))}
    assert not [user_id for user_id in left if user_id.endswith(nanda.user_id)]
    assert lines(winston) == [("me", "asked", "nanda", "for nobody's eyes")]


@pytest.mark.parametrize("shared", [True, False])
def test_that_somebody_left_stands_there_where_it_was_told(two: tuple[Person, Person], shared: bool) -> None:
    nanda, winston = two
    if shared:
        winston.close(winston.meet(nanda))
    else:
        winston.invite("nanda")
    nanda.leave_for_good()
    assert {line["UserName"] for line in winston.ledger()} == {"Deleted account" if shared else "nanda"}
    told = [frame for frame in winston.heard() if frame.get("Users") == {nanda.user_id: "Deleted account"}]
    assert len(told) == shared


def test_the_newest_line_stands_first(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    winston.redeem(nanda.link())
    for _ in range(20):
        nanda.close(nanda.meet(winston))
    numbers = [line["Seq"] for line in nanda.ledger()]
    assert numbers == sorted(numbers, reverse=True)


def test_an_undo_names_the_very_invitation(two: tuple[Person, Person]) -> None:
    """What was asked anew meanwhile is not accepted by undoing an earlier no."""
    nanda, winston = two
    nanda.invite("winston")
    winston.reject("nanda")
    [line] = [one for one in winston.ledger() if one.get("Undo")]
    assert line["Rev"] == 1
    nanda.cancel("winston")
    nanda.invite("winston")
    assert winston.accept("nanda", Rev=line["Rev"]).refusal[0] in ("gone", "no_invitation")
    assert not any(one.get("Undo") for one in winston.ledger())


def test_a_long_ledger_comes_in_parts(
    world: World, two: tuple[Person, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    nanda, _winston = two
    for _ in range(4):
        nanda.block("winston")
        nanda.unblock("winston")
    whole = nanda.ledger()
    monkeypatch.setattr(rules, "LEDGER_LINES", 3)
    parts, before, more = [], None, True
    while more:
        part = world.read(lambda tx, b=before: rules.ledger(tx, nanda.caller, world.stamp, b))  # type: ignore[misc]
        parts.append([line.Seq for line in part.Ledger])
        before, more = part.Ledger[-1].Seq, part.More
    assert [len(part) for part in parts] == [3, 3, 2]
    assert [seq for part in parts for seq in part] == [line["Seq"] for line in whole]
