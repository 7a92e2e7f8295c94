"""Asking, answering, and ending it: what each side sees of it, and what neither gets to know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.web.looks import SIZES, fits, fits_in_every_look
from tests.web.pages import Company, Visitor
from tests.web.pages import house as housed
from tests.web.wire import Wire, wired

pytestmark = pytest.mark.full
SENT = re.compile(r"Invitation sent\. It lapses on \d{1,2} [A-Z][a-z]+\.")
HOSTILE = "<img src=x onerror=alert(1)>\u202e https://bad.example [x](javascript:alert(1)) &amp;"


def invited(asker: Visitor, other: Visitor) -> Locator:
    """The row of whom one has invited, once the invitation is sent."""
    asker.invite(other.name)
    row = asker.row(other.name)
    expect(row).to_contain_text(SENT)
    return row


def waiting(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("heading", name="Waiting for your answer")


def sure(visitor: Visitor, heading: str, answer: str) -> None:
    """Answer the one question before an act."""
    dialog = visitor.page.get_by_role("alertdialog", name=heading)
    expect(dialog.get_by_role("heading")).to_be_focused()
    dialog.get_by_role("button", name=answer, exact=True).click()
    expect(dialog).to_have_count(0)


def leave(visitor: Visitor, act: str) -> None:
    """An act of the conversation's menu."""
    visitor.page.get_by_role("button", name="Conversation settings").click()
    visitor.page.get_by_role("dialog", name="Conversation settings").get_by_role("button", name=act, exact=True).click()


def close(visitor: Visitor, other: Visitor) -> None:
    leave(visitor, "Close conversation")
    sure(visitor, f"Close the conversation with {other.name}?", "Close conversation")
    expect(visitor.page.locator("header")).to_contain_text("This conversation is closed.")


def press(visitor: Visitor, name: str) -> None:
    visitor.page.get_by_role("button", name=name, exact=True).click()


# --------------------------------------------------------------------------------------------------------------- asking


def test_a_note_goes_with_the_invitation_and_can_do_nothing(company: Company) -> None:
    asker, other = company.person("asker"), company.person("other")
    asked: list[str] = []
    other.page.evaluate("customElements.whenDefined('parlour-timeline').then(() => true)")  # All is here.
    other.page.on("request", lambda request: asked.append(request.url))
    asker.invite(other.name, HOSTILE)
    expect(asker.page.locator("#found")).to_contain_text("Invitation sent. You will hear back if they answer.")
    expect(asker.search).to_have_value("")
    expect(asker.page.get_by_role("textbox")).to_have_count(0)
    note = other.dialog.get_by_role("blockquote")
    expect(note).to_have_text(HOSTILE)
    expect(other.dialog).to_contain_text(f"{asker.name} writes:")
    expect(other.dialog.get_by_text(f"@{asker.name}", exact=True)).to_be_visible()
    expect(note.locator("*")).to_have_count(0)
    assert other.dialog.get_by_role("link").count() == 0
    assert [url for url in asked if "/fonts/" not in url] == []
    fits(other)


def test_a_note_is_counted_and_never_needed(company: Company) -> None:
    asker, other = company.person("asker"), company.person("other")
    expect(asker.page.get_by_role("button", name="Add a note")).to_have_count(0)
    asker.invite(other.name, "x" * 141)
    note = asker.page.get_by_role("textbox", name="Note that goes with the invitation")
    expect(note).to_have_accessible_description(re.compile("^1 character too many"))
    expect(note).to_have_attribute("aria-invalid", "true")
    expect(asker.page.locator("#found")).to_have_text("The note is too long: at most 140 characters.")
    note.fill("\u200b")
    press(asker, "Invite")
    expect(asker.page.locator("#found")).to_contain_text("There is nothing to see in the note.")
    fits(asker)
    note.fill("😀" * 140)
    expect(note).to_have_accessible_description(re.compile("^0 characters left"))
    press(asker, "Leave the note out")
    expect(asker.search).to_be_focused()
    expect(asker.search).to_have_value(other.name)
    asker.page.keyboard.press("Enter")
    expect(other.dialog).to_be_visible()
    expect(other.dialog.get_by_role("blockquote")).to_have_count(0)


