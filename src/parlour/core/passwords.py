"""Passwords: which are taken, and how they are kept.

1. Kept as argon2id (RFC 9106) alone. Hashing takes about 20 ms: it never happens inside a transaction.
2. No rules of composition: length, and not among the commonly used ones.
3. The same text typed on two devices is the same password: NFC first.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ..protocol import PASSWORD_BYTES, PASSWORD_CHARACTERS
from .dispatch import Refused
from .ports import Secret

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def normal(password: str) -> str:
    """The form in which a password is judged, hashed and verified."""
    return unicodedata.normalize("NFC", password)


@cache
def _common() -> frozenset[str]:
    lists = files("parlour.core").joinpath("common_passwords.txt")
    return frozenset(lists.read_text(encoding="utf-8").split("\n"))


def judge(password: str, username: str) -> None:
    """Refuse a password that must not be chosen. Raises Refused `password_weak` or `malformed`."""
    password = normal(password)
    least, most = PASSWORD_CHARACTERS
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in password):
        raise Refused("malformed", "Password")
    if not least <= len(password) <= most or len(password.encode()) > PASSWORD_BYTES:
        raise Refused("password_weak", "Password")
    if password.lower() == username.lower() or password.lower() in _common():
        raise Refused("password_weak", "Password")


def hashed(password: str) -> Secret:
    """What is kept of a password. Takes about 20 ms and 19 MiB."""
    return Secret(_hasher.hash(normal(password)))


def matches(kept: Secret, password: str) -> bool:
    """Whether this is the password. Takes about 20 ms."""
    try:
        return _hasher.verify(kept.value, normal(password))
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def outdated(kept: Secret) -> bool:
    """Whether the kept form was made with other costs than today's."""
    return _hasher.check_needs_rehash(kept.value)
