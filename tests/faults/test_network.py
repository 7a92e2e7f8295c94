"""P4: exactly once, on a network that repeats, delays and cuts; P3: one order for all.

1. Two people with two devices each, all four sending into one session through the bad network; a fifth device on a
   good one sees what they should see.
2. The same run must find a server that forgets nonces, and a client that shows whatever comes.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from parlour.client.streams import Streams
from tests.server.people import town
from tests.server.process import SERVE, served

from . import checker
from .history import Log
from .proxy import Badness, Proxy, proxy
from .sizes import SIZES
from .test_kills import KILLED_SERVER
from .told import Told

pytestmark = pytest.mark.full
DEVICES = 4


class Crowd:
    """Four devices behind a bad network, and one in front of a good one."""

    def __init__(self, folder: Path, session_id: str, wire: Proxy, senders: list[Told], witness: Told) -> None:
        self.folder, self.session_id, self.wire = folder, session_id, wire
        self.senders, self.witness = senders, witness

    async def talk(self, messages: int, chance: random.Random) -> None:
        """Everybody says so many things, each after the one before was acknowledged; then all hear the rest."""

        async def say(one: Told, name: int) -> None:
            for number in range(messages // DEVICES):
                await one.client.send(self.session_id, f"{name}-{number}-{chance.randbytes(8).hex()}")

        await asyncio.gather(*(say(one, name) for name, one in enumerate(self.senders)))
        [last] = [one.number for one in await self.witness.client.history(self.session_id, limit=1)]
        await asyncio.gather(*(one.has(self.session_id, last) for one in (*self.senders, self.witness)))

    def judged(self) -> tuple[checker.Heard, list[str]]:
        return checker.check(self.folder / "histories", self.folder / "data" / "parlour.db")


@asynccontextmanager
async def crowd(
    folder: Path, chance: random.Random, badness: Badness, program: tuple[str, ...] = SERVE, **settings: str
) -> AsyncIterator[Crowd]:
    """A server in a process of its own, with people on it."""
    data, histories = folder / "data", folder / "histories"
    logins: list[tuple[str, str]] = []
    async with town(data) as made:
        first, second, session_id = await made.pair()
        beginning = Log(histories, "beginning", "")
        for person in (first, second):
            beginning.member(session_id, person.user_id)
            for _ in range(2):
                await person.log_in()
                logins.append((person.token, person.user_id))
        beginning.close()
        await first.log_in()
    async with AsyncExitStack() as stack:
        process = await stack.enter_async_context(served(data, program=program, **settings))
        wire = await stack.enter_async_context(proxy(process.port, chance, badness))
        bad, good = f"http://127.0.0.1:{wire.port}", f"http://127.0.0.1:{process.port}"
        senders = [
            await stack.enter_async_context(Told(bad, token, user_id, histories, f"device{number}"))
            for number, (token, user_id) in enumerate(logins)
        ]
        witness = Told(good, first.token, first.user_id, histories, "witness")
        await stack.enter_async_context(witness)
        yield Crowd(folder, session_id, wire, senders, witness)


async def test_everything_is_there_once_and_in_one_order(
    tmp_path: Path, chance: random.Random, report: Callable[[str], None]
) -> None:
    sizes = SIZES.network
    async with crowd(tmp_path, chance, Badness()) as here:
        await here.talk(sizes.sends, chance)
    heard, faults = here.judged()
    report(f"{here.wire.told()}; {heard.told()}")
    assert faults == []
    assert len(heard.acknowledged) == sizes.sends
    assert here.wire.counts["repeated"] >= sizes.least_repeated
    assert here.wire.counts["delayed"] >= sizes.least_delayed
    assert here.wire.counts["cut"] >= sizes.least_cut
    assert all(one.shown[here.session_id] == here.witness.shown[here.session_id] for one in here.senders)


async def test_a_server_that_forgets_nonces_is_found(
    tmp_path: Path, chance: random.Random, report: Callable[[str], None]
) -> None:
    """The same run with the guard of the server taken out."""
    mark = tmp_path / "mark"
    mark.write_bytes(b"\0")
    careless = {"KILL": "never", "KILL_MARK": str(mark), "CARELESS": "forget_nonces"}
    async with crowd(tmp_path, chance, Badness(), KILLED_SERVER, **careless) as here:
        await here.talk(120, chance)
    _, faults = here.judged()
    report(f"found {dict(checker.kinds(faults))}")
    assert "I3" in checker.kinds(faults)


async def test_a_client_that_shows_whatever_comes_is_found(
    tmp_path: Path, chance: random.Random, report: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same run with the guard of the client taken out: it forgets what it has."""
    careless_streams(monkeypatch)
    async with crowd(tmp_path, chance, Badness(cut=0)) as here:
        await here.talk(40, chance)
    _, faults = here.judged()
    report(f"found {dict(checker.kinds(faults))}")
    assert "I5" in checker.kinds(faults)


def careless_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every number is taken for the next one."""

    def is_next(self: Streams, stream: str, number: int) -> bool:
        self.at[stream] = max(number, self.at.get(stream, 0))
        return True

    monkeypatch.setattr(Streams, "_is_next", is_next)
