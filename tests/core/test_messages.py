"""Messages: what can be said, once and in order, and how it is read again."""

from __future__ import annotations

import sys
import unicodedata
from typing import Any

import msgspec
import pytest

from parlour import protocol
from parlour.core.dispatch import Refused
from parlour.core.messages import Message, Page, delivered, judge, last_of, newest, page
from parlour.core.ports import Tx
from tests.core.world import Json, Person, Ran, World

FAMILY = "👩‍👩‍👧‍👦"
BLANKS = ["\u3164", "\u115f", "\u1160", "\u2800"]
VERBATIM = {
    "markup": "<script>alert(1)</script>",
    "link": "javascript:alert(1)",
    "zalgo": "Z\u0351\u036b\u0343\u036aA\u0321L\u0334G\u0322O",
    "override": "abc\u202edef",
    "many lines": "x" + "\n" * 1000 + "y",
    "line separator": "one\u2028two\u2029three",
    "quotes": "' OR 1=1--\\\"",
    "spaces around": "  \t hello \n ",
    "decomposed": "cafe\u0301",
    "composed": "caf\u00e9",
    "emoji": FAMILY,
    "high": "\U0010ffff \ufffd \ue000",
    "control": "\x01\x1b[31m",
    "right to left": "שלום עולם",
    "json": '{"type":"Message"}',
}


def rows(world: World) -> list[Message]:
    return world.read(lambda tx: tx.find(Message, {}, order="MessageID"))


# ------------------------------------------------------------------------------------------------------------ sending


def test_a_message_goes_to_its_session_under_the_next_number(world: World) -> None:
    nanda, winston, session_id = world.pair()
    ran = nanda.send(session_id, "hello", TimeStamp="2031-03-05T10:30:00+01:00")
    assert ran.result == protocol.Sent(session_id, "1")
    assert [(event.stream, event.number, event.kind) for event in ran.published] == [(session_id, 1, "Message")]
    assert ran.to(session_id) == [
        {
            session_id: {
                "1": {
                    "data": "hello",
                    "TimeStamp": "2031-03-05T10:30:00+01:00",
                    "Sender": nanda.user_id,
                    "ReceivedAt": world.stamp,
                }
            }
        }
    ]
    assert winston.send(session_id).result.MessageID == "2"


def test_the_row_has_the_owners_columns(world: World) -> None:
    nanda, _, session_id = world.pair()
    nanda.send(session_id, "hello", TimeStamp="2031-03-05T10:30:00Z", nonce="abcdefgh")
    assert rows(world) == [
        Message(session_id, 1, nanda.user_id, "hello", "2031-03-05T10:30:00Z", world.stamp, "abcdefgh")
    ]


@pytest.mark.parametrize("kind", ["Message", "Messgae"])
def test_both_spellings_send(world: World, kind: str) -> None:
    nanda, _, session_id = world.pair()
    ran = nanda.say(type=kind, SessionID=session_id, Message={"data": "hello", "Sender": nanda.user_id}, Ref="1")
    assert ran.result == protocol.Sent(session_id, "1")
    assert list(ran.to(session_id)[0][session_id]["1"]) == ["data", "TimeStamp", "Sender", "ReceivedAt"]


@pytest.mark.parametrize("text", VERBATIM.values(), ids=VERBATIM)
def test_what_is_said_is_kept_and_delivered_as_sent(world: World, text: str) -> None:
    nanda, winston, session_id = world.pair()
    ran = nanda.send(session_id, text)
    assert ran.to(session_id)[0][session_id]["1"]["data"] == text
    assert rows(world)[0].Data == text
    assert winston.load()[session_id]["Messages"]["1"]["data"] == text
    assert winston.history(session_id)["Messages"]["1"]["data"] == text


def test_the_numbers_of_two_sessions_do_not_meet(world: World) -> None:
    nanda, winston, chika = world.people("nanda", "winston", "chika")
    one, two = nanda.meet(winston), nanda.meet(chika)
    numbers = [nanda.send(s).result.MessageID for s in (one, two, one, one, two)]
    assert numbers == ["1", "1", "2", "3", "2"]


