"""A client of the SDK that writes its history down for the checker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from parlour.client import Client, Ended, Event, Message
from parlour.client.timing import Timing
from parlour.client.world import Happened

from .history import Log
from .tasks import ended

QUICK = Timing().scaled(1 / 20)


class Told:
    """One device of somebody: it sends, hears everything there is, and writes both down."""

    def __init__(self, server: str, token: str, user_id: str, folder: Path, name: str, **options: Any) -> None:
        self.log = Log(folder, name, user_id)
        self.client = Client(server, token, timing=QUICK, watch=self._watch, **options)
        self.shown: dict[str, list[int]] = {}
        self.events: list[Event] = []
        self.ended: Ended | None = None
        self._more = asyncio.Event()
        self._hearing: asyncio.Task[None] | None = None

    def _watch(self, happened: Happened) -> None:
        if happened.what == "invoke":
            self.log.invoke(happened.session, happened.nonce, happened.data)
        elif happened.what == "ack":
            self.log.ack(happened.nonce, happened.number)
        elif happened.what == "fail":
            self.log.fail(happened.nonce, happened.code)

    async def __aenter__(self) -> Self:
        await self.client.__aenter__()
        self._hearing = asyncio.create_task(self._hear())
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.client.stop()
        if self._hearing:
            await ended([self._hearing])
        self.log.close()

    async def _hear(self) -> None:
        try:
            async for event in self.client:
                self._take(event)
        except Ended as ended:
            self.ended = ended
        self._more.set()

    def _take(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, Message):
            self.log.deliver(event.session, event.number, _on_the_wire(event))
            self.shown.setdefault(event.session, []).append(event.number)
        self._more.set()

    async def until(self, true: Callable[[], bool], patience: float = 60.0) -> None:
        """Until this is true, which an event makes it."""
        async with asyncio.timeout(patience):
            while not true():
                self._more.clear()
                await self._more.wait()

    async def shows(self, session: str, number: int) -> None:
        """Until this device shows the message of this number."""
        await self.until(lambda: max(self.shown.get(session, [0])) >= number)

    async def has(self, session: str, number: int) -> None:
        """The same, where nobody sends any more: now it is caught up."""
        await self.shows(session, number)
        self.log.whole()

    async def over(self, patience: float = 5.0) -> Ended | None:
        """Until the server has ended this client for good; why."""
        assert self._hearing
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._hearing), patience)
        return self.ended


def _on_the_wire(event: Message) -> dict[str, Any]:
    message = {
        "data": event.data,
        "TimeStamp": event.time_stamp,
        "Sender": event.sender,
        "ReceivedAt": event.received_at,
    }
    return message if event.nonce is None else message | {"Nonce": event.nonce}
