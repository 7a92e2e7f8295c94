"""Logins: one device's access each.

1. A token is kept as its hash alone.
2. A password that was checked a moment ago is looked at again: a login never outlives the password that made it.
3. A login ends after 14 days without use, after 30 days whatever its use, and when a user has too many.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

import msgspec

from .accounts import USER, User
from .dispatch import Answer, Context, Refused, handler, stamp_of
from .ports import Index, Key, Record, Secret, Tx
from .presence import come_or_go

IDLE_DAYS = 14
ABSOLUTE_DAYS = 30
LOGINS_EACH = 20


class Login(Record):
    """One device's access. `TokenHash` is the SHA-256 of its token."""

    table: ClassVar[str] = "Logins"
    LoginID: str
    UserID: str
    TokenHash: Secret
    CreatedAt: str
    UsedAt: str


LOGIN = Key(Login, "LoginID")
LOGIN_TOKEN = Key(Login, "TokenHash", name="Tokens")
Index(Login, "LoginsOfUser", "UserID", "CreatedAt")


def ends_at(login: Login) -> str:
    """When this login ends whatever its use."""
    return _after(login.CreatedAt, ABSOLUTE_DAYS)


def login_by_token(tx: Tx, token_hash: str, now: str) -> tuple[Login, User] | None:
    """The living login of a token, with its user."""
    login = tx.get(LOGIN_TOKEN, token_hash)
    if login is None or now >= ends_at(login) or now >= _after(login.UsedAt, IDLE_DAYS):
        return None
    user = tx.get(USER, login.UserID)
    return (login, user) if user else None


def _after(stamp: str, days: int) -> str:
    return stamp_of(datetime.fromisoformat(stamp) + timedelta(days=days))


class LogIn(msgspec.Struct):
    """Make a login for a user whose password matched `Checked`; `Rehashed` replaces a hash with outdated costs."""

    UserID: str
    Checked: Secret
    TokenHash: Secret
    Rehashed: Secret | None = None


class LogOut(msgspec.Struct):
    """End a login, if it lives."""

    LoginID: str


class Touch(msgspec.Struct):
    """This login was used."""

    LoginID: str


class NewLogin(msgspec.Struct):
    """What became of a LogIn. `Ended`: the logins that gave way to it."""

    LoginID: str
    UserID: str
    Username: str
    ExpiresAt: str
    Ended: list[str] = []


@handler(LogIn)
def log_in(request: LogIn, context: Context) -> Answer:
    user = context.tx.get(USER, request.UserID)
    if user is None or user.Password != request.Checked:
        raise Refused("wrong_password")
    if request.Rehashed:
        user.Password = request.Rehashed
        context.tx.put(user)
    ended = _make_room(user, context)
    login = Login(context.clock.new_id(), user.UserID, request.TokenHash, context.stamp, context.stamp)
    context.tx.add(login)
    come_or_go(user, "Online", context)
    return Answer(NewLogin(login.LoginID, user.UserID, user.Username, ends_at(login), ended))


def _make_room(user: User, context: Context) -> list[str]:
    """At most so many logins a user: the oldest gives way. Their LoginIDs."""
    logins = context.tx.find(Login, {"UserID": user.UserID}, order="CreatedAt")
    oldest = logins[: max(0, len(logins) - LOGINS_EACH + 1)]
    for login in oldest:
        context.tx.drop(login)
    return [login.LoginID for login in oldest]


@handler(LogOut)
def log_out(request: LogOut, context: Context) -> Answer:
    login = context.tx.get(LOGIN, request.LoginID)
    if login:
        context.tx.drop(login)
    return Answer(None)


@handler(Touch)
def touch(request: Touch, context: Context) -> Answer:
    login = context.tx.get(LOGIN, request.LoginID)
    if login:
        login.UsedAt = context.stamp
        context.tx.put(login)
    return Answer(None)
