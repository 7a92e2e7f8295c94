"""What goes with messages: that they came, that they were read, how many are new, that somebody types."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.web.looks import MEDIA, PLAIN
from tests.web.pages import Company, Visitor, meet, violations

pytestmark = pytest.mark.full


def answer(visitor: Visitor, button: str) -> None:
    """The one question about receipts and typing."""
    question = visitor.page.get_by_role("region", name=re.compile("when you type"))
    question.get_by_role("button", name=button, exact=True).click()
    expect(question).to_have_count(0)


def is_drawn(message: Locator) -> bool:
    """Whether one sees its sign: the message looks another one without it."""
    shown = message.screenshot()
    sign = message.get_by_role("img").element_handle()
    sign.evaluate("one => { one.style.visibility = 'hidden' }")
    hidden = message.screenshot()
    sign.evaluate("one => { one.style.visibility = '' }")
    return shown != hidden


def back(visitor: Visitor) -> None:
    """Out of the conversation."""
    visitor.page.go_back()
    expect(visitor.page.get_by_role("heading", name="Parlour", level=1)).to_be_visible()


def test_a_message_is_stored_then_delivered_and_read_only_where_both_said_yes(company: Company) -> None:
    one, other = company.pair()
    one.say("first")
    expect(one.message("first")).to_have_accessible_name(re.compile("You, .*, delivered$"))
    expect(one.message("first").get_by_role("img", name="delivered", exact=True)).to_be_visible()
    for name, look in MEDIA.items():
        one.page.emulate_media(**look)
        assert is_drawn(one.message("first")), name
    one.page.emulate_media(**PLAIN)
    answer(one, "Yes")
    other.say("second")
    one.say("third")
    expect(one.message("third")).to_have_accessible_name(re.compile("delivered$"))
    answer(other, "Yes")
    one.say("fourth")
    for text in ("first", "third", "fourth"):
        expect(one.message(text)).to_have_accessible_name(re.compile("You, .*, read$"))
    other.say("fifth")
    for text in ("second", "fifth"):
        expect(other.message(text)).to_have_accessible_name(re.compile("read$"))


def test_who_said_no_is_not_asked_again_and_sees_nobodys_reading(company: Company) -> None:
    one, other = company.pair()
    one.say("hello")
    answer(one, "No")
    expect(other.message("hello")).to_be_visible()
    answer(other, "Yes")
    other.say("and you?")
    expect(other.message("and you?")).to_have_accessible_name(re.compile("delivered$"))
    one.page.reload()
    expect(one.message("and you?")).to_be_visible()
    expect(one.page.get_by_role("region", name=re.compile("when you type"))).to_have_count(0)


def test_what_is_new_is_counted_and_the_line_stays_while_one_reads(company: Company) -> None:
    one, other = company.pair()
    one.say("before")
    expect(other.message("before")).to_be_visible()
    back(other)
    for text in ("new one", "new two"):
        one.say(text)
    row = other.row(one.name)
    expect(row).to_contain_text("2 unread")
    expect(other.page).to_have_title(re.compile(r"^\(1\)"))
    other.open(one.name)
    line = other.page.get_by_role("heading", name="2 new messages")
    expect(line).to_be_visible()
    above, below = other.message("before").bounding_box(), other.message("new one").bounding_box()
    at = line.bounding_box()
    assert above
    assert at
    assert below
    assert above["y"] < at["y"] < below["y"]
    expect(row).not_to_contain_text("unread")
    one.say("while reading")
    expect(other.message("while reading")).to_be_visible()
    expect(line).to_be_visible()
    assert violations(other.page) == []
    back(other)
    other.open(one.name)
    expect(other.message("while reading")).to_be_visible()
    expect(line).to_have_count(0)


def test_what_was_read_on_one_device_is_read_on_the_other(company: Company) -> None:
    one, other = company.pair()
    back(other)
    second = company.again(other)
    one.say("to both")
    for device in (other, second):
        expect(device.row(one.name)).to_contain_text("1 unread")
    second.open(one.name)
    for device in (second, other):
        expect(device.row(one.name)).not_to_contain_text("unread")


def test_what_was_not_read_is_new_after_a_reload(company: Company) -> None:
    one, other = company.pair()
    back(other)
    one.say("still there?")
    expect(other.row(one.name)).to_contain_text("1 unread")
    other.page.reload()
    expect(other.row(one.name)).to_contain_text("1 unread")


def test_typing_is_seen_only_where_both_show_it_and_ends_with_the_message(company: Company) -> None:
    one, other = company.pair()
    one.say("hello")
    expect(other.message("hello")).to_be_visible()
    answer(one, "Yes")
    answer(other, "Yes")
    one.composer.press_sequentially("I am")
    typing = other.page.get_by_text(f"{one.name} is typing")
    expect(typing).to_be_visible()
    one.composer.press("Enter")
    expect(other.message("I am")).to_be_visible()
    expect(typing).to_have_count(0)
    one.composer.press_sequentially("And again")
    expect(typing).to_be_visible()
    expect(typing).to_have_count(0)  # By itself: nothing more is typed.


def test_a_third_person_sees_nothing_of_it(company: Company) -> None:
    one, other = company.pair()
    third = company.person("third")
    meet(one, third)
    one.open(other.name)
    one.say("for one alone")
    expect(one.message("for one alone")).to_have_accessible_name(re.compile("delivered$"))
    expect(third.row(one.name)).not_to_contain_text("unread")
