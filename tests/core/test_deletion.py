"""Deletion: nothing of an account is left to use, and what was said stays with those to whom it was said."""

from __future__ import annotations

from typing import Any

import pytest

from parlour import protocol
from parlour.core.accounts import DELETED, USER, Register, User, judge_name, named
from parlour.core.deletion import Delete
from parlour.core.dispatch import Refused
from parlour.core.logins import ChangePassword, LogIn, Login
from parlour.core.ports import Secret
from parlour.core.settings import Setting
from tests.core.world import DAY, MOMENT, Json, Person, World


def row(person: Person) -> User:
    user = person.world.read(lambda tx: tx.get(USER, person.user_id))
    assert user
    return user


# ----------------------------------------------------------------------------------------------------------- who leaves


@pytest.mark.parametrize("checked", ["", "kept of winston", "kept of nanda "])
def test_another_password_deletes_nothing(world: World, checked: str) -> None:
    nanda, winston, _ = world.pair()
    before = (nanda.snapshot_bytes(), winston.snapshot_bytes(), row(nanda))
    ran = world.run(Delete(Secret(checked)), nanda.caller)
    assert ran.refusal == ("wrong_password", "Password")
    assert (nanda.snapshot_bytes(), winston.snapshot_bytes(), row(nanda)) == before
    assert nanda.is_logged_in


def test_a_password_changed_meanwhile_deletes_nothing(world: World) -> None:
    nanda = world.person("nanda")
    world.run(ChangePassword(Secret("kept of nanda"), Secret("kept anew")), nanda.caller)
    assert nanda.leave_for_good().refusal == ("wrong_password", "Password")
    assert world.run(Delete(Secret("kept anew")), nanda.caller).result == protocol.Nothing()


def test_all_logins_end_and_no_other_persons(world: World) -> None:
    nanda, winston = world.people("nanda", "winston")
    first = nanda.caller.LoginID
    nanda.log_in()
    ran = nanda.leave_for_good()
    assert ran.result == protocol.Nothing()
    assert sorted(ran.ended) == sorted([first, nanda.caller.LoginID])
    assert [login.UserID for login in world.read(lambda tx: tx.find(Login, {}))] == [winston.user_id]


def test_the_password_is_gone_and_opens_nothing(world: World) -> None:
    nanda = world.person("nanda")
    nanda.leave_for_good()
    assert (row(nanda).Password, row(nanda).DeletedAt, row(nanda).Status) == (Secret(""), world.stamp, "Offline")
    assert world.read(lambda tx: named(tx, "nanda")) is None
    for checked in ("kept of nanda", ""):
        ran = world.run(LogIn(nanda.user_id, Secret(checked), Secret("token")))
        assert ran.refusal == ("wrong_password", None)
        ran = world.run(ChangePassword(Secret(checked), Secret("kept anew")), nanda.caller)
        assert ran.refusal == ("wrong_password", "Old")
        assert world.run(Delete(Secret(checked)), nanda.caller).refusal == ("wrong_password", "Password")
    assert row(nanda).Password == Secret("")


def test_the_name_is_never_given_again(world: World) -> None:
    world.person("Nanda").leave_for_good()
    for name in ("Nanda", "nanda", "NANDA"):
        assert world.run(Register(name, Secret("kept"))).refusal == ("username_taken", "Username")


def test_its_settings_go_and_no_other_persons(world: World) -> None:
    nanda, winston, session_id = world.pair()
    for person in (nanda, winston):
        person.choose(WhoMayInvite="nobody")
        person.choose(session_id, Muted=True)
    nanda.leave_for_good()
    assert {s.UserID for s in world.read(lambda tx: tx.find(Setting, {}))} == {winston.user_id}


# ------------------------------------------------------------------------------------------------------------ who stays


def test_the_survivor_hears_it_and_keeps_what_was_said(world: World) -> None:
    nanda, winston, session_id = world.pair()
    nanda.be("Online")
    for person in (nanda, winston):
        person.send(session_id, f"from {person.name}")
    before = winston.load()[session_id]
    told = nanda.leave_for_good().to(winston.user_id)
    users = {nanda.user_id: "Deleted account"}
    assert told == [
        {"type": "Status", "UserID": nanda.user_id, "Status": "Offline"},
        {"type": "Closed", "Seq": 4, "SessionID": session_id, "Users": users},
    ]
    status = {nanda.user_id: "Offline"}
    assert winston.load()[session_id] == before | {"UserIds": users, "State": "closed", "Status": status}
    assert [m["data"] for m in winston.history(session_id)["Messages"].values()] == ["from nanda", "from winston"]


def test_no_name_is_like_the_one_in_its_place() -> None:
    with pytest.raises(Refused, match="username_invalid"):
        judge_name(DELETED)


def test_every_session_closes_and_no_other(world: World) -> None:
    nanda, winston, chika = world.people("nanda", "winston", "chika")
    ids = [nanda.meet(winston), nanda.meet(chika), winston.meet(chika)]
    ran = nanda.leave_for_good()
    closed = [event.stream for event in ran.published if event.kind == "Closed" and event.stream != nanda.user_id]
    assert sorted(closed) == sorted(person.user_id for person in (winston, chika))
    assert {s: one["State"] for s, one in winston.load().items()} == {ids[0]: "closed", ids[2]: "active"}
    assert {s: one["State"] for s, one in chika.load().items()} == {ids[1]: "closed", ids[2]: "active"}


