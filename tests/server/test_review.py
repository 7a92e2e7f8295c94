"""What only a certain order of things shows: the tests bring that order about, and look from outside at what it does.

1. Where an order cannot be had from outside, a test reaches for the connection or the store, and for nothing else.
"""

from __future__ import annotations

import asyncio

import pytest

from parlour.protocol import CLOSINGS
from parlour.server.websocket import Connection, wire
from tests.server.people import Person, Town

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
