"""Writing and reading: what one typed is what both see, as text, in its box, in one order."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.web.pages import ARRIVED, PHONE, Company, Visitor, meet, violations
from tests.web.test_outbox import refusing
from tests.web.wire import wired

pytestmark = pytest.mark.full
RTL = "שלום, מה שלומך היום?"
LONG = "and a good deal more, so that rows are of different heights " * 4
FILL = """async ([session, from, to, long]) => {
  const socket = new WebSocket(`ws://${location.host}/ws`);
  await new Promise((resolve) => (socket.onopen = resolve));
  const all = new Promise((resolve) => (socket.onmessage = ({ data }) => {
    const [last] = Object.values(JSON.parse(data)[session] ?? {});
    if (last?.data.startsWith(`line ${to} `)) resolve();
  }));
  for (let i = from; i <= to; i++) {
    const data = `line ${i} ${i % 7 === 0 ? long : ''}`;
    socket.send(JSON.stringify({ type: 'Message', SessionID: session, Message: { data } }));
  }
  await all;
  socket.close();
}"""
STEPS = """async ([direction, steps]) => {
  const log = document.querySelector('parlour-timeline');
  const edge = () => log.getBoundingClientRect().top + 60;
  const settled = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  let jumps = 0, most = 0, passed = new Set();
  for (let i = 0; i < steps; i++) {
    const seen = [...log.querySelectorAll('article')].find((one) => one.getBoundingClientRect().bottom > edge());
    const [y, before] = [seen.getBoundingClientRect().top, log.scrollTop];
    log.scrollTop += direction * 450;
    const moved = log.scrollTop - before;
    await settled();
    if (seen.isConnected && Math.abs(seen.getBoundingClientRect().top - (y - moved)) > 2) jumps++;
    most = Math.max(most, log.querySelectorAll('article').length);
    for (const one of log.querySelectorAll('.text')) passed.add(one.textContent);
  }
  return { jumps, most, passed: passed.size, anchor: getComputedStyle(log).overflowAnchor };
}"""
COVERED = """async () => {
  const log = document.querySelector('parlour-timeline');
  const settled = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const found = { seen: 0, by: [] };
  for (let up = 0; up < 1500; up += 20) {
    log.scrollTop = log.scrollHeight - log.clientHeight - up;
    await settled();
    if (!document.querySelector('.jump')) continue;
    const { top, bottom } = log.getBoundingClientRect();
    for (const button of log.querySelectorAll('.failed-why button')) {
      const box = button.getBoundingClientRect();
      for (const y of [box.top + 2, box.bottom - 2].filter((y) => y > top && y < bottom))
        for (const x of [box.left + 16, box.right - 16]) {
          const there = document.elementFromPoint(x, y);
          found.seen++;
          if (!button.contains(there)) found.by.push(`${up}: ${there?.className}`);
        }
    }
  }
  return found;
}"""
"""What stands over the buttons of a failed message, wherever one has scrolled to."""
LEAVE = "!window.dispatchEvent(new Event('beforeunload', { cancelable: true }))"


def session_of(visitor: Visitor) -> str:
    """The SessionID of the open conversation."""
    found: str = visitor.page.evaluate("history.state.session")
    return found


def fill(visitor: Visitor, first: int, last: int) -> None:
    """Say many lines, as a program does."""
    visitor.page.evaluate(FILL, [session_of(visitor), first, last, LONG])


# ------------------------------------------------------------------------------------------------------------ writing


def test_enter_sends_and_shift_enter_breaks_the_line(company: Company) -> None:
    one, other = company.pair()
    one.composer.press_sequentially("first")
    one.page.keyboard.press("Shift+Enter")
    one.page.keyboard.type("second")
    expect(one.composer).to_have_value("first\nsecond")
    one.page.keyboard.press("Enter")
    expect(other.message("first\nsecond")).to_be_visible()
    expect(one.composer).to_have_value("")
    expect(one.composer).to_be_focused()


@pytest.mark.parametrize("text", [" ", "\u2800", "\u3164\u115f\u1160", "\u200b\u00ad\n\u2066", "\x1c\x85"])
def test_a_text_that_shows_nothing_stays_in_the_field_with_a_word(company: Company, text: str) -> None:
    one, other = company.pair()
    one.composer.fill(text)
    one.composer.press("Enter")
    expect(one.composer).to_have_accessible_description(re.compile("^Write something first"))
    expect(one.composer).to_be_focused()
    assert one.composer.input_value() == text
    expect(one.page.locator("article")).to_have_count(0)
    assert violations(one.page) == []
    one.composer.fill(f"{text}x")
    expect(one.page.get_by_role("alert").get_by_text("Write something first")).to_have_count(0)
    one.composer.press("Enter")
    expect(other.page.locator("article")).to_have_count(1)


@pytest.mark.parametrize("how", [{"isComposing": True}, {"keyCode": 229}])
def test_an_input_method_that_composes_does_not_send(company: Company, how: dict[str, object]) -> None:
    one, _ = company.pair()
    one.composer.fill("かんじ")
    one.composer.evaluate(
        "(field, how) => field.dispatchEvent(new KeyboardEvent('keydown', "
        "{ key: 'Enter', bubbles: true, cancelable: true, ...how }))",
        how,
    )
    expect(one.composer).to_have_value("かんじ")
    assert one.texts() == []
    one.page.keyboard.press("Enter")
    expect(one.page.locator("article .text").last).to_have_text("かんじ")


def test_where_one_works_with_fingers_enter_breaks_the_line(company: Company) -> None:
    one, other = company.pair(**PHONE)
    one.composer.press_sequentially("first")
    one.page.keyboard.press("Enter")
    one.page.keyboard.type("second")
    expect(one.composer).to_have_value("first\nsecond")
    one.page.get_by_role("button", name="Send").tap()
    expect(other.message("first\nsecond")).to_be_visible()


def test_nothing_is_not_sent(company: Company) -> None:
    one, other = company.pair()
    one.composer.fill("  \n ")
    one.page.keyboard.press("Enter")
    one.say("something")
    expect(other.message("something")).to_be_visible()
    assert other.texts() == ["something"]


def test_own_words_stand_there_at_once_and_are_marked_when_stored(company: Company) -> None:
    one = company.stranger("one")
    held: list[WebSocketRoute] = []
    waiting: list[str | bytes] = []

    def route(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        held.append(server)
        socket.on_message(lambda text: waiting.append(text) if '"type":"Message"' in str(text) else server.send(text))

    one.page.route_web_socket(re.compile("/ws$"), route)
    one.register()
    one.log_in()
    other = company.person("other")
    other.invite(one.name)
    one.answer("Accept")
    one.say("on its way")
    one.say("behind it")
    expect(one.message("on its way")).to_have_accessible_name(re.compile(r"^You, \d\d:\d\d, sending$"))
    expect(one.message("on its way")).to_contain_text("sending")
    expect(one.message("behind it")).to_contain_text("sending")
    one.page.wait_for_function(f"() => !({LEAVE})")  # What is on the device is not lost with the page.
    assert violations(one.page) == []
    row = one.message("on its way").element_handle()
    assert len(waiting) == 1, "one in flight in each session"
    held[-1].send(waiting.pop())
    expect(one.message("on its way")).to_have_accessible_name(ARRIVED)
    assert row.evaluate("row => row.isConnected"), "it is the same row"
    expect(other.message("on its way")).to_be_visible()
    one.page.wait_for_function("() => true")
    held[-1].send(waiting.pop())
    expect(other.message("behind it")).to_be_visible()
    assert one.texts() == other.texts() == ["on its way", "behind it"]
    expect(one.message("behind it")).to_have_accessible_name(ARRIVED)


def test_a_message_into_a_closed_conversation_comes_back_with_words(company: Company) -> None:
    one = company.stranger("one")

    def route(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(text: str | bytes) -> None:
            frame = json.loads(text)
            if frame["type"] != "Message":
                return server.send(text)
            error = {"type": "Error", "Ref": frame["Ref"], "Code": "closed", "Reason": "It is closed."}
            return socket.send(json.dumps(error))

        socket.on_message(pass_on)

    one.page.route_web_socket(re.compile("/ws$"), route)
    one.register()
    one.log_in()
    other = company.person("other")
    other.invite(one.name)
    one.answer("Accept")
    one.composer.fill("kept whatever happens")
    one.page.keyboard.press("Enter")
    expect(one.composer).to_have_value("kept whatever happens")
    expect(one.composer).to_have_accessible_description(
        "Not sent. This conversation is closed. Your text is kept here."
    )
    expect(one.page.locator("article")).to_have_count(0)
    assert violations(one.page) == []


def test_what_is_too_long_is_told_before_it_is_sent(company: Company) -> None:
    one, other = company.pair()
    one.composer.fill("x" * 8001)
    one.page.keyboard.press("Enter")
    expect(one.composer).to_have_accessible_description(re.compile("8,001 of at most 8,000 characters"))
    expect(one.composer).to_have_value("x" * 8001)
    one.composer.fill("👩‍👩‍👧‍👦" * 700)
    one.page.keyboard.press("Enter")
    expect(one.composer).to_have_accessible_description(re.compile("16 KiB"))
    one.composer.fill("x" * 8000)
    one.page.keyboard.press("Enter")
    expect(other.message("x" * 8000)).to_be_visible()


def test_drafts_stay_with_their_conversation(company: Company) -> None:
    one, other = company.pair()
    third = company.person("third")
    third.invite(one.name)
    one.composer.fill("to the first")
    one.answer("Accept")
    expect(one.heading(third.name)).to_be_visible()
    expect(one.composer).to_have_value("")
    expect(one.row(other.name)).to_contain_text("Draft: to the first")
    one.open(other.name)
    expect(one.composer).to_have_value("to the first")


# ------------------------------------------------------------------------------------------------------------ reading


def kept(one: Visitor) -> list[str]:
    """What the tab remembers of texts."""
    keys: list[str] = one.page.evaluate("Object.keys(sessionStorage)")
    return [key for key in keys if key.startswith("drafts")]


def test_drafts_survive_a_reload_and_go_with_the_login(company: Company) -> None:
    one, _ = company.pair()
    one.composer.fill("half a sentence")
    one.page.reload()
    expect(one.composer).to_have_value("half a sentence")
    expect(one.composer).to_be_focused()
    one.composer.fill("")
    assert kept(one) == []
    one.composer.fill("half a sentence")
    one.page.get_by_role("button", name="Log out").click()
    question = one.page.get_by_role("alertdialog", name="Log out?")
    expect(question).to_contain_text("written something and not sent it")
    one.page.keyboard.press("Escape")
    expect(one.composer).to_have_value("half a sentence")
    one.page.get_by_role("button", name="Log out").click()
    question.get_by_role("button", name="Log out").click()
    expect(one.page.get_by_role("heading", name="Log in")).to_be_visible()
    assert kept(one) == []


def test_a_long_text_is_folded_until_one_wants_all_of_it(company: Company) -> None:
    one, _ = company.pair()
    for number in range(8):
        one.say(f"before {number}")
    one.say("top" + "\n" * 200 + "bottom")
    body = one.page.locator("article .body").last
    expect(one.page.locator("article").last).to_have_accessible_name(ARRIVED)
    folded = body.bounding_box()
    one.page.get_by_role("button", name="Show all of it").click()
    expect(one.page.get_by_role("button", name="Show all of it")).to_have_count(0)
    whole = body.bounding_box()
    assert folded
    assert whole
    assert folded["height"] < 400
    assert whole["height"] > 4000
    assert whole["y"] == folded["y"], "the line that one reads stays where it is"


def test_text_from_right_to_left(company: Company) -> None:
    one, other = company.pair()
    one.say(RTL)
    text = other.page.locator("article .text")
    assert text.evaluate("one => getComputedStyle(one).direction") == "rtl"
    assert other.page.locator("article .meta").evaluate("one => getComputedStyle(one).direction") == "ltr"
    other.page.evaluate("document.documentElement.dir = 'rtl'")
    assert other.page.locator(".header h1 bdi").evaluate("one => getComputedStyle(one).direction") == "ltr"
    assert violations(other.page) == []


def test_runs_of_one_sender_stand_together(company: Company) -> None:
    one, other = company.pair()
    for text in ("a", "b", "c"):
        one.say(text)
    expect(other.message("c")).to_be_visible()
    other.say("d")
    expect(one.message("d")).to_be_visible()
    runs = other.page.eval_on_selector_all(
        "article", "all => all.map((one) => `${one.classList.contains('first')} ${one.classList.contains('last')}`)"
    )
    assert runs == ["true false", "false false", "false true", "true true"]
    expect(other.page.locator(".day")).to_have_text(["Today"])
    expect(other.page.locator("article .tile")).to_have_count(1)


def scrolled(page: Page, direction: int, steps: int) -> dict[str, object]:
    result: dict[str, object] = page.evaluate(STEPS, [direction, steps])
    return result


def test_older_messages_come_without_a_jump_and_never_more_than_300(company: Company) -> None:
    one, other = company.pair()
    fill(one, 1, 700)
    other.page.reload()
    expect(
        other.message("line 700 " + "and a good deal more, so that rows are of different heights " * 4)
    ).to_be_visible()
    expect(other.page.locator("article .text")).to_have_count(50)
    up = scrolled(other.page, -1, 130)
    assert up["jumps"] == 0
    assert up["most"] == 300
    assert up["anchor"] == "none", "the place is kept by our own hand"
    expect(other.page.locator("article .text").first).to_have_text("line 1 ")
    assert violations(other.page) == []
    down = scrolled(other.page, 1, 130)
    assert down["jumps"] == 0
    assert down["most"] == 300
    expect(other.page.locator("article .text").last).to_contain_text("line 700 ")
    numbers = [int(text.split()[1]) for text in other.texts()]
    assert numbers == list(range(401, 701))


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
def test_a_conversation_opens_at_its_end_and_stays_there_when_the_page_changes(
    company: Company, options: dict[str, Any]
) -> None:
    one, other = company.pair(**options)
    fill(one, 1, 60)
    expect(other.page.locator("article")).to_have_count(60)
    other.page.reload()
    expect(other.page.locator("article").last).to_be_in_viewport(ratio=1)
    other.page.go_back()
    expect(other.row(one.name)).to_be_visible()
    other.open(one.name)
    last = other.page.locator("article").last
    expect(last).to_be_in_viewport(ratio=1)
    other.composer.fill("several\nlines\nof\ntext")
    expect(last).to_be_in_viewport(ratio=1)
    other.page.set_viewport_size({"width": 400, "height": 500})
    expect(last).to_be_in_viewport(ratio=1)
    expect(other.page.locator(".jump")).to_have_count(0)


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
def test_the_page_itself_never_scrolls(company: Company, options: dict[str, Any]) -> None:
    one, other = company.pair(**options)
    fill(one, 1, 20)
    fill(other, 21, 40)
    one.page.reload()
    last = one.page.locator("article").last
    expect(last).to_be_in_viewport(ratio=1)
    assert one.page.evaluate("document.documentElement.scrollHeight - innerHeight") == 0
    one.page.evaluate("scrollTo(0, 10000)")
    assert one.page.evaluate("scrollY") == 0
    expect(last).to_be_in_viewport(ratio=1)
    one.page.go_back()
    expect(one.row(other.name)).to_be_visible()
    assert one.page.evaluate("document.documentElement.scrollHeight - innerHeight") == 0
    one.open(other.name)
    expect(last).to_be_in_viewport(ratio=1)


def test_who_reads_further_up_is_not_disturbed(company: Company) -> None:
    one, other = company.pair()
    fill(one, 1, 60)
    expect(other.page.locator("article")).to_have_count(60)
    log = other.page.locator("parlour-timeline")
    log.evaluate("log => log.scrollTo(0, 300)")
    expect(other.page.get_by_role("button", name="To the latest")).to_be_visible()
    place = log.evaluate("log => log.scrollTop")
    one.say("while you read")
    expect(other.page.get_by_role("button", name="1 new")).to_be_visible()
    assert log.evaluate("log => log.scrollTop") == place
    other.page.get_by_role("button", name="1 new").click()
    expect(other.message("while you read")).to_be_in_viewport()
    expect(other.page.locator(".jump")).to_have_count(0)
    one.say("and you are there")
    expect(other.message("and you are there")).to_be_in_viewport()


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
def test_the_way_to_the_latest_message_covers_nothing_that_one_could_press(
    company: Company, options: dict[str, Any]
) -> None:
    one, other, wire = wired(company, **options)
    fill(other, 1, 30)
    expect(one.page.locator("article")).to_have_count(30)
    refusing(wire, "malformed")
    for text in ("refused", *map(str, range(12))):
        one.say(text)
    expect(one.message("refused")).to_contain_text("Not sent.")
    covered = one.page.evaluate(COVERED)
    assert covered["seen"] > 5, "the buttons were in sight while the way to the latest message was"
    assert covered["by"] == []
    one.page.get_by_role("button", name="To the latest").click()
    expect(one.message("11")).to_be_in_viewport(ratio=1)
    expect(one.page.locator(".jump")).to_have_count(0)


def test_new_messages_are_announced_politely_and_history_is_not(company: Company) -> None:
    one, other = company.pair()
    polite = other.page.locator("parlour-announcer [role=status]")
    one.say("read this to me")
    expect(polite).to_have_text(f"{one.name}: read this to me")
    expect(other.page.get_by_role("log")).to_have_attribute("aria-live", "off")
    fill(one, 1, 20)
    expect(polite).to_have_text(re.compile(r"^\d+ new messages$"))


def test_nothing_loses_the_keyboard_or_its_place_while_events_come_in(company: Company) -> None:
    one, other = company.pair()
    third = company.person("third")
    third.invite(one.name)
    one.answer("Accept")
    expect(one.heading(third.name)).to_be_visible()
    one.row(other.name).focus()
    rows = one.page.locator("button.row").element_handles()
    fields = one.page.locator("#find, #message, parlour-header, parlour-timeline").element_handles()
    third.page.get_by_role("button", name=one.name).click()
    for i in range(5):
        other.say(f"from the other {i}")
        third.say(f"from the third {i}")
    expect(one.message("from the third 4")).to_be_visible()
    expect(one.row(other.name)).to_contain_text("from the other 4")
    expect(one.row(other.name)).to_be_focused()
    assert all(handle.evaluate("one => one.isConnected") for handle in [*rows, *fields])
    one.composer.focus()
    one.composer.press_sequentially("typing")
    other.say("and on")
    expect(one.row(other.name)).to_contain_text("and on")
    expect(one.composer).to_be_focused()
    expect(one.composer).to_have_value("typing")
    names = one.page.locator("button.row .row-name").all_text_contents()
    assert names == [other.name, third.name], "the most recently active stands first"


def test_a_draft_outlasts_the_closing_of_its_conversation(company: Company) -> None:
    one, other = company.pair()
    one.composer.fill("not sent yet")
    other.page.get_by_role("button", name="Conversation settings").click()
    other.page.get_by_role("button", name="Close conversation").click()
    other.page.get_by_role("alertdialog").get_by_role("button", name="Close conversation").click()
    expect(one.composer).to_have_count(0)
    other.page.get_by_role("button", name=f"Invite again: {one.name}").click()
    one.answer("Accept")
    expect(one.composer).to_have_value("not sent yet")


def test_the_longest_name_leaves_room_on_a_phone(company: Company) -> None:
    one, other = company.person("one", **PHONE), company.stranger("other")
    other.name = "W" * 28 + other.name[-4:]
    other.register()
    other.log_in()
    meet(one, other)
    for name in ("Send", "Conversation settings", "Back to the list"):
        expect(one.page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)


def test_only_messages_are_counted_as_messages(company: Company) -> None:
    one, other = company.pair()
    told = one.page.get_by_role("status")
    other.page.get_by_role("button", name="Conversation settings").click()
    other.page.get_by_role("button", name="Close conversation").click()
    other.page.get_by_role("alertdialog").get_by_role("button", name="Close conversation").click()
    expect(told.filter(has_text="This conversation is closed.")).to_have_count(1)
    expect(told.filter(has_text="new message")).to_have_count(0)
