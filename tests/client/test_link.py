"""The link without a socket: whatever happens on the way, every message is given once and in order.

1. The server here is the protocol in its smallest form (model.py); the wire is the worst that there is.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parlour.client import (
    Anew,
    Asking,
    Blocked,
    Ended,
    Invitation,
    InvitationResolved,
    LoggedOut,
    Mark,
    Message,
    OwnLink,
    Position,
    Refused,
    SessionBegun,
    SessionClosed,
    Status,
)
from parlour.client.timing import verdict
from tests.client.model import REACH, Json, World
from tests.test_architecture import imports_of

PURE = ("link", "repair", "streams", "consent", "outbox", "timing", "nonce", "effects", "events", "errors")


@pytest.mark.parametrize("name", PURE)
def test_the_link_has_no_socket_no_clock_and_no_chance(name: str) -> None:
    plain = {"__future__", "collections", "collections.abc", "itertools", "typing", "msgspec", "parlour.protocol"}
    used = {used.module for used in imports_of(f"parlour.client.{name}")}
    assert used <= plain | {f"parlour.client.{other}" for other in PURE}


# -------------------------------------------------------------------------------------------------- whatever happens

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
    st.tuples(st.just("turn"), number),
    st.tuples(st.just("meet"), st.integers(0, 3), st.integers(0, 3)),
    st.tuples(st.just("haste")),
)
restored = st.tuples(st.just("restore"))


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


@pytest.mark.full
@given(st.lists(happenings, min_size=30, max_size=150))
@settings(max_examples=200)
def test_every_message_is_given_once_and_in_order(what: list[tuple[Any, ...]]) -> None:
    world = World(Position(), sessions=2)
    for happening in what:
        happens(world, happening)
    world.heal()
    world.check({})
    world.check_sent()


@pytest.mark.full
@given(st.lists(st.one_of(happenings, restored), min_size=30, max_size=150))
@settings(max_examples=200)
def test_with_other_data_it_begins_anew(what: list[tuple[Any, ...]]) -> None:
    world = World(Position(), sessions=2)
    for happening in what:
        happens(world, happening)
    world.heal()
    world.check({})


# ---------------------------------------------------------------------------------------------------- what is missing


def live(since: Position | None = None, **options: Any) -> World:
    world = World(since, **options)
    world.settle()
    assert world.link.phase == "live"
    return world


def heard(world: World, kind: str) -> list[Json]:
    return [frame for frame in world.server.heard if frame["type"] == kind]


def given_by(world: World) -> list[int]:
    """The numbers of all messages that the consumer took."""
    world.take(1_000)
    return [event.number for event in world.taken if isinstance(event, Message)]


def test_it_begins_now() -> None:
    world = World(room=100)
    world.say(0, 3)
    world.settle()
    world.say(0, 2)
    world.settle()
    assert given_by(world) == [4, 5]
    assert world.link.streams.taken == Position(Epoch="1", Me=1, Sessions={"s1": 5})


def test_a_position_holds_what_was_taken_and_nothing_more() -> None:
    since = Position(Epoch="1", Me=1, Sessions={"s1": 2})
    world = World(since, room=100)
    world.say(0, 4)
    assert world.link.streams.taken == since
    world.settle()
    assert world.link.streams.taken == since
    world.take(1)
    assert world.link.streams.taken == Position(Epoch="1", Me=1, Sessions={"s1": 3})
    assert since.Sessions == {"s1": 2}


def test_a_position_is_there_without_an_event() -> None:
    world = World()
    world.say(0, 4)
    world.settle()
    assert world.link.streams.taken == Position(Epoch="1", Me=1, Sessions={"s1": 4})


def test_a_gap_is_not_shown_but_asked_for() -> None:
    world = live()
    world.say(0, 3)
    del world.server.wire[1]
    world.hear(2)
    assert given_by(world) == [1]
    assert [frame["Sessions"] for frame in heard(world, "Resume")][1:] == [{"s1": 1}]
    world.settle()
    assert given_by(world) == [1, 2, 3]


def test_what_comes_too_early_while_it_is_asked_for_is_asked_for_once() -> None:
    world = live(room=100)
    world.say(0, 5)
    del world.server.wire[0]
    world.settle()
    assert given_by(world) == [1, 2, 3, 4, 5]
    assert len(heard(world, "Resume")) == 2


def test_a_lost_frame_that_begins_a_session_is_asked_for_with_its_messages() -> None:
    world = live(room=100)
    world.server.begin()
    world.say(1, 2)
    del world.server.wire[0]
    world.settle()
    world.take(100)
    assert [type(event) for event in world.taken] == [SessionBegun, Message, Message]


def test_no_room_costs_nothing_but_a_question() -> None:
    world = live(room=4)
    world.say(0, 6)
    world.settle()
    assert len(heard(world, "Resume")) == 1
    assert given_by(world) == [1, 2, 3, 4]
    for _ in range(9):
        world.take(1)
        world.settle()
    assert given_by(world) == [1, 2, 3, 4, 5, 6]


def test_a_stream_that_is_too_far_behind_is_read_from_history() -> None:
    world = live(room=100)
    world.close()
    world.say(0, REACH + 1)
    world.wait()
    world.settle()
    assert given_by(world) == list(range(1, REACH + 2))
    assert heard(world, "Resume")[-1]["Sessions"] == {"s1": REACH + 1}


def test_while_it_is_read_from_history_it_is_not_asked_for_otherwise() -> None:
    world = live(room=100)
    world.close()
    world.say(0, REACH + 1)
    world.wait()
    world.hear(4)
    world.answer()
    world.say(0, 2)
    world.hear(9)
    assert (len(heard(world, "Resume")), len(world.calls)) == (2, 1)
    world.settle()
    assert given_by(world) == list(range(1, REACH + 4))
    assert len(heard(world, "Resume")) == 3


def test_a_session_whose_beginning_was_lost_and_that_is_too_far_behind() -> None:
    world = live(Position(), room=100)
    world.close()
    world.server.begin()
    world.say(1, REACH + 1)
    world.wait()
    world.hear(1)
    world.server.wire[:] = [frame for frame in world.server.wire if frame.get("type") != "Session"]
    world.settle()
    assert given_by(world) == list(range(1, REACH + 2))
    world.check({})


def test_a_number_that_there_is_not_is_not_asked_for_for_ever() -> None:
    world = live(room=100)
    world.say(0, 1)
    world.settle()
    for stream in ("s1", "nowhere"):
        world.server.wire.append({stream: {"99": world.server.sessions["s1"][0]}})
        world.settle()
    assert (world.server.wire, world.calls, given_by(world)) == ([], [], [1])
    world.say(0, 1)
    world.settle()
    assert given_by(world) == [1, 2]


def test_other_data_are_told_and_nothing_of_before_is_mixed_with_them() -> None:
    world = live(room=100)
    world.say(0, 4)
    world.settle()
    given_by(world)
    world.close()
    world.server.restore()
    world.wait()
    world.hear(1)
    world.say(0, 3)  # Its third number would be the next of the old ones.
    world.settle()
    world.say(0, 1)
    world.settle()
    world.take(100)
    anew = world.taken.index(Anew(epoch="2"))
    texts = [event.data for event in world.taken[anew:] if isinstance(event, Message)]
    before = [event.data for event in world.taken[:anew] if isinstance(event, Message)]
    assert before == [f"theirs 1 {n}" for n in range(4)]
    assert texts[-1] == "theirs 2 5"
    world.check({})


def test_more_than_the_server_has_is_other_data_though_the_epoch_is_the_same() -> None:
    """Somebody copied the file of the database by hand."""
    world = live(room=100)
    world.say(0, 4)
    world.settle()
    world.close()
    del world.server.sessions["s1"][2:]
    world.wait()
    world.settle()
    world.say(0, 1)
    world.settle()
    world.take(100)
    anew = world.taken.index(Anew(epoch="1"))
    assert [event.number for event in world.taken[anew:] if isinstance(event, Message)] == [3]


def test_a_thousand_sessions_at_most_are_named_in_one_frame() -> None:
    """Those that the first frame does not name count as 0: what the server says of them then is not meant."""
    count = 1_003
    world = World(room=10)
    for _ in range(count - 1):
        world.server.begin()
    for session in range(count):
        world.say(session, REACH + 1)
    world.settle()
    assert world.link.phase == "live"
    named = [frame["Sessions"] for frame in heard(world, "Resume")]
    assert [len(one) for one in named] == [1_000, 3]
    assert (world.calls, given_by(world)) == ([], [])


# ------------------------------------------------------------------------------------------------------ my own stream


def own(world: World, **frame: Any) -> None:
    """An event of my own stream, live."""
    world.server.own.append({"Seq": len(world.server.own) + 1, **frame})
    world.server.wire.append(world.server.own[-1])
    world.settle()


def test_invitations_come_and_go() -> None:
    world = live()
    own(world, type="Search", UserName="nanda", Rev=2, Lapses="then")
    nanda = Invitation(username="nanda", rev=2, lapses="then")
    assert world.link.streams.consents.invitations == {"nanda": nanda}
    own(world, type="Resolved", UserName="nanda", Result="cancelled")
    assert world.link.streams.consents.invitations == {}
    world.take(9)
    assert world.taken == [nanda, InvitationResolved(username="nanda", result="cancelled")]


def test_what_was_lost_of_consent_is_made_up_for() -> None:
    """Too far behind: only how things are can be told, and that is."""
    world = live(room=100)
    own(world, type="Search", UserName="nanda", Rev=1, Lapses="then")
    own(world, type="Blocked", UserName="bea", Blocked=True)
    world.close()
    world.take(9)
    before = len(world.taken)
    world.server.happen(type="Resolved", UserName="nanda", Result="cancelled")
    world.server.happen(type="Blocked", UserName="bea", Blocked=False)
    world.server.happen(type="Blocked", UserName="carol", Blocked=True)
    world.server.happen(type="Linked", Link="link", State="open", Lapses="then")
    world.server.happen(type="Invite", Username="dora", State="sent", Lapses="then")
    world.server.turn("s1")
    world.server.turn("s1")
    world.server.turn("s1")
    world.wait()
    world.settle()
    world.take(99)
    assert set(world.taken[before:]) == {
        SessionClosed(session="s1"),
        InvitationResolved(username="nanda", result=""),
        Asking(username="dora", state="sent", lapses="then"),
        Blocked(username="bea", blocked=False),
        Blocked(username="carol", blocked=True),
        OwnLink(link="link", state="open", lapses="then"),
    }
    world.check_known()


def test_a_snapshot_that_is_older_than_what_is_known_changes_nothing() -> None:
    """It was read before the session closed, and comes after that was told."""
    world = live(room=100)
    world.close()
    world.say(0, REACH + 1)
    world.wait()
    world.hear(1)
    world.hear(9)
    [call] = world.calls
    old = world.server.call(call.path)
    world.server.turn("s1")
    world.hear(9)
    world.calls.clear()
    world.do(world.link.got, call.tag, 200, old, None)
    world.settle()
    world.take(99)
    assert [event for event in world.taken if not isinstance(event, Message)] == [SessionClosed(session="s1")]
    world.check_known()


def test_what_led_to_a_session_is_over_with_it_and_not_told_again() -> None:
    world = World(Position(Epoch="1", Me=1, Sessions={"s1": 0}), room=100)
    world.server.happen(type="Search", UserName="with s2", Rev=1, Lapses="then")
    world.server.begin()
    world.answer()
    for _ in range(3):
        world.server.happen(type="Blocked", UserName="bea", Blocked=True)
    world.hear(1)
    world.hear(2)
    world.close()
    for _ in range(REACH + 1):
        world.server.happen(type="Blocked", UserName="bea", Blocked=True)
    world.wait()
    world.settle()
    world.take(99)
    assert [type(event) for event in world.taken] == [Invitation, SessionBegun, Blocked]


def test_what_is_not_known_counts() -> None:
    world = live()
    own(world, type="Novelty", Of="nanda")
    own(world, type="Closed", SessionID="s1", Users={"you": "Deleted account"})
    world.take(9)
    assert world.taken == [SessionClosed(session="s1")]
    assert world.link.streams.taken.Me == 3
    assert world.link.streams.sessions["s1"].users == {"you": "Deleted account"}
    assert world.link.streams.sessions["s1"].state == "closed"


def test_of_signals_the_newest_counts() -> None:
    world = live(room=1)
    for word, upto in (("Delivered", "5"), ("Read", "2"), ("Read", "4")):
        world.server.wire.append({"type": "Mark", "SessionID": "s1", "UserID": "you", word: upto})
    world.settle()
    world.take(9)
    assert world.taken == [Mark(session="s1", user="you", delivered=5, read=4)]


def test_whom_nobody_names_is_offline() -> None:
    world = live()
    world.server.wire.append({"type": "Status", "UserID": "you", "Status": "Online"})
    world.settle()
    world.close()
    world.wait()
    world.settle()
    assert world.link.streams.online == {"you"}
    world.wait()
    assert world.link.streams.online == set()
    world.take(9)
    assert world.taken == [Status(user="you", online=False)]


# ------------------------------------------------------------------------------------------------------- being sent


def test_one_message_of_a_session_is_in_flight() -> None:
    world = live(sessions=2)
    for session in (0, 0, 1):
        world.send(session)
    assert [frame["Message"]["data"] for frame in heard(world, "Message")] == ["mine 0", "mine 2"]
    world.settle()
    assert [frame["Message"]["data"] for frame in heard(world, "Message")] == ["mine 0", "mine 2", "mine 1"]
    world.check_sent()


def test_a_delivery_is_an_answer() -> None:
    """The connection is lost before `Done`: the message is found on the next one, and is not sent again."""
    world = live()
    world.send(0)
    world.close()
    world.wait()
    world.settle()
    assert len(heard(world, "Message")) == 1
    world.check_sent()


def test_a_message_that_did_not_arrive_is_sent_again_under_its_nonce() -> None:
    world = live()
    world.send(0)
    world.server.sessions["s1"].clear()
    world.close()
    world.wait()
    world.settle()
    first, second = heard(world, "Message")
    assert first["Nonce"] == second["Nonce"]
    assert first["Ref"] != second["Ref"]
    world.check_sent()


def test_haste_is_answered_by_waiting_as_told() -> None:
    world = live()
    world.wait()
    world.server.haste = 1
    world.send(0)
    world.settle()
    assert (world.told, world.waits) == ({}, 1.0)
    world.wait()
    world.settle()
    world.check_sent()


def test_a_refusal_is_told_and_the_next_leaves() -> None:
    world = live()
    world.send(0)
    world.server.wire[:] = [{"type": "Error", "Ref": heard(world, "Message")[0]["Ref"], "Code": "x", "Reason": "y"}]
    world.send(0)
    world.settle()
    refused = world.told[1]
    assert isinstance(refused, Refused)
    assert (refused.code, refused.reason, refused.field, refused.retry_after) == ("x", "y", None, None)
    assert world.told[2]["MessageID"] == "2"


def test_an_answer_that_does_not_come_ends_the_connection() -> None:
    world = live()
    world.wait()
    world.send(0)
    world.server.wire.clear()
    assert world.waits == 30.0
    world.wait()
    assert world.link.phase == "waiting"


def test_marks_only_grow_and_only_the_newest_leaves() -> None:
    world = live()
    for number in (1, 2, 5, 3, 4):
        world.do(world.link.mark, "Read", "s1", number)
    assert [frame["MessageID"] for frame in heard(world, "Read")] == ["1"]
    world.settle()
    assert [frame["MessageID"] for frame in heard(world, "Read")] == ["1", "5"]


# ---------------------------------------------------------------------------------------------------- coming and going


@pytest.mark.parametrize(
    ("code", "what"),
    [
        (1001, "back"), (1006, "back"), (1011, "back"), (1012, "back"), (1013, "back"), (4002, "back"), (4003, "back"),
        (4399, "back"), (4001, "soon"), (1000, "stop"), (1002, "stop"), (1008, "stop"), (4400, "stop"), (4401, "stop"),
        (4409, "stop"), (4429, "stop"), (4499, "stop"),
    ],
)  # fmt: skip
def test_what_a_closing_means(code: int, what: str) -> None:
    assert verdict(code) == what


def test_the_wait_is_random_below_a_bound_that_doubles() -> None:
    """Chance is one half here."""
    world, waited = live(), []
    for _ in range(9):
        world.close()
        waited.append(world.waits)
        world.wait()
    assert waited == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0]


def test_a_connection_that_held_begins_with_the_first_bound_again() -> None:
    world = live()
    for _ in range(3):
        world.close()
        world.wait()
    world.settle()
    world.now += 6
    world.close()
    assert world.waits == 0.25


def test_a_restart_is_waited_for_within_a_second_for_twenty() -> None:
    world = live()
    world.close(4001)
    began = world.now
    while world.now < began + 20:
        assert world.waits == 0.5
        world.wait()
        world.do(world.link.refused, 0, None)
    assert world.waits > 5


@pytest.mark.parametrize(
    ("status", "retry_after", "waits"), [(429, 7.0, 7.25), (503, 3.0, 3.25), (503, None, 0.25), (502, None, 0.25)]
)
def test_a_handshake_that_is_refused_for_now(status: int, retry_after: float | None, waits: float) -> None:
    world = World()
    world.answer()
    world.do(world.link.refused, status, retry_after)
    assert (world.link.phase, world.waits) == ("waiting", waits)


@pytest.mark.parametrize(("status", "why"), [(401, LoggedOut), (403, Ended), (404, Ended), (421, Ended)])
def test_a_handshake_that_is_refused_for_good(status: int, why: type[Ended]) -> None:
    world = World()
    world.answer()
    world.send(0)
    world.do(world.link.refused, status, None)
    assert world.stopped
    assert (type(world.stopped.why), world.stopped.why.code) == (why, status)
    assert world.told == {1: world.stopped.why}
    assert world.link.wakes_at is None


def test_a_closing_for_good_is_told_to_all_who_wait() -> None:
    world = live()
    world.send(0)
    world.do(world.link.closed, 4409, "replaced")
    assert world.stopped
    assert (type(world.stopped.why), world.stopped.why.code, world.stopped.why.reason) == (Ended, 4409, "replaced")
    assert list(world.told.values()) == [world.stopped.why]


def test_silence_is_an_end() -> None:
    world = live()
    world.wait()
    world.now += 59
    world.do(world.link.received, json.dumps({"type": "Beat"}))
    assert world.waits == 60.0
    world.wait()
    assert world.link.phase == "waiting"


def test_a_slow_heartbeat_makes_silence_longer() -> None:
    world = World()
    world.answer()
    world.server.wire[0]["Heartbeat"] = 100
    world.settle()
    world.wait()
    assert world.waits == 240.0 - 0.5


@pytest.mark.parametrize("text", ["", "[]", "7", '{"type": "Status"}', '{"s1": {"x": {}}}', '{"s1": 1}'])
def test_what_cannot_be_read_is_as_good_as_a_lost_connection(text: str) -> None:
    world = live()
    world.do(world.link.received, text)
    assert world.link.phase == "waiting"
