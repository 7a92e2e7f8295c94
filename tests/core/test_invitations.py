"""Invitations: nobody can write to you until you say yes, and a no cannot be told from silence."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
import pytest

from parlour import protocol
from parlour.core.dispatch import Answer, Context, Refused, run, stamp_of
from parlour.core.invitations import pop_ups
from parlour.core.limits import DEFAULTS
from parlour.core.pairs import Pair
from parlour.core.sessions import Session
from tests.core.world import DAY, MOMENT, START, Json, Person, Ran, World

FORTNIGHT = 14 * DAY
LAPSES = stamp_of(START + FORTNIGHT)


@pytest.fixture
def two(world: World) -> tuple[Person, Person]:
    """Nanda, who asks, and Winston, who is asked. Nothing has happened yet."""
    nanda, winston = world.people("Nanda", "Winston")
    return nanda, winston


def pair_in(world: World) -> Pair:
    [pair] = world.read(lambda tx: tx.find(Pair, {}))
    return pair


def sessions_in(world: World) -> int:
    return world.read(lambda tx: tx.count(Session, {}))


def told(ran: Ran) -> bytes:
    """All that an asker's connection can be sent for a request: answer or refusal, and frames for it alone."""
    outcome = ran.outcome
    if isinstance(outcome, Refused):
        return protocol.encode(protocol.error(outcome.code, "ref", outcome.field, outcome.retry_after))
    return protocol.encode(outcome.result) + (outcome.repeat or b"") + (outcome.instead or b"")


# --------------------------------------------------------------------------------------------------------------- asking


