"""The snapshot: everything that a client needs to begin, in the order of what was active last."""

from __future__ import annotations

import msgspec

from parlour import protocol
from parlour.core.snapshot import Begin, Fact, Probe, epoch_of
from tests.core.world import DAY, Person, World


def send_many(person: Person, session_id: str, count: int) -> None:
    body = protocol.MessageBody(data="x")
    frame = protocol.Message(SessionID=session_id, Message=body)
    person.world.run_all([(frame, person.caller)] * count)


def friends(world: World, count: int) -> tuple[Person, list[str]]:
    """Nanda and her sessions, the latest first."""
    nanda = world.person("nanda")
    ids: list[str] = []
    for i in range(count):
        world.later(DAY / 24)
        ids.insert(0, nanda.meet(world.person(f"friend{i}")))
    return nanda, ids


# ------------------------------------------------------------------------------------------------------------- shape


def test_a_new_user_sees_nobody(world: World) -> None:
    world.run(Begin())
    nanda = world.person("Nanda")
    assert nanda.snapshot() == {
        "Epoch": world.read(epoch_of),
        "Me": {
            "Seq": 0,
            "UserID": nanda.user_id,
            "Username": "Nanda",
            "Invitations": [],
            "Asking": [],
            "Blocks": [],
            "Links": [],
            "Settings": {"WhoMayInvite": "everyone", "Presence": True},
        },
        "Sessions": {},
    }
    assert nanda.load() == {}


def test_load_has_the_owners_shape_with_ours_beside_it(world: World) -> None:
    nanda, winston, session_id = world.pair()
    nanda.send(session_id, "hello", TimeStamp="2031-03-05T09:30:00Z")
    assert nanda.load() == {
        session_id: {
            "UserIds": {winston.user_id: "winston"},
            "Messages": {
                "1": {
                    "data": "hello",
                    "TimeStamp": "2031-03-05T09:30:00Z",
                    "Sender": nanda.user_id,
                    "ReceivedAt": world.stamp,
                }
            },
            "Seq": 1,
            "More": False,
            "State": "active",
            "Status": {winston.user_id: "Offline"},
            "Unread": 0,
            "Marks": {},
            "Settings": {},
        }
    }


def test_load_is_the_snapshots_sessions(world: World) -> None:
    nanda, ids = friends(world, 3)
    send_many(nanda, ids[1], 60)
    for messages in (0, 1, 50, 200):
        assert nanda.snapshot(messages)["Sessions"] == nanda.load(messages)
        assert list(nanda.snapshot(messages)["Sessions"]) == list(nanda.load(messages))


def test_each_side_sees_the_other_one(world: World) -> None:
    nanda, winston, session_id = world.pair("Nanda", "Winston")
    winston.be("Online")
    assert nanda.load()[session_id]["UserIds"] == {winston.user_id: "Winston"}
    assert nanda.load()[session_id]["Status"] == {winston.user_id: "Online"}
    assert winston.load()[session_id]["UserIds"] == {nanda.user_id: "Nanda"}
    assert winston.load()[session_id]["Status"] == {nanda.user_id: "Offline"}


def test_nobody_sees_sessions_of_others(world: World) -> None:
    world.pair()
    assert world.person("chika").load() == {}


def test_me_stands_at_the_head_of_the_own_stream(world: World) -> None:
    nanda, winston, session_id = world.pair()
    nanda.send(session_id)
    assert nanda.snapshot()["Me"]["Seq"] == len(nanda.heard()) == 2
    assert winston.snapshot()["Me"]["Seq"] == len(winston.heard()) == 3


def test_decoding_it_by_its_definition_gives_it_back(world: World) -> None:
    nanda, _, session_id = world.pair()
    nanda.send(session_id, nonce="abcdefgh")
    world.person("chika").invite("nanda")
    nanda.invite(world.person("bea").name, "from the choir")
    nanda.block("chika")
    nanda.link()
    seen = nanda.snapshot_bytes()
    assert protocol.encode(msgspec.json.decode(seen, type=protocol.Snapshot, strict=True)) == seen


# ------------------------------------------------------------------------------------------------------------ how much


def test_the_newest_fifty_of_each_by_default(world: World) -> None:
    nanda, _, session_id = world.pair()
    send_many(nanda, session_id, 50)
    loaded = nanda.load()[session_id]
    assert (list(loaded["Messages"]), loaded["More"], loaded["Seq"]) == ([str(n) for n in range(1, 51)], False, 50)
    send_many(nanda, session_id, 1)
    loaded = nanda.load()[session_id]
    assert (list(loaded["Messages"]), loaded["More"], loaded["Seq"]) == ([str(n) for n in range(2, 52)], True, 51)


