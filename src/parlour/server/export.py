"""The export: a file that is written while it is read.

1. Memory holds one part of it, however much somebody has said, and however slowly it is taken.
2. One part is read at a time, of all exports: whoever asks anything else does not wait for them.
3. What cannot be finished is cut off, so that half of it does not look whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

from aiohttp import web

from ..core import export
from ..core.dispatch import Caller, Refused, stamp_of
from ..core.ports import Tx
from ..protocol import encode
from .gateway import Gateway

SLICE = 65_536
"""So many bytes are to be taken in the time that a peer has."""
LONG = b'[],"Sessions":{}}'
"""How the first part ends: with what is long, and comes in the further ones."""


class Exports:
    """Writes exports. `ended`: whether a login is over; `within`: the seconds in which a peer takes something."""

    def __init__(self, gateway: Gateway, ended: Callable[[str], bool], within: float) -> None:
        self._gateway, self._ended, self._within = gateway, ended, within
        self._turn = asyncio.Lock()

    async def answer(self, request: web.Request, caller: Caller) -> web.StreamResponse:
        """The whole file. Raises Refused before it begins, ConnectionError after that."""
        now = self._gateway.now()
        parts = self._parts(caller, now)
        first = await anext(parts)
        response = web.StreamResponse()
        response.content_type = "application/json"
        response.headers["Content-Disposition"] = f'attachment; filename="parlour-export-{now[:10]}.json"'
        await response.prepare(request)
        try:
            await self._write(response, first)
            async for part in parts:
                await self._write(response, part)
        except (Refused, TimeoutError) as raised:
            if request.transport:
                request.transport.abort()
            raise ConnectionError("an export was cut off") from raised
        return response

    async def _write(self, response: web.StreamResponse, part: bytes) -> None:
        for start in range(0, len(part), SLICE):
            async with asyncio.timeout(self._within):
                await response.write(part[start : start + SLICE])

    async def _read(self, caller: Caller, work: Callable[[Tx], Any]) -> Any:
        """Raises Refused, also where the login has ended meanwhile."""
        if self._ended(caller.LoginID):
            raise Refused("unauthorized")
        async with self._turn:
            return await self._gateway.read(work)

    # ----------------------------------------------------------------------------------------------------- its parts

    async def _parts(self, caller: Caller, now: str) -> AsyncIterator[bytes]:
        steady = stamp_of(self._gateway.steady())
        begun, heads = await self._read(caller, lambda tx: export.begin(tx, caller, now, steady))
        sessions, begun.Sessions = begun.Sessions, {}
        yield encode(begun).removesuffix(LONG)
        async for part in self._ledger(caller, now, heads[caller.UserID]):
            yield part
        yield b',"Sessions":{'
        for position, (session_id, session) in enumerate(sessions.items()):
            yield b'%b"%b":%b' % (b"," * (position > 0), session_id.encode(), encode(session).removesuffix(b"{}}"))
            async for part in self._messages(caller, session_id, heads[session_id]):
                yield part
            yield b"}"
        yield b"}}"

    def _ledger(self, caller: Caller, now: str, head: int) -> AsyncIterator[bytes]:
        """The lines, the newest first."""

        def part(before: int, tx: Tx) -> tuple[bytes, int]:
            page = export.lines(tx, caller, now, before)
            return encode(page.Ledger)[1:-1], page.Ledger[-1].Seq if page.More else 0

        return self._listed(caller, b"[]", part, head + 1)

    def _messages(self, caller: Caller, session_id: str, head: int) -> AsyncIterator[bytes]:
        """The messages of a session, the oldest first."""

        def part(first: int, tx: Tx) -> tuple[bytes, int]:
            found = export.messages(tx, session_id, first - 1, head)
            last = int(next(reversed(found), head))
            return encode(found)[1:-1], last + 1 if last < head else 0

        return self._listed(caller, b"{}", part, int(head > 0))

    async def _listed(
        self, caller: Caller, brackets: bytes, part: Callable[[int, Tx], tuple[bytes, int]], place: int
    ) -> AsyncIterator[bytes]:
        """What comes in parts, in brackets. `part` gives what stands at a place, and the next place, or 0."""
        yield brackets[:1]
        comma = b""
        while place:
            text, place = await self._read(caller, partial(part, place))
            if text:
                yield comma + text
                comma = b","
        yield brackets[1:]
