"""Accounts over HTTP: registering, logging in, and what is kept of passwords and tokens.

1. Answers are compared whole: the owner's statuses, our codes.
2. What the database holds is looked at in its file: no password, no token.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from parlour.core import passwords
from parlour.core.ports import Secret
from tests.server.people import PASSWORD, Json, Person, Socket, Town, town
from tests.server.wire import Reply, ask, post

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def call(town: Town, path: str, name: str, password: str = PASSWORD) -> Reply:
    return await ask(town.port, post(path, json.dumps({"Username": name, "Password": password}).encode()))


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_registering_makes_a_user_who_is_offline(house: Town) -> None:
    reply = await call(house, "/api/register", "New.Comer")
    assert (reply.status, set(reply.json)) == (200, {"UserID", "Username"})
    assert reply.json["Username"] == "New.Comer"
    user_id = reply.json["UserID"]
    assert isinstance(user_id, str)
    assert 0 < len(user_id) <= 32
    assert "set-cookie" not in reply.headers
    assert house.sql("SELECT Status FROM Users WHERE UserID = ?", user_id) == [("Offline",)]
    assert house.sql("SELECT count(*) FROM Logins WHERE UserID = ?", user_id) == [(0,)]


async def test_a_device_may_call_itself_by_any_bytes(house: Town) -> None:
    person = await house.person(log_in=False)
    body = json.dumps({"Username": person.name, "Password": PASSWORD}).encode()
    data = post("/api/login", body, "User-Agent: a device").replace(b"a device", b"a \xff\xfe \xc3\xa9")
    reply = await ask(house.port, data)
    assert reply.status == 200, reply.body
    person.token = reply.json["Token"]
    _, shown = await person.call("GET", "/api/logins")
    assert shown["Logins"][0]["Agent"] == "a \ufffd\ufffd é"


async def test_a_taken_name_is_409(house: Town) -> None:
    person = await house.person(log_in=False)
    for name in (person.name, person.name.upper()):
        reply = await call(house, "/api/register", name)
        assert (reply.status, reply.json["code"], reply.json["field"]) == (409, "username_taken", "Username")


async def test_logging_in(house: Town) -> None:
    registered = (await call(house, "/api/register", "Logs-In")).json
    reply = await call(house, "/api/login", "logs-IN")
    assert reply.status == 200
    assert set(reply.json) == {"UserID", "Username", "Token", "ExpiresAt"}
    assert (reply.json["UserID"], reply.json["Username"]) == (registered["UserID"], "Logs-In")
    ends = datetime.fromisoformat(reply.json["ExpiresAt"])
    assert timedelta(days=29, hours=23) < ends - datetime.now(UTC) <= timedelta(days=30)
    assert house.sql("SELECT Status FROM Users WHERE UserID = ?", registered["UserID"]) == [("Online",)]


async def test_no_such_user_is_400_and_a_wrong_password_401(house: Town) -> None:
    person = await house.person(log_in=False)
    reply = await call(house, "/api/login", "no-such-user")
    assert (reply.status, reply.json["code"], reply.json["field"]) == (400, "user_not_found", "Username")
    reply = await call(house, "/api/login", person.name, "not the password")
    assert (reply.status, reply.json["code"], reply.json["field"]) == (401, "wrong_password", "Password")


async def test_every_login_has_a_token_of_its_own(house: Town) -> None:
    person = await house.person(log_in=False)
    tokens = {(await call(house, "/api/login", person.name)).json["Token"] for _ in range(3)}
    assert len(tokens) == 3
    for token in tokens:
        assert token.startswith("parlour_")
        assert len(token) >= 43 + 8
        assert (await house.person()).token not in tokens


async def test_neither_passwords_nor_tokens_are_in_the_files(tmp_path: Path) -> None:
    async with town(tmp_path) as small:
        person = await small.person("nanda")
        await (await person.core()).quiet()
        [(kept,)] = small.sql("SELECT Password FROM Users")
        [(token_hash,)] = small.sql("SELECT TokenHash FROM Logins")
        assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert token_hash == hashlib.sha256(person.token.encode()).hexdigest()
        held = bytes_of(tmp_path)
    held += bytes_of(tmp_path)
    assert b"nanda" in held
    assert PASSWORD.encode() not in held
    assert person.token.encode() not in held
    assert person.token[8:40].encode() not in held


async def test_a_hash_of_other_costs_is_made_anew_at_the_login(house: Town) -> None:
    person = await house.person(log_in=False)
    old = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(PASSWORD)
    house.sql("UPDATE Users SET Password = ? WHERE Username = ?", old, person.name)
    assert (await call(house, "/api/login", person.name, "not the password")).status == 401
    assert house.sql("SELECT Password FROM Users WHERE Username = ?", person.name) == [(old,)]
    for _ in range(2):
        assert (await call(house, "/api/login", person.name)).status == 200
        [(kept,)] = house.sql("SELECT Password FROM Users WHERE Username = ?", person.name)
        assert "m=19456,t=2,p=1" in kept


@pytest.mark.parametrize("old_costs", [False, True])
async def test_a_password_that_is_changed_meanwhile_leaves_no_live_token(
    house: Town, monkeypatch: pytest.MonkeyPatch, old_costs: bool
) -> None:
    """The password is changed after it was checked and before the login is made."""
    person = await house.person(log_in=False)
    if old_costs:
        old = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(PASSWORD)
        house.sql("UPDATE Users SET Password = ? WHERE Username = ?", old, person.name)
    changed, real = passwords.hashed("an entirely new one").value, passwords.matches

    def matches(kept: Secret, password: str) -> bool:
        outcome = real(kept, password)
        house.sql("UPDATE Users SET Password = ? WHERE Username = ?", changed, person.name)
        return outcome

    monkeypatch.setattr(passwords, "matches", matches)
    reply = await call(house, "/api/login", person.name)
    assert (reply.status, reply.json["code"]) == (401, "wrong_password")
    assert "Token" not in reply.json
    [(user_id, kept)] = house.sql("SELECT UserID, Password FROM Users WHERE Username = ?", person.name)
    assert kept == changed
    assert house.sql("SELECT count(*) FROM Logins WHERE UserID = ?", user_id) == [(0,)]


async def test_a_login_that_is_used_goes_on_and_one_that_is_not_ends(house: Town) -> None:
    person = await house.person()

    def used(days: int) -> None:
        stamp = f"strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-{days} days')"
        house.sql(f"UPDATE Logins SET UsedAt = {stamp} WHERE UserID = ?", person.user_id)

    used(13)
    assert (await person.call("GET", "/api/load"))[0] == 200
    await (await person.core()).quiet()  # What the use of the token wrote is committed before this is answered.
    [(used_at,)] = house.sql("SELECT UsedAt FROM Logins WHERE UserID = ?", person.user_id)
    assert datetime.now(UTC) - datetime.fromisoformat(used_at) < timedelta(minutes=5)
    used(14)
    assert (await person.call("GET", "/api/load"))[0] == 401


@pytest.mark.full
async def test_a_socket_ends_with_its_login(tmp_path: Path) -> None:
    async with town(tmp_path, heartbeat=0.2) as small:
        person = await small.person()
        stamp = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-30 days', '+2 seconds')"
        small.sql(f"UPDATE Logins SET CreatedAt = {stamp}")
        socket = await person.v1()
        assert await socket.closed() == 4401
        assert (await person.call("GET", "/api/load"))[0] == 401


async def test_a_full_disk_is_told_and_nothing_is_there(tmp_path: Path) -> None:
    """The database may not grow any more: as a full disk, to SQLite."""
    async with town(tmp_path) as small:
        one, other, session_id = await small.pair()
        socket = await one.v1()
        writer = small.server.store.database.writer
        pages = writer.execute("PRAGMA page_count").get
        writer.execute(f"PRAGMA max_page_count = {pages}").fetchall()
        codes = set()
        while "storage_full" not in codes:
            await socket.send(type="Message", SessionID=session_id, Message={"data": "x" * 8_000}, Ref="r")
            answer = await socket.next(lambda f: f.get("Ref") == "r")
            codes.add(answer.get("Code", "stored"))
        assert codes <= {"stored", "storage_full"}
        _, page = await other.call("GET", f"/api/sessions/{session_id}/messages?limit=200")
        stored = [f for f in socket.frames if f.get("type") == "Done"]
        assert len(page["Messages"]) == len(stored), "reads work, and what is acknowledged is there"
        reply = await call(small, "/api/register", "x" * 32)
        assert reply.status in (200, 507)
        writer.execute("PRAGMA max_page_count = 1073741823").fetchall()
        await socket.send(type="Message", SessionID=session_id, Message={"data": "again"}, Ref="again")
        assert (await socket.next(lambda f: f.get("Ref") == "again"))["type"] == "Done"


async def test_a_defect_is_told_to_the_guilty_one_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A handler that raises rolls its whole batch back; each request then runs again alone."""
    from parlour.core.dispatch import HANDLERS
    from parlour.protocol import Message

    async with town(tmp_path) as small:
        one, other, session_id = await small.pair()
        real: Callable[..., Any] = HANDLERS[Message]

        def faulty(request: Message, context: Any) -> Any:
            answer = real(request, context)
            if request.Message.data == "fault":
                raise ZeroDivisionError
            return answer

        monkeypatch.setitem(HANDLERS, Message, faulty)
        sockets = [await person.v1() for person in (one, other, one, other)]
        for number, data in enumerate(("a", "fault", "b", "c") * 5):
            await sockets[number % 4].send(
                type="Message", SessionID=session_id, Message={"data": data}, Ref=f"ref{number}"
            )
        answers = [await answer_to(sockets[n % 4], f"ref{n}") for n in range(20)]
        assert {a["type"] for n, a in enumerate(answers) if n % 4 == 1} == {"Error"}
        assert {a["Code"] for n, a in enumerate(answers) if n % 4 == 1} == {"internal"}
        assert {a["type"] for n, a in enumerate(answers) if n % 4 != 1} == {"Done"}
        _, page = await one.call("GET", f"/api/sessions/{session_id}/messages?limit=200")
        assert sorted(m["data"] for m in page["Messages"].values()) == sorted("abc" * 5)
        assert list(page["Messages"]) == [str(n) for n in range(1, 16)]
    assert [r for r in caplog.records if r.exc_info], "the defect is in the log"
    caplog.clear()


async def answer_to(socket: Socket, ref: str) -> Json:
    return await socket.next(lambda frame: frame.get("Ref") == ref)


async def test_a_person_is_nobody_after_the_database_is_another(tmp_path: Path) -> None:
    async with town(tmp_path / "one") as small:
        person = await small.person("nanda")
    async with town(tmp_path / "other") as small:
        stranger = Person(small.http, small.base, "nanda")
        stranger.token = person.token
        assert (await stranger.call("GET", "/api/load"))[0] == 401
