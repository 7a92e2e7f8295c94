"""A store and a gateway in this process, on a disk that may fail, and logins that send: no sockets, no server.

1. What the gateway tells is the acknowledgement, what its bus delivers the delivery: both are written down as heard.
2. A login's unanswered message is sent again in the next life, unless its client forgets it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path

import apsw
import msgspec

from parlour import protocol
from parlour.bus.local import LocalBus
from parlour.core.dispatch import NOBODY, Caller, Refused
from parlour.core.limits import OFF
from parlour.core.ports import Published, Tx
from parlour.core.presence import EverybodyOffline
from parlour.core.snapshot import Begin
from parlour.server.app import SystemClock
from parlour.server.gateway import Gateway
from parlour.store.sqlite import SqliteStore
from tests.server.people import Person, town

from .history import Log

PAIRS = 3
BATCH = 500
PATIENCE = 20.0
CAUGHT_UP = 10_000
FORGOTTEN = 0.2
LONGEST = 200


class Sender:
    """One login."""

    def __init__(self, log: Log, caller: Caller, session_id: str, chance: random.Random) -> None:
        self.log, self.caller, self.session_id, self.chance = log, caller, session_id, chance
        self.made = self.shown = 0
        self.unresolved: tuple[str, str] | None = None

    async def send(self, gateway: Gateway) -> None:
        """One message after the other, until one is refused."""
        with suppress(Refused):
            while True:
                await self._send_one(gateway, *(self.unresolved or self._new()))

    def _new(self) -> tuple[str, str]:
        self.made += 1
        self.unresolved = f"{self.caller.LoginID}-{self.made:06}", self.chance.randbytes(LONGEST).hex()
        return self.unresolved

    async def _send_one(self, gateway: Gateway, nonce: str, data: str) -> None:
        frame = protocol.Message(SessionID=self.session_id, Message=protocol.MessageBody(data=data), Nonce=nonce)
        self.log.invoke(self.session_id, nonce, data)
        try:
            sent = await asyncio.wait_for(gateway.write(frame, self.caller), PATIENCE)
        except Refused as refused:
            self.log.fail(nonce, refused.code)
            if self.chance.random() < FORGOTTEN:
                self.unresolved = None
            raise
        self.log.ack(nonce, int(sent.MessageID))
        self.unresolved = None

    def hear(self, number: int, frame: bytes) -> None:
        """A delivery, now or from the stream."""
        message = msgspec.json.decode(frame)[self.session_id][str(number)]
        self.log.deliver(self.session_id, number, message, number > self.shown)
        self.shown = max(number, self.shown)


async def settle(data: Path, histories: Path, chance: random.Random) -> list[Sender]:
    """A database with people in it; two logins of each of the first pair, one of each of the others."""
    async with town(data) as made:
        pairs = [await made.pair() for _ in range(PAIRS)]
    beginning = Log(histories, "beginning", "")
    senders = []
    for place, (first, second, session_id) in enumerate(pairs):
        for person in (first, second):
            beginning.member(session_id, person.user_id)
            logins = range(2 if place == 0 else 1)
            senders += [_sender(histories, person, number, session_id, chance) for number in logins]
    beginning.close()
    return senders


def _sender(histories: Path, person: Person, number: int, session_id: str, chance: random.Random) -> Sender:
    name = f"{person.name}-{number}"
    caller = Caller(person.user_id, person.name, name)
    return Sender(Log(histories, name, person.user_id), caller, session_id, random.Random(chance.random()))


def _missed(sender: Sender, tx: Tx) -> list[Published]:
    return tx.since(sender.session_id, sender.shown, CAUGHT_UP)


class House:
    """A store that is open, its gateway, and who listens."""

    def __init__(self, folder: Path, senders: Iterable[Sender]) -> None:
        self.senders = list(senders)
        self.store = SqliteStore(folder)
        self.bus = LocalBus()
        self.broken = ""
        self.gateway = Gateway(self.store, self.bus, SystemClock(), BATCH, OFF, self._break)
        self.bus.start(self._deliver)

    def _break(self, why: str) -> None:
        self.broken = why

    def _deliver(self, stream: str, number: int, kind: str, frame: bytes) -> None:
        for sender in self.senders:
            if sender.session_id == stream and number:
                sender.hear(number, frame)

    async def begin(self) -> None:
        """As a server begins; then everybody is caught up. Raises Refused."""
        await self.gateway.write(EverybodyOffline(), NOBODY)
        await self.gateway.write(Begin(), NOBODY)
        for sender in self.senders:
            missed = await self.store.read(partial(_missed, sender))
            for event in missed:
                sender.hear(event.number, event.frame)

    async def send(self) -> None:
        """Everybody sends until the storage does not take it any more."""
        await asyncio.gather(*(sender.send(self.gateway) for sender in self.senders))

    def close(self) -> None:
        """Close what can be closed."""
        with suppress(apsw.Error):
            self.store.close()
