"""By keyboard alone, in the dark, on a phone, at 400 %, with forced colours: the same chat; axe-core finds nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.looks import SIZES, fits_in_every_look, small_targets
from tests.web.pages import ARRIVED, PASSWORD, PHONE, Company

pytestmark = pytest.mark.full


@pytest.mark.parametrize("size", SIZES)
def test_every_screen_is_accessible(company: Company, size: str) -> None:
    one = company.stranger("mirela", **SIZES[size])
    for path in ("/register", "/login"):
        one.page.goto(path)
        expect(one.page.get_by_label("Username")).to_be_visible()
        fits_in_every_look(one, size)
    one.register()
    one.log_in()
    fits_in_every_look(one, size)
    other, third = company.person("noor"), company.person("sven")
    for asker in (other, third):
        asker.invite(one.name)
        expect(asker.page.locator("#found")).to_contain_text("Invitation sent.")
    expect(one.dialog).to_have_accessible_name("2 people want to chat")
    fits_in_every_look(one, size)
    one.answer("Accept")
    expect(one.dialog).to_have_accessible_name(f"{third.name} wants to chat")
    fits_in_every_look(one, size)
    one.answer("Reject")
    expect(one.dialog).to_have_count(0)
    one.say("With some words, so that the line is long enough to be broken on a narrow page.")
    expect(other.page.locator("article")).to_have_count(1)
    expect(other.heading(one.name)).to_be_visible()
    other.say("A text in reply, " * 12)
    expect(one.page.locator("article")).to_have_count(2)
    fits_in_every_look(one, size)
    if one.page.get_by_role("button", name="Back to the list").is_visible():
        one.page.get_by_role("button", name="Back to the list").click()
        expect(one.row(other.name)).to_be_visible()
        expect(one.composer).to_have_count(0)
        fits_in_every_look(one, size)


def test_everything_by_keyboard_alone(company: Company) -> None:
    one, other = company.stranger("one"), company.person("other")
    one.page.goto("/register")
    expect(one.page.get_by_label("Username")).to_be_focused()
    keys = one.page.keyboard
    keys.type(one.name)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(one.page).to_have_url(f"{one.base}/login")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(one.page.get_by_text("No conversations yet.")).to_be_visible()
    expect(one.page.get_by_role("region", name="Connection")).to_have_count(0)
    keys.press("Control+k")
    expect(one.search).to_be_focused()
    keys.type(other.name)
    keys.press("Enter")
    other.answer("Accept")
    expect(one.heading(other.name)).to_be_visible()
    expect(one.composer).to_be_focused()
    keys.type("without a mouse")
    keys.press("Enter")
    expect(other.message("without a mouse")).to_be_visible()

    third = company.person("third")
    third.invite(one.name)
    expect(one.dialog.get_by_role("button", name="Accept")).to_be_enabled()
    expect(one.composer).to_be_focused()
    keys.press("F6")
    assert one.focus() == "Reject"
    keys.press("Tab")
    keys.press("Enter")
    expect(one.heading(third.name)).to_be_visible()
    expect(one.composer).to_be_focused()
    keys.press("Alt+ArrowDown")
    expect(one.heading(other.name)).to_be_visible()
    keys.press("Alt+ArrowUp")
    expect(one.heading(third.name)).to_be_visible()
    keys.press("Alt+ArrowUp")
    expect(one.heading(third.name)).to_be_visible()


def test_f6_goes_round_the_sections(company: Company) -> None:
    one, other = company.pair()
    one.say("one message")
    expect(one.message("one message")).to_be_visible()
    one.page.get_by_role("button", name="No", exact=True).click()
    expect(one.page.get_by_role("button", name="No", exact=True)).to_have_count(0)
    one.composer.focus()
    visited = []
    for key in ("F6", "F6", "F6", "Shift+F6"):
        one.page.keyboard.press(key)
        visited.append(one.page.evaluate("document.activeElement.id || document.activeElement.localName"))
    assert visited == ["find", "parlour-timeline", "message", "parlour-timeline"]
    one.page.keyboard.press("ArrowUp")
    expect(one.message("one message")).to_be_focused()
    one.page.keyboard.press("Tab")
    expect(one.page.get_by_role("link", name="copy link")).to_be_focused()
    one.page.keyboard.press("Tab")
    expect(one.composer).to_be_focused()
    expect(one.page.get_by_role("log")).to_have_accessible_name(f"Conversation with {other.name}")


def test_the_arrows_walk_through_the_messages_inside_the_log_alone(company: Company) -> None:
    one, _ = company.pair()
    for text in ("a", "b", "c"):
        one.say(text)
        expect(one.message(text)).to_have_accessible_name(ARRIVED)
    one.page.get_by_role("log").focus()
    walked = []
    for key in ("ArrowUp", "ArrowUp", "ArrowDown", "Home", "End"):
        one.page.keyboard.press(key)
        walked.append(one.page.evaluate("document.activeElement.querySelector('.text').textContent"))
    assert walked == ["c", "b", "c", "a", "c"]
    assert one.page.locator("[role=log] [tabindex='0']").count() == 0, "one stop for the tabulator"
    expect(one.composer).to_have_value("")


def test_back_returns_from_the_conversation_to_the_list(company: Company) -> None:
    one, other = company.pair(**PHONE)
    expect(one.search).to_be_hidden()
    one.page.go_back()
    expect(one.search).to_be_visible()
    expect(one.row(other.name)).to_be_visible()
    one.row(other.name).tap()
    expect(one.heading(other.name)).to_be_visible()
    one.page.reload()
    expect(one.heading(other.name)).to_be_visible()
    one.page.get_by_role("button", name="Back to the list").tap()
    expect(one.search).to_be_visible()
    one.row(other.name).tap()
    one.page.keyboard.press("Control+k")
    expect(one.search).to_be_focused()


def test_presence_has_a_shape_and_a_word(company: Company) -> None:
    one, other = company.pair()
    row, dot = one.row(other.name), one.row(other.name).locator(".dot")
    expect(row).to_contain_text("Online")
    online = dot.evaluate("one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).boxShadow]")
    other.page.get_by_role("button", name="Log out").click()
    expect(row).to_contain_text("Offline")
    offline = dot.evaluate("one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).boxShadow]")
    assert online[1] == "none"
    assert "inset" in offline[1], "a ring, not a disc"


def test_nothing_moves_for_whoever_wants_no_motion(company: Company) -> None:
    one, _ = company.pair(reduced_motion="reduce")
    moving = one.page.evaluate("document.getAnimations().length")
    assert moving == 0


def test_targets_for_fingers_are_large_enough(company: Company) -> None:
    one, _ = company.pair(**PHONE)
    assert small_targets(one) == []
    one.page.go_back()
    expect(one.search).to_be_visible()
    assert small_targets(one) == []


def test_the_keyboard_never_falls_out_of_the_page(company: Company) -> None:
    one, other = company.person("one"), company.person("other", **PHONE)
    expect(one.search).to_be_focused()
    one.invite(other.name)
    other.answer("Accept")
    one.say("line\n" * 40)
    other.page.get_by_role("button", name="Show all of it").click()
    expect(other.page.locator("article")).to_be_focused()
    other.page.get_by_role("button", name="Back to the list").click()
    expect(other.row(one.name)).to_be_focused()
    one.say("news")
    expect(other.page).to_have_title("(1) Parlour")


def test_on_a_phone_the_keyboard_begins_at_the_heading(company: Company) -> None:
    one = company.person(**PHONE)
    expect(one.heading("Parlour")).to_be_focused()
