"""Everything that one can do, done by keyboard alone; and the page as a screen reader is told of it.

1. Nothing is clicked, nothing is focused by the test: one gets everywhere by Tab and the shortcuts.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.web.pages import Company, Visitor

pytestmark = pytest.mark.full
NAME = "document.activeElement.ariaLabel ?? document.activeElement.textContent.trim()"
FAR = 80
"""So many presses of Tab lead to any place of the page."""


def go(one: Visitor, name: str, key: str = "Tab") -> None:
    """Tab to what has this name."""
    for _ in range(FAR):
        one.page.keyboard.press(key)
        if re.search(name, one.page.evaluate(NAME)):
            return
    raise AssertionError(f"{name} is not reached by {key}")


def press(one: Visitor, name: str, key: str = "Tab") -> None:
    """Tab to a button, and press it."""
    go(one, name, key)
    one.page.keyboard.press("Enter")


def test_inviting_and_answering(company: Company) -> None:
    one, other = company.person("one"), company.person("other")
    keys = one.page.keyboard
    keys.type(other.name)
    press(one, "^Add a note$")
    keys.type("We met on Thursday.")
    keys.press("Enter")
    expect(one.row(other.name)).to_contain_text("Invitation sent.")
    expect(other.dialog.get_by_role("button", name="Reject", exact=True)).to_be_enabled()
    other.page.keyboard.press("F6")
    press(other, "^Reject and tell them$")
    expect(one.row(other.name)).to_contain_text("Said no.")
    press(one, "^Dismiss the line")
    expect(one.row(other.name)).to_have_count(0)

    third = company.person("third")
    keys.press("Control+k")
    keys.type(third.name)
    keys.press("Enter")
    expect(third.dialog).to_be_visible()
    press(one, "^Cancel the invitation")
    expect(third.dialog).to_have_count(0)
    expect(third.search).to_be_focused()


def test_leaving_and_coming_back(company: Company) -> None:
    one, other = company.pair()
    keys = one.page.keyboard
    expect(one.composer).to_be_focused()
    keys.type("before the end")
    keys.press("Enter")
    expect(other.message("before the end")).to_be_visible()
    press(one, "^Conversation settings$", "Shift+Tab")
    press(one, "^Close conversation$")
    press(one, "^Close conversation$")
    expect(one.page.get_by_role("main")).to_contain_text("This conversation is closed.")
    press(one, f"^Invite again: {other.name}$")
    expect(other.dialog.get_by_role("button", name="Accept")).to_be_enabled()
    other.page.keyboard.press("F6")
    press(other, "^Accept$")
    expect(one.composer).to_be_visible()
    press(one, "^Conversation settings$", "Shift+Tab")
    press(one, "^Block @")
    press(one, "^Block$")
    expect(one.page.get_by_role("main")).to_contain_text("This conversation is closed.")


def test_the_settings(company: Company) -> None:
    one = company.person("one")
    keys = one.page.keyboard
    press(one, "Settings$", "Shift+Tab")
    expect(one.page.get_by_role("heading", name="Settings", level=1)).to_be_focused()
    radios = one.page.get_by_role("radio")
    for _ in range(FAR):
        keys.press("Tab")
        if one.page.evaluate("document.activeElement.type") == "radio":
            break
    keys.press("ArrowDown")
    expect(radios.nth(1)).to_be_checked()
    press(one, "^Make a link$")
    expect(one.page.get_by_role("textbox", name=re.compile("[Ll]ink"))).to_have_value(re.compile("#link="))
    press(one, "^Keyboard shortcuts and signs$", "Shift+Tab")
    expect(one.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    keys.press("Escape")
    press(one, "^Back$", "Shift+Tab")
    expect(one.page.get_by_role("button", name=re.compile("Settings$"))).to_be_focused()
    press(one, "^Log out$")
    expect(one.page).to_have_url(f"{one.base}/login")


def test_what_a_screen_reader_is_told(company: Company) -> None:
    one, other = company.pair()
    other.say("Good morning!")
    expect(one.message("Good morning!")).to_be_visible()
    expect(one.page.locator("#page")).to_match_aria_snapshot(f"""
        - navigation "Conversations":
          - search:
            - searchbox "Find a conversation, or the exact name of somebody to invite"
            - button "Invite"
          - heading "Conversations" [level=2]
          - list:
            - listitem:
              - button /{other.name}.*Good morning!.*Online/
        - main:
          - heading "{other.name}" [level=1]
          - paragraph: Online
          - button "Conversation settings"
          - log "Conversation with {other.name}":
            - heading "Today" [level=2]
            - article /^{other.name}, /
          - textbox "Message to {other.name}"
          - button "Send"
    """)
