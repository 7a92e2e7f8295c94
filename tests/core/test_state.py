"""A stale snapshot and the events since make a fresh snapshot: for every kind of event, begun at every moment."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from parlour import protocol
from parlour.core.dispatch import kind_of
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


STORIES: list[Story] = [
    accepted, declined_then_undone, mutual, lapsed_and_asked_anew, coming_and_going, three_sessions,
]  # fmt: skip


class Watchers:
    """Followers of everybody, one more of each begun after every act; all compared after every act."""

    def __init__(self, world: World) -> None:
        self.world, self.people = world, world.people("nanda", "winston", "chika")
        self.followers = [Follower(person) for person in self.people]
        self.kinds: set[str] = set()
        world.watchers.append(self.watch)

    def watch(self, ran: Ran) -> None:
        self.kinds |= {event.kind for event in ran.published}
        for follower in self.followers:
            follower.hear(ran)
        self.compare()
        self.followers += [Follower(person) for person in self.people]

    def compare(self) -> None:
        for follower in self.followers:
            assert follower.stands() == follower.should_stand()
            assert list(follower.state["Sessions"]) == list(follower.person.load())


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_stale_state_and_events_make_the_fresh_state(world: World, story: Story) -> None:
    watchers = Watchers(world)
    story(world, *watchers.people)
    world.later(40 * DAY)
    watchers.compare()


def test_the_stories_hold_every_kind_of_event() -> None:
    kinds: set[str] = set()
    for story in STORIES:
        world = World()
        watchers = Watchers(world)
        story(world, *watchers.people)
        kinds |= watchers.kinds
        world.close()
    events = {kind_of(frame) for frame in protocol.SERVER_FRAMES if issubclass(frame, protocol.Event)}
    assert kinds == events | {"Message", "Status"}
