"""Blocking somebody, and closing a conversation: what both see, and what nobody is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from parlour import protocol
from parlour.core.filters import Block
from parlour.core.limits import OFF
from parlour.core.messages import Message
from tests.core.world import DAY, Json, Person, World


@pytest.fixture
def two(world: World) -> tuple[Person, Person]:
    nanda, winston = world.people("nanda", "winston")
    return nanda, winston


def plain(frames: list[Json]) -> list[Json]:
    return [{name: value for name, value in frame.items() if name != "Seq"} for frame in frames]


# ------------------------------------------------------------------------------------------------------------ blocking


@pytest.mark.parametrize("name", ["winston", "WINSTON"])
def test_a_block_is_told_to_ones_own_devices_alone(world: World, two: tuple[Person, Person], name: str) -> None:
    nanda, winston = two
    before = winston.snapshot_bytes()
    ran = nanda.block(name)
    assert ran.result == protocol.Nothing()
    assert ran.kinds() == [(nanda.user_id, "Blocked")]
    assert ran.to(nanda.user_id) == [{"type": "Blocked", "Seq": 1, "UserName": "winston", "Blocked": True}]
    assert nanda.snapshot()["Me"]["Blocks"] == ["winston"]
    assert winston.snapshot_bytes() == before


def test_lifting_it_too(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.block("winston")
    before = winston.snapshot_bytes()
    ran = nanda.unblock("Winston")
    assert ran.to(nanda.user_id) == [{"type": "Blocked", "Seq": 2, "UserName": "winston", "Blocked": False}]
    assert len(ran.published) == 1
    assert nanda.snapshot()["Me"]["Blocks"] == []
    assert winston.snapshot_bytes() == before


def test_blocking_and_lifting_twice_are_the_same_and_tell_nothing(two: tuple[Person, Person]) -> None:
    nanda, _ = two
    assert nanda.unblock("winston").published == []
    for act in (nanda.block, nanda.unblock):
        first, again = act("winston"), act("winston")
        assert first.result == again.result
        assert again.published == []


@pytest.mark.parametrize("name", ["nobody", "", "_a", "x" * 1000])
def test_nobody_can_be_blocked_who_is_not_there(two: tuple[Person, Person], name: str) -> None:
    nanda, _ = two
    for act in (nanda.block, nanda.unblock):
        assert act(name).refusal == ("user_not_found", "Username")
    for act in (nanda.block, nanda.unblock):
        assert act("Nanda").refusal == ("self", "Username")


def test_nobody_who_is_gone_is_blocked_anew_but_a_block_stays_until_it_is_lifted(
    world: World, two: tuple[Person, Person]
) -> None:
    nanda, winston = two
    chika = world.person("chika")
    nanda.block("winston")
    seen, heard = nanda.snapshot_bytes(), nanda.heard()
    winston.leave_for_good()
    assert (nanda.snapshot_bytes(), nanda.heard()) == (seen, heard)
    assert nanda.block("winston").result == protocol.Nothing()
    assert chika.block("winston").refusal == ("user_not_found", "Username")
    assert nanda.unblock("winston").result == protocol.Nothing()
    assert nanda.snapshot()["Me"]["Blocks"] == []


def test_the_blocks_of_who_is_gone_go(world: World, two: tuple[Person, Person]) -> None:
    nanda, _ = two
    nanda.block("winston")
    nanda.leave_for_good()
    assert world.read(lambda tx: tx.count(Block, {})) == 0


def test_whom_one_blocks_one_does_not_ask(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    winston.invite("nanda")
    nanda.block("winston")
    assert nanda.invite("winston").refusal == ("you_blocked", "Username")
    nanda.unblock("winston")
    assert isinstance(nanda.invite("winston").result, protocol.Begun)


def test_a_block_of_the_other_keeps_nobody_from_being_asked_in_vain(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.block("winston")
    before = nanda.snapshot_bytes()
    ran = winston.invite("nanda")
    assert ran.result.State == "sent"
    assert ran.to(nanda.user_id) == []
    assert nanda.snapshot_bytes() == before
    for accepted in (1, 0):
        assert nanda.respond("winston", accepted).refusal == ("no_invitation", "username")


def test_of_two_blocks_lifting_one_leaves_the_other(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.block("winston")
    winston.block("nanda")
    nanda.unblock("winston")
    assert nanda.invite("winston").to(winston.user_id) == []
    assert winston.invite("nanda").refusal == ("you_blocked", "Username")
    assert (nanda.snapshot()["Me"]["Blocks"], winston.snapshot()["Me"]["Blocks"]) == ([], ["nanda"])


def test_a_block_concerns_nobody_else(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    chika = world.person("chika")
    session_id = nanda.meet(chika)
    nanda.block("winston")
    assert nanda.send(session_id).result.MessageID == "1"
    assert winston.invite("chika").to(chika.user_id)
    assert winston.send(session_id).refusal == ("not_found", "SessionID")


# -------------------------------------------------------------------------------------------------- what a block ends


@pytest.mark.parametrize("quiet", [True, False])
def test_an_asking_of_the_other_ends_as_blocked_and_they_see_nothing(
    world: World, two: tuple[Person, Person], quiet: bool
) -> None:
    nanda, winston = two
    world.limits = msgspec.structs.replace(OFF, requests=int(not quiet))
    nanda.invite("winston")
    seen = nanda.snapshot_bytes()
    ran = winston.block("nanda")
    assert plain(ran.to(winston.user_id)) == [
        {"type": "Blocked", "UserName": "nanda", "Blocked": True},
        {"type": "Resolved", "UserName": "nanda", "Result": "blocked"},
    ]
    assert ran.to(nanda.user_id) == []
    assert nanda.snapshot_bytes() == seen
    assert winston.snapshot()["Me"]["Invitations"] == []
    assert winston.accept("nanda").refusal == ("no_invitation", "username")


def test_who_has_rejected_and_then_blocks_hears_of_no_second_result(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("winston")
    winston.reject("nanda")
    assert [frame["type"] for frame in winston.block("nanda").to(winston.user_id)] == ["Blocked"]
    winston.unblock("nanda")
    assert winston.accept("nanda").refusal == ("no_invitation", "username")


def test_an_asking_of_ones_own_is_taken_back_as_if_by_hand(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("winston")
    ran = nanda.block("winston")
    another = World()
    asker, _ = another.people("nanda", "winston")
    asker.invite("winston")
    by_hand = asker.cancel("winston")
    assert ran.to(winston.user_id) == by_hand.to(winston.user_id)
    assert ran.to(winston.user_id)[0]["Result"] == "cancelled"
    assert plain(ran.to(nanda.user_id))[1:] == plain(by_hand.to(nanda.user_id))
    assert winston.accept("nanda").refusal == ("gone", "username")
    another.close()


def test_unblocking_revives_nothing(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    session_id = nanda.meet(winston)
    nanda.block("winston")
    assert nanda.unblock("winston").kinds() == [(nanda.user_id, "Blocked")]
    for person in two:
        assert person.load()[session_id]["State"] == "closed"
        assert person.send(session_id).refusal == ("closed", "SessionID")


def test_an_asking_that_was_blocked_comes_back_to_nobody(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("winston")
    winston.block("nanda")
    winston.unblock("nanda")
    assert nanda.invite("winston").published == []
    assert winston.snapshot()["Me"]["Invitations"] == []
    world.later(14 * DAY)
    assert [frame["Rev"] for frame in nanda.invite("winston").to(winston.user_id)] == [2]


# ----------------------------------------------------------------------------------------------------- one end for all

ENDS: dict[str, Callable[[Person, Person, str], Any]] = {
    "closed": lambda nanda, winston, session_id: winston.close(session_id),
    "blocked": lambda nanda, winston, session_id: winston.block("nanda"),
}
each_end = pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)


def after(end: Callable[[Person, Person, str], Any]) -> list[Any]:
    """All that Nanda sees of a conversation that ends, and of what she tries afterwards."""
    world = World()
    nanda, winston, session_id = world.pair()
    nanda.send(session_id, nonce="nonce-0001")
    for person in (nanda, winston):
        person.be("Online")
        person.choose(Receipts=True, Typing=True)
    seen: list[Any] = [end(nanda, winston, session_id).to(nanda.user_id)]
    seen += [nanda.send(session_id).refusal, nanda.send(session_id, nonce="nonce-0002").refusal]
    seen += [nanda.type(session_id).refusal, nanda.send(session_id, nonce="nonce-0001").answer.repeat]
    acts = (winston.be("Offline"), winston.read(session_id, 1), winston.be("Online"))
    seen += [ran.to(nanda.user_id) for ran in acts]
    seen += [nanda.snapshot_bytes(), nanda.history(session_id), nanda.ledger(), nanda.heard()]
    seen += [protocol.encode(nanda.close(session_id).result), nanda.snapshot_bytes()]
    seen += [protocol.encode(nanda.invite("winston").result), nanda.snapshot_bytes()]
    world.close()
    return seen


def test_whether_it_was_closed_or_blocked_is_not_told() -> None:
    assert after(ENDS["closed"]) == after(ENDS["blocked"])


@each_end
def test_both_hear_that_it_is_closed(world: World, end: Callable[[Person, Person, str], Any]) -> None:
    nanda, winston, session_id = world.pair()
    ran = end(nanda, winston, session_id)
    for person in (nanda, winston):
        assert plain(ran.to(person.user_id))[-1] == {"type": "Closed", "SessionID": session_id}
        assert person.load()[session_id]["State"] == "closed"


@each_end
def test_at_once_nobody_is_seen_there_and_nothing_is_said(
    world: World, end: Callable[[Person, Person, str], Any]
) -> None:
    nanda, winston, session_id = world.pair()
    for person in (nanda, winston):
        person.be("Online")
        person.choose(Receipts=True, Typing=True)
        person.send(session_id)
    end(nanda, winston, session_id)
    for person, other in ((nanda, winston), (winston, nanda)):
        assert person.load()[session_id]["Status"] == {other.user_id: "Offline"}
        acts = (other.be("Offline"), other.be("Online"), other.deliver(session_id, 2), other.read(session_id, 2))
        assert [ran.to(person.user_id) for ran in acts] == [[]] * 4
        assert person.send(session_id).refusal == ("closed", "SessionID")
        assert person.type(session_id).refusal == ("closed", "SessionID")
        assert len(person.history(session_id)["Messages"]) == 2


@each_end
def test_what_is_sent_after_it_in_the_same_commit_is_refused_and_not_stored(
    world: World, end: Callable[[Person, Person, str], Any]
) -> None:
    nanda, winston, session_id = world.pair()
    ending = protocol.Block(Username="nanda") if end is ENDS["blocked"] else protocol.Close(SessionID=session_id)
    say = protocol.Message(SessionID=session_id, Message=protocol.MessageBody(data="too late"))
    before, _, late = world.run_all([(say, nanda.caller), (ending, winston.caller), (say, nanda.caller)])
    assert before.result.MessageID == "1"
    assert late.refusal == ("closed", "SessionID")
    assert world.read(lambda tx: tx.count(Message, {})) == 1


# -------------------------------------------------------------------------------------------------------------- closing


def test_closing_twice_is_the_same_and_tells_nothing(world: World) -> None:
    nanda, winston, session_id = world.pair()
    first = nanda.close(session_id)
    for person in (nanda, winston):
        again = person.close(session_id)
        assert again.result == first.result == protocol.Nothing()
        assert again.published == []


@pytest.mark.parametrize("where", ["nowhere", "", "x" * 1000])
def test_what_is_not_there_cannot_be_closed(world: World, where: str) -> None:
    assert world.person("nanda").close(where).refusal == ("not_found", "SessionID")


def test_nobody_closes_what_is_of_others(world: World) -> None:
    nanda, _, session_id = world.pair()
    assert world.person("chika").close(session_id).refusal == ("not_found", "SessionID")
    assert nanda.send(session_id).result.MessageID == "1"


@each_end
@pytest.mark.parametrize("by_link", [True, False])
def test_opened_again_it_is_the_same_session_and_its_numbers_go_on(
    world: World, end: Callable[[Person, Person, str], Any], by_link: bool
) -> None:
    nanda, winston, session_id = world.pair()
    nanda.send(session_id, "before", nonce="nonce-0001")
    end(nanda, winston, session_id)
    winston.unblock("nanda")
    nanda.be("Online")
    if by_link:
        ran = winston.redeem(nanda.link())
    else:
        nanda.invite("winston")
        ran = winston.accept("nanda")
    assert ran.result.SessionID == session_id
    for person, other in ((nanda, winston), (winston, nanda)):
        [frame] = [one for one in ran.to(person.user_id) if one["type"] == "Session"]
        assert (frame["SessionID"], frame["Users"]) == (session_id, {other.user_id: other.name})
    assert [f for f in ran.to(winston.user_id) if f["type"] == "Status"] == [
        {"type": "Status", "UserID": nanda.user_id, "Status": "Online"}
    ]
    assert winston.send(session_id, "after").result.MessageID == "2"
    assert nanda.send(session_id, "before", nonce="nonce-0001").answer.repeat
    said = [message["data"] for message in nanda.history(session_id)["Messages"].values()]
    assert said == ["before", "after"]
    assert [event.number for event in world.stream(session_id)] == [1, 2]


def test_closed_it_is_asked_for_as_by_strangers(world: World) -> None:
    nanda, winston, session_id = world.pair()
    nanda.close(session_id)
    ran = winston.invite("nanda")
    assert ran.result.State == "sent"
    assert [frame["Rev"] for frame in ran.to(nanda.user_id)] == [2]
    assert winston.send(session_id).refusal == ("closed", "SessionID")
    nanda.reject("winston")
    assert winston.send(session_id).refusal == ("closed", "SessionID")
    assert nanda.invite("winston").result.SessionID == session_id


# --------------------------------------------------------------------------------------------- clocks that are set back


@pytest.mark.parametrize("before", ["pending", "declined"])
def test_a_block_holds_what_has_lapsed_where_the_clock_is_set_back(two: tuple[Person, Person], before: str) -> None:
    """Whoever asked cannot be answered any more; whoever was asked sees nothing more of it."""
    nanda, winston = two
    for blocker in (nanda, winston):
        nanda.invite("winston")
        if before == "declined":
            winston.reject("nanda")
        nanda.world.later(14 * DAY)
        ran = blocker.block("winston" if blocker is nanda else "nanda")
        assert [kind for _, kind in ran.kinds()] == ["Blocked"], "nothing is told of what is over already"
        nanda.world.later(-13 * DAY)
        assert winston.accept("nanda").refusal == ("no_invitation", "username")
        if blocker is nanda:
            assert winston.invite("nanda").result.State == "sent", "no yes either, and no word of why"
        assert not nanda.load()
        for one, name in ((nanda, "winston"), (winston, "nanda")):
            one.unblock(name)
        nanda.world.later(60 * DAY)


def test_whoever_is_blocked_after_the_lapse_sees_no_difference_where_the_clock_is_set_back(world: World) -> None:
    seen = []
    for blocked in (False, True):
        nanda, winston = world.people(f"nanda-{blocked}", f"winston-{blocked}")
        nanda.invite(winston.name)
        world.later(14 * DAY)
        if blocked:
            winston.block(nanda.name)
        late = nanda.cancel(winston.name).refusal
        world.later(-14 * DAY)
        again = nanda.invite(winston.name)
        seen.append((late, again.result.State, again.published, nanda.cancel(winston.name).result))
    assert seen[0] == seen[1]
