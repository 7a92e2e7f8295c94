"""In which order a request is told: who asked, and everybody else.

1. A delivery comes before the answer to it.
2. The answer to an invitation has left before anybody else hears of it: else its time would tell whether somebody does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from aiohttp import web

from parlour.core.ports import Published
from parlour.server.websocket import Connection
from tests.server.people import Person, Socket, Town

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def order(house: Town, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What is published to which stream, and what is sent to which user, as it happens."""
    happened: list[tuple[str, str]] = []
    publish, flush = house.server.bus.publish, Connection.flush

    def published(events: Sequence[Published]) -> None:
        happened.extend(("published", event.stream) for event in events)
        publish(events)

    def flushed(self: Connection) -> None:
        if self._out:
            happened.append(("sent", self.caller.UserID))
        flush(self)

    monkeypatch.setattr(house.server.bus, "publish", published)
    monkeypatch.setattr(Connection, "flush", flushed)
    return happened


async def two(house: Town) -> tuple[Person, Person, Socket, Socket]:
    asker, asked = await house.person(), await house.person()
    return asker, asked, await asker.v1(), await asked.v1()


async def test_an_answer_to_an_invitation_leaves_before_the_other_one_hears(
    house: Town, order: list[tuple[str, str]]
) -> None:
    asker, asked, asking, answering = await two(house)
    for frame, heard in (("Search", "Search"), ("Cancel", "Resolved")):
        order.clear()
        await asking.send(type=frame, Username=asked.name, Ref=frame)
        await asking.next(lambda told, frame=frame: told.get("Ref") == frame)  # type: ignore[misc]
        await answering.of_type(heard)
        me, other = asker.user_id, asked.user_id
        theirs = [one for one in order if one[1] in (me, other)]  # Others are here, too, and are sent to.
        assert theirs == [("published", me), ("sent", me), ("published", other), ("sent", other)]


async def test_so_it_is_over_http(house: Town, order: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    asker, asked, _, answering = await two(house)
    write_eof = web.Response.write_eof

    async def answered(self: web.Response, data: bytes = b"") -> None:
        await write_eof(self, data)
        order.append(("answered", asker.user_id))

    monkeypatch.setattr(web.Response, "write_eof", answered)
    order.clear()
    await asker.call("POST", "/api/search", json={"Username": asked.name})
    await answering.of_type("Search")
    assert order.index(("answered", asker.user_id)) < order.index(("published", asked.user_id))


async def test_a_shadow_is_told_of_in_the_same_order(house: Town, order: list[tuple[str, str]]) -> None:
    asker, asked, asking, _ = await two(house)
    await asked.call("POST", "/api/block", json={"Username": asker.name})
    order.clear()
    await asking.send(type="Search", Username=asked.name, Ref="ask")
    await asking.of_type("Done")
    await asking.quiet()
    assert order[:3] == [
        ("published", asker.user_id), ("sent", asker.user_id), ("published", f"~{asked.user_id}"),
    ]  # fmt: skip


async def test_a_delivery_comes_before_its_answer(house: Town) -> None:
    first, _, session_id = await house.pair()
    socket = await first.v1()
    await socket.quiet()
    start = len(socket.frames)
    await socket.send(type="Message", SessionID=session_id, Message={"data": "hello"}, Ref="said")
    await socket.of_type("Done")
    assert [session_id in frame for frame in socket.frames[start:]] == [True, False]


async def test_what_overtakes_a_pop_up_takes_it_along(house: Town) -> None:
    """An answer of the other side may be told before the pop-up is: nothing is lost, nothing comes twice."""
    for _ in range(10):
        asker, asked, asking, answering = await two(house)
        await asyncio.gather(
            asking.send(type="Search", Username=asked.name),
            answering.send(type="Search", Username=asker.name),
            answering.send(type="request", username=asker.name, Accepted=1),
        )
        for socket in (asking, answering):
            begun = await socket.of_type("Session")
            assert begun["Seq"] <= 3
            await socket.quiet()
            numbers = [frame["Seq"] for frame in socket.frames if "Seq" in frame]
            assert numbers == list(range(1, len(numbers) + 1))
