"""Pop-ups: what comes with an invitation, which of them are quiet, and what a core socket begins with."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from parlour.core.invitations import POP_UPS, QUIET, pop_ups
from parlour.core.limits import OFF
from tests.core.world import DAY, Json, Person, World


@pytest.fixture
def two(world: World) -> tuple[Person, Person]:
    nanda, winston = world.people("nanda", "winston")
    return nanda, winston


def quietly(world: World) -> None:
    """Whatever is asked from now on is held."""
    world.limits = msgspec.structs.replace(OFF, requests=0)


def begins_with(person: Person) -> list[Json]:
    world = person.world
    return [msgspec.json.decode(frame) for frame in world.read(lambda tx: pop_ups(tx, person.user_id, world.stamp))]


# --------------------------------------------------------------------------------------------------------------- notes


NOTES = [
    "from the choir",
    " x ",
    "<b>hi</b>",
    "https://example.org",
    "line\nline",
    "🦉" * 140,
    "x" * 140,
    "\u202eolleh",
]


@pytest.mark.parametrize("note", NOTES)
def test_a_note_comes_with_the_invitation_as_it_was_written(two: tuple[Person, Person], note: str) -> None:
    nanda, winston = two
    ran = nanda.invite("winston", note)
    assert ran.to(winston.user_id)[0]["Note"] == note
    assert winston.snapshot()["Me"]["Invitations"][0]["Note"] == note
    assert begins_with(winston)[0]["Note"] == note
    assert "Note" not in ran.to(nanda.user_id)[0]


@pytest.mark.parametrize("note", ["", " ", "\n\t", "\u200b", "\u3164\u2800"])
def test_a_note_that_shows_nothing_is_refused(two: tuple[Person, Person], note: str) -> None:
    nanda, winston = two
    assert nanda.invite("winston", note).refusal == ("empty", "Note")
    assert winston.snapshot()["Me"]["Invitations"] == []


@pytest.mark.parametrize("note", ["x" * 141, "🦉" * 141, 5, ["x"]])
def test_what_is_longer_or_no_text_is_refused_by_the_wire(two: tuple[Person, Person], note: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        two[0].invite("winston", note)


def test_without_one_there_is_none(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    assert "Note" not in nanda.invite("winston").to(winston.user_id)[0]


def test_asking_again_does_not_change_it_and_asking_anew_does(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("winston", "first")
    assert nanda.invite("winston", "second").published == []
    assert [one["Note"] for one in winston.snapshot()["Me"]["Invitations"]] == ["first"]
    nanda.cancel("winston")
    nanda.invite("winston")
    assert ["Note" in one for one in winston.snapshot()["Me"]["Invitations"]] == [False]
    world.later(14 * DAY)
    assert nanda.invite("winston", "third").to(winston.user_id)[0]["Note"] == "third"


# --------------------------------------------------------------------------------------------------------------- quiet


def test_what_is_held_makes_no_pop_up_and_is_listed(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    quietly(world)
    ran = nanda.invite("winston", "hello")
    assert ran.kinds()[1] == (winston.user_id, QUIET)
    [frame] = ran.to(winston.user_id)
    assert (frame["type"], frame["UserName"], frame["Quiet"]) == ("Search", "nanda", True)
    [listed] = winston.snapshot()["Me"]["Invitations"]
    assert listed == {name: value for name, value in frame.items() if name != "type"}


def test_asking_it_again_makes_no_pop_up_either(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    quietly(world)
    nanda.invite("winston")
    world.limits = OFF
    assert nanda.invite("winston").published == []
    assert winston.snapshot()["Me"]["Invitations"][0]["Quiet"]


@pytest.mark.parametrize("result", ["accepted", "declined", "cancelled", "blocked"])
def test_it_ends_like_any_other(world: World, two: tuple[Person, Person], result: str) -> None:
    nanda, winston = two
    quietly(world)
    nanda.invite("winston")
    acts = {
        "accepted": lambda: winston.accept("nanda"),
        "declined": lambda: winston.reject("nanda"),
        "cancelled": lambda: nanda.cancel("winston"),
        "blocked": lambda: winston.block("nanda"),
    }
    frames = acts[result]().to(winston.user_id)
    assert [frame["Result"] for frame in frames if frame["type"] == "Resolved"] == [result]
    assert winston.snapshot()["Me"]["Invitations"] == []


# -------------------------------------------------------------------------------------------------- where a core begins


def test_a_core_socket_begins_with_so_many_at_most(world: World) -> None:
    winston = world.person("winston")
    for number in range(POP_UPS + 2):
        world.stranger(f"one{number}").invite("winston")
    assert POP_UPS == 50
    assert [frame["UserName"] for frame in begins_with(winston)] == [f"one{number}" for number in range(POP_UPS)]


def test_what_is_held_comes_last_and_without_a_word_of_it(world: World) -> None:
    winston = world.person("winston")
    quietly(world)
    for name in ("amy", "ben"):
        world.stranger(name).invite("winston")
    world.limits = OFF
    for name in ("cid", "dan"):
        world.stranger(name).invite("winston")
    frames = begins_with(winston)
    assert [frame["UserName"] for frame in frames] == ["cid", "dan", "amy", "ben"]
    assert not any("Quiet" in frame for frame in frames)
    assert [one["UserName"] for one in winston.snapshot()["Me"]["Invitations"]] == ["amy", "ben", "cid", "dan"]


def test_what_is_answered_hidden_or_over_is_not_among_them(world: World) -> None:
    winston = world.person("winston")
    askers = world.people("amy", "ben", "cid", "dan", "eve")
    for asker in askers[:4]:
        asker.invite("winston")
    winston.reject("amy")
    winston.block("ben")
    askers[2].cancel("winston")
    winston.choose(WhoMayInvite="nobody")
    askers[4].invite("winston")
    assert [frame["UserName"] for frame in begins_with(winston)] == ["dan"]
    world.later(14 * DAY)
    assert begins_with(winston) == []