def test_a_long_note_is_folded_and_shown_whole_on_demand(company: Company) -> None:
    asker, other = company.person("asker"), company.person("other")
    asker.invite(other.name, "\n".join("long" for _ in range(20)))
    note = other.dialog.get_by_role("blockquote")
    folded = note.bounding_box()
    other.answer("Show all")
    whole = note.bounding_box()
    assert folded
    assert whole
    assert folded["height"] < 90 < whole["height"]
    expect(note).to_be_focused()
    expect(other.dialog.get_by_role("button", name="Accept")).to_be_in_viewport(ratio=1)
    company.person("brief").invite(other.name, "Hello!")
    other.dialog.get_by_role("button", name="Next").click()
    expect(other.dialog.get_by_role("blockquote")).to_have_text("Hello!")
    expect(other.dialog.get_by_role("button", name="Show all")).to_be_hidden()


def test_who_cancels_takes_the_question_away_while_it_is_asked(company: Company) -> None:
    asker, other = company.person("asker"), company.person("other")
    second = company.again(asker)
    row = invited(asker, other)
    expect(second.row(other.name)).to_contain_text(SENT)
    expect(row.locator(".dot")).to_have_count(0)
    expect(other.dialog).to_be_visible()
    other.page.keyboard.press("F6")
    row.get_by_role("button", name=f"Cancel the invitation to {other.name}").click()
    expect(other.dialog).to_have_count(0)
    expect(waiting(other)).to_have_count(0)
    expect(other.search).to_be_focused()
    said = other.page.locator("parlour-announcer [role=status]")
    expect(said).to_have_text(f"The invitation of {asker.name} is over.")
    expect(row).to_have_count(0)
    expect(second.row(other.name)).to_have_count(0)
    expect(asker.search).to_be_focused()


def test_a_no_that_was_told_is_a_line_that_can_be_put_away(company: Company) -> None:
    asker, other = company.person("asker"), company.person("other")
    row = invited(asker, other)
    other.answer("Reject and tell them")
    expect(other.dialog).to_have_count(0)
    expect(other.page.locator(".toast")).to_contain_text(f"Rejected {asker.name}. They are told.")
    expect(other.page.get_by_role("button", name="Undo")).to_have_count(0)
    expect(row).to_contain_text("Said no.")
    asker.page.reload()
    expect(row).to_contain_text("Said no.")
    expect(row.get_by_role("button")).to_have_count(1)
    fits(asker)
    row.get_by_role("button", name=f"Dismiss the line about {other.name}").click()
    expect(row).to_have_count(0)
    asker.page.reload()
    expect(asker.search).to_be_visible()
    expect(row).to_have_count(0)


def test_what_nobody_has_answered_can_be_asked_again(company: Company) -> None:
    asker = company.stranger("asker")
    wire = Wire(asker)
    asker.page.clock.set_fixed_time("2026-01-02T00:00:00.000Z")
    asker.register()
    asker.log_in()
    other = company.person("other")
    past = "2026-01-01T00:00:00.000Z"
    wire.down = lambda frame: {**frame, "Lapses": past} if frame.get("type") == "Invite" else frame
    asker.invite(other.name)
    row = asker.row(other.name)
    expect(row).to_contain_text("No answer. It lapsed on 1 January.")
    wire.down = lambda frame: frame
    row.get_by_role("button", name=f"Invite again: {other.name}").click()
    said = asker.page.locator("parlour-announcer [role=status]")
    expect(said).to_contain_text("Invitation sent.")
    row.get_by_role("button", name="Dismiss").click()
    expect(row).to_have_count(0)


