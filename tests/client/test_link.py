"""The link without a socket: whatever happens on the way, every message is given once and in order.

1. The server here is the protocol in its smallest form (model.py); the wire is the worst that there is.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from parlour.client import Position
from tests.client.model import World

number = st.integers(0, 20)
happenings = st.one_of(
    st.tuples(st.just("say"), number, st.integers(1, 9)),
    st.tuples(st.just("hear"), st.integers(1, 9)),
    st.tuples(st.just("take"), st.integers(1, 9)),
    st.tuples(st.just("send"), number),
    st.tuples(st.just("answer"), st.sampled_from([200, 200, 200, 0, 503])),
    st.tuples(st.just("repeat"), number, number),
    st.tuples(st.just("drop"), number),
    st.tuples(st.just("swap"), number),
    st.tuples(st.just("close"), st.sampled_from([1006, 4001, 4002])),
    st.tuples(st.just("wait")),
    st.tuples(st.just("begin")),
    st.tuples(st.just("haste")),
)


def happens(world: World, what: tuple[Any, ...]) -> None:
    match what:
        case ("begin",):
            world.server.begin()
        case ("haste",):
            world.server.haste += 1
        case ("restore",):
            world.close()
            world.server.restore()
        case (name, *facts):
            getattr(world, name)(*facts)


@given(st.lists(happenings, min_size=30, max_size=150))
@settings(max_examples=int(__import__("os").environ.get("EX","150")))
def test_every_message_is_given_once_and_in_order(what: list[tuple[Any, ...]]) -> None:
    world = World(Position(), sessions=2)
    for happening in what:
        happens(world, happening)
    world.heal()
    world.check({})
    world.check_sent()


@given(st.lists(st.one_of(happenings, st.tuples(st.just("restore"))), min_size=30, max_size=150))
@settings(max_examples=int(__import__("os").environ.get("EX","150")))
def test_with_other_data_it_begins_anew(what: list[tuple[Any, ...]]) -> None:
    world = World(Position(), sessions=2)
    for happening in what:
        happens(world, happening)
    world.heal()
    world.check({})
