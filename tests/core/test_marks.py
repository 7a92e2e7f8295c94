"""Marks, unread counts and typing: who is told what, and what both sides see afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from parlour import protocol
from parlour.core import marks
from parlour.core.marks import unread
from parlour.core.ports import Tx
from parlour.core.sessions import Member
from parlour.core.settings import Setting
from parlour.store.sqlite import Transaction
from tests.core.world import Json, Person, Ran, World

NOT_FOUND = ("not_found", "SessionID")


@pytest.fixture
def talk(world: World) -> tuple[Person, Person, str]:
    """Two people with a session of three messages: two of nanda, then one of winston."""
    nanda, winston, session_id = world.pair()
    for person in (nanda, nanda, winston):
        person.send(session_id)
    return nanda, winston, session_id


def mark(person: Person, session_id: str, **news: Any) -> Json:
    return {"type": "Mark", "SessionID": session_id, "UserID": person.user_id, **news}


def both_share(one: Person, other: Person, what: str = "Receipts") -> None:
    for person in (one, other):
        person.choose(None, **{what: True})


def seen(person: Person, session_id: str, of: Person) -> Json:
    """The marks of a member as a person's snapshot shows them."""
    found: Json = person.load()[session_id]["Marks"].get(of.user_id, {})
    return found


def left(person: Person, session_id: str) -> int:
    return int(person.load()[session_id]["Unread"])


# ----------------------------------------------------------------------------------------------------------- delivered


def test_delivered_reaches_the_other_and_the_own_devices(talk: tuple[Person, Person, str]) -> None:
    nanda, winston, session_id = talk
    ran = winston.deliver(session_id, 2)
    told = mark(winston, session_id, Delivered="2")
    assert ran.result == protocol.Nothing()
    assert (ran.to(nanda.user_id), ran.to(winston.user_id)) == ([told], [told])
    assert len(ran.published) == 2
    assert seen(nanda, session_id, winston) == seen(winston, session_id, winston) == {"Delivered": "2"}


def test_delivered_asks_no_setting(talk: tuple[Person, Person, str]) -> None:
    nanda, winston, session_id = talk
    for person in (nanda, winston):
        person.choose(Receipts=False, Typing=False, Presence=False)
        person.choose(session_id, Receipts=False, Muted=True)
    assert winston.deliver(session_id, 1).to(nanda.user_id) == [mark(winston, session_id, Delivered="1")]


def test_marks_are_signals_and_stand_in_no_stream(talk: tuple[Person, Person, str], world: World) -> None:
    nanda, winston, session_id = talk
    both_share(nanda, winston)
    before = [world.stream(s) for s in (nanda.user_id, winston.user_id, session_id)]
    published = winston.deliver(session_id, 1).published + winston.read(session_id, 2).published
    assert {event.number for event in published} == {0}
    assert [world.stream(s) for s in (nanda.user_id, winston.user_id, session_id)] == before


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("kind", ["Delivered", "Read"])
def test_a_mark_never_goes_back_and_says_nothing_twice(
    talk: tuple[Person, Person, str], kind: str, number: int
) -> None:
    nanda, winston, session_id = talk
    both_share(nanda, winston)
    winston.say(type=kind, SessionID=session_id, MessageID="2")
    before = (seen(nanda, session_id, winston), seen(winston, session_id, winston), left(winston, session_id))
    ran = winston.say(type=kind, SessionID=session_id, MessageID=str(number))
    assert (ran.result, ran.published) == (protocol.Nothing(), [])
    assert (seen(nanda, session_id, winston), seen(winston, session_id, winston), left(winston, session_id)) == before


@pytest.mark.parametrize("number", [4, 1_000, 9_999_999_999_999_999])
@pytest.mark.parametrize("kind", ["Delivered", "Read"])
def test_a_mark_beyond_the_head_is_clamped_to_it(talk: tuple[Person, Person, str], kind: str, number: int) -> None:
    nanda, winston, session_id = talk
    both_share(nanda, winston)
    winston.say(type=kind, SessionID=session_id, MessageID=str(number))
    assert seen(nanda, session_id, winston)[kind] == "3"
    nanda.send(session_id)
    assert left(winston, session_id) == (1 if kind == "Read" else 3)


