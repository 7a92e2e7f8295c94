"""Logins: a token opens the door as long as its login lives, and no longer than the password that made it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from parlour.core.accounts import USER
from parlour.core.dispatch import LOGIN_ENDED, stamp_of
from parlour.core.logins import ChangePassword, LogIn, Login, LogOut, NewLogin, Touch, login_by_token, view
from parlour.core.ports import Secret, Tx
from parlour.protocol import Nothing
from tests.core.world import DAY, MOMENT, START, Person, Ran, World


def log_in(person: Person, token: str = "token") -> NewLogin:
    made = person.world.run(LogIn(person.user_id, Secret(f"kept of {person.name}"), Secret(token))).result
    assert isinstance(made, NewLogin)
    return made


def opens(world: World, token: str) -> bool:
    return world.read(lambda tx: login_by_token(tx, token, world.stamp)) is not None


def logins_of(person: Person) -> list[Login]:
    return person.world.read(lambda tx: tx.find(Login, {"UserID": person.user_id}, order="CreatedAt"))


def status_of(person: Person) -> str:
    user = person.world.read(lambda tx: tx.get(USER, person.user_id))
    assert user
    return user.Status


# ------------------------------------------------------------------------------------------------------------- making


def test_a_login_tells_who_it_is_and_when_it_ends(world: World) -> None:
    nanda = world.stranger("Nanda")
    made = log_in(nanda)
    assert made == NewLogin(made.LoginID, nanda.user_id, "Nanda", stamp_of(START + 30 * DAY))
    assert logins_of(nanda) == [Login(made.LoginID, nanda.user_id, Secret("token"), world.stamp, world.stamp)]


def test_its_token_opens_the_door_to_its_own_user(world: World) -> None:
    nanda, winston = world.stranger("nanda"), world.stranger("winston")
    made, _ = log_in(nanda, "one"), log_in(winston, "other")
    found = world.read(lambda tx: login_by_token(tx, "one", world.stamp))
    assert found
    assert (found[0].LoginID, found[1].Username) == (made.LoginID, "nanda")


@pytest.mark.parametrize("token", ["", "toke", "token ", "TOKEN", "' OR 1=1--", "\0", "token\0"])
def test_another_text_opens_nothing(world: World, token: str) -> None:
    log_in(world.stranger("nanda"))
    assert not opens(world, token)
    assert opens(world, "token")


def test_logging_in_makes_one_online(world: World) -> None:
    nanda = world.stranger("nanda")
    assert status_of(nanda) == "Offline"
    log_in(nanda)
    assert status_of(nanda) == "Online"


def test_the_peers_hear_it_once(world: World) -> None:
    nanda, winston, _ = world.pair()
    first, second = nanda.log_in(), nanda.log_in()
    assert first.to(winston.user_id) == [{"type": "Status", "UserID": nanda.user_id, "Status": "Online"}]
    assert first.kinds() == [(winston.user_id, "Status")]
    assert second.published == []


def test_an_account_that_is_not_there_has_no_login(world: World) -> None:
    ran = world.run(LogIn("nobody", Secret("kept"), Secret("token")))
    assert ran.refusal == ("wrong_password", None)
    assert world.read(lambda tx: tx.count(Login, {})) == 0


# -------------------------------------------------------------------------------- the password that was checked before


def test_a_password_changed_between_check_and_write_gives_no_login(world: World) -> None:
    nanda = world.stranger("nanda")

    def change(tx: Tx) -> None:
        user = tx.get(USER, nanda.user_id)
        assert user
        user.Password = Secret("kept of another password")
        tx.put(user)

    world.write(change)
    ran = world.run(LogIn(nanda.user_id, Secret("kept of nanda"), Secret("token")))
    assert ran.refusal == ("wrong_password", None)
    assert not opens(world, "token")
    assert logins_of(nanda) == []
    assert status_of(nanda) == "Offline"


def test_a_hash_with_outdated_costs_is_replaced(world: World) -> None:
    nanda = world.stranger("nanda")
    world.run(LogIn(nanda.user_id, Secret("kept of nanda"), Secret("token"), Secret("kept anew")))
    user = world.read(lambda tx: tx.get(USER, nanda.user_id))
    assert user
    assert user.Password == Secret("kept anew")
    assert opens(world, "token")


def test_a_login_checked_against_the_replaced_hash_fails(world: World) -> None:
    nanda = world.stranger("nanda")
    world.run(LogIn(nanda.user_id, Secret("kept of nanda"), Secret("one"), Secret("kept anew")))
    late = world.run(LogIn(nanda.user_id, Secret("kept of nanda"), Secret("two"), Secret("kept anew, again")))
    assert late.refusal == ("wrong_password", None)
    assert not opens(world, "two")
    user = world.read(lambda tx: tx.get(USER, nanda.user_id))
    assert user
    assert user.Password == Secret("kept anew")


# ------------------------------------------------------------------------------------------------------------- ending


def test_it_ends_after_fourteen_days_without_use(world: World) -> None:
    log_in(world.stranger("nanda"))
    world.later(14 * DAY - MOMENT)
    assert opens(world, "token")
    world.later(MOMENT)
    assert not opens(world, "token")


def test_use_keeps_it_alive(world: World) -> None:
    login_id = log_in(world.stranger("nanda")).LoginID
    world.later(13 * DAY)
    assert world.run(Touch(login_id)).published == []
    world.later(14 * DAY - MOMENT)
    assert opens(world, "token")
    world.later(MOMENT)
    assert not opens(world, "token")


def test_it_ends_after_thirty_days_whatever_its_use(world: World) -> None:
    login_id = log_in(world.stranger("nanda")).LoginID
    for _ in range(29):
        world.later(DAY)
        world.run(Touch(login_id))
    world.later(DAY - MOMENT)
    world.run(Touch(login_id))
    assert opens(world, "token")
    world.later(MOMENT)
    assert not opens(world, "token")


def test_touching_one_login_leaves_the_others(world: World) -> None:
    nanda = world.stranger("nanda")
    used = log_in(nanda, "used")
    log_in(nanda, "left alone")
    world.later(13 * DAY)
    world.run(Touch(used.LoginID))
    world.later(2 * DAY)
    assert (opens(world, "used"), opens(world, "left alone")) == (True, False)


def test_logging_out_ends_one_login_and_no_other(world: World) -> None:
    nanda = world.stranger("nanda")
    first = log_in(nanda, "one")
    log_in(nanda, "two")
    ran = world.run(LogOut(first.LoginID), nanda.caller)
    assert ran.kinds() == [(nanda.user_id, LOGIN_ENDED)]
    assert ran.ended == [first.LoginID]
    assert (opens(world, "one"), opens(world, "two")) == (False, True)


def test_logging_out_twice_is_no_error(world: World) -> None:
    login_id = log_in(world.stranger("nanda")).LoginID
    assert world.run(LogOut(login_id)).result is None
    assert world.run(LogOut(login_id)).result is None
    assert world.run(LogOut("never there")).result is None


def test_touching_what_has_ended_revives_nothing(world: World) -> None:
    login_id = log_in(world.stranger("nanda")).LoginID
    world.run(LogOut(login_id))
    assert world.run(Touch(login_id)).result is None
    assert not opens(world, "token")


def test_logging_out_leaves_the_status_to_the_sockets(world: World) -> None:
    nanda = world.stranger("nanda")
    world.run(LogOut(log_in(nanda).LoginID))
    assert status_of(nanda) == "Online"


# ---------------------------------------------------------------------------------------------- seen, ended by oneself


def seen(person: Person) -> list[tuple[str, str, bool]]:
    """A person's own logins as `GET /api/logins` shows them: which, by what device, whether it asks."""
    world = person.world
    shown = world.read(lambda tx: view(tx, person.caller, world.stamp)).Logins
    return [(one.LoginID, one.Agent, one.Current) for one in shown]


