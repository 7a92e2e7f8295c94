"""Messages on their way: whatever breaks, each arrives exactly once, in the order of writing, or stays in sight."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from tests.web.pages import ARRIVED, PASSWORD, PATIENCE, Company, Visitor, meet, violations
from tests.web.pages import house as housed
from tests.web.wire import Json, Wire, wired

pytestmark = pytest.mark.full

LEAVE = "!window.dispatchEvent(new Event('beforeunload', { cancelable: true }))"
KEPT = """() => new Promise((resolve) => {
  const opening = indexedDB.open('parlour', 1);
  opening.onsuccess = () => {
    const all = opening.result.transaction('outbox').objectStore('outbox').getAll();
    all.onsuccess = () => (opening.result.close(), resolve(all.result.map((one) => one.text)));
  };
})"""
UNTIL_KEPT = f"""async ([count, patience]) => {{
  const kept = {KEPT};
  const until = Date.now() + patience;
  let texts = await kept();
  while (texts.length !== count && Date.now() < until) texts = await kept();
  return texts;
}}"""
HOLD = "waiting for the connection"


def until_kept(page: Page, count: int) -> list[str]:
    """The texts on the device, once there are so many."""
    texts: list[str] = page.evaluate(UNTIL_KEPT, [count, PATIENCE])
    assert len(texts) == count, texts
    return texts


def deaf(wire: Wire) -> Callable[[], None]:
    """The page's connection is lost and does not come back until the answer is called."""
    wire.up = lambda frame: None if frame["type"] == "Resume" else frame
    wire.cut()

    def heal() -> None:
        wire.up = lambda frame: frame
        wire.cut()

    return heal


def refusing(wire: Wire, code: str) -> list[Json]:
    """Every message is refused, until the judge is another; the refused ones."""
    refused: list[Json] = []

    def judge(frame: Json) -> Json | None:
        if frame["type"] != "Message":
            return frame
        refused.append(frame)
        wire.sockets[-1].send(json.dumps({"type": "Error", "Ref": frame["Ref"], "Code": code, "Reason": "No."}))
        return None

    wire.up = judge
    return refused


def test_what_is_said_while_the_server_is_down_survives_the_page_and_arrives_once(
    browser: Browser, tmp_path: Path
) -> None:
    with housed(tmp_path) as house:
        company = Company(browser, house.base)
        one, other = company.pair()
        house.kill()
        for text in ("first", "second"):
            one.say(text)
            expect(one.message(text)).to_contain_text(HOLD)
        expect(one.message("second")).to_have_accessible_name(re.compile(f"{HOLD}$"))
        assert until_kept(one.page, 2) == ["first", "second"]
        row = one.page.get_by_role("button", name=re.compile(f"^{other.name} "))
        expect(row).to_contain_text("Not sent: second")
        assert not one.page.evaluate(LEAVE)
        assert violations(one.page) == []
        with suppress(Error):  # The page itself may be kept by now, or not yet.
            one.page.reload()
        house.start()
        one.page.goto(house.base)
        one.open(other.name)
        expect(other.message("second")).to_be_visible(timeout=60_000)
        expect(one.message("second")).to_have_accessible_name(ARRIVED)
        expect(row).to_contain_text("You: second")
        assert one.texts() == other.texts() == ["first", "second"]
        assert until_kept(one.page, 0) == []


def test_what_waits_for_the_connection_stands_there_again_after_a_reload(company: Company) -> None:
    one, other, wire = wired(company)
    heal = deaf(wire)
    one.say("on the device")
    expect(one.message("on the device")).to_contain_text(HOLD)
    expect(one.page.locator("parlour-announcer [role=status]")).to_contain_text("You are not connected.")
    until_kept(one.page, 1)
    one.page.reload()
    expect(one.message("on the device")).to_contain_text(HOLD)
    assert violations(one.page) == []
    heal()
    expect(other.message("on the device")).to_be_visible()
    expect(one.message("on the device")).to_have_accessible_name(ARRIVED)
    assert one.texts() == other.texts() == ["on the device"]