def test_a_batch_is_numbered_in_the_order_of_arrival(world: World) -> None:
    nanda, winston, session_id = world.pair()
    frame = {c: protocol.Message(SessionID=session_id, Message=protocol.MessageBody(data=c)) for c in "abcdef"}
    ran = world.run_all((frame[c], (nanda if c in "ace" else winston).caller) for c in "abcdef")
    assert [one.result.MessageID for one in ran] == ["1", "2", "3", "4", "5", "6"]
    assert [row.Data for row in rows(world)] == list("abcdef")


def test_a_refusal_within_a_batch_takes_no_number(world: World) -> None:
    nanda, _, session_id = world.pair()
    frames = [protocol.Message(SessionID=session_id, Message=protocol.MessageBody(data=d)) for d in ("a", " ", "b")]
    outcomes = [ran.outcome for ran in world.run_all((frame, nanda.caller) for frame in frames)]
    assert [isinstance(outcome, Refused) for outcome in outcomes] == [False, True, False]
    assert [(row.MessageID, row.Data) for row in rows(world)] == [(1, "a"), (2, "b")]


# ----------------------------------------------------------------------------------------------------------- the gate


def test_only_members_send(world: World) -> None:
    _, _, session_id = world.pair()
    chika = world.person("chika")
    foreign, missing = chika.send(session_id), chika.send("nowhere")
    assert foreign.refusal == missing.refusal == ("not_found", "SessionID")
    assert rows(world) == []


@pytest.mark.parametrize("session_id", ["", "nowhere", "x" * 10_000, "' OR 1=1--", "12345", "名前", "%"])
def test_a_session_that_cannot_exist_is_not_found(world: World, session_id: str) -> None:
    nanda, _, _ = world.pair()
    assert nanda.send(session_id, nonce="abcdefgh").refusal == ("not_found", "SessionID")


def test_nobody_writes_before_both_have_said_yes(world: World) -> None:
    nanda, winston = world.people("nanda", "winston")
    nanda.invite("winston")
    for person in (nanda, winston):
        for stream in (nanda.user_id, winston.user_id):
            assert person.send(stream).refusal == ("not_found", "SessionID")
    assert rows(world) == []


def test_the_sender_is_oneself_or_left_out(world: World) -> None:
    nanda, winston, session_id = world.pair()
    assert nanda.send(session_id, Sender=nanda.user_id).result.MessageID == "1"
    assert nanda.send(session_id).result.MessageID == "2"
    for foreign in (winston.user_id, "", nanda.name, nanda.user_id + " ", "nobody"):
        assert nanda.send(session_id, Sender=foreign).refusal == ("not_you", "Message.Sender")
    assert {row.SenderID for row in rows(world)} == {nanda.user_id}
    assert len(rows(world)) == 2


# ------------------------------------------------------------------------------------------------------ how much, what


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("x", True),
        ("x" * 8_000, True),
        ("x" * 8_001, False),
        ("é" * 8_000, True),
        ("名" * 5_461 + "x", True),
        ("名" * 5_461 + "xx", False),
        ("😀" * 4_096, True),
        ("😀" * 4_096 + "x", False),
        ("x" * 7_999 + " ", True),
        (" " * 8_001, False),
        (FAMILY * 655, True),
        (FAMILY * 700, False),
        ("x" * 65_536, False),
    ],
)
def test_a_message_has_at_most_8000_characters_and_16_kib(world: World, text: str, fits: bool) -> None:
    nanda, _, session_id = world.pair()
    ran = nanda.send(session_id, text)
    if fits:
        assert ran.to(session_id)[0][session_id]["1"]["data"] == text
    else:
        assert ran.refusal == ("too_long", "Message.data")
        assert rows(world) == []


def shows_nothing(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) == "Cf" or character in BLANKS


@pytest.fixture(scope="module")
def nothing_seen() -> list[str]:
    """Every character that shows nothing."""
    return [c for c in map(chr, range(sys.maxunicode + 1)) if shows_nothing(c)]


def said(world: World, nanda: Person, session_id: str, texts: list[str]) -> list[Ran]:
    frames = [protocol.Message(SessionID=session_id, Message=protocol.MessageBody(data=text)) for text in texts]
    return world.run_all((frame, nanda.caller) for frame in frames)


def test_no_message_is_made_of_what_shows_nothing(world: World, nothing_seen: list[str]) -> None:
    nanda, _, session_id = world.pair()
    assert len(nothing_seen) > 180
    texts = ["", *nothing_seen, "".join(nothing_seen), " \n\t ", "\u200b" * 100]
    assert {ran.refusal for ran in said(world, nanda, session_id, texts)} == {("empty", "Message.data")}


