"""The SDK against a real server, over real sockets.

1. What is given is compared with what the server has stored: every message once, in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from parlour.client import (
    Client,
    Event,
    Invitation,
    Message,
    SessionBegun,
    Timing,
)
from tests.server.people import PASSWORD, Person, Town
from tests.server.process import served, start

pytestmark = pytest.mark.asyncio(loop_scope="session")
PATIENCE = 20.0
QUICK = Timing().scaled(1 / 20)


async def until(client: Client, fits: Callable[[Event], bool]) -> list[Event]:
    """Take events up to the first that fits."""
    taken = []
    async with asyncio.timeout(PATIENCE):
        async for event in client:
            taken.append(event)
            if fits(event):
                return taken
    raise AssertionError(taken)


async def texts(client: Client, last: str) -> list[tuple[int, str]]:
    """Numbers and texts of the messages up to this one."""
    events = await until(client, lambda event: isinstance(event, Message) and event.data == last)
    return [(event.number, event.data) for event in events if isinstance(event, Message)]


@asynccontextmanager
async def clients(*people: Person, **options: Any) -> AsyncIterator[list[Client]]:
    """A client for each of them."""
    made = [Client(person.base, person.token, timing=QUICK, **options) for person in people]
    try:
        for client in made:
            await client.__aenter__()
        yield made
    finally:
        for client in made:
            await client.stop()


async def test_two_people_find_each_other_and_talk(house: Town) -> None:
    first, second = await house.person(), await house.person()
    async with clients(first, second) as (asking, asked):
        assert await asking.invite(second.name) is None
        invitation = (await until(asked, lambda event: isinstance(event, Invitation)))[-1]
        assert isinstance(invitation, Invitation)
        assert invitation.username == first.name
        session = await asked.accept(invitation)
        begun = (await until(asking, lambda event: isinstance(event, SessionBegun)))[-1]
        assert begun == SessionBegun(session=session.id, users={second.user_id: second.name})
        place = await asking.send(session.id, "Hello")
        assert (place.session, place.number) == (session.id, 1)
        assert await texts(asked, "Hello") == [(1, "Hello")]
        assert await texts(asking, "Hello") == [(1, "Hello")]


async def test_a_killed_server_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    """Two people send all the time, and one listens on another device; the server is killed three times meanwhile."""
    data, count = tmp_path / "data", 60
    async with served(data) as server:
        port, base = server.port, f"http://127.0.0.1:{server.port}"
        for name in ("nanda", "winston"):
            await Client.register(base, name, PASSWORD)
        made = [await Client.log_in(base, n, PASSWORD, timing=QUICK) for n in ("nanda", "winston", "nanda")]
        nanda, winston, listener = made
        for client in made:
            await client.__aenter__()
        await nanda.invite("winston")
        [invitation] = [e for e in await until(winston, lambda e: isinstance(e, Invitation)) if isinstance(e, Invitation)]
        session = (await winston.accept(invitation)).id

        async def talk(client: Client, name: str) -> list[int]:
            return [(await client.send(session, f"{name} {n}")).number for n in range(count)]

        talking = [asyncio.create_task(talk(nanda, "nanda")), asyncio.create_task(talk(winston, "winston"))]
        for number in (10, 40, 70):
            await until(listener, lambda e, n=number: isinstance(e, Message) and e.number >= n)
            await server.kill()
            server = await start(data, port=port)
            await server.listens()
        places = await asyncio.wait_for(asyncio.gather(*talking), PATIENCE)
    await server.kill()
    for client in made:
        await client.stop()
    assert sorted(places[0] + places[1]) == list(range(1, 2 * count + 1))
