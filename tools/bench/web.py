"""`./run bench --web`: what the web client costs a slow device, in Chromium on a processor that is four times slower.

1. The page is the product's own, and so is the server; the data is made by the product's own handlers. The browser
   has all cores, as on a device: only the page's own thread is made slower.
2. A figure is what a person notices: from the key or the press to the picture that shows it.
3. Nothing here asserts anything: figures stand beside what is wanted, and a busy machine makes them larger.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import count, cycle, islice
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from tests import browser as browsers

from . import seed
from .processes import Running, Server, serving

SLOWER = 4
SESSIONS = 500
MESSAGES = 100_000
KEYS, SENT, SWITCHES = 60, 60, 60
EACH_SECOND, SECONDS = 50, 10
MANY, BESIDE = 10_000, 10
WARM = 6_000
"""By then each conversation in which something is said holds as many messages as it ever does."""
AT_ONCE = 8
SETTLED, RESTED = 3_000, 1_000
PRESSED = BETWEEN = 50  # Faster than nearly anybody types; a button stays down for longer.
IN_PAGE = Path(__file__).with_name("web.js").read_text(encoding="utf-8")


class Figure(NamedTuple):
    """A figure, and the most that is wanted; 0: it is told beside another one."""

    what: str
    measured: float
    bound: float = 0


class Seat:
    """A browser with an empty cache, in which the one with all the sessions is logged in."""

    def __init__(self, browser: Browser, running: Running, me: seed.Client) -> None:
        self.base = f"http://127.0.0.1:{running.port}"
        self.context: BrowserContext = browser.new_context(viewport={"width": 1280, "height": 860})
        self.context.add_cookies([{"name": "parlour", "value": me.token, "url": self.base}])
        self.context.add_init_script(IN_PAGE)
        self.bytes: dict[str, int] = {}
        self.page, self.devtools = self.look()

    def look(self) -> tuple[Page, CDPSession]:
        """Another page, slow and counted."""
        page = self.context.new_page()
        devtools = self.context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        urls: dict[str, str] = {}
        devtools.on("Network.requestWillBeSent", lambda told: urls.update({told["requestId"]: told["request"]["url"]}))
        devtools.on("Network.loadingFinished", lambda told: self._count(urls, told))
        return page, devtools

    def _count(self, urls: dict[str, str], told: dict[str, Any]) -> None:
        kind = "told" if "/api/" in urls.get(told["requestId"], "") else "page"
        self.bytes[kind] = self.bytes.get(kind, 0) + int(told["encodedDataLength"])

    def load(self) -> float:
        """Milliseconds until the list and the search field are painted."""
        self.page.goto(self.base + "/")
        return float(self.page.evaluate("bench.usable"))

    def rest(self) -> None:
        """Wait until the page has all that it keeps on the device."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        self.page.wait_for_timeout(RESTED)

    def took(self, arm: str, act: Callable[[], object], *given: str, page: Page | None = None) -> float:
        """From an act to its picture."""
        page = page or self.page
        page.evaluate(f"(given) => void bench.{arm}(...given)", list(given))
        act()
        return float(page.evaluate("bench.result"))

    def open(self, session_id: str) -> None:
        self.page.locator(f'[data-session="{session_id}"]').click()
        self.page.locator("#message").wait_for()

    def press(self, session_id: str) -> None:
        """As a hand does it: the button stays down for a moment, and meanwhile nothing looks into the page."""
        box = self.page.locator(f'[data-session="{session_id}"]').bounding_box()
        assert box is not None
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, delay=PRESSED)

    def weight(self) -> tuple[float, float]:
        """The heap after it was cleaned, in MB, and how many nodes there are."""
        self.devtools.send("HeapProfiler.enable")
        for _ in range(3):
            self.devtools.send("HeapProfiler.collectGarbage")
        used = self.devtools.send("Runtime.getHeapUsage")["usedSize"]
        return used / 1e6, self.devtools.send("Memory.getDOMCounters")["nodes"]