def test_a_message_that_arrived_before_its_page_died_is_not_sent_as_another(company: Company) -> None:
    one, other, wire = wired(company)
    wire.down = lambda frame: None
    one.say("it was there already")
    expect(other.message("it was there already")).to_be_visible()
    assert until_kept(one.page, 1) == ["it was there already"]
    wire.down = lambda frame: frame
    one.page.reload()
    expect(one.message("it was there already")).to_have_accessible_name(ARRIVED)
    assert until_kept(one.page, 0) == []
    one.say("and the next")
    expect(other.message("and the next")).to_be_visible()
    assert one.texts() == other.texts() == ["it was there already", "and the next"]


def test_a_refused_message_stays_with_its_reason_and_what_was_said_behind_it_waits(company: Company) -> None:
    one, other, wire = wired(company)
    refused = refusing(wire, "not_found")
    one.say("refused")
    row = one.message("refused")
    expect(row).to_have_accessible_name(re.compile("not sent$"))
    expect(row).to_contain_text("Not sent. You are not in this conversation.")
    one.say("behind it")
    expect(one.message("behind it")).to_contain_text("waiting for the message above")
    assert violations(one.page) == []
    until_kept(one.page, 2)
    one.page.reload()
    expect(row).to_contain_text("Not sent. You are not in this conversation.")
    expect(one.message("behind it")).to_contain_text("waiting for the message above")
    wire.up = lambda frame: frame
    assert len(refused) == 1, "a refused message is not sent again by itself, and what waits behind it is not sent"
    row.get_by_role("button", name="Try again").press("Enter")
    expect(one.composer).to_be_focused()
    expect(other.message("behind it")).to_be_visible()
    expect(one.message("behind it")).to_have_accessible_name(ARRIVED)
    assert one.texts() == other.texts() == ["refused", "behind it"]
    assert wire.messages()[1]["Nonce"] == refused[0]["Nonce"]
    assert until_kept(one.page, 0) == []


def test_a_refused_message_can_be_deleted_and_the_next_one_leaves(company: Company) -> None:
    one, other, wire = wired(company)
    refusing(wire, "malformed")
    one.say("refused")
    expect(one.message("refused")).to_contain_text("Not sent. The server cannot store this text as it is.")
    wire.up = lambda frame: frame
    one.say("behind it")
    one.message("refused").get_by_role("button", name="Delete").click()
    expect(one.message("refused")).to_have_count(0)
    expect(one.composer).to_be_focused()
    expect(other.message("behind it")).to_be_visible()
    assert one.texts() == other.texts() == ["behind it"]
    one.page.reload()
    expect(one.message("behind it")).to_have_accessible_name(ARRIVED)
    assert one.texts() == ["behind it"]


def test_a_nonce_that_the_server_knows_with_another_text_is_given_up(company: Company) -> None:
    one, other, wire = wired(company)
    refused = refusing(wire, "nonce_reused")
    one.say("with another nonce")
    expect(one.message("with another nonce")).to_contain_text("Not sent.")
    wire.up = lambda frame: frame
    one.message("with another nonce").get_by_role("button", name="Try again").click()
    expect(other.message("with another nonce")).to_be_visible()
    assert wire.messages()[-1]["Nonce"] != refused[0]["Nonce"]


def test_where_the_server_has_no_room_the_message_waits_for_it(company: Company) -> None:
    one, other, wire = wired(company)
    refused = refusing(wire, "storage_full")
    one.say("it can wait")
    expect(one.message("it can wait")).to_contain_text("waiting for the server")
    assert violations(one.page) == []
    wire.up = lambda frame: frame
    expect(other.message("it can wait")).to_be_visible()
    assert {frame["Nonce"] for frame in wire.messages()} == {refused[0]["Nonce"]}


def test_what_was_said_into_a_conversation_that_had_been_closed_comes_back(company: Company) -> None:
    one, other, wire = wired(company)
    heal = deaf(wire)
    for text in ("too late", "and this"):
        one.say(text)
    until_kept(one.page, 2)
    other.post("/api/deleteaccount", Password=PASSWORD)
    heal()
    expect(one.page.get_by_text("This conversation is closed. What was said stays readable.")).to_be_visible()
    kept = one.page.get_by_role("textbox", name="Your text to")
    expect(kept).to_have_value("too late\nand this")
    expect(one.page.get_by_role("alert").get_by_text("Not sent. This conversation is closed.")).to_be_visible()
    expect(one.page.locator("article")).to_have_count(0)
    assert violations(one.page) == []
    until_kept(one.page, 0)
    one.page.reload()
    expect(kept).to_have_value("too late\nand this")


