"""The export: all that the server holds about somebody, as that person may see it, in parts of bounded size.

1. What comes is read as the definition says it; that an asker's export tells no more than silence is test_privacy.py.
"""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from parlour import protocol
from tests.server.people import PASSWORD, PATIENCE, Json, Person, Town, town

pytestmark = pytest.mark.asyncio(loop_scope="session")

MANY, LONG = 5_000, 8_000
"""Messages of this many characters: more than every buffer on the way holds."""


async def ask(person: Person, kind: str, **frame: Any) -> Json:
    status, body = await person.call("POST", f"/api/{kind.lower()}", json=frame)
    assert status == 200, body
    assert isinstance(body, dict)
    return body


async def exported(person: Person) -> Json:
    """The whole file, once it was seen to be what the definition says."""
    status, body = await person.call("GET", "/api/export")
    assert status == 200
    msgspec.convert(body, protocol.Export)
    assert body.keys() == set(protocol.Export.__struct_fields__)
    assert isinstance(body, dict)
    return body


def get(house: Town, person: Person, **more: Any) -> Any:
    return house.http.get(f"{house.base}/api/export", headers={"Authorization": f"Bearer {person.token}"}, **more)


async def test_all_that_concerns_me_is_in_it(house: Town) -> None:
    nanda, winston, first = await house.pair()
    chika, dora, bea = [await house.person() for _ in range(3)]
    second = await house.together(chika, nanda)
    for number in range(3):
        for person in (nanda, winston):
            await ask(person, "Message", SessionID=first, Message={"data": f"{number} of {person.name}"})
    await ask(nanda, "Settings", SessionID=first, Muted=True)
    await ask(nanda, "Settings", Receipts=True)
    await ask(nanda, "Read", SessionID=first, MessageID="4")
    await ask(chika, "Message", SessionID=second, Message={"data": "before the end"})
    await ask(chika, "Close", SessionID=second)
    await ask(dora, "Search", Username=nanda.name, Note="We met at the lake.")
    await ask(nanda, "Search", Username=bea.name)
    await ask(nanda, "Block", Username=chika.name)
    secret = (await ask(nanda, "Link"))["Link"]
    gone = (await ask(nanda, "Link"))["Link"]
    await ask(nanda, "Unlink", Link=gone)

    mine = await exported(nanda)
    _, snapshot = await nanda.call("GET", "/api/snapshot")
    me = snapshot["Me"]
    assert (mine["UserID"], mine["Username"]) == (nanda.user_id, nanda.name)
    assert [mine[part] for part in ("Settings", "Invitations", "Asking", "Blocks")] == [
        me[part] for part in ("Settings", "Invitations", "Asking", "Blocks")
    ]
    assert mine["Invitations"][0]["Note"] == "We met at the lake."
    assert [login["Current"] for login in mine["Logins"]] == [True]
    assert {link["Link"]: link["State"] for link in mine["Links"]} == {
        secret.partition(".")[0]: "open", gone.partition(".")[0]: "revoked",
    }  # fmt: skip
    assert mine["Ledger"] == (await nanda.call("GET", "/api/consent"))[1]["Ledger"]
    for session_id, session in snapshot["Sessions"].items():
        of = mine["Sessions"].pop(session_id)
        assert list(of["Messages"].items()) == list(session["Messages"].items())
        for part in ("UserIds", "State", "Marks", "Settings"):
            assert of[part] == session[part]
    assert mine["Sessions"] == {}


async def test_it_is_a_file_for_whoever_is_logged_in(house: Town) -> None:
    person = await house.person()
    async with get(house, person) as response:
        assert response.status == 200
        assert response.content_type == "application/json"
        named = r'attachment; filename="parlour-export-\d{4}-\d{2}-\d{2}\.json"'
        assert re.fullmatch(named, response.headers["Content-Disposition"])
        assert response.headers["Cache-Control"] == "no-store"
        text = await response.text()
    assert json.loads(text)["Sessions"] == {}
    [(kept, hashed)] = house.sql(
        "SELECT Password, TokenHash FROM Users JOIN Logins USING (UserID) WHERE UserID = ?", person.user_id
    )
    assert not [secret for secret in (kept, hashed, person.token) if secret in text]
    for headers in ({}, {"Authorization": "Bearer of-nobody"}):
        async with house.http.get(f"{house.base}/api/export", headers=headers) as response:
            assert (response.status, (await response.json())["code"]) == (401, "unauthorized")
    status, problem = await person.call("GET", "/api/export?all=1")
    assert (status, problem["code"], problem["field"]) == (422, "unknown_field", "all")


