"""Links and the settings of consent: a yes in advance, whom one blocks, what one has agreed to."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.web.looks import SIZES, fits_in_every_look, small_targets
from tests.web.pages import PASSWORD, PHONE, Company, Visitor, meet
from tests.web.test_consent import close, invited, leave, press, sure
from tests.web.test_settings import part, settings
from tests.web.wire import Wire

pytestmark = pytest.mark.full
QUESTION = "Start a conversation with whoever made this link?"
BROKEN = "The link does not work"
SECRET = "JSON.parse(sessionStorage.getItem('link'))"


def make(page: Page) -> str:
    """A link, made on the page; its address."""
    button = page.get_by_role("button", name=re.compile("^Make a")).locator("visible=true")
    button.click()
    copy = page.get_by_role("button", name="Copy", exact=True).locator("visible=true")
    expect(copy).to_be_focused()
    return address_of(page).input_value()


def address_of(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Address of your link").locator("visible=true")


def open_link(visitor: Visitor, address: str) -> None:
    """Whoever is logged in opens the address in a tab that shows something else."""
    visitor.page.goto("about:blank")
    visitor.page.goto(address)


def told(visitor: Visitor, heading: str, words: str) -> None:
    dialog = visitor.page.get_by_role("alertdialog", name=heading)
    expect(dialog).to_contain_text(words)
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)
    assert visitor.page.evaluate(SECRET) is None


# ---------------------------------------------------------------------------------------------------------------- links


def test_a_link_leads_a_stranger_through_registering_into_a_conversation(company: Company) -> None:
    maker, guest = company.person("maker"), company.stranger("guest")
    wire = Wire(guest)
    seen: list[str] = []

    def note(request: Request) -> None:
        seen.append(f"{request.url.partition('#')[0]} {request.headers} {request.post_data}")

    guest.page.on("request", note)
    address = make(maker.page)
    secret = address.removeprefix(f"{maker.base}/#link=")
    assert re.fullmatch(r"[\w-]+\.[\w-]{20,}", secret), address

    guest.page.goto(address)
    expect(guest.page).to_have_url(f"{guest.base}/login")
    assert guest.page.evaluate(SECRET) == secret
    notice = "You have opened an invitation link. Log in or register to use it."
    expect(guest.page.get_by_role("status")).to_have_text(notice)
    guest.page.get_by_role("link", name="Register").click()
    expect(guest.page.get_by_role("status")).to_have_text(notice)
    guest.page.get_by_label("Username").fill(guest.name)
    guest.page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(guest, "Register")
    expect(guest.page.get_by_role("status")).to_contain_text("is made")
    guest.page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(guest, "Log in")

    sure(guest, QUESTION, "Start")
    expect(guest.heading(maker.name)).to_be_visible()
    expect(guest.composer).to_be_focused()
    expect(maker.heading(guest.name)).to_be_visible()
    expect(maker.page.locator("parlour-announcer")).to_contain_text(f"{guest.name} has used your link.")
    guest.say("Here I am.")
    expect(maker.message("Here I am.")).to_be_visible()

    assert guest.page.evaluate(SECRET) is None
    assert [frame["Link"] for frame in wire.sent if frame["type"] == "Redeem"] == [secret]
    assert any("/api/login" in request for request in seen)
    assert [request for request in seen if secret in request] == []
    guest.page.go_back()
    expect(guest.page).not_to_have_url(re.compile("link="))


def test_the_address_is_copied_and_shown_only_once(company: Company) -> None:
    maker = company.person("maker", permissions=["clipboard-read", "clipboard-write"])
    page = settings(maker)
    links = part(page, "Invitation links")
    expect(links).to_contain_text("You have no open links.")
    address = make(page)
    press(maker, "Copy")
    expect(links.get_by_role("status")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == address
    expect(links.get_by_role("listitem")).to_have_count(1)
    expect(links.get_by_role("listitem")).to_contain_text("The link above.")
    page.reload()
    expect(links.get_by_role("listitem")).to_have_text(
        re.compile(r"^\s*A link that nobody has used\. It lapses on \d+ [A-Z][a-z]+\.\s*Take back$")
    )
    expect(address_of(page)).to_have_count(0)


def test_where_a_page_may_not_copy_the_address_is_selected(company: Company) -> None:
    maker = company.person("maker")
    page = settings(maker)
    make(page)
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    press(maker, "Copy")
    expect(part(page, "Invitation links").get_by_role("status")).to_contain_text("The address is selected")
    selected = "document.activeElement.selectionEnd - document.activeElement.selectionStart"
    assert page.evaluate(selected) == len(address_of(page).input_value())


def test_a_link_works_once_and_not_after_it_was_taken_back(company: Company) -> None:
    maker, first, second = (company.person(name) for name in ("maker", "first", "second"))
    device = company.again(maker)
    page = settings(maker)
    links, there = (part(each, "Invitation links") for each in (page, settings(device)))
    address = make(page)
    expect(there.get_by_role("listitem")).to_have_count(1)
    open_link(first, address)
    sure(first, QUESTION, "Start")
    expect(first.heading(maker.name)).to_be_visible()
    for each in (links, there):
        expect(each.get_by_role("listitem")).to_have_count(0)
    expect(address_of(page)).to_have_count(0)
    expect(page.get_by_role("button", name="Make a link")).to_be_focused()
    expect(maker.page.locator(".toast")).to_contain_text(f"{first.name} has used your link.")
    open_link(second, address)
    sure(second, QUESTION, "Start")
    told(second, BROKEN, "A link works once, and for some days only.")
    expect(second.search).to_be_focused()
    open_link(first, address)
    sure(first, QUESTION, "Start")
    expect(first.heading(maker.name)).to_be_visible()

    address = make(page)
    links.get_by_role("button", name="Take back").click()
    expect(links.get_by_role("listitem")).to_have_count(0)
    expect(links.get_by_role("heading", name="Invitation links")).to_be_focused()
    expect(address_of(page)).to_have_count(0)
    open_link(second, address)
    sure(second, QUESTION, "Start")
    told(second, BROKEN, "A link works once, and for some days only.")


def test_nobody_is_led_anywhere_who_does_not_want_it(company: Company) -> None:
    maker, guest = company.person("maker"), company.person("guest")
    address = make(maker.page)
    own = maker.look()
    own.goto(address)
    own.get_by_role("alertdialog").get_by_role("button", name="Start").click()
    expect(own.get_by_role("alertdialog", name="This is your own link")).to_contain_text("Give it to somebody else")
    own.close()
    guest.page.evaluate("(address) => { location.href = address; }", address)
    expect(guest.page).to_have_url(f"{guest.base}/")
    sure(guest, QUESTION, "Not now")
    assert guest.page.evaluate(SECRET) is None
    guest.page.reload()
    expect(guest.search).to_be_visible()
    expect(guest.page.get_by_role("alertdialog")).to_have_count(0)
    guest.page.goto(f"{guest.base}/#link=no%20link")
    guest.page.reload()
    sure(guest, QUESTION, "Start")
    told(guest, BROKEN, "Ask whoever gave it to you for another one.")
    expect(part(settings(maker), "Invitation links").get_by_role("listitem")).to_have_count(1)


def test_what_may_work_later_is_asked_again(company: Company) -> None:
    maker, guest = company.person("maker"), company.stranger("guest")
    wire = Wire(guest)
    guest.register()
    guest.log_in()
    address = make(maker.page)
    open_link(guest, address)

    def unavailable(frame: dict[str, object]) -> dict[str, object] | None:
        if frame["type"] != "Redeem":
            return frame
        error = {"type": "Error", "Ref": frame["Ref"], "Code": "unavailable", "Reason": "Not now."}
        wire.sockets[-1].send(json.dumps(error))
        return None

    wire.up = unavailable
    dialog = guest.page.get_by_role("alertdialog", name=QUESTION)
    dialog.get_by_role("button", name="Start").click()
    expect(dialog).to_contain_text("The server cannot do this now.")
    wire.up = lambda frame: frame
    dialog.get_by_role("button", name="Start").click()
    expect(guest.heading(maker.name)).to_be_visible()


def test_a_link_opens_a_closed_conversation_again(company: Company) -> None:
    one, other = company.pair()
    one.say("before")
    expect(other.message("before")).to_be_visible()
    close(one, other)
    address = make(settings(one))
    open_link(other, address)
    sure(other, QUESTION, "Start")
    expect(other.composer).to_be_visible()
    expect(other.message("before")).to_be_visible()
    expect(one.page.locator(".toast")).to_contain_text(f"{other.name} has used your link.")


# ------------------------------------------------------------------------------------------------------- who may invite


def test_who_takes_only_links_is_reached_by_a_link_alone(company: Company) -> None:
    one, other = company.person("one"), company.person("other")
    page = settings(one)
    page.get_by_role("radio", name="Only whoever has a link of mine").check()
    address = make(page)
    invited(other, one)
    open_link(other, address)
    sure(other, QUESTION, "Start")
    expect(other.heading(one.name)).to_be_visible()
    expect(one.page.locator(".toast")).to_contain_text(f"{other.name} has used your link.")
    page.reload()
    expect(page.get_by_role("radio", name="Only whoever has a link of mine")).to_be_checked()
    expect(one.dialog).to_have_count(0)
    page.get_by_role("radio", name="Nobody, and my links do not work").check()
    address = make(page)
    third = company.person("third")
    open_link(third, address)
    sure(third, QUESTION, "Start")
    told(third, BROKEN, "A link works once, and for some days only.")


# --------------------------------------------------------------------------------------------------------------- blocks


def test_blocked_people_are_listed_on_every_device_and_can_be_unblocked(company: Company) -> None:
    one, other = company.pair()
    device = company.again(one)
    there = part(settings(device), "Blocked people")
    expect(there).to_contain_text("You have blocked nobody.")
    leave(one, f"Block @{other.name}")
    sure(one, f"Block @{other.name}?", "Block")
    expect(there.get_by_role("listitem")).to_contain_text(other.name)
    here = part(settings(one), "Blocked people")
    here.get_by_role("button", name=f"Unblock {other.name}").click()
    for each in (here, there):
        expect(each.get_by_role("listitem")).to_have_count(0)
    expect(here).to_contain_text(f"You no longer block {other.name}.")
    expect(here.get_by_role("heading", name="Blocked people")).to_be_focused()


# --------------------------------------------------------------------------------------------------------------- ledger


def test_the_ledger_says_what_one_agreed_to_and_goes_as_a_file(company: Company, tmp_path: Path) -> None:
    one, other, third = (company.person(name) for name in ("one", "other", "third"))
    other.invite(one.name, "We met on Thursday.")
    one.answer("Accept")
    expect(one.heading(other.name)).to_be_visible()
    invited(third, one)
    one.answer("Reject")
    page = settings(one)
    ledger = part(page, "Your consent")
    lines = ledger.get_by_role("listitem")
    expect(lines).to_have_count(4)
    stamp = r"\d{1,2} [A-Z][a-z]+ \d{4} at \d\d:\d\d"
    for line, words in (
        (0, rf"You rejected the invitation of {third.name}\.\s*{stamp}"),
        (1, rf"{third.name} invited you\.\s*{stamp}"),
        (2, rf"You accepted the invitation of {other.name}\.\s*{stamp}"),
        (3, rf"{other.name} invited you\.\s*{stamp}"),
    ):
        expect(lines.nth(line)).to_have_text(re.compile(rf"^\s*{words}\s*(Undo)?\s*$"))
    with page.expect_download() as downloading:
        ledger.get_by_role("link", name="Download").click()
    assert downloading.value.suggested_filename == "parlour-consent.json"
    downloading.value.save_as(tmp_path / "ledger")
    deeds = [line["Did"] for line in json.loads((tmp_path / "ledger").read_text(encoding="utf-8"))["Ledger"]]
    assert deeds == ["declined", "asked", "accepted", "asked"]

    lines.first.get_by_role("button", name=f"Undo the rejection of {third.name}").click()
    sure(one, f"Start a conversation with {third.name} after all?", "Accept after all")
    expect(one.heading(third.name)).to_be_visible()
    expect(third.heading(one.name)).to_be_visible()


def test_the_ledger_follows_what_happens_and_is_short_at_first(company: Company) -> None:
    one = company.person("one")
    page = settings(one)
    ledger = part(page, "Your consent")
    expect(ledger).to_contain_text("Nothing yet.")
    for _ in range(12):
        page.get_by_role("button", name=re.compile("^Make a")).locator("visible=true").click()
    lines = ledger.get_by_role("listitem")
    more = ledger.get_by_role("button", name="Show all 12 lines")
    expect(more).to_be_visible()
    expect(lines).to_have_count(10)
    more.click()
    expect(lines).to_have_count(12)
    expect(lines.nth(10)).to_be_focused()
    expect(lines.first).to_contain_text("You made an invitation link.")


# ------------------------------------------------------------------------------------------------------------ the looks


@pytest.mark.parametrize("size", SIZES)
def test_the_screens_of_links_are_accessible(company: Company, size: str) -> None:
    one = company.person("mirela", **SIZES[size])
    make(one.page)
    fits_in_every_look(one, size)
    other, third = company.person("noor"), company.person("sven")
    meet(other, one)
    third.invite(one.name, "A note for the ledger, with some words in it.")
    one.answer("Reject")
    leave(one, f"Block @{other.name}")
    sure(one, f"Block @{other.name}?", "Block")
    one.page.goto("/settings")
    address = make(one.page)
    press(one, "Copy")
    expect(part(one.page, "Your consent").get_by_role("button", name="Undo")).to_be_visible()
    expect(part(one.page, "Blocked people").get_by_role("listitem")).to_have_count(1)
    fits_in_every_look(one, size)
    guest = company.stranger("guest", **SIZES[size])
    guest.register()
    guest.page.goto(address)
    expect(guest.page.get_by_label("Username")).to_be_visible()
    fits_in_every_look(guest, size)
    guest.log_in()
    expect(guest.page.get_by_role("alertdialog", name=QUESTION)).to_be_visible()
    fits_in_every_look(guest, size)
    sure(guest, QUESTION, "Start")
    expect(guest.heading(one.name)).to_be_visible()
    open_link(third, address)
    sure(third, QUESTION, "Start")
    expect(third.page.get_by_role("alertdialog", name=BROKEN)).to_be_visible()
    fits_in_every_look(third, size)


def test_targets_for_fingers_are_large_enough_here_too(company: Company) -> None:
    one, other = company.person("one", **PHONE), company.person("other")
    make(one.page)
    invited(one, other)
    assert small_targets(one) == []
    invited(company.person("third"), one)
    expect(one.dialog).to_be_visible()
    assert small_targets(one) == []
    one.answer("Decide later")
    other.answer("Accept")
    expect(one.heading(other.name)).to_be_visible()
    one.page.get_by_role("button", name="Conversation settings").click()
    assert small_targets(one) == []
    one.page.keyboard.press("Escape")
    close(one, other)
    assert small_targets(one) == []
    one.page.goto("/settings")
    make(one.page)
    assert small_targets(one) == []
