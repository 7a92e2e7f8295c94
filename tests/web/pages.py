"""People in browsers: a server in a process of its own, a context for each person.

1. A person is set up over HTTP where registering is not what a test is about; what one then does, is done on the page.
2. Whatever a test does, no page may throw, and nothing may offend the policy under which the page is served.
3. Waiting is for what one sees; nothing sleeps.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Locator, Page, expect

from tests.server.process import ROOT, environment
from tools import npm

HASTY_SERVER = str(ROOT / "tests" / "web" / "hasty_server.py")
PASSWORD = "four plain words here"
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
PATIENCE = 20_000
ARRIVED = re.compile("(stored|delivered|read)$")
"""How the name of a message of one's own ends that the server has."""
expect.set_options(timeout=PATIENCE)
_numbers = itertools.count(1)


def fresh(name: str) -> str:
    """A username that nobody in this run has."""
    return f"{name}{next(_numbers)}"


class House:
    """A server on a folder, which may be killed and started again on the same port."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data, self.settings, self.port = data, settings, 0
        self.source = ROOT / "src"
        self.process: subprocess.Popen[str] | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, HASTY_SERVER, "--data", str(self.data), "--port", str(self.port)]
        source = {"PYTHONPATH": f"{self.source}{os.pathsep}{ROOT}"}
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment(**self.settings) | source, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stderr
        line = next((line for line in self.process.stderr if "serves on" in line), "")
        assert line, "the server does not serve"
        self.port = int(line.rstrip().rsplit(":", 1)[1])

    def run(self, command: str, *arguments: str) -> None:
        """Another command on the same folder."""
        whole = [sys.executable, "-m", "parlour", command, *arguments, "--data", str(self.data)]
        subprocess.run(whole, cwd=ROOT, env=environment(**self.settings), check=True, capture_output=True)

    def kill(self) -> None:
        """kill -9, as a crash is."""
        assert self.process
        self.process.kill()
        self.process.communicate()


@contextmanager
def house(data: Path, **settings: str) -> Iterator[House]:
    """A server that serves."""
    made = House(data, **settings)
    made.start()
    try:
        yield made
    finally:
        if made.process and made.process.returncode is None:
            made.kill()


class Visitor:
    """Somebody in front of a page."""

    def __init__(self, context: BrowserContext, base: str, name: str) -> None:
        self.context, self.base, self.name = context, base, name
        self.faults: list[str] = []
        self.page = self.look()

    def look(self) -> Page:
        """Another tab."""
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", self._threw)
        page.on("console", self._said)
        return page

    def _threw(self, error: Error) -> None:
        self.faults.append(f"{self.name}: {error}")

    def _said(self, message: ConsoleMessage) -> None:
        if re.search(r"Content.Security.Policy|Trusted", message.text):
            self.faults.append(f"{self.name}: {message.text}")

    # -------------------------------------------------------------------------------------------------- set up

    def post(self, path: str, **body: str) -> None:
        """A call of the page's own origin, with its cookies."""
        headers = {"Origin": self.base, "Content-Type": "application/json"}
        answer = self.context.request.post(self.base + path, data=json.dumps(body), headers=headers)
        assert answer.ok, answer.text()

    def register(self) -> None:
        self.post("/api/register", Username=self.name, Password=PASSWORD)

    def log_in(self) -> Visitor:
        """Registered, logged in, at the chat, connected."""
        self.post("/api/login", Username=self.name, Password=PASSWORD)
        self.enter()
        return self

    def enter(self) -> None:
        """The chat, once it is connected."""
        with self.page.expect_websocket(lambda socket: socket.url.endswith("/ws")) as opened:
            self.page.goto(self.base + "/")
        socket = opened.value
        if not getattr(socket, "resumed", False):
            socket.wait_for_event("framereceived", lambda frame: '"Resumed"' in str(frame))

    # -------------------------------------------------------------------------------------------- what one does

    def invite(self, name: str, note: str = "") -> None:
        self.search.fill(name)
        if note:
            self.page.get_by_role("button", name="Add a note").click()
            self.page.get_by_role("textbox", name="Note that goes with the invitation").fill(note)
        self.page.get_by_role("button", name="Invite", exact=True).click()

    def answer(self, button: str) -> None:
        self.page.get_by_role("dialog").get_by_role("button", name=button, exact=True).click()

    def open(self, name: str) -> None:
        """A conversation of the list."""
        self.page.locator(f"button.row:has(bdi:text-is('{name}'))").click()
        expect(self.heading(name)).to_be_visible()

    def say(self, text: str) -> None:
        self.composer.fill(text)
        self.page.get_by_role("button", name="Send").click()

    # --------------------------------------------------------------------------------------------- what one sees

    @property
    def search(self) -> Locator:
        return self.page.get_by_role("searchbox")

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message to")

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def heading(self, name: str) -> Locator:
        return self.page.get_by_role("heading", name=name, exact=True, level=1)

    def row(self, name: str) -> Locator:
        """Somebody in the list."""
        return self.page.locator(".row", has=self.page.locator(f"bdi:text-is('{name}')"))

    def message(self, text: str) -> Locator:
        """A message of the timeline with exactly this text."""
        return self.page.locator("article", has=self.page.locator(".text", has_text=re.compile(f"^{re.escape(text)}$")))

    def texts(self) -> list[str]:
        """The texts of the timeline, in order."""
        found: list[str] = self.page.eval_on_selector_all("article .text", "all => all.map(one => one.textContent)")
        return found

    def focus(self) -> str:
        """What has the keyboard: its id, or its words."""
        active: str = self.page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
        return active


class Company:
    """Everybody who takes part in a test. A worker that keeps the page on the device fetches all of it once more."""

    def __init__(self, browser: Browser, base: str, keeps: bool = False) -> None:
        self.browser, self.base, self.keeps = browser, base, keeps
        self.visitors: list[Visitor] = []

    def stranger(self, name: str = "somebody", **options: Any) -> Visitor:
        """Somebody with a browser and no account."""
        workers = "allow" if self.keeps else "block"
        usual = {"viewport": {"width": 1280, "height": 860}, "base_url": self.base, "service_workers": workers}
        context = self.browser.new_context(**{**usual, **options})
        visitor = Visitor(context, self.base, fresh(name))
        self.visitors.append(visitor)
        return visitor

    def person(self, name: str = "person", **options: Any) -> Visitor:
        """Somebody with an account, at the chat."""
        visitor = self.stranger(name, **options)
        visitor.register()
        return visitor.log_in()

    def again(self, other: Visitor, **options: Any) -> Visitor:
        """The same person on another device."""
        visitor = self.stranger(**options)
        visitor.name = other.name
        return visitor.log_in()

    def pair(self, **options: Any) -> tuple[Visitor, Visitor]:
        """Two people who talk to each other, the conversation open on both sides."""
        one, other = self.person("mirela", **options), self.person("noor", **options)
        meet(one, other)
        return one, other


def meet(one: Visitor, other: Visitor) -> None:
    """One invites the other, who accepts; both look at the conversation."""
    one.invite(other.name)
    other.answer("Accept")
    expect(other.heading(one.name)).to_be_visible()
    if not one.heading(other.name).is_visible():
        one.row(other.name).click()
    expect(one.heading(other.name)).to_be_visible()


def violations(page: Page) -> list[str]:
    """What axe-core finds on the page as it stands."""
    if not page.evaluate("'axe' in window"):  # Reading it takes as long as a look.
        page.evaluate((npm.package("axe-core") / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{v['id']}: {v['help']}: {v['nodes'][0]['html'][:200]}" for v in found["violations"]]
