"""The keyboard's ways: the sheet that tells of them, from unread to unread, out of the search, to the latest."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.looks import SIZES, fits_in_every_look
from tests.web.pages import ARRIVED, Company, Visitor, meet

pytestmark = pytest.mark.full


@pytest.mark.parametrize("size", SIZES)
def test_the_sheet_tells_of_every_shortcut(company: Company, size: str) -> None:
    one, _ = company.pair(**SIZES[size])
    one.composer.fill("what?")
    one.page.keyboard.press("?")
    expect(one.composer).to_have_value("what??")
    one.page.keyboard.press("Control+/")
    sheet = one.page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet.get_by_role("heading", level=2)).to_be_focused()
    told = [" ".join(line.split()) for line in sheet.locator("dl > div").all_inner_texts()]
    assert "Find a conversation, or invite somebody Ctrl K" in told
    assert "Next or previous unread conversation Alt Shift ↓ Alt Shift ↑" in told
    assert {"Bold **text**", "Quote > text", "On the server"} <= set(told), "what one can write, and the signs"
    meaning = sheet.locator("dl > div").filter(has=one.page.get_by_text("On the server", exact=True))
    expect(meaning.get_by_role("img", name="stored", exact=True)).to_be_visible()
    fits_in_every_look(one, size)
    one.page.keyboard.press("Control+k")
    expect(sheet).to_be_visible()
    one.page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(one.composer).to_be_focused()
    one.page.get_by_role("log").focus()
    one.page.keyboard.press("?")
    expect(sheet).to_be_visible()
    sheet.get_by_role("button", name="Close").click()
    expect(sheet).to_have_count(0)


def test_from_unread_to_unread(company: Company) -> None:
    one = company.person("one")
    others = [company.person(name) for name in ("first", "second", "third", "fourth")]
    for other in others:
        meet(one, other)
    first, second, third, fourth = others
    for speaker in (third, first):
        speaker.say("news")
        expect(one.row(speaker.name)).to_contain_text("1 unread")
    one.page.keyboard.press("Alt+Shift+ArrowUp")
    expect(one.heading(third.name)).to_be_visible()
    expect(one.row(third.name)).not_to_contain_text("unread")
    one.page.keyboard.press("Alt+Shift+ArrowUp")
    expect(one.heading(first.name)).to_be_visible()
    expect(one.row(first.name)).not_to_contain_text("unread")
    one.page.keyboard.press("Alt+Shift+ArrowDown")
    expect(one.heading(first.name)).to_be_visible()
    one.page.keyboard.press("Alt+ArrowDown")
    expect(one.heading(third.name)).to_be_visible()
    one.page.keyboard.press("Alt+ArrowDown")
    expect(one.heading(fourth.name)).to_be_visible()
    assert second.heading(one.name).is_visible()


def test_escape_leaves_the_search_and_goes_to_the_latest_message(company: Company) -> None:
    one, _ = company.pair()
    for number in range(3):
        one.say("line\n" * 14 + str(number))
        expect(one.page.locator("article").nth(number)).to_have_accessible_name(ARRIVED)
    one.search.fill("nobody")
    one.page.keyboard.press("Escape")
    expect(one.search).to_have_value("")
    expect(one.search).to_be_focused()
    one.page.get_by_role("log").focus()
    one.page.keyboard.press("Home")
    jump = one.page.get_by_role("button", name="To the latest")
    expect(jump).to_be_visible()
    one.page.keyboard.press("Escape")
    expect(jump).to_have_count(0)
    expect(one.composer).to_be_focused()


def test_up_to_what_is_new(company: Company) -> None:
    one, other = company.pair()
    for number in range(12):
        other.say(f"line {number}\n" * 12)
    expect(one.page.locator("article")).to_have_count(12)
    meet(one, company.person("third"))
    for number in range(12, 24):
        other.say(f"line {number}\n" * 12)
    expect(one.row(other.name)).to_contain_text("12 unread")
    one.open(other.name)
    one.page.get_by_role("log").focus()
    one.page.keyboard.press("End")
    expect(one.page.get_by_role("button", name="To the first of 12 new messages")).to_be_visible()
    one.page.keyboard.press("Shift+PageUp")
    expect(one.page.get_by_role("heading", name="12 new messages")).to_be_in_viewport()


def waiting(visitor: Visitor) -> None:
    expect(visitor.page.get_by_role("main")).to_contain_text("Somebody waits for your answer")


def test_who_is_waited_for_is_told_where_to_look(company: Company) -> None:
    one, other = company.person("one"), company.person("other")
    expect(one.page.get_by_role("main")).to_contain_text("Somebody to talk to")
    expect(one.page.get_by_role("main")).not_to_contain_text("waits for your answer")
    other.invite(one.name)
    waiting(one)
    one.answer("Decide later")
    waiting(one)