def test_one_character_that_shows_is_enough(world: World, nothing_seen: list[str]) -> None:
    nanda, _, session_id = world.pair()
    texts = [t for c in nothing_seen for t in (f"{c}x", f"x{c}", f"{c}x{c}")] + ["".join(nothing_seen) + "x"]
    assert [ran.result.MessageID for ran in said(world, nanda, session_id, texts)][-1] == str(len(texts))
    assert [row.Data for row in rows(world)] == texts


LETTERS = [*range(0x3400), *range(0xA000, 0xAC00), *range(0xF900, 0x20000), *range(0xE0000, 0xE0200)]


def test_whatever_else_there_is_in_unicode_can_be_said(nothing_seen: list[str]) -> None:
    """Of what this Python's Unicode knows; a letter that it does not know yet may show nothing."""
    unseen = set(nothing_seen)
    for character in map(chr, LETTERS):
        if character not in unseen and unicodedata.category(character) not in ("Cs", "Cn"):
            judge(protocol.MessageBody(data=character), "nanda")


# ---------------------------------------------------------------------------------------------------------- TimeStamps


STAMPS = [
    "2031-03-05T09:30:00Z", "2031-03-05T09:30:00z", "2031-03-05t09:30:00Z", "2031-03-05T09:30:00.1Z",
    "2031-03-05T09:30:00.123456789012Z", "2031-03-05T09:30:00+00:00", "2031-03-05T09:30:00-00:00",
    "2031-03-05T09:30:00+05:30", "2031-03-05T09:30:00-11:45", "2031-03-05T09:30:00+23:59", "1970-01-01T00:00:00Z",
    "2032-02-29T23:59:59Z", "2000-02-29T00:00:00Z", "2030-12-31T23:59:60Z", "9999-12-31T23:59:59.999Z",
    "0001-01-01T00:00:00Z", "2031-01-31T00:00:00Z", "2031-04-30T00:00:00Z", "1821-06-05T09:30:00Z",
]  # fmt: skip
NO_STAMPS = [
    "", "now", "2031-03-05", "2031-03-05T09:30:00", "2031-03-05T09:30Z", "2031-03-05 09:30:00Z", "20310305T093000Z",
    "2031-3-5T09:30:00Z", "2031-03-05T24:00:00Z", "2031-03-05T09:60:00Z", "2031-03-05T09:30:61Z",
    "2031-03-05T09:30:00.Z", "2031-03-05T09:30:00.1234567890123Z", "2031-03-05T09:30:00+0530",
    "2031-03-05T09:30:00+05", "2031-03-05T09:30:00+24:00", "2031-03-05T09:30:00+05:60", "2031-13-05T09:30:00Z",
    "2031-00-05T09:30:00Z", "2031-03-00T09:30:00Z", "2031-03-32T09:30:00Z", "-2031-03-05T09:30:00Z",
    "12031-03-05T09:30:00Z", " 2031-03-05T09:30:00Z", "2031-03-05T09:30:00Z ", "2031-03-05T09:30:00Z\n",
    "2031-03-05T09:30:00UTC", "٢٠٣١-03-05T09:30:00Z", "1930726200", "2031-W10-3T09:30:00Z",
]  # fmt: skip
NO_DAYS = [
    "2031-02-29", "2031-02-30", "2031-02-31", "2100-02-29", "2032-02-30", "2031-04-31", "2031-06-31", "2031-09-31",
    "2031-11-31",
]  # fmt: skip


@pytest.mark.parametrize("stamp", STAMPS)
def test_a_timestamp_is_kept_exactly_as_sent(world: World, stamp: str) -> None:
    nanda, winston, session_id = world.pair()
    ran = nanda.send(session_id, TimeStamp=stamp)
    assert ran.to(session_id)[0][session_id]["1"]["TimeStamp"] == stamp
    assert winston.load()[session_id]["Messages"]["1"]["TimeStamp"] == stamp


@pytest.mark.parametrize("stamp", NO_STAMPS)
def test_what_is_no_timestamp_is_refused_by_the_definition(world: World, stamp: str) -> None:
    nanda, _, session_id = world.pair()
    with pytest.raises(msgspec.ValidationError, match=r"Message\.TimeStamp"):
        nanda.send(session_id, TimeStamp=stamp)


