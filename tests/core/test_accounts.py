"""Accounts: who may have which name, and how names are found again."""

from __future__ import annotations

from collections.abc import Callable

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlour.core.accounts import USER, Register, User, judge_name, named
from parlour.core.dispatch import NOBODY, Refused
from parlour.core.ports import Secret, Tx
from parlour.protocol import RESERVED, Registered, Search
from tests.core.world import World

NAMES = ["al", "Al", "0x", "a.b_c-d", "nanda", "Z9", "a-", "a..", "x" * 32, "admins", "roo", "deleted2", "A_._-"]
NO_NAMES = [
    "", "a", "x" * 33, "x" * 1000, "_a", ".a", "-a", " ab", "ab ", "a b", "a\tb", "ab\n", "ab\0", "a/b", "a@b", "a:b",
    "a'b", 'a"b', "' OR 1=1--", "a+b", "a,b", "\nab", "ab\r", "ab\r\n",
    "ａlice", "аlice", "\u212aate", "dıana", "straße", "ﬁona", "al²", "Ⅷs", "𝐚lice", "ⓐlice",
    "al\u200dice", "al\u200bice", "al\u202eice", "al\u2066ice", "al\u00adice", "al\u00a0ice", "al\U000e0061ice",
    "al\u3164ice", "\u0661\u0662", "é1", "名前", "😀😀",
]  # fmt: skip


def register(world: World, name: str) -> Registered:
    result = world.run(Register(name, Secret("kept"))).result
    assert isinstance(result, Registered)
    return result


@pytest.mark.parametrize("name", NAMES)
def test_a_good_name_is_taken_as_it_was_typed(world: World, name: str) -> None:
    judge_name(name)
    assert register(world, name).Username == name


@pytest.mark.parametrize("name", NO_NAMES)
def test_a_bad_name_is_refused_and_names_nobody(world: World, name: str) -> None:
    with pytest.raises(Refused) as refused:
        judge_name(name)
    assert (refused.value.code, refused.value.field) == ("username_invalid", "Username")
    assert world.read(lambda tx: named(tx, name)) is None


@pytest.mark.parametrize("name", sorted(RESERVED))
@pytest.mark.parametrize("spelling", [str.lower, str.upper, str.title])
def test_a_reserved_name_is_nobodys(name: str, spelling: Callable[[str], str]) -> None:
    with pytest.raises(Refused, match="username_invalid"):
        judge_name(spelling(name))


def test_the_reserved_names_are_those_of_the_protocol() -> None:
    assert {
        "admin", "administrator", "system", "support", "everyone", "root", "parlour", "deleted",
    } == RESERVED  # fmt: skip


def is_taken(name: str) -> bool:
    try:
        judge_name(name)
    except Refused:
        return False
    return True


@pytest.mark.full
def test_no_letter_beyond_ascii_gets_into_a_name() -> None:
    assert not any(is_taken(f"al{chr(point)}ice") for point in range(0x80, 0x110000))


@given(st.text(max_size=40))
def test_what_is_taken_has_the_letters_of_a_name_alone(name: str) -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    good = 2 <= len(name) <= 32 and name[:1] in letters and all(c in letters + "._-" for c in name)
    assert is_taken(name) == (good and name.lower() not in RESERVED)


def test_a_new_user_is_offline_and_keeps_the_hash_alone(world: World) -> None:
    made = register(world, "Nanda")
    user = world.read(lambda tx: tx.get(USER, made.UserID))
    assert user == User(made.UserID, "Nanda", "nanda", Secret("kept"), "Offline", world.stamp)


def test_registering_publishes_nothing(world: World) -> None:
    assert world.run(Register("nanda", Secret("kept"))).published == []


@pytest.mark.parametrize("again", ["Alice", "alice", "ALICE", "aLiCe"])
def test_a_name_is_taken_in_every_spelling(world: World, again: str) -> None:
    first = register(world, "Alice")
    assert world.run(Register(again, Secret("other"))).refusal == ("username_taken", "Username")
    user = world.read(lambda tx: named(tx, again))
    assert user is not None
    assert (user.UserID, user.Username, user.Password) == (first.UserID, "Alice", Secret("kept"))


def test_of_two_who_want_a_name_at_the_same_instant_one_gets_it(world: World) -> None:
    one, other = world.run_all([(Register("alice", Secret("1")), NOBODY), (Register("Alice", Secret("2")), NOBODY)])
    assert one.result.Username == "alice"
    assert other.refusal == ("username_taken", "Username")


def test_the_unique_index_decides_in_the_end(world: World) -> None:
    register(world, "alice")

    def past_the_rule(tx: Tx) -> None:
        tx.add(User("another-id", "ALICE", "alice", Secret("kept"), "Offline", world.stamp))

    with pytest.raises(apsw.ConstraintError):
        world.write(past_the_rule)


def test_ids_differ(world: World) -> None:
    assert len({register(world, f"user{i}").UserID for i in range(20)}) == 20


@pytest.mark.parametrize("text", ["", "nobody", "x" * 5000, "na_nda", "nand", "nandaa", "%", "nanda\0"])
def test_a_text_that_names_no_user_names_nobody(world: World, text: str) -> None:
    register(world, "nanda")
    assert world.read(lambda tx: named(tx, text)) is None


@pytest.mark.parametrize("text", ["\u212aate", "ｋate", "KATE\u200b", "\ud800", "kate\ud800"])
def test_a_text_is_judged_before_its_case_is_folded(world: World, text: str) -> None:
    """The Kelvin sign in lower case is a plain k: folded first, it would name somebody else."""
    register(world, "kate")
    assert world.read(lambda tx: named(tx, text)) is None
    somebody = world.person("winston").caller
    assert world.run(Search(Username=text), somebody).refusal == ("user_not_found", "Username")
