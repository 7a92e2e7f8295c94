"""What one notices while one looks elsewhere: notifications and a sound; and how the page looks, and which key sends.

1. A browser without a screen shows no notifications: what the page asks of it is kept by one that stands in its place.
2. That nothing was told is seen once a timer has fired that was set later than what would have told it.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.web.looks import fits
from tests.web.pages import PATIENCE, Company, Visitor, meet
from tests.web.test_quiet import of_conversation
from tests.web.test_settings import part, settings, switch

pytestmark = pytest.mark.full

STOOD_IN = """
  window.told = [];
  window.asked = window.rung = 0;
  window.Notification = class extends EventTarget {
    static get permission() { return localStorage.getItem('permission') ?? 'default'; }
    static async requestPermission() {
      window.asked++;
      localStorage.setItem('permission', window.answer ?? 'granted');
      return this.permission;
    }
    constructor(title, options) {
      super();
      window.told.push(this);
      Object.assign(this, { title, ...options, shown: true });
      this.addEventListener('click', (event) => this.onclick(event));
    }
    close() { this.shown = false; }
  };
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) { window.rung++; return start.apply(this, when); };
"""
UNTIL = """
  const end = Date.now() + patience;
  const pause = () => new Promise((go) => setTimeout(go, 20));
  while (JSON.stringify(WHAT) !== wanted && Date.now() < end) await pause();
  return WHAT;