@pytest.mark.parametrize("day", NO_DAYS)
def test_a_day_that_the_month_does_not_have_is_refused(world: World, day: str) -> None:
    nanda, _, session_id = world.pair()
    assert nanda.send(session_id, TimeStamp=f"{day}T09:30:00Z").refusal == ("malformed", "Message.TimeStamp")
    assert rows(world) == []


def test_every_day_that_there_is_can_be_sent(world: World) -> None:
    nanda, _, session_id = world.pair()
    days = [f"{year}-{month:02d}-{day:02d}" for year in (2031, 2032) for month in range(1, 13) for day in range(1, 29)]
    days += [f"2031-{month:02d}-{day}" for month in range(1, 13) if month != 2 for day in (29, 30)]
    days += [f"2031-{month:02d}-31" for month in (1, 3, 5, 7, 8, 10, 12)]
    for day in days:
        body = protocol.MessageBody(data="x", TimeStamp=f"{day}T09:30:00Z")
        frame = protocol.Message(SessionID=session_id, Message=body)
        assert world.run(frame, nanda.caller).result


def test_a_missing_timestamp_is_the_servers(world: World) -> None:
    nanda, _, session_id = world.pair()
    world.later(days=1)
    message = nanda.send(session_id).to(session_id)[0][session_id]["1"]
    assert message["TimeStamp"] == message["ReceivedAt"] == world.stamp
    assert nanda.send(session_id, TimeStamp=None).to(session_id)[0][session_id]["2"]["TimeStamp"] == world.stamp


def test_the_order_is_the_servers_and_never_a_clocks(world: World) -> None:
    nanda, winston, session_id = world.pair()
    nanda.send(session_id, "first", TimeStamp="2041-01-01T00:00:00Z")
    world.clock.moment -= world.clock.moment - world.clock.moment.replace(year=2030)
    winston.send(session_id, "second", TimeStamp="2021-01-01T00:00:00Z")
    messages = nanda.load()[session_id]["Messages"]
    assert [(number, message["data"]) for number, message in messages.items()] == [("1", "first"), ("2", "second")]


# ------------------------------------------------------------------------------------------------------------- nonces


NONCES = ["abcdefgh", "x" * 40, "A-Z_a-z09", "--------", "01234567"]
NO_NONCES = ["", "abcdefg", "x" * 41, "abc defgh", "abcdefgh\n", "abcdefg\0", "abcdefgé", "abcdefg.", "ａbcdefgh"]


@pytest.mark.parametrize("nonce", NONCES)
def test_a_nonce_stands_in_the_delivery_in_load_and_in_history(world: World, nonce: str) -> None:
    nanda, winston, session_id = world.pair()
    ran = nanda.send(session_id, nonce=nonce)
    assert ran.to(session_id)[0][session_id]["1"]["Nonce"] == nonce
    assert winston.load()[session_id]["Messages"]["1"]["Nonce"] == nonce
    assert winston.history(session_id)["Messages"]["1"]["Nonce"] == nonce


@pytest.mark.parametrize("nonce", NO_NONCES)
def test_what_is_no_nonce_is_refused_by_the_definition(world: World, nonce: str) -> None:
    nanda, _, session_id = world.pair()
    with pytest.raises(msgspec.ValidationError, match="Nonce"):
        nanda.send(session_id, nonce=nonce)


def test_a_repeat_is_answered_with_the_first_delivery(world: World) -> None:
    nanda, winston, session_id = world.pair()
    first = nanda.send(session_id, "hello", nonce="abcdefgh", TimeStamp="2031-03-05T09:30:00Z")
    winston.send(session_id, "between")
    world.later(days=40)
    again = nanda.send(session_id, "hello", nonce="abcdefgh", TimeStamp="2041-03-05T09:30:00Z")
    assert again.result == first.result
    assert again.answer.repeat == first.published[0].frame
    assert first.answer.repeat is None
    assert again.published == []
    assert len(rows(world)) == 2


def test_a_repeat_within_one_batch_is_one_message(world: World) -> None:
    nanda, _, session_id = world.pair()
    frame = protocol.Message(SessionID=session_id, Message=protocol.MessageBody(data="hello"), Nonce="abcdefgh")
    ran = world.run_all([(frame, nanda.caller)] * 5)
    assert {one.result.MessageID for one in ran} == {"1"}
    assert {one.answer.repeat for one in ran[1:]} == {ran[0].published[0].frame}
    assert sum(len(one.published) for one in ran) == 1
    assert len(rows(world)) == 1


