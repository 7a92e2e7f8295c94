"""A stale snapshot and the events since make a fresh snapshot: for every kind of event, begun at every moment."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from parlour import protocol
from parlour.core.dispatch import LOGIN_ENDED, kind_of
from parlour.core.invitations import QUIET
from parlour.core.limits import Rate
from tests.core.follower import Follower
from tests.core.world import DAY, MOMENT, Person, Ran, World

Story = Callable[[World, Person, Person, Person], None]


def accepted(world: World, nanda: Person, winston: Person, chika: Person) -> None:
    """Asked, accepted, talked."""
    nanda.invite("winston")
    world.later()
    session_id = winston.accept("nanda").result.SessionID
    for person in (nanda, winston, nanda):
        world.later()
        person.send(
            session_id, f"from {person.name}", nonce=None if person is winston else f"nonce-{world.stamp[-4:-1]}"
        )


def declined_then_undone(world: World, nanda: Person, winston: Person, chika: Person) -> None:
    nanda.invite("winston")
    winston.reject("nanda")
    nanda.invite("winston")
    winston.reject("nanda")
    world.later(DAY)
    winston.accept("nanda")


def mutual(world: World, nanda: Person, winston: Person, chika: Person) -> None:
    nanda.invite("winston")
    chika.invite("winston")
    world.later()
    winston.invite("nanda")
    world.later()
    winston.invite("chika")


def lapsed_and_asked_anew(world: World, nanda: Person, winston: Person, chika: Person) -> None:
    nanda.invite("winston")
    chika.invite("winston")
    world.later(14 * DAY - MOMENT)
    winston.reject("chika")
    world.later(MOMENT)
    nanda.invite("winston")
    world.later(14 * DAY)
    winston.invite("nanda")
    world.later(DAY)
    nanda.reject("winston")
    world.later(14 * DAY)
    nanda.invite("winston")
    winston.accept("nanda")


def coming_and_going(world: World, nanda: Person, winston: Person, chika: Person) -> None:
    winston.be("Online")
    chika.be("Online")
    nanda.meet(winston)
    world.later()
    nanda.log_in()
    winston.be("Offline")
    chika.meet(nanda)
    world.later()
    chika.be("Offline")
    winston.be("Online")
    nanda.be("Offline")


def three_sessions(world: World, nanda: Person, winston: Person, chika: Person) -> None:
    ids = []
    for one, other in ((nanda, winston), (winston, chika), (chika, nanda)):
        world.later()
        ids.append(one.meet(other))
    for person, session_id in ((winston, ids[0]), (chika, ids[1]), (nanda, ids[2]), (nanda, ids[0])):
        world.later()
        person.send(session_id, "hello", nonce="same-nonce")
        person.send(session_id, "hello", nonce="same-nonce")


def receipts_between_some(world: World, nanda: Person, winston: Person, chika: Person) -> None:
    """Marks before, between and after the switches are on, on one side and on both."""
    one = nanda.meet(winston)
    world.later()
    other = nanda.meet(chika)
    for person, session_id in ((nanda, one), (winston, one), (nanda, one), (nanda, other), (chika, other)):
        world.later()
        person.send(session_id)
    winston.read(one, 1)
    nanda.choose(Receipts=True)
    winston.read(one, 2)
    winston.choose(Receipts=True, Typing=False)
    chika.choose(Receipts=True)
    nanda.choose(other, Receipts=False)
    for number in (0, 99, 3, 1):
        nanda.deliver(one, number)
        winston.read(one, number)
        chika.read(other, number)
    winston.choose(one, Receipts=False)
    nanda.read(one, 2)
    nanda.choose(Receipts=False)
    nanda.read(other, 1)
    world.later()
    winston.send(one)
    nanda.read(one, 4)


def typing_where_both_show_it(world: World, nanda: Person, winston: Person, chika: Person) -> None:
    session_id = nanda.meet(winston)
    nanda.type(session_id)
    nanda.choose(Typing=True)
    nanda.type(session_id)
    winston.choose(session_id, Typing=True)
    nanda.type(session_id)
    winston.type(session_id)


def hidden_and_shown(world: World, nanda: Person, winston: Person, chika: Person) -> None:
    """Presence for all, for one session, and again."""
    one = nanda.meet(winston)
    nanda.be("Online")
    chika.be("Online")
    nanda.choose(one, Presence=False, Muted=True)
    world.later()
    other = chika.meet(nanda)
    nanda.choose(Presence=False)
    nanda.choose(one, Presence=True)
    nanda.be("Offline")
    nanda.log_in()
    nanda.choose(Presence=True, WhoMayInvite="shared")
    nanda.choose(other, Muted=True)
    nanda.choose(other, Muted=True)
    nanda.choose(other, Muted=False)


def out_of_sight(world: World, nanda: Person, winston: Person, chika: Person) -> None:
    """Hidden while it is closed, by both and by one; open again, closed again, and gone for good."""
    session_id = nanda.meet(winston)
    nanda.send(session_id)
    nanda.choose(session_id, Hidden=True)
    nanda.close(session_id)
    for person in (nanda, winston):
        person.choose(session_id, Hidden=True, Muted=True)
    nanda.choose(session_id, Hidden=False)
    nanda.invite("winston")
    world.later()
    winston.accept("nanda")
    winston.close(session_id)
    nanda.choose(session_id, Hidden=True)
    world.later()
    nanda.redeem(winston.link())
    nanda.close(session_id)
    winston.choose(session_id, Hidden=True)
    nanda.leave_for_good()
    winston.choose(session_id, Hidden=False)


def asked_who_takes_nothing(world: World, nanda: Person, winston: Person, chika: Person) -> None:
    winston.choose(WhoMayInvite="nobody")
    nanda.invite("winston")
    chika.invite("winston")
    winston.accept("nanda")
    world.later()
    winston.invite("nanda")
    world.later(14 * DAY)
    winston.choose(WhoMayInvite="everyone")
    chika.invite("winston")
    winston.accept("chika")


def gone_for_good(world: World, nanda: Person, winston: Person, chika: Person) -> None:
    """Nanda, with a session, an asking that waits, one that was asked of her, and a shadow."""
    session_id = nanda.meet(winston)
    nanda.be("Online")
    winston.choose(Receipts=True)
    nanda.choose(Receipts=True)
    for person in (nanda, winston):
        world.later()
        person.send(session_id, nonce="the-nonce-01")
    winston.read(session_id, 1)
    nanda.invite("chika")
    nanda.leave_for_good()
    winston.read(session_id, 2)
    winston.choose(session_id, Muted=True)
    winston.send(session_id)
    world.later()
    winston.meet(chika)
    chika.be("Online")


def gone_while_asked(world: World, nanda: Person, winston: Person, chika: Person) -> None:
    chika.choose(WhoMayInvite="links")
    nanda.invite("chika")
    winston.invite("nanda")
    nanda.leave_for_good()
    winston.invite("nanda")
    world.later(14 * DAY)
    winston.invite("nanda")


def declined_and_told(world: World, nanda: Person, winston: Person, chika: Person) -> None:
    nanda.invite("winston", "from the choir")
    chika.invite("winston")
    winston.tell_no("nanda")
    winston.reject("chika")
    world.later(DAY)
    winston.tell_no("chika")
    nanda.invite("winston")
    world.later(14 * DAY)
    winston.invite("chika")
    chika.tell_no("winston")


def taken_back(world: World, nanda: Person, winston: Person, chika: Person) -> None:
    nanda.invite("winston")
    nanda.cancel("winston")
    chika.invite("winston")
    winston.reject("chika")
    chika.cancel("winston")
    world.later()
    winston.invite("nanda")
    nanda.invite("chika")
    nanda.cancel("chika")
    nanda.invite("chika")


def blocked_and_unblocked(world: World, nanda: Person, winston: Person, chika: Person) -> None:
    """A conversation, an asking of one's own, one of the other's, and nothing at all are blocked."""
    session_id = nanda.meet(winston)
    winston.be("Online")
    winston.send(session_id)
    chika.invite("winston")
    winston.block("chika")
    winston.invite("nanda")
    winston.block("nanda")
    nanda.deliver(session_id, 1)
    chika.block("winston")
    nanda.invite("winston")
    nanda.invite("chika")
    nanda.block("chika")
    world.later(DAY)
    winston.unblock("nanda")
    winston.unblock("chika")
    world.later()
    winston.invite("nanda")


def hidden_behind_a_lapsed_one(world: World, nanda: Person, winston: Person, chika: Person) -> None:
    """Whoever is asked in vain sees what they saw before: their own asking, which has lapsed or was declined."""
    nanda.invite("winston")
    chika.invite("winston")
    winston.tell_no("chika")
    nanda.choose(WhoMayInvite="nobody")
    chika.block("winston")
    world.later(14 * DAY)
    winston.invite("nanda")
    winston.invite("chika")
    winston.cancel("nanda")
    winston.invite("nanda")
    world.later(DAY)
    winston.cancel("nanda")
    nanda.choose(WhoMayInvite="everyone")
    winston.invite("nanda")


def hidden_behind_what_is_over(world: World, nanda: Person, winston: Person, chika: Person) -> None:
    """An own asking that was taken back, or came to a conversation, does not come back by being asked in vain."""
    chika.choose(WhoMayInvite="links")
    chika.invite("winston")
    chika.cancel("winston")
    winston.invite("chika")
    nanda.choose(WhoMayInvite="links")
    nanda.invite("winston")
    world.later(14 * DAY)
    winston.invite("nanda")
    session_id = winston.redeem(nanda.link()).result.SessionID
    winston.close(session_id)
    winston.invite("nanda")


def closed_and_opened_again(world: World, nanda: Person, winston: Person, chika: Person) -> None:
    session_id = nanda.meet(winston)
    for person in (nanda, winston):
        person.be("Online")
        person.choose(Receipts=True)
        person.send(session_id)
    nanda.read(session_id, 1)
    nanda.close(session_id)
    nanda.read(session_id, 2)
    winston.deliver(session_id, 2)
    world.later()
    chika.meet(winston)
    world.later()
    winston.invite("nanda")
    nanda.reject("winston")
    nanda.invite("winston")
    nanda.send(session_id)
    winston.deliver(session_id, 3)
    winston.close(session_id)
    world.later(DAY)
    winston.redeem(nanda.link())


def links(world: World, nanda: Person, winston: Person, chika: Person) -> None:
    first, second, third = nanda.link(), nanda.link(), nanda.link()
    winston.invite("nanda")
    winston.redeem(first)
    nanda.unlink(second)
    world.later()
    chika.redeem(third)
    world.later(DAY)
    chika.link()
    chika.link()
    chika.leave_for_good()


def more_than_one_is_shown(world: World, nanda: Person, winston: Person, chika: Person) -> None:
    """Winston is alerted once an hour: what comes in between makes no pop-up."""
    world.limits = msgspec.structs.replace(world.limits, alerts=Rate(1, 3600))
    nanda.invite("winston")
    chika.invite("winston", "hello")
    world.later(hours=2)
    winston.accept("chika")
    nanda.cancel("winston")
    chika.invite("nanda")


def left_after_the_end(world: World, nanda: Person, winston: Person, chika: Person) -> None:
    """What was said in a conversation that was closed before stands under another name too."""
    first = nanda.meet(winston)
    world.later()
    second = nanda.meet(chika)
    world.later()
    winston.send(first)
    winston.block("nanda")
    nanda.close(second)
    nanda.invite("chika")
    nanda.leave_for_good()


STORIES: list[Story] = [
    accepted, declined_then_undone, mutual, lapsed_and_asked_anew, coming_and_going, three_sessions,
    receipts_between_some, typing_where_both_show_it, hidden_and_shown, out_of_sight, asked_who_takes_nothing,
    gone_for_good, gone_while_asked, declined_and_told, taken_back, blocked_and_unblocked, hidden_behind_a_lapsed_one,
    hidden_behind_what_is_over,
    closed_and_opened_again, links, more_than_one_is_shown, left_after_the_end,
]  # fmt: skip


class Watchers:
    """Followers of everybody, one more of each begun after every act, and one that goes away at once; all who are here
    are compared after every act, the others when they come back at the end."""

    def __init__(self, world: World) -> None:
        self.world, self.people = world, world.people("nanda", "winston", "chika")
        self.followers = [Follower(person) for person in self.people]
        self.away: list[Follower] = []
        world.watchers.append(self.watch)

    def watch(self, ran: Ran) -> None:
        for follower in self.followers:
            follower.hear(ran)
        for follower in self.away:
            follower.hear(ran)
        self.compare()
        here = [person for person in self.people if person.is_logged_in]
        self.followers += [Follower(person) for person in here]
        self.away += [Follower(person, away=True) for person in here]

    def compare(self) -> None:
        self.followers = [one for one in self.followers if not one.over]
        should = {one.person.user_id: one for one in self.followers}
        fresh = {user_id: (one.should_stand(), list(one.person.load())) for user_id, one in should.items()}
        for follower in self.followers:
            assert (follower.stands(), list(follower.state["Sessions"])) == fresh[follower.person.user_id]

    def come_back(self) -> None:
        """Whoever was away since some moment comes back by its positions."""
        for follower in [one for one in self.away if not one.over]:
            follower.come_back()
            assert follower.stands() == follower.should_stand()


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_stale_state_and_events_make_the_fresh_state(world: World, story: Story) -> None:
    watchers = Watchers(world)
    story(world, *watchers.people)
    world.later(40 * DAY)
    watchers.compare()
    watchers.come_back()


def test_the_stories_hold_every_kind_of_event() -> None:
    kinds: set[str] = set()
    for story in STORIES:
        world = World()
        world.watchers.append(lambda ran: kinds.update(event.kind for event in ran.published))
        story(world, *world.people("nanda", "winston", "chika"))
        world.close()
    events = {kind_of(frame) for frame in protocol.SERVER_FRAMES if issubclass(frame, protocol.Event)}
    assert kinds == events | {"Message", "Status", "Mark", "Typing", QUIET, LOGIN_ENDED}
