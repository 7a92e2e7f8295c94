"""The timeline: small markdown, addresses of messages, the way to what is new, and waiting for pages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.web.pages import PASSWORD, PHONE, Company, Visitor, meet, violations
from tests.web.test_marks import back
from tests.web.test_messages import fill

pytestmark = pytest.mark.full
WRITTEN = (
    "Bring **all** of _this_, `a*b*` and:\n- bread\n- cheese\n3. third\n> quoted *once*\n```js\nlet x;\n```\n"
    "see https://p\u0430ypal.com/login or [bank](https://example.org/a)."
)
SELECT = """(log) => {
  const [first, second] = log.querySelectorAll('.text');
  getSelection().setBaseAndExtent(first, 0, [...second.childNodes].find((one) => one.data === 'two words'), 3);
}"""
CLIPBOARD = ["clipboard-read", "clipboard-write"]


def clipboard(visitor: Visitor) -> str:
    return str(visitor.page.evaluate("navigator.clipboard.readText()"))


GO_UP = """log => new Promise((done) => {
  const first = log.querySelector('article');
  log.scrollTop = 0;
  const before = first.getBoundingClientRect().top;
  const tell = () => done([first.isConnected, first.getBoundingClientRect().top - before]);
  log.addEventListener('scroll', tell, { once: true });
})"""
"""Up to the first row; whether it is there still, and how far it has moved, once the page has heard of it."""


def line(visitor: Visitor, number: int) -> Locator:
    """One of those that `fill` says."""
    text = visitor.page.locator(".text", has_text=re.compile(rf"^line {number} "))
    return visitor.page.locator("article", has=text)


def unread(company: Company, number: int) -> tuple[Visitor, Visitor]:
    """One who has said so many lines to the other, who has read what came before and is elsewhere."""
    one, other = company.pair()
    one.say("read")
    expect(other.message("read")).to_be_visible()
    back(other)
    fill(one, 1, number)
    expect(other.row(one.name)).to_contain_text(f"{number} unread")
    return one, other


def test_small_markdown_is_shown_and_copied_as_it_was_written(company: Company) -> None:
    one, other = company.pair(permissions=CLIPBOARD)
    one.say(WRITTEN)
    one.say("two words")
    one.say("👍🏽")
    expect(other.page.locator(".text").last).to_have_text("👍🏽")
    article = other.page.locator("article").first
    for role, text in (("strong", "all"), ("emphasis", "this"), ("blockquote", "quoted once")):
        expect(article.get_by_role(role).first).to_have_text(re.compile(text.replace("once", r"\*once\*")))  # type: ignore[arg-type]
    expect(article.get_by_role("listitem")).to_contain_text(["bread", "cheese", "3. third"])
    assert "*" not in article.locator(".text").inner_text().replace("a*b*", "")
    expect(article.get_by_role("link", name="https://p\u0430ypal.com/login (xn--pypal-4ve.com)")).to_be_visible()
    expect(article.get_by_role("link", name="https://example.org/a", exact=True)).to_be_visible()
    size = "one => parseFloat(getComputedStyle(one).fontSize)"
    assert other.page.locator(".text").last.evaluate(size) > 2 * other.page.locator(".text").first.evaluate(size)
    expect(other.row(one.name)).to_contain_text("👍🏽")
    other.page.get_by_role("log").evaluate(SELECT)
    other.page.keyboard.press("Control+c")
    assert clipboard(other) == f"{WRITTEN}\ntwo"
    assert violations(other.page) == []
    for theme in ({"color_scheme": "dark"}, {"forced_colors": "active"}):
        other.page.emulate_media(**theme)  # type: ignore[arg-type]
        assert violations(other.page) == []


def test_a_message_has_an_address_that_outlasts_login_and_reload(company: Company) -> None:
    one, other = company.pair(permissions=CLIPBOARD)
    fill(one, 1, 400)
    one.page.get_by_role("log").focus()
    for key in ("Home", "ArrowDown", "ArrowUp", "Tab"):
        one.page.keyboard.press(key)
    expect(one.page.locator("a:focus")).to_have_accessible_name(re.compile(r"^\d\d:\d\d, copy link$"))
    one.page.keyboard.press("Enter")
    expect(one.page.locator("article", has_text="Link copied")).to_have_count(1)
    copied = clipboard(one)
    assert copied.startswith(f"{one.base}/#message=")
    address = copied.rsplit("/", 1)[0] + "/20"
    device = company.stranger(**PHONE)
    device.page.goto(address)
    device.page.get_by_label("Username").fill(other.name)
    device.page.get_by_label("Password", exact=True).fill(PASSWORD)
    device.page.keyboard.press("Enter")
    found = line(device, 20)
    for _ in range(2):
        expect(found).to_have_class(re.compile("marked"))
        expect(found).to_be_focused()
        expect(found).to_be_in_viewport(ratio=1)
        assert device.page.url == address
        device.page.reload()
    expect(found).to_be_focused()
    expect(found).not_to_have_class(re.compile("marked"))
    device.page.get_by_role("button", name="To the latest").click()
    expect(line(device, 400)).to_be_in_viewport()
    assert device.page.url == f"{one.base}/"
    device.page.goto(copied.rsplit("/", 1)[0] + "/9999")
    expect(device.page.get_by_text("This message cannot be shown")).to_be_visible()
    expect(device.heading(one.name)).to_be_visible()
    stranger = company.person("stranger")
    stranger.page.goto(address)
    expect(stranger.page.get_by_text("This message cannot be shown")).to_be_visible()
    expect(stranger.page.get_by_role("heading", name="Parlour", level=1)).to_be_visible()
    assert stranger.page.url == f"{one.base}/"


def test_where_a_page_may_not_copy_the_address_comes_into_the_address_bar(company: Company) -> None:
    one, _ = company.pair()
    one.page.add_init_script("delete Navigator.prototype.clipboard")
    one.say("something")
    one.page.reload()
    one.message("something").get_by_role("link", name="copy link").click()
    expect(one.message("something")).to_contain_text("The link stands in the address bar")
    assert re.search("/#message=.+/1$", one.page.url)
    one.page.go_back()
    expect(one.heading(company.visitors[1].name)).to_be_visible()
    assert one.page.url == f"{one.base}/"


def test_the_way_to_the_first_message_that_is_new(company: Company) -> None:
    one, other = unread(company, 400)
    other.page.reload()
    other.open(one.name)
    expect(line(other, 400)).to_be_in_viewport()
    way = other.page.get_by_role("button", name="To the first of 400 new messages")
    expect(way).to_be_visible()
    assert violations(other.page) == []
    way.click()
    expect(line(other, 1)).to_be_focused()
    expect(other.page.get_by_role("heading", name="400 new messages")).to_be_in_viewport()
    expect(way).to_have_count(0)
    other.page.get_by_role("button", name="To the latest").click()
    expect(line(other, 400)).to_be_in_viewport()
    expect(way).to_have_count(0)


def test_who_goes_up_at_once_keeps_what_is_in_sight(company: Company) -> None:
    _, other = unread(company, 60)
    other.page.clock.install()
    other.page.clock.pause_at("2040-01-01T12:00:00")
    other.page.locator(".row").first.click()
    expect(line(other, 60)).to_be_in_viewport()
    assert other.page.locator("article").count() < 60, "the rest has not come yet"
    there, moved = other.page.get_by_role("log").evaluate(GO_UP)
    assert there
    assert abs(moved) <= 1
    expect(other.page.locator("article")).to_have_count(61)


def test_the_line_counts_all_that_came_while_nobody_looked(company: Company) -> None:
    one, other = company.pair()
    fill(one, 1, 60)
    expect(line(other, 60)).to_be_in_viewport()
    other.page.get_by_role("log").hover()
    other.page.mouse.wheel(0, -1200)
    for number in (61, 62, 63):
        one.say(str(number))
    other.page.get_by_role("button", name="3 new").click()
    expect(other.message("63")).to_be_in_viewport()
    expect(other.page.get_by_role("heading", name="3 new messages")).to_be_visible()


def test_what_is_far_above_is_left_out_while_one_writes_and_nothing_moves(company: Company) -> None:
    one, _ = company.pair()
    fill(one, 1, 100)
    expect(line(one, 100)).to_be_in_viewport()
    left_out = one.page.locator("parlour-timeline [data-far]")
    log, height = one.page.get_by_role("log"), "log => log.scrollHeight"
    one.page.reload()
    expect(one.page.locator("article")).to_have_count(50)
    expect(left_out).to_have_count(0)
    before = log.evaluate(height)
    one.composer.press_sequentially("he", delay=1100)
    expect(left_out).not_to_have_count(0)
    assert log.evaluate(height) == before
    expect(left_out).to_have_count(0)
    one.composer.press_sequentially("llo")
    expect(left_out).not_to_have_count(0)
    log.evaluate("log => log.scrollBy({ top: -300, behavior: 'instant' })")
    expect(left_out).to_have_count(0)
    assert log.evaluate(height) == before


def test_the_arrows_go_on_where_one_has_scrolled_to(company: Company) -> None:
    one, _ = company.pair()
    fill(one, 1, 60)
    expect(line(one, 60)).to_be_in_viewport()
    log = one.page.get_by_role("log")
    log.focus()
    one.page.keyboard.press("ArrowUp")
    expect(line(one, 60)).to_be_focused()
    log.evaluate("log => log.scrollBy({ top: -2 * log.clientHeight, behavior: 'instant' })")
    expect(line(one, 60)).not_to_be_in_viewport()
    one.page.keyboard.press("ArrowUp")
    expect(log.locator("article:focus")).to_be_in_viewport()
    expect(line(one, 60)).not_to_be_in_viewport()


def test_at_midnight_today_is_another_day(company: Company) -> None:
    one, _ = company.pair()
    one.say("before midnight")
    expect(one.page.get_by_role("heading", name="Today")).to_be_visible()
    one.page.clock.install(time=one.page.evaluate("new Date().setHours(23, 59, 50) / 1000"))
    one.page.reload()
    expect(one.page.get_by_role("heading", name="Today")).to_be_visible()
    one.page.clock.run_for(11_000)
    expect(one.page.get_by_role("heading", name="Yesterday")).to_be_visible()


def test_no_empty_line_ends_what_is_said(company: Company) -> None:
    one, other = company.pair()
    one.composer.fill("said\n\n")
    one.composer.press("Enter")
    expect(other.message("said")).to_be_visible()
    assert other.texts() == ["said"]


def test_the_way_to_what_is_new_is_there_at_once(company: Company) -> None:
    one, other = unread(company, 40)
    meet(other, company.person("third"))
    other.page.clock.install()
    other.page.clock.pause_at("2040-01-01T12:00:00")
    other.row(one.name).click(delay=200)
    way = other.page.get_by_role("button", name="To the first of 40 new messages")
    expect(way).to_be_visible()
    assert other.page.locator("article").count() < 40, "the rest has not come yet"
    other.page.keyboard.press("Shift+PageUp")
    expect(line(other, 1)).to_be_focused()


def test_of_a_conversation_with_little_at_hand_the_rest_comes_by_itself(company: Company) -> None:
    one, other = company.pair()
    fill(one, 1, 30)
    expect(line(other, 30)).to_be_in_viewport()

    def little(route: Route) -> None:
        body = route.fetch().json()
        for session in body["Sessions"].values():
            session |= {"Messages": {"30": session["Messages"]["30"]}, "More": True}
        route.fulfill(json=body)

    other.page.route("**/api/snapshot", little)
    other.page.reload()
    expect(line(other, 30)).to_be_in_viewport()
    expect(other.page.locator("article")).to_have_count(30)
    expect(line(other, 30)).to_be_in_viewport()


def test_who_waits_for_a_page_is_told_so_only_when_it_takes_long(company: Company) -> None:
    one, other = company.pair()
    fill(one, 1, 400)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    other.page.route(re.compile(r"/messages\?before="), hold)
    other.page.clock.install(time="2030-01-01T12:00:00")
    other.page.reload()
    expect(line(other, 400)).to_be_in_viewport()
    log, waiting = other.page.get_by_role("log"), other.page.locator(".skeleton")
    first = other.page.locator("article").first
    expect(other.page.locator("article")).to_have_count(50)
    other.page.clock.pause_at("2030-01-01T12:00:40")
    with other.page.expect_request(re.compile("before=")):
        first.focus()
    other.page.clock.run_for(290)
    expect(waiting).to_be_hidden()
    place = first.bounding_box()
    other.page.clock.run_for(20)
    expect(waiting).to_be_visible()
    assert first.bounding_box() == place, "nothing moves by it"
    held.pop().abort()
    expect(other.page.get_by_text("Older messages could not be loaded.")).to_be_visible()
    other.page.unroute(re.compile(r"/messages\?before="))
    other.page.get_by_role("button", name="Try again").click()
    expect(other.page.get_by_text("Older messages could not be loaded.")).to_have_count(0)
    expect(other.page.locator("article")).to_have_count(150)
    line(other, 400).focus()
    for number in (151, 51, 1):
        log.evaluate("log => log.scrollTo(0, 0)")
        expect(line(other, number)).to_be_attached()
    expect(line(other, 400)).to_have_count(0)
    expect(log).to_be_focused()
