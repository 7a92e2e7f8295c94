"""The SDK against a real server, over real sockets.

1. What is given is compared with what the server has stored: every message once, in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from parlour.client import (
    Client,
    Event,
    Happened,
    Invitation,
    InvitationResolved,
    LoggedOut,
    Mark,
    Message,
    Position,
    Refused,
    SessionBegun,
    Status,
    Timing,
    Typing,
)
from tests.server.people import PASSWORD, Person, Town, town
from tests.server.process import served

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


async def test_two_devices_of_one_user_agree(house: Town) -> None:
    """Both talk at once, and everybody sees one order."""
    first, second, session = await house.pair()
    async with clients(first, first, second) as (desk, phone, other):
        sent = [client.send(session, f"{n}") for n, client in enumerate([desk, phone, other] * 10)]
        places = await asyncio.gather(*sent)
        await other.send(session, "end")
        seen = [await texts(client, "end") for client in (desk, phone, other)]
    assert seen[0] == seen[1] == seen[2]
    assert [number for number, _ in seen[0]] == list(range(1, 32))
    assert {(place.number, f"{n}") for n, place in enumerate(places)} == set(seen[0][:-1])


async def test_one_sender_keeps_the_order_of_sending(house: Town) -> None:
    first, _, session = await house.pair()
    async with clients(first) as (client,):
        places = await asyncio.gather(*[client.send(session, f"{n}") for n in range(50)])
    assert [place.number for place in places] == list(range(1, 51))


async def test_a_refusal_is_an_exception_and_the_next_message_is_sent(house: Town) -> None:
    first, _, session = await house.pair()
    async with clients(first) as (client,):
        with pytest.raises(Refused, match="empty") as refused:
            await client.send(session, " ")
        assert (refused.value.code, refused.value.field) == ("empty", "Message.data")
        assert (await client.send(session, "something")).number == 1
        with pytest.raises(Refused, match="not_found"):
            await client.send("nowhere", "something")
        with pytest.raises(Refused, match="user_not_found"):
            await client.invite("nobody-at-all")


async def test_rejecting_is_told_to_nobody_and_everybody_s_pop_up_closes(house: Town) -> None:
    first, second = await house.person(), await house.person()
    async with clients(first, second, second) as (asking, desk, phone):
        await asking.invite(second.name)
        for device in (desk, phone):
            await until(device, lambda event: isinstance(event, Invitation))
        await desk.reject(desk.invitations[0])
        over = InvitationResolved(username=first.name, result="declined")
        assert (await until(phone, lambda event: isinstance(event, InvitationResolved)))[-1] == over
        assert (desk.invitations, phone.invitations, asking.sessions) == ([], [], {})


async def test_an_invitation_that_waits_is_the_first_event(house: Town) -> None:
    first, second = await house.person(), await house.person()
    async with clients(first) as (asking,):
        await asking.invite(second.name)
    async with clients(second) as (asked,):
        [invitation] = await until(asked, lambda event: isinstance(event, Invitation))
        since = asked.position
    assert isinstance(invitation, Invitation)
    assert invitation.username == first.name
    async with clients(second, since=since) as (again,):
        assert await until(again, lambda event: isinstance(event, Invitation)) == [invitation]


async def test_logging_out_elsewhere_ends_the_iterator_and_a_send(house: Town) -> None:
    first, _, session = await house.pair()
    async with clients(first) as (client,):
        assert (await first.call("POST", "/api/logout"))[0] == 204
        with pytest.raises(LoggedOut) as ended:
            await until(client, lambda event: False)
        assert (ended.value.code, ended.value.reason) == (4401, "logged_out")
        with pytest.raises(LoggedOut):
            await client.send(session, "anybody?")


async def test_a_token_that_is_over_is_told_at_once(house: Town) -> None:
    with pytest.raises(LoggedOut) as ended:
        async with Client(house.base, "parlour_nothing", timing=QUICK):
            raise AssertionError("it cannot connect")
    assert ended.value.code == 401


async def test_register_log_in_and_log_out(house: Town) -> None:
    user_id = await Client.register(house.base, "Marjan", PASSWORD)
    with pytest.raises(Refused, match="username_taken"):
        await Client.register(house.base, "marjan", PASSWORD)
    with pytest.raises(Refused, match="wrong_password"):
        await Client.log_in(house.base, "marjan", "not the password")
    client = await Client.log_in(house.base, "marjan", PASSWORD, timing=QUICK)
    async with client:
        assert (client.user_id, client.username) == (user_id, "Marjan")
        await client.log_out()
    with pytest.raises(LoggedOut):
        await Client(house.base, client.token, timing=QUICK).__aenter__()


async def test_another_client_goes_on_where_one_stopped(house: Town) -> None:
    first, second, session = await house.pair()
    async with clients(first, second) as (one, other):
        await other.send(session, "one")
        await texts(one, "one")
        await other.send(session, "two")
        kept = msgspec.json.encode(one.position)
        await one.stop()
        await other.send(session, "three")
        since = msgspec.json.decode(kept, type=Position)
        async with clients(first, since=since) as (again,):
            assert await texts(again, "three") == [(2, "two"), (3, "three")]


@pytest.mark.full
async def test_a_client_that_begins_at_the_beginning_is_given_everything(house: Town) -> None:
    """More than the server sends by itself: the rest comes from history."""
    first, second, session = await house.pair()
    async with clients(second) as (other,):
        await asyncio.gather(*[other.send(session, f"{n}") for n in range(1_300)])
    async with clients(first, since=Position()) as (client,):
        events = await until(client, lambda event: isinstance(event, Message) and event.number == 1_300)
    found = [event for event in events if isinstance(event, (Message, SessionBegun))]
    assert found[0] == SessionBegun(session=session, users={second.user_id: second.name})
    assert [one.data for one in found if isinstance(one, Message)] == [f"{n}" for n in range(1_300)]


@pytest.mark.full
async def test_a_slow_consumer_that_answers_misses_nothing_and_never_waits_for_itself(house: Town) -> None:
    """There is room for ten events, and every one is answered, while hundreds come."""
    first, second, session = await house.pair()
    count = 400
    async with clients(first, room=10) as (echo,), clients(second) as (other,):
        talking = asyncio.create_task(asyncio.wait_for(_all(other, session, count), PATIENCE))
        heard: list[str] = []
        async with asyncio.timeout(PATIENCE):
            async for event in echo:
                if isinstance(event, Message) and not event.mine:
                    heard.append(event.data)
                    await echo.send(session, f"echo {event.data}")
                if len(heard) == count:
                    break
        await talking
        await other.send(session, "end")
        seen = [text for _, text in await texts(other, "end")]
    assert heard == [f"{n}" for n in range(count)]
    assert [text for text in seen if text.startswith("echo")] == [f"echo {n}" for n in range(count)]


async def _all(client: Client, session: str, count: int) -> None:
    await asyncio.gather(*[client.send(session, f"{n}") for n in range(count)])


@pytest.mark.full
async def test_a_consumer_who_takes_nothing_stays_connected(tmp_path: Path) -> None:
    """The server asks whether its peers live; what comes meanwhile is kept by the server, and given later."""
    async with town(tmp_path, heartbeat=0.2, pong_within=0.2) as place:
        first, second, session = await place.pair()
        async with clients(first, room=5) as (idle,), clients(second) as (other,):
            for number in range(30):
                await other.send(session, f"{number}")
            beats = await first.v1()
            for _ in range(6):
                await beats.of_type("Beat")
            assert idle.live
            assert [text for _, text in await texts(idle, "29")] == [f"{n}" for n in range(30)]


async def test_a_message_that_waits_for_a_connection_can_be_taken_back(house: Town) -> None:
    first, _, session = await house.pair()
    client = Client(house.base, first.token, timing=QUICK)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.send(session, "never"), 0.01)
    async with client:
        assert (await client.send(session, "now")).number == 1


@pytest.mark.full
async def test_haste_is_told_to_nobody_and_costs_nothing(tmp_path: Path) -> None:
    """The server allows five messages at once, then one a second."""
    async with town(tmp_path, limits="on", message_burst=5, message_each_second=1.0) as place:
        first, _, session = await place.pair()
        async with clients(first) as (client,):
            places = await asyncio.gather(*[client.send(session, f"{n}") for n in range(7)])
    assert [place.number for place in places] == list(range(1, 8))


async def test_marks_and_typing_are_told(house: Town) -> None:
    first, second, session = await house.pair()
    async with clients(first, second) as (one, other):
        for client in (one, other):
            await client.settings(Receipts=True, Typing=True)
        for number in range(3):
            await one.send(session, f"{number}")
        other.delivered(session, 3)
        for number in (1, 2, 3):
            other.read(session, number)
        read = await until(one, lambda event: isinstance(event, Mark) and event.read == 3)
        assert {event.user for event in read if isinstance(event, Mark)} <= {second.user_id, first.user_id}
        other.typing(session)
        [typing] = (await until(one, lambda event: isinstance(event, Typing)))[-1:]
        assert typing == Typing(session=session, user=second.user_id)


async def test_coming_and_going_is_told(tmp_path: Path) -> None:
    async with town(tmp_path, offline_after=0.05) as place:
        first, second, _ = await place.pair()
        async with clients(first) as (one,):
            await until(one, lambda event: event == Status(user=second.user_id, online=False))
            async with clients(second):
                await until(one, lambda event: event == Status(user=second.user_id, online=True))
                assert one.online == {second.user_id}
            await until(one, lambda event: event == Status(user=second.user_id, online=False))


async def test_a_history_can_be_written(house: Town) -> None:
    first, _, session = await house.pair()
    happened: list[Happened] = []
    async with clients(first, watch=happened.append) as (client,):
        await client.send(session, "one")
        with pytest.raises(Refused):
            await client.send(session, " ")
        await texts(client, "one")
    told = [(one.what, one.data, one.number, one.code) for one in happened if one.event is None]
    assert told == [("invoke", "one", 0, ""), ("ack", "one", 1, ""), ("invoke", " ", 0, ""), ("fail", " ", 0, "empty")]
    [given] = [one.event for one in happened if isinstance(one.event, Message)]
    assert (given.nonce, given.number) == (happened[0].nonce, 1)


@pytest.mark.full
async def test_a_killed_server_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    """Two people send all the time, and one listens on another device; the server is killed three times meanwhile."""
    data, count = tmp_path / "data", 60
    async with AsyncExitStack() as servers:
        server = await servers.enter_async_context(served(data))
        port, base = server.port, f"http://127.0.0.1:{server.port}"
        for name in ("nanda", "winston"):
            await Client.register(base, name, PASSWORD)
        made = [await Client.log_in(base, n, PASSWORD, timing=QUICK) for n in ("nanda", "winston", "nanda")]
        nanda, winston, listener = [await servers.enter_async_context(client) for client in made]
        await nanda.invite("winston")
        await until(winston, lambda event: isinstance(event, Invitation))
        session = (await winston.accept(winston.invitations[0])).id

        async def talk(client: Client, name: str) -> list[int]:
            return [(await client.send(session, f"{name} {n}")).number for n in range(count)]

        talking = [asyncio.create_task(talk(nanda, "nanda")), asyncio.create_task(talk(winston, "winston"))]
        seen: list[int] = []
        for number in (10, 40, 70):
            seen += numbers(await until(listener, _at(number)))
            await server.kill()
            server = await servers.enter_async_context(served(data, port=port))
        places = await asyncio.wait_for(asyncio.gather(*talking), PATIENCE)
        seen += numbers(await until(listener, _at(2 * count)))
    assert sorted(places[0] + places[1]) == seen == list(range(1, 2 * count + 1))
    assert (places[0], places[1]) == (sorted(places[0]), sorted(places[1]))


def numbers(events: list[Event]) -> list[int]:
    return [event.number for event in events if isinstance(event, Message)]


def _at(number: int) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, Message) and event.number == number
