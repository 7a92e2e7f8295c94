"""Devices in a process of their own, which can be stopped: `python -m tests.faults.peers`, a plan on standard input.

1. Each device writes its history. A line `ready` on standard output says that all are connected.
2. A line `SESSION NUMBER` on standard input asks that all show that message; `whole` on standard output answers.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec

from .told import Told


class Plan(msgspec.Struct):
    """Where, and as whom: token and UserID of each device."""

    server: str
    folder: str
    logins: list[tuple[str, str]]


async def live(plan: Plan, asked: asyncio.StreamReader) -> None:
    """Until nobody asks any more."""
    async with AsyncExitStack() as stack:
        devices = [
            Told(plan.server, token, user_id, Path(plan.folder), f"stopped{number}")
            for number, (token, user_id) in enumerate(plan.logins)
        ]
        for device in devices:
            await stack.enter_async_context(device)
        print("ready", flush=True)
        while line := await asked.readline():
            session, number = line.decode().split()
            await asyncio.gather(*(device.has(session, int(number)) for device in devices))
            print("whole", flush=True)


async def main() -> None:
    asked = asyncio.StreamReader(limit=1 << 22)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(asked), sys.stdin)
    await live(msgspec.json.decode(await asked.readline(), type=Plan), asked)


if __name__ == "__main__":
    asyncio.run(main())
