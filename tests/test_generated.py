"""Derived files: fresh, the same wherever they are made, and true of a running server.

1. A schema is only worth what the real frames say: answers and frames of a real conversation are held against it.
2. What the server has (routes, frames, codes) must be told, and what is told must be there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import apsw
import jsonschema
import pytest
import pytest_asyncio

from parlour import config, protocol
from parlour.core.limits import DEFAULTS
from parlour.server.app import _limits
from parlour.server.pages import PAGES
from parlour.store.sqlite import Database
from tests.server.people import PASSWORD, Person, Socket, Town, town
from tools import generate
from tools.derived import asyncapi, definition, openapi, schema, tables, typescript

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[1]


# ---------------------------------------------------------------------------------------------------------- freshness


def test_every_derived_file_is_fresh() -> None:
    assert list(generate.stale()) == []


@pytest.mark.full
def test_they_are_the_same_wherever_they_are_made() -> None:
    def made(seed: str) -> str:
        program = "from tools import generate; import json; print(json.dumps(generate.derived()))"
        world = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
        return subprocess.run(
            [sys.executable, "-c", program], env=world, capture_output=True, check=True, text=True
        ).stdout

    assert made("1") == made("2")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the derived files, to be spoiled."""
    for name, text in generate.derived().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setitem(tables.TABLES, "rooms", lambda root: tables.rooms(ROOT))
    return tmp_path


