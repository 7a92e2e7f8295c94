"""Clients that write down what they do and hear, through every end of their server.

1. A message is sent again under its nonce until it is acknowledged, unless its client forgets it: some do.
2. What was acknowledged is now and then sent again, as a client does whose answer was lost.
3. A client displays what is next; what it has already it only writes down.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from contextlib import suppress
from typing import Any, NamedTuple, Protocol

import aiohttp

from .history import Log

Json = dict[str, Any]
PATIENCE = 30.0
REPEATED = 0.02
FORGOTTEN = 0.2
ONCE_MORE_AFTER = 0.02


class Gone(Exception):
    """The connection has ended."""


class Heard:
    """Answers of all clients, counted; who waits for some of them is woken."""

    def __init__(self) -> None:
        self.counts = Counter[str]()
        self._more = asyncio.Event()

    def count(self, what: str) -> None:
        self.counts[what] += 1
        self.counts["anything"] += 1
        self._more.set()

    async def more(self, what: str, many: int) -> None:
        """Until so many more have come."""
        await self.reach(what, self.counts[what] + many)

    async def reach(self, what: str, due: int) -> None:
        """Until so many have come."""
        async with asyncio.timeout(PATIENCE):
            while self.counts[what] < due:
                self._more.clear()
                await self._more.wait()


class Device(NamedTuple):
    """A login of somebody in a session."""

    name: str
    user_id: str
    token: str
    session_id: str


class World(Protocol):
    """Where clients live."""

    http: aiohttp.ClientSession
    up: asyncio.Event
    """A server is there, or will be soon."""
    over: bool
    """Nothing new is to be sent."""
    heard: Heard
    """What all clients heard."""

    @property
    def base(self) -> str:
        """Where the server is now."""


class Client:
    """Keeps so many messages in flight, each until it is acknowledged."""

    pause = ONCE_MORE_AFTER
    """Seconds until it comes back, at most."""
    each_second = 0.0
    """Messages it sends, where it is paced."""

    def __init__(self, world: World, device: Device, log: Log, chance: random.Random, window: int) -> None:
        self.world, self.device, self.log, self.chance, self.window = world, device, log, chance, window
        self.unresolved: dict[str, str] = {}
        self.resolved: tuple[str, str] | None = None
        self.me = self.shown = self.made = 0
        self._headers = {"Authorization": f"Bearer {device.token}"}

    async def run(self) -> None:
        """Until the world is over and everything is acknowledged or forgotten."""
        while not self.world.over or self.unresolved:
            await self.world.up.wait()
            with suppress(aiohttp.ClientError, ConnectionError, Gone):
                await self._send_all()
            self.world.heard.counts["cut off"] += len(self.unresolved)
            self._forget()
            await asyncio.sleep(self.chance.uniform(0, self.pause))

    def _forget(self) -> None:
        """Never ask again what became of these."""
        self.unresolved = {n: d for n, d in self.unresolved.items() if self.chance.random() > FORGOTTEN}

    async def _send_all(self) -> None:
        async with await self._connected() as ws:
            for nonce in list(self.unresolved):
                await self._send(ws, nonce, self.unresolved[nonce])
            while not self.world.over or self.unresolved:
                while len(self.unresolved) < self.window and not self.world.over:
                    await self._send_one(ws)
                await self._hear(ws)

    async def catch_up(self) -> None:
        """Hear everything that there is."""
        async with await self._connected():
            self.log.whole()

    async def _connected(self) -> aiohttp.ClientWebSocketResponse:
        url = f"{self.world.base}/ws"
        ws = await self.world.http.ws_connect(url, headers=self._headers, protocols=["parlour.v1"])
        try:
            welcome = await self._hear(ws)
            where = {"Me": self.me, "Sessions": {self.device.session_id: self.shown}}
            await ws.send_str(json.dumps({"type": "Resume", "Epoch": welcome["Epoch"], **where}))
            while (await self._hear(ws)).get("type") != "Resumed":
                pass
        except BaseException:
            await ws.close()
            raise
        return ws

    async def _send_one(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        if self.resolved and self.chance.random() < REPEATED:
            await self._send(ws, *self.resolved)
        self.made += 1
        nonce, data = f"{self.device.name}-{self.made:06}", self.chance.randbytes(self.chance.randint(1, 40)).hex()
        self.unresolved[nonce] = data
        await self._send(ws, nonce, data)

    async def _send(self, ws: aiohttp.ClientWebSocketResponse, nonce: str, data: str) -> None:
        self.log.invoke(self.device.session_id, nonce, data)
        message = {"data": data, "Sender": self.device.user_id}
        frame = {"type": "Message", "SessionID": self.device.session_id, "Message": message}
        await ws.send_str(json.dumps({**frame, "Nonce": nonce, "Ref": nonce}))
        self.world.heard.count("sent")

    async def _hear(self, ws: aiohttp.ClientWebSocketResponse) -> Json:
        """The next frame, after it was dealt with."""
        message = await ws.receive(timeout=PATIENCE)
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise Gone
        frame: Json = json.loads(message.data)
        self.me = max(self.me, frame.get("Seq", 0))
        kind = frame.get("type")
        if kind is None:
            self._show(frame)
        elif kind == "Reset":
            await self._read_on()
        elif kind == "Done" and "MessageID" in frame:
            self._resolve(frame["Ref"], int(frame["MessageID"]))
        elif kind == "Error":
            await self._refused(ws, frame)
        return frame

    async def _read_on(self) -> None:
        """Too far behind for the socket: what is missing is read page by page, before the next frame is dealt with."""
        url = f"{self.world.base}/api/sessions/{self.device.session_id}/messages"
        more = True
        while more:
            async with self.world.http.get(url, headers=self._headers, params={"after": self.shown}) as response:
                if response.status != 200:
                    raise Gone
                page = await response.json()
            self._show({self.device.session_id: page["Messages"]})
            more = page["More"]

    def _show(self, delivery: Json) -> None:
        for session_id, messages in delivery.items():
            for number, message in messages.items():
                self.log.deliver(session_id, int(number), message, int(number) > self.shown)
                self.shown = max(self.shown, int(number))

    def _resolve(self, nonce: str, number: int) -> None:
        self.log.ack(nonce, number)
        self.world.heard.count("acknowledged")
        if nonce in self.unresolved:
            self.resolved = nonce, self.unresolved.pop(nonce)

    async def _refused(self, ws: aiohttp.ClientWebSocketResponse, frame: Json) -> None:
        """Wait a moment, then try again on the same socket."""
        nonce = frame["Ref"]
        self.log.fail(nonce, frame["Code"])
        self.world.heard.count(frame["Code"])
        if nonce in self.unresolved:
            await asyncio.sleep(ONCE_MORE_AFTER)
            await self._send(ws, nonce, self.unresolved[nonce])


class Paced(Client):
    """Sends so many messages a second, whatever the answers do, but never more than its window at once."""

    async def _send_all(self) -> None:
        async with await self._connected() as ws:
            for nonce in list(self.unresolved):
                await self._send(ws, nonce, self.unresolved[nonce])
            sending = asyncio.create_task(self._send_on(ws))
            try:
                while not self.world.over or self.unresolved:
                    await self._hear(ws)
            finally:
                sending.cancel()
                with suppress(asyncio.CancelledError, aiohttp.ClientError, ConnectionError):
                    await sending

    async def _send_on(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        while not self.world.over:
            if len(self.unresolved) < self.window:
                await self._send_one(ws)
            await asyncio.sleep(1 / self.each_second)


class Idler(Client):
    """Only listens, and takes its time to come back."""

    pause = 0.5

    async def _send_all(self) -> None:
        async with await self._connected() as ws:
            self.world.heard.count("idle")
            while not self.world.over:
                await self._hear(ws)
