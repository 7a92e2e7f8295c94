"""The browser killed by its process id while a message is on its way: the message arrives exactly once.

1. Chromium runs on a profile in a folder, as a person's does, and is started again on the same one.
2. Once the message never left the browser; once it lay in the server's socket and is read after the browser's death.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserType, expect

from tests import browser as browsers
from tests.web.pages import ARRIVED, Company, House, Visitor, meet
from tests.web.pages import house as housed
from tests.web.test_outbox import until_kept
from tests.web.wire import Wire

pytestmark = pytest.mark.full


class Desk:
    """A Chromium on a profile, in a process of its own, which may be killed."""

    def __init__(self, chromium: BrowserType, profile: Path) -> None:
        program, environment = browsers.find()
        command = [program, *browsers.ARGUMENTS, "--headless", "--remote-debugging-port=0", "--no-first-run"]
        self.process = subprocess.Popen(
            [*command, f"--user-data-dir={profile}", "about:blank"],
            env={**os.environ, **environment},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr
        told = next((line for line in self.process.stderr if line.startswith("DevTools listening on ")), "")
        self.browser = chromium.connect_over_cdp(told.split()[-1])

    def visitor(self, house: House, name: str) -> Visitor:
        return Visitor(self.browser.contexts[0], house.base, name)

    def close(self) -> None:
        """As a person closes it."""
        self.browser.new_browser_cdp_session().send("Browser.close")
        self.process.communicate()

    def kill(self) -> None:
        """kill -9, as a system does that has no memory left; then wait until all of it is gone."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.communicate()


@contextmanager
def desk(browser: Browser, profile: Path) -> Iterator[Desk]:
    """A browser that is gone afterwards, whatever happens."""
    made = Desk(browser.browser_type, profile)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.kill()


def swallow(house: House, wire: Wire) -> Callable[[], None]:
    """The message never reaches the server."""
    wire.up = lambda frame: None if frame["type"] == "Message" else frame
    return lambda: None


def suspend(house: House, wire: Wire) -> Callable[[], None]:
    """The server stands still: what is sent lies in its socket until it goes on."""
    assert house.process
    process = house.process
    process.send_signal(signal.SIGSTOP)
    return lambda: process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("how", [swallow, suspend])
def test_a_message_survives_the_kill_of_its_browser_and_arrives_exactly_once(
    browser: Browser, tmp_path: Path, how: Callable[[House, Wire], Callable[[], None]]
) -> None:
    with housed(tmp_path / "data") as house:
        company = Company(browser, house.base)
        other = company.person("other")
        with desk(browser, tmp_path / "profile") as first:
            one = first.visitor(house, "killed")
            wire = Wire(one)
            one.register()
            one.log_in()
            meet(one, other)
            one.say("before")
            expect(other.message("before")).to_be_visible()
            go_on = how(house, wire)
            for text in ("on its way", "and behind it"):
                one.say(text)
            expect(one.message("and behind it")).to_contain_text("sending")
            assert until_kept(one.page, 2) == ["on its way", "and behind it"]
            first.kill()
        go_on()
        with desk(browser, tmp_path / "profile") as again:
            one = again.visitor(house, "killed")
            one.log_in()
            one.open(other.name)
            expect(other.message("and behind it")).to_be_visible()
            expect(one.message("and behind it")).to_have_accessible_name(ARRIVED)
            other.page.reload()
            expect(other.message("and behind it")).to_be_visible()
            assert one.texts() == other.texts() == ["before", "on its way", "and behind it"]
            assert until_kept(one.page, 0) == []
        assert [fault for visitor in company.visitors for fault in visitor.faults] == []