# --------------------------------------------------------------------------------------------------------------- tabs


SLEEP = """async () => {
  const [{ name }] = (await navigator.locks.query()).held;
  navigator.locks.request(name, { steal: true }, () => new Promise(() => {})).catch(() => {});
}"""
"""The lock of the tab that sends is held by something that does not wake up."""
MISSING = {
    "indexedDB": "Object.defineProperty(window, 'indexedDB', { value: { open() { throw new Error('private'); } } })",
    "locks": "delete Navigator.prototype.locks",
    "permission": "LockManager.prototype.request = () => Promise.reject(new DOMException('', 'SecurityError'))",
}


def second_tab(one: Visitor, other: Visitor) -> tuple[Visitor, Wire]:
    """Another tab of the same browser, at the same conversation, and its wire."""
    tab = Visitor.__new__(Visitor)
    tab.__dict__.update(one.__dict__)
    tab.page = one.look()
    wire = Wire(tab)
    tab.enter()
    tab.open(other.name)
    return tab, wire


def test_a_tab_without_a_connection_has_its_messages_sent_by_one_that_has_one(company: Company) -> None:
    one, other, wire = wired(company)
    tab, _ = second_tab(one, other)
    heal = deaf(wire)
    one.say("from the tab without")
    expect(other.message("from the tab without")).to_be_visible()
    expect(one.message("from the tab without")).to_have_accessible_name(ARRIVED)
    tab.say("from the tab with")
    expect(other.message("from the tab with")).to_be_visible()
    expect(one.message("from the tab with")).to_have_accessible_name(ARRIVED)
    assert until_kept(one.page, 0) == []
    heal()
    other.say("and back")
    for visitor in (one, tab):
        expect(visitor.message("and back")).to_be_visible()
    assert one.texts() == tab.texts() == other.texts() == ["from the tab without", "from the tab with", "and back"]
    assert wire.messages() == []


def test_tabs_without_a_connection_show_one_order_and_it_is_sent_in_it(company: Company) -> None:
    one, other, wire = wired(company)
    tab, second = second_tab(one, other)
    heal, heal_second = deaf(wire), deaf(second)
    expected = ["first", "second", "third", "fourth"]
    for visitor, text in zip((tab, one, one, tab), expected, strict=True):
        visitor.say(text)
        for each in (one, tab):
            expect(each.message(text)).to_contain_text(HOLD)
    assert one.texts() == tab.texts() == expected
    one.page.reload()
    expect(one.message("fourth")).to_contain_text(HOLD)
    assert one.texts() == expected
    heal()
    expect(other.message("fourth")).to_be_visible()
    heal_second()
    other.say("and back")
    for visitor in (one, tab):
        expect(visitor.message("and back")).to_be_visible()
    assert one.texts() == tab.texts() == other.texts() == [*expected, "and back"]
    assert [frame["Message"]["data"] for frame in wire.messages()] == expected
    assert second.messages() == []


def test_the_order_is_that_of_the_device_whatever_a_tab_knows_and_its_clock_says(company: Company) -> None:
    one, other, wire = wired(company)
    tab, second = second_tab(one, other)
    deaf(wire)
    heal = deaf(second)
    one.page.evaluate("BroadcastChannel.prototype.postMessage = () => undefined")
    one.say("first")
    until_kept(one.page, 1)
    assert tab.texts() == []
    tab.page.evaluate("((now) => (Date.now = () => now() - 3_600_000))(Date.now)")
    tab.say("second")
    expect(tab.message("first")).to_contain_text(HOLD)
    for visitor in (tab, one):
        expect(visitor.message("second")).to_contain_text(HOLD)
        assert visitor.texts() == ["first", "second"]
    heal()
    expect(other.message("second")).to_be_visible()
    assert other.texts() == tab.texts() == ["first", "second"]


