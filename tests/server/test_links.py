"""Links at a real server: what holds one is told to nobody who does not hold it already, and a bad one tells nothing.

1. The bytes of answers are compared, not what they mean.
2. A secret is looked for in everything that the server says and keeps: log, answers, addresses, files.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.server.people import PASSWORD, Person, Socket, Town
from tests.server.process import served
from tests.server.talk import two
from tests.server.wire import Reply, ask, post, request

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def made_by(person: Person) -> str:
    """A new link of this person."""
    status, body = await person.call("POST", "/api/link", json={})
    assert status == 200
    return str(body["Link"])


async def does(person: Person, kind: str, **fields: Any) -> Any:
    status, body = await person.call("POST", f"/api/{kind.lower()}", json=fields)
    assert status == 200, body
    return body


async def redeem(port: int, person: Person, link: str) -> Reply:
    """Use a link, byte for byte."""
    body = json.dumps({"Link": link}).encode()
    return await ask(port, post("/api/redeem", body, f"Authorization: Bearer {person.token}"))


async def raw(socket: Socket, link: str) -> str:
    """What a socket answers, as it stands there."""
    await socket.send(type="Redeem", Link=link, Ref="it")
    while True:
        told = str((await socket.ws.receive()).data)
        if json.loads(told).get("Ref") == "it":
            return told


async def test_a_link_begins_a_session_at_once_and_once(house: Town) -> None:
    maker, guest, other = [await house.person() for _ in range(3)]
    making = await maker.v1()
    link = await made_by(maker)
    listed = await making.of_type("Linked")
    assert (listed["Link"], listed["State"]) == (link.partition(".")[0], "open")
    body = await does(guest, "Redeem", Link=link)
    assert body["Users"] == {maker.user_id: maker.name}
    assert (await making.of_type("Linked"))["State"] == "used"
    begun = await making.of_type("Session")
    assert (begun["SessionID"], begun["Users"]) == (body["SessionID"], {guest.user_id: guest.name})
    assert await does(guest, "Redeem", Link=link) == body, "a repeat is answered alike"
    assert (await redeem(house.port, other, link)).status == 410
    assert (await maker.call("GET", "/api/snapshot"))[1]["Me"]["Links"] == []


async def test_what_is_listed_opens_nothing(house: Town) -> None:
    maker, guest = await house.person(), await house.person()
    link = await made_by(maker)
    [listed] = (await maker.call("GET", "/api/snapshot"))[1]["Me"]["Links"]
    assert link.startswith(listed["Link"] + ".")
    assert (await redeem(house.port, guest, listed["Link"])).status == 410
    await does(maker, "Unlink", Link=listed["Link"])
    assert (await redeem(house.port, guest, link)).status == 410


async def test_a_link_that_does_not_work_never_says_why(house: Town) -> None:
    """Wrong, used, lapsed, taken back, of one who blocks, whom one blocks, who takes nobody, or who left."""
    guest, first = await house.person(), await house.person()
    links = {"wrong": "x" * 60, "cut": (await made_by(first))[:-1]}
    for why in ("used", "lapsed", "revoked", "blocks me", "blocked by me", "takes nobody", "left"):
        maker = await house.person()
        links[why] = link = await made_by(maker)
        match why:
            case "used":
                await does(first, "Redeem", Link=link)
            case "lapsed":
                house.sql("UPDATE Links SET Lapses = '2001-01-01T00:00:00.000Z' WHERE UserID = ?", maker.user_id)
            case "revoked":
                await does(maker, "Unlink", Link=link)
            case "blocks me":
                await does(maker, "Block", Username=guest.name)
            case "blocked by me":
                await does(guest, "Block", Username=maker.name)
            case "takes nobody":
                await does(maker, "Settings", WhoMayInvite="nobody")
            case "left":
                await does(maker, "DeleteAccount", Password=PASSWORD)
    socket = await guest.v1()
    told = {why: (await redeem(house.port, guest, link)).body for why, link in links.items()}
    assert set(told.values()) == {told["wrong"]}, told
    heard = {why: await raw(socket, link) for why, link in links.items()}
    assert set(heard.values()) == {heard["wrong"]}, heard
    assert json.loads(told["wrong"]) == {
        "status": 410, "title": "This invitation is over.", "code": "gone", "field": "Link",
    }  # fmt: skip
    assert (await guest.call("GET", "/api/load"))[1] == {}


async def test_a_link_is_used_by_nobody_who_is_not_logged_in(house: Town) -> None:
    maker, guest = await house.person(), await house.person()
    link = await made_by(maker)
    stranger = Person(house.http, house.base, "stranger")
    assert (await redeem(house.port, stranger, link)).status == 401
    assert (await redeem(house.port, guest, link)).status == 200


async def test_two_who_use_one_link_at_once(house: Town) -> None:
    for _ in range(5):
        maker, *guests = [await house.person() for _ in range(5)]
        link = await made_by(maker)
        replies = await asyncio.gather(*(redeem(house.port, guest, link) for guest in guests))
        assert sorted(reply.status for reply in replies) == [200, 410, 410, 410]
        assert len((await maker.call("GET", "/api/load"))[1]) == 1


async def test_the_secret_stands_in_no_log_no_error_no_file(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with served(data, PARLOUR_LOG="debug") as process, two(process) as (nanda, winston, _):
        used, kept = [await made_by(nanda) for _ in range(2)]
        bearer = f"Authorization: Bearer {winston.token}"
        answers: list[bytes] = []
        for link in (used, used[:-1]):
            answers.append((await redeem(process.port, winston, link)).body)
            answers.append(json.dumps((await winston.call("POST", "/api/unlink", json={"Link": link}))[1]).encode())
        for path in (f"/api/redeem?Link={kept}", f"/api/load?Link={kept}", f"/api/snapshot?{kept}=1"):
            for method in ("GET", "POST"):
                reply = await ask(process.port, request(method, path, bearer, "Content-Type: application/json"))
                assert reply.status >= 400, (method, path)
                answers.append(reply.body)
        answers.append((await ask(process.port, request("GET", f"/{kept}", bearer))).body)
        papers = [await nanda.call("GET", f"/api/{paper}") for paper in ("snapshot", "consent")]
        answers.append(json.dumps(papers).encode())
        core = await winston.core()
        for link in (used, kept):
            await core.send(type="Redeem", Link=link)
            answers.append(json.dumps(await core.next()).encode())
        await process.stop()
        written = "\n".join(process.said)
        kept_bytes = b"".join(path.read_bytes() for path in data.iterdir() if path.is_file())
        for link in (used, kept):
            secret = link.partition(".")[2]
            assert len(secret) >= 43
            assert secret[:-1] not in written
            assert secret[:-1].encode() not in b"".join(answers)
            assert secret.encode() not in kept_bytes
