"""Links: a yes in advance, for one person, once, for some days; and why one does not work is never told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from parlour import protocol
from parlour.core.dispatch import Refused, stamp_of
from parlour.core.limits import OFF, Rate
from parlour.core.links import Link
from tests.core.world import DAY, MOMENT, START, Person, World

LAPSES = stamp_of(START + 7 * DAY)
GONE = ("gone", "Link")


@pytest.fixture
def two(world: World) -> tuple[Person, Person]:
    """Nanda, who makes links, and Winston, who has one."""
    nanda, winston = world.people("nanda", "winston")
    return nanda, winston


# -------------------------------------------------------------------------------------------------------------- making


def test_a_link_is_told_to_whoever_makes_it_and_listed_by_its_name(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    ran = nanda.say(type="Link")
    name, _dot, secret = ran.result.Link.partition(".")
    assert ran.result == protocol.Made(f"{name}.{secret}", LAPSES)
    assert len(secret) >= 43
    assert ran.kinds() == [(nanda.user_id, "Linked")]
    assert ran.to(nanda.user_id) == [{"type": "Linked", "Seq": 1, "Link": name, "State": "open", "Lapses": LAPSES}]
    assert nanda.snapshot()["Me"]["Links"] == [{"Link": name, "Lapses": LAPSES}]
    assert winston.snapshot()["Me"]["Links"] == []


def test_the_secret_is_kept_nowhere(world: World, two: tuple[Person, Person]) -> None:
    nanda, _winston = two
    secret = nanda.link().partition(".")[2].encode()
    [row] = world.read(lambda tx: tx.find(Link, {}))
    held = [event.frame for event in world.stream(nanda.user_id)]
    held += [nanda.snapshot_bytes(), protocol.encode(nanda.ledger()), row.Hash.value.encode(), row.LinkID.encode()]
    assert not any(secret in one for one in held)


def test_no_two_links_are_alike(two: tuple[Person, Person]) -> None:
    made = [two[0].link() for _ in range(20)]
    assert len(set(made)) == len({link.partition(".")[0] for link in made}) == 20


def test_one_has_so_many_open_links_at_most(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    world.limits = msgspec.structs.replace(OFF, links=2)
    first = nanda.link()
    world.later(DAY)
    nanda.link()
    refused = nanda.say(type="Link")
    assert refused.refusal == ("slow_down", None)
    assert isinstance(refused.outcome, Refused)
    assert refused.outcome.retry_after == 6 * 86_400
    winston.redeem(first)
    assert nanda.link()
    world.later(7 * DAY)
    assert nanda.link()
    assert nanda.link()
    assert winston.link()


# ----------------------------------------------------------------------------------------------------------- redeeming


def test_whoever_has_it_begins_a_conversation_at_once(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    link = nanda.link()
    ran = winston.redeem(link)
    session_id = ran.result.SessionID
    assert ran.result == protocol.Begun(session_id, {nanda.user_id: "nanda"})
    assert [frame["type"] for frame in ran.to(nanda.user_id)] == ["Linked", "Session"]
    assert ran.to(nanda.user_id)[0]["State"] == "used"
    assert ran.to(winston.user_id) == [
        {"type": "Session", "Seq": 1, "SessionID": session_id, "Users": {nanda.user_id: "nanda"}}
    ]
    assert nanda.snapshot()["Me"]["Links"] == []
    assert winston.send(session_id).result.MessageID == "1"


def test_using_it_again_gives_the_session_again(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    link = nanda.link()
    first, again = winston.redeem(link), winston.redeem(link)
    assert again.result == first.result
    assert again.published == []


def test_who_talks_with_its_maker_does_not_spend_it(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    session_id = nanda.meet(winston)
    link = nanda.link()
    ran = winston.redeem(link)
    assert (ran.result.SessionID, ran.published) == (session_id, [])
    assert world.person("chika").redeem(link).result.Users == {nanda.user_id: "nanda"}


def test_who_talks_with_its_maker_is_told_no_less_that_it_is_gone(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.meet(winston)
    revoked, used, lapsed = nanda.link(), nanda.link(), nanda.link()
    nanda.unlink(revoked)
    world.person("chika").redeem(used)
    for link in (revoked, used):
        assert winston.redeem(link).refusal == GONE
    world.later(7 * DAY)
    assert winston.redeem(lapsed).refusal == GONE


def test_its_maker_does_not_use_it(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    link = nanda.link()
    assert nanda.redeem(link).refusal == ("self", "Link")
    assert winston.redeem(link).result.Users == {nanda.user_id: "nanda"}


def test_it_works_until_its_last_moment(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    link = nanda.link()
    world.later(7 * DAY - MOMENT)
    assert nanda.snapshot()["Me"]["Links"]
    assert isinstance(winston.redeem(link).result, protocol.Begun)


def lapsed(world: World, nanda: Person, winston: Person, link: str) -> None:
    world.later(7 * DAY)


WHY: dict[str, Callable[[World, Person, Person, str], Any]] = {
    "lapsed": lapsed,
    "taken back": lambda world, nanda, winston, link: nanda.unlink(link),
    "used by another": lambda world, nanda, winston, link: world.person("chika").redeem(link),
    "its maker blocks me": lambda world, nanda, winston, link: nanda.block("winston"),
    "I block its maker": lambda world, nanda, winston, link: winston.block("nanda"),
    "its maker takes nobody": lambda world, nanda, winston, link: nanda.choose(WhoMayInvite="nobody"),
    "its maker is gone": lambda world, nanda, winston, link: nanda.leave_for_good(),
    "used by me, and closed": lambda world, nanda, winston, link: winston.close(winston.redeem(link).result.SessionID),
    "used by me, and blocked": lambda world, nanda, winston, link: (winston.redeem(link), nanda.block("winston")),
}


@pytest.mark.parametrize("why", WHY.values(), ids=WHY)
def test_why_it_does_not_work_is_not_told(
    world: World, two: tuple[Person, Person], why: Callable[[World, Person, Person, str], Any]
) -> None:
    nanda, winston = two
    link = nanda.link()
    why(world, nanda, winston, link)
    before = [(person.snapshot_bytes(), person.heard()) for person in two]
    refused = winston.redeem(link)
    assert refused.refusal == GONE
    unknown = winston.redeem("never.there")
    assert (unknown.refusal, unknown.outcome.__dict__) == (refused.refusal, refused.outcome.__dict__)
    assert [(person.snapshot_bytes(), person.heard()) for person in two] == before


@pytest.mark.parametrize("text", ["", ".", "x", "x" * 10_000, "名前", "never.there"])
def test_what_is_no_link_is_gone(two: tuple[Person, Person], text: str) -> None:
    assert two[1].redeem(text).refusal == GONE


def test_the_name_of_a_link_opens_nothing(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    link = nanda.link()
    name, _, secret = link.partition(".")
    for text in (name, f"{name}.", secret, link.upper(), link + " ", link[:-1]):
        assert winston.redeem(text).refusal == GONE
    assert winston.redeem(link).result.Users == {nanda.user_id: "nanda"}


@pytest.mark.parametrize("who_may", ["everyone", "shared", "links"])
def test_who_takes_no_invitations_of_strangers_takes_links(two: tuple[Person, Person], who_may: str) -> None:
    nanda, winston = two
    nanda.choose(WhoMayInvite=who_may)
    assert isinstance(winston.redeem(nanda.link()).result, protocol.Begun)


def test_two_at_the_same_moment_are_one(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    chika = world.person("chika")
    use = protocol.Redeem(Link=nanda.link())
    one, other = world.run_all([(use, winston.caller), (use, chika.caller)])
    assert isinstance(one.result, protocol.Begun)
    assert other.refusal == GONE
    assert chika.load() == {}


@pytest.mark.parametrize("asker", ["maker", "user"])
def test_what_was_asked_before_is_answered_by_it(two: tuple[Person, Person], asker: str) -> None:
    nanda, winston = two
    link = nanda.link()
    one, other = (nanda, winston) if asker == "maker" else (winston, nanda)
    one.invite(other.name)
    ran = winston.redeem(link)
    assert [frame.get("Result") for frame in ran.to(other.user_id) if frame["type"] == "Resolved"] == ["accepted"]
    for person in two:
        assert (person.snapshot()["Me"]["Asking"], person.snapshot()["Me"]["Invitations"]) == ([], [])


def test_what_lapsed_before_has_had_its_end(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.invite("winston")
    world.later(14 * DAY)
    ran = winston.redeem(nanda.link())
    assert [frame["type"] for frame in ran.to(winston.user_id)] == ["Session"]


def test_it_ends_a_pause(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    winston.invite("nanda")
    nanda.reject("winston")
    session_id = winston.redeem(nanda.link()).result.SessionID
    winston.close(session_id)
    assert winston.invite("nanda").to(nanda.user_id)


# --------------------------------------------------------------------------------------------------------- taking back


@pytest.mark.parametrize("by_name", [True, False])
def test_it_can_be_taken_back_by_its_name_or_its_secret(two: tuple[Person, Person], by_name: bool) -> None:
    nanda, winston = two
    link = nanda.link()
    name = link.partition(".")[0]
    ran = nanda.unlink(name if by_name else link)
    assert ran.result == protocol.Nothing()
    assert ran.to(nanda.user_id) == [{"type": "Linked", "Seq": 2, "Link": name, "State": "revoked", "Lapses": LAPSES}]
    assert nanda.snapshot()["Me"]["Links"] == []
    assert winston.redeem(link).refusal == GONE
    assert nanda.unlink(link).published == []


def test_a_used_one_is_not_taken_back(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    link = nanda.link()
    session_id = winston.redeem(link).result.SessionID
    assert nanda.unlink(link).published == []
    assert winston.redeem(link).result.SessionID == session_id


def test_nobody_takes_back_anothers(two: tuple[Person, Person]) -> None:
    nanda, winston = two
    link = nanda.link()
    for text in (link, link.partition(".")[0], "", "never.there"):
        assert winston.unlink(text).refusal == ("not_found", "Link")
    assert isinstance(winston.redeem(link).result, protocol.Begun)


def test_the_links_of_who_is_gone_go_and_no_other_persons(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    nanda.link()
    winston.link()
    nanda.leave_for_good()
    assert [row.UserID for row in world.read(lambda tx: tx.find(Link, {}))] == [winston.user_id]


def test_links_stand_in_the_order_of_their_lapse(world: World, two: tuple[Person, Person]) -> None:
    nanda, _ = two
    made = []
    for _ in range(4):
        made.append(nanda.link().partition(".")[0])
        world.later(hours=1)
    assert [link["Link"] for link in nanda.snapshot()["Me"]["Links"]] == made


# ------------------------------------------------------------------------------------------------------------- closing


@pytest.mark.parametrize("end", ["close", "block"])
def test_a_link_that_is_older_than_a_closing_opens_nothing_again(
    world: World, two: tuple[Person, Person], end: str
) -> None:
    """Nor does it tell a closing from a block."""
    nanda, winston = two
    session_id, spare = nanda.meet(winston), nanda.link()
    world.later()
    if end == "close":
        nanda.close(session_id)
    else:
        nanda.block("winston")
        nanda.unblock("winston")
    world.later()
    assert winston.redeem(spare).refusal == GONE
    winston.invite("nanda")
    winston.cancel("nanda")
    assert winston.redeem(spare).refusal == GONE
    assert winston.redeem(nanda.link()).result.SessionID == session_id


def test_making_links_has_its_budget(world: World, two: tuple[Person, Person]) -> None:
    nanda, winston = two
    world.limits = msgspec.structs.replace(OFF, changes=Rate(2, 3_600))
    for _ in range(2):
        nanda.unlink(nanda.link())
    assert nanda.say(type="Link").refusal == ("slow_down", None)
    nanda.block("winston")
    assert nanda.unblock("winston").refusal == ("slow_down", None)
    world.later(hours=1)
    assert nanda.unblock("winston").kinds() == [(nanda.user_id, "Blocked")]
    assert isinstance(winston.invite("nanda").result, protocol.Asked)