def test_as_many_as_one_asks_for(world: World) -> None:
    nanda, _, session_id = world.pair()
    send_many(nanda, session_id, 201)
    for asked, first in ((1, 201), (2, 200), (200, 2)):
        loaded = nanda.load(asked)[session_id]
        assert list(loaded["Messages"]) == [str(n) for n in range(first, 202)]
        assert (loaded["More"], loaded["Seq"]) == (True, 201)


def test_none_when_none_are_asked_for(world: World) -> None:
    nanda, ids = friends(world, 2)
    send_many(nanda, ids[0], 3)
    loaded = nanda.load(0)
    assert [(s, one["Messages"], one["More"], one["Seq"]) for s, one in loaded.items()] == [
        (ids[0], {}, True, 3),
        (ids[1], {}, False, 0),
    ]


def test_at_most_5000_in_all_but_the_newest_of_each(world: World) -> None:
    nanda, ids = friends(world, 28)
    for session_id in reversed(ids):
        world.later(DAY / 24)
        send_many(nanda, session_id, 200)
    loaded = nanda.load(200)
    assert list(loaded) == ids
    counts = [len(one["Messages"]) for one in loaded.values()]
    assert counts == [200] * 25 + [1] * 3
    assert [one["More"] for one in loaded.values()] == [False] * 25 + [True] * 3
    assert [list(one["Messages"])[-1] for one in loaded.values()] == ["200"] * 28


def test_what_is_left_of_the_total_goes_to_the_next_session(world: World) -> None:
    nanda, ids = friends(world, 27)
    for session_id in reversed(ids):
        world.later(DAY / 24)
        send_many(nanda, session_id, 190)
    counts = [len(one["Messages"]) for one in nanda.load(200).values()]
    assert counts == [190] * 26 + [5000 - 26 * 190]
    assert list(nanda.load(200)[ids[-1]]["Messages"]) == [str(n) for n in range(131, 191)]


# --------------------------------------------------------------------------------------------------------------- order


def test_the_most_recently_active_session_stands_first(world: World) -> None:
    nanda, ids = friends(world, 4)
    assert list(nanda.load()) == ids
    world.later(DAY)
    nanda.send(ids[2])
    assert list(nanda.load()) == [ids[2], ids[0], ids[1], ids[3]]
    world.later(DAY)
    nanda.send(ids[3])
    assert list(nanda.load()) == [ids[3], ids[2], ids[0], ids[1]]
    world.later(DAY)
    new = nanda.meet(world.person("latest"))
    assert list(nanda.load()) == [new, ids[3], ids[2], ids[0], ids[1]]


def test_the_senders_clock_does_not_move_a_session_up(world: World) -> None:
    nanda, ids = friends(world, 2)
    nanda.send(ids[1], TimeStamp="2021-01-01T00:00:00Z")
    world.later(DAY)
    nanda.send(ids[0], TimeStamp="2011-01-01T00:00:00Z")
    world.later(DAY)
    nanda.send(ids[1], TimeStamp="2001-01-01T00:00:00Z")
    assert list(nanda.load()) == [ids[1], ids[0]]


def test_messages_stand_in_order_beyond_nine(world: World) -> None:
    nanda, _, session_id = world.pair()
    send_many(nanda, session_id, 120)
    assert list(nanda.load(110)[session_id]["Messages"]) == [str(n) for n in range(11, 121)]


# --------------------------------------------------------------------------------------------------------------- epoch


def test_a_database_without_an_epoch_gets_one_and_keeps_it(world: World) -> None:
    assert world.read(epoch_of) == ""
    first = world.run(Begin()).result
    assert first
    assert world.run(Begin()).result == first
    assert world.read(epoch_of) == first
    assert world.person("nanda").snapshot()["Epoch"] == first


def test_a_blanked_epoch_is_made_anew(world: World) -> None:
    first = world.run(Begin()).result
    world.write(lambda tx: tx.drop(Fact("Epoch", first)))
    assert world.run(Begin()).result not in ("", first)


def test_a_probe_writes_when_it_was_made_and_nothing_else(world: World) -> None:
    epoch = world.run(Begin()).result
    for _ in range(3):
        world.later(DAY)
        ran = world.run(Probe())
        assert (ran.result, ran.published) == (None, [])
        facts = world.read(lambda tx: tx.find(Fact, {}, order="Name"))
        assert facts == [Fact("Epoch", epoch), Fact("Probe", world.stamp)]