def test_who_asks_too_much_is_told_when_to_go_on(browser: Browser, tmp_path: Path) -> None:
    with housed(tmp_path, PARLOUR_LIMITS="on", PARLOUR_INVITATION_BURST="1") as house:
        company = Company(browser, house.base)
        asker, first, second = (company.person(name) for name in ("asker", "first", "second"))
        invited(asker, first)
        asker.invite(second.name)
        expect(asker.page.locator("#found")).to_have_text(
            re.compile(r"Too many tries\. You can try again (at|on \d+ [A-Z][a-z]+ at) \d\d:\d\d\.")
        )
        expect(asker.search).to_have_value(second.name)
        for visitor in company.visitors:
            visitor.context.close()


# ------------------------------------------------------------------------------------------------------------ answering


def test_a_rejection_is_silent_and_can_be_undone_by_accepting(company: Company) -> None:
    asker, other = company.person("asker"), company.person("other")
    row = invited(asker, other)
    other.answer("Reject")
    toast = other.page.locator(".toast")
    expect(toast).to_contain_text(f"Rejected {asker.name}. They are not told.")
    expect(row).to_contain_text(SENT)
    press(other, f"Undo the rejection of {asker.name}")
    question = f"Start a conversation with {asker.name} after all?"
    sure(other, question, "Leave it rejected")
    expect(other.heading(asker.name)).to_have_count(0)
    press(other, f"Undo the rejection of {asker.name}")
    expect(other.page.get_by_role("alertdialog")).to_contain_text("To undo a rejection is to accept")
    fits(other)
    sure(other, question, "Accept after all")
    expect(other.heading(asker.name)).to_be_visible()
    expect(toast).to_have_count(0)
    expect(asker.heading(other.name)).to_be_visible()


def test_what_was_taken_back_cannot_be_undone_any_more(company: Company) -> None:
    asker, other = company.person("asker"), company.person("other")
    row = invited(asker, other)
    other.answer("Reject")
    undo = other.page.get_by_role("button", name=f"Undo the rejection of {asker.name}")
    expect(undo).to_be_visible()
    row.get_by_role("button", name="Cancel").click()
    expect(row).to_have_count(0)
    undo.click()
    sure(other, f"Start a conversation with {asker.name} after all?", "Accept after all")
    expect(undo).to_have_count(0)
    expect(other.page.locator(".toast")).to_contain_text(f"The invitation of {asker.name} is over.")


def test_who_comes_too_late_is_told(company: Company) -> None:
    asker, other = company.person("asker"), company.stranger("other")
    wire = Wire(other)
    other.register()
    other.log_in()
    row = invited(asker, other)
    expect(other.dialog.get_by_role("button", name="Accept")).to_be_enabled()
    wire.down = lambda frame: None if frame.get("type") == "Resolved" else frame
    row.get_by_role("button", name="Cancel").click()
    expect(row).to_have_count(0)
    other.answer("Accept")
    expect(other.page.locator(".toast")).to_contain_text(f"The invitation of {asker.name} is over.")
    expect(other.dialog).to_have_count(0)


def test_a_stepped_question_is_inert_at_first_again(company: Company) -> None:
    other = company.person("other")
    for name in ("first", "second"):
        invited(company.person(name), other)
    dialog = other.dialog
    expect(dialog).to_have_accessible_name("2 people want to chat")
    expect(dialog.get_by_role("button", name="Accept")).to_be_enabled()
    inert = dialog.evaluate(
        """(dialog) => {
          const inert = (one) => one.getAttribute('aria-disabled');
          const answers = () => [...dialog.querySelectorAll('.two .btn')].map(inert);
          dialog.querySelector('[aria-label=Next]').click();
          const next = answers();
          dialog.querySelector('[aria-label=Previous]').click();
          const back = answers();
          dialog.querySelectorAll('.two .btn')[1].click();
          return [...next, ...back];
        }"""
    )
    assert inert == ["true"] * 4
    expect(dialog.get_by_role("button", name="Accept")).to_be_enabled()
    expect(dialog).to_have_accessible_name("2 people want to chat")


