"""Budgets of consent: what one may ask at once, how it comes back, and whose limits are seen by whom."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from parlour.core import invitations
from parlour.core.budgets import BUDGET, Budget
from parlour.core.dispatch import Refused
from parlour.core.limits import DEFAULTS, OFF, Limits, Rate
from tests.core.world import DAY, MOMENT, Person, Ran, World

FORTNIGHT = 14 * DAY


def limited(world: World, **changes: Any) -> None:
    """These limits, and no others."""
    world.limits = msgspec.structs.replace(OFF, **changes)


def wait(ran: Ran) -> int:
    """The seconds after which one may try again."""
    assert ran.refusal == ("slow_down", None)
    assert isinstance(ran.outcome, Refused)
    assert ran.outcome.retry_after is not None
    return ran.outcome.retry_after


def crowd(world: World, count: int, prefix: str = "one") -> list[Person]:
    return [world.stranger(f"{prefix}{number}") for number in range(count)]


# ------------------------------------------------------------------------------------------------------------- look-ups


def test_so_many_names_at_once_then_one_each_while(world: World) -> None:
    limited(world, lookups=Rate(3, 120))
    nanda, winston = world.people("nanda", "winston")
    for _ in range(3):
        nanda.invite("winston")
    assert wait(nanda.invite("winston")) == 120
    world.later(seconds=100, milliseconds=500)
    assert wait(nanda.invite("winston")) == 20
    world.later(seconds=19, milliseconds=499)
    assert wait(nanda.invite("winston")) == 1
    world.later()
    assert nanda.invite("winston").result.State == "sent"
    assert wait(nanda.invite("winston")) == 120
    assert winston.invite("nanda").result.Users


def test_all_of_it_is_back_after_a_while_and_no_more(world: World) -> None:
    limited(world, lookups=Rate(3, 120))
    nanda, _ = world.people("nanda", "winston")
    for days in (0, 30):
        world.later(days=days)
        for _ in range(3):
            nanda.invite("winston")
        assert wait(nanda.invite("winston")) == 120


@pytest.mark.parametrize("name", ["nobody", "_a", "", "x" * 1000])
def test_a_name_that_nobody_has_costs_two(world: World, name: str) -> None:
    limited(world, lookups=Rate(4, 60))
    nanda, _ = world.people("nanda", "winston")
    for _ in range(2):
        assert nanda.invite(name).refusal == ("user_not_found", "Username")
    assert wait(nanda.invite("winston")) == 60


def test_the_name_of_who_is_gone_costs_two(world: World) -> None:
    limited(world, lookups=Rate(2, 60))
    nanda, winston = world.people("nanda", "winston")
    winston.leave_for_good()
    assert nanda.invite("winston").refusal == ("user_not_found", "Username")
    assert wait(nanda.invite("nobody")) == 60


def test_the_last_one_can_be_a_miss_and_is_paid_for_later(world: World) -> None:
    limited(world, lookups=Rate(1, 60))
    nanda = world.person("nanda")
    assert nanda.invite("nobody").refusal == ("user_not_found", "Username")
    assert wait(nanda.invite("nobody")) == 120


def test_what_is_refused_costs_nothing(world: World) -> None:
    limited(world, lookups=Rate(1, 60))
    nanda, _ = world.people("nanda", "winston")
    nanda.invite("winston")
    for _ in range(5):
        assert wait(nanda.invite("winston")) == 60
    for _ in range(5):
        assert nanda.invite("nanda").refusal == ("self", "Username")
        assert nanda.invite("winston", " ").refusal == ("empty", "Note")
    world.later(seconds=60)
    assert nanda.invite("winston").result.State == "sent"


def test_whether_the_name_is_there_is_not_told_once_it_is_spent(world: World) -> None:
    limited(world, lookups=Rate(1, 60))
    nanda, chika, _ = world.people("nanda", "chika", "winston")
    nanda.meet(chika)
    chika.block("winston")
    nanda.invite("chika")
    for name in ("winston", "chika", "nobody", "_a"):
        assert wait(nanda.invite(name)) == 60


def test_answering_blocking_and_taking_back_cost_nothing(world: World) -> None:
    limited(world, lookups=Rate(1, 60), invitations=Rate(1, 60))
    nanda, winston = world.people("nanda", "winston")
    nanda.invite("winston")
    nanda.cancel("winston")
    for act in (nanda.block, nanda.unblock, winston.block, winston.unblock):
        assert not isinstance(act("winston" if act.__self__ is nanda else "nanda").outcome, Refused)  # type: ignore[attr-defined]
    assert winston.invite("nanda").result.State == "sent"
    assert nanda.accept("winston").result.Users


# ---------------------------------------------------------------------------------------------------------- invitations


def test_so_many_invitations_at_once_then_one_each_while(world: World) -> None:
    limited(world, invitations=Rate(2, 2_880))
    nanda = world.person("nanda")
    others = crowd(world, 4)
    for other in others[:2]:
        nanda.invite(other.name)
    assert wait(nanda.invite(others[2].name)) == 2_880
    assert nanda.invite(others[0].name).result.State == "sent"
    world.later(seconds=2_880)
    assert nanda.invite(others[2].name).result.State == "sent"
    assert wait(nanda.invite(others[3].name)) == 2_880


def test_what_ends_in_a_conversation_needs_no_invitation_of_ones_own(world: World) -> None:
    limited(world, invitations=Rate(1, 60))
    nanda, winston, _chika = world.people("nanda", "winston", "chika")
    nanda.invite("chika")
    winston.invite("nanda")
    assert nanda.invite("winston").result.Users


def test_a_name_that_nobody_has_costs_no_invitation(world: World) -> None:
    limited(world, invitations=Rate(1, 60))
    nanda, _ = world.people("nanda", "winston")
    nanda.invite("nobody")
    assert nanda.invite("winston").result.State == "sent"


def test_taking_back_gives_no_invitation_back(world: World) -> None:
    limited(world, invitations=Rate(1, 60))
    nanda, _ = world.people("nanda", "winston")
    nanda.invite("winston")
    nanda.cancel("winston")
    assert wait(nanda.invite("winston")) == 60


def test_so_many_can_be_open_until_the_first_lapses(world: World) -> None:
    limited(world, askings=2)
    nanda = world.person("nanda")
    others = crowd(world, 3)
    nanda.invite(others[0].name)
    world.later(DAY)
    nanda.invite(others[1].name)
    assert wait(nanda.invite(others[2].name)) == 13 * 86_400
    world.later(13 * DAY - MOMENT)
    assert wait(nanda.invite(others[2].name)) == 1
    world.later()
    assert nanda.invite(others[2].name).result.State == "sent"


def test_fifty_by_default(world: World) -> None:
    world.limits = msgspec.structs.replace(OFF, askings=DEFAULTS.askings)
    nanda = world.person("nanda")
    *others, one_more = crowd(world, 51)
    for other in others:
        assert nanda.invite(other.name).result.State == "sent"
    wait(nanda.invite(one_more.name))
    nanda.cancel(others[7].name)
    assert nanda.invite(one_more.name).result.State == "sent"


@pytest.mark.parametrize("no", ["reject", "block"])
def test_a_silent_no_goes_on_occupying_its_place(world: World, no: str) -> None:
    limited(world, askings=1)
    nanda, winston, _ = world.people("nanda", "winston", "chika")
    nanda.invite("winston")
    getattr(winston, no)("nanda")
    assert wait(nanda.invite("chika")) == 14 * 86_400


@pytest.mark.parametrize("yes", ["accept", "tell_no"])
def test_an_answer_that_is_heard_gives_the_place_back(world: World, yes: str) -> None:
    limited(world, askings=1)
    nanda, winston, _ = world.people("nanda", "winston", "chika")
    nanda.invite("winston")
    getattr(winston, yes)("nanda")
    assert nanda.invite("chika").result.State == "sent"


@pytest.mark.parametrize("hidden", [True, False])
def test_when_one_may_try_again_depends_on_oneself_alone(world: World, hidden: bool) -> None:
    limited(world, invitations=Rate(1, 600), lookups=Rate(3, 600))
    nanda, winston, chika = world.people("nanda", "winston", "chika")
    if hidden:
        winston.block("nanda")
        chika.choose(WhoMayInvite="nobody")
    nanda.invite("winston")
    world.later(seconds=100)
    assert wait(nanda.invite("chika")) == 500
    world.later(seconds=100)
    nanda.invite("winston")
    assert wait(nanda.invite("winston")) == 400


# ------------------------------------------------------------------------------------------------ the receiver's limits


def shown(ran: Ran, person: Person) -> list[tuple[str, bool]]:
    """What kind of event a person is sent, and whether it makes a pop-up."""
    kinds = [kind for stream, kind in ran.kinds() if stream == person.user_id]
    return [(kind, not frame.get("Quiet", False)) for kind, frame in zip(kinds, ran.to(person.user_id), strict=True)]


def test_whoever_is_asked_by_many_is_alerted_by_some(world: World) -> None:
    limited(world, alerts=Rate(5, 1_800))
    bea = world.person("bea")
    ran = [one.invite("bea") for one in crowd(world, 7)]
    assert [shown(one, bea) for one in ran] == [[("Search", True)]] * 5 + [[("Quiet", False)]] * 2
    world.later(seconds=1_800)
    assert shown(world.stranger("later").invite("bea"), bea) == [("Search", True)]
    assert shown(world.stranger("sooner").invite("bea"), bea) == [("Quiet", False)]


def test_a_box_holds_so_many_and_the_rest_is_held(world: World) -> None:
    limited(world, requests=2)
    bea = world.person("bea")
    others = crowd(world, 4)
    ran = [one.invite("bea") for one in others[:3]]
    assert [shown(one, bea) for one in ran] == [[("Search", True)]] * 2 + [[("Quiet", False)]]
    bea.reject(others[0].name)
    assert shown(others[3].invite("bea"), bea) == [("Search", True)]


def test_what_lapsed_takes_no_place_in_a_box(world: World) -> None:
    limited(world, requests=1)
    bea = world.person("bea")
    first, second = crowd(world, 2)
    first.invite("bea")
    world.later(FORTNIGHT)
    assert shown(second.invite("bea"), bea) == [("Search", True)]


def test_what_is_held_is_listed_and_answered_like_any_other(world: World) -> None:
    limited(world, requests=0)
    nanda, winston = world.people("nanda", "winston")
    nanda.invite("winston")
    assert [one["Quiet"] for one in winston.snapshot()["Me"]["Invitations"]] == [True]
    ran = winston.accept("nanda")
    assert [frame["type"] for frame in ran.to(winston.user_id)] == ["Resolved", "Session"]


def test_whoever_is_blocked_uses_up_nobodys_alerts(world: World) -> None:
    limited(world, alerts=Rate(1, 1_800))
    bea, nanda, winston = world.people("bea", "nanda", "winston")
    bea.block("nanda")
    nanda.invite("bea")
    assert shown(winston.invite("bea"), bea) == [("Search", True)]


def test_whatever_is_held_uses_up_no_alert(world: World) -> None:
    limited(world, alerts=Rate(1, 1_800), requests=0)
    bea, nanda, winston = world.people("bea", "nanda", "winston")
    nanda.invite("bea")
    limited(world, alerts=Rate(1, 1_800))
    assert shown(winston.invite("bea"), bea) == [("Search", True)]


def test_that_it_is_held_the_asker_does_not_see(world: World) -> None:
    nanda, winston = world.people("nanda", "winston")
    seen = []
    for limits in (OFF, msgspec.structs.replace(OFF, requests=0), msgspec.structs.replace(OFF, alerts=Rate(0, 60))):
        world.limits = limits
        ran = nanda.invite("winston")
        seen.append((ran.result, [frame | {"Seq": 0} for frame in ran.to(nanda.user_id)]))
        nanda.cancel("winston")
    assert seen[0] == seen[1] == seen[2]
    assert winston.snapshot()["Me"]["Invitations"] == []


# --------------------------------------------------------------------------------------------------------------- clocks


@pytest.mark.parametrize("days", [1, 365, 3_650])
def test_a_clock_that_jumps_back_costs_a_full_budget_at_most(world: World, days: float) -> None:
    limited(world, lookups=Rate(3, 120))
    nanda, _ = world.people("nanda", "winston")
    for _ in range(3):
        nanda.invite("winston")
    world.later(days=-days)
    assert wait(nanda.invite("winston")) <= 2 * 120
    world.later(seconds=240)
    assert nanda.invite("winston").result.State == "sent"


def test_a_clock_that_jumps_on_gives_a_full_budget_and_no_more(world: World) -> None:
    limited(world, lookups=Rate(3, 120))
    nanda, _ = world.people("nanda", "winston")
    nanda.invite("winston")
    world.later(days=3_650)
    for _ in range(3):
        nanda.invite("winston")
    wait(nanda.invite("winston"))
    world.later(days=-3_650)
    assert wait(nanda.invite("winston")) <= 2 * 120


# -------------------------------------------------------------------------------------------------------- what there is


def test_the_defaults_are_those_of_the_papers() -> None:
    assert Limits() == Limits(
        invitations=Rate(10, 86_400 / 30),
        lookups=Rate(10, 3_600 / 30),
        alerts=Rate(5, 30 * 60),
        askings=50,
        requests=50,
        links=50,
        link_days=7,
        pauses=(7, 30, 180),
    )


def test_switched_off_nothing_is_limited_but_pauses(world: World) -> None:
    nanda, bea = world.people("nanda", "bea")
    for one in crowd(world, 60):
        assert nanda.invite(one.name).result.State == "sent"
        assert nanda.invite("nobody").refusal == ("user_not_found", "Username")
        assert shown(one.invite("bea"), bea) == [("Search", True)]
        assert nanda.link()
    assert OFF.pauses == DEFAULTS.pauses


def test_the_budgets_of_who_is_gone_go_and_no_other_persons(world: World) -> None:
    nanda, winston, chika = world.people("nanda", "winston", "chika")
    for one, other in ((nanda, winston), (winston, chika), (chika, nanda)):
        other.choose(WhoMayInvite="nobody")
        one.invite(other.name)
    nanda.leave_for_good()
    left = {row.UserID.strip("~") for row in world.read(lambda tx: tx.find(Budget, {}))}
    assert left == {winston.user_id, chika.user_id}
    assert world.read(lambda tx: tx.get(BUDGET, winston.user_id, "lookups"))


def test_one_account_does_not_use_up_somebodys_pop_ups(world: World) -> None:
    """Asking, taking it back and asking again rings once a day; others still ring."""
    limited(world, alerts=Rate(2, 1_800))
    flood, friend, winston = world.people("flood", "friend", "winston")
    rang = []
    for _ in range(6):
        rang.append("Quiet" not in flood.invite("winston").to(winston.user_id)[0])
        flood.cancel("winston")
    assert rang == [True, False, False, False, False, False]
    assert "Quiet" not in friend.invite("winston").to(winston.user_id)[0]
    world.later(DAY)
    assert "Quiet" not in flood.invite("winston").to(winston.user_id)[0]


def test_of_what_is_held_so_many_are_listed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "HELD", 3)
    limited(world, requests=2)
    winston = world.person("winston")
    askers = [world.person(f"asker{number}") for number in range(7)]
    for asker in askers:
        world.later()
        asker.invite("winston")
    listed = winston.snapshot()["Me"]["Invitations"]
    assert [one["UserName"] for one in listed] == [asker.name for asker in askers[:5]]
    assert winston.accept("asker6").result.Users, "what is not listed can be answered"