def test_a_mark_in_an_empty_session_marks_nothing(world: World) -> None:
    nanda, _, session_id = world.pair()
    for ran in (nanda.deliver(session_id, 5), nanda.read(session_id, 5)):
        assert (ran.result, ran.published) == (protocol.Nothing(), [])
    assert nanda.load()[session_id]["Marks"] == {}


@pytest.mark.parametrize("number", ["", "-1", "01", "1.0", "1e3", " 1", "1 ", "\u0661", "x", "99999999999999999"])
def test_what_is_no_number_is_refused_by_the_wire(talk: tuple[Person, Person, str], number: str) -> None:
    nanda, _, session_id = talk
    for kind in ("Delivered", "Read"):
        with pytest.raises(msgspec.ValidationError):
            nanda.say(type=kind, SessionID=session_id, MessageID=number)


# ---------------------------------------------------------------------------------------------------------------- read


def test_reading_says_that_it_was_delivered_and_what_is_left(talk: tuple[Person, Person, str]) -> None:
    nanda, winston, session_id = talk
    ran = winston.read(session_id, 1)
    assert ran.to(winston.user_id) == [mark(winston, session_id, Delivered="1", Read="1", Unread=1)]
    assert ran.to(nanda.user_id) == [mark(winston, session_id, Delivered="1")]
    assert seen(nanda, session_id, winston) == {"Delivered": "1"}
    assert seen(winston, session_id, winston) == {"Delivered": "1", "Read": "1"}


def test_reading_what_was_delivered_is_no_news_to_who_is_not_told(talk: tuple[Person, Person, str]) -> None:
    _, winston, session_id = talk
    winston.deliver(session_id, 3)
    ran = winston.read(session_id, 2)
    assert ran.kinds() == [(winston.user_id, "Mark")]
    assert ran.to(winston.user_id) == [mark(winston, session_id, Delivered="3", Read="2", Unread=0)]


def test_reading_is_told_where_both_share_it(talk: tuple[Person, Person, str]) -> None:
    nanda, winston, session_id = talk
    both_share(nanda, winston)
    winston.deliver(session_id, 3)
    assert winston.read(session_id, 2).to(nanda.user_id) == [mark(winston, session_id, Read="2")]
    assert seen(nanda, session_id, winston) == {"Delivered": "3", "Read": "2"}


# What each has chosen, for all and for this session, and whether reading (or typing) is then told.
ON, OFF, UNSAID = True, False, None
CHOICES = [
    ((UNSAID, UNSAID), (UNSAID, UNSAID), False),
    ((ON, UNSAID), (UNSAID, UNSAID), False),
    ((UNSAID, UNSAID), (ON, UNSAID), False),
    ((ON, UNSAID), (ON, UNSAID), True),
    ((ON, UNSAID), (OFF, UNSAID), False),
    ((OFF, UNSAID), (ON, UNSAID), False),
    ((ON, OFF), (ON, UNSAID), False),
    ((ON, UNSAID), (ON, OFF), False),
    ((OFF, ON), (ON, UNSAID), True),
    ((UNSAID, ON), (OFF, ON), True),
    ((UNSAID, ON), (UNSAID, UNSAID), False),
    ((ON, ON), (ON, ON), True),
]
each_choice = pytest.mark.parametrize(("mine", "theirs", "told"), CHOICES)


def choose(person: Person, session_id: str, what: str, choice: tuple[bool | None, bool | None]) -> None:
    for where, value in zip((None, session_id), choice, strict=True):
        if value is not None:
            person.choose(where, **{what: value})