def test_asking_shows_the_other_one_a_pop_up_and_the_asker_a_sent(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    ran = nanda.invite("Winston")
    assert ran.result == protocol.Asked("Winston", "sent", LAPSES)
    assert ran.kinds() == [(nanda.user_id, "Invite"), (winston.user_id, "Search")]
    assert ran.to(nanda.user_id) == [
        {"type": "Invite", "Seq": 1, "Username": "Winston", "State": "sent", "Lapses": LAPSES}
    ]
    assert ran.to(winston.user_id) == [{"type": "Search", "Seq": 1, "UserName": "Nanda", "Rev": 1, "Lapses": LAPSES}]
    assert (ran.answer.repeat, ran.answer.instead) == (None, None)


def test_an_asking_stands_in_both_snapshots(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    assert nanda.snapshot()["Me"]["Asking"] == [{"Seq": 1, "Username": "Winston", "State": "sent", "Lapses": LAPSES}]
    assert nanda.snapshot()["Me"]["Invitations"] == []
    assert winston.snapshot()["Me"]["Asking"] == []
    assert winston.snapshot()["Me"]["Invitations"] == [{"Seq": 1, "UserName": "Nanda", "Rev": 1, "Lapses": LAPSES}]


def test_somebody_else_sees_nothing_of_it(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    chika = world.person("chika")
    before = chika.snapshot_bytes()
    nanda.invite("Winston")
    assert chika.snapshot_bytes() == before
    winston.accept("Nanda")
    assert chika.snapshot_bytes() == before
    assert chika.accept("Nanda").refusal == ("no_invitation", "username")


@pytest.mark.parametrize("name", ["winston", "WINSTON", "wINSTON", "Winston"])
def test_a_name_is_looked_up_without_regard_to_case_and_shown_as_it_is(two: tuple[Person, Person], name: str) -> None:
    nanda, winston = two
    ran = nanda.invite(name)
    assert ran.result.Username == "Winston"
    assert ran.to(nanda.user_id)[0]["Username"] == "Winston"
    assert ran.to(winston.user_id)[0]["UserName"] == "Nanda"


@pytest.mark.parametrize(
    "name", ["nobody", "", "_a", "x" * 1000, "Winston ", "winsto", "' OR 1=1--", "名前", "Wınston"]
)
def test_a_text_that_names_no_user_is_told_so(world: World, two: tuple[Person, Person], name: str) -> None:
    ran = two[0].invite(name)
    assert ran.refusal == ("user_not_found", "Username")
    assert world.read(lambda tx: tx.count(Pair, {})) == 0


@pytest.mark.parametrize("name", ["Nanda", "nanda", "NANDA"])
def test_nobody_can_ask_oneself(world: World, two: tuple[Person, Person], name: str) -> None:
    assert two[0].invite(name).refusal == ("self", "Username")
    assert world.read(lambda tx: tx.count(Pair, {})) == 0


def test_asking_again_gives_the_same_answer_and_no_second_pop_up(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    first = nanda.invite("Winston")
    world.later(days=3)
    before = (nanda.snapshot_bytes(), winston.snapshot_bytes())
    for _ in range(3):
        again = nanda.invite("winston")
        assert told(again) == told(first)
        assert again.published == []
    assert (nanda.snapshot_bytes(), winston.snapshot_bytes()) == before


def test_one_can_ask_many_and_be_asked_by_many(world: World) -> None:
    nanda, *others = world.people("nanda", "a1", "b2", "c3")
    for other in others:
        nanda.invite(other.name)
    asking = nanda.snapshot()["Me"]["Asking"]
    assert [(one["Username"], one["Seq"]) for one in asking] == [("a1", 1), ("b2", 2), ("c3", 3)]
    bea = world.person("bea")
    for other in reversed(others):
        other.invite("bea")
    invitations = bea.snapshot()["Me"]["Invitations"]
    assert [(one["UserName"], one["Seq"]) for one in invitations] == [("c3", 1), ("b2", 2), ("a1", 3)]
    assert {pair.Rev for pair in world.read(lambda tx: tx.find(Pair, {}))} == {1}


def test_the_pair_is_one_record_whoever_asks(world: World) -> None:
    people = world.people("nanda", "winston", "chika", "bea")
    for asker in people:
        for asked in people:
            if asker is not asked:
                asker.invite(asked.name)
    pairs = world.read(lambda tx: tx.find(Pair, {}))
    assert len(pairs) == 6
    assert all(pair.First < pair.Second and {pair.First, pair.Second} == {pair.Asker, pair.Asked} for pair in pairs)


# ------------------------------------------------------------------------------------------------------------ accepting


def test_accepting_begins_the_session(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    ran = winston.accept("Nanda")
    session_id = ran.result.SessionID
    assert ran.result == protocol.Begun(session_id, {nanda.user_id: "Nanda"})
    assert ran.to(winston.user_id) == [
        {"type": "Resolved", "Seq": 2, "UserName": "Nanda", "Result": "accepted"},
        {"type": "Session", "Seq": 3, "SessionID": session_id, "Users": {nanda.user_id: "Nanda"}},
    ]
    assert ran.to(nanda.user_id) == [
        {"type": "Session", "Seq": 2, "SessionID": session_id, "Users": {winston.user_id: "Winston"}}
    ]
    assert (ran.answer.repeat, ran.answer.instead) == (None, None)


def test_after_accepting_nobody_asks_any_more(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    session_id = nanda.meet(winston)
    for person in two:
        seen = person.snapshot()
        assert (seen["Me"]["Asking"], seen["Me"]["Invitations"]) == ([], [])
        assert list(seen["Sessions"]) == [session_id]


@pytest.mark.parametrize("name", ["nanda", "NANDA", "Nanda"])
def test_the_asker_is_named_without_regard_to_case(two: tuple[Person, Person], name: str) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    ran = winston.accept(name)
    assert ran.to(winston.user_id)[0]["UserName"] == "Nanda"
    assert ran.result.Users == {nanda.user_id: "Nanda"}


@pytest.mark.parametrize("accepted", [1, 0])
def test_answering_after_accepting_gives_the_session_again(
    world: World, two: tuple[Person, Person], accepted: int
) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    first = winston.accept("Nanda").result
    for person, other in ((winston, nanda), (nanda, winston)):
        again = person.respond(other.name, accepted)
        assert again.result == protocol.Begun(first.SessionID, {other.user_id: other.name})
        assert again.published == []
    assert sessions_in(world) == 1


def test_an_existing_session_is_shown_to_the_asking_socket_alone(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    session_id = nanda.meet(winston)
    for person, other in ((winston, nanda), (nanda, winston)):
        for ran in (person.invite(other.name.lower()), person.accept(other.name)):
            assert ran.published == []
            assert ran.result == protocol.Begun(session_id, {other.user_id: other.name})
            assert msgspec.json.decode(ran.answer.instead or b"") == {
                "type": "Session",
                "SessionID": session_id,
                "Users": {other.user_id: other.name},
            }


def test_a_session_outlives_the_invitation_that_began_it(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    session_id = nanda.meet(winston)
    world.later(days=400)
    assert nanda.invite("Winston").result.SessionID == session_id
    assert winston.reject("Nanda").result.SessionID == session_id
    assert nanda.send(session_id).result.MessageID == "1"


# ------------------------------------------------------------------------------------------------------------ rejecting


def test_rejecting_closes_the_pop_up_on_ones_own_devices(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    ran = winston.reject("Nanda")
    assert ran.result == protocol.Nothing()
    assert (ran.answer.repeat, ran.answer.instead) == (None, None)
    assert ran.kinds() == [(winston.user_id, "Resolved")]
    assert ran.to(winston.user_id) == [{"type": "Resolved", "Seq": 2, "UserName": "Nanda", "Result": "declined"}]
    assert winston.snapshot()["Me"]["Invitations"] == []


def test_rejecting_twice_is_the_same_result_and_no_second_event(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    first, again = winston.reject("Nanda"), winston.reject("nanda")
    assert told(again) == told(first)
    assert again.published == []


def test_a_decline_can_be_undone_by_accepting(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    winston.reject("Nanda")
    world.later(FORTNIGHT - MOMENT)
    ran = winston.accept("Nanda")
    for person in two:
        assert [frame["type"] for frame in ran.to(person.user_id)] == ["Session"]
    assert nanda.send(ran.result.SessionID).result.MessageID == "1"


def test_a_decline_can_be_undone_by_asking(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    winston.reject("Nanda")
    world.later(days=7)
    ran = winston.invite("Nanda")
    assert isinstance(ran.result, protocol.Begun)
    assert sessions_in(world) == 1


# ------------------------------------------------------------------------------------- a no cannot be told from silence


ASKERS_ACTS: dict[str, Callable[[Person], Ran]] = {
    "asks again": lambda nanda: nanda.invite("Winston"),
    "asks in capitals, with a note": lambda nanda: nanda.invite("WINSTON", "Please!"),
    "answers the wrong way round": lambda nanda: nanda.accept("Winston"),
    "rejects the wrong way round": lambda nanda: nanda.tell_no("Winston"),
    "answers with a Rev": lambda nanda: nanda.accept("Winston", Rev=2),
    "comes": lambda nanda: nanda.be("Online"),
    "goes": lambda nanda: nanda.be("Offline"),
    "logs in again": lambda nanda: nanda.log_in(),
    "asks somebody else": lambda nanda: nanda.invite("Chika"),
    "looks for nobody": lambda nanda: nanda.invite("nobody"),
    "writes to nobody": lambda nanda: nanda.send("nowhere"),
    "closes what is not there": lambda nanda: nanda.close("nowhere"),
    "lifts a block that is not there": lambda nanda: nanda.unblock("Winston"),
    "tries a link": lambda nanda: nanda.redeem("not.alink"),
}
LAST_ACTS: dict[str, Callable[[Person], Ran]] = {
    "takes it back": lambda nanda: nanda.cancel("Winston"),
    "takes it back twice": lambda nanda: nanda.cancel("Winston"),
    "asks anew": lambda nanda: nanda.invite("Winston"),
    "blocks": lambda nanda: nanda.block("Winston"),
    "asks whom one blocks": lambda nanda: nanda.invite("Winston"),
    "unblocks": lambda nanda: nanda.unblock("Winston"),
    "and asks": lambda nanda: nanda.invite("Winston"),
}
Way = tuple[Callable[[Person], Any] | None, Callable[[Person], Any] | None]
"""What Winston does before he is asked a second time, and after it."""


def takes_no_more(winston: Person) -> None:
    """His box is full: whatever comes is held."""
    winston.world.limits = msgspec.structs.replace(winston.world.limits, requests=0)


WAYS: dict[str, Way] = {
    "declined": (None, lambda winston: winston.reject("Nanda")),
    "declined twice": (None, lambda winston: (winston.reject("Nanda"), winston.reject("Nanda"))),
    "declined with its Rev": (None, lambda winston: winston.reject("Nanda", Rev=2)),
    "declined the first, so paused": (lambda winston: winston.reject("Nanda"), None),
    "declined both": (lambda winston: winston.reject("Nanda"), lambda winston: winston.reject("Nanda")),
    "blocked before": (lambda winston: winston.block("Nanda"), None),
    "blocked before, and then no more": (lambda w: w.block("Nanda"), lambda w: w.unblock("Nanda")),
    "blocked after": (None, lambda winston: winston.block("Nanda")),
    "declined and blocked": (lambda winston: winston.reject("Nanda"), lambda winston: winston.block("Nanda")),
    "takes none": (lambda winston: winston.choose(WhoMayInvite="nobody"), None),
    "takes those who share a session": (lambda winston: winston.choose(WhoMayInvite="shared"), None),
    "takes links": (lambda winston: winston.choose(WhoMayInvite="links"), None),
    "takes none any more": (None, lambda winston: winston.choose(WhoMayInvite="nobody")),
    "held: the box is full": (takes_no_more, None),
}


@cache
def trace_of_asker(way: Way, days: tuple[float, ...] = (0, 6, 7.99, 0.02, 15)) -> list[bytes]:
    """Everything that Nanda can see of her second invitation over the days, whatever she tries."""
    world = World()
    world.limits = DEFAULTS
    nanda, winston, _ = world.people("Nanda", "Winston", "Chika")
    trace: list[bytes] = []

    def look(ran: Ran | None = None) -> None:
        if ran:
            trace.extend([told(ran), *(event.frame for event in ran.published if event.stream == nanda.user_id)])
        trace.extend([nanda.snapshot_bytes(), protocol.encode(nanda.ledger())])

    def does(what: Callable[[Person], Any] | None) -> None:
        (what or (lambda winston: None))(winston)
        look()

    nanda.invite("Winston")
    world.later(days=13)
    does(way[0])
    world.later(days=1)
    look(nanda.invite("Winston"))
    does(way[1])
    for span in days:
        world.later(days=span)
        look()
        for act in ASKERS_ACTS.values():
            look(act(nanda))
        winston.be("Online")
        winston.be("Offline")
    for act in LAST_ACTS.values():
        look(act(nanda))
        world.later(hours=1)
    trace += [event.frame for event in world.stream(nanda.user_id)]
    world.close()
    return trace


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_the_askers_whole_trace_is_that_of_silence(way: Way) -> None:
    assert trace_of_asker(way) == trace_of_asker((None, None))


SEEN: dict[str, Callable[[Person], Any]] = {
    "accepted": lambda winston: winston.accept("Nanda"),
    "told": lambda winston: winston.tell_no("Nanda"),
    "asked back": lambda winston: winston.invite("Nanda"),
}


@pytest.mark.parametrize("act", SEEN.values(), ids=SEEN)
def test_the_trace_would_show_a_difference(act: Callable[[Person], Any]) -> None:
    assert trace_of_asker((None, act)) != trace_of_asker((None, None))


def test_asking_again_after_a_no_is_silent_until_it_lapses(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    first = nanda.invite("Winston")
    winston.reject("Nanda")
    for _ in range(14):
        again = nanda.invite("Winston")
        assert told(again) == told(first)
        assert again.published == []
        assert winston.snapshot()["Me"]["Invitations"] == []
        world.later(DAY - MOMENT)
    world.later(14 * MOMENT)
    assert world.stamp == LAPSES
    ran = nanda.invite("Winston")
    assert ran.to(winston.user_id)[0]["Rev"] == 2


def test_a_rejection_costs_the_asker_no_number(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    before = nanda.snapshot_bytes(), nanda.heard()
    winston.reject("Nanda")
    assert (nanda.snapshot_bytes(), nanda.heard()) == before


# -------------------------------------------------------------------------------------------------- both ask each other


def test_two_who_ask_each_other_have_both_said_yes(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    ran = winston.invite("Nanda")
    session_id = ran.result.SessionID
    assert ran.result == protocol.Begun(session_id, {nanda.user_id: "Nanda"})
    assert ran.to(winston.user_id) == [
        {"type": "Resolved", "Seq": 2, "UserName": "Nanda", "Result": "accepted"},
        {"type": "Session", "Seq": 3, "SessionID": session_id, "Users": {nanda.user_id: "Nanda"}},
    ]
    assert ran.to(nanda.user_id) == [
        {"type": "Session", "Seq": 2, "SessionID": session_id, "Users": {winston.user_id: "Winston"}}
    ]
    assert ran.answer.instead is None
    assert sessions_in(world) == 1


def test_at_the_same_moment_too(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    one, other = world.run_all(
        [(protocol.Search(Username="Winston"), nanda.caller), (protocol.Search(Username="Nanda"), winston.caller)]
    )
    assert isinstance(one.result, protocol.Asked)
    assert isinstance(other.result, protocol.Begun)
    assert sessions_in(world) == 1
    frames = [frame["type"] for frame in one.to(nanda.user_id) + other.to(nanda.user_id)]
    assert frames == ["Invite", "Session"]


def test_a_mutual_invitation_after_a_lapse_is_a_new_one(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    world.later(FORTNIGHT)
    ran = winston.invite("Nanda")
    assert isinstance(ran.result, protocol.Asked)
    assert ran.to(nanda.user_id)[0]["Rev"] == 2
    assert sessions_in(world) == 0


# ---------------------------------------------------------------------------------------------------- lapsing and stale


def test_an_invitation_lapses_after_fourteen_days(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    world.later(FORTNIGHT - MOMENT)
    assert len(winston.snapshot()["Me"]["Invitations"]) == len(nanda.snapshot()["Me"]["Asking"]) == 1
    world.later(MOMENT)
    assert winston.snapshot()["Me"]["Invitations"] == []


def test_the_asker_sees_what_lapsed_for_fourteen_days_more(world: World, two: tuple[Person, Person]) -> None:
    nanda, _ = two
    nanda.invite("Winston")
    [seen] = nanda.snapshot()["Me"]["Asking"]
    world.later(2 * FORTNIGHT - MOMENT)
    assert nanda.snapshot()["Me"]["Asking"] == [seen]
    world.later(MOMENT)
    assert nanda.snapshot()["Me"]["Asking"] == []


def test_it_can_be_accepted_until_the_last_moment(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    world.later(FORTNIGHT - MOMENT)
    assert isinstance(winston.accept("Nanda").result, protocol.Begun)


@pytest.mark.parametrize("accepted", [1, 0])
@pytest.mark.parametrize("declined", [True, False])
def test_too_late_is_gone(world: World, two: tuple[Person, Person], accepted: int, declined: bool) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    if declined:
        winston.reject("Nanda")
    world.later(FORTNIGHT)
    assert winston.respond("Nanda", accepted).refusal == ("gone", "username")
    assert sessions_in(world) == 0


def test_lapsing_tells_nobody_anything(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    before = nanda.heard(), winston.heard()
    world.later(days=30)
    winston.accept("Nanda")
    assert (nanda.heard(), winston.heard()) == before


def test_after_a_lapse_one_may_ask_anew(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    world.later(FORTNIGHT)
    ran = nanda.invite("Winston")
    lapses = stamp_of(world.clock.moment + FORTNIGHT)
    assert ran.result == protocol.Asked("Winston", "sent", lapses)
    assert ran.to(nanda.user_id) == [
        {"type": "Invite", "Seq": 2, "Username": "Winston", "State": "sent", "Lapses": lapses}
    ]
    assert ran.to(winston.user_id) == [{"type": "Search", "Seq": 2, "UserName": "Nanda", "Rev": 2, "Lapses": lapses}]
    assert winston.snapshot()["Me"]["Invitations"] == [{"Seq": 2, "UserName": "Nanda", "Rev": 2, "Lapses": lapses}]
    assert len(world.read(lambda tx: tx.find(Pair, {}))) == 1


def test_the_other_way_round_after_a_lapse(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    world.later(FORTNIGHT)
    winston.invite("Nanda")
    assert [one["Username"] for one in winston.snapshot()["Me"]["Asking"]] == ["Nanda"]
    assert [one["UserName"] for one in nanda.snapshot()["Me"]["Invitations"]] == ["Winston"]
    assert [(one["Username"], one["Lapses"]) for one in nanda.snapshot()["Me"]["Asking"]] == [("Winston", LAPSES)]
    assert winston.snapshot()["Me"]["Invitations"] == []
    assert winston.accept("Nanda").refusal == ("no_invitation", "username")
    assert isinstance(nanda.accept("Winston").result, protocol.Begun)
    assert nanda.snapshot()["Me"]["Asking"] == []


@pytest.mark.parametrize("accepted", [1, 0])
def test_a_stale_rev_is_never_taken_as_an_answer(world: World, two: tuple[Person, Person], accepted: int) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    world.later(FORTNIGHT)
    nanda.invite("Winston")
    for rev in (1, 0, 3, 2**53):
        assert winston.respond("Nanda", accepted, Rev=rev).refusal == ("gone", "username")
    assert pair_in(world).State == "pending"
    assert len(winston.snapshot()["Me"]["Invitations"]) == 1


def test_the_right_rev_answers_and_none_answers_the_current_one(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    world.later(FORTNIGHT)
    nanda.invite("Winston")
    assert winston.reject("Nanda", Rev=2).result == protocol.Nothing()
    assert isinstance(winston.accept("Nanda").result, protocol.Begun)


def test_a_stale_rev_of_a_pair_in_session_gives_the_session(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    session_id = nanda.meet(winston)
    assert winston.accept("Nanda", Rev=7).result.SessionID == session_id


# ----------------------------------------------------------------------------------------- answering what was not asked


@pytest.mark.parametrize("accepted", [1, 0])
@pytest.mark.parametrize("name", ["Nanda", "nobody", "", "_a", "x" * 1000, "Winston"])
def test_without_an_invitation_there_is_nothing_to_answer(
    world: World, two: tuple[Person, Person], name: str, accepted: int
) -> None:
    assert two[1].respond(name, accepted).refusal == ("no_invitation", "username")
    assert world.read(lambda tx: tx.count(Pair, {})) == 0


@pytest.mark.parametrize("accepted", [1, 0])
def test_nobody_answers_ones_own_invitation(world: World, two: tuple[Person, Person], accepted: int) -> None:
    nanda, _ = two
    nanda.invite("Winston")
    assert nanda.respond("Winston", accepted).refusal == ("no_invitation", "username")
    assert pair_in(world).State == "pending"
    world.later(FORTNIGHT)
    assert nanda.respond("Winston", accepted).refusal == ("no_invitation", "username")


def test_nobody_answers_anothers_invitation(world: World, two: tuple[Person, Person]) -> None:
    nanda, _ = two
    chika = world.person("chika")
    nanda.invite("Winston")
    assert chika.accept("Nanda").refusal == ("no_invitation", "username")
    assert chika.accept("Winston").refusal == ("no_invitation", "username")
    assert sessions_in(world) == 0


@pytest.mark.parametrize("accepted", [2, -1, True, "1", 1.5, None, 10**30])
def test_an_answer_is_yes_or_no(two: tuple[Person, Person], accepted: Any) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    with pytest.raises(msgspec.ValidationError):
        winston.respond("Nanda", accepted)


@pytest.mark.parametrize("rev", [-1, "1", 1.5, True])
def test_a_rev_is_a_number(two: tuple[Person, Person], rev: Any) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    with pytest.raises(msgspec.ValidationError):
        winston.accept("Nanda", Rev=rev)


# ------------------------------------------------------------------------------------------------- pop-ups at the start


def test_a_socket_begins_with_the_pop_ups_that_wait_the_oldest_first(world: World) -> None:
    bea, *others = world.people("bea", "zoe", "max", "ann", "kim")
    for other in others:
        other.invite("bea")
    bea.reject("max")
    bea.accept("kim")
    frames: list[Json] = [
        msgspec.json.decode(frame) for frame in world.read(lambda tx: pop_ups(tx, bea.user_id, world.stamp))
    ]
    assert [frame["UserName"] for frame in frames] == ["zoe", "ann"]
    live = [frame for frame in bea.heard() if frame["type"] == "Search" and frame["UserName"] in ("zoe", "ann")]
    assert frames == live
    world.later(FORTNIGHT)
    assert world.read(lambda tx: pop_ups(tx, bea.user_id, world.stamp)) == []


def test_the_asker_begins_with_none(world: World, two: tuple[Person, Person]) -> None:
    nanda, _ = two
    nanda.invite("Winston")
    assert world.read(lambda tx: pop_ups(tx, nanda.user_id, world.stamp)) == []


# ------------------------------------------------------------------------------------------------- lock, then look


def verbs_of(world: World, request: Any, person: Person) -> list[tuple[str, str]]:
    """What a request locks and writes, in order, with the record's name."""
    done: list[tuple[str, str]] = []

    def noting(tx: Any, verb: str) -> Callable[[Any], None]:
        plain = getattr(tx, verb)

        def note(row: Any) -> None:
            done.append((verb, type(row).__name__))
            plain(row)

        return note

    def work(tx: Any) -> None:
        for verb in ("lock", "add", "put", "drop"):
            setattr(tx, verb, noting(tx, verb))
        run(request, Context(tx, person.caller, world.clock, world.clock.moment, world.stamp))

    world.write(work)
    return done


def test_the_pairs_record_is_locked_before_anything_is_written(world: World, two: tuple[Person, Person]) -> None:
    """SQLite needs no lock, an engine with many writers does: that lock decides every race."""
    nanda, winston = two
    ask = protocol.Search(Username="Winston")
    session_id = nanda.meet(winston)
    nanda.close(session_id)
    take_back, close = protocol.Cancel(Username="Winston"), protocol.Close(SessionID=session_id)
    no, yes = protocol.Request(username="Nanda", Accepted=0), protocol.Request(username="Winston", Accepted=1)
    block, unblock = protocol.Block(Username="Nanda"), protocol.Unblock(Username="Nanda")
    ask_back = protocol.Search(Username="Nanda")
    for person, request in (
        (nanda, ask), (winston, no), (nanda, take_back), (nanda, ask), (nanda, take_back), (winston, block),
        (winston, unblock), (winston, ask_back), (nanda, yes), (nanda, close), (nanda, ask), (winston, block),
    ):  # fmt: skip
        assert verbs_of(world, request, person)[0] == ("lock", "Pair"), request


def test_an_asking_after_a_lapse_changes_the_record_that_is_there(world: World, two: tuple[Person, Person]) -> None:
    nanda, _ = two
    for rev in (1, 2, 3):
        nanda.invite("Winston")
        assert pair_in(world).Rev == rev
        world.later(FORTNIGHT)


# -------------------------------------------------------------------------------------------------------- whole stories


def test_accept_and_reject_at_the_same_moment_have_one_outcome(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    yes, no = protocol.Request(username="Nanda", Accepted=1), protocol.Request(username="Nanda", Accepted=0)
    accepted, rejected = world.run_all([(yes, winston.caller), (no, winston.caller)])
    assert accepted.result == rejected.result
    assert rejected.published == []
    assert sessions_in(world) == 1


def test_ask_again_and_accept_at_the_same_moment(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("Winston")
    ask, yes = protocol.Search(Username="Winston"), protocol.Request(username="Nanda", Accepted=1)
    for work in ([(ask, nanda.caller), (yes, winston.caller)], [(yes, winston.caller), (ask, nanda.caller)]):
        assert all(isinstance(ran.outcome, Answer) for ran in world.run_all(work))
    assert sessions_in(world) == 1


def test_each_invitation_counts_up_its_pairs_rev(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    revs = []
    for i in range(6):
        asker, asked = (nanda, winston) if i % 2 else (winston, nanda)
        asker.invite(asked.name)
        revs.append(pair_in(world).Rev)
        world.later(FORTNIGHT)
    assert revs == [1, 2, 3, 4, 5, 6]