@pytest.mark.parametrize("without", [None, *MISSING])
def test_tabs_that_write_at_the_same_time_send_each_message_once(company: Company, without: str | None) -> None:
    one = company.stranger("one")
    if without:
        one.context.add_init_script(MISSING[without])
    one.register()
    one.log_in()
    other = company.person("other")
    meet(one, other)
    tab, _ = second_tab(one, other)
    for number in range(5):
        one.say(f"one {number}")
        tab.say(f"other {number}")
    for visitor in (one, tab):
        for text in ("one 4", "other 4"):
            expect(visitor.message(text)).to_have_accessible_name(ARRIVED)
    expect(other.page.locator("article")).to_have_count(10)
    assert one.texts() == tab.texts() == other.texts()
    if without != "indexedDB":
        assert other.texts() == [f"{tab} {number}" for number in range(5) for tab in ("one", "other")]


@pytest.mark.parametrize("code", [4409, 4429, 4403])
def test_a_tab_that_was_ended_lets_go_of_what_it_has_not_sent(company: Company, code: int) -> None:
    one, other, wire = wired(company)
    tab, second = second_tab(one, other)
    wire.up = lambda frame: None if frame["type"] == "Message" else frame
    one.say("in flight")
    one.say("behind it")
    until_kept(tab.page, 2)
    expect(tab.message("behind it")).to_be_visible()
    wire.cut(code)
    expect(other.message("behind it")).to_be_visible()
    one.say("written where it was ended")
    expect(other.message("written where it was ended")).to_be_visible()
    expect(one.message("written where it was ended")).to_have_accessible_name(ARRIVED)
    expected = ["in flight", "behind it", "written where it was ended"]
    assert [frame["Message"]["data"] for frame in second.messages()] == expected
    wire.up = lambda frame: frame
    banner = one.page.get_by_role("region", name="Connection")
    banner.get_by_role("button", name="Use here" if code == 4409 else "Retry now").click()
    expect(one.page.get_by_role("status").filter(has_text="Connected again.")).to_have_count(1)
    one.say("and here again")
    expect(other.message("and here again")).to_be_visible()
    assert wire.messages()[-1]["Message"]["data"] == "and here again"
    for visitor in (one, tab):
        expect(visitor.message("and here again")).to_have_accessible_name(ARRIVED)
    assert one.texts() == tab.texts() == other.texts() == [*expected, "and here again"]


def test_from_a_tab_that_the_system_has_put_to_sleep_sending_is_taken_away(company: Company) -> None:
    one, other, _ = wired(company)
    one.say("awake")
    expect(other.message("awake")).to_be_visible()
    one.page.evaluate(SLEEP)
    one.say("all the same")
    expect(other.message("all the same")).to_be_visible()
    assert one.texts() == other.texts() == ["awake", "all the same"]


def test_what_a_closed_tab_has_left_behind_is_sent_by_another(company: Company) -> None:
    one, other, wire = wired(company)
    tab, second = second_tab(one, other)
    deaf(wire)
    heal = deaf(second)
    one.say("left behind")
    one.say("and this")
    expect(tab.message("and this")).to_be_visible()
    one.page.close()
    heal()
    expect(other.message("and this")).to_be_visible()
    expect(tab.message("and this")).to_have_accessible_name(ARRIVED)
    assert tab.texts() == other.texts() == ["left behind", "and this"]


AT_ONCE = """() => {
  const key = new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true });
  document.querySelector('#message').dispatchEvent(key);
  location.assign('about:blank');
  const end = performance.now() + 100;
  while (performance.now() < end); // Nothing else is done by this page.
}"""


def test_what_is_said_as_the_page_goes_is_not_lost(company: Company) -> None:
    one, other = company.pair()
    for number in range(5):
        one.composer.fill(f"the last word {number}")
        one.page.evaluate(AT_ONCE)
        one.page.wait_for_url("about:blank")
        one.page.goto("/")
        expect(other.message(f"the last word {number}")).to_have_count(1)
        one.row(other.name).click()
        expect(one.message(f"the last word {number}")).to_have_count(1)


def test_a_tab_that_ends_while_it_sends_is_followed_by_another(company: Company) -> None:
    one, other, wire = wired(company)
    tab, _ = second_tab(one, other)
    wire.down = lambda frame: None
    one.say("sent and not answered")
    expect(other.message("sent and not answered")).to_be_visible()
    wire.up = lambda frame: None
    one.say("not sent")
    expect(tab.message("not sent")).to_be_visible()
    one.page.close()
    expect(other.message("not sent")).to_be_visible()
    expect(tab.message("not sent")).to_have_accessible_name(ARRIVED)
    assert tab.texts() == other.texts() == ["sent and not answered", "not sent"]