def by(person: Person, agent: str) -> str:
    """One more login, by this device; its LoginID."""
    request = LogIn(person.user_id, Secret(f"kept of {person.name}"), Secret(agent), Agent=agent)
    return str(person.world.run(request).result.LoginID)


def test_what_was_used_last_stands_first(world: World) -> None:
    nanda = world.person("nanda")
    world.person("winston")
    own = nanda.caller.LoginID
    ids = []
    for agent in ("telephone", "tablet"):
        world.later(DAY)
        ids.append(by(nanda, agent))
    assert seen(nanda) == [(ids[1], "tablet", False), (ids[0], "telephone", False), (own, "", True)]
    world.later(DAY)
    world.run(Touch(ids[0]))
    assert [login_id for login_id, _, _ in seen(nanda)] == [ids[0], ids[1], own]


def test_what_is_shown_is_when_it_was_made_and_used(world: World) -> None:
    nanda = world.person("nanda")
    made = world.stamp
    world.later(DAY)
    world.run(Touch(nanda.caller.LoginID))
    [shown] = world.read(lambda tx: view(tx, nanda.caller, world.stamp)).Logins
    assert (shown.CreatedAt, shown.UsedAt) == (made, world.stamp)


def test_what_has_ended_by_itself_is_not_shown(world: World) -> None:
    nanda = world.person("nanda")
    idle, used = nanda.caller.LoginID, by(nanda, "telephone")
    world.later(13 * DAY)
    world.run(Touch(used))
    assert [login_id for login_id, _, _ in seen(nanda)] == [used, idle]
    world.later(DAY)
    assert [login_id for login_id, _, _ in seen(nanda)] == [used]
    for _ in range(2):
        world.later(8 * DAY)
        world.run(Touch(used))
    assert seen(nanda) == []


