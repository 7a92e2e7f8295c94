"""A bad network: a proxy that repeats, delays and cuts what goes through it, frame by frame, in both directions.

1. It knows WebSocket frames and nothing of what is in them; what is no WebSocket passes as it is.
2. Frames stay in their order, as TCP keeps them. A repeated one follows itself; a cut may leave half a frame behind.
3. It counts what it did.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

from .tasks import ended

TEXT = 1
CHUNK = 65_536


class Badness(NamedTuple):
    """How bad: shares of the frames that are repeated, delayed (by so many seconds at most) and cut in the middle."""

    repeated: float = 0.2
    delayed: float = 0.2
    longest: float = 0.02
    cut: float = 0.005


class Proxy:
    """Listens on a port of its own, and passes on to a server."""

    def __init__(self, port: int, chance: random.Random, badness: Badness) -> None:
        self.server_port, self._chance, self.badness = port, chance, badness
        self.counts = Counter[str]()
        self.port = 0
        self._pairs: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        task = asyncio.current_task()
        assert task
        self._pairs.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._pass(reader, writer)
        except asyncio.CancelledError:
            pass  # The end of the proxy: nobody waits for this one.
        finally:
            self._pairs.discard(task)
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.server_port)
        try:
            ways = [asyncio.create_task(self._way(reader, back)), asyncio.create_task(self._way(there, writer))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            await ended(ways)
        finally:
            back.transport.abort()

    async def _way(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        """One direction: HTTP as it is; frames, once it has become a WebSocket."""
        head = b""
        with suppress(OSError, asyncio.IncompleteReadError):
            while b"upgrade: websocket" not in head.lower():
                head = await source.readuntil(b"\r\n\r\n")
                sink.write(head + await source.readexactly(_size(head)))
                await sink.drain()
            while True:
                await self._frame(await _frame(source), sink)

    async def _frame(self, frame: bytes, sink: asyncio.StreamWriter) -> None:
        chance, bad = self._chance, self.badness
        self.counts["frames"] += 1
        number = self.counts["frames"]
        if chance.random() < bad.delayed:
            self.counts["delayed"] += 1
            await asyncio.sleep(chance.uniform(0, bad.longest))
        if bad.cut and number % round(1 / bad.cut) == 0:  # By count: so many are cut for certain.
            self.counts["cut"] += 1
            sink.write(frame[: chance.randint(0, len(frame))])
            await sink.drain()
            raise ConnectionAbortedError
        sink.write(frame)
        if frame[0] & 0x0F == TEXT and chance.random() < bad.repeated:
            self.counts["repeated"] += 1
            sink.write(frame)
        await sink.drain()

    def told(self) -> str:
        """What it did, for people."""
        return ", ".join(f"{self.counts[what]:,} {what}" for what in ("frames", "repeated", "delayed", "cut"))

    async def end(self) -> None:
        """Cut everything."""
        await ended(tuple(self._pairs))


def _size(head: bytes) -> int:
    """The size of what follows a head of HTTP."""
    found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return int(found[1]) if found else 0


async def _frame(source: asyncio.StreamReader) -> bytes:
    """The next frame, whole (RFC 6455, section 5.2)."""
    head = await source.readexactly(2)
    size, masked = head[1] & 0x7F, head[1] & 0x80
    if size >= 126:
        longer = await source.readexactly(2 if size == 126 else 8)
        head, size = head + longer, int.from_bytes(longer)
    return head + await source.readexactly(size + (4 if masked else 0))


@asynccontextmanager
async def proxy(port: int, chance: random.Random, badness: Badness | None = None) -> AsyncIterator[Proxy]:
    """A bad network in front of the server on this port."""
    made = Proxy(port, chance, badness or Badness())
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0, limit=1 << 20)
    made.port = listening.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        listening.close()
        await made.end()
