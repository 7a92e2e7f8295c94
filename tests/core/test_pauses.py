"""Pauses: after a no one is not asked again for a while; whoever said no may begin at any time."""

from __future__ import annotations

import pytest

from parlour import protocol
from parlour.core.filters import Pause
from tests.core.world import DAY, MOMENT, Person, Ran, World

FORTNIGHT = 14 * DAY
SPANS = (7 * DAY, 30 * DAY, 180 * DAY)


@pytest.fixture
def two(world: World) -> tuple[Person, Person]:
    """Nanda, who asks, and Winston, who says no."""
    nanda, winston = world.people("nanda", "winston")
    return nanda, winston


def reaches(ran: Ran, person: Person) -> bool:
    """Whether an asking is shown to whoever is asked. In any case it is sent."""
    assert ran.result.State == "sent"
    return bool(ran.to(person.user_id))


def say_no(nanda: Person, winston: Person, times: int) -> None:
    """So many invitations, each of which is rejected on its last day; then time passes until the pause is over."""
    for number in range(times):
        assert reaches(nanda.invite("winston"), winston)
        nanda.world.later(FORTNIGHT - MOMENT)
        winston.reject("nanda")
        nanda.world.later(SPANS[number])


@pytest.mark.parametrize("times", [0, 1, 2])
@pytest.mark.parametrize("over", [True, False])
def test_each_no_is_a_longer_pause(world: World, two: tuple[Person, Person], times: int, over: bool) -> None:
    nanda, winston = two
    say_no(nanda, winston, times)
    nanda.invite("winston")
    winston.tell_no("nanda")
    world.later(SPANS[times] - (not over) * MOMENT)
    assert reaches(nanda.invite("winston"), winston) == over


def test_after_the_third_pause_a_no_is_for_ever(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    say_no(nanda, winston, 3)
    assert reaches(nanda.invite("winston"), winston)
    winston.reject("nanda")
    for _ in range(20):
        world.later(365 * DAY)
        assert not reaches(nanda.invite("winston"), winston)
    assert winston.snapshot()["Me"]["Invitations"] == []


@pytest.mark.parametrize("no", ["reject", "tell_no"])
def test_a_no_that_is_told_is_a_pause_too(world: World, two: tuple[Person, Person], no: str) -> None:
    nanda, winston = two
    nanda.invite("winston")
    getattr(winston, no)("nanda")
    nanda.cancel("winston")
    assert not reaches(nanda.invite("winston"), winston)


def test_a_no_that_is_repeated_or_told_later_is_one(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("winston")
    for _ in range(3):
        winston.reject("nanda")
    world.later(DAY)
    winston.tell_no("nanda")
    [pause] = world.read(lambda tx: tx.find(Pause, {}))
    assert pause.Times == 1
    world.later(6 * DAY)
    assert reaches(nanda.invite("winston"), winston)


def test_taking_it_back_does_not_get_round_a_pause(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("winston")
    winston.reject("nanda")
    for _ in range(3):
        nanda.cancel("winston")
        assert not reaches(nanda.invite("winston"), winston)


def test_it_holds_for_who_was_refused_and_not_for_who_refused(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("winston")
    winston.tell_no("nanda")
    assert reaches(winston.invite("nanda"), nanda)


def test_it_concerns_nobody_else(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    chika = world.person("chika")
    nanda.invite("winston")
    winston.reject("nanda")
    assert reaches(chika.invite("winston"), winston)
    assert reaches(nanda.invite("chika"), chika)


@pytest.mark.parametrize("how", ["undone", "asked back", "link"])
def test_a_yes_ends_it_and_the_next_no_is_the_first_again(world: World, two: tuple[Person, Person], how: str) -> None:
    nanda, winston = two
    say_no(nanda, winston, 2)
    nanda.invite("winston")
    winston.reject("nanda")
    ran = {
        "undone": lambda: winston.accept("nanda"),
        "asked back": lambda: winston.invite("nanda"),
        "link": lambda: nanda.redeem(winston.link()),
    }[how]()
    assert isinstance(ran.result, protocol.Begun)
    nanda.close(ran.result.SessionID)
    assert reaches(nanda.invite("winston"), winston)
    winston.tell_no("nanda")
    world.later(7 * DAY)
    assert reaches(nanda.invite("winston"), winston)


def test_both_can_be_paused_at_once(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("winston")
    winston.tell_no("nanda")
    winston.invite("nanda")
    nanda.tell_no("winston")
    assert not reaches(nanda.invite("winston"), winston)
    nanda.cancel("winston")
    assert not reaches(winston.invite("nanda"), nanda)
    assert isinstance(nanda.invite("winston").result, protocol.Begun)


@pytest.mark.parametrize("who", [0, 1])
def test_it_goes_with_either_account(world: World, two: tuple[Person, Person], who: int) -> None:
    nanda, winston = two
    nanda.invite("winston")
    winston.reject("nanda")
    two[who].leave_for_good()
    assert world.read(lambda tx: tx.count(Pause, {})) == 0