def test_a_device_may_not_call_itself_anything_at_length(world: World) -> None:
    nanda = world.stranger("nanda")
    by(nanda, "x" * 1_000)
    assert [len(agent) for _, agent, _ in seen(nanda)] == [200]


def test_revoking_one_login_ends_it_and_no_other(world: World) -> None:
    nanda = world.person("nanda")
    first, second = by(nanda, "telephone"), by(nanda, "tablet")
    ran = nanda.say(type="Revoke", LoginID=first)
    assert (ran.result, ran.kinds(), ran.ended) == (Nothing(), [(nanda.user_id, LOGIN_ENDED)], [first])
    assert (opens(world, "telephone"), opens(world, "tablet")) == (False, True)
    assert {login_id for login_id, _, _ in seen(nanda)} == {second, nanda.caller.LoginID}
    assert nanda.say(type="Revoke", LoginID=first).refusal == ("not_found", "LoginID")


def test_ones_own_login_can_be_revoked(world: World) -> None:
    nanda = world.person("nanda")
    assert nanda.say(type="Revoke", LoginID=nanda.caller.LoginID).ended == [nanda.caller.LoginID]
    assert not nanda.is_logged_in


def test_revoking_the_others_leaves_the_one_that_asks(world: World) -> None:
    nanda, winston = world.people("nanda", "winston")
    others = [by(nanda, "telephone"), by(nanda, "tablet")]
    ran = nanda.say(type="Revoke", LoginID="others")
    assert (ran.result, sorted(ran.ended)) == (Nothing(), sorted(others))
    assert seen(nanda) == [(nanda.caller.LoginID, "", True)]
    assert winston.is_logged_in
    again = nanda.say(type="Revoke", LoginID="others")
    assert (again.result, again.published) == (Nothing(), [])


def test_what_is_foreign_is_refused_as_if_it_were_not_there(world: World) -> None:
    nanda, winston = world.people("nanda", "winston")
    for login_id in (winston.caller.LoginID, "nowhere", "", "Others", "all", nanda.caller.LoginID + " "):
        assert nanda.say(type="Revoke", LoginID=login_id).refusal == ("not_found", "LoginID")
    assert nanda.is_logged_in
    assert winston.is_logged_in


# -------------------------------------------------------------------------------------------------------- new password


def new_password(person: Person, checked: str, new: str = "kept anew") -> Ran:
    return person.world.run(ChangePassword(Secret(checked), Secret(new)), person.caller)


def test_a_new_password_ends_all_other_logins(world: World) -> None:
    nanda, winston = world.people("nanda", "winston")
    others = [by(nanda, "telephone"), by(nanda, "tablet")]
    ran = new_password(nanda, "kept of nanda")
    assert (ran.result, sorted(ran.ended)) == (Nothing(), sorted(others))
    assert [login_id for login_id, _, _ in seen(nanda)] == [nanda.caller.LoginID]
    assert winston.is_logged_in
    assert world.run(LogIn(nanda.user_id, Secret("kept of nanda"), Secret("old"))).refusal[0] == "wrong_password"
    assert world.run(LogIn(nanda.user_id, Secret("kept anew"), Secret("new"))).result.Username == "nanda"


