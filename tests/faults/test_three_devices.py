"""Two windows and a bot, three devices of two people: the server is killed while all three send.

1. The server is killed with -9 and started again on its port, several times, while everybody goes on.
2. At the end everything stands once and in one order, on both screens and with the bot.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import expect

from parlour.client import Client
from tests.browser import started
from tests.web.pages import PASSWORD, Company, House, Visitor, house, meet

from .sizes import SIZES
from .test_screen import Loop
from .told import Told

pytestmark = pytest.mark.full
PATIENCE = 60_000
SPEAKERS = ("window 0", "window 1", "bot")
UNDER_WAY = ", ".join(f"article.{state}" for state in ("sending", "waiting", "later", "behind"))
"""Rows of what is not stored yet."""


async def bot(made: House, name: str, folder: Path, stack: AsyncExitStack) -> Told:
    """The second person's third device."""
    client = await Client.log_in(made.base, name, PASSWORD)
    return await stack.enter_async_context(Told(made.base, client.token, "", folder, "bot"))


async def tell(device: Told, session_id: str, count: int) -> None:
    for number in range(count):
        await device.client.send(session_id, f"bot {number}")
        await asyncio.sleep(0)


def type_all(visitors: list[Visitor], number: int) -> None:
    for place, visitor in enumerate(visitors):
        visitor.composer.fill(f"window {place} {number}")
        visitor.composer.press("Enter")


class Scene(NamedTuple):
    """Two windows, a bot, and what waits."""

    made: House
    loop: Loop
    windows: list[Visitor]
    device: Told
    session_id: str

    def talk(self, each: int, kills: int) -> None:
        """Everybody says so many things; meanwhile the server is killed so many times."""
        telling = self.loop.begin(tell(self.device, self.session_id, each))
        for number in range(each):
            type_all(self.windows, number)
            if number % (each // kills) == each // kills - 1:
                self.made.kill()
                self.made.start()
        telling()
        for window in self.windows:
            for who in SPEAKERS:
                expect(window.message(f"{who} {each - 1}")).to_be_attached(timeout=PATIENCE)
            expect(window.page.locator(UNDER_WAY)).to_have_count(0, timeout=PATIENCE)


@contextmanager
def scene(folder: Path) -> Iterator[Scene]:
    """They talk to each other already."""
    loop, stack = Loop(), AsyncExitStack()
    try:
        with house(folder / "data") as made, started() as browser:
            company = Company(browser, made.base)
            windows = [company.person("one"), company.person("two")]
            meet(*windows)
            session_id = str(windows[0].page.evaluate("history.state.session"))
            device = loop.run(bot(made, windows[1].name, folder / "histories", stack))
            yield Scene(made, loop, windows, device, session_id)
            assert [fault for window in windows for fault in window.faults] == []
    finally:
        loop.run(stack.aclose())
        loop.close()


def test_a_server_that_is_killed_while_three_devices_send(tmp_path: Path, report: Callable[[str], None]) -> None:
    sizes = SIZES.devices
    with scene(tmp_path) as here:
        here.talk(sizes.each, sizes.kills)
        here.loop.run(here.device.has(here.session_id, 3 * sizes.each))
        stored = [one.data for one in here.loop.run(here.device.client.history(here.session_id, limit=200))]
        assert sorted(stored) == sorted(f"{who} {n}" for who in SPEAKERS for n in range(sizes.each))
        for window in here.windows:
            assert window.texts() == stored, [t for t in window.texts() if t not in stored]
        assert here.device.shown[here.session_id] == list(range(1, len(stored) + 1))
    report(f"{sizes.kills} kills, {len(stored)} messages of three devices, the same on all of them")