"""
HIDDEN = """
  Object.defineProperty(document, 'visibilityState', { get: () => 'hidden', configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
"""


def observed(context: BrowserContext) -> None:
    context.add_init_script(STOOD_IN)


def told(page: Page) -> list[Any]:
    """Who was told of, with what, and whether it is still shown."""
    found: list[Any] = page.evaluate("told.map(one => [one.title, one.body, one.shown])")
    return found


def until(page: Page, what: str, wanted: Any) -> None:
    """Once the page says this."""
    script = "async ([what, wanted, patience]) => {" + UNTIL.replace("WHAT", what) + "}"
    found = page.evaluate(script, [what, json.dumps(wanted, separators=(",", ":")), PATIENCE])
    assert found == wanted


def until_told(page: Page, *wanted: Any) -> None:
    """The last notifications are these."""
    until(
        page, f"told.slice(-{len(wanted)}).map(one => [one.title, one.body, one.shown])", [list(one) for one in wanted]
    )


def nothing_comes(page: Page) -> None:
    """What would be told by now was told: timers fire in their order."""
    page.evaluate("new Promise(done => setTimeout(done, 1000))")


def heard(visitor: Visitor, other: Visitor, text: str) -> None:
    other.say(text)
    expect(visitor.row(other.name)).to_contain_text(text)


def test_what_comes_while_one_looks_elsewhere_is_told_once_and_taken_back_when_it_is_read(company: Company) -> None:
    one, other = company.pair()
    observed(one.context)
    tab = one.look()
    tab.goto("/settings")
    expect(tab.locator(".row")).to_have_count(1)
    one.page.reload()
    third = company.person("sven")
    meet(one, third)
    page = settings(one)
    assert page.evaluate("asked") == 0
    heard(one, other, "before it is wanted")
    nothing_comes(page)
    assert told(page) == []
    switch(page, "Show notifications").click()
    heard(one, other, "a secret")
    expect(one.row(other.name)).to_contain_text("2 unread")
    nothing_comes(page)
    if told(tab):
        one.page, page, tab = tab, tab, page
    until_told(page, (other.name, "2 new messages", True))
    switch(page, "Show what the message says").click()
    heard(one, other, "the words")
    until_told(page, (other.name, "2 new messages", False), (other.name, "the words", True))
    heard(one, third, "from sven")
    until_told(page, (other.name, "the words", True), (third.name, "from sven", True))
    assert len(set(page.evaluate("told.map(one => one.tag)"))) == 2
    assert told(tab) == [], "one tab tells it for all"

    page.evaluate("told.at(-2).dispatchEvent(new Event('click'))")
    expect(one.heading(other.name)).to_be_visible()
    expect(one.composer).to_be_focused()
    until_told(page, (other.name, "the words", False), (third.name, "from sven", True))
    other.say("before one's eyes")
    expect(one.message("before one's eyes")).to_be_visible()
    nothing_comes(page)
    assert len(told(page)) == 3
    device = company.again(one)
    device.open(third.name)
    until_told(page, (third.name, "from sven", False))

    switch(of_conversation(page), "Mute this conversation").click()
    page.keyboard.press("Escape")
    page.evaluate(HIDDEN)
    heard(one, other, "muted")
    stranger = company.person("stranger")
    stranger.invite(one.name)
    until_told(page, (stranger.name, "Wants to chat", True))
    stranger.page.get_by_role("button", name="Cancel").click()
    until_told(page, (stranger.name, "Wants to chat", False))
    assert len(told(page)) == 4
    page.reload()
    settings(one)
    expect(switch(page, "Show notifications")).to_be_checked()
    assert page.evaluate("asked") == 0


def test_a_sound_and_quiet_hours_and_a_browser_that_says_no(company: Company) -> None:
    one, other = company.pair()
    observed(one.context)
    one.page.reload()
    page = settings(one)
    page.evaluate("answer = 'denied'")
    notify = switch(page, "Show notifications")
    notify.click()
    expect(notify).not_to_be_checked()
    expect(notify).to_have_accessible_description(re.compile("^Your browser does not let Parlour show notifications"))
    assert page.evaluate("asked") == 1
    expect(switch(page, "Show what the message says")).to_have_count(0)
    sound = switch(page, "Play a short sound")
    expect(sound).not_to_be_checked()
    sound.click()
    until(page, "rung", 2)
    nothing_comes(page)
    nothing_comes(page)
    heard(one, other, "ring")
    until(page, "rung", 4)
    switch(page, "Quiet hours").click()
    page.get_by_label("From").fill("00:00")
    page.get_by_label("to", exact=True).fill("23:59")
    fits(one)
    page.clock.set_fixed_time("2031-03-05T12:00:00")
    heard(one, other, "hush")
    nothing_comes(page)
    nothing_comes(page)
    assert page.evaluate("rung") == 4
    page.reload()
    expect(page.get_by_label("to", exact=True)).to_have_value("23:59")
    one.page.get_by_role("button", name="Log out", exact=True).click()
    expect(page).to_have_url(f"{one.base}/login")
    assert page.evaluate("Object.keys(localStorage)") == ["permission"]


# ----------------------------------------------------------------------------------------------- appearance and writing


def background(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    return colour


def test_the_theme_is_there_before_the_page_and_in_all_tabs(company: Company) -> None:
    one = company.person(color_scheme="light")
    page, tab = settings(one), one.look()
    tab.goto("/")
    light = background(page)
    appearance = part(page, "Appearance and writing")
    expect(appearance.get_by_role("radio", name="As the system has it")).to_be_checked()
    appearance.get_by_role("radio", name="Dark").check()
    dark = background(page)
    assert dark != light
    expect(tab.locator("html")).to_have_attribute("data-theme", "dark")
    assert background(tab) == dark
    tab.route("**/all.js", lambda route: route.abort())
    tab.reload()
    assert background(tab) == dark, "nothing has run but what comes before the first picture"
    tab.close()
    page.emulate_media(color_scheme="dark")
    appearance.get_by_role("radio", name="Light").check()
    assert background(page) == light
    one.page.get_by_role("button", name="Log out", exact=True).click()
    expect(page).to_have_url(f"{one.base}/login")
    page.reload()
    assert background(page) == light, "it is the browser's"
    colours = page.eval_on_selector_all("meta[name=theme-color]", "all => all.map(one => one.content)")
    assert colours == ["#E2EBE6", "#E2EBE6"]


def test_which_key_sends_is_chosen(company: Company) -> None:
    one, other = company.pair()
    page = settings(one)
    page.get_by_role("radio", name="Ctrl Enter").check()
    one.open(other.name)
    expect(page.locator(".hint")).to_contain_text("Ctrl Enter sends")
    one.composer.press_sequentially("one")
    one.composer.press("Enter")
    one.composer.press_sequentially("two")
    expect(one.composer).to_have_value("one\ntwo")
    one.composer.press("Control+Enter")
    expect(one.composer).to_have_value("")
    expect(other.page.locator("article .text")).to_have_text("one two")
