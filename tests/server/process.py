"""A server in a process of its own: for what kills it, measures it, or keeps it from starting.

1. It is started as an operator starts it, with the interpreter and the sources of this run.
2. Whatever happens to a test, the process is gone afterwards.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 20.0
SERVE = ("-m", "parlour", "serve")
_THEN_SERVE = "os.execv(sys.executable, [sys.executable, '-m', 'parlour', 'serve', *sys.argv[1:]])"
POWERLESS = (
    "-c",
    # Without CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH and CAP_NET_BIND_SERVICE root is stopped by what stops everybody.
    "import ctypes, os, sys\nfor power in (1, 2, 10): ctypes.CDLL(None).prctl(24, power, 0, 0, 0)\n" + _THEN_SERVE,
)
"""As somebody who is not an administrator."""
FEW_FILES = (
    "-c",
    "import os, resource, sys\nresource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))\n" + _THEN_SERVE,
)
"""With `ulimit -n 256`."""
_serves = re.compile(r"^Parlour serves on http://[^\s]*:(\d+)$")


def environment(**settings: str) -> dict[str, str]:
    """The environment of a server: budgets off, quiet, unless settings say otherwise."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith("PARLOUR_")}
    chosen = {"PARLOUR_LIMITS": "off", "PARLOUR_LOG": "warning"} | settings
    return plain | chosen | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}


class Process:
    """A started server. `said` is what it wrote to standard error, line by line."""

    def __init__(self, child: asyncio.subprocess.Process) -> None:
        self.child = child
        self.said: list[str] = []
        self.port = 0
        self._listening: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._more = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.child.stderr
        async for line in self.child.stderr:
            self.said.append(line.decode().rstrip("\n"))
            self._more.set()
            if (serves := _serves.match(self.said[-1])) and not self._listening.done():
                self._listening.set_result(int(serves[1]))
        if not self._listening.done():
            self._listening.cancel()

    async def listens(self) -> None:
        """Wait until it says that it serves."""
        try:
            self.port = await asyncio.wait_for(self._listening, PATIENCE)
        except asyncio.CancelledError:
            raise AssertionError(f"it does not serve: {self.said}") from None

    async def asked(self, number: signal.Signals) -> str:
        """Send a signal that is answered by a line; the line."""
        self._more.clear()
        self.child.send_signal(number)
        await asyncio.wait_for(self._more.wait(), PATIENCE)
        return self.said[-1]

    async def ends(self) -> int:
        """Wait for its end; the exit code."""
        code = await asyncio.wait_for(self.child.wait(), PATIENCE)
        await asyncio.wait_for(self._reading, PATIENCE)
        return code

    async def kill(self) -> None:
        """kill -9, unless it is gone already."""
        if self.child.returncode is None:
            self.child.kill()
        await self.ends()

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.child.terminate()
        return await self.ends()


async def start(data: Path, *arguments: str, port: int = 0, program: Sequence[str] = SERVE, **settings: str) -> Process:
    """Start a server on a folder; it may or may not come to serve."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, *program, "--data", str(data), "--port", str(port), *arguments,
        env=environment(**settings), stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    return Process(child)


@asynccontextmanager
async def served(data: Path, *arguments: str, **options: Any) -> AsyncIterator[Process]:
    """A server that serves; for the options see `start`."""
    process = await start(data, *arguments, **options)
    try:
        await process.listens()
        yield process
    finally:
        await process.kill()
