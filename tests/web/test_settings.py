"""The account and its settings: password, devices, privacy, deletion, and what counts in one conversation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.looks import SIZES, fits, fits_in_every_look, small_targets
from tests.web.pages import PASSWORD, PHONE, Company, Visitor, meet
from tests.web.pages import house as housed
from tests.web.wire import wired

pytestmark = pytest.mark.full
NEW = "four other plain words"
PHONE_AGENT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1"
)
LIMITS = "This password is too short: at least 8 characters."
GONE = "This login has ended. Log in again."


def settings(visitor: Visitor, page: Page | None = None) -> Page:
    """The settings, opened by their button, once the devices are known."""
    page = page or visitor.page
    page.get_by_role("button", name=re.compile("Settings$")).click()
    expect(page.get_by_role("heading", name="Settings", level=1)).to_be_focused()
    expect(page.get_by_text("This device")).to_be_visible()
    return page


def part(page: Page, name: str) -> Locator:
    """A part of the settings."""
    return page.get_by_role("region", name=name, exact=True)


def change(page: Page, old: str, new: str) -> None:
    page.get_by_label("Current password").fill(old)
    page.get_by_label("New password").fill(new)
    page.get_by_role("button", name="Change password").click()


def switch(page: Page | Locator, name: str) -> Locator:
    return page.get_by_role("switch", name=name)


def logged_out(visitor: Visitor, words: str = GONE) -> None:
    expect(visitor.page).to_have_url(f"{visitor.base}/login")
    expect(visitor.page.get_by_role("status")).to_have_text(words)


def test_on_a_phone_one_scrolls_through_the_settings(company: Company) -> None:
    one = company.person(**PHONE)
    page = settings(one)
    box = page.locator(".settings").bounding_box()
    assert box
    assert box["y"] + box["height"] == 740
    last = page.get_by_role("heading", name="Delete my account")
    expect(last).not_to_be_in_viewport()
    page.get_by_role("heading", name="Settings", level=1).focus()
    page.keyboard.press("End")
    expect(last).to_be_in_viewport()


# ------------------------------------------------------------------------------------------------------------- password


def test_a_new_password_ends_all_other_logins_and_keeps_this_one(company: Company) -> None:
    one = company.person()
    second = company.again(one, user_agent=PHONE_AGENT)
    page = settings(one)
    devices = part(page, "Devices").get_by_role("listitem")
    expect(devices).to_have_count(2)
    change(page, PASSWORD, NEW)
    confirmed = "Your password is changed. All your other devices are logged out."
    expect(part(page, "Account").get_by_role("status")).to_have_text(confirmed)
    for label in ("Current password", "New password"):
        expect(page.get_by_label(label)).to_have_value("")
    logged_out(second)
    expect(devices).to_have_count(1)
    page.reload()
    expect(page.get_by_text("This device")).to_be_visible()
    second.page.get_by_label("Username").fill(one.name)
    second.page.get_by_label("Password", exact=True).fill(PASSWORD)
    second.page.get_by_role("button", name="Log in").click()
    expect(second.page.get_by_text("This password does not match.")).to_be_visible()
    second.page.get_by_label("Password", exact=True).fill(NEW)
    second.page.get_by_role("button", name="Log in").click()
    expect(second.search).to_be_visible()


@pytest.mark.parametrize(
    ("old", "new", "label", "words"),
    [
        ("", NEW, "Current password", "Type your current password."),
        (PASSWORD, "", "New password", "Type a new password."),
        ("not this one", NEW, "Current password", "This password does not match."),
        (PASSWORD, "short", "New password", LIMITS),
        (PASSWORD, "x" * 129, "New password", "This password is too long: at most 128 characters."),
        (PASSWORD, "password123", "New password", "This password is too easy to guess"),
    ],
)
def test_a_refused_password_is_told_in_words_beside_its_field(
    company: Company, old: str, new: str, label: str, words: str
) -> None:
    page = settings(company.person())
    change(page, old, new)
    field = page.get_by_label(label)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile(f"^{words}"))
    expect(page.get_by_text("Your password is changed.")).to_have_count(0)


def test_too_many_tries_are_told_as_a_time(browser: Browser, tmp_path: Path) -> None:
    with housed(tmp_path, PARLOUR_LIMITS="on", PARLOUR_LOGIN_ACCOUNT_EACH_MINUTE="2") as house:
        page = settings(Company(browser, house.base).person())
        told = part(page, "Account").get_by_role("alert")
        for _ in range(4):
            with page.expect_response("**/api/password"):
                change(page, "not this one", NEW)
        expect(told).to_have_text(re.compile(r"Too many tries\. You can try again in \d+ seconds\."))
        page.context.close()


def test_password_managers_find_the_fields_and_one_may_look_at_what_one_typed(company: Company) -> None:
    one = company.person()
    page = settings(one)
    tokens = "all => all.map(one => [one.autocomplete, one.value])"
    fields = page.eval_on_selector_all("parlour-password input", tokens)
    assert fields == [["username", one.name], ["current-password", ""], ["new-password", ""]]
    show = part(page, "Account").get_by_role("button", name="Show password")
    show.click()
    expect(show).to_have_attribute("aria-pressed", "true")
    for label in ("Current password", "New password"):
        expect(page.get_by_label(label)).to_have_attribute("type", "text")


# -------------------------------------------------------------------------------------------------------------- devices


def test_one_logs_out_everywhere_at_once(company: Company) -> None:
    one = company.person()
    phone = company.again(one, user_agent=PHONE_AGENT)
    part(settings(one), "Devices").get_by_role("button", name="Log out everywhere").click()
    logged_out(phone)
    expect(one.page).to_have_url(f"{one.base}/login")


def test_another_device_is_logged_out_by_name_and_all_others_at_once(company: Company) -> None:
    one = company.person()
    phone = company.again(one, user_agent=PHONE_AGENT)
    program = company.again(one, user_agent="curl/8.5.0")
    page = settings(one)
    devices = part(page, "Devices")
    expect(devices.get_by_role("listitem")).to_have_count(3)
    expect(devices.get_by_role("listitem").first).to_contain_text(re.compile(r"Chrome on .*This device", re.DOTALL))
    devices.get_by_role("button", name="Log out Safari on an iPhone").click()
    logged_out(phone)
    expect(devices.get_by_role("status")).to_have_text("Logged out: Safari on an iPhone.")
    expect(devices.get_by_role("heading")).to_be_focused()
    expect(devices.get_by_text("A program (curl)")).to_be_visible()
    devices.get_by_role("button", name="Log out all others").click()
    logged_out(program)
    expect(devices.get_by_role("listitem")).to_have_count(1)
    expect(devices.get_by_role("status")).to_have_text("All your other devices are logged out.")
    expect(devices.get_by_role("button")).to_have_count(0)


def test_when_a_device_was_used_is_told_as_exactly_as_the_server_knows_it(company: Company) -> None:
    one = company.person()
    company.again(one, user_agent=PHONE_AGENT)
    items = part(settings(one), "Devices").get_by_role("listitem")
    expect(items.first).to_contain_text(re.compile(r"Last used: now.*This device", re.DOTALL))
    expect(items.last).to_contain_text("Last used: within the last hour")

    def earlier(route: Any) -> None:
        answer = route.fetch()
        logins = answer.json()
        for login in logins["Logins"]:
            login["UsedAt"] = "2026-03-04T09:30:00.000Z"
        route.fulfill(response=answer, json=logins)

    one.page.route("**/api/logins", earlier)
    one.page.evaluate("dispatchEvent(new Event('focus'))")
    expect(items.last).to_contain_text(re.compile(r"Last used: 4 March, \d\d:30–\d\d:30"))
    expect(items.first).to_contain_text("Last used: now")


def test_the_list_of_devices_is_fresh_when_one_comes_back_to_it(company: Company) -> None:
    one = company.person()
    page = settings(one)
    devices = part(page, "Devices")
    expect(devices).to_contain_text("You are logged in nowhere else.")
    second = company.again(one)
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(devices.get_by_role("listitem")).to_have_count(2)
    second.page.get_by_role("button", name="Log out").click()
    logged_out(second, "You are logged out.")
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(devices.get_by_role("listitem")).to_have_count(1)


# -------------------------------------------------------------------------------------------------------------- privacy


def test_all_tabs_and_devices_agree_on_what_was_chosen(company: Company) -> None:
    one = company.person()
    tab = one.look()
    tab.goto("/settings")
    second = company.again(one)
    pages = [settings(one), tab, settings(second)]
    page = pages[0]
    for name, before in (("online", True), ("receipts", False), ("typing", False)):
        for each in pages:
            expect(switch(each, name)).to_be_checked(checked=before)
    for name in ("online", "receipts"):
        switch(page, name).click()
    switch(tab, "typing").press("Space")
    page.get_by_role("radio", name="Nobody").check()
    for each in pages:
        expect(switch(each, "online")).not_to_be_checked()
        expect(switch(each, "receipts")).to_be_checked()
        expect(switch(each, "typing")).to_be_checked()
        expect(each.get_by_role("radio", name="Nobody")).to_be_checked()
    page.reload()
    expect(switch(page, "online")).not_to_be_checked()
    expect(page.get_by_role("radio", name="Nobody")).to_be_checked()


def test_who_hides_is_offline_and_whom_nobody_may_invite_is_not_disturbed(company: Company) -> None:
    one, other = company.pair()
    expect(other.row(one.name)).to_contain_text("Online")
    page = settings(one)
    switch(page, "online").click()
    expect(other.row(one.name)).to_contain_text("Offline")
    switch(page, "online").click()
    expect(other.row(one.name)).to_contain_text("Online")
    page.get_by_role("radio", name="Nobody").check()
    third = company.person("third")
    third.invite(one.name)
    expect(third.page.locator("#found")).to_contain_text("Invitation sent.")
    fourth = company.person("fourth")
    page.get_by_role("radio", name="Everyone").check()
    fourth.invite(one.name)
    expect(one.dialog).to_have_accessible_name(f"{fourth.name} wants to chat")
    expect(page.get_by_text(third.name)).to_have_count(0)


def test_a_switch_moves_at_once_and_comes_back_with_a_sentence(company: Company) -> None:
    one, other, wire = wired(company)
    page = settings(one)
    wire.up = lambda frame: None if frame["type"] == "Settings" else frame
    receipts = switch(page, "receipts")
    receipts.click()
    expect(receipts).to_be_checked()
    wire.cut()
    expect(receipts).not_to_be_checked()
    expect(receipts).to_have_accessible_description(
        re.compile(r"^The connection was lost\. Try again when it is back\.")
    )
    expect(one.row(other.name)).to_contain_text("Online")
    page.get_by_role("radio", name="Nobody").click()
    expect(page.get_by_role("radio", name="Nobody")).to_be_checked()
    wire.cut()
    expect(page.get_by_role("radio", name="Everyone")).to_be_checked()
    expect(part(page, "Privacy").get_by_text("The connection was lost.")).to_have_count(2)
    wire.up = lambda frame: frame
    expect(one.row(other.name)).to_contain_text("Online")
    receipts.click()
    expect(receipts).to_be_checked()
    expect(receipts).not_to_have_accessible_description(re.compile("lost"))


# ----------------------------------------------------------------------------------------------------- one conversation


def test_what_is_chosen_for_one_conversation_counts_there_alone(company: Company) -> None:
    one, other = company.pair()
    third = company.person("third")
    meet(one, third)
    page = one.page
    button = page.get_by_role("button", name="Conversation settings")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Conversation settings")
    expect(dialog.get_by_role("heading")).to_be_focused()
    switch(page, "online").press("Space")
    switch(page, "receipts").click()
    expect(other.row(one.name)).to_contain_text("Online")
    expect(third.row(one.name)).to_contain_text("Offline")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    one.open(other.name)
    button.click()
    expect(switch(page, "online")).to_be_checked()
    expect(switch(page, "receipts")).not_to_be_checked()
    dialog.get_by_role("button", name="Close the settings").click()
    settings(one)
    expect(switch(page, "online")).to_be_checked()
    expect(switch(page, "receipts")).not_to_be_checked()
    switch(page, "online").click()
    expect(other.row(one.name)).to_contain_text("Offline")
    one.open(third.name)
    page.reload()
    button.click()
    expect(switch(page, "online")).not_to_be_checked()
    expect(switch(page, "receipts")).to_be_checked()


# ------------------------------------------------------------------------------------------------------------- deletion


def test_who_deletes_the_account_is_gone_and_the_other_side_keeps_what_was_said(company: Company) -> None:
    one, other = company.pair()
    second = company.again(one)
    one.say("what I said")
    expect(other.message("what I said")).to_be_visible()
    other.composer.focus()
    page = settings(one)
    deletion = part(page, "Delete my account")
    password = deletion.get_by_label("Your password")
    expect(password).to_be_hidden()
    page.get_by_text("Delete my account", exact=True).click()
    expect(deletion).to_contain_text("This cannot be undone.")
    delete = deletion.get_by_role("button", name="Delete my account for good")
    for typed, words in (("", "Type your password."), ("not this one", "This password does not match.")):
        password.fill(typed)
        delete.click()
        expect(password).to_be_focused()
        expect(password).to_have_accessible_description(words)
    password.fill(PASSWORD)
    delete.click()
    logged_out(one, "Your account is deleted.")
    logged_out(second)
    expect(other.heading("Deleted account")).to_be_focused()
    expect(other.page.locator("header")).to_contain_text("This conversation is closed.")
    for _ in range(2):
        expect(other.composer).to_have_count(0)
        expect(other.message("what I said")).to_have_accessible_name(re.compile("^Deleted account, "))
        tiles = [
            part.locator(".tile").inner_html() for part in (other.message("what I said"), other.page.locator("header"))
        ]
        assert tiles[0] == tiles[1]
        expect(other.page.get_by_text(one.name)).to_have_count(0)
        other.page.get_by_role("button", name="Conversation settings").click()
        expect(other.dialog.get_by_role("button")).to_have_text(["", "Hide conversation"])
        other.page.keyboard.press("Escape")
        expect(other.row("Deleted account")).to_contain_text("Closed")
        expect(other.row("Deleted account")).not_to_contain_text("line")
        other.page.reload()
    one.page.get_by_role("link", name="Register").click()
    one.page.get_by_label("Username").fill(one.name)
    one.page.get_by_label("Password", exact=True).fill(PASSWORD)
    one.page.get_by_role("button", name="Register").click()
    expect(one.page.get_by_text("This name is taken. Choose another one.")).to_be_visible()


# ----------------------------------------------------------------------------------------------------------- the screen


def test_back_returns_to_the_conversation_and_the_keyboard_with_it(company: Company) -> None:
    one, other = company.pair()
    page = settings(one)
    expect(page).to_have_title("Settings · Parlour")
    page.reload()
    expect(page.get_by_role("heading", name="Settings", level=1)).to_be_focused()
    page.go_back()
    expect(one.heading(other.name)).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Settings$")).first).to_be_focused()
    settings(one).get_by_role("button", name="Back", exact=True).click()
    expect(one.heading(other.name)).to_be_visible()
    settings(one)
    visited = []
    for key in ("F6", "F6"):
        page.keyboard.press(key)
        visited.append(one.focus())
    assert visited == ["find", "Settings"]
    one.open(other.name)
    expect(page).to_have_url(f"{one.base}/")


def test_on_a_phone_the_settings_are_a_pane_of_their_own(company: Company) -> None:
    one = company.person(**PHONE)
    page = one.page
    page.get_by_role("button", name=re.compile("Settings$")).tap()
    expect(page.get_by_role("heading", name="Settings", level=1)).to_be_focused()
    expect(one.search).to_be_hidden()
    expect(page.get_by_text("This device")).to_be_visible()
    assert small_targets(one) == []
    page.get_by_role("button", name="Back", exact=True).tap()
    expect(one.search).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Settings$"))).to_be_focused()


def test_whoever_is_not_logged_in_is_led_to_the_login_page(company: Company) -> None:
    page = company.stranger().page
    page.goto("/settings")
    expect(page).to_have_url(re.compile("/login$"))


@pytest.mark.parametrize("size", SIZES)
def test_the_settings_are_accessible(company: Company, size: str) -> None:
    one = company.person("mirela", **SIZES[size])
    other = company.person("noor")
    company.again(one, user_agent=PHONE_AGENT)
    meet(other, one)
    one.say("before the end")
    one.page.get_by_role("button", name="Conversation settings").click()
    expect(switch(one.page, "online")).to_be_visible()
    fits_in_every_look(one, size)
    one.page.get_by_role("dialog").get_by_role("button", name="Close the settings").click()
    one.page.goto("/settings")
    expect(one.page.get_by_role("button", name="Log out Safari")).to_be_visible()
    one.page.get_by_text("Delete my account", exact=True).click()
    change(one.page, "not this one", NEW)
    expect(one.page.get_by_label("Current password")).to_be_focused()
    fits_in_every_look(one, size)
    other.post("/api/deleteaccount", Password=PASSWORD)
    one.page.go_back()
    expect(one.heading("Deleted account")).to_be_visible()
    fits_in_every_look(one, size)


def test_nothing_is_lost_from_right_to_left(company: Company) -> None:
    one, _ = company.pair(**PHONE)
    one.page.evaluate("document.documentElement.dir = 'rtl'")
    one.page.get_by_role("button", name="Conversation settings").click()
    fits(one)
    one.page.keyboard.press("Escape")
    one.page.get_by_role("button", name="Back to the list").click()
    page = settings(one)
    fits(one)
    label, box = page.get_by_text("Show when I am online").bounding_box(), switch(page, "online").bounding_box()
    assert label
    assert box
    assert box["x"] < label["x"], "the switch stands at the end of its line"