@pytest.mark.full
def test_stale_files_are_noticed_and_mended(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [*generate.FILES, *generate.PAGES]
    right = {name: (elsewhere / name).read_text() for name in names}
    assert generate.main(["--check"]) == 0
    for name in names:
        (elsewhere / name).write_text(_spoiled(right[name]))
    assert generate.main(["--check"]) == 1
    assert capsys.readouterr().out.split("\n") == [*(f"stale: {name}" for name in names), ""]
    assert generate.main([]) == 0
    assert {name: (elsewhere / name).read_text() for name in names} == right


def _spoiled(text: str) -> str:
    """One more line where a tool wrote: behind the mark of a table, else at the end."""
    head, mark, rest = text.partition("<!-- /table -->")
    return f"{head}one more\n{mark}{rest}" if mark else f"{text}one more\n"


def test_what_an_author_wrote_stays() -> None:
    page = "Before.\n<!-- table: closings -->\nold\n<!-- /table -->\nAfter.\n"
    assert (
        generate.filled(page)
        == f"Before.\n<!-- table: closings -->\n\n{tables.closings(ROOT)}\n\n<!-- /table -->\nAfter.\n"
    )


def test_a_table_that_nobody_makes_is_an_error() -> None:
    with pytest.raises(KeyError):
        generate.filled("<!-- table: nonsense -->\n<!-- /table -->")


def test_every_table_has_its_place() -> None:
    pages = "".join((ROOT / name).read_text() for name in generate.PAGES)
    assert [name for name in tables.TABLES if f"<!-- table: {name} -->" not in pages] == []


def test_the_limits_of_consent_that_are_told_are_those_of_a_server_without_settings() -> None:
    assert _limits(config.Settings()) == DEFAULTS
    named = [name for names in tables.SETTINGS_OF.values() for name in names]
    assert set(tables.SETTINGS_OF) == set(DEFAULTS.__struct_fields__)
    assert set(named) <= set(config.Settings.__struct_fields__)


# ------------------------------------------------------------------------------------------------------------ documents


def references(document: Any) -> Iterator[str]:
    """Every `$ref` in a document."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(document, list):
        for value in document:
            yield from references(value)


def resolved(document: Json, reference: str) -> Any:
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/")]
    return found


DOCUMENTS = {"openapi": openapi.document(), "asyncapi": asyncapi.document()}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_reference_leads_somewhere(name: str) -> None:
    found = {reference: resolved(DOCUMENTS[name], reference) for reference in references(DOCUMENTS[name])}
    assert found
    assert all(found.values())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_schema_is_one(name: str) -> None:
    for told in DOCUMENTS[name]["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(told)


def test_patterns_mean_the_same_to_everybody() -> None:
    assert r"\\Z" not in openapi.text() + asyncapi.text()


def test_every_code_is_told() -> None:
    for document in DOCUMENTS.values():
        assert document["components"]["schemas"]["Code"]["enum"] == list(protocol.CODES)
    assert all(f"'{code}'" in typescript.text() for code in protocol.CODES)


def test_every_frame_is_told() -> None:
    frames = {f.__name__ for f in (*protocol.CLIENT_FRAMES, *protocol.SERVER_FRAMES)}
    assert frames < set(DOCUMENTS["asyncapi"]["components"]["messages"])
    assert all(f"export interface {name} {{" in typescript.text() for name in frames)


def test_the_core_is_told_without_the_rest() -> None:
    core = set(DOCUMENTS["asyncapi"]["channels"]["core"]["messages"])
    assert core == {"Message", "Messgae", "Search", "Request", "Delivery", "PopUp", "Session", "Error"}


def test_every_setting_is_explained() -> None:
    assert list(definition.settings()) == list(config.Settings.__struct_fields__)


def test_the_schema_makes_the_database() -> None:
    """The same tables and indexes; a step that adds a column writes it otherwise, with a default for older rows."""
    told = apsw.Connection(":memory:")
    for _ in told.execute(schema.text()):
        pass
    assert shape(told) == shape(Database(None).writer)


def shape(database: apsw.Connection) -> Json:
    """What a database is made of: columns with their type and place, and every index."""
    tables: list[Any] = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    columns = 'SELECT cid, name, type, "notnull", pk FROM pragma_table_info(?)'
    made: Json = {name: database.execute(columns, (name,)).fetchall() for (name,) in tables}
    indexes = "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"
    return made | {"indexes": database.execute(indexes).fetchall()}


# ------------------------------------------------------------------------------------------------------- a real server


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    """A server of its own."""
    async with town(tmp_path) as made:
        yield made


def validator(document: Json, told: Json) -> jsonschema.Draft202012Validator:
    """What holds a value against a schema of a document."""
    return jsonschema.Draft202012Validator({**told, "components": document["components"]})


class Held:
    """A person whose every answer is held against the document."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.seen: set[tuple[str, str, int]] = set()

    async def call(self, method: str, path: str, route: str = "", **kwargs: Any) -> Any:
        status, body = await self.person.call(method, path, **kwargs)
        route = route or path.partition("?")[0]
        told = DOCUMENTS["openapi"]["paths"][route][method.lower()]["responses"][str(status)]
        content = told.get("content", {})
        assert bool(content) is (body is not None)
        for kind in content.values():
            validator(DOCUMENTS["openapi"], kind["schema"]).validate(body)
        self.seen.add((method, route, status))
        return body


async def test_real_answers_are_as_told(place: Town) -> None:
    nanda, _, session_id = await place.pair()
    await _say(nanda, session_id)
    held = Held(nanda)
    someone = {"Username": "carol", "Password": "rain on the red roof"}
    history = "/api/sessions/{SessionID}/messages"
    await held.call("POST", "/api/register", json=someone)
    await held.call("POST", "/api/register", json=someone)
    await held.call("POST", "/api/register", json={**someone, "Username": "x"})
    await held.call("POST", "/api/register", data="x")
    await held.call("POST", "/api/register", json={"Extra": 1})
    await held.call("POST", "/api/login", json=someone)
    await held.call("POST", "/api/login", json={**someone, "Username": "nobody"})
    await held.call("POST", "/api/login", json={**someone, "Password": "sun on the red roof"})
    loaded = await held.call("GET", "/api/load")
    snapshot = await held.call("GET", "/api/snapshot?messages=1")
    page = await held.call("GET", f"/api/sessions/{session_id}/messages?limit=1", history)
    await held.call("GET", "/api/load?messages=201")
    await held.call("GET", "/api/sessions/nowhere/messages", history)
    await held.call("GET", "/api/load", headers={"Origin": "http://elsewhere.test"})
    await held.call("POST", "/api/login", json=someone, headers={"Origin": "http://elsewhere.test"})
    await held.call("GET", "/api/load?token=x")
    await held.call("POST", "/api/logout")
    await held.call("GET", "/api/load")
    assert (
        loaded[session_id]["Messages"]["1"]
        == page["Messages"]["1"]
        == snapshot["Sessions"][session_id]["Messages"]["1"]
    )
    assert {status for _, _, status in held.seen} == {200, 204, 400, 401, 403, 404, 409, 415, 422}


async def _say(person: Person, session_id: str) -> None:
    socket = await person.core()
    await socket.send(type="Message", SessionID=session_id, Message={"data": "Hello"}, Nonce="-a-nonce-")
    await socket.message()
    await socket.ws.close()


def _message_of(frame: Json, core: bool) -> str:
    """The one message of the channel whose schema the frame has."""
    document = DOCUMENTS["asyncapi"]
    names = asyncapi.heard(core)
    fits = [n for n in names if validator(document, document["components"]["schemas"][n]).is_valid(frame)]
    richest = [n for n in fits if not (n == "Done" and len(fits) > 1)]
    assert len(richest) == 1, (frame, fits)
    return richest[0]


async def test_real_frames_are_as_told(place: Town) -> None:
    nanda, winston = await place.person("nanda"), await place.person("winston")
    core, full = await nanda.core(), await winston.v1()
    await core.send(type="Search", Username="nobody")
    await core.send(type="Search", Username=winston.name)
    pop_up = await full.of_type("Search")
    await full.send(type="request", username=nanda.name, Accepted=1, Rev=pop_up["Rev"], Ref="1")
    session_id = (await full.of_type("Done"))["SessionID"]
    await full.send(type="Message", SessionID=session_id, Message={"data": "Hello"}, Nonce="-a-nonce-", Ref="2")
    await full.of_type("Done")
    await full.send(type="Search", Username="nobody", Ref="3")
    await full.of_type("Error")
    carol = await place.person("carol")
    await full.send(type="Search", Username=carol.name, Ref="4")
    await full.of_type("Done")
    await full.send(type="Resume", Epoch="another", Me=0, Ref="5")
    await full.of_type("Done")
    await core.message()
    await _of_the_rest(nanda, full, session_id)
    assert [_message_of(f, core=True) for f in core.frames] == ["Error", "Session", "Delivery"]
    heard = {_message_of(f, core=False) for f in full.frames}
    never = {"Beat"}  # It comes every 25 s.
    assert heard == set(asyncapi.heard(core=False)) - never


async def _of_the_rest(other: Person, full: Socket, session_id: str) -> None:
    """Marks, typing, settings, and the end of a session."""
    switches = {"SessionID": session_id, "Typing": True, "Receipts": True}
    await full.send(type="Settings", **switches)
    await full.of_type("Settings")
    await full.send(type="Read", SessionID=session_id, MessageID="1")
    await full.of_type("Mark")
    for frame in ({"type": "Settings", **switches}, {"type": "Typing", "SessionID": session_id}):
        await other.call("POST", f"/api/{frame['type']}".lower(), json=frame)
    await full.of_type("Typing")
    await full.send(type="Link", Ref="6")
    await full.of_type("Done")
    await full.send(type="Block", Username="carol")
    await full.of_type("Blocked")
    await other.call("POST", "/api/deleteaccount", json={"Password": PASSWORD})
    await full.of_type("Closed")


async def test_what_clients_may_send_is_what_is_told(place: Town) -> None:
    """A frame that the schema refuses is refused, and one that it takes is understood."""
    nanda, winston, session_id = await place.pair()
    carol, dora = await place.person("carol-too"), await place.person("dora")
    await dora.call("POST", "/api/search", json={"Username": winston.name})
    link, offer = [(await one.call("POST", "/api/link", json={}))[1]["Link"] for one in (winston, nanda)]
    document = DOCUMENTS["asyncapi"]
    said = {"data": "Hello", "TimeStamp": "2026-11-24T09:30:00+01:00"}
    frames: list[Json] = [
        {"type": "Message", "SessionID": session_id, "Message": said},
        {"type": "Message", "SessionID": session_id, "Message": {**said, "Extra": 1}},
        {"type": "Message", "SessionID": session_id, "Message": {**said, "TimeStamp": "yesterday"}},
        {"type": "Message", "SessionID": session_id, "Message": said, "Nonce": "short"},
        {"type": "Messgae", "SessionID": session_id, "Message": said},
        {"type": "Search"},
        {"type": "request", "username": nanda.name, "Accepted": 2},
        {"type": "request", "username": nanda.name, "Accepted": 1},
        {"type": "Resume", "Epoch": "another", "Me": 0},
        {"type": "Delivered", "SessionID": session_id, "MessageID": "1"},
        {"type": "Delivered", "SessionID": session_id, "MessageID": 1},
        {"type": "Read", "SessionID": session_id, "MessageID": "01"},
        {"type": "Read", "SessionID": session_id, "MessageID": "0"},
        {"type": "Typing", "SessionID": session_id},
        {"type": "Typing"},
        {"type": "Settings", "Presence": None},
        {"type": "Settings", "WhoMayInvite": "links"},
        {"type": "Settings", "WhoMayInvite": "friends"},
        {"type": "Search", "Username": carol.name, "Note": "hello"},
        {"type": "Search", "Username": carol.name, "Note": "x" * 141},
        {"type": "Cancel", "Username": carol.name},
        {"type": "Cancel"},
        {"type": "request", "username": dora.name, "Accepted": 0, "Tell": True},
        {"type": "request", "username": dora.name, "Accepted": 0, "Tell": 1},
        {"type": "Block", "Username": carol.name},
        {"type": "Block", "Username": 1},
        {"type": "Unblock", "Username": carol.name},
        {"type": "Unblock", "UserName": carol.name},
        {"type": "Link"},
        {"type": "Link", "Lapses": "never"},
        {"type": "Unlink", "Link": link},
        {"type": "Unlink"},
        {"type": "Redeem", "Link": offer},
        {"type": "Redeem", "Link": None},
        {"type": "Close", "SessionID": session_id},
        {"type": "Close"},
        {"type": "Password", "Old": PASSWORD},
        {"type": "Revoke", "LoginID": "others"},
        {"type": "DeleteAccount"},
    ]
    socket = await winston.v1()
    for number, frame in enumerate(frames):
        name = "Request" if frame["type"] == "request" else frame["type"]
        takes = validator(document, document["components"]["schemas"][name]).is_valid(frame)
        assert await _understood(socket, frame, str(number)) is takes, frame


async def _understood(socket: Socket, frame: Json, ref: str) -> bool:
    await socket.send(**frame, Ref=ref)
    answer = await socket.next(lambda heard: heard.get("Ref") == ref)
    return bool(answer["type"] == "Done")


def test_every_route_is_told(place: Town) -> None:
    runner = place.server._runner
    assert runner is not None
    assert runner.app is not None
    routes = {r.resource.canonical for r in runner.app.router.routes() if r.resource is not None}
    assert routes - set(PAGES) - {"/sw.js", "/web/{path}"} == set(DOCUMENTS["openapi"]["paths"])


def test_files_hold_what_is_derived() -> None:
    assert json.loads((ROOT / "docs/openapi.json").read_text()) == DOCUMENTS["openapi"]
    assert json.loads((ROOT / "docs/asyncapi.json").read_text()) == DOCUMENTS["asyncapi"]
