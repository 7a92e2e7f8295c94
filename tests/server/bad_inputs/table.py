"""Bad inputs and the required answer: tables, a row an input. Who is there, and how a row is written.

1. A case's id begins with the row's number in the list of bad inputs; a row with several inputs has several cases.
2. Inputs are raw bytes: no client library corrects them on the way.
3. After every case: no 500, nothing in the log but plain lines, and the same server still serves a bystander.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.server.people import PASSWORD, Person, Socket, Town, town
from tests.server.wire import Line, Reply, Wire, ask, frame, post, request


class Scene(NamedTuple):
    """Who is there: two who share a session, a stranger to them, and a bystander on a socket."""

    town: Town
    nanda: Person
    winston: Person
    session_id: str
    carol: Person
    bystander: Socket
    folder: Path

    @property
    def port(self) -> int:
        return self.town.port

    async def ask(self, data: bytes) -> Reply:
        return await ask(self.port, data)

    async def socket(self, kind: str = "core", person: Person | None = None) -> Wire:
        """A raw socket of nanda; one of `parlour.v1` has resumed."""
        return await socket_of(self.town, person or self.nanda, kind)

    async def messages(self) -> dict[str, Any]:
        """What stands in the session of the two."""
        _, body = await self.winston.call("GET", f"/api/sessions/{self.session_id}/messages?limit=200")
        return dict(body["Messages"])


async def socket_of(town: Town, person: Person, kind: str = "core") -> Wire:
    """A raw socket of a person; one of `parlour.v1` has resumed."""
    if kind == "core":
        return await Wire.upgrade(town.port, person.token)
    wire = await Wire.upgrade(town.port, person.token, "Sec-WebSocket-Protocol: parlour.v1")
    epoch = (await wire.text())["Epoch"]
    await wire.send(frame(json.dumps({"type": "Resume", "Epoch": epoch, "Me": 0, "Ref": "resume"})))
    while (await wire.text()).get("type") != "Resumed":
        pass
    await wire.lives()
    return wire


@asynccontextmanager
async def small(scene: Scene, name: str, **settings: Any) -> AsyncIterator[Town]:
    """Another server, with other settings: times in which nobody would wait for long."""
    async with town(scene.folder / name, **settings) as other:
        yield other


# ------------------------------------------------------------------------------------------------ how a case is written

Play = Callable[[Scene], Awaitable[None]]


class Case(NamedTuple):
    row: int
    name: str
    play: Play
    full: bool = False


class Table:
    """The cases of one file, and the ways to write one."""

    def __init__(self) -> None:
        self.cases: list[Case] = []

    def case(self, row: int, name: str, *, full: bool = False) -> Callable[[Play], Play]:
        """A case that is a story; `full`: one that takes long."""

        def add(play: Play) -> Play:
            self.cases.append(Case(row, name, play, full))
            return play

        return add

    def http(
        self, row: int, name: str, data: bytes, status: int | tuple[int, ...], code: str = "",
        field: str | None = None, closes: bool | None = False,
    ) -> None:  # fmt: skip
        """Bytes of a request, and the problem that answers them. `closes`: None where the row leaves it open."""

        async def play(scene: Scene) -> None:
            async with await Line.open(scene.port) as line:
                reply = await line.ask(data)
                is_problem(reply, status, code, field)
                if closes:
                    assert await line.ended() == b""
                elif closes is not None:
                    assert (await line.ask(request("GET", "/healthz"))).status == 200

        self.cases.append(Case(row, name, play))

    def body(
        self, row: int, name: str, data: str | bytes, status: int = 422, code: str = "malformed", field: str = ""
    ) -> None:
        """A JSON body for both calls that take one."""
        raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        for path in ("register", "login"):
            closes = None if status == 413 else False
            self.http(row, f"{name}-{path}", post(f"/api/{path}", raw), status, code, field or None, closes=closes)

    def said(
        self, row: int, name: str, payload: str | bytes | Callable[[Scene], str], code: str, field: str | None = "?",
        kinds: Iterable[str] = ("core", "v1"),
    ) -> None:  # fmt: skip
        """A text frame, and the error that answers it; the socket lives. `field` "?": whatever it says."""
        for kind in kinds:

            async def play(scene: Scene, kind: str = kind) -> None:
                async with await scene.socket(kind) as wire:
                    answer = await wire.say(payload(scene) if callable(payload) else payload)
                    is_error(answer, code, field)
                    await wire.lives()

            self.cases.append(Case(row, f"{name}-{kind}", play))

    def violation(self, row: int, name: str, data: bytes, code: int, kinds: Iterable[str] = ("core", "v1")) -> None:
        """Bytes that end a socket, and the code of its close frame."""
        for kind in kinds:

            async def play(scene: Scene, kind: str = kind) -> None:
                async with await scene.socket(kind) as wire:
                    await wire.send(data)
                    assert await wire.closed() == code

            self.cases.append(Case(row, f"{name}-{kind}", play))

    def registers(self, row: int, name: str, username: str, password: str, status: int = 422, code: str = "") -> None:
        """Somebody tries to register."""
        self.http(row, name, post("/api/register", credentials(username, password)), status, code)

    def test(self) -> Callable[..., Awaitable[None]]:
        """The one test of all cases that there are by now."""
        cases = [
            pytest.param(case, id=f"{case.row}-{case.name}", marks=[pytest.mark.full] if case.full else [])
            for case in self.cases
        ]

        @pytest.mark.asyncio(loop_scope="session")
        @pytest.mark.parametrize("case", cases)
        async def gets_its_answer(case: Case, scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
            caplog.set_level(logging.INFO)
            await case.play(scene)
            assert (await scene.ask(request("GET", "/readyz"))).status == 200
            await scene.bystander.quiet()
            assert not [r for r in caplog.records if r.levelno > logging.INFO or r.exc_info]

        return gets_its_answer


def is_problem(reply: Reply, status: int | tuple[int, ...], code: str = "", field: str | None = None) -> None:
    """The answer is a problem with this status, code and field, and repeats nothing of the input at length."""
    assert reply.status in (status if isinstance(status, tuple) else (status,)), reply
    assert reply.headers["content-type"] == "application/problem+json", reply
    assert reply.json["status"] == reply.status
    assert reply.json["title"]
    assert not reply.headers.get("server")
    assert reply.json["code"] == code or not code, reply
    assert field is None or reply.json["field"] == field, reply
    assert len(reply.body) < 400


def is_error(answer: Any, code: str, field: str | None = "?", ref: str | None = None) -> None:
    """The frame is an error with this code, and a plain sentence."""
    assert answer["type"] == "Error", answer
    assert answer["Code"] == code, answer
    assert answer["Reason"]
    assert answer.get("Ref") == ref
    assert field == "?" or answer.get("Field") == field, answer
    assert set(answer) <= {"type", "Ref", "Code", "Reason", "Field", "RetryAfter"}
    assert len(json.dumps(answer)) < 400, "no echo of the input"


async def said_by(wire: Wire, told: dict[str, Any]) -> Any:
    """Send this frame under a name; what answers to it."""
    answer = await wire.say(json.dumps(told | {"Ref": "it"}))
    while answer.get("Ref") != "it":
        answer = await wire.text()
    return answer


def credentials(name: str, password: str = PASSWORD) -> bytes:
    return json.dumps({"Username": name, "Password": password}).encode()


def saying(data: Any, **more: Any) -> Callable[[Scene], str]:
    """A message for the session of the two."""
    message = {"data": data} | more.pop("Message", {})
    return lambda scene: json.dumps({"type": "Message", "SessionID": scene.session_id, "Message": message} | more)


async def register(scene: Scene, name: str, password: str = PASSWORD) -> Reply:
    return await scene.ask(post("/api/register", credentials(name, password)))


async def log_in(scene: Scene, name: str, password: str = PASSWORD) -> Reply:
    return await scene.ask(post("/api/login", credentials(name, password)))


async def load_status(scene: Scene, *headers: str) -> int:
    return (await scene.ask(request("GET", "/api/load?messages=0", *headers))).status
