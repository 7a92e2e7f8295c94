"""The floor: which connections are here, and so who is Online.

1. Online from a login for a while, until a socket takes over, and as long as any socket is open; Offline a little after
   the last one is gone. Written when it changes; what could not be stored stays due.
2. One sweep serves all sockets: it beats, ends those whose peer is gone or stuck or whose login is over, and counts
   each open one as a use of its login.
3. So many sockets a user, then the oldest gives way; so many an address, then the next one is refused.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Coroutine, Iterator
from math import inf
from typing import Any

from .. import protocol
from ..config import Settings
from ..core.dispatch import NOBODY, Refused
from ..core.logins import Touch
from ..core.presence import Presence
from ..protocol import CLOSINGS, Closing, Welcome, encode
from .access import TOUCH_EVERY
from .gateway import Budgets, Gateway, Outcome
from .hub import Hub, Opening
from .limits import Tally
from .websocket import CLOSE_SECONDS, Connection, Turn, wire

log = logging.getLogger(__name__)

SWEEP_SECONDS = 1.0
SWEEP_AT_ONCE = 200
TOUCH_PARTS = 60
"""Into so many parts an hour is divided; each login is touched in its own one, so that never all are at once."""
COME_BACK_SECONDS = 10
ENDED_KEPT = 1_000
"""Logins that ended lately: far more than end while a handshake, or a body, is on its way."""


class Floor:
    """All connections of this node."""

    def __init__(self, gateway: Gateway, hub: Hub, budgets: Budgets, settings: Settings, epoch: str) -> None:
        self.gateway, self.hub, self.budgets, self._settings, self._epoch = gateway, hub, budgets, settings, epoch
        self._here: dict[str, list[Connection]] = {}
        self._leaving: dict[str, asyncio.TimerHandle] = {}
        self._online: set[str] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._emptied: asyncio.Future[None] | None = None
        self._over: Closing | None = None
        self._ended: dict[str, None] = {}
        self._unwritten: dict[str, None] = {}
        """Users whose coming or going could not be stored."""
        self._from: dict[str, int] = {}
        """How many sockets there are from each address."""
        loop = asyncio.get_running_loop()
        self.turn = Turn(loop)
        off = settings.limits == "off"
        self._each_user = inf if off else settings.sockets_each_user
        self._each_address = inf if off else settings.sockets_each_address
        self.pings = Tally(inf if off else settings.ping_each_second, loop.time)
        self.pongs = Tally(self.pings.most, loop.time)
        self.most = 0
        """How many sockets this node takes; 0: as many as come."""
        self.count = 0

    # -------------------------------------------------------------------------------------------------- coming, going

    def admit(self, address: str) -> None:
        """Whether one more socket may come from here. Raises Refused."""
        if self.most and self.count >= self.most:
            raise Refused("unavailable", retry_after=COME_BACK_SECONDS)
        if self._from.get(address, 0) >= self._each_address:
            raise Refused("slow_down", retry_after=COME_BACK_SECONDS)

    def came(self, connection: Connection, opening: Opening | None) -> None:
        """A connection is open: it hears what is due, and its user is Online. `opening`: where a core socket begins."""
        caller = connection.caller
        self._take_in(connection)
        if self._over or self.has_ended(caller.LoginID):
            connection.end(self._over or CLOSINGS["logged_out"])
            return
        self._stay(caller.UserID)
        if opening:
            self._spawn(self._open(connection, opening))
            return
        welcome = Welcome(
            UserID=caller.UserID,
            Username=caller.Username,
            Epoch=self._epoch,
            Heartbeat=round(self._settings.heartbeat),
            Limits=protocol.Limits(),
        )
        connection.say(wire(encode(welcome)))

    def _take_in(self, connection: Connection) -> None:
        connection.address = sys.intern(connection.address)  # One text for all sockets from there.
        self.count += 1
        self._from[connection.address] = self._from.get(connection.address, 0) + 1
        here = self._here.setdefault(connection.caller.UserID, [])
        here.append(connection)
        if len(here) > self._each_user:
            open_ones = [one for one in here if not one.closed]
            if len(open_ones) > self._each_user:
                open_ones[0].end(CLOSINGS["replaced"])

    async def _open(self, connection: Connection, opening: Opening) -> None:
        await self.hub.open_core(connection.listener, opening)
        connection.opened()

    def went(self, connection: Connection) -> None:
        """A connection is gone."""
        user_id = connection.caller.UserID
        self.count -= 1
        self._from[connection.address] -= 1
        if not self._from[connection.address]:
            del self._from[connection.address]
        self.hub.leave(connection.listener)
        here = self._here[user_id]
        here.remove(connection)
        if not here:
            del self._here[user_id]
            self._leave_after(user_id, self._settings.offline_after)
        if self._emptied and not self._here and not self._emptied.done():
            self._emptied.set_result(None)

    def logged_in(self, user_id: str) -> None:
        """A login made this user Online: for a while, even without a socket."""
        self._online.add(user_id)
        self._write(Presence(user_id, "Online"))  # a timer may have said Offline since the login's commit
        if user_id not in self._here:
            self._leave_after(user_id, self._settings.online_from_login)

    def end_login(self, login_id: str, user_id: str) -> None:
        """This login is over: its sockets close, one whose handshake is on its way as well."""
        self._ended[login_id] = None
        if len(self._ended) > ENDED_KEPT:
            del self._ended[next(iter(self._ended))]
        for connection in tuple(self._here.get(user_id, ())):
            if connection.caller.LoginID == login_id:
                connection.end(CLOSINGS["logged_out"])
        if user_id not in self._here and user_id in self._online:
            self._leave_after(user_id, self._settings.offline_after)

    def has_ended(self, login_id: str) -> bool:
        """Whether this login ended lately: after it was looked up, for somebody whose request took its time."""
        return login_id in self._ended

    async def end_all(self, why: Closing) -> None:
        """Close every connection, and wait until they are gone: each is cut off after a second. None comes any more."""
        self._over = why
        for here in list(self._here.values()):
            for connection in tuple(here):
                connection.end(why)
        if self._here:
            self._emptied = asyncio.get_running_loop().create_future()
            await asyncio.wait({self._emptied}, timeout=2 * CLOSE_SECONDS)
        for user_id in list(self._leaving):
            self._forget_leaving(user_id)

    def _stay(self, user_id: str) -> None:
        self._forget_leaving(user_id)
        if user_id not in self._online:
            self._online.add(user_id)
            self._write(Presence(user_id, "Online"))

    def _leave_after(self, user_id: str, seconds: float) -> None:
        self._forget_leaving(user_id)
        self._leaving[user_id] = asyncio.get_running_loop().call_later(seconds, self._left, user_id)

    def _forget_leaving(self, user_id: str) -> None:
        if timer := self._leaving.pop(user_id, None):
            timer.cancel()

    def _left(self, user_id: str) -> None:
        del self._leaving[user_id]
        self._online.discard(user_id)
        self._write(Presence(user_id, "Offline"))

    def _write(self, change: Presence) -> None:
        self.gateway.submit(change, NOBODY, self._written)

    def _written(self, change: Presence, outcome: Outcome) -> None:
        if isinstance(outcome, Refused):
            self._unwritten[change.UserID] = None
        else:
            self._unwritten.pop(change.UserID, None)

    def _write_again(self) -> None:
        """What could not be stored, as it is by now."""
        unwritten, self._unwritten = self._unwritten, {}
        for user_id in unwritten:
            self._write(Presence(user_id, "Online" if user_id in self._online else "Offline"))

    # ------------------------------------------------------------------------------------------------------- the sweep

    async def sweep(self) -> None:
        """For ever: keep connections alive, end those that are not."""
        settings, loop = self._settings, asyncio.get_running_loop()
        pause = min(SWEEP_SECONDS, settings.heartbeat / 4, settings.stuck_after / 4, settings.whole_within / 4)
        before = loop.time()
        while True:
            await asyncio.sleep(pause)
            now = loop.time()
            try:
                await self._sweep_once(before, now)
            except Exception:  # Without the sweep nobody would be looked after any more.
                log.exception("a round of looking after the sockets failed; the next one begins anew")
            before = now

    async def _sweep_once(self, before: float, now: float) -> None:
        """All sockets, some at a time: between them the loop does what else there is."""
        clock = self.gateway.steady().timestamp()
        for number, connection in enumerate(self._everyone(), 1):
            self._look_after(connection, now, clock)
            if number % SWEEP_AT_ONCE == 0:
                await asyncio.sleep(0)
        self._touch(before, now)
        self._write_again()

    def _everyone(self) -> Iterator[Connection]:
        for here in list(self._here.values()):
            yield from tuple(here)

    def _look_after(self, connection: Connection, now: float, clock: float) -> None:
        settings = self._settings
        if clock >= connection.ends_at:
            connection.end(CLOSINGS["logged_out"])
        elif connection.unheard and now - connection.pinged >= settings.pong_within:
            connection.end(CLOSINGS["heartbeat"])
        else:
            if now - connection.pinged >= settings.heartbeat and not connection.unheard:
                connection.beat(now)
            connection.look(now, settings.stuck_after, settings.whole_within)

    def _touch(self, before: float, now: float) -> None:
        """An open socket is a use of its login, once an hour: of those whose part of the hour has come."""
        first, last = int(before * TOUCH_PARTS / TOUCH_EVERY), int(now * TOUCH_PARTS / TOUCH_EVERY)
        if first == last:
            return
        logins = {one.caller.LoginID for one in self._everyone() if one.heard and not one.closed}
        for login_id in logins:
            if (hash(login_id) - first - 1) % TOUCH_PARTS < last - first:
                self.gateway.submit(Touch(login_id), NOBODY, lambda *_: None)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """A task that nobody awaits, kept from being collected."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
