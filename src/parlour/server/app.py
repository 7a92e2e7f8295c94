"""The composition root: build, start, stop in order. The only file that knows the adapters.

1. Nothing listens before everybody is Offline and the Epoch is there; nothing new is taken after the stop began.
2. Every way to end says why in one sentence, with an exit code: 78 what an operator must change, 70 the storage broke.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import resource
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec
import uvloop
from aiohttp import web

from ..bus.local import LocalBus
from ..config import Settings
from ..core.dispatch import NOBODY, Refused
from ..core.limits import OFF, Limits, Rate
from ..core.ports import StorageBroken
from ..core.presence import EverybodyOffline
from ..core.snapshot import Begin, Probe
from ..protocol import CLOSINGS, CODES
from ..store import backup as copies
from ..store.folder import Unusable
from ..store.sqlite import SqliteStore
from .access import Access, Throttles
from .gateway import Budgets, Gateway
from .http import Site
from .hub import Hub
from .limits import Budget, Unlimited
from .presence import Floor
from .problems import Door
from .websocket import wire

log = logging.getLogger("parlour")

CONFIGURATION = 78
STORAGE = 70
FILES_KEPT = 64
FEW_FILES = 1024
PROBE_SECONDS = 1.0
HTTP = {
    "access_log": None,
    "auto_decompress": False,
    "max_line_size": 131_072,
    "max_field_size": 131_072,
    "lingering_time": 2.0,  # So long a refusal waits for what it does not read: closed at once, it would be lost.
    "keepalive_timeout": 75,
}
"""How a connection speaks HTTP."""


class Cannot(Exception):
    """The server cannot run as it is told to. The text says what to do."""

    def __init__(self, text: str, exit_code: int = CONFIGURATION) -> None:
        super().__init__(text)
        self.exit_code = exit_code


class SystemClock:
    """The machine's time and chance."""

    def __init__(self) -> None:
        self._start, self._started = datetime.now(UTC), _running()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def steady(self) -> datetime:
        return self._start + timedelta(seconds=_running() - self._started)

    def new_id(self) -> str:
        return secrets.token_urlsafe(12)

    def new_token(self) -> str:
        return secrets.token_urlsafe(32)


def _running() -> float:
    """Seconds that the machine has been on, its sleep counted where it tells."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Server:
    """One node."""

    def __init__(self, settings: Settings, store: SqliteStore) -> None:
        self.settings, self.store = settings, store
        self.exit_code = 0
        self._broken_by = ""
        self.stopping = asyncio.Event()
        self.clock, self.bus = SystemClock(), LocalBus()
        self.gateway = Gateway(store, self.bus, self.clock, settings.batch, _limits(settings), self._broken)
        self.hub = Hub(self.gateway.read, self.bus, wire, self.gateway.now)
        self._for_ever: list[asyncio.Task[None]] = []
        self._runner: web.AppRunner | None = None
        self._listening: asyncio.Server | None = None
        self.port = 0
        self._probed, self._probe_again = True, 0.0

    async def start(self) -> None:
        """Listen. Raises Cannot, Refused."""
        self.bus.start(self.hub.deliver)
        epoch = await self._begin()
        self.floor = Floor(self.gateway, self.hub, self._budgets(), self.settings, epoch)
        self.hub.login_ended = self._login_ended
        self.floor.most = _room_for_sockets()
        self.access = Access(self.gateway, self.clock, self._throttles(), self.settings.hashing_waiting)
        site = Site(self.gateway, self.access, self.floor, self.settings, self._ready)
        self._runner = web.AppRunner(site.application(), handle_signals=False, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await self._listen(partial(Door, self._runner.server, site.dress, self.settings.head_within, **HTTP))
        self._for_ever = [asyncio.get_running_loop().create_task(w) for w in (self.floor.sweep(), self._watch())]
        gc.collect()
        gc.freeze()

    def _login_ended(self, user_id: str, login_id: str) -> None:
        """In the next turn: what this login asked for is answered before its sockets close."""
        asyncio.get_running_loop().call_soon(self.floor.end_login, login_id, user_id)

    async def _begin(self) -> str:
        """Nobody is here yet, and the database has its Epoch, which is given back."""
        try:
            await self.gateway.write(EverybodyOffline(), NOBODY)
            return str(await self.gateway.write(Begin(), NOBODY))
        except Refused as refused:
            why = self._broken_by or f"Nothing can be stored in {self.settings.data}: {CODES[refused.code].reason}"
            raise Cannot(why, STORAGE) from None

    async def _listen(self, door: Callable[..., Door]) -> None:
        host, port, loop = self.settings.host, self.settings.port, asyncio.get_running_loop()
        try:
            self._listening = await loop.create_server(partial(door, loop=loop), host, port, backlog=1024)
        except (OSError, OverflowError) as raised:
            raise Cannot(
                f"Cannot listen on {host}, port {port}: {_why(raised)}. Choose others: --host, --port."
            ) from None
        self.port = self._listening.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Take no more, finish what is queued, tell every socket to come back, end."""
        self.stopping.set()
        for task in self._for_ever:
            task.cancel()
        if self._runner:
            if self._listening:
                self._listening.close()
            self.gateway.refuse()
            await self.gateway.drain()
            await self.floor.end_all(CLOSINGS["restarting"])
            await self._runner.cleanup()
            self.access.close()
        self.bus.close()
        await asyncio.get_running_loop().run_in_executor(None, self.store.close)

    async def _ready(self) -> bool:
        """Whether something can be written now; asked of the disk once a second at most."""
        now = asyncio.get_running_loop().time()
        if now >= self._probe_again:
            self._probe_again = now + PROBE_SECONDS
            self._probed = await self._probe()
        return self._probed and not self.stopping.is_set()

    async def _probe(self) -> bool:
        try:
            await self.gateway.write(Probe(), NOBODY)
        except Refused:
            return False
        return True

    async def _watch(self) -> None:
        """For ever: a question a second, so that a storage that is lost is noticed even when nobody asks anything."""
        while True:
            await asyncio.sleep(PROBE_SECONDS)
            with suppress(Refused):
                await self.gateway.read(lambda tx: None)

    def _broken(self, why: str) -> None:
        if self.port and not self._broken_by:  # At the start it is told as the reason why there is none.
            log.error("%s", why)
        self._broken_by = why
        self.exit_code = STORAGE
        self.stopping.set()

    def _budget(self, burst: float, each_second: float) -> Budget | Unlimited:
        if self.settings.limits == "off":
            return Unlimited()
        return Budget(burst, each_second, asyncio.get_running_loop().time)

    def _budgets(self) -> Budgets:
        s = self.settings
        others, questions = [self._budget(s.frame_each_second, s.frame_each_second) for _ in range(2)]
        exports = self._budget(s.export_each_hour, s.export_each_hour / 3600)
        return Budgets(self._budget(s.message_burst, s.message_each_second), others, questions, exports)

    def _throttles(self) -> Throttles:
        s = self.settings
        return Throttles(
            register=self._budget(s.register_address_each_hour, s.register_address_each_hour / 3600),
            login_address=self._budget(s.login_address_each_minute, s.login_address_each_minute / 60),
            login_account=self._budget(s.login_account_each_minute, s.login_account_each_minute / 60),
        )