@each_choice
def test_reading_is_told_as_both_have_chosen(
    talk: tuple[Person, Person, str],
    mine: tuple[bool | None, bool | None],
    theirs: tuple[bool | None, bool | None],
    told: bool,
) -> None:
    nanda, winston, session_id = talk
    choose(nanda, session_id, "Receipts", mine)
    choose(winston, session_id, "Receipts", theirs)
    both_share(nanda, winston, "Typing")
    wanted = {"Delivered": "2"} | ({"Read": "2"} if told else {})
    assert nanda.read(session_id, 2).to(winston.user_id) == [mark(nanda, session_id, **wanted)]
    assert seen(winston, session_id, nanda) == wanted


@each_choice
def test_typing_is_told_as_both_have_chosen(
    talk: tuple[Person, Person, str],
    mine: tuple[bool | None, bool | None],
    theirs: tuple[bool | None, bool | None],
    told: bool,
) -> None:
    nanda, winston, session_id = talk
    choose(nanda, session_id, "Typing", mine)
    choose(winston, session_id, "Typing", theirs)
    both_share(nanda, winston, "Receipts")
    ran = nanda.type(session_id)
    typing = {"type": "Typing", "SessionID": session_id, "UserID": nanda.user_id}
    assert ran.result == protocol.Nothing()
    assert ran.to(winston.user_id) == ([typing] if told else [])
    assert [(e.stream, e.number) for e in ran.published] == [(winston.user_id, 0)] * told


def test_a_choice_for_one_session_holds_in_no_other(world: World) -> None:
    nanda, winston, chika = world.people("nanda", "winston", "chika")
    one, other = nanda.meet(winston), nanda.meet(chika)
    for person in (winston, chika):
        both_share(nanda, person)
    nanda.choose(one, Receipts=False)
    for person, session_id in ((winston, one), (chika, other)):
        person.send(session_id)
    assert nanda.read(one, 1).to(winston.user_id) == [mark(nanda, one, Delivered="1")]
    assert nanda.read(other, 1).to(chika.user_id) == [mark(nanda, other, Delivered="1", Read="1")]


def test_switching_on_tells_nothing_of_what_was_read_before(talk: tuple[Person, Person, str]) -> None:
    nanda, winston, session_id = talk
    winston.read(session_id, 2)
    before = nanda.load()
    for person in (nanda, winston):
        ran = person.choose(Receipts=True)
        assert ran.kinds() == [(person.user_id, "Settings")]
    assert nanda.load() == before
    assert seen(nanda, session_id, winston) == {"Delivered": "2"}
    assert winston.read(session_id, 3).to(nanda.user_id) == [mark(winston, session_id, Delivered="3", Read="3")]


@pytest.mark.parametrize("who", [0, 1])
@pytest.mark.parametrize("everywhere", [False, True])
def test_switching_off_takes_nothing_back(talk: tuple[Person, Person, str], who: int, everywhere: bool) -> None:
    nanda, winston, session_id = talk
    both_share(nanda, winston)
    winston.read(session_id, 2)
    one = (nanda, winston)[who]
    ran = one.choose(None if everywhere else session_id, Receipts=False)
    assert ran.kinds() == [(one.user_id, "Settings")]
    assert seen(nanda, session_id, winston) == {"Delivered": "2", "Read": "2"}
    assert winston.read(session_id, 3).to(nanda.user_id) == [mark(winston, session_id, Delivered="3")]
    assert seen(nanda, session_id, winston) == {"Delivered": "3", "Read": "2"}
    assert seen(winston, session_id, winston) == {"Delivered": "3", "Read": "3"}


# -------------------------------------------------------------------------------------------------------------- unread


def test_what_others_said_after_ones_mark_is_unread(talk: tuple[Person, Person, str]) -> None:
    nanda, winston, session_id = talk
    assert (left(nanda, session_id), left(winston, session_id)) == (1, 2)
    assert winston.read(session_id, 1).to(winston.user_id)[0]["Unread"] == left(winston, session_id) == 1
    nanda.send(session_id)
    assert left(winston, session_id) == 2
    winston.send(session_id)
    assert left(winston, session_id) == 2
    assert winston.read(session_id, 5).to(winston.user_id)[0]["Unread"] == left(winston, session_id) == 0
    assert left(nanda, session_id) == 2


