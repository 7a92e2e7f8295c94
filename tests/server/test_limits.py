"""Budgets: each one with limits on, what it says about waiting, whom it counts, and that `off` switches all off.

1. A budget that would refill during a test is made slow by its setting.
2. What is refused by a budget has done nothing.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from parlour.config import Settings
from parlour.core.limits import Limits
from parlour.server.app import _limits
from tests.server.people import PASSWORD, Json, Socket, Town, town
from tests.server.wire import Reply, ask, post

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def log_in(small: Town, name: str, password: str = "not the password", *headers: str) -> Reply:
    body = json.dumps({"Username": name, "Password": password}).encode()
    return await ask(small.port, post("/api/login", body, *headers))


async def register(small: Town, name: str, password: str = PASSWORD, *headers: str) -> Reply:
    body = json.dumps({"Username": name, "Password": password}).encode()
    return await ask(small.port, post("/api/register", body, *headers))


def is_throttled(reply: Reply) -> None:
    assert (reply.status, reply.json["code"]) == (429, "slow_down")
    assert int(reply.headers["retry-after"]) >= 1


async def test_the_settings_are_those_of_the_protocol() -> None:
    settings = Settings()
    assert settings.limits == "on"
    assert (settings.login_account_each_minute, settings.login_address_each_minute) == (10, 30)
    assert settings.register_address_each_hour == 20
    assert (settings.message_burst, settings.message_each_second, settings.frame_each_second) == (60, 10.0, 20)
    assert settings.export_each_hour == 6
    assert (settings.sockets_each_user, settings.sockets_each_address, settings.ping_each_second) == (10, 200, 5)
    assert (settings.heartbeat, settings.pong_within, settings.stuck_after, settings.whole_within) == (25, 10, 30, 10)
    assert (settings.head_within, settings.body_within, settings.offline_after) == (15, 5, 10)


async def test_the_settings_of_consent_are_those_that_are_told() -> None:
    settings = Settings()
    assert (settings.invitation_burst, settings.invitation_each_day, settings.invitations_open) == (10, 30.0, 50)
    assert (settings.lookup_burst, settings.lookup_each_hour) == (10, 30.0)
    assert (settings.alert_burst, settings.alert_each_minutes, settings.requests_open) == (5, 30.0, 50)
    assert (settings.links_open, settings.link_days) == (50, 7)
    assert _limits(settings) == Limits(), "what is shipped is what the rules are tested with"


async def test_logins_to_one_account_from_one_address(tmp_path: Path) -> None:
    async with town(tmp_path, limits="on") as small:
        statuses = [(await log_in(small, "no-such-user")).status for _ in range(11)]
        assert statuses == [400] * 10 + [429]
        is_throttled(await log_in(small, "NO-SUCH-user"))
        assert (await log_in(small, "another")).status == 400, "another account has its own budget"


async def test_logins_from_one_address(tmp_path: Path) -> None:
    async with town(tmp_path, limits="on") as small:
        statuses = [(await log_in(small, f"user{n // 10}")).status for n in range(30)]
        assert statuses == [400] * 30
        is_throttled(await log_in(small, "user9"))


async def test_registrations_from_one_address(tmp_path: Path) -> None:
    async with town(tmp_path, limits="on") as small:
        statuses = [(await register(small, "nanda")).status for _ in range(20)]
        assert statuses == [200] + [409] * 19
        is_throttled(await register(small, "nanda"))
        is_throttled(await register(small, "winston"))
        assert small.sql("SELECT count(*) FROM Users") == [(1,)]


async def test_what_is_refused_at_once_spends_nothing(tmp_path: Path) -> None:
    async with town(tmp_path, limits="on", register_address_each_hour=1) as small:
        for name, password in (("_a", PASSWORD), ("nanda", "short")):
            assert (await register(small, name, password)).status == 422
        assert (await register(small, "nanda")).status == 200
        is_throttled(await register(small, "winston"))


@pytest.mark.parametrize(("proxies", "counted"), [((), "the socket's"), (("127.0.0.1",), "the forwarded")])
async def test_a_forwarded_address_counts_behind_a_known_proxy_alone(
    tmp_path: Path, proxies: tuple[str, ...], counted: str
) -> None:
    async with town(tmp_path, limits="on", login_address_each_minute=1, proxies=proxies) as small:

        async def from_(address: str) -> int:
            return (await log_in(small, "x1", "y", f"X-Forwarded-For: {address}")).status

        assert await from_("203.0.113.1") == 400
        assert await from_("203.0.113.2") == (429 if counted == "the socket's" else 400)
        if counted == "the forwarded":
            assert await from_("198.51.100.7, 203.0.113.2") == 429, "the last one before the proxy counts"
            assert await from_("203.0.113.2, 198.51.100.7") == 400
            assert await from_("2001:db8::1") == 400
            assert await from_("2001:db8::ffff") == 429, "an IPv6 address counts by its /64"
            assert await from_("2001:db8:0:1::1") == 400
            assert await from_("nonsense") == 400
            assert await from_("nonsense") == 429
            assert await from_("::ffff:192.0.2.1") == 400
            assert await from_("::ffff:192.0.2.2") == 400, "not all of IPv4 is one /64"
            assert await from_("192.0.2.2") == 429
            assert await from_("192.0.2.3\r\nX-Forwarded-For: 192.0.2.2") == 429, "a proxy may add a line of its own"


async def flood(socket: Socket, number: int, frame: Json) -> list[Json]:
    """Send this so often; what came back, as errors or otherwise."""
    start = len(socket.frames)
    for ref in range(number):
        await socket.send(**frame, Ref=str(ref))
    while sum("Ref" in f for f in socket.frames[start:]) < number:
        await socket.next()
    # A refusal by a budget is told at once; it does not wait for what is in work.
    return sorted((f for f in socket.frames[start:] if "Ref" in f), key=lambda f: int(f["Ref"]))


async def test_messages_of_one_user_on_all_sockets(tmp_path: Path) -> None:
    async with town(tmp_path, limits="on", message_each_second=0.01) as small:
        one, other, session_id = await small.pair()
        message = {"type": "Message", "SessionID": session_id, "Message": {"data": "x"}}
        first, second = await one.v1(), await one.v1()
        answers = await flood(first, 40, message) + await flood(second, 25, message)
        assert [a["type"] for a in answers] == ["Done"] * 60 + ["Error"] * 5
        refusal = answers[-1]
        assert (refusal["Code"], refusal["Ref"]) == ("slow_down", "24")
        assert 1 <= refusal["RetryAfter"] <= 100
        _, page = await other.call("GET", f"/api/sessions/{session_id}/messages?limit=200")
        assert len(page["Messages"]) == 60, "what was refused is not there"
        peer = await other.v1()
        [answer] = await flood(peer, 1, message)
        assert answer["type"] == "Done", "somebody else has a budget of their own"
        [answer] = await flood(first, 1, {"type": "Search", "Username": "no-such-user"})
        assert answer["Code"] == "user_not_found", "other frames have a budget of their own"


async def test_messages_again_after_the_wait(tmp_path: Path) -> None:
    async with town(tmp_path, limits="on", message_burst=1, message_each_second=20.0) as small:
        one, _, session_id = await small.pair()
        socket = await one.v1()
        message = {"type": "Message", "SessionID": session_id, "Message": {"data": "x"}}
        accepted = 0
        while accepted < 3:
            [answer] = await flood(socket, 1, message)
            accepted += answer["type"] == "Done"
            assert answer.get("Code") in (None, "slow_down")


async def test_other_frames_of_one_user(tmp_path: Path) -> None:
    async with town(tmp_path, limits="on", frame_each_second=2) as small:
        socket = await (await small.person()).core()
        answers = await flood(socket, 50, {"type": "Search", "Username": "no-such-user"})
        codes = [a["Code"] for a in answers]
        assert codes[:2] == ["user_not_found"] * 2
        assert set(codes[2:]) <= {"user_not_found", "slow_down"}
        assert "slow_down" in codes
        assert all(a["RetryAfter"] == 1 for a in answers if a["Code"] == "slow_down")


async def test_passwords_that_wait_for_hashing_are_bounded(tmp_path: Path) -> None:
    async with town(tmp_path, hashing_waiting=1) as small:
        assert (await register(small, "nanda")).status == 200
        replies = await asyncio.gather(*(log_in(small, "nanda", PASSWORD) for _ in range(8)))
        statuses = sorted(reply.status for reply in replies)
        assert statuses[0] == 200
        assert statuses[-1] == 503
        assert set(statuses) == {200, 503}
        for reply in replies:
            assert reply.status == 200 or int(reply.headers["retry-after"]) >= 1


async def test_off_switches_every_budget_off(house: Town) -> None:
    assert house.server.settings.limits == "off"
    for _ in range(40):
        assert (await log_in(house, "no-such-user")).status == 400
    one, _, session_id = await house.pair()
    socket = await one.v1()
    message = {"type": "Message", "SessionID": session_id, "Message": {"data": "x"}}
    assert {a["type"] for a in await flood(socket, 200, message)} == {"Done"}
    answers = await flood(socket, 100, {"type": "Search", "Username": "no-such-user"})
    assert {a["Code"] for a in answers} == {"user_not_found"}
    for number in range(25):
        assert (await register(house, f"unlimited{number % 2}")).status in (200, 409)
