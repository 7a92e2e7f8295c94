"""Two people, two browsers: from registering to talking, and to a no that nobody hears."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.web.pages import PASSWORD, Company, Visitor, violations


def register(visitor: Visitor) -> None:
    """Register on the page, then log in on the page that comes."""
    page = visitor.page
    page.goto("/")
    expect(page).to_have_url(f"{visitor.base}/login")
    page.get_by_role("link", name="Register").click()
    expect(page).to_have_url(f"{visitor.base}/register")
    assert violations(page) == []
    page.get_by_label("Username").fill(visitor.name)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Register").click()
    expect(page).to_have_url(f"{visitor.base}/login")
    expect(page.get_by_role("status")).to_have_text(f"Your account {visitor.name} is made. Log in to begin.")
    expect(page.get_by_label("Username")).to_have_value(visitor.name)
    expect(page.get_by_role("textbox", name="Password")).to_be_focused()
    assert violations(page) == []
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(f"{visitor.base}/")
    expect(page.get_by_text("No conversations yet.")).to_be_visible()


def test_two_people_register_meet_and_talk(company: Company) -> None:
    mirela, noor = company.stranger("mirela"), company.stranger("noor")
    register(mirela)
    register(noor)
    assert violations(mirela.page) == []

    mirela.search.fill(noor.name)
    mirela.page.keyboard.press("Enter")
    expect(mirela.page.locator("#found")).to_have_text(
        re.compile(r"^Invitation sent\. You will hear back if they answer\. It lapses on \d{1,2} [A-Z][a-z]+\.$")
    )
    expect(mirela.row(noor.name)).to_contain_text("Invitation sent. It lapses on")
    expect(mirela.row(noor.name).locator(".dot")).to_have_count(0)
    assert violations(mirela.page) == []

    expect(noor.dialog).to_have_accessible_name(f"{mirela.name} wants to chat")
    expect(noor.dialog.locator(".dot")).to_have_count(0)
    assert violations(noor.page) == []
    noor.answer("Accept")
    expect(noor.heading(mirela.name)).to_be_visible()
    expect(noor.page).to_have_title(f"{mirela.name} · Parlour")
    expect(noor.composer).to_be_focused()
    expect(noor.dialog).to_have_count(0)
    expect(mirela.heading(noor.name)).to_be_visible()
    expect(mirela.row(noor.name)).to_have_attribute("aria-current", "true")
    expect(mirela.page.locator(".header")).to_contain_text("Online")
    expect(mirela.row(noor.name)).to_contain_text("Online")

    mirela.say("Good morning!")
    expect(mirela.message("Good morning!")).to_have_accessible_name(re.compile(r"^You, \d\d:\d\d, (stored|delivered)$"))
    expect(noor.message("Good morning!")).to_have_accessible_name(re.compile(rf"^{mirela.name}, \d\d:\d\d$"))
    noor.say("And to you.")
    expect(mirela.message("And to you.")).to_be_visible()
    assert mirela.texts() == noor.texts() == ["Good morning!", "And to you."]
    expect(mirela.row(noor.name)).to_contain_text("And to you.")
    expect(mirela.page.get_by_role("heading", name="Today")).to_be_visible()
    assert violations(mirela.page) == violations(noor.page) == []

    mirela.page.reload()
    expect(mirela.heading(noor.name)).to_be_visible()
    expect(mirela.message("And to you.")).to_be_visible()


@pytest.mark.full
def test_a_no_is_silent(company: Company) -> None:
    asker, other = company.person("asker"), company.person("other")
    asker.invite(other.name)
    expect(asker.row(other.name)).to_contain_text("Invitation sent. It lapses on")
    other.answer("Reject")
    expect(other.dialog).to_have_count(0)
    expect(other.page.get_by_text("Waiting for your answer")).to_have_count(0)
    asker.invite(other.name)
    expect(asker.page.locator("#found")).to_contain_text("Invitation sent.")
    expect(asker.row(other.name)).to_contain_text("Invitation sent. It lapses on")
    asker.page.reload()
    expect(asker.row(other.name)).to_contain_text("Invitation sent. It lapses on")
    expect(other.dialog).to_have_count(0)


@pytest.mark.full
def test_somebody_who_was_away_finds_the_question(company: Company) -> None:
    asker, away = company.person("asker"), company.stranger("away")
    away.register()
    asker.invite(away.name)
    expect(asker.page.locator("#found")).to_contain_text("Invitation sent.")
    away.log_in()
    away.answer("Accept")
    expect(away.heading(asker.name)).to_be_visible()


@pytest.mark.full
def test_two_who_ask_each_other_have_both_said_yes(company: Company) -> None:
    one, other = company.person("one"), company.person("other")
    one.invite(other.name)
    expect(other.dialog).to_be_visible()
    other.invite(one.name)
    expect(other.heading(one.name)).to_be_visible()
    expect(one.heading(other.name)).to_be_visible()
    expect(other.dialog).to_have_count(0)
    expect(other.page.locator(".row")).to_have_count(1)


@pytest.mark.full
def test_who_is_there_and_who_is_not(company: Company) -> None:
    one, other = company.pair()
    expect(one.page.locator(".header")).to_contain_text("Online")
    other.page.get_by_role("button", name="Log out").click()
    expect(other.page).to_have_url(f"{other.base}/login")
    expect(other.page.get_by_role("status")).to_have_text("You are logged out.")
    expect(one.page.locator(".header")).to_contain_text("Offline")
    expect(one.row(other.name).locator(".dot[data-off]")).to_have_count(1)
    assert violations(other.page) == []
    other.page.goto("/")
    expect(other.page).to_have_url(f"{other.base}/login")


@pytest.mark.full
def test_who_goes_back_from_the_chat_is_not_asked_to_log_in_again(company: Company) -> None:
    one = company.stranger("one")
    register(one)
    one.page.go_back()
    expect(one.page).to_have_url(f"{one.base}/")
    expect(one.search).to_be_visible()
    one.page.get_by_role("button", name="Log out").click()
    expect(one.page).to_have_url(f"{one.base}/login")
    one.page.goto("/register")
    one.page.goto("/login")
    one.page.go_back()
    expect(one.page.get_by_role("heading", name="Make an account")).to_be_visible()
