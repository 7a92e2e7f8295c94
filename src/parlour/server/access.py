"""Who is asking: registering, logging in and out, and the tokens that prove it.

1. Hashing takes 20 ms, so it has a thread of its own, between a read and a write; the write looks again.
2. A token is random, recognisable, and carries a checksum; only its SHA-256 is stored, and no log ever holds it.
3. A jump of the machine's clock ends no login: what ends by itself ends by a steady clock.
4. Budgets are spent before any hashing, and before anything is revealed.
"""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from .. import protocol
from ..core import passwords
from ..core.accounts import USER, Register, User, holder, judge_name, named
from ..core.deletion import Delete
from ..core.dispatch import NOBODY, Caller, Refused, stamp_of
from ..core.logins import ChangePassword, LogIn, LogOut, NewLogin, Touch, ends_at, login_by_token
from ..core.ports import Clock, Secret, Tx
from ..protocol import Credentials, Registered
from .gateway import Gateway
from .limits import Budget, Unlimited

PREFIX = "parlour_"
TOUCH_EVERY = protocol.USED_SECONDS
T = TypeVar("T")


class Known(msgspec.Struct):
    """A caller whose token was checked. `ends_at`: when the login is over, in seconds since 1970."""

    caller: Caller
    ends_at: float


class Throttles(msgspec.Struct):
    """The budgets of the doors, by address, and by account and address."""

    register: Budget | Unlimited
    login_address: Budget | Unlimited
    login_account: Budget | Unlimited


def make_token(secret: str) -> str:
    """A token around 256 random bits: prefix, secret, checksum."""
    return f"{PREFIX}{secret}{_checksum(secret)}"


def token_hash(token: str) -> str | None:
    """What is stored of a token; None for a text that cannot be one."""
    body = token.removeprefix(PREFIX)
    if body == token or not token.isascii() or _checksum(body[:-8]) != body[-8:]:
        return None
    return hashlib.sha256(token.encode()).hexdigest()


def _checksum(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"


class Access:
    """The doors of accounts."""

    def __init__(self, gateway: Gateway, clock: Clock, throttles: Throttles, waiting: int) -> None:
        self._gateway, self._clock, self._throttles = gateway, clock, throttles
        self._hasher = ThreadPoolExecutor(1, "hasher")
        self._hashing, self._waiting = 0, waiting
        gateway.procedures |= {protocol.Password: self.change_password, protocol.DeleteAccount: self.delete_account}

    async def register(self, who: Credentials, address: str) -> Registered:
        """Make a user. Raises Refused."""
        judge_name(who.Username)
        await self._in_thread(passwords.judge, who.Password, who.Username)
        self._throttles.register.spend(address)
        if await self._gateway.read(lambda tx: holder(tx, who.Username)):
            raise Refused("username_taken", "Username")
        kept = await self._in_thread(passwords.hashed, who.Password)
        registered: Registered = await self._gateway.write(Register(who.Username, kept), NOBODY)
        return registered

    async def log_in(self, who: Credentials, address: str, agent: str = "") -> tuple[NewLogin, str]:
        """Make a login; with its token. `agent`: what the device calls itself. Raises Refused."""
        self._throttles.login_address.spend(address)
        self._throttles.login_account.spend(f"{who.Username.lower()[:40]} {address}")
        user: User | None = await self._gateway.read(lambda tx: named(tx, who.Username))
        if user is None:
            raise Refused("user_not_found", "Username", status=400)
        if not await self._in_thread(passwords.matches, user.Password, who.Password):
            raise Refused("wrong_password", "Password")
        rehashed = await self._rehashed(user, who.Password)
        token = make_token(self._clock.new_token())
        stored = Secret(token_hash(token) or "")
        login: NewLogin = await self._gateway.write(LogIn(user.UserID, user.Password, stored, rehashed, agent), NOBODY)
        return login, token

    async def _rehashed(self, user: User, password: str) -> Secret | None:
        if passwords.outdated(user.Password):
            return await self._in_thread(passwords.hashed, password)
        return None

    async def change_password(self, frame: protocol.Password, caller: Caller) -> ChangePassword:
        """What gives a new password, if the old one is right. Raises Refused."""
        user = await self._proven(frame.Old, "Old", caller)
        try:
            await self._in_thread(passwords.judge, frame.New, user.Username)
        except Refused as refused:
            raise Refused(refused.code, "New") from None
        return ChangePassword(user.Password, await self._in_thread(passwords.hashed, frame.New))

    async def delete_account(self, frame: protocol.DeleteAccount, caller: Caller) -> Delete:
        """What ends the account, if the password is right. Raises Refused."""
        user = await self._proven(frame.Password, "Password", caller)
        return Delete(user.Password)

    async def _proven(self, password: str, field: str, caller: Caller) -> User:
        """The user who asks and knows the password. Raises Refused."""
        self._throttles.login_account.spend(f"{caller.Username.lower()} itself")
        user: User | None = await self._gateway.read(lambda tx: tx.get(USER, caller.UserID))
        if user is None or not await self._in_thread(passwords.matches, user.Password, password):
            raise Refused("wrong_password", field)
        return user

    async def log_out(self, caller: Caller) -> None:
        """End a login."""
        await self._gateway.write(LogOut(caller.LoginID), caller)

    async def known(self, token: str | None) -> Known | None:
        """Who presents this token; None for nobody."""
        hashed = token_hash(token) if token else None
        if hashed is None:
            return None
        now = stamp_of(self._gateway.steady())
        found = await self._gateway.read(lambda tx: _look_up(tx, hashed, now))
        if found is None:
            return None
        known: Known
        known, used_at = found
        if _seconds(now) - _seconds(used_at) > TOUCH_EVERY:
            self._gateway.submit(Touch(known.caller.LoginID), NOBODY, lambda *_: None)
        return known

    async def _in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        """Hash, one at a time; too many who wait are sent away."""
        if self._hashing >= self._waiting:
            raise Refused("unavailable", retry_after=2)
        self._hashing += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._hasher, work, *arguments)
        finally:
            self._hashing -= 1

    def close(self) -> None:
        """No more hashing."""
        self._hasher.shutdown(wait=False, cancel_futures=True)


def _look_up(tx: Tx, hashed: str, now: str) -> tuple[Known, str] | None:
    found = login_by_token(tx, hashed, now)
    if found is None:
        return None
    login, user = found
    caller = Caller(user.UserID, user.Username, login.LoginID)
    return Known(caller, _seconds(ends_at(login))), login.UsedAt


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()