def test_escape_decides_later_and_leaves_what_one_types_alone(company: Company) -> None:
    other = company.person("other")
    asker = company.person("asker")
    invited(asker, other)
    expect(other.dialog).to_be_visible()
    other.search.fill("typing")
    other.page.keyboard.press("Escape")
    expect(other.dialog).to_be_visible()
    other.page.keyboard.press("F6")
    other.page.keyboard.press("Escape")
    expect(other.dialog).to_have_count(0)
    expect(other.search).to_be_focused()
    expect(waiting(other)).to_be_visible()
    other.page.reload()
    expect(other.dialog).to_be_visible()


@pytest.fixture
def besieged(browser: Browser, tmp_path: Path) -> Iterator[Company]:
    """Where two pop-ups are all that somebody gets."""
    with housed(tmp_path, PARLOUR_LIMITS="on", PARLOUR_ALERT_BURST="1") as house:
        company = Company(browser, house.base)
        yield company
        for visitor in company.visitors:
            visitor.context.close()


def test_who_is_asked_by_too_many_gets_a_list_and_no_pop_up(besieged: Company) -> None:
    wanted = besieged.person("wanted")
    askers = [besieged.person(name) for name in ("first", "second", "third")]
    for asker in askers:
        invited(asker, wanted)
    first, second, third = askers
    expect(wanted.dialog).to_have_accessible_name(f"{first.name} wants to chat")
    held = wanted.page.get_by_role("button", name="+2 held")
    expect(held).to_be_visible()
    expect(wanted.page).to_have_title("(1) Parlour")
    urgent = wanted.page.locator("parlour-announcer [role=alert]")
    expect(urgent).to_contain_text(f"{first.name} wants to chat.")
    wanted.answer("Decide later")
    expect(wanted.row(second.name)).to_have_count(0)
    held.click()
    expect(held).to_have_attribute("aria-expanded", "true")
    fits(wanted)
    wanted.row(third.name).click()
    expect(wanted.dialog).to_have_accessible_name(f"{third.name} wants to chat")
    wanted.answer("Accept")
    expect(wanted.heading(third.name)).to_be_visible()
    expect(wanted.page.get_by_role("button", name="+1 held")).to_be_visible()


def test_who_is_held_comes_up_with_the_others_after_half_an_hour_and_once(besieged: Company) -> None:
    wanted = besieged.stranger("wanted")
    wanted.page.clock.install()
    wanted.register()
    wanted.log_in()
    askers = [besieged.person(name) for name in ("first", "second", "third")]
    for asker in askers:
        invited(asker, wanted)
    third = askers[-1]
    expect(wanted.page.get_by_role("button", name="+2 held")).to_be_visible()
    wanted.answer("Reject")
    expect(wanted.dialog).to_have_count(0)
    wanted.page.clock.fast_forward("15:00")
    wanted.page.reload()
    wanted.page.clock.fast_forward("14:00")
    expect(wanted.page.get_by_role("button", name="+2 held")).to_be_visible()
    expect(wanted.dialog).to_have_count(0)
    wanted.page.clock.fast_forward("02:00")
    expect(wanted.dialog).to_have_accessible_name("2 people want to chat")
    expect(wanted.page.locator("parlour-announcer [role=alert]")).to_contain_text("2 people want to chat.")
    wanted.answer("Decide later")
    expect(wanted.dialog).to_have_count(0)
    third.row(wanted.name).get_by_role("button", name="Cancel").click()
    expect(third.row(wanted.name)).to_have_count(0)
    invited(third, wanted)
    wanted.page.reload()
    expect(wanted.page.get_by_role("button", name="+2 held")).to_be_visible()
    wanted.page.clock.fast_forward("32:00")
    wanted.page.clock.fast_forward("02:00")
    expect(wanted.page.get_by_role("button", name="+2 held")).to_be_visible()
    expect(wanted.dialog).to_have_count(0)


