"""What only a certain order of things shows: the tests bring that order about, and look from outside at what it does.

1. Where an order cannot be had from outside, a test reaches for the connection or the store, and for nothing else.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable

import pytest

from parlour.core.ports import StorageFailed
from parlour.protocol import CLOSINGS
from parlour.server.access import Known
from parlour.server.websocket import Connection, wire
from tests.server.people import Person, Town
from tests.server.wire import Wire, frame

pytestmark = pytest.mark.asyncio(loop_scope="session")


def connection_of(town: Town, person: Person) -> Connection:
    """The server's side of a person's only socket."""
    [connection] = town.server.floor._here[person.user_id]
    return connection


# ------------------------------------------------------------------------------------------------- one socket's end


async def test_a_socket_lost_in_the_turn_of_a_delivery_silences_nobody(house: Town) -> None:
    lost, bystander = await house.person(), await house.person()
    losing = await lost.core()
    await losing.quiet()
    socket = await bystander.core()
    await socket.quiet()
    gone, here = connection_of(house, lost), connection_of(house, bystander)
    gone._transport.abort()
    for connection in (gone, here):
        connection.say(wire(b'{"type":"Beat"}'))
    await socket.of_type("Beat")


async def test_a_sign_of_life_due_while_a_socket_closes_silences_nobody(house: Town) -> None:
    leaving, bystander = await house.person(), await house.person()
    ending = await leaving.core()
    await ending.quiet()
    socket = await bystander.core()
    await socket.quiet()
    gone, here = connection_of(house, leaving), connection_of(house, bystander)
    gone.end(CLOSINGS["logged_out"])
    for connection in (gone, here):
        connection.beat(asyncio.get_running_loop().time())
        connection.say(wire(b'{"type":"Beat"}'))
    await socket.of_type("Beat")


# --------------------------------------------------------------------------------------------- a core socket's opening


def after_the_login(town: Town, monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Do something between the look-up of a handshake's token and the opening of its socket."""
    known = town.server.access.known

    async def looked_up(token: str | None) -> Known | None:
        found = await known(token)
        act()
        return found

    monkeypatch.setattr(town.server.access, "known", looked_up)


async def test_a_message_sent_with_the_handshake_is_acknowledged_however_long_the_opening_takes(
    house: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender, _, session_id = await house.pair()
    opening_may_read = threading.Event()

    def occupy_the_readers() -> None:
        for _ in range(house.server.store.READERS):
            house.server.store.read(lambda tx: opening_may_read.wait(10))

    after_the_login(house, monkeypatch, occupy_the_readers)
    said = json.dumps({"type": "Message", "SessionID": session_id, "Message": {"data": "at once"}})
    async with await Wire.upgrade(house.port, sender.token, early=frame(said)) as socket:
        await house.server.gateway.drain()
        opening_may_read.set()
        assert (await socket.text())[session_id]["1"]["data"] == "at once"


async def test_a_core_socket_that_cannot_begin_is_told_to_come_back(
    house: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await house.person()

    async def fails(work: object) -> None:
        raise StorageFailed

    after_the_login(house, monkeypatch, lambda: monkeypatch.setattr(house.server.store, "read", fails))
    socket = await person.core()
    assert await socket.closed() == 1013
