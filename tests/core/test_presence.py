"""Presence: written when it changes, told to those who share a session and to nobody else."""

from __future__ import annotations

import pytest

from parlour.core.accounts import USER, User
from parlour.core.ports import Tx
from parlour.core.presence import EverybodyOffline, Presence
from parlour.core.sessions import Member, Session
from tests.core.world import Json, Person, World


def is_now(person: Person, status: str) -> Json:
    return {"type": "Status", "UserID": person.user_id, "Status": status}


def stored(world: World) -> dict[str, str]:
    return {user.Username: user.Status for user in world.read(lambda tx: tx.find(User, {}))}


def test_a_peer_hears_who_comes_and_who_goes(world: World) -> None:
    nanda, winston, _ = world.pair()
    assert nanda.be("Online").to(winston.user_id) == [is_now(nanda, "Online")]
    assert nanda.be("Offline").to(winston.user_id) == [is_now(nanda, "Offline")]


def test_it_is_a_signal_and_stored_in_no_stream(world: World) -> None:
    nanda, winston, session_id = world.pair()
    before = [world.stream(s) for s in (nanda.user_id, winston.user_id, session_id)]
    ran = nanda.be("Online")
    assert [(event.number, event.kind) for event in ran.published] == [(0, "Status")]
    assert [world.stream(s) for s in (nanda.user_id, winston.user_id, session_id)] == before


def test_only_a_change_is_written_and_told(world: World) -> None:
    nanda, _, _ = world.pair()
    assert nanda.be("Offline").published == []
    assert len(nanda.be("Online").published) == 1
    assert nanda.be("Online").published == []
    assert stored(world) == {"nanda": "Online", "winston": "Offline"}


def test_oneself_hears_nothing(world: World) -> None:
    nanda, _, _ = world.pair()
    assert nanda.be("Online").to(nanda.user_id) == []


def test_every_peer_hears_it(world: World) -> None:
    nanda, *others = world.people("nanda", "winston", "chika", "bea")
    for other in others:
        nanda.meet(other)
    assert sorted(nanda.be("Online").kinds()) == sorted((other.user_id, "Status") for other in others)


def test_a_peer_of_two_sessions_hears_it_once(world: World) -> None:
    nanda, winston, _ = world.pair()

    def one_more(tx: Tx) -> None:
        """A session of more than two, as a later release will have them."""
        tx.add(Session("together", world.stamp))
        for user_id in (nanda.user_id, winston.user_id):
            tx.add(Member("together", user_id, world.stamp))

    world.write(one_more)
    assert nanda.be("Online").kinds() == [(winston.user_id, "Status")]


def test_a_peers_peer_hears_nothing(world: World) -> None:
    nanda, winston, chika = world.people("nanda", "winston", "chika")
    nanda.meet(winston)
    winston.meet(chika)
    assert nanda.be("Online").kinds() == [(winston.user_id, "Status")]


@pytest.mark.parametrize(
    "between", ["nothing", "invited by her", "invited by him", "he declined", "she declined", "lapsed"]
)
def test_nothing_leaks_before_both_have_said_yes(world: World, between: str) -> None:
    nanda, winston = world.people("nanda", "winston")
    if between in ("invited by her", "he declined", "lapsed"):
        nanda.invite("winston")
    if between in ("invited by him", "she declined"):
        winston.invite("nanda")
    if between == "he declined":
        winston.reject("nanda")
    if between == "she declined":
        nanda.reject("winston")
    if between == "lapsed":
        world.later(days=15)
    assert nanda.be("Online").published == []
    assert winston.be("Online").published == []


def test_somebody_who_is_not_there_does_not_come(world: World) -> None:
    ran = world.run(Presence("nobody", "Online"))
    assert (ran.result, ran.published) == (None, [])
    assert world.read(lambda tx: tx.get(USER, "nobody")) is None


def test_when_the_server_starts_everybody_is_offline(world: World) -> None:
    nanda, winston, _ = world.pair()
    chika = world.person("chika")
    nanda.be("Online")
    chika.be("Online")
    ran = world.run(EverybodyOffline())
    assert (ran.result, ran.published) == (None, [])
    assert stored(world) == {"nanda": "Offline", "winston": "Offline", "chika": "Offline"}
    assert winston.load()[next(iter(winston.load()))]["Status"] == {nanda.user_id: "Offline"}


def test_coming_back_after_the_start_is_told(world: World) -> None:
    nanda, winston, _ = world.pair()
    nanda.be("Online")
    world.run(EverybodyOffline())
    assert nanda.be("Online").to(winston.user_id) == [is_now(nanda, "Online")]


def test_presence_changes_nothing_else_of_the_user(world: World) -> None:
    nanda = world.person("nanda")
    before = world.read(lambda tx: tx.get(USER, nanda.user_id))
    nanda.be("Online")
    after = world.read(lambda tx: tx.get(USER, nanda.user_id))
    assert before
    assert after
    before.Status = "Online"
    assert after == before
