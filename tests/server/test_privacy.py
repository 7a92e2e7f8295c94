"""A no cannot be told from silence, over real sockets: whatever became of an invitation, whoever asked gets the same
bytes over every door, and the writer runs the same statements.

1. The story and its branches stand in tests/branches.py; each is played on a server of its own, in a time of its own.
2. Ids are made alike before traces are compared; nothing else is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest

from parlour.core import invitations
from parlour.core.pairs import Pair
from tests.branches import ASKED, ASKER, BRANCHES, CROWD, LIMITS, NEVER_OPENED, Branch, Json, play
from tests.server.people import PATIENCE, Person, Socket, Town, town

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.full]
SETTINGS: Json = {
    "limits": "on",
    "invitation_burst": LIMITS.invitations.burst,
    "invitation_each_day": 86_400 / LIMITS.invitations.each,
    "invitations_open": LIMITS.askings,
    "lookup_burst": LIMITS.lookups.burst,
    "lookup_each_hour": 3_600 / LIMITS.lookups.each,
    "alert_burst": LIMITS.alerts.burst,
    "alert_each_minutes": LIMITS.alerts.each / 60,
    "requests_open": LIMITS.requests,
} | {
    "frame_each_second": 10_000,
    "message_burst": 10_000,
    "export_each_hour": 1_000,
    "login_account_each_minute": 1_000,
    "login_address_each_minute": 1_000,
    "sockets_each_user": 100,
    "heartbeat": 3_600.0,
    "offline_after": 3_600.0,
    "online_from_login": 3_600.0,
}
"""The limits of the story; and none of those that go by the time of the machine."""
HEADERS_OF_NOBODY = ("Date", "Content-Disposition")
"""The day stands in them, by the clock of the machine, or as the name of a file."""


class Raw(Socket):
    """A socket whose texts are kept as they came."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        super().__init__(ws)
        self.ws, self.texts = ws, list[str]()
        receive = ws.receive

        async def kept() -> aiohttp.WSMessage:
            message = await asyncio.wait_for(receive(), PATIENCE)
            if message.type is aiohttp.WSMsgType.TEXT:
                self.texts.append(message.data)
            return message

        self.ws.receive = kept  # type: ignore[method-assign, assignment]


class Seen(NamedTuple):
    """All that reached the asker, and what the writer did meanwhile; act by act."""

    trace: list[tuple[str, list[str]]]
    statements: list[tuple[str, list[str]]]


class Asker:
    """Nanda, at every door of a server."""

    def __init__(self, here: Town, person: Person, stack: AsyncExitStack) -> None:
        self.here, self.person, self._stack = here, person, stack
        self.seen = Seen([], [])
        self._ran: list[str] = []
        here.server.store.database.writer.exec_trace = self._trace

    def _trace(self, _: Any, text: str, __: Any) -> bool:
        self._ran.append(text)
        return True

    async def arrive(self) -> None:
        self.v1, self.core = await self._open("parlour.v1"), await self._open()

    async def _open(self, *protocols: str) -> Raw:
        headers = {"Authorization": f"Bearer {self.person.token}"}
        url = f"{self.person.base}/ws"
        socket = Raw(await self.person.http.ws_connect(url, headers=headers, protocols=protocols))
        self._stack.push_async_callback(socket.ws.close)
        if protocols:
            await socket.resume((await socket.of_type("Welcome"))["Epoch"])
            await socket.of_type("Resumed")
        await socket.quiet()
        return socket

    @asynccontextmanager
    async def act(self, what: str) -> AsyncIterator[list[str]]:
        """What is heard meanwhile, on both sockets that are always there, is added to what the act itself brings."""
        self._ran.clear()
        brought: list[str] = []
        yield brought
        for socket in (self.v1, self.core):
            await socket.quiet()
            brought.extend(socket.texts)
            socket.texts.clear()
        self.seen.trace.append((what, brought))
        self.seen.statements.append((what, list(self._ran)))

    async def say(self, frame: Json) -> None:
        async with self.act(f"v1 {frame}"):
            await self.v1.send(**frame, Ref="mine")

    async def say_core(self, frame: Json) -> None:
        async with self.act(f"core {frame}"):
            await self.core.send(**frame, Ref="mine")

    async def call(self, frame: Json) -> None:
        path = f"/api/{frame['type'].lower()}"
        async with self.act(f"{path} {frame}") as brought:
            brought.extend(await self._answer("POST", path, json={k: v for k, v in frame.items() if k != "type"}))

    async def look(self) -> None:
        for path in ("/api/snapshot", "/api/load", "/api/consent", "/api/export"):
            async with self.act(path) as brought:
                brought.extend(await self._answer("GET", path))

    async def _answer(self, method: str, path: str, **more: Any) -> list[str]:
        """Status, headers and body."""
        headers = {"Authorization": f"Bearer {self.person.token}"}
        async with self.person.http.request(method, self.person.base + path, headers=headers, **more) as response:
            told = sorted(f"{k}: {v}" for k, v in response.headers.items() if k not in HEADERS_OF_NOBODY)
            return [str(response.status), *told, await response.text()]

    async def come_back(self) -> None:
        async with self.act("come back") as brought:
            for protocols in (("parlour.v1",), ()):
                socket = await self._open(*protocols)
                brought.extend(socket.texts)
                await socket.ws.close()