def test_nothing_more_is_said_there_but_what_was_said_is_found_again(world: World) -> None:
    nanda, winston, session_id = world.pair()
    first = winston.send(session_id, nonce="nonce-0001")
    nanda.leave_for_good()
    again = winston.send(session_id, nonce="nonce-0001")
    assert (again.result, again.published) == (first.result, [])
    assert again.answer.repeat == world.stream(session_id)[0].frame
    assert winston.send(session_id, "other", nonce="nonce-0001").refusal == ("nonce_reused", "Nonce")
    assert winston.send(session_id, nonce="nonce-0002").refusal == ("closed", "SessionID")
    assert winston.send(session_id).refusal == ("closed", "SessionID")
    assert len(world.stream(session_id)) == 1


def test_nobody_is_told_who_comes_and_goes_afterwards(world: World) -> None:
    nanda, winston, _ = world.pair()
    winston.be("Online")
    nanda.leave_for_good()
    assert winston.be("Offline").published == winston.be("Online").published == []


def test_one_who_is_gone_does_not_come_online(world: World) -> None:
    nanda = world.person("nanda")
    nanda.leave_for_good()
    nanda.be("Online")
    user = world.read(lambda tx: tx.get(USER, nanda.user_id))
    assert user is not None
    assert user.Status == "Offline"


def test_one_who_is_gone_is_not_found(world: World) -> None:
    nanda, winston, _ = world.pair()
    chika = world.person("chika")
    nanda.leave_for_good()
    for person in (winston, chika):
        assert person.invite("nanda").refusal == ("user_not_found", "Username")
        assert person.invite("nanda").refusal == person.invite("nobody").refusal
    assert winston.accept("nanda").refusal[0] in ("no_invitation", "gone")
    assert chika.accept("nanda").refusal == ("no_invitation", "username")


# --------------------------------------------------------------------------------------------------------- invitations


def test_what_the_deleted_one_had_asked_is_over(world: World) -> None:
    nanda, winston = world.people("nanda", "winston")
    nanda.invite("winston")
    told = nanda.leave_for_good().to(winston.user_id)
    assert told == [{"type": "Resolved", "Seq": 2, "UserName": "nanda", "Result": "cancelled"}]
    assert winston.snapshot()["Me"]["Invitations"] == []
    for accepted in (1, 0):
        assert winston.respond("nanda", accepted).refusal == ("gone", "username")
    assert winston.load() == {}


@pytest.mark.parametrize("before", ["declined", "shadow", "lapsed"])
def test_who_has_no_pop_up_hears_nothing(world: World, before: str) -> None:
    nanda, winston = world.people("nanda", "winston")
    if before == "shadow":
        winston.choose(WhoMayInvite="nobody")
    nanda.invite("winston")
    if before == "declined":
        winston.reject("nanda")
    if before == "lapsed":
        world.later(14 * DAY)
    heard, seen = winston.heard(), winston.snapshot_bytes()
    assert nanda.leave_for_good().to(winston.user_id) == []
    assert (winston.heard(), winston.snapshot_bytes()) == (heard, seen)
    assert winston.invite("nanda").refusal == ("user_not_found", "Username")


def asker_sees(person: Person, name: str) -> Json:
    ran = person.invite(name)
    assert ran.published == []
    return {"answer": protocol.encode(ran.result), "state": person.snapshot_bytes()}


@pytest.mark.parametrize("before", ["pending", "declined", "shadow"])
def test_what_was_asked_of_the_deleted_one_runs_to_its_lapse(world: World, before: str) -> None:
    nanda, winston = world.people("nanda", "winston")
    if before == "shadow":
        nanda.choose(WhoMayInvite="nobody")
    winston.invite("nanda")
    if before == "declined":
        nanda.reject("winston")
    seen, heard = asker_sees(winston, "nanda"), winston.heard()
    assert nanda.leave_for_good().to(winston.user_id) == []
    assert asker_sees(winston, "nanda") == seen
    world.later(14 * DAY - MOMENT)
    assert asker_sees(winston, "nanda") == seen
    world.later(MOMENT)
    assert winston.invite("nanda").refusal == ("user_not_found", "Username")
    assert winston.heard() == heard


# ---------------------------------------------------------------------------- what was on its way when the account went


def late(person: Person, session_id: str) -> list[Any]:
    """Frames of a socket that is about to be closed."""
    return [
        person.invite("chika"),
        person.accept("chika"),
        person.invite("bea"),
        person.choose(WhoMayInvite="nobody"),
        person.choose(session_id, Muted=True),
        person.deliver(session_id, 1),
        person.read(session_id, 1),
    ]


def test_what_the_deleted_one_still_asks_does_nothing(world: World) -> None:
    nanda, winston, session_id = world.pair()
    winston.send(session_id)
    chika, bea = world.people("chika", "bea")
    chika.invite("nanda")
    nanda.leave_for_good()
    before = [person.snapshot_bytes() for person in (winston, chika, bea)]
    for ran in late(nanda, session_id):
        assert ran.refusal == ("unauthorized", None)
    assert nanda.send(session_id).refusal == ("closed", "SessionID")
    assert [person.snapshot_bytes() for person in (winston, chika, bea)] == before
    assert world.read(lambda tx: tx.count(Setting, {})) == 0


def test_what_a_deleted_one_asked_stays_over_where_the_clock_is_set_back(world: World) -> None:
    nanda, winston = world.people("nanda", "winston")
    nanda.invite("winston")
    world.later(14 * DAY)
    nanda.leave_for_good()
    world.later(-13 * DAY)
    assert winston.accept("nanda").refusal == ("no_invitation", "username")
    assert winston.invite("nanda").refusal == ("user_not_found", "Username")
    assert winston.load() == {}
