"""The floor: which connections are here, and so who is Online.

1. Online from a login for a while, until a socket takes over, and as long as any socket is open; Offline a little after
   the last one is gone. Written when it changes.
2. One sweep serves all sockets: it beats, and ends those whose peer is gone or whose login is over.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import Any

from .. import protocol
from ..config import Settings
from ..core.dispatch import NOBODY, Refused
from ..core.presence import Presence
from ..protocol import CLOSINGS, Closing, Welcome, encode
from .gateway import Budgets, Gateway
from .hub import Hub
from .websocket import CLOSE_SECONDS, Connection, Turn, wire

log = logging.getLogger(__name__)

SWEEP_SECONDS = 1.0
ENDED_KEPT = 1_000
"""Logins that ended lately: far more than end while a handshake is on its way."""


class Floor:
    """All connections of this node."""

    def __init__(self, gateway: Gateway, hub: Hub, budgets: Budgets, settings: Settings, epoch: str) -> None:
        self.gateway, self.hub, self.budgets, self._settings, self._epoch = gateway, hub, budgets, settings, epoch
        self._here: dict[str, list[Connection]] = {}
        self._leaving: dict[str, asyncio.TimerHandle] = {}
        self._online: set[str] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._emptied: asyncio.Future[None] | None = None
        self._ended: dict[str, None] = {}
        self.turn = Turn(asyncio.get_running_loop())
        self.most = 0
        """How many sockets this node takes; 0: as many as come."""
        self.count = 0

    # -------------------------------------------------------------------------------------------------- coming, going

    def came(self, connection: Connection) -> None:
        """A connection is open: it hears what is due, and its user is Online."""
        caller = connection.caller
        self.count += 1
        self._here.setdefault(caller.UserID, []).append(connection)
        if caller.LoginID in self._ended:
            connection.end(CLOSINGS["logged_out"])
            return
        self._stay(caller.UserID)
        if connection.listener.core:
            self._spawn(self._open(connection))
            return
        welcome = Welcome(
            UserID=caller.UserID,
            Username=caller.Username,
            Epoch=self._epoch,
            Heartbeat=round(self._settings.heartbeat),
            Limits=protocol.Limits(),
        )
        connection.say(wire(encode(welcome)))

    async def _open(self, connection: Connection) -> None:
        """A core socket begins, or ends in a way that says: come back."""
        try:
            await self.hub.open_core(connection.listener)
        except Refused:
            log.warning("a core socket cannot begin: the storage does not answer")
            connection.end()
        else:
            connection.opened()

    def went(self, connection: Connection) -> None:
        """A connection is gone."""
        user_id = connection.caller.UserID
        self.count -= 1
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

    async def end_all(self, why: Closing) -> None:
        """Close every connection, and wait until they are gone: each is cut off after a second."""
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
        self.gateway.submit(change, NOBODY, lambda *_: None)

    # ------------------------------------------------------------------------------------------------------- the sweep

    async def sweep(self) -> None:
        """For ever: keep connections alive, end those that are not."""
        while True:
            await asyncio.sleep(min(SWEEP_SECONDS, self._settings.heartbeat / 4))
            now, clock = asyncio.get_running_loop().time(), time.time()
            for here in list(self._here.values()):
                for connection in tuple(here):
                    self._look_after(connection, now, clock)

    def _look_after(self, connection: Connection, now: float, clock: float) -> None:
        beat, within = self._settings.heartbeat, self._settings.pong_within
        if clock >= connection.ends_at:
            connection.end(CLOSINGS["logged_out"])
        elif connection.unheard and now - connection.pinged >= within:
            connection.end(CLOSINGS["heartbeat"])
        elif now - connection.pinged >= beat:
            connection.beat(now)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """A task that nobody awaits, kept from being collected."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