def test_of_two_who_change_it_at_once_one_is_refused(world: World) -> None:
    """Both have proven the old one; a password changed meanwhile ends the other's login too."""
    nanda = world.person("nanda")
    first = nanda.caller
    nanda.log_in()
    assert new_password(nanda, "kept of nanda").ended == [first.LoginID]
    late = world.run(ChangePassword(Secret("kept of nanda"), Secret("kept by another")), first)
    assert late.refusal == ("wrong_password", "Old")
    assert world.run(LogIn(nanda.user_id, Secret("kept anew"), Secret("new"))).result.Username == "nanda"


def test_a_login_that_ended_meanwhile_changes_nothing(world: World) -> None:
    """The password it knows is right still; but its other logins would end, and it has none of its own."""
    nanda = world.person("nanda")
    revoked = nanda.caller
    nanda.log_in()
    nanda.say(type="Revoke", LoginID="others")
    late = world.run(ChangePassword(Secret("kept of nanda"), Secret("kept by another")), revoked)
    assert late.refusal == ("wrong_password", "Old")
    assert nanda.is_logged_in


@pytest.mark.parametrize("checked", ["", "kept of nanda ", "kept of winston"])
def test_a_wrong_password_changes_nothing(world: World, checked: str) -> None:
    nanda = world.person("nanda")
    by(nanda, "telephone")
    assert new_password(nanda, checked).refusal == ("wrong_password", "Old")
    assert opens(world, "telephone")
    assert new_password(nanda, "kept of nanda").result == Nothing()


# ----------------------------------------------------------------------------------------------------------- how many


def log_in_often(world: World, person: Person, times: int) -> None:
    for i in range(times):
        log_in(person, f"{person.name} {i}")
        world.later(timedelta(minutes=1))


def test_twenty_logins_live_beside_each_other(world: World) -> None:
    nanda = world.stranger("nanda")
    log_in_often(world, nanda, 20)
    assert all(opens(world, f"nanda {i}") for i in range(20))


def test_the_oldest_gives_way_to_the_twenty_first(world: World) -> None:
    nanda, winston = world.stranger("nanda"), world.stranger("winston")
    log_in(winston, "the oldest of all")
    world.later(timedelta(minutes=1))
    log_in_often(world, nanda, 22)
    assert [i for i in range(22) if not opens(world, f"nanda {i}")] == [0, 1]
    assert len(logins_of(nanda)) == 20
    assert opens(world, "the oldest of all")


def test_the_sockets_of_what_gave_way_hear_of_it(world: World) -> None:
    nanda = world.stranger("nanda")
    ran = []
    for _ in range(22):
        ran.append(nanda.log_in())
        world.later(timedelta(minutes=1))
    assert [one.ended for one in ran] == [[]] * 20 + [[ran[0].result.LoginID], [ran[1].result.LoginID]]


def test_too_many_of_earlier_times_make_room_too(world: World) -> None:
    nanda = world.stranger("nanda")

    def many(tx: Tx) -> None:
        for i in range(30):
            stamp = stamp_of(START - i * DAY)
            tx.add(Login(f"login {i}", nanda.user_id, Secret(f"old {i}"), stamp, stamp))

    world.write(many)
    assert nanda.log_in().ended == [f"login {i}" for i in range(29, 18, -1)]
    assert {login.LoginID for login in logins_of(nanda)} >= {f"login {i}" for i in range(19)}
    assert len(logins_of(nanda)) == 20


def test_a_refused_login_takes_no_place(world: World) -> None:
    nanda = world.stranger("nanda")
    log_in_often(world, nanda, 20)
    world.run(LogIn(nanda.user_id, Secret("wrong"), Secret("token")))
    assert opens(world, "nanda 0")


def test_two_logins_never_share_a_token_or_an_id(world: World) -> None:
    nanda = world.stranger("nanda")
    ids = {log_in(nanda, f"{i}").LoginID for i in range(5)}
    assert len(ids) == 5
