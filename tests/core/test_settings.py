"""Settings: one's own devices agree on them, and nobody else is told; who hides is as if gone."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest

from parlour import protocol
from parlour.core.pairs import Pair
from parlour.core.sessions import presence_of_peers
from parlour.core.settings import Setting
from tests.core.world import DAY, Json, Person, Ran, World

SWITCHES = ("Receipts", "Typing", "Presence")


def is_now(person: Person, status: str) -> Json:
    return {"type": "Status", "UserID": person.user_id, "Status": status}


# ------------------------------------------------------------------------------------------------------------- choosing


def test_nothing_is_chosen_at_first(world: World) -> None:
    nanda, _, session_id = world.pair()
    assert nanda.snapshot()["Me"]["Settings"] == {"WhoMayInvite": "everyone", "Presence": True}
    assert nanda.load()[session_id]["Settings"] == {}


FOR_ALL = [{name: value} for name in SWITCHES for value in (True, False)]
FOR_ALL += [{"WhoMayInvite": who} for who in ("everyone", "shared", "links", "nobody")]  # type: ignore[dict-item]


@pytest.mark.parametrize("named", FOR_ALL)
def test_a_choice_for_all_is_an_event_of_the_own_stream(world: World, named: Json) -> None:
    nanda, _, session_id = world.pair()
    ran = nanda.choose(**named)
    assert ran.result == protocol.Nothing()
    assert ran.to(nanda.user_id) == [{"type": "Settings", "Seq": 3, **named}]
    assert len(ran.published) == 1
    assert nanda.heard()[-1] == {"type": "Settings", "Seq": 3, **named}
    wanted = {"WhoMayInvite": "everyone", "Presence": True} | named
    assert nanda.snapshot()["Me"]["Settings"] == wanted
    assert nanda.load()[session_id]["Settings"] == {}


FOR_ONE = [{name: value} for name in (*SWITCHES, "Muted") for value in (True, False)]
FOR_ONE.append({"Hidden": False})


@pytest.mark.parametrize("named", FOR_ONE)
def test_a_choice_for_one_session_stands_there_alone(world: World, named: Json) -> None:
    nanda, winston, session_id = world.pair()
    other = nanda.meet(world.person("chika"))
    before = nanda.snapshot()["Me"]["Settings"]
    ran = nanda.choose(session_id, **named)
    assert ran.to(nanda.user_id) == [{"type": "Settings", "Seq": 5, "SessionID": session_id, **named}]
    assert len(ran.published) == 1
    loaded = nanda.load()
    assert (loaded[session_id]["Settings"], loaded[other]["Settings"]) == (named, {})
    assert nanda.snapshot()["Me"]["Settings"] == before
    assert winston.load()[session_id]["Settings"] == {}


def test_only_what_changes_is_told(world: World) -> None:
    nanda, _, session_id = world.pair()
    nanda.choose(Receipts=True)
    assert nanda.choose(Receipts=True, Typing=False).to(nanda.user_id) == [
        {"type": "Settings", "Seq": 4, "Typing": False}
    ]
    nanda.choose(session_id, Muted=True, Hidden=False)
    ran = nanda.choose(session_id, Muted=False, Hidden=False)
    assert ran.to(nanda.user_id) == [{"type": "Settings", "Seq": 6, "SessionID": session_id, "Muted": False}]
    assert nanda.load()[session_id]["Settings"] == {"Muted": False, "Hidden": False}


@pytest.mark.parametrize("everywhere", [True, False])
def test_a_repeat_gives_the_same_and_no_second_event(world: World, everywhere: bool) -> None:
    nanda, _, session_id = world.pair()
    where = None if everywhere else session_id
    first, again = nanda.choose(where, Receipts=False), nanda.choose(where, Receipts=False)
    assert first.result == again.result == protocol.Nothing()
    assert (len(first.published), again.published) == (1, [])


def test_a_no_is_an_answer_and_not_the_same_as_none(world: World) -> None:
    nanda = world.person("nanda")
    nanda.choose(Receipts=False)
    assert nanda.snapshot()["Me"]["Settings"]["Receipts"] is False
    assert "Typing" not in nanda.snapshot()["Me"]["Settings"]


MISPLACED = [
    ({"Muted": True}, False, "Muted"),
    ({"Hidden": False}, False, "Hidden"),
    ({"Receipts": True, "Muted": True}, False, "Muted"),
    ({"WhoMayInvite": "nobody"}, True, "WhoMayInvite"),
    ({"WhoMayInvite": "everyone", "Typing": True}, True, "WhoMayInvite"),
    ({}, False, None),
    ({}, True, None),
]


@pytest.mark.parametrize(("named", "in_session", "field"), MISPLACED)
def test_what_cannot_be_set_there_is_malformed(world: World, named: Json, in_session: bool, field: str | None) -> None:
    nanda, _, session_id = world.pair()
    before = nanda.snapshot()
    assert nanda.choose(session_id if in_session else None, **named).refusal == ("malformed", field)
    assert nanda.snapshot() == before
    assert world.read(lambda tx: tx.count(Setting, {})) == 0


@pytest.mark.parametrize(
    "named",
    [{"Receipts": None}, {"Receipts": 1}, {"Receipts": "true"}, {"WhoMayInvite": "friends"}, {"WhoMayInvite": None}],
)
def test_what_is_no_choice_is_refused_by_the_wire(world: World, named: Json) -> None:
    with pytest.raises(msgspec.ValidationError):
        world.person("nanda").choose(**named)


def test_nobody_chooses_for_another(world: World) -> None:
    nanda, winston, session_id = world.pair()
    chika = world.person("chika")
    for missing in (session_id, "nowhere", ""):
        for named in ({"Muted": True}, {"Presence": False}, {"WhoMayInvite": "nobody"}, {}):
            assert chika.choose(missing, **named).refusal == ("not_found", "SessionID")
    winston.choose(session_id, Muted=True)
    winston.choose(Typing=True)
    assert nanda.load()[session_id]["Settings"] == {}
    assert "Typing" not in nanda.snapshot()["Me"]["Settings"]


def test_a_closed_session_can_be_hidden(world: World) -> None:
    nanda, winston, session_id = world.pair()
    winston.leave_for_good()
    nanda.choose(session_id, Hidden=True)
    assert nanda.load()[session_id]["Settings"] == {"Hidden": True}


def test_an_open_session_cannot_be_hidden(world: World) -> None:
    nanda, _, session_id = world.pair()
    before = nanda.snapshot()
    for named in ({}, {"Muted": True}, {"Presence": False}):
        assert nanda.choose(session_id, Hidden=True, **named).refusal == ("open", "Hidden")
    assert nanda.snapshot() == before


@pytest.mark.parametrize("how", ["invitation", "link"])
def test_what_is_opened_again_comes_back_to_sight(world: World, how: str) -> None:
    """For whoever had hidden it, before the session itself; the other one is told nothing of that."""
    nanda, winston, session_id = world.pair()
    nanda.close(session_id)
    nanda.choose(session_id, Hidden=True, Muted=True)
    if how == "invitation":
        winston.invite("nanda")
    ran = nanda.accept("winston") if how == "invitation" else winston.redeem(nanda.link())
    shown, begun = [frame for frame in ran.to(nanda.user_id) if frame["type"] in ("Settings", "Session")]
    assert shown == {"type": "Settings", "Seq": begun["Seq"] - 1, "SessionID": session_id, "Hidden": False}
    assert "Settings" not in [frame["type"] for frame in ran.to(winston.user_id)]
    assert nanda.load()[session_id]["Settings"] == {"Hidden": False, "Muted": True}
    assert winston.load()[session_id]["Settings"] == {}
    winston.close(session_id)
    assert nanda.load()[session_id]["Settings"]["Hidden"] is False


def test_every_switch_stands_wherever_switches_are_named() -> None:
    """Types cannot be made from a list: so the list is compared."""
    switches = set(protocol.SessionSettings.__struct_fields__)
    assert switches > set(protocol.OwnSettings.__struct_fields__) - {"WhoMayInvite"}
    named = switches | {"WhoMayInvite", "SessionID"}
    assert set(protocol.Settings.__struct_fields__) == named | {"Ref"}
    assert set(protocol.SettingsChanged.__struct_fields__) == named | {"Seq"}
    assert set(Setting.__struct_fields__) == named | {"UserID"}


# ------------------------------------------------------------------------------------------------------------- presence


def sees(person: Person, other: Person) -> set[str]:
    """What a person is told of another: in load, after `Resumed`, and as a snapshot."""
    in_load = {one["Status"][other.user_id] for one in person.load().values() if other.user_id in one["Status"]}
    peers = person.world.read(lambda tx: presence_of_peers(tx, person.user_id))
    return in_load | {peers.get(other.user_id, "Offline")}


def test_who_hides_for_all_is_offline_to_all(world: World) -> None:
    nanda, winston, _ = world.pair()
    chika = world.person("chika")
    nanda.meet(chika)
    nanda.be("Online")
    ran = nanda.choose(Presence=False)
    for peer in (winston, chika):
        assert ran.to(peer.user_id) == [is_now(nanda, "Offline")]
        assert sees(peer, nanda) == {"Offline"}
    assert len(ran.published) == 3
    ran = nanda.choose(Presence=True)
    for peer in (winston, chika):
        assert ran.to(peer.user_id) == [is_now(nanda, "Online")]
        assert sees(peer, nanda) == {"Online"}


def test_who_hides_in_one_session_is_offline_there(world: World) -> None:
    nanda, winston, session_id = world.pair()
    chika = world.person("chika")
    nanda.meet(chika)
    nanda.be("Online")
    ran = nanda.choose(session_id, Presence=False)
    assert sorted(ran.kinds()) == sorted([(nanda.user_id, "Settings"), (winston.user_id, "Status")])
    assert ran.to(winston.user_id) == [is_now(nanda, "Offline")]
    assert (sees(winston, nanda), sees(chika, nanda)) == ({"Offline"}, {"Online"})
    nanda.choose(Presence=False)
    ran = nanda.choose(session_id, Presence=True)
    assert ran.to(winston.user_id) == [is_now(nanda, "Online")]
    assert (sees(winston, nanda), sees(chika, nanda)) == ({"Online"}, {"Offline"})


@pytest.mark.parametrize("everywhere", [True, False])
def test_who_hides_comes_and_goes_unheard(world: World, everywhere: bool) -> None:
    nanda, winston, session_id = world.pair()
    nanda.choose(None if everywhere else session_id, Presence=False)
    for ran in (nanda.be("Online"), nanda.be("Offline"), nanda.log_in(), nanda.leave_for_good()):
        assert not [event for event in ran.published if event.kind == "Status"]
        assert sees(winston, nanda) == {"Offline"}


def test_hiding_while_offline_tells_nobody(world: World) -> None:
    nanda, winston, session_id = world.pair()
    for named in ({"Presence": False}, {"Presence": True}):
        assert nanda.choose(None, **named).kinds() == [(nanda.user_id, "Settings")]
        assert nanda.choose(session_id, **named).kinds() == [(nanda.user_id, "Settings")]
        assert sees(winston, nanda) == {"Offline"}


def test_other_choices_tell_nobody_that_one_is_here(world: World) -> None:
    nanda, _, session_id = world.pair()
    nanda.be("Online")
    for ran in (nanda.choose(Receipts=True, Typing=True), nanda.choose(session_id, Muted=True)):
        assert ran.kinds() == [(nanda.user_id, "Settings")]


def test_hiding_twice_tells_it_once(world: World) -> None:
    nanda, winston, session_id = world.pair()
    nanda.be("Online")
    assert nanda.choose(Presence=True).to(winston.user_id) == []
    assert nanda.choose(Presence=False).to(winston.user_id) == [is_now(nanda, "Offline")]
    assert nanda.choose(session_id, Presence=False).to(winston.user_id) == []
    assert nanda.choose(Presence=True).to(winston.user_id) == []
    assert nanda.choose(session_id, Presence=True).to(winston.user_id) == [is_now(nanda, "Online")]


def test_who_hides_sees_the_others_still(world: World) -> None:
    nanda, winston, _ = world.pair()
    nanda.choose(Presence=False)
    assert winston.be("Online").to(nanda.user_id) == [is_now(winston, "Online")]
    assert sees(nanda, winston) == {"Online"}


@pytest.mark.parametrize("hides", [True, False])
def test_a_new_session_tells_nothing_of_who_hides(world: World, hides: bool) -> None:
    nanda, winston = world.people("nanda", "winston")
    nanda.choose(Presence=not hides)
    nanda.be("Online")
    nanda.invite("winston")
    ran = winston.accept("nanda")
    assert [f for f in ran.to(winston.user_id) if f["type"] == "Status"] == [is_now(nanda, "Online")] * (not hides)
    assert sees(winston, nanda) == {"Offline" if hides else "Online"}


# --------------------------------------------------------------------------------------------------- who may invite me

CLOSED = ("nobody", "links", "shared")


def trace(world: World, who_may: str) -> list[Any]:
    """All that an asker ever sees of somebody who has chosen this, and what any other asks of them meanwhile."""
    nanda, winston, chika = world.people("nanda", "winston", "chika")
    winston.choose(WhoMayInvite=who_may)
    seen: list[Any] = []

    def look(ran: Ran) -> None:
        outcome = ran.answer
        seen.append((protocol.encode([outcome.result, outcome.repeat, outcome.instead]), ran.to(nanda.user_id)))
        seen.append((nanda.snapshot_bytes(), chika.snapshot_bytes(), world.stream(nanda.user_id)))

    look(nanda.invite("winston"))
    world.later(DAY)
    look(nanda.invite("WINSTON"))
    look(winston.be("Online"))
    look(winston.be("Offline"))
    look(nanda.log_in())
    world.later(13 * DAY)
    look(nanda.invite("winston"))
    seen.append(nanda.accept("winston").refusal)
    look(nanda.choose(Receipts=True))
    look(winston.leave_for_good())
    look(nanda.invite("winston"))
    world.later(14 * DAY)
    seen.append(nanda.invite("winston").refusal)
    return seen


@pytest.mark.parametrize("who_may", CLOSED)
def test_the_asker_cannot_tell(world: World, who_may: str) -> None:
    another = World()
    assert trace(world, who_may) == trace(another, "everyone")
    another.close()


@pytest.mark.parametrize("who_may", CLOSED)
def test_who_takes_no_invitations_sees_none(world: World, who_may: str) -> None:
    nanda, winston = world.people("nanda", "winston")
    winston.choose(WhoMayInvite=who_may)
    before, heard = winston.snapshot_bytes(), winston.heard()
    for _ in range(2):
        assert nanda.invite("winston").to(winston.user_id) == []
    assert (winston.snapshot_bytes(), winston.heard()) == (before, heard)
    for accepted, rev in itertools.product((0, 1), (None, 1)):
        more = {} if rev is None else {"Rev": rev}
        assert winston.respond("nanda", accepted, **more).refusal == ("no_invitation", "username")
    assert (winston.snapshot_bytes(), winston.load()) == (before, {})


@pytest.mark.parametrize("who_may", CLOSED)
def test_who_asks_back_has_said_yes(world: World, who_may: str) -> None:
    nanda, winston = world.people("nanda", "winston")
    winston.choose(WhoMayInvite=who_may)
    nanda.invite("winston")
    ran = winston.invite("nanda")
    assert ran.result == protocol.Begun(ran.result.SessionID, {nanda.user_id: "nanda"})
    assert list(nanda.load()) == list(winston.load()) == [ran.result.SessionID]


@pytest.mark.parametrize("who_may", CLOSED)
def test_ones_own_choice_does_not_keep_one_from_asking(world: World, who_may: str) -> None:
    nanda, winston = world.people("nanda", "winston")
    winston.choose(WhoMayInvite=who_may)
    winston.invite("nanda")
    assert nanda.accept("winston").result.Users == {winston.user_id: "winston"}


def test_who_has_had_a_conversation_shares_one(world: World) -> None:
    nanda, winston, chika = world.people("nanda", "winston", "chika")
    session_id = nanda.meet(winston)
    winston.choose(WhoMayInvite="shared")
    winston.close(session_id)
    assert [frame["UserName"] for frame in nanda.invite("winston").to(winston.user_id)] == ["nanda"]
    assert chika.invite("winston").to(winston.user_id) == []


def test_who_has_chosen_other_things_alone_takes_invitations(world: World) -> None:
    nanda, winston = world.people("nanda", "winston")
    winston.choose(Receipts=True, Presence=False)
    assert [frame["UserName"] for frame in nanda.invite("winston").to(winston.user_id)] == ["nanda"]


def test_opening_up_shows_no_asking_of_before(world: World) -> None:
    nanda, winston = world.people("nanda", "winston")
    winston.choose(WhoMayInvite="nobody")
    nanda.invite("winston")
    assert winston.choose(WhoMayInvite="everyone").kinds() == [(winston.user_id, "Settings")]
    assert nanda.invite("winston").published == []
    assert winston.snapshot()["Me"]["Invitations"] == []
    world.later(14 * DAY)
    assert [frame["Rev"] for frame in nanda.invite("winston").to(winston.user_id)] == [2]


def test_closing_leaves_what_was_asked_before(world: World) -> None:
    nanda, winston = world.people("nanda", "winston")
    nanda.invite("winston")
    winston.choose(WhoMayInvite="nobody")
    assert [one["UserName"] for one in winston.snapshot()["Me"]["Invitations"]] == ["nanda"]
    assert winston.accept("nanda").result.Users == {nanda.user_id: "nanda"}


def test_a_lapsed_no_becomes_a_shadow(world: World) -> None:
    nanda, winston = world.people("nanda", "winston")
    nanda.invite("winston")
    winston.reject("nanda")
    world.later(14 * DAY)
    winston.choose(WhoMayInvite="links")
    assert nanda.invite("winston").to(winston.user_id) == []
    assert winston.accept("nanda").refusal == ("no_invitation", "username")
    [pair] = world.read(lambda tx: tx.find(Pair, {}))
    assert (pair.State, pair.Rev, pair.PopUpSeq) == ("shadow", 2, 0)


def test_a_shadow_counts_as_no_session(world: World) -> None:
    nanda, winston = world.people("nanda", "winston")
    winston.choose(WhoMayInvite="nobody")
    nanda.invite("winston")
    assert nanda.be("Online").published == winston.be("Online").published == []