@pytest.mark.parametrize("data", ["hello!", "Hello", "hello ", "hell"])
def test_a_nonce_with_other_data_is_reused(world: World, data: str) -> None:
    nanda, _, session_id = world.pair()
    nanda.send(session_id, "hello", nonce="abcdefgh")
    assert nanda.send(session_id, data, nonce="abcdefgh").refusal == ("nonce_reused", "Nonce")
    assert [row.Data for row in rows(world)] == ["hello"]
    assert nanda.send(session_id, "hello", nonce="abcdefgh").result.MessageID == "1"


def test_the_other_senders_nonces_are_others(world: World) -> None:
    nanda, winston, session_id = world.pair()
    assert nanda.send(session_id, "hello", nonce="abcdefgh").result.MessageID == "1"
    assert winston.send(session_id, "hello", nonce="abcdefgh").result.MessageID == "2"
    assert winston.send(session_id, "hello", nonce="abcdefgh").result.MessageID == "2"


def test_another_sessions_nonces_are_others(world: World) -> None:
    nanda, winston, chika = world.people("nanda", "winston", "chika")
    one, two = nanda.meet(winston), nanda.meet(chika)
    assert nanda.send(one, "hello", nonce="abcdefgh").result == protocol.Sent(one, "1")
    assert nanda.send(two, "other", nonce="abcdefgh").result == protocol.Sent(two, "1")


def test_nonces_differ_by_case(world: World) -> None:
    nanda, _, session_id = world.pair()
    assert nanda.send(session_id, nonce="abcdefgh").result.MessageID == "1"
    assert nanda.send(session_id, nonce="ABCDEFGH").result.MessageID == "2"


def test_without_a_nonce_each_is_a_new_message(world: World) -> None:
    nanda, _, session_id = world.pair()
    assert [nanda.send(session_id).result.MessageID for _ in range(3)] == ["1", "2", "3"]
    assert "Nonce" not in nanda.load()[session_id]["Messages"]["1"]


def test_a_nonce_opens_nothing_to_strangers(world: World) -> None:
    nanda, _, session_id = world.pair()
    nanda.send(session_id, "hello", nonce="abcdefgh")
    ran = world.person("chika").send(session_id, "hello", nonce="abcdefgh")
    assert ran.refusal == ("not_found", "SessionID")


def test_a_repeat_that_names_a_foreign_sender_is_refused(world: World) -> None:
    nanda, winston, session_id = world.pair()
    nanda.send(session_id, "hello", nonce="abcdefgh")
    ran = nanda.send(session_id, "hello", nonce="abcdefgh", Sender=winston.user_id)
    assert ran.refusal == ("not_you", "Message.Sender")


# ------------------------------------------------------------------------------------------------------------- paging


@pytest.fixture
def ten(world: World) -> tuple[Person, str]:
    """Nanda's session with ten messages."""
    nanda, winston, session_id = world.pair()
    for i in range(10):
        (nanda, winston)[i % 2].send(session_id, f"m{i + 1}")
    return nanda, session_id


@pytest.mark.parametrize(
    ("asked", "numbers", "more"),
    [
        ({}, range(1, 11), False),
        ({"limit": 10}, range(1, 11), False),
        ({"limit": 9}, range(2, 11), True),
        ({"limit": 3}, [8, 9, 10], True),
        ({"limit": 1}, [10], True),
        ({"before": 11}, range(1, 11), False),
        ({"before": 8, "limit": 3}, [5, 6, 7], True),
        ({"before": 4, "limit": 3}, [1, 2, 3], False),
        ({"before": 5, "limit": 3}, [2, 3, 4], True),
        ({"before": 1}, [], False),
        ({"before": 0}, [], False),
        ({"before": 2**53, "limit": 2}, [9, 10], True),
        ({"after": 0, "limit": 3}, [1, 2, 3], True),
        ({"after": 7, "limit": 3}, [8, 9, 10], False),
        ({"after": 6, "limit": 3}, [7, 8, 9], True),
        ({"after": 10}, [], False),
        ({"after": 11}, [], False),
        ({"after": 2**53}, [], False),
        ({"after": 2, "before": 6}, [3, 4, 5], False),
        ({"after": 2, "before": 6, "limit": 3}, [3, 4, 5], False),
        ({"after": 2, "before": 6, "limit": 2}, [3, 4], True),
        ({"after": 5, "before": 6}, [], False),
        ({"after": 6, "before": 5}, [], False),
        ({"limit": 200}, range(1, 11), False),
    ],
)
def test_a_page(ten: tuple[Person, str], asked: dict[str, int], numbers: Any, more: bool) -> None:
    nanda, session_id = ten
    found = nanda.history(session_id, **asked)
    assert list(found["Messages"]) == [str(n) for n in numbers]
    assert found["More"] is more
    assert [message["data"] for message in found["Messages"].values()] == [f"m{n}" for n in numbers]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 9, 10, 11])