def test_what_was_delivered_is_unread_still(talk: tuple[Person, Person, str]) -> None:
    _, winston, session_id = talk
    winston.deliver(session_id, 3)
    assert left(winston, session_id) == 2


def test_unread_is_counted_in_the_last_thousand(world: World) -> None:
    nanda, winston, session_id = world.pair()
    frame = protocol.Message(SessionID=session_id, Message=protocol.MessageBody(data="x"))
    world.run_all([(frame, nanda.caller)] * 1_000)
    assert left(winston, session_id) == 1_000
    world.run_all([(frame, nanda.caller)] * 5)
    assert left(winston, session_id) == 1_000
    winston.send(session_id)
    assert left(winston, session_id) == 999
    assert winston.read(session_id, 3).to(winston.user_id)[0]["Unread"] == 999
    assert winston.read(session_id, 7).to(winston.user_id)[0]["Unread"] == 998


def test_a_session_that_is_read_to_its_end_is_not_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session in which all is read is not looked into: most sessions are such, at every load."""
    nanda, winston, session_id = world.pair()
    nanda.send(session_id)
    winston.read(session_id, 1)

    def count(tx: Any) -> int:
        monkeypatch.setattr(type(tx), "count", None)
        return unread(tx, next(m for m in tx.find(Member, {}) if m.UserID == winston.user_id))

    assert world.read(count) == 0


# ---------------------------------------------------------------------------------------------------------- who may not


def each_frame(person: Person, session_id: str) -> list[Ran]:
    return [person.deliver(session_id, 1), person.read(session_id, 1), person.type(session_id)]


def test_what_is_foreign_or_missing_is_not_found_alike(talk: tuple[Person, Person, str], world: World) -> None:
    chika = world.person("chika")
    for session_id in (talk[2], "nowhere", "", "x" * 5000, talk[2][:-1]):
        assert [ran.refusal for ran in each_frame(chika, session_id)] == [NOT_FOUND] * 3
        assert chika.choose(session_id, Muted=True).refusal == NOT_FOUND


def test_outsiders_hear_nothing_of_it(talk: tuple[Person, Person, str], world: World) -> None:
    nanda, winston, session_id = talk
    chika = world.person("chika")
    chika.meet(nanda)
    chika.choose(Receipts=True, Typing=True)
    both_share(nanda, winston)
    both_share(nanda, winston, "Typing")
    for person in (nanda, winston):
        for ran in each_frame(person, session_id):
            assert ran.to(chika.user_id) == []
    assert list(chika.load()) != [session_id]


ENDINGS: list[Callable[[Person, Person, str], Any]] = [
    lambda nanda, winston, session_id: nanda.leave_for_good(),
    lambda nanda, winston, session_id: nanda.close(session_id),
    lambda nanda, winston, session_id: winston.close(session_id),
    lambda nanda, winston, session_id: nanda.block("winston"),
    lambda nanda, winston, session_id: winston.block("nanda"),
]


@pytest.mark.parametrize("end", ENDINGS)
def test_a_closed_session_takes_ones_own_reading_and_tells_nobody(
    talk: tuple[Person, Person, str], end: Callable[[Person, Person, str], Any]
) -> None:
    nanda, winston, session_id = talk
    both_share(nanda, winston)
    both_share(nanda, winston, "Typing")
    winston.deliver(session_id, 1)
    end(nanda, winston, session_id)
    before = nanda.load()
    assert winston.deliver(session_id, 2).published == []
    ran = winston.read(session_id, 3)
    assert ran.kinds() == [(winston.user_id, "Mark")]
    assert ran.to(winston.user_id) == [mark(winston, session_id, Delivered="1", Read="3", Unread=0)]
    assert winston.load()[session_id]["Unread"] == 0
    assert nanda.load() == before
    assert winston.read(session_id, 3).published == []
    assert winston.type(session_id).refusal == ("closed", "SessionID")


def test_opened_again_marks_go_on_where_the_others_left_them(talk: tuple[Person, Person, str]) -> None:
    nanda, winston, session_id = talk
    both_share(nanda, winston)
    winston.deliver(session_id, 1)
    nanda.close(session_id)
    winston.read(session_id, 2)
    nanda.meet(winston)
    assert nanda.load()[session_id]["Marks"][winston.user_id] == {"Delivered": "1"}
    assert winston.deliver(session_id, 2).to(nanda.user_id) == [mark(winston, session_id, Delivered="2")]
    assert winston.read(session_id, 2).published == []
    assert winston.read(session_id, 3).to(nanda.user_id) == [mark(winston, session_id, Delivered="3", Read="3")]


def test_who_has_left_a_session_and_who_is_in_it_still_hear_nothing_of_each_other(
    talk: tuple[Person, Person, str], world: World
) -> None:
    """One membership closed, the other one not: as it will be with more than two."""
    nanda, winston, session_id = talk
    both_share(nanda, winston)
    both_share(nanda, winston, "Typing")

    def leave(tx: Tx) -> None:
        [mine] = tx.find(Member, {"UserID": winston.user_id})
        mine.State = "closed"
        tx.put(mine)

    world.write(leave)
    assert winston.deliver(session_id, 1).published == []
    assert winston.read(session_id, 2).kinds() == [(winston.user_id, "Mark")]
    assert nanda.deliver(session_id, 1).kinds() == nanda.read(session_id, 2).kinds() == [(nanda.user_id, "Mark")]
    assert nanda.type(session_id).published == []
    assert nanda.be("Online").published == winston.be("Online").published == []
    for person, other in ((nanda, winston), (winston, nanda)):
        assert person.load()[session_id]["Status"] == {other.user_id: "Offline"}


# ------------------------------------------------------------------------------------------------------- present marks


def present(person: Person) -> list[Json]:
    """What is told after `Resumed`, and wherever signals were lost."""
    found = person.world.read(lambda tx: marks.present_marks(tx, person.user_id))
    return [msgspec.json.decode(protocol.encode(one)) for one in found]


def test_the_present_marks_are_those_of_the_snapshot(talk: tuple[Person, Person, str], world: World) -> None:
    nanda, winston, session_id = talk
    chika = world.person("chika")
    other = chika.meet(nanda)
    chika.send(other)
    chika.read(other, 1)
    winston.read(session_id, 1)
    nanda.read(session_id, 2)
    for person in (nanda, winston, chika):
        wanted = [
            mark(Person(world, user_id, ""), s, **marks)
            for s, one in person.load().items()
            for user_id, marks in one["Marks"].items()
        ]
        assert sorted(present(person), key=repr) == sorted(wanted, key=repr)
    assert len(present(nanda)) == 3


def test_who_has_no_marks_is_not_named(world: World) -> None:
    nanda, winston, session_id = world.pair()
    nanda.send(session_id)
    assert present(nanda) == present(winston) == []
    assert nanda.load()[session_id]["Marks"] == {}


def test_what_two_show_is_looked_up_and_not_searched_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many sessions they have set something for: who types does it all the time."""
    nanda, winston, session_id = world.pair()
    both_share(nanda, winston, "Typing")
    for name in ("chika", "dora", "emil"):
        nanda.choose(nanda.meet(world.person(name)), Muted=True)
    found, find = list[Any](), Transaction.find

    def counts(tx: Transaction, record: Any, *where: Any, **more: Any) -> list[Any]:
        rows = find(tx, record, *where, **more)
        found.extend(row for row in rows if record is Setting)
        return rows

    monkeypatch.setattr(Transaction, "find", counts)
    assert nanda.type(session_id).to(winston.user_id) != []
    assert found == []
