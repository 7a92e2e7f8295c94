"""Clients made with the SDK, `parlour.client`: they write down what it tells them, and leave all coming back to it.

1. A message that is refused, or whose client ended, is sent again under its nonce.
2. Now and then a bot ends and another one goes on from its position, as a program does that is started again.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from contextlib import suppress
from itertools import count

from parlour import client as sdk

from .clients import ONCE_MORE_AFTER, PATIENCE, Device, World
from .history import Log

TIMING = sdk.Timing(first=0.02, most=0.2, soon=0.05, rest=0.02)
LIVES = (50, 1_000)
"""Messages that a bot is given before another one takes over."""


class Bot:
    """Keeps so many messages in flight, or sends so many each second, as one login after the other."""

    def __init__(self, world: World, device: Device, log: Log, chance: random.Random, window: int) -> None:
        self.world, self.device, self.log, self.chance, self.window = world, device, log, chance, window
        self.each_second = 0.0
        self.position = sdk.Position()
        self.unresolved: deque[tuple[str, str]] = deque()
        self.numbers = count(1)
        self.shown = 0
        self.more = asyncio.Event()

    async def run(self) -> None:
        """Until the world is over and everything is acknowledged."""
        await self.world.up.wait()
        while not self.world.over or self.unresolved:
            client = self._client()
            client.start()
            try:
                async with asyncio.TaskGroup() as tasks:
                    listening = tasks.create_task(self._listen(client, self.shown + self.chance.randint(*LIVES)))
                    sending = tasks.create_task(self._send_all(client, listening))
                    await asyncio.wait([listening, sending], return_when=asyncio.FIRST_COMPLETED)
                    await client.stop()
                    listening.cancel()
            finally:
                self.position = client.position
                await client.stop()

    def _client(self) -> sdk.Client:
        url, token = self.world.base, self.device.token
        return sdk.Client(url, token, since=self.position, timing=TIMING, watch=self._happened)

    async def _listen(self, client: sdk.Client, until: int) -> None:
        """Take events until so many messages are shown."""
        async for _ in client:
            if self.shown >= until and not self.world.over:
                return

    async def _send_all(self, client: sdk.Client, listening: asyncio.Task[None]) -> None:
        await asyncio.gather(*(self._send_on(client, listening) for _ in range(self.window)))

    async def _send_on(self, client: sdk.Client, listening: asyncio.Task[None]) -> None:
        while not listening.done() and (not self.world.over or self.unresolved):
            mine = self.unresolved.popleft() if self.unresolved else self._new()
            try:
                await client.send(self.device.session_id, mine[1], nonce=mine[0])
            except sdk.Refused:
                self.unresolved.append(mine)
                await asyncio.sleep(ONCE_MORE_AFTER)
            except sdk.ClientError:
                self.unresolved.append(mine)
                return
            if self.each_second:
                await asyncio.sleep(self.window / self.each_second)

    def _new(self) -> tuple[str, str]:
        return f"{self.device.name}-{next(self.numbers):06}", self.chance.randbytes(self.chance.randint(1, 40)).hex()

    def _happened(self, it: sdk.Happened) -> None:
        """What the SDK tells."""
        if it.what == "invoke":
            self.log.invoke(it.session, it.nonce, it.data)
        elif it.what == "ack":
            self.log.ack(it.nonce, it.number)
            self.world.heard.count("acknowledged")
        elif it.what == "fail":
            self.log.fail(it.nonce, it.code)
            self.world.heard.count(it.code)
        elif isinstance(it.event, sdk.Message):
            self._show(it.event)
        elif isinstance(it.event, sdk.Anew):
            self.log.reset(self.device.session_id, 0)

    def _show(self, event: sdk.Message) -> None:
        message = {
            "data": event.data,
            "TimeStamp": event.time_stamp,
            "Sender": event.sender,
            "ReceivedAt": event.received_at,
            "Nonce": event.nonce,
        }
        self.log.deliver(event.session, event.number, message)
        self.shown = event.number
        self.more.set()

    async def catch_up(self) -> None:
        """Hear everything that there is."""
        async with asyncio.timeout(PATIENCE), self._client() as client:
            listening = asyncio.create_task(self._listen(client, 0))
            newest = await client.history(self.device.session_id, limit=1)
            while newest and self.shown < newest[-1].number:
                self.more.clear()
                await self.more.wait()
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
        self.log.whole()
