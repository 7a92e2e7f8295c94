"""What one does not want to hear of, or see: a muted conversation, a hidden one. And taking all of one's data along."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.pages import Company, Visitor, meet
from tests.web.pages import house as housed
from tests.web.test_settings import part, settings, switch

pytestmark = pytest.mark.full


def of_conversation(page: Page) -> Locator:
    """The settings of the open conversation, opened."""
    page.get_by_role("button", name="Conversation settings").click()
    return page.get_by_role("dialog", name="Conversation settings")


def spoken(visitor: Visitor) -> Locator:
    """What a screen reader is told in its own time."""
    return visitor.page.locator("parlour-announcer [aria-live=polite]")


def hears(visitor: Visitor, other: Visitor, text: str) -> None:
    other.say(text)
    expect(visitor.row(other.name)).to_contain_text(text)


def test_a_muted_conversation_counts_what_is_new_and_makes_no_fuss_on_any_device(company: Company) -> None:
    one, other = company.pair()
    third = company.person("sven")
    meet(one, third)
    device = company.again(one)
    one.open(other.name)
    expect(one.row(other.name)).not_to_contain_text("Muted")
    dialog = of_conversation(one.page)
    switch(dialog, "Mute this conversation").click()
    dialog.get_by_role("button", name="Close the settings").click()
    for each in (one, device):
        expect(each.row(other.name)).to_contain_text("Muted")
    one.open(third.name)
    hears(one, other, "who hears me?")
    for each in (one, device):
        expect(each.row(other.name)).to_contain_text("1 unread")
    hears(device, third, "I am heard")
    expect(spoken(device)).to_have_text(f"New message from {third.name}")
    expect(spoken(one)).to_have_text(f"{third.name}: I am heard")
    expect(device.page).to_have_title("(1) Parlour")
    expect(one.page).to_have_title(f"{third.name} · Parlour")
    one.open(other.name)
    expect(one.message("who hears me?")).to_be_visible()
    switch(of_conversation(one.page), "Mute this conversation").click()
    expect(device.row(other.name)).not_to_contain_text("Muted")
    hears(device, other, "and now?")
    expect(spoken(device)).to_have_text(f"New message from {other.name}")


def test_a_closed_conversation_can_be_hidden_and_comes_back_when_it_is_opened_again(company: Company) -> None:
    one, other = company.pair()
    one.say("the last word")
    device = company.again(one)
    dialog = of_conversation(one.page)
    expect(dialog.get_by_role("button", name="Hide conversation")).to_have_count(0)
    dialog.get_by_role("button", name="Close conversation").click()
    one.page.get_by_role("alertdialog").get_by_role("button", name="Close conversation").click()
    expect(one.row(other.name)).to_contain_text("Closed")
    of_conversation(one.page).get_by_role("button", name="Hide conversation").click()
    for each in (one, device):
        expect(each.row(other.name)).to_have_count(0)
        expect(each.page.get_by_role("button", name="1 hidden")).to_have_attribute("aria-expanded", "false")
    expect(one.search).to_be_focused()
    one.page.get_by_role("button", name=f"Show the conversation with {other.name} in the list again").click()
    for each in (one, device):
        expect(each.row(other.name)).to_contain_text("Closed")

    one.open(other.name)
    of_conversation(one.page).get_by_role("button", name="Hide conversation").click()
    device.page.get_by_role("button", name="1 hidden").click()
    device.open(other.name)
    expect(device.message("the last word")).to_be_visible()
    of_conversation(device.page).get_by_role("button", name="Show in the list again").click()
    expect(one.row(other.name)).to_contain_text("Closed")
    of_conversation(device.page).get_by_role("button", name="Hide conversation").click()
    expect(one.row(other.name)).to_have_count(0)
    other.search.fill(one.name)
    other.page.get_by_role("button", name="Invite", exact=True).click()
    one.answer("Accept")
    for each in (one, device):
        expect(each.row(other.name)).to_contain_text("Online")
        expect(each.page.get_by_role("button", name="1 hidden")).to_have_count(0)
    expect(one.message("the last word")).to_be_visible()


def test_all_of_ones_data_comes_as_a_file_and_a_refusal_in_words(browser: Browser, tmp_path: Path) -> None:
    with housed(tmp_path, PARLOUR_LIMITS="on", PARLOUR_EXPORT_EACH_HOUR="1") as house:
        company = Company(browser, house.base)
        one, other = company.pair()
        one.say("to be kept")
        expect(other.message("to be kept")).to_be_visible()
        data = part(settings(one), "Your data")
        with one.page.expect_download() as saved:
            data.get_by_role("button", name="Export my data").click()
        name = saved.value.suggested_filename
        assert re.fullmatch(r"parlour-export-\d{4}-\d{2}-\d{2}\.json", name)
        expect(data.get_by_role("status")).to_have_text(f"Your data is saved as {name}.")
        whole = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
        [session] = whole["Sessions"].values()
        assert [one["data"] for one in session["Messages"].values()] == ["to be kept"]
        data.get_by_role("button", name="Export my data").click()
        expect(data.get_by_role("alert")).to_have_text(
            re.compile(r"^Too many tries\. You can try again at \d\d:\d\d\.$")
        )
        expect(data.get_by_role("status")).to_have_text("")
        for visitor in company.visitors:
            visitor.context.close()
            assert visitor.faults == []
