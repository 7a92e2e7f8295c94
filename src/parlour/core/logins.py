"""Logins: one device's access each.

1. A token is kept as its hash alone.
2. A password that was checked a moment ago is looked at again: a login never outlives the password that made it.
3. A login ends after 14 days without use, after 30 days whatever its use, and when a user has too many.
4. Whichever way a login ends, its sockets hear of it. A new password ends all other logins.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from ..protocol import Logins, LoginView, Nothing, Revoke
from .accounts import USER, User
from .dispatch import Answer, Caller, Context, Refused, after, handler
from .ports import Index, Key, Record, Secret, Tx
from .presence import come_or_go

IDLE_DAYS = 14
ABSOLUTE_DAYS = 30
LOGINS_EACH = 20
AGENT_CHARACTERS = 200


class Login(Record):
    """One device's access. `TokenHash` is the SHA-256 of its token."""

    table: ClassVar[str] = "Logins"
    LoginID: str
    UserID: str
    TokenHash: Secret
    CreatedAt: str
    UsedAt: str
    Agent: str = ""


LOGIN = Key(Login, "LoginID")
LOGIN_TOKEN = Key(Login, "TokenHash", name="Tokens")
Index(Login, "LoginsOfUser", "UserID", "CreatedAt")


def ends_at(login: Login) -> str:
    """When this login ends whatever its use."""
    return after(login.CreatedAt, ABSOLUTE_DAYS)


def login_by_token(tx: Tx, token_hash: str, now: str) -> tuple[Login, User] | None:
    """The living login of a token, with its user."""
    login = tx.get(LOGIN_TOKEN, token_hash)
    if login is None or not _lives(login, now):
        return None
    user = tx.get(USER, login.UserID)
    return (login, user) if user else None


def _lives(login: Login, now: str) -> bool:
    return now < ends_at(login) and now < after(login.UsedAt, IDLE_DAYS)


def view(tx: Tx, caller: Caller, now: str) -> Logins:
    """A user's own living logins, the one that was used last first."""
    found = [one for one in tx.find(Login, {"UserID": caller.UserID}) if _lives(one, now)]
    logins = sorted(found, key=lambda one: one.UsedAt, reverse=True)
    mine = caller.LoginID
    return Logins([LoginView(o.LoginID, o.CreatedAt, o.UsedAt, o.Agent, o.LoginID == mine) for o in logins])


class LogIn(msgspec.Struct):
    """Make a login for a user whose password matched `Checked`; `Rehashed` replaces a hash with outdated costs."""

    UserID: str
    Checked: Secret
    TokenHash: Secret
    Rehashed: Secret | None = None
    Agent: str = ""


class LogOut(msgspec.Struct):
    """End a login, if it lives."""

    LoginID: str


class ChangePassword(msgspec.Struct):
    """A new password for whoever asks, whose old one matched `Checked`."""

    Checked: Secret
    New: Secret


class Touch(msgspec.Struct):
    """This login was used."""

    LoginID: str


class NewLogin(msgspec.Struct):
    """What became of a LogIn."""

    LoginID: str
    UserID: str
    Username: str
    ExpiresAt: str


@handler(LogIn)
def log_in(request: LogIn, context: Context) -> Answer:
    user = context.tx.get(USER, request.UserID)
    if user is None or user.DeletedAt is not None or user.Password != request.Checked:
        raise Refused("wrong_password")
    if request.Rehashed:
        user.Password = request.Rehashed
        context.tx.put(user)
    _make_room(user, context)
    stamp, agent = context.stamp, request.Agent[:AGENT_CHARACTERS]
    login = Login(context.clock.new_id(), user.UserID, request.TokenHash, stamp, stamp, agent)
    context.tx.add(login)
    come_or_go(user, "Online", context)
    return Answer(NewLogin(login.LoginID, user.UserID, user.Username, ends_at(login)))


def _make_room(user: User, context: Context) -> None:
    """At most so many logins a user: the oldest gives way."""
    logins = context.tx.find(Login, {"UserID": user.UserID}, order="CreatedAt")
    for login in logins[: max(0, len(logins) - LOGINS_EACH + 1)]:
        _end(login, context)


def _end(login: Login, context: Context) -> None:
    context.tx.drop(login)
    context.end_login(login.UserID, login.LoginID)


def end_all(context: Context, user_id: str, but: str = "") -> None:
    """End all logins of a user but one."""
    for login in context.tx.find(Login, {"UserID": user_id}):
        if login.LoginID != but:
            _end(login, context)


@handler(LogOut)
def log_out(request: LogOut, context: Context) -> Answer:
    login = context.tx.get(LOGIN, request.LoginID)
    if login:
        _end(login, context)
    return Answer(None)


@handler(Revoke)
def revoke(request: Revoke, context: Context) -> Answer:
    me = context.caller
    if request.LoginID == "others":
        end_all(context, me.UserID, but=me.LoginID)
        return Answer(Nothing())
    login = context.tx.get(LOGIN, request.LoginID)
    if login is None or login.UserID != me.UserID:
        raise Refused("not_found", "LoginID")
    _end(login, context)
    return Answer(Nothing())


@handler(ChangePassword)
def change_password(request: ChangePassword, context: Context) -> Answer:
    user = context.tx.get(USER, context.caller.UserID)
    if user is None or user.Password != request.Checked or context.tx.get(LOGIN, context.caller.LoginID) is None:
        raise Refused("wrong_password", "Old")
    user.Password = request.New
    context.tx.put(user)
    end_all(context, user.UserID, but=context.caller.LoginID)
    return Answer(Nothing())


@handler(Touch)
def touch(request: Touch, context: Context) -> Answer:
    login = context.tx.get(LOGIN, request.LoginID)
    if login:
        login.UsedAt = context.stamp
        context.tx.put(login)
    return Answer(None)