def test_paging_back_and_forth_meets_every_message_once(ten: tuple[Person, str], limit: int) -> None:
    nanda, session_id = ten
    back: list[str] = []
    found: Json = {"More": True}
    while found["More"]:
        found = nanda.history(session_id, before=int(back[0]) if back else None, limit=limit)
        back = list(found["Messages"]) + back
    forth: list[str] = []
    found = {"More": True}
    while found["More"]:
        found = nanda.history(session_id, after=int(forth[-1]) if forth else 0, limit=limit)
        forth += list(found["Messages"])
    assert back == forth == [str(n) for n in range(1, 11)]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": -1}, "limit"),
        ({"limit": 201}, "limit"),
        ({"before": -1}, "before"),
        ({"after": -1}, "after"),
    ],
)
def test_a_page_that_cannot_be(ten: tuple[Person, str], asked: dict[str, int], field: str) -> None:
    nanda, session_id = ten
    with pytest.raises(Refused) as refused:
        nanda.history(session_id, **asked)
    assert (refused.value.code, refused.value.field) == ("malformed", field)


def test_a_page_has_200_messages_at_most(world: World) -> None:
    nanda, _, session_id = world.pair()
    said(world, nanda, session_id, ["x"] * 201)
    found = nanda.history(session_id, limit=200)
    assert (len(found["Messages"]), found["More"]) == (200, True)


def test_a_strangers_page_is_not_found(ten: tuple[Person, str]) -> None:
    nanda, session_id = ten
    chika = nanda.world.person("chika")
    for wanted in (session_id, "nowhere"):
        with pytest.raises(Refused) as refused:
            chika.history(wanted)
        assert (refused.value.code, refused.value.field) == ("not_found", "SessionID")


def test_a_page_of_a_session_without_messages(world: World) -> None:
    nanda, _, session_id = world.pair()
    assert nanda.history(session_id) == {"Messages": {}, "More": False}


def test_a_page_holds_its_own_session_alone(world: World) -> None:
    nanda, winston, chika = world.people("nanda", "winston", "chika")
    one, two = nanda.meet(winston), nanda.meet(chika)
    nanda.send(one, "in one")
    nanda.send(two, "in two")
    assert [m["data"] for m in nanda.history(two)["Messages"].values()] == ["in two"]


def test_history_and_load_hold_what_was_delivered(ten: tuple[Person, str]) -> None:
    nanda, session_id = ten
    live = {str(event.number): msgspec.json.decode(event.frame) for event in nanda.world.stream(session_id)}
    for found in (nanda.history(session_id)["Messages"], nanda.load()[session_id]["Messages"]):
        assert {number: {session_id: {number: message}} for number, message in found.items()} == live


def test_look_ups_of_the_newest(ten: tuple[Person, str]) -> None:
    nanda, session_id = ten
    last = nanda.world.read(lambda tx: last_of(tx, session_id))
    assert last
    assert last.Data == "m10"
    assert nanda.world.read(lambda tx: last_of(tx, "nowhere")) is None
    found, more = nanda.world.read(lambda tx: newest(tx, session_id, 1))
    assert (found, more) == ({"10": delivered(last)}, True)


def test_a_question_asked_inside_a_transaction_sees_what_it_has_written(world: World) -> None:
    nanda, _, session_id = world.pair()

    def send_and_look(tx: Tx) -> list[str]:
        tx.add(Message(session_id, tx.next(session_id), nanda.user_id, "hello", world.stamp, world.stamp, None))
        return list(page(Page(session_id, None, None, 50), tx, nanda.caller).Messages)

    assert world.write(send_and_look) == ["1"]
