"""Sessions: who is in them, and that nobody else finds them."""

from __future__ import annotations

import msgspec
import pytest

from parlour.core.dispatch import Refused
from parlour.core.pairs import Pair
from parlour.core.ports import Tx
from parlour.core.sessions import (
    Member,
    Session,
    member,
    others_of,
    presence_of_peers,
    seen_by,
    sessions_of,
    watchers_of,
)
from parlour.protocol import Begun
from tests.core.world import Person, World


def test_a_session_begins_with_its_two_members(world: World) -> None:
    nanda, winston, session_id = world.pair()
    [session] = world.read(lambda tx: tx.find(Session, {}))
    assert session == Session(session_id, world.stamp)
    members = world.read(lambda tx: tx.find(Member, {}))
    assert {m.UserID for m in members} == {nanda.user_id, winston.user_id}
    assert {(m.SessionID, m.JoinedAt) for m in members} == {(session_id, world.stamp)}


def test_each_side_is_told_of_the_other(world: World) -> None:
    nanda, winston = world.people("nanda", "winston")
    nanda.invite("winston")
    ran = winston.accept("nanda")
    session_id = ran.result.SessionID
    [to_nanda] = ran.to(nanda.user_id)
    assert to_nanda == {
        "type": "Session",
        "Seq": 2,
        "SessionID": session_id,
        "Users": {winston.user_id: "winston"},
    }
    assert ran.to(winston.user_id)[-1] == {
        "type": "Session",
        "Seq": 3,
        "SessionID": session_id,
        "Users": {nanda.user_id: "nanda"},
    }


@pytest.mark.parametrize(("first", "second"), [(False, False), (True, False), (False, True), (True, True)])
def test_with_a_session_each_learns_whether_the_other_is_here(world: World, first: bool, second: bool) -> None:
    nanda, winston = world.people("nanda", "winston")
    nanda.be("Online" if first else "Offline")
    winston.be("Online" if second else "Offline")
    nanda.invite("winston")
    ran = winston.accept("nanda")
    signals = {event.stream: msgspec.json.decode(event.frame) for event in ran.published if event.kind == "Status"}
    wanted = {}
    if first:
        wanted[winston.user_id] = {"type": "Status", "UserID": nanda.user_id, "Status": "Online"}
    if second:
        wanted[nanda.user_id] = {"type": "Status", "UserID": winston.user_id, "Status": "Online"}
    assert signals == wanted
    for user_id in wanted:
        kinds = [kind for stream, kind in ran.kinds() if stream == user_id]
        assert kinds.index("Session") < kinds.index("Status")


def test_a_member_passes_the_gate(world: World) -> None:
    nanda, _, session_id = world.pair()
    found = world.read(lambda tx: member(tx, session_id, nanda.user_id))
    assert (found.SessionID, found.UserID) == (session_id, nanda.user_id)


def refusal(world: World, session_id: str, person: Person) -> tuple[object, ...]:
    """Everything that the gate tells of somebody whom it does not let in."""
    with pytest.raises(Refused) as refused:
        world.read(lambda tx: member(tx, session_id, person.user_id))
    told = refused.value
    return told.code, told.field, told.retry_after, told.status


@pytest.mark.parametrize("session_id", ["", "nowhere", "x" * 5000, "' OR 1=1--", "%", "\0", "12"])
def test_what_is_not_there_is_not_found(world: World, session_id: str) -> None:
    nanda, _, _ = world.pair()
    assert refusal(world, session_id, nanda) == ("not_found", "SessionID", None, None)


def test_what_is_almost_there_is_not_found(world: World) -> None:
    nanda, _, session_id = world.pair()
    for almost in (session_id[:-1], session_id + "x", session_id.swapcase(), session_id + "\0", " " + session_id):
        assert refusal(world, almost, nanda) == ("not_found", "SessionID", None, None)


def test_what_is_foreign_is_refused_as_if_it_were_not_there(world: World) -> None:
    _, _, session_id = world.pair()
    chika = world.person("chika")
    assert refusal(world, session_id, chika) == refusal(world, "nowhere", chika)


def test_who_is_asked_is_no_member_before_saying_yes(world: World) -> None:
    nanda, winston = world.people("nanda", "winston")
    nanda.invite("winston")
    winston.reject("nanda")
    assert world.read(lambda tx: sessions_of(tx, nanda.user_id) + sessions_of(tx, winston.user_id)) == []


def test_a_circle_of_three_has_three_sessions(world: World) -> None:
    nanda, winston, chika = world.people("nanda", "winston", "chika")
    ids = {nanda.meet(winston), winston.meet(chika), chika.meet(nanda)}
    assert len(ids) == 3
    assert len(world.read(lambda tx: sessions_of(tx, nanda.user_id))) == 2
    assert set(world.read(lambda tx: watchers_of(tx, nanda.user_id))) == {winston.user_id, chika.user_id}


def test_a_session_is_seen_with_the_others_in_it(world: World) -> None:
    nanda, winston, session_id = world.pair()
    assert world.read(lambda tx: seen_by(tx, session_id, nanda.user_id)) == Begun(
        session_id, {winston.user_id: "winston"}
    )


def test_others_of_many_sessions_come_at_once(world: World) -> None:
    nanda, winston, chika = world.people("nanda", "winston", "chika")
    one, two = nanda.meet(winston), nanda.meet(chika)

    def names(tx: Tx) -> dict[str, list[str]]:
        return {s: [u.Username for u in users] for s, users in others_of(tx, [one, two], nanda.user_id).items()}

    assert world.read(names) == {one: ["winston"], two: ["chika"]}
    assert world.read(lambda tx: others_of(tx, [], nanda.user_id)) == {}


def test_presence_of_peers_names_each(world: World) -> None:
    nanda, winston, chika = world.people("nanda", "winston", "chika")
    nanda.meet(winston)
    nanda.meet(chika)
    world.person("somebody-else").be("Online")
    chika.be("Online")
    nanda.be("Online")
    assert world.read(lambda tx: presence_of_peers(tx, nanda.user_id)) == {
        winston.user_id: "Offline",
        chika.user_id: "Online",
    }


def test_somebody_without_sessions_has_no_peers(world: World) -> None:
    nanda = world.person("nanda")
    assert world.read(lambda tx: watchers_of(tx, nanda.user_id)) == []
    assert world.read(lambda tx: presence_of_peers(tx, nanda.user_id)) == {}


def test_the_pairs_record_names_the_session(world: World) -> None:
    _, _, session_id = world.pair()
    [pair] = world.read(lambda tx: tx.find(Pair, {}))
    assert (pair.State, pair.SessionID) == ("active", session_id)
