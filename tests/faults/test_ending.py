"""P24 under load: a login ends with its sockets open and messages on their way, and nothing is lost or told too late.

1. Whatever was acknowledged to a login before its end is there; whatever was not is there once or not at all.
2. A socket of a login that has ended hears of its end, and nothing after it. Other logins do not notice.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest

from parlour.client import ClientError, LoggedOut
from tests.server.people import PASSWORD, Person, Town, town

from . import checker
from .history import Log
from .sizes import SIZES
from .tasks import ended
from .told import Told

pytestmark = pytest.mark.full


async def _log_out(person: Person, other: Person) -> None:
    assert (await person.call("POST", "/api/logout"))[0] == 204


async def _revoke(person: Person, other: Person) -> None:
    _, body = await other.call("GET", "/api/logins")
    [mine] = [one for one in body["Logins"] if one["LoginID"] != _current(body)]
    assert (await other.call("POST", "/api/revoke", json={"LoginID": mine["LoginID"]}))[0] == 200


async def _change_password(person: Person, other: Person) -> None:
    body = {"Old": PASSWORD, "New": "other words under a new roof"}
    assert (await other.call("POST", "/api/password", json=body))[0] == 200


def _current(body: dict[str, list[dict[str, str]]]) -> str:
    [current] = [one["LoginID"] for one in body["Logins"] if one["Current"]]
    return current


ENDS: dict[str, Callable[[Person, Person], Awaitable[None]]] = {
    "log out": _log_out,
    "revoke": _revoke,
    "change the password": _change_password,
}


async def send_on(device: Told, session_id: str, chance: random.Random) -> None:
    """One message after the other, until the client is ended."""
    with suppress(ClientError):
        while True:
            await device.client.send(session_id, str(chance.random()))


async def ended_while_sending(here: Town, histories: Path, number: int, chance: random.Random, end: str) -> None:
    """Two logins of one person send; one is ended, the other goes on."""
    person, peer, session_id = await here.pair()
    other = Person(here.http, here.base, person.name)
    await other.log_in()
    beginning = Log(histories, f"beginning{number}", "")
    for one in (person, peer):
        beginning.member(session_id, one.user_id)
    beginning.close()
    async with AsyncExitStack() as stack:
        ending = Told(here.base, person.token, person.user_id, histories, f"{number}ending")
        staying = Told(here.base, other.token, other.user_id, histories, f"{number}staying")
        for device in (ending, staying):
            await stack.enter_async_context(device)
        sending = [asyncio.create_task(send_on(one, session_id, chance)) for one in (ending, staying)]
        await asyncio.gather(*(one.shows(session_id, chance.randint(5, 40)) for one in (ending, staying)))
        await ENDS[end](person, other)
        assert isinstance(await ending.over(), LoggedOut)
        await ended(sending)
        place = await staying.client.send(session_id, "still here")
        await staying.has(session_id, place.number)
        assert staying.ended is None


@pytest.mark.parametrize("end", ENDS)
async def test_a_login_ends_while_it_sends(
    tmp_path: Path, chance: random.Random, report: Callable[[str], None], end: str
) -> None:
    histories = tmp_path / "histories"
    async with town(tmp_path / "data") as here:
        for number in range(SIZES.endings.each):
            await ended_while_sending(here, histories, number, chance, end)
    heard, faults = checker.check(histories, tmp_path / "data" / "parlour.db")
    report(f"{SIZES.endings.each} logins ended while they sent; {heard.told()}")
    assert faults == []


async def test_a_server_that_does_not_tell_its_sockets_is_found(
    tmp_path: Path, chance: random.Random, report: Callable[[str], None]
) -> None:
    """The same with the guard out: the login is over, and its socket does not hear of it."""
    async with town(tmp_path / "data") as here:
        here.server.hub.login_ended = lambda user_id, login_id: None
        with pytest.raises(AssertionError, match="LoggedOut"):
            await ended_while_sending(here, tmp_path / "histories", 0, chance, "log out")
    report("a socket that lives on is found")
