"""The search field and the pop-up: nobody is taken by surprise, neither by a click nor by a key."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.web.pages import PHONE, Company, Visitor, fresh, meet, violations
from tests.web.test_messages import fill

pytestmark = pytest.mark.full

HURRY = """
window.hurried = [];
window.waits = [];
const wait = window.setTimeout;
window.setTimeout = (what, milliseconds, ...more) => {
  window.waits.push(milliseconds);
  return wait(what, milliseconds, ...more);
};
new MutationObserver(() => {
  const dialog = document.querySelector('.ask');
  if (!dialog || dialog.dataset.seen) return;
  dialog.dataset.seen = 'yes';
  const accept = [...dialog.querySelectorAll('button')].find((button) => button.textContent === 'Accept');
  window.hurried.push({ inert: accept.getAttribute('aria-disabled'), focus: dialog.contains(document.activeElement) });
  accept.click();
  new MutationObserver((_, observer) => {
    if (accept.getAttribute('aria-disabled') !== 'false') return;
    window.ready = true;
    observer.disconnect();
  }).observe(accept, { attributes: true });
}).observe(document, { childList: true, subtree: true });
"""


ONES = "Conversation settings"
ON_TOP = """(one) => {
  const { x, y, width, height } = one.getBoundingClientRect();
  return one.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}"""


def asked(company: Company, other: Visitor) -> Visitor:
    """Somebody who has just asked."""
    asker = company.person("asker")
    asker.invite(other.name)
    expect(asker.page.locator("#found")).to_contain_text("Invitation sent.")
    return asker


def test_the_answers_beside_the_field(company: Company) -> None:
    one = company.person("one")
    found = one.page.locator("#found")
    nobody = fresh("nobody")
    one.invite(nobody)
    expect(found).to_have_text(f"There is nobody called {nobody}.")
    expect(one.search).to_have_value(nobody)
    one.invite(one.name.upper())
    expect(found).to_have_text("That is your own name.")
    one.invite("   ")
    expect(found).to_have_text("Type the exact name of the person to invite.")
    assert violations(one.page) == []


def test_inviting_somebody_one_talks_to_opens_the_conversation(company: Company) -> None:
    one, other = company.pair()
    one.page.go_back()
    expect(one.heading(other.name)).to_have_count(0)
    one.invite(f"@{other.name}")
    expect(one.heading(other.name)).to_be_visible()
    expect(one.search).to_have_value("")
    expect(one.page.locator(".row")).to_have_count(1)


def test_typing_filters_and_asks_nothing(company: Company) -> None:
    one, other = company.pair()
    sent: list[str] = []
    one.page.on("request", lambda request: sent.append(request.url))
    one.search.fill(other.name[:3].upper())
    expect(one.row(other.name)).to_be_visible()
    one.search.fill("zzz")
    expect(one.row(other.name)).to_have_count(0)
    expect(one.page.get_by_text("None of your conversations is called “zzz”")).to_be_visible()
    one.search.fill("")
    expect(one.row(other.name)).to_be_visible()
    assert sent == []


def test_enter_goes_to_the_conversation_that_is_found_and_asks_no_stranger(company: Company) -> None:
    one, stranger = company.person("one"), company.person("bo")
    friend = company.stranger(f"{stranger.name}bby")
    friend.register()
    meet(one, friend.log_in())
    one.page.keyboard.press("Control+k")
    one.page.keyboard.type(stranger.name)
    one.page.keyboard.press("ArrowDown")
    expect(one.row(friend.name)).to_be_focused()
    one.page.keyboard.press("Shift+Tab")
    one.search.press("Enter")
    expect(one.heading(friend.name)).to_be_visible()
    expect(one.composer).to_be_focused()
    expect(one.search).to_have_value("")
    assert one.page.locator("#found").inner_text() == ""
    one.invite(stranger.name)
    expect(stranger.dialog).to_have_accessible_name(f"{one.name} wants to chat")


def test_the_pop_up_takes_no_focus_and_is_inert_at_first(company: Company) -> None:
    busy = company.stranger("busy")
    busy.page.add_init_script(HURRY)
    busy.register()
    busy.log_in()
    busy.search.press_sequentially("typing")
    asker = asked(company, busy)
    expect(busy.dialog).to_be_visible()
    busy.page.wait_for_function("() => window.ready")
    assert busy.page.evaluate("window.hurried") == [{"inert": "true", "focus": False}]
    assert 600 in busy.page.evaluate("window.waits")
    expect(busy.search).to_be_focused()
    expect(busy.dialog).to_have_accessible_name(f"{asker.name} wants to chat")
    busy.page.keyboard.press("Enter")
    expect(busy.page.locator("#found")).not_to_be_empty()
    expect(busy.dialog).to_be_visible()
    busy.answer("Accept")
    expect(busy.heading(asker.name)).to_be_visible()


def test_it_is_not_modal_and_its_buttons_are_of_equal_size(company: Company) -> None:
    busy = company.person("busy")
    asked(company, busy)
    expect(busy.dialog).to_be_visible()
    expect(busy.dialog).not_to_have_attribute("aria-modal", "true")
    accept, reject = (busy.dialog.get_by_role("button", name=name, exact=True) for name in ("Accept", "Reject"))
    a, r = accept.bounding_box(), reject.bounding_box()
    assert a
    assert r
    assert (a["width"], a["height"]) == (r["width"], r["height"])
    assert a["height"] >= 44
    busy.search.fill("still possible")
    expect(busy.search).to_have_value("still possible")


def test_a_key_that_is_held_does_not_answer(company: Company) -> None:
    busy = company.person("busy")
    asked(company, busy)
    expect(busy.dialog.get_by_role("button", name="Accept")).to_be_enabled()
    busy.search.focus()
    busy.page.keyboard.down("Enter")
    busy.page.keyboard.press("F6")
    assert busy.focus() == "Reject"
    busy.page.keyboard.down("Enter")
    busy.page.keyboard.down("Enter")
    expect(busy.page.locator("#found")).not_to_be_empty()
    expect(busy.dialog).to_be_visible()
    busy.page.keyboard.up("Enter")
    busy.page.keyboard.press("Tab")
    assert busy.focus() == "Accept"
    busy.page.keyboard.press("Space")
    expect(busy.dialog).to_have_count(0)
    expect(busy.composer).to_be_focused()


def test_it_is_announced_once(company: Company) -> None:
    busy = company.person("busy")
    asker = asked(company, busy)
    urgent = busy.page.locator("parlour-announcer [role=alert]")
    expect(urgent).to_have_text(f"{asker.name} wants to chat. Press F6 to reach the question.")
    asked(company, busy)
    several = "2 people want to chat. Press F6 to reach the question."
    expect(urgent).to_have_text(several)
    busy.answer("Reject")
    expect(busy.dialog).to_have_accessible_name(re.compile("wants to chat$"))
    expect(urgent).to_have_text(several)


def test_several_are_one_pop_up_through_which_one_steps(company: Company) -> None:
    wanted = company.person("wanted")
    first, second, third = (asked(company, wanted) for _ in range(3))
    dialog = wanted.dialog
    expect(dialog).to_have_count(1)
    expect(dialog).to_have_accessible_name("3 people want to chat")
    question = dialog.get_by_role("heading", level=3)
    expect(question).to_have_text(f"{first.name} wants to chat")
    assert violations(wanted.page) == []
    dialog.get_by_role("button", name="Previous").click()
    expect(question).to_have_text(f"{third.name} wants to chat")
    expect(dialog).to_contain_text("3 of 3")
    for name in (first.name, second.name):
        dialog.get_by_role("button", name="Next").click()
        expect(question).to_have_text(f"{name} wants to chat")
    expect(dialog.get_by_role("button", name="Next")).to_be_focused()
    wanted.answer("Reject")
    expect(dialog).to_have_accessible_name("2 people want to chat")
    expect(question).to_have_text(f"{first.name} wants to chat")
    expect(question).to_be_focused()
    wanted.answer("Accept")
    expect(wanted.heading(first.name)).to_be_visible()
    expect(wanted.composer).to_be_focused()
    expect(dialog).to_have_accessible_name(f"{third.name} wants to chat")
    assert violations(wanted.page) == []


def test_deciding_later_keeps_it_in_the_list(company: Company) -> None:
    wanted = company.person("wanted")
    asker = asked(company, wanted)
    wanted.answer("Decide later")
    expect(wanted.dialog).to_have_count(0)
    expect(wanted.page.get_by_text("Waiting for your answer")).to_be_visible()
    wanted.row(asker.name).click()
    expect(wanted.dialog).to_be_visible()
    assert wanted.focus() == "Reject"
    wanted.answer("Accept")
    expect(wanted.heading(asker.name)).to_be_visible()
    expect(wanted.page.get_by_text("Waiting for your answer")).to_have_count(0)


@pytest.mark.parametrize("button", ["Accept", "Reject"])
def test_an_answer_counts_on_every_device(company: Company, button: str) -> None:
    here = company.person("wanted")
    there = company.again(here)
    asker = asked(company, here)
    expect(there.dialog).to_be_visible()
    there.search.focus()
    there.page.keyboard.press("F6")
    assert there.focus() == "Reject"
    here.answer(button)
    expect(there.dialog).to_have_count(0)
    expect(there.page.get_by_text("Waiting for your answer")).to_have_count(0)
    expect(there.search).to_be_focused()
    expect(there.page.get_by_role("navigation").locator("button.row")).to_have_count(1 if button == "Accept" else 0)
    expect(there.heading(asker.name)).to_have_count(0)


def test_who_is_busy_is_told_and_not_taken_away(company: Company) -> None:
    one, other = company.pair()
    third = company.person("third")
    one.composer.fill("half a sentence")
    one.invite(third.name)
    expect(one.page.locator("#found")).to_contain_text("Invitation sent.")
    third.answer("Accept")
    toast = one.page.locator(".toast")
    expect(toast).to_contain_text(f"{third.name} said yes.")
    assert violations(one.page) == []
    expect(one.heading(other.name)).to_be_visible()
    expect(one.composer).to_have_value("half a sentence")
    toast.get_by_role("button", name="Open the conversation").click()
    expect(one.heading(third.name)).to_be_visible()
    expect(toast).to_have_count(0)
    expect(one.composer).to_have_value("")
    one.open(other.name)
    expect(one.composer).to_have_value("half a sentence")


def test_on_a_phone_it_is_a_sheet_that_covers_no_field(company: Company) -> None:
    one, _ = company.pair(**PHONE)
    asked(company, one)
    sheet, field = one.dialog.bounding_box(), one.composer.bounding_box()
    assert sheet
    assert field
    assert sheet["x"] == 0
    assert sheet["width"] == 360
    assert sheet["y"] + sheet["height"] == 740
    assert field["y"] + field["height"] <= sheet["y"]
    assert violations(one.page) == []


def test_on_a_phone_nothing_lies_over_who_asks_and_one_is_where_one_was_afterwards(company: Company) -> None:
    one, _ = company.pair(**PHONE)
    fill(one, 1, 20)
    question = one.page.get_by_text("Tell each other when you have read a message, and when you type?")
    expect(question).to_be_visible()
    one.composer.fill("a draft\nof\nfour\nlines")
    for _ in range(2):
        company.person().invite(one.name, "A long note. " * 10)
    expect(one.dialog).to_have_accessible_name("2 people want to chat")
    expect(question).to_have_count(0)
    for height in (740, 420):
        one.page.set_viewport_size({"width": 360, "height": height})
        for role, name in (("heading", "wants to chat"), ("button", "Reject"), ("button", "Accept")):
            part = one.dialog.get_by_role(role, name=name).last  # type: ignore[arg-type]
            assert part.evaluate(ON_TOP), (height, name)
    one.page.set_viewport_size({"width": 360, "height": 740})
    for _ in range(2):
        one.answer("Reject")
        expect(one.page.locator("article").last).to_be_in_viewport(ratio=1)
        expect(one.page.get_by_role("button", name="To the latest")).to_have_count(0)
    expect(question).to_be_visible()
    expect(one.composer).to_have_value("a draft\nof\nfour\nlines")


def test_who_waits_stands_in_the_list_whatever_one_looks_for(company: Company) -> None:
    one = company.person()
    one.search.fill("somebody else")
    asker = asked(company, one)
    one.answer("Decide later")
    expect(one.row(asker.name)).to_be_visible()
    expect(one.search).to_have_value("somebody else")


def test_the_keyboard_does_not_fall_out_of_news_that_one_dismisses(company: Company) -> None:
    one, _ = company.pair()
    for _ in range(2):
        asked(company, one)
        one.answer("Reject")
    dismiss = one.page.get_by_role("button", name="Dismiss")
    expect(dismiss).to_have_count(2)
    dismiss.last.press("Enter")
    expect(dismiss).to_have_count(1)
    expect(dismiss).to_be_focused()
    one.page.keyboard.press("Enter")
    expect(dismiss).to_have_count(0)
    expect(one.composer).to_be_focused()


def test_the_pop_up_covers_nothing_that_one_works_with(company: Company) -> None:
    one, other = company.pair()
    asked(company, one)
    buttons = [one.page.get_by_role("button", name=name, exact=True) for name in ("Invite", "Send", ONES)]
    tools = [one.search, one.composer, one.page.get_by_role("heading", name=other.name), *buttons]
    for width, height in ((1280, 860), (1280, 600), (1280, 480), (900, 430), (720, 800)):
        one.page.set_viewport_size({"width": width, "height": height})
        expect(one.dialog).to_be_in_viewport()
        for tool in tools:
            assert tool.evaluate(ON_TOP), (width, height, tool)


@pytest.mark.parametrize("size", [(740, 360), (844, 390), (360, 400), (320, 480)])
def test_on_a_low_screen_the_answers_of_the_pop_up_are_in_sight(company: Company, size: tuple[int, int]) -> None:
    one = company.person(viewport={"width": size[0], "height": size[1]})
    for _ in range(2):
        company.person().invite(one.name)
    expect(one.dialog).to_have_accessible_name("2 people want to chat")
    for name in ("Reject", "Accept"):
        box = one.page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box
        assert 0 <= box["y"] < box["y"] + box["height"] <= size[1]
