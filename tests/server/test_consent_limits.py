"""The limits of consent at a real server: settings with small values, told at both doors, and off with all others.

1. What an asker may not do is told with the time to wait; what a receiver does not see is told to nobody.
2. A budget would refill after hours: none does during a test.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.server.people import Json, Person, Socket, Town, town

pytestmark = pytest.mark.asyncio(loop_scope="session")

SLOW = {"lookup_each_hour": 0.1, "invitation_each_day": 0.1, "alert_each_minutes": 10_000.0}
HOURS = 3_600
THREE_DAYS = timedelta(days=3, minutes=1)


class Answered(NamedTuple):
    """What became of a frame: 200 or the code, and the seconds to wait."""

    code: str
    wait: int | None


async def over_http(person: Person, kind: str, **frame: Any) -> Answered:
    headers = {"Authorization": f"Bearer {person.token}"}
    async with person.http.post(f"{person.base}/api/{kind.lower()}", json=frame, headers=headers) as response:
        body = await response.json(content_type=None)
        wait = response.headers.get("Retry-After")
        return Answered(body.get("code", "done"), int(wait) if wait else None)


async def over_a_socket(socket: Socket, kind: str, **frame: Any) -> Answered:
    await socket.send(type=kind, Ref="it", **frame)
    told = await socket.next(lambda heard: heard.get("Ref") == "it")
    return Answered(told.get("Code", "done"), told.get("RetryAfter"))


@asynccontextmanager
async def limited(folder: Path, **settings: Any) -> AsyncIterator[Town]:
    async with town(folder, limits="on", **(SLOW | settings)) as small:
        yield small


async def tries(small: Town, frames: Sequence[tuple[str, Json]]) -> list[Answered]:
    """One person sends these; the last of them by both doors, which must say the same."""
    person = await small.person("the-one-who-tries")
    socket = await person.v1()
    answers = [await over_http(person, kind, **frame) for kind, frame in frames]
    kind, frame = frames[-1]
    again = await over_a_socket(socket, kind, **frame)
    assert again.code == answers[-1].code
    if answers[-1].wait is not None:
        assert again.wait is not None
        assert 0 <= answers[-1].wait - again.wait <= 60
    return answers


def search(name: str) -> tuple[str, Json]:
    return "Search", {"Username": name}


async def others(small: Town, count: int) -> list[str]:
    return [(await small.person(log_in=False)).name for _ in range(count)]


async def test_names_that_one_looks_up(tmp_path: Path) -> None:
    async with limited(tmp_path, lookup_burst=3) as small:
        names = await others(small, 4)
        answers = await tries(small, [search(name) for name in names])
    assert [one.code for one in answers] == ["done"] * 3 + ["slow_down"]
    assert answers[-1].wait is not None
    assert 9 * HOURS < answers[-1].wait <= 10 * HOURS


async def test_a_name_that_nobody_has_costs_two(tmp_path: Path) -> None:
    async with limited(tmp_path, lookup_burst=4) as small:
        answers = await tries(small, [search(f"nobody-{number}") for number in range(3)])
    assert [one.code for one in answers] == ["user_not_found"] * 2 + ["slow_down"]


@pytest.mark.parametrize("kind", ["Block", "Unblock"])
async def test_there_is_no_other_way_to_look_names_up(tmp_path: Path, kind: str) -> None:
    """Whoever tries names by blocking them has the same budget; whom one knows can be blocked in any case."""
    async with limited(tmp_path, lookup_burst=2) as small:
        me, friend, session_id = await small.pair()
        socket = await me.v1()
        spent = [await over_http(me, kind, Username=f"nobody-{number}") for number in range(3)]
        assert {one.code for one in spent} <= {"user_not_found", "slow_down"}
        assert spent[-1].code == (await over_a_socket(socket, kind, Username="nobody")).code == "slow_down"
        assert spent[-1].wait
        assert (await over_http(me, kind, Username=friend.name)).code == "done"
        assert (await over_http(me, "Close", SessionID=session_id)).code == "done"


async def test_new_invitations(tmp_path: Path) -> None:
    async with limited(tmp_path, invitation_burst=2) as small:
        names = await others(small, 3)
        answers = await tries(small, [search(name) for name in (*names[:2], *names)])
    assert [one.code for one in answers] == ["done"] * 4 + ["slow_down"], "asking again is nothing new"
    assert answers[-1].wait is not None
    assert 9 * 24 * HOURS < answers[-1].wait <= 10 * 24 * HOURS


async def test_open_invitations_silent_refusals_among_them(tmp_path: Path) -> None:
    async with limited(tmp_path, invitations_open=2) as small:
        refusing, blocking, third = [await small.person() for _ in range(3)]
        me = await small.person()
        assert (await over_http(blocking, "Block", Username=me.name)).code == "done"
        for other in (refusing, blocking):
            assert (await over_http(me, "Search", Username=other.name)).code == "done"
        assert (await over_http(refusing, "request", username=me.name, Accepted=0)).code == "done"
        told = await over_http(me, "Search", Username=third.name)
        assert told.code == "slow_down"
        assert told.wait is not None
        assert 13 * 24 * HOURS < told.wait <= 14 * 24 * HOURS, "until the first one lapses"
        assert (await over_http(me, "Cancel", Username=blocking.name)).code == "done"
        assert (await over_http(me, "Search", Username=third.name)).code == "done"


@pytest.mark.parametrize("settings", [{"alert_burst": 1}, {"requests_open": 1}])
async def test_a_receiver_s_limits_are_seen_by_the_receiver_alone(tmp_path: Path, settings: Json) -> None:
    async with limited(tmp_path, **settings) as small:
        asked = await small.person()
        listening, core = await asked.v1(), await asked.core()
        seen = []
        for _ in range(3):
            asker = await small.person()
            socket = await asker.v1()
            answer = await over_a_socket(socket, "Search", Username=asked.name)
            seen.append((answer, [sorted(f) for f in socket.frames if f["type"] in ("Invite", "Done")]))
        assert seen[0] == seen[1] == seen[2], "to the askers all are alike"
        shown = [frame for frame in await listening.quiet() if frame["type"] == "Search"]
        assert [frame.get("Quiet", False) for frame in shown] == [False, True, True]
        await core.of_type("Search")
        assert await core.quiet() == []
        listed = (await asked.call("GET", "/api/snapshot"))[1]["Me"]["Invitations"]
        assert [one.get("Quiet", False) for one in listed] == [False, True, True]


async def test_links_that_nobody_has_used(tmp_path: Path) -> None:
    async with limited(tmp_path, links_open=2, link_days=3) as small:
        answers = await tries(small, [("Link", {})] * 3)
        assert [one.code for one in answers] == ["done", "done", "slow_down"]
        assert answers[-1].wait is not None
        assert 2 * 24 * HOURS < answers[-1].wait <= 3 * 24 * HOURS
        me = await small.person()
        _, made = await me.call("POST", "/api/link", json={})
        days = (datetime.fromisoformat(made["Lapses"]) - datetime.now(UTC)).total_seconds() / 86_400
        assert 2.9 < days <= 3.0


async def test_off_switches_them_all_off(tmp_path: Path) -> None:
    least: Json = {"lookup_burst": 1, "invitation_burst": 1, "invitations_open": 1, "alert_burst": 0}
    least |= {"requests_open": 0, "links_open": 1, "link_days": 3}
    async with town(tmp_path, limits="off", **(SLOW | least)) as small:
        me, asked = await small.person(), await small.person()
        listening = await asked.core()
        for number in range(5):
            assert (await over_http(me, "Search", Username=f"nobody-{number}")).code == "user_not_found"
            assert (await over_http(me, "Link")).code == "done"
            asker = await small.person()
            assert (await over_http(me, "Search", Username=asker.name)).code == "done"
            assert (await over_http(asker, "Search", Username=asked.name)).code == "done"
            assert (await listening.of_type("Search"))["UserName"] == asker.name
        _, made = await me.call("POST", "/api/link", json={})
        assert datetime.fromisoformat(made["Lapses"]) < datetime.now(UTC) + THREE_DAYS