async def test_it_can_be_taken_so_often(tmp_path: Path) -> None:
    async with town(tmp_path, limits="on", export_each_hour=2) as small:
        nanda, winston = await small.person(), await small.person()
        for _ in range(2):
            await exported(nanda)
        async with get(small, nanda) as response:
            assert (response.status, (await response.json())["code"]) == (429, "slow_down")
            assert 1_700 < int(response.headers["Retry-After"]) <= 1_800
        await exported(winston)
        assert (await nanda.call("GET", "/api/load"))[0] == 200, "other questions have a budget of their own"


# ------------------------------------------------------------------------------------------------------- bounded memory


def fill(house: Town, session_id: str, sender: Person) -> None:
    """A long conversation, behind the server's back."""
    house.sql(
        "INSERT INTO Messages WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
        " SELECT ?, i, ?, printf('%s of %0*d', i, ?, i), '2031-03-05T09:30:00Z', '2031-03-05T09:30:00.000Z', NULL"
        " FROM n",
        MANY, session_id, sender.user_id, LONG,
    )  # fmt: skip


def watch(house: Town) -> list[int]:
    """How many bytes the parts have that are read from now on."""
    parts: list[int] = []
    read = house.server.gateway.read

    async def watched(work: Any) -> Any:
        found = await read(work)
        if isinstance(found, tuple) and isinstance(found[0], bytes):
            parts.append(len(found[0]))
        return found

    house.server.gateway.read = watched  # type: ignore[method-assign]
    return parts


async def begun(response: aiohttp.ClientResponse) -> bytes:
    return await asyncio.wait_for(response.content.readany(), PATIENCE)


async def test_it_is_read_no_faster_than_it_is_taken_and_others_go_on(tmp_path: Path) -> None:
    async with town(tmp_path) as small:
        nanda, winston, session_id = await small.pair()
        fill(small, session_id, winston)
        parts = watch(small)
        async with get(small, nanda, timeout=aiohttp.ClientTimeout(sock_read=PATIENCE)) as response:
            taken = [await begun(response)]
            for number in range(1, 11):
                sent = await ask(winston, "Message", SessionID=session_id, Message={"data": "later"})
                assert sent["MessageID"] == str(MANY + number)
                assert (await nanda.call("GET", "/api/load?messages=1"))[0] == 200
                assert sum(parts) < MANY * LONG / 2, "most of it waits in the database"
            taken.append(await response.read())
        whole = msgspec.json.decode(b"".join(taken), type=protocol.Export)
        said = whole.Sessions[session_id].Messages
        assert list(said) == [str(number) for number in range(1, MANY + 1)], "what came later is in a later export"
        assert said["77"].data.startswith("77 of 0000")
        assert max(parts) < 2_000_000


async def test_what_cannot_be_finished_is_cut_off(tmp_path: Path) -> None:
    async with town(tmp_path) as small:
        nanda, winston, session_id = await small.pair()
        fill(small, session_id, winston)
        async with get(small, nanda, timeout=aiohttp.ClientTimeout(sock_read=PATIENCE)) as response:
            await begun(response)
            await ask(nanda, "DeleteAccount", Password=PASSWORD)
            with pytest.raises(aiohttp.ClientPayloadError):
                await response.read()


async def test_whoever_takes_nothing_of_it_is_left(tmp_path: Path) -> None:
    async with town(tmp_path, stuck_after=0.2) as small:
        nanda, winston, session_id = await small.pair()
        fill(small, session_id, winston)
        runner = small.server._runner
        assert runner is not None
        async with get(small, nanda, timeout=aiohttp.ClientTimeout(sock_read=PATIENCE)) as response:
            await begun(response)
            before = len(runner.server.connections)  # type: ignore[union-attr]
            async with asyncio.timeout(PATIENCE):
                while len(runner.server.connections) == before:  # type: ignore[union-attr]  # noqa: ASYNC110
                    await asyncio.sleep(0.01)  # Nothing tells when the server lets go.
            with pytest.raises(aiohttp.ClientPayloadError):
                await response.read()