def test_that_it_was_sent_is_not_said_of_what_was_taken_back(company: Company) -> None:
    asker, other = company.person("asker"), company.person("other")
    row = invited(asker, other)
    expect(asker.page.locator("#found")).to_contain_text("Invitation sent.")
    row.get_by_role("button", name="Cancel").click()
    expect(row).to_have_count(0)
    expect(asker.page.locator("#found")).to_have_text("")


# ------------------------------------------------------------------------------------------------------------- blocking


def test_who_is_blocked_from_the_pop_up_sees_an_invitation_that_waits(company: Company) -> None:
    asker, other = company.person("asker"), company.person("other")
    second = company.again(other)
    row = invited(asker, other)
    expect(second.dialog).to_be_visible()
    other.answer("Block")
    sure(other, f"Block @{asker.name}?", "Do not block")
    expect(other.dialog).to_be_visible()
    other.answer("Block")
    expect(other.page.get_by_role("alertdialog")).to_contain_text("They are not told")
    fits(other)
    sure(other, f"Block @{asker.name}?", "Block")
    for device in (other, second):
        expect(device.dialog).to_have_count(0)
        expect(waiting(device)).to_have_count(0)
    expect(row).to_contain_text(SENT)
    asker.page.reload()
    expect(row).to_contain_text(SENT)


def test_who_has_blocked_somebody_is_reminded_where_they_invite_them(company: Company) -> None:
    one, other = company.pair()
    leave(one, f"Block @{other.name}")
    expect(one.page.get_by_role("alertdialog")).to_contain_text("They see that it is closed")
    sure(one, f"Block @{other.name}?", "Block")
    for side in (one, other):
        expect(side.page.locator("header")).to_contain_text("This conversation is closed.")
    expect(one.page.locator(".reopen")).to_have_text(re.compile(rf"^You have blocked {other.name}\."))
    expect(other.page.locator(".reopen")).to_have_text(re.compile("^Invite again"))
    fits(one)
    one.invite(other.name)
    found = one.page.locator("#found")
    expect(found).to_have_text(f"You have blocked {other.name}. Unblock them first.")
    fits(one)
    one.page.get_by_role("navigation").get_by_role("button", name=f"Unblock {other.name}").click()
    expect(found).to_have_text(f"You no longer block {other.name}. Press Invite to ask them.")
    expect(one.search).to_be_focused()
    expect(one.page.locator(".reopen")).to_have_text(re.compile("^Invite again"))
    press(one, "Invite")
    expect(other.dialog).to_have_accessible_name(f"{one.name} wants to chat")


# -------------------------------------------------------------------------------------------------------------- closing


def test_a_closed_conversation_stays_readable_and_opens_again(company: Company) -> None:
    one, other = company.pair()
    second = company.again(other)
    second.row(one.name).click()
    one.say("before the end")
    expect(other.message("before the end")).to_be_visible()
    leave(one, "Close conversation")
    sure(one, f"Close the conversation with {other.name}?", "Keep it open")
    expect(one.page.get_by_role("button", name="Conversation settings")).to_be_focused()
    close(one, other)
    for side in (one, other, second):
        expect(side.page.locator("header")).to_contain_text("This conversation is closed.")
        expect(side.page.locator("header .dot")).to_have_count(0)
        expect(side.composer).to_have_count(0)
        expect(side.message("before the end")).to_be_visible()
    fits(one)
    press(other, f"Invite again: {one.name}")
    for device in (other, second):
        expect(device.page.locator(".reopen")).to_contain_text(SENT)
    expect(one.page.locator(".reopen")).to_contain_text(f"{other.name} wants to open it again.")
    one.answer("Decide later")
    press(one, "Answer…")
    one.answer("Accept")
    for side in (one, other, second):
        expect(side.composer).to_be_visible()
        expect(side.page.locator("header")).to_contain_text("Online")
        expect(side.message("before the end")).to_be_visible()
    other.say("and on")
    expect(one.message("and on")).to_be_visible()
    assert one.texts() == ["before the end", "and on"]
    assert one.page.locator(".row").count() == 1


