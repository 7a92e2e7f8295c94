"""Passwords: which may be chosen, and what is kept of them."""

from __future__ import annotations

import argon2
import pytest

from parlour.core import passwords
from parlour.core.dispatch import Refused
from parlour.core.ports import Secret
from parlour.protocol import encode

GOOD = {
    "of eight": "tidal-ox",
    "of 128": "correct " * 16,
    "128 emoji, 512 bytes": "🦉" * 128,
    "spaces around": "  between spaces  ",
    "only spaces": " " * 9,
    "no-break space": "four\u00a0plain\u00a0words",
    "combining accent": "cafe\u0301 au lait",
    "right to left": "ארבע מילים",
    "joined emoji": "👩‍👩‍👧‍👦 our family",
    "quotes": "' OR 1=1--",
    "a name with more": "nanda nanda",
}
WEAK = {
    "empty": "",
    "of seven": "tidalox",
    "of 129": "x" * 129,
    "seven after composing": "cafe\u0301 au",
    "more than 1 KiB": "x" * 4096,
    "common": "password1",
    "common numbers": "12345678",
    "common in capitals": "PASSWORD1",
    "common in mixed case": "PassWord1",
    "the username": "nandapurna",
    "the username in another case": "NandaPurna",
}
MALFORMED = {
    "NUL": "four plain\0words",
    "line feed": "four plain\nwords",
    "escape": "\x1b[31mfour plain words",
    "delete": "four plain words\x7f",
    "next line": "four plain\x85words",
    "lone surrogate": "four plain \ud800 words",
    "short and with NUL": "\0",
}


@pytest.fixture(scope="module")
def kept() -> Secret:
    return passwords.hashed("cafe\u0301 au lait")


@pytest.mark.parametrize("password", GOOD.values(), ids=GOOD)
def test_may_be_chosen(password: str) -> None:
    passwords.judge(password, "nandapurna")


@pytest.mark.parametrize("password", WEAK.values(), ids=WEAK)
def test_is_too_weak(password: str) -> None:
    with pytest.raises(Refused) as refused:
        passwords.judge(password, "NANDApurna")
    assert (refused.value.code, refused.value.field) == ("password_weak", "Password")


@pytest.mark.parametrize("password", MALFORMED.values(), ids=MALFORMED)
def test_cannot_be_typed(password: str) -> None:
    with pytest.raises(Refused) as refused:
        passwords.judge(password, "nandapurna")
    assert (refused.value.code, refused.value.field) == ("malformed", "Password")


def test_length_counts_after_composing() -> None:
    passwords.judge("e\u0301" * 128, "nanda")
    with pytest.raises(Refused, match="password_weak"):
        passwords.judge("e\u0301" * 129, "nanda")


def test_the_common_ones_are_listed_in_the_case_in_which_they_are_looked_up() -> None:
    common = passwords._common()
    assert {"password1", "12345678", "qwertyuiop"} <= common
    assert all(text == text.lower() for text in common)


def test_only_argon2id_is_kept_with_the_chosen_costs(kept: Secret) -> None:
    costs = argon2.extract_parameters(kept.value)
    assert (costs.type, costs.memory_cost, costs.time_cost, costs.parallelism) == (argon2.Type.ID, 19_456, 2, 1)
    assert "lait" not in kept.value
    assert not passwords.outdated(kept)


def test_two_hashes_of_one_password_differ(kept: Secret) -> None:
    assert passwords.hashed("cafe\u0301 au lait") != kept


@pytest.mark.parametrize(
    ("password", "fits"),
    [
        ("cafe\u0301 au lait", True),
        ("caf\u00e9 au lait", True),
        ("cafe au lait", False),
        ("CAF\u00c9 AU LAIT", False),
        ("caf\u00e9 au lait ", False),
        ("", False),
        ("caf\u00e9 au lait\ud800", False),
        ("x" * 100_000, False),
    ],
)
def test_matching(kept: Secret, password: str, fits: bool) -> None:
    assert passwords.matches(kept, password) is fits


@pytest.mark.parametrize("text", ["", "kept", "$argon2id$v=19$m=1$broken", "cafe\u0301 au lait"])
def test_what_is_no_hash_matches_nothing(text: str) -> None:
    assert passwords.matches(Secret(text), "cafe\u0301 au lait") is False


def test_a_hash_of_other_costs_still_matches_and_is_outdated() -> None:
    old = Secret(argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("four plain words"))
    assert passwords.matches(old, "four plain words")
    assert passwords.outdated(old)


def test_a_hash_never_prints_itself(kept: Secret) -> None:
    assert kept.value not in repr(kept) + str(kept) + f"{kept}" + repr([kept])
    with pytest.raises(TypeError):
        encode(kept)
