"""The edges of consent, decided: each by a story of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from parlour import protocol
from parlour.core.dispatch import Refused
from parlour.core.sessions import Session
from tests.core.world import DAY, Json, Person, Ran, World


@pytest.fixture
def two(world: World) -> tuple[Person, Person]:
    """Nanda, who asks, and Winston, who is asked."""
    nanda, winston = world.people("nanda", "winston")
    return nanda, winston


def sessions_in(world: World) -> int:
    return world.read(lambda tx: tx.count(Session, {}))


def test_both_invite_at_the_same_moment_one_session_one_frame_each(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    ask, ask_back = protocol.Search(Username="winston"), protocol.Search(Username="nanda")
    for work in ([(ask, nanda.caller), (ask_back, winston.caller)], [(ask_back, winston.caller), (ask, nanda.caller)]):
        heard = [frame for ran in world.run_all(work) for one in two for frame in ran.to(one.user_id)]
        assert [frame["type"] for frame in heard if frame["type"] == "Session"] == ["Session"] * 2
        assert sessions_in(world) == 1
        nanda.close(next(iter(nanda.load())))


def test_whoever_said_no_may_undo_it_or_ask(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    for act in (winston.accept, winston.invite):
        nanda.invite("winston")
        winston.reject("nanda")
        nanda.close(act("nanda").result.SessionID)


def test_invited_while_away_it_waits_and_the_first_answer_counts_on_all_devices(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("winston")
    winston.log_in()
    assert [one["UserName"] for one in winston.snapshot()["Me"]["Invitations"]] == ["nanda"]
    ran = winston.reject("nanda", Rev=1)
    assert [frame["type"] for frame in ran.to(winston.user_id)] == ["Resolved"]
    assert winston.reject("nanda", Rev=1).published == []


@pytest.mark.parametrize("again", ["lapsed", "taken back", "told"])
def test_a_stale_pop_up_is_never_taken_as_consent(world: World, two: tuple[Person, Person], again: str) -> None:
    nanda, winston = two
    nanda.invite("winston")
    if again == "lapsed":
        world.later(14 * DAY)
    elif again == "taken back":
        nanda.cancel("winston")
    else:
        winston.tell_no("nanda")
        world.later(14 * DAY)
    nanda.invite("winston")
    for accepted, tell in itertools.product((1, 0), (True, False)):
        assert winston.respond("nanda", accepted, Rev=1, Tell=tell).refusal == ("gone", "username")
    assert sessions_in(world) == 0
    assert winston.accept("nanda", Rev=2).result.Users == {nanda.user_id: "nanda"}


def test_accept_against_cancel_the_first_wins_and_the_loser_gets_gone(world: World) -> None:
    for first in (0, 1):
        nanda, winston = world.people(f"nanda{first}", f"winston{first}")
        nanda.invite(winston.name)
        acts = [
            (protocol.Request(username=nanda.name, Accepted=1, Rev=1), winston.caller),
            (protocol.Cancel(Username=winston.name), nanda.caller),
        ]
        winner, loser = world.run_all(acts if first == 0 else acts[::-1])
        assert not isinstance(winner.outcome, Refused)
        assert loser.refusal[0] == "gone"
        assert sessions_in(world) == 1
        assert len(nanda.load()) == len(winston.load()) == (1 if first == 0 else 0)


def test_the_asker_leaves_cancelled_the_asked_leaves_it_runs_to_its_lapse(world: World) -> None:
    nanda, winston, chika = world.people("nanda", "winston", "chika")
    nanda.invite("winston")
    winston.invite("chika")
    told = nanda.leave_for_good().to(winston.user_id)
    assert [(frame["type"], frame["Result"]) for frame in told] == [("Resolved", "cancelled")]
    seen = winston.snapshot()["Me"]["Asking"]
    assert chika.leave_for_good().to(winston.user_id) == []
    assert winston.snapshot()["Me"]["Asking"] == seen
    assert winston.invite("chika").result.State == "sent"
    assert winston.cancel("chika").result == protocol.Nothing()


@pytest.mark.parametrize("closed", ["before", "by it", "and asked anew"])
def test_the_survivor_keeps_the_history_under_deleted_account(
    world: World, two: tuple[Person, Person], closed: str
) -> None:
    nanda, winston = two
    session_id = nanda.meet(winston)
    nanda.send(session_id, "hello")
    if closed != "by it":
        winston.close(session_id)
    if closed == "and asked anew":
        nanda.invite("winston")
    told = nanda.leave_for_good().to(winston.user_id)
    assert told[-1]["Users"] == {nanda.user_id: "Deleted account"}
    loaded = winston.load()[session_id]
    assert (loaded["UserIds"], loaded["State"]) == ({nanda.user_id: "Deleted account"}, "closed")
    assert [one["data"] for one in loaded["Messages"].values()] == ["hello"]
    assert winston.invite("nanda").refusal == ("user_not_found", "Username")


ENDS: dict[str, Callable[[Person, Person, str], Ran]] = {
    "closing": lambda nanda, winston, session_id: winston.close(session_id),
    "blocking": lambda nanda, winston, session_id: winston.block("nanda"),
    "leaving": lambda nanda, winston, session_id: winston.leave_for_good(),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_one_visible_end_and_what_was_written_meanwhile_is_handed_back(
    world: World, end: Callable[[Person, Person, str], Ran]
) -> None:
    nanda, winston, session_id = world.pair()
    [frame] = end(nanda, winston, session_id).to(nanda.user_id)
    assert (frame["type"], frame["SessionID"]) == ("Closed", session_id)
    for nonce in (None, "nonce-0001"):
        assert nanda.send(session_id, "typed offline", nonce=nonce).refusal == ("closed", "SessionID")
    assert nanda.load()[session_id]["Messages"] == {}


def test_unblocking_revives_nothing_and_a_new_invitation_does(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    session_id = nanda.meet(winston)
    winston.block("nanda")
    winston.unblock("nanda")
    assert winston.send(session_id).refusal == ("closed", "SessionID")
    assert nanda.meet(winston) == session_id
    assert winston.send(session_id).result.MessageID == "1"


def test_an_invitation_carries_the_exact_name_and_the_note_and_no_more(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.be("Online")
    [frame] = nanda.invite("WINSTON", "from the choir").to(winston.user_id)
    assert frame.keys() == {"type", "Seq", "UserName", "Rev", "Lapses", "Note"}
    assert frame["UserName"] == "nanda"


BEFORE: dict[str, Callable[[Person, Person], Any]] = {
    "nothing": lambda nanda, winston: None,
    "asked": lambda nanda, winston: nanda.invite("winston"),
    "declined": lambda nanda, winston: (nanda.invite("winston"), winston.reject("nanda")),
    "told": lambda nanda, winston: (nanda.invite("winston"), winston.tell_no("nanda")),
    "blocked": lambda nanda, winston: (nanda.invite("winston"), winston.block("nanda")),
    "closed": lambda nanda, winston: winston.close(nanda.meet(winston)),
    "closed and asked": lambda nanda, winston: (winston.close(nanda.meet(winston)), nanda.invite("winston")),
}


@pytest.mark.parametrize("before", BEFORE.values(), ids=BEFORE)
def test_nothing_leaks_before_there_is_a_conversation(
    two: tuple[Person, Person], before: Callable[[Person, Person], Any]
) -> None:
    nanda, winston = two
    before(nanda, winston)
    seen, heard = nanda.snapshot_bytes(), nanda.heard()
    session_id = next(iter(winston.load()), "nowhere")
    acts: list[Ran] = [
        winston.log_in(), winston.be("Offline"), winston.be("Online"), winston.choose(Receipts=True, Typing=True),
        winston.choose(Presence=False), winston.choose(Presence=True), winston.type(session_id),
        winston.deliver(session_id, 1), winston.read(session_id, 1), winston.block("nobody"),
    ]  # fmt: skip
    told: list[Json] = [frame for ran in acts for frame in ran.to(nanda.user_id)]
    assert told == []
    assert (nanda.snapshot_bytes(), nanda.heard()) == (seen, heard)