def _limits(settings: Settings) -> Limits:
    """The limits of consent."""
    s = settings
    if s.limits == "off":
        return msgspec.structs.replace(OFF, link_days=s.link_days)
    return Limits(
        invitations=Rate(s.invitation_burst, 86_400 / s.invitation_each_day),
        lookups=Rate(s.lookup_burst, 3_600 / s.lookup_each_hour),
        alerts=Rate(s.alert_burst, 60 * s.alert_each_minutes),
        changes=Rate(s.change_burst, 86_400 / s.change_each_day),
        askings=s.invitations_open,
        requests=s.requests_open,
        links=s.links_open,
        link_days=s.link_days,
    )


def _why(raised: BaseException) -> str:
    return str(getattr(raised, "strerror", None) or raised)


def _room_for_sockets() -> int:
    """How many sockets the limit of open files leaves, after it was raised as far as it may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard not in (soft, resource.RLIM_INFINITY):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if soft < FEW_FILES:
        log.warning(
            "Only %d files may be open, so at most %d sockets: raise `ulimit -n`.", soft, max(1, soft - FILES_KEPT)
        )
    return max(1, soft - FILES_KEPT)


def open_store(settings: Settings) -> SqliteStore:
    """The store in the data folder, which is made if it is missing. Raises Cannot."""
    with _in_plain_words():
        return SqliteStore(_made(settings))


@contextmanager
def _in_plain_words() -> Iterator[None]:
    try:
        yield
    except Unusable as raised:
        raise Cannot(str(raised)) from None
    except StorageBroken as raised:
        raise Cannot(str(raised), STORAGE) from None


def _made(settings: Settings) -> Path:
    os.umask(0o077)  # A folder that was there before may be open to others; what is made in it is not.
    folder = Path(settings.data)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as raised:
        raise Cannot(f"The data folder {folder} cannot be made: {_why(raised)}. Name another one: --data.") from None
    return folder


async def serve(settings: Settings) -> int:
    """Run until a signal; the exit code."""
    server = Server(settings, open_store(settings))
    _obey(server.stopping)
    try:
        await server.start()
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        print(f"Parlour serves on http://{host}:{server.port}", file=sys.stderr, flush=True)
        await server.stopping.wait()
    finally:
        await server.stop()
    return server.exit_code


def _obey(stopping: asyncio.Event) -> None:
    """SIGTERM and SIGINT stop the server, the second one at once; a lost terminal or reader does not."""
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(
            number, lambda: os._exit(0) if stopping.is_set() else stopping.set()
        )
    for number in (signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)


# ------------------------------------------------------------------------------------------------------------- commands


def run(settings: Settings) -> int:
    """Run a node in this process; the exit code."""
    logging.basicConfig(level=settings.log.upper(), format="%(asctime)s %(levelname)s %(message)s")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return _ended(lambda: runner.run(serve(settings)))


def backup(settings: Settings, file: Path) -> int:
    """Copy the database into a new file; the exit code."""

    def work() -> int:
        with _in_plain_words():
            copies.backup(Path(settings.data), file)
        print(f"{file} holds the whole database.")
        return 0

    return _ended(work)


def restore(settings: Settings, file: Path) -> int:
    """Put a backup in the place of the database; the exit code."""

    def work() -> int:
        with _in_plain_words():
            kept = copies.restore(_made(settings), file)
        print(f"{file} is restored." + (f" The database that was there is now {kept}." if kept else ""))
        return 0

    return _ended(work)


def _ended(work: Callable[[], int]) -> int:
    try:
        return work()
    except Cannot as cannot:
        print(cannot, file=sys.stderr)
        return cannot.exit_code


__all__ = ["Cannot", "Server", "backup", "open_store", "restore", "run"]