class Others:
    """Those who write to the one with all the sessions, over HTTP."""

    def __init__(self, running: Running) -> None:
        self._port, self._numbers, self._here = running.port, count(1), threading.local()

    def say(self, client: seed.Client) -> None:
        """One message, over this thread's own connection."""
        if not hasattr(self._here, "connection"):
            self._here.connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        now = datetime.now(UTC)
        body = {"data": f"{next(self._numbers)} {seed.TEXT}", "TimeStamp": now.isoformat().replace("+00:00", "Z")}
        frame = {"SessionID": next(iter(client.sessions)), "Message": body, "Nonce": seed.nonce(now)}
        headers = {"Authorization": f"Bearer {client.token}", "Content-Type": "application/json"}
        self._here.connection.request("POST", "/api/message", json.dumps(frame), headers)
        answer = self._here.connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status

    def all_say(self, clients: Iterable[seed.Client]) -> None:
        """As fast as it goes."""
        with ThreadPoolExecutor(AT_ONCE) as threads:
            for _ in threads.map(self.say, clients):
                pass

    @contextmanager
    def talking(self, clients: list[seed.Client], each_second: float) -> Iterator[None]:
        """All of them in turn, as long as the block lasts."""
        over = threading.Event()

        def talk() -> None:
            begun = time.monotonic()
            for number, client in enumerate(cycle(clients)):
                if over.wait(max(0.0, begun + number / each_second - time.monotonic())):
                    return
                self.say(client)

        thread = threading.Thread(target=talk)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def measure(place: Path, rounds: int) -> Iterator[Figure]:
    """All figures, one after the other."""
    clients = seed.fill(place / "data", seed.star(place / "data", SESSIONS), MESSAGES)
    with serving(Server("Parlour"), place / "data") as running, browsers.started() as browser:
        yield from _loads(browser, running, clients, rounds)
        seat = Seat(browser, running, clients[0])
        seat.load()
        seat.rest()
        yield from _at_work(seat)
        yield from _busy(seat, running, clients)
        yield from _weight(seat, running, clients)
        seat.context.close()


def _loads(browser: Browser, running: Running, clients: list[seed.Client], rounds: int) -> list[Figure]:
    first, again, seats = [], [], []
    for _ in range(rounds):
        seat = Seat(browser, running, clients[0])
        first.append(seat.load())
        seats.append(dict(seat.bytes))
        seat.rest()
        again.append(seat.load())
        seat.context.close()
    return [
        Figure("first load, the page, KB over the wire", median(one["page"] for one in seats) / 1000, 150),
        Figure("and what the server told, KB", median(one["told"] for one in seats) / 1000),
        Figure("first load until usable, ms", median(first), 1000),
        Figure("and the second load, ms", median(again)),
    ]


def _at_work(seat: Seat) -> list[Figure]:
    """Typing, sending, going from one conversation to the other."""
    keyboard = seat.page.keyboard
    recent = [str(seat.page.locator("[data-session]").nth(n).get_attribute("data-session")) for n in range(8)]
    seat.open(recent[0])
    keys = [seat.took("typed", lambda: keyboard.press("a")) for _ in range(KEYS)]
    seat.page.locator("#message").fill("")
    sent = []
    for number in range(SENT):
        keyboard.type(f"said {number}", delay=BETWEEN)
        sent.append(seat.took("sent", lambda: keyboard.press("Enter"), f"said {number}"))
    to = islice(cycle(recent[1:] + recent[:1]), SWITCHES)
    switches = [seat.took("switched", partial(seat.press, one), one) for one in to]
    return [
        Figure("a key to its letter, p95, ms", _p95(keys), 50),
        Figure("and in a page of one empty field, ms", _p95(_keys_alone(seat))),
        Figure("Enter to its row, p95, ms", _p95(sent), 50),
        Figure("a press to the other conversation, p95, ms", _p95(switches), 50),
    ]


def _keys_alone(seat: Seat) -> list[float]:
    """What this machine takes for a key where there is nothing else."""
    page, _ = seat.look()
    page.goto("data:text/html,<textarea autofocus></textarea>")
    taken = [seat.took("typed", lambda: page.keyboard.press("a"), page=page) for _ in range(KEYS)]
    page.close()
    seat.page.bring_to_front()
    return taken


def _busy(seat: Seat, running: Running, clients: list[seed.Client]) -> list[Figure]:
    """The longest task while messages come into all conversations. The browser tells of those of 50 ms and more."""
    seat.page.evaluate("void bench.tasks.splice(0)")
    with Others(running).talking(clients[1:], EACH_SECOND):
        time.sleep(SECONDS)
    tasks = seat.page.evaluate("bench.tasks")
    return [
        Figure(f"the longest task at {EACH_SECOND} messages a second (0: none of 50), ms", max(tasks, default=0), 100)
    ]


def _weight(seat: Seat, running: Running, clients: list[seed.Client]) -> list[Figure]:
    """What many messages leave behind, half of them in the open conversation."""
    others, beside = Others(running), cycle(clients[2 : 2 + BESIDE])
    others.say(clients[1])  # Then their conversation stands first.
    seat.open(next(iter(clients[0].sessions)))
    seat.devtools.send("Emulation.setCPUThrottlingRate", {"rate": 1})

    def say(number: int) -> None:
        others.all_say(next(beside) if n % 2 else clients[1] for n in range(number))
        seat.page.wait_for_timeout(SETTLED)

    say(WARM)
    heap, nodes = seat.weight()
    say(MANY)
    after, nodes_after = seat.weight()
    return [
        Figure(f"heap after {MANY:,} messages more, MB above {heap:.1f}", after - heap, 1),
        Figure(f"nodes after them, above {nodes:,.0f}", nodes_after - nodes, 500),
    ]


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20)[18]
