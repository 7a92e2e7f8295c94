"""Registering and logging in: what is wrong is said in words, beside the field that it is about."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Locator, expect

from tests.web.pages import PASSWORD, Company, Visitor, violations

pytestmark = pytest.mark.full


def fill(visitor: Visitor, name: str, password: str, button: str) -> None:
    visitor.page.get_by_label("Username").fill(name)
    visitor.page.get_by_role("textbox", name="Password").fill(password)
    visitor.page.get_by_role("button", name=button).click()


def complains(field: Locator, about: str) -> None:
    """The field is marked, has the keyboard, and its words are read with it."""
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(re.compile(about))


@pytest.mark.parametrize(
    ("name", "password", "field", "about"),
    [
        ("", PASSWORD, "Username", "Type your username"),
        ("mirela", "", "Password", "Type your password"),
        ("_mirela", PASSWORD, "Username", "begins with a letter or digit"),
        ("admin", PASSWORD, "Username", "reserved"),
        ("mirela", "short", "Password", "at least 8 characters"),
        ("mirela", "password1", "Password", "too easy to guess"),
        ("mirela_longer", "Mirela_Longer", "Password", "too easy to guess"),
    ],
)
def test_registering_says_what_is_wrong(company: Company, name: str, password: str, field: str, about: str) -> None:
    visitor = company.stranger()
    visitor.page.goto("/register")
    fill(visitor, name, password, "Register")
    complains(visitor.page.get_by_role("textbox", name=field), about)
    assert violations(visitor.page) == []


def test_a_name_that_is_taken(company: Company) -> None:
    visitor = company.stranger("taken")
    visitor.register()
    visitor.page.goto("/register")
    fill(visitor, visitor.name.upper(), PASSWORD, "Register")
    complains(visitor.page.get_by_label("Username"), "taken")


@pytest.mark.parametrize(
    ("known", "field", "about"), [(False, "Username", "nobody"), (True, "Password", "does not match")]
)
def test_logging_in_says_what_is_wrong(company: Company, known: bool, field: str, about: str) -> None:
    visitor = company.stranger("login")
    if known:
        visitor.register()
    visitor.page.goto("/login")
    fill(visitor, visitor.name, "not the password", "Log in")
    complains(visitor.page.get_by_role("textbox", name=field), about)
    assert violations(visitor.page) == []
    visitor.page.get_by_role("textbox", name=field).fill("")
    expect(visitor.page).to_have_url(f"{visitor.base}/login")


def test_too_many_tries_are_told_as_a_time(company: Company) -> None:
    visitor = company.stranger()
    problem = {"type": "about:blank", "status": 429, "title": "Too much", "code": "slow_down"}
    headers = {"Retry-After": "42", "Content-Type": "application/problem+json"}
    visitor.page.route(
        "**/api/login", lambda route: route.fulfill(status=429, headers=headers, body=json.dumps(problem))
    )
    visitor.page.goto("/login")
    fill(visitor, "mirela", PASSWORD, "Log in")
    expect(visitor.page.get_by_role("alert")).to_have_text("Too many tries. You can try again in 42 seconds.")
    assert violations(visitor.page) == []


def test_without_a_server_the_page_says_so(company: Company) -> None:
    visitor = company.stranger()
    visitor.page.goto("/login")
    visitor.page.route("**/api/login", lambda route: route.abort())
    fill(visitor, "mirela", PASSWORD, "Log in")
    expect(visitor.page.get_by_role("alert")).to_contain_text("cannot be reached")


def test_password_managers_are_welcome(company: Company) -> None:
    page = company.stranger().page
    for path, token in (("/register", "new-password"), ("/login", "current-password")):
        page.goto(path)
        expect(page.get_by_label("Username")).to_have_attribute("autocomplete", "username")
        expect(page.get_by_role("textbox", name="Password")).to_have_attribute("autocomplete", token)


def test_the_password_can_be_shown(company: Company) -> None:
    page = company.stranger().page
    page.goto("/login")
    field, button = page.locator("#password"), page.get_by_role("button", name="Show password")
    field.fill("something")
    expect(field).to_have_attribute("type", "password")
    button.click()
    expect(field).to_have_attribute("type", "text")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(field).to_have_value("something")
    button.click()
    expect(field).to_have_attribute("type", "password")


def test_the_titles(company: Company) -> None:
    page = company.stranger().page
    for path, title in (("/register", "Register · Parlour"), ("/login", "Log in · Parlour")):
        page.goto(path)
        expect(page).to_have_title(title)
    page.go_back()
    expect(page).to_have_title("Register · Parlour")


def test_a_login_that_has_ended_leads_to_the_login_page(company: Company) -> None:
    one = company.person()
    tab = one.look()
    tab.goto("/")
    expect(tab.get_by_role("button", name="Log out")).to_be_visible()
    one.page.get_by_role("button", name="Log out").click()
    expect(tab).to_have_url(f"{one.base}/login")
    expect(tab.get_by_role("status")).to_have_text("This login has ended. Log in again.")


def test_an_address_without_a_page_leads_to_the_beginning_and_says_so(company: Company) -> None:
    one = company.person()
    one.page.goto(f"{one.base}/conversations/12")
    expect(one.page.get_by_text("There is no page at this address.")).to_be_visible()
    expect(one.page).to_have_url(f"{one.base}/")
    one.page.reload()
    expect(one.search).to_be_visible()
    expect(one.page.get_by_text("There is no page at this address.")).to_have_count(0)


def test_who_is_logged_in_needs_no_form_for_it(company: Company) -> None:
    one = company.person()
    for path in ("/login", "/register"):
        tab = one.look()
        tab.goto(one.base + path)
        expect(tab.get_by_role("button", name="Log out")).to_be_visible()
        expect(tab).to_have_url(f"{one.base}/")
    one.page.get_by_role("button", name="Log out").click()
    expect(one.page.get_by_role("heading", name="Log in")).to_be_visible()
    one.page.goto(f"{one.base}/register")
    expect(one.page.get_by_role("button", name="Register")).to_be_visible()


def test_who_logs_in_in_one_tab_is_who_all_tabs_are(company: Company) -> None:
    """Or else one would look at, and end, the logins of somebody else."""
    one, other = company.person("one"), company.person("other")
    tab = one.look()
    one.post("/api/login", Username=other.name, Password=PASSWORD)
    tab.goto(f"{one.base}/")
    for page in (tab, one.page):
        expect(page.get_by_role("button", name=f"You are {other.name} Settings")).to_be_visible()