def test_what_comes_back_from_a_closed_conversation_comes_back_in_every_tab(company: Company) -> None:
    one, other, wire = wired(company)
    tab, second = second_tab(one, other)
    deaf(wire)
    heal = deaf(second)
    one.say("too late")
    tab.say("and this")
    until_kept(one.page, 2)
    other.post("/api/deleteaccount", Password=PASSWORD)
    heal()
    for visitor in (tab, one):
        expect(visitor.page.locator("article")).to_have_count(0)
    expect(tab.page.get_by_role("textbox", name="Your text to")).to_have_value("too late\nand this")
    expect(one.composer).to_have_value("too late\nand this")
    expect(one.page.get_by_role("alert").get_by_text("Not sent. This conversation is closed.")).to_be_visible()
    until_kept(one.page, 0)


def test_what_failed_in_one_tab_is_tried_again_or_deleted_in_another(company: Company) -> None:
    one, other, wire = wired(company)
    tab, _ = second_tab(one, other)
    refusing(wire, "not_found")
    one.say("once more")
    tab.message("once more").get_by_role("button", name="Try again").click()
    expect(other.message("once more")).to_be_visible()
    expect(one.message("once more")).to_have_accessible_name(ARRIVED)
    one.say("no more")
    tab.message("no more").get_by_role("button", name="Delete").click()
    for visitor in (tab, one):
        expect(visitor.message("no more")).to_have_count(0)
    assert one.texts() == tab.texts() == other.texts() == ["once more"]


# -------------------------------------------------------------------------------------------------------- logging out


def test_who_logs_out_with_something_unsent_is_asked_and_nothing_stays(company: Company) -> None:
    one, other, wire = wired(company)
    deaf(wire)
    one.say("unsent")
    until_kept(one.page, 1)
    one.page.get_by_role("button", name="Log out").click()
    question = one.page.get_by_role("alertdialog", name="Log out?")
    expect(question).to_contain_text("not been sent")
    question.get_by_role("button", name="Stay logged in").click()
    expect(question).to_have_count(0)
    expect(one.message("unsent")).to_contain_text(HOLD)
    one.page.get_by_role("button", name="Log out").click()
    question.get_by_role("button", name="Log out").click()
    expect(one.page.get_by_role("heading", name="Log in")).to_be_visible()
    assert until_kept(one.page, 0) == []
    assert other.texts() == []


def test_what_one_person_left_on_the_device_is_never_sent_for_another(company: Company) -> None:
    one, other, wire = wired(company)
    deaf(wire)
    one.say("of the first person")
    until_kept(one.page, 1)
    guest = company.stranger("guest")
    guest.register()
    one.context.clear_cookies()
    one.page.goto("/login")
    wire.up = lambda frame: frame
    name, one.name = one.name, guest.name
    one.log_in()
    expect(one.page.locator(".self-name")).to_contain_text(guest.name)
    assert until_kept(one.page, 1) == ["of the first person"]
    assert wire.messages() == []
    one.context.clear_cookies()
    one.name = name
    one.log_in()
    expect(other.message("of the first person")).to_be_visible()
    assert other.texts() == ["of the first person"]


@pytest.mark.parametrize("without", MISSING)
def test_a_browser_that_lacks_something_sends_all_the_same(company: Company, without: str) -> None:
    one = company.stranger("one")
    one.page.add_init_script(MISSING[without])
    wire = Wire(one)
    one.register()
    one.log_in()
    other = company.person("other")
    other.invite(one.name)
    one.answer("Accept")
    expect(one.heading(other.name)).to_be_visible()
    heal = deaf(wire)
    one.say("all the same")
    expect(one.message("all the same")).to_contain_text(HOLD)
    if without == "indexedDB":
        assert one.page.evaluate(LEAVE), "one is asked before a message is lost with the page"
    else:
        until_kept(one.page, 1)
        one.page.reload()
    heal()
    expect(other.message("all the same")).to_be_visible()
    expect(one.message("all the same")).to_have_accessible_name(ARRIVED)
    assert not one.page.evaluate(LEAVE)
    assert other.texts() == ["all the same"]