def test_a_text_that_was_sent_after_the_end_comes_back(company: Company) -> None:
    one, other, wire = wired(company)
    wire.refuses = True
    wire.cut()
    one.say("too late")
    expect(one.page.locator("article.waiting")).to_be_visible()
    close(other, one)
    wire.refuses = False
    one.page.evaluate("dispatchEvent(new Event('online'))")
    retry = one.page.get_by_role("button", name="Retry now")
    expect(one.page.locator("header").or_(retry).first).to_be_visible()
    unsent = one.page.get_by_role("textbox", name=f"Your text to {other.name} that was not sent")
    expect(unsent).to_have_value("too late")
    assert other.texts() == []


def test_what_happened_while_one_was_away_is_there_when_one_is_back(company: Company) -> None:
    one, other, wire = wired(company)
    wire.refuses = True
    wire.cut()
    close(other, one)
    press(other, f"Invite again: {one.name}")
    expect(other.page.locator(".reopen")).to_contain_text(SENT)
    wire.refuses = False
    expect(one.dialog).to_have_accessible_name(f"{other.name} wants to chat")
    expect(one.page.locator("header")).to_contain_text("This conversation is closed.")
    one.answer("Accept")
    expect(one.composer).to_be_visible()
    expect(one.page.locator("header")).to_contain_text("Online")


def test_all_of_it_by_keyboard_alone(company: Company) -> None:
    one, other = company.pair()
    keys = one.page.keyboard
    one.page.get_by_role("button", name="Conversation settings").focus()
    keys.press("Enter")
    expect(one.page.get_by_role("heading", name="Conversation settings")).to_be_focused()
    for _ in range(6):
        keys.press("Tab")
    assert one.focus() == "Close conversation"
    keys.press("Enter")
    keys.press("Tab")
    assert one.focus() == "Keep it open"
    keys.press("Tab")
    keys.press("Enter")
    expect(one.page.locator("header")).to_contain_text("This conversation is closed.")
    expect(one.page.get_by_role("button", name="Conversation settings")).to_be_focused()
    one.page.get_by_role("button", name=f"Invite again: {other.name}").focus()
    keys.press("Enter")
    expect(one.page.locator(".reopen")).to_contain_text(SENT)
    expect(one.heading(other.name)).to_be_focused()


# ----------------------------------------------------------------------------------------------------------- the looks


@pytest.mark.parametrize("size", SIZES)
def test_the_screens_of_consent_are_accessible(company: Company, size: str) -> None:
    one = company.person("mirela", **SIZES[size])
    other, third, fourth = (company.person(name) for name in ("noor", "sven", "tomas"))
    fits_in_every_look(one, size)
    one.invite(other.name, "x" * 150)
    fits_in_every_look(one, size)
    press(one, "Leave the note out")
    invited(one, other)
    fits_in_every_look(one, size)
    third.invite(one.name, "We met on Thursday.\n" * 6)
    fourth.invite(one.name, HOSTILE)
    expect(one.dialog).to_have_accessible_name("2 people want to chat")
    expect(one.dialog.get_by_role("button", name="Accept")).to_be_enabled()
    fits_in_every_look(one, size)
    one.answer("Show all")
    fits_in_every_look(one, size)
    one.answer("Reject")
    expect(one.page.locator(".toast")).to_be_visible()
    fits_in_every_look(one, size)
    one.answer("Block")
    fits_in_every_look(one, size)
    sure(one, f"Block @{fourth.name}?", "Block")
    press(one, f"Undo the rejection of {third.name}")
    fits_in_every_look(one, size)
    sure(one, f"Start a conversation with {third.name} after all?", "Accept after all")
    expect(one.heading(third.name)).to_be_visible()
    one.page.get_by_role("button", name="Conversation settings").click()
    fits_in_every_look(one, size)
    one.page.keyboard.press("Escape")
    close(one, third)
    fits_in_every_look(one, size)
    press(one, f"Invite again: {third.name}")
    expect(one.page.locator(".reopen")).to_contain_text(SENT)
    fits_in_every_look(one, size)
