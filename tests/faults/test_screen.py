"""P4 on the screen: through a bad network, every message stands once and in one order in the page's rows.

1. A real browser talks to its server through the proxy; so does somebody with the SDK, and both send at once.
2. The page is watched all the time: at no moment may two rows hold the same text. At the end the rows are the session.
3. The same run must find a page that shows whatever comes.
"""

from __future__ import annotations

import asyncio
import random
import re
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import expect

from parlour.client import Client
from tests.browser import started
from tests.web.pages import Company, House, Visitor, house

from .proxy import Badness, Proxy, proxy
from .sizes import SIZES
from .told import Told

pytestmark = pytest.mark.full
T = TypeVar("T")
PASSWORD = "four plain words here"
PATIENCE = 60.0
GOOD = Badness(repeated=0, delayed=0, cut=0)
"""Until they talk."""
WATCH = """() => {
  window.doubles = [];
  const look = () => {
    const texts = [...document.querySelectorAll('article .text')].map((one) => one.textContent);
    for (const text of texts) if (texts.filter((other) => other === text).length > 1) window.doubles.push(text);
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""
CARELESS = ("message.number > before.head", "true || message.number > before.head")
"""In state.js: what one has is not added again; and the same without that."""


class Loop:
    """What waits, in a thread of its own: the browser's driver has this one."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10 * PATIENCE)

    def begin(self, work: Coroutine[Any, Any, T]) -> Callable[[], T]:
        """Let it run; what waits for its result."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        return lambda: future.result(10 * PATIENCE)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Scene:
    """Somebody at a page and somebody with the SDK, who talk through a bad network."""

    def __init__(self, loop: Loop, wire: Proxy, visitor: Visitor, peer: Told, session_id: str) -> None:
        self.loop, self.wire, self.visitor, self.peer, self.session_id = loop, wire, visitor, peer, session_id

    def talk(self, typed: int, told: int) -> None:
        """Both send at once, until everything is acknowledged and the page shows the end, whosever words it is."""

        async def tell() -> None:
            for number in range(told):
                await self.peer.client.send(self.session_id, f"told {number}")

        telling = self.loop.begin(tell())
        for number in range(typed):
            self.visitor.composer.fill(f"typed {number}")
            self.visitor.composer.press("Enter")
        telling()
        last = self.visitor.message(f"typed {typed - 1}").last
        # All that still waits goes first, one by one, and after each cut the page waits longer to come back.
        expect(last).to_have_accessible_name(re.compile("(stored|delivered|read)$"), timeout=10 * PATIENCE * 1000)
        newest = self.loop.run(self.peer.client.history(self.session_id, limit=1))[-1]
        expect(self.visitor.message(newest.data).last).to_be_attached(timeout=PATIENCE * 1000)

    def doubles(self) -> list[str]:
        found: list[str] = self.visitor.page.evaluate("window.doubles")
        return found


@contextmanager
def scene(folder: Path, chance: random.Random, badness: Badness, careless: bool = False) -> Iterator[Scene]:
    """The whole of it."""
    loop, stack = Loop(), AsyncExitStack()
    try:
        with house(folder / "data", PARLOUR_HEARTBEAT=str(25 / 20)) as made, started() as browser:
            wire = loop.run(stack.enter_async_context(proxy(made.port, chance, GOOD)))
            company = Company(browser, f"http://127.0.0.1:{wire.port}")
            visitor = company.stranger("typist")
            if careless:
                visitor.context.route("**/all.js", lambda route: route.fulfill(**_careless(route.fetch())))
            visitor.register()
            visitor.log_in()
            peer = _peer(loop, stack, made, wire, folder)
            visitor.invite("peer")
            session_id = loop.run(_accepted(peer))
            visitor.open("peer")
            visitor.page.evaluate(WATCH)
            wire.badness = badness
            yield Scene(loop, wire, visitor, peer, session_id)
            visitor.context.close()
    finally:
        loop.run(stack.aclose())
        loop.close()


def _careless(fetched: Any) -> dict[str, Any]:
    text = fetched.text()
    assert CARELESS[0] in text
    return {"response": fetched, "body": text.replace(*CARELESS)}


def _peer(loop: Loop, stack: AsyncExitStack, made: House, wire: Proxy, folder: Path) -> Told:
    async def come() -> Told:
        await Client.register(made.base, "peer", PASSWORD)
        client = await Client.log_in(made.base, "peer", PASSWORD)
        told = Told(f"http://127.0.0.1:{wire.port}", client.token, "", folder / "histories", "peer")
        return await stack.enter_async_context(told)

    return loop.run(come())


async def _accepted(peer: Told) -> str:
    await peer.until(lambda: bool(peer.client.invitations))
    return (await peer.client.accept(peer.client.invitations[0])).id


def test_every_row_stands_once_and_in_order(
    tmp_path: Path, chance: random.Random, report: Callable[[str], None]
) -> None:
    sizes = SIZES.screen
    with scene(tmp_path, chance, Badness()) as here:
        here.talk(sizes.typed, sizes.told)
        rows = here.visitor.texts()
        page = here.loop.run(here.peer.client.history(here.session_id, limit=200))
        total = page[-1].number
        assert here.doubles() == []
        assert total == sizes.typed + sizes.told, "nothing is missing, and nothing is stored twice"
        assert rows[-len(page) :] == [message.data for message in page][-len(rows) :]
        report(f"{here.wire.told()}; {sizes.typed} typed, {sizes.told} told, {len(rows)} rows at the end")
        assert here.wire.counts["repeated"] >= sizes.least_repeated
        assert here.wire.counts["cut"] >= sizes.least_cut


def test_a_page_that_shows_whatever_comes_is_found(
    tmp_path: Path, chance: random.Random, report: Callable[[str], None]
) -> None:
    with scene(tmp_path, chance, Badness(cut=0), careless=True) as here:
        here.talk(5, 40)
        doubles = set(here.doubles())
    report(f"found {len(doubles)} texts that stood twice")
    assert doubles