class Stage:
    """A server and its people, in a time that the test owns."""

    def __init__(self, here: Town) -> None:
        self.here, self.now = here, datetime.now(UTC)
        here.server.clock.now = lambda: self.now  # type: ignore[method-assign]
        self.people: dict[str, Person] = {}

    async def fill(self, stack: AsyncExitStack, online: bool) -> None:
        for name in (ASKER, ASKED, *CROWD):
            self.people[name] = await self.here.person(name)
        self.here.server.floor._touch = lambda *_: None  # type: ignore[method-assign]
        if online:
            for socket in (await self.people[ASKED].v1(), await self.people[ASKED].core()):
                stack.push_async_callback(socket.ws.close)
                await socket.quiet()
        self.nanda = Asker(self.here, self.people[ASKER], stack)
        await self.nanda.arrive()

    async def do(self, who: str, frame: Json) -> None:
        body = {k: v for k, v in frame.items() if k != "type"}
        assert (await self.people[who].call("POST", f"/api/{frame['type'].lower()}", json=body))[0] == 200

    def later(self, days: float) -> None:
        self.now += timedelta(days=days)

    def alike(self, text: str) -> str:
        """With the ids of this server made like those of every other one."""
        [(epoch,)] = self.here.sql("SELECT Value FROM Facts WHERE Name = 'Epoch'")
        ids = {person.user_id: name.upper() for name, person in self.people.items()} | {epoch: "EPOCH"}
        ids |= {login: f"LOGIN OF {ids[of]}" for login, of in self.here.sql("SELECT LoginID, UserID FROM Logins")}
        for made, name in ids.items():
            text = text.replace(made, name)
        return text


async def seen_by_asker(folder: Path, branch: Branch, *, online: bool) -> Seen:
    """The whole story of a branch, as the asker sees it. `online`: Winston has two devices there."""
    async with town(folder, **SETTINGS) as here, AsyncExitStack() as stack:
        stage = Stage(here)
        start = stage.now
        await stage.fill(stack, online)
        await play(stage, branch)
        here.server.store.database.writer.exec_trace = None
        trace, statements = stage.nanda.seen
        return Seen(
            [(what, [in_days_of(start, stage.alike(part)) for part in brought]) for what, brought in trace], statements
        )


def in_days_of(start: datetime, text: str) -> str:
    """With the moments of the story as its days."""
    for halves in range(80):
        moment = start + timedelta(days=halves / 2)
        stamp = moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
        text = text.replace(stamp, f"day {halves / 2}")
    return text


@pytest.fixture(scope="module")
def kept() -> dict[str, Seen]:
    """What silence looks like, once for all."""
    return {}


async def silence(kept: dict[str, Seen], folder: Path) -> Seen:
    if "silence" not in kept:
        kept["silence"] = await seen_by_asker(folder / "silence", NEVER_OPENED, online=False)
    return kept["silence"]


def assert_alike(told: Seen, silent: Seen) -> None:
    for (what, brought), (_, expected) in zip(told.trace, silent.trace, strict=True):
        assert brought == expected, what
    for (what, ran), (_, expected) in zip(told.statements, silent.statements, strict=True):
        assert ran == expected, what


@pytest.mark.parametrize("branch", BRANCHES)
async def test_whoever_asks_cannot_tell_it_from_silence(kept: dict[str, Seen], tmp_path: Path, branch: str) -> None:
    told = await seen_by_asker(tmp_path / "told", BRANCHES[branch], online=True)
    assert_alike(told, await silence(kept, tmp_path))


async def test_whoever_asks_cannot_tell_whether_they_are_there(kept: dict[str, Seen], tmp_path: Path) -> None:
    told = await seen_by_asker(tmp_path / "told", NEVER_OPENED, online=True)
    assert_alike(told, await silence(kept, tmp_path))


async def test_the_story_is_heard(kept: dict[str, Seen], tmp_path: Path) -> None:
    """Every door answers, over every budget; and the writer is listened to."""
    silent = await silence(kept, tmp_path)
    parts = [part for _, brought in silent.trace for part in brought]
    waits = {part.partition('"RetryAfter":')[2] for part in parts if '"RetryAfter":' in part}
    assert waits == {"1209600}", "3600}"}, "open invitations, new ones"
    assert "Retry-After: 240" in parts, "names to look up"
    asked = next(ran for what, ran in silent.statements if "It is me." in what)
    assert any("INTO Ledger" in text for text in asked)


def tells_the_asker(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(invitations, "inbox", lambda pair: pair.Asker)


def closes_no_pop_up_of_a_shadow(patch: pytest.MonkeyPatch) -> None:
    resolve = invitations.resolve

    def resolved(context: Any, pair: Pair, result: Any) -> int:
        return context.tx.next("~") + id(pair) if pair.State == "shadow" else resolve(context, pair, result)

    patch.setattr(invitations, "resolve", resolved)


@pytest.mark.parametrize("wrong", [tells_the_asker, closes_no_pop_up_of_a_shadow])
async def test_rules_that_are_wrong_are_noticed(
    kept: dict[str, Seen], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: Any
) -> None:
    silent = await silence(kept, tmp_path)
    wrong(monkeypatch)
    told = await seen_by_asker(tmp_path / "told", BRANCHES["blocked after"], online=True)
    with pytest.raises(AssertionError):
        assert_alike(told, silent)
