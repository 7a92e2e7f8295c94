"""Accounts: the users and their names.

1. Only registering judges a name; elsewhere a text that names no user simply names no user.
2. Names are kept as typed, unique and looked up without regard to case, and never used again.
3. A deleted account keeps its row: the name stays taken, and others see "Deleted account" where it stood.
"""

from __future__ import annotations

import re
from typing import ClassVar, Literal

import msgspec

from ..protocol import RESERVED, USERNAME, Registered
from .dispatch import Answer, Context, Refused, handler
from .ports import Index, Key, Record, Secret, Tx

_username = re.compile(USERNAME)
DELETED = "Deleted account"
"""What others see in the place of a name. No username has a space in it."""


class User(Record):
    """Somebody with an account. `NameKey` is the name without regard to case."""

    table: ClassVar[str] = "Users"
    UserID: str
    Username: str
    NameKey: str
    Password: Secret
    Status: Literal["Online", "Offline"]
    CreatedAt: str
    DeletedAt: str | None = None

    @property
    def shown(self) -> str:
        """The name for those who share a session with this user."""
        return self.Username if self.DeletedAt is None else DELETED


USER = Key(User, "UserID")
USER_NAME = Key(User, "NameKey", name="Names")
Index(User, "Presence", "Status")


def judge_name(username: str) -> None:
    """Refuse a name that nobody may have. Raises Refused `username_invalid`."""
    if not _username.match(username) or username.lower() in RESERVED:
        raise Refused("username_invalid", "Username")


def holder(tx: Tx, username: str) -> User | None:
    """Whose name this is, without regard to case; it stays so after deletion."""
    return tx.get(USER_NAME, username.lower()) if _username.match(username) else None


def named(tx: Tx, username: str) -> User | None:
    """The user with this name who is there still."""
    user = holder(tx, username)
    return user if user and user.DeletedAt is None else None


def living(tx: Tx, user_id: str) -> User:
    """The user who asks. Raises Refused: what was on its way when the account was deleted begins nothing any more."""
    user = tx.get(USER, user_id)
    if user is None or user.DeletedAt is not None:
        raise Refused("unauthorized")
    return user


class Register(msgspec.Struct):
    """Make a user; name and password were judged, the password is hashed."""

    Username: str
    Password: Secret


@handler(Register)
def register(request: Register, context: Context) -> Answer:
    if holder(context.tx, request.Username):
        raise Refused("username_taken", "Username")
    user = User(
        UserID=context.clock.new_id(),
        Username=request.Username,
        NameKey=request.Username.lower(),
        Password=request.Password,
        Status="Offline",
        CreatedAt=context.stamp,
    )
    context.tx.add(user)
    return Answer(Registered(user.UserID, user.Username))
