"""The connection lost and found: told in words, nothing lost, nothing twice."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.web.pages import ARRIVED, PASSWORD, Company, House, violations
from tests.web.pages import house as housed
from tests.web.wire import Json, Wire, wired

pytestmark = pytest.mark.full

WATCH = """() => {
  const log = document.querySelector('parlour-timeline');
  const count = () => (window.fewest = Math.min(window.fewest, log.querySelectorAll('article').length));
  window.fewest = log.querySelectorAll('article').length;
  new MutationObserver(count).observe(document.querySelector('main'), { childList: true, subtree: true });
}"""
"""Counts how few messages ever stood there."""


def test_a_crash_is_told_and_mends_itself(browser: Browser, tmp_path: Path) -> None:
    with housed(tmp_path) as house:
        company = Company(browser, house.base)
        one, other = company.pair()
        one.say("before")
        expect(other.message("before")).to_be_visible()
        one.composer.fill("half a sentence")
        house.kill()
        banner = one.page.get_by_role("region", name="Connection")
        expect(banner.get_by_role("status")).to_have_text(re.compile("^Connection lost"))
        one.composer.press("End")
        one.page.keyboard.type(", finished")
        one.page.keyboard.press("Enter")
        expect(one.composer).to_have_value("")
        expect(one.message("half a sentence, finished")).to_contain_text("waiting for the connection")
        expect(one.message("before")).to_be_visible()
        assert violations(one.page) == []
        one.invite("anybody")
        expect(one.page.locator("#found")).to_have_text(
            "You are not connected. Invite again when the connection is back."
        )
        house.start()
        expect(banner).to_have_count(0, timeout=60_000)
        expect(one.page.locator("parlour-announcer [role=status]")).to_have_text("Connected again.")
        expect(other.message("half a sentence, finished")).to_be_visible(timeout=60_000)
        assert one.texts() == other.texts() == ["before", "half a sentence, finished"]
        assert [fault for visitor in company.visitors for fault in visitor.faults] == []


def test_what_was_said_meanwhile_is_there_when_it_is_back(company: Company) -> None:
    one, other, wire = wired(company)
    rows = one.page.locator("parlour-timeline").element_handle()
    wire.down = lambda frame: None
    other.say("you miss this at first")
    expect(other.message("you miss this at first")).to_have_accessible_name(ARRIVED)
    wire.down = lambda frame: frame
    wire.cut()
    expect(one.message("you miss this at first")).to_be_visible()
    assert one.texts() == ["you miss this at first"]
    assert rows.evaluate("one => one.isConnected"), "the page was never blank"
    resume = [frame for frame in wire.sent if frame["type"] == "Resume"][-1]
    assert list(resume["Sessions"].values()) == [0]
    assert resume["Me"] >= 1


def test_an_unanswered_message_is_sent_again_with_its_nonce_and_shown_once(company: Company) -> None:
    one, other, wire = wired(company)
    wire.down = lambda frame: None
    one.say("once and only once")
    expect(other.message("once and only once")).to_be_visible()
    expect(one.message("once and only once")).to_contain_text("sending")
    wire.down = lambda frame: frame
    wire.up = lambda frame: None if frame["type"] == "Resume" else frame
    wire.cut()
    expect(one.message("once and only once")).to_contain_text("waiting for the connection")
    wire.up = lambda frame: frame
    wire.cut()
    expect(one.message("once and only once")).to_have_accessible_name(ARRIVED)
    one.say("and the next")
    expect(other.message("and the next")).to_be_visible()
    assert one.texts() == other.texts() == ["once and only once", "and the next"]


def test_a_message_that_never_arrived_is_sent_again(company: Company) -> None:
    one, other, wire = wired(company)
    wire.up = lambda frame: None if frame["type"] == "Message" else frame
    one.say("first")
    one.say("second")
    expect(one.message("first")).to_contain_text("sending")
    wire.up = lambda frame: frame
    wire.cut()
    expect(other.message("second")).to_be_visible()
    expect(one.message("second")).to_have_accessible_name(ARRIVED)
    assert one.texts() == other.texts() == ["first", "second"]
    nonces = [frame["Nonce"] for frame in wire.messages()]
    assert nonces[0] == nonces[1] != nonces[2]


def test_what_cannot_be_made_whole_is_taken_from_the_snapshot(company: Company) -> None:
    one, other, wire = wired(company)
    one.say("there from the beginning")
    expect(one.message("there from the beginning")).to_have_accessible_name(ARRIVED)
    one.page.evaluate(WATCH)
    wire.down = lambda frame: None
    other.say("from the snapshot")
    expect(other.message("from the snapshot")).to_have_accessible_name(ARRIVED)
    wire.down = lambda frame: frame
    wire.up = lambda frame: {**frame, "Epoch": "of another database"} if frame["type"] == "Resume" else frame
    wire.cut()
    expect(one.message("from the snapshot")).to_be_visible()
    expect(one.page.locator(".toast")).to_have_count(0)
    other.say("and live again")
    expect(one.message("and live again")).to_be_visible()
    assert one.texts() == ["there from the beginning", "from the snapshot", "and live again"]
    assert one.page.evaluate("window.fewest") == 1, "the timeline was never empty"


def test_a_server_that_begins_anew_from_a_backup_is_told_of_in_words(browser: Browser, tmp_path: Path) -> None:
    with housed(tmp_path / "data") as house:
        company = Company(browser, house.base)
        one, other = company.pair()
        one.say("in the backup")
        expect(one.message("in the backup")).to_have_accessible_name(ARRIVED)
        house.run("backup", str(tmp_path / "backup.db"))
        one.say("after it")
        expect(other.message("after it")).to_be_visible()
        house.kill()
        house.run("restore", str(tmp_path / "backup.db"))
        house.start()
        for visitor in (one, other):
            told = "The server’s data was restored from an earlier state: recent messages may be missing."
            expect(visitor.page.locator("parlour-toasts").get_by_role("status")).to_contain_text(told, timeout=60_000)
            expect(visitor.message("after it")).to_have_count(0)
        assert violations(one.page) == []
        one.page.get_by_role("button", name="Dismiss").click()
        expect(one.page.locator(".toast")).to_have_count(0)
        one.say("it goes on")
        expect(other.message("it goes on")).to_be_visible()
        assert one.texts() == other.texts() == ["in the backup", "it goes on"]


def test_one_session_beyond_its_head_is_taken_anew_alone(company: Company) -> None:
    one, other, wire = wired(company)
    one.say("here")
    expect(other.message("here")).to_be_visible()

    def too_far(frame: Json) -> Json:
        if frame["type"] != "Resume":
            return frame
        return {**frame, "Sessions": dict.fromkeys(frame["Sessions"], 4000)}

    wire.up = too_far
    wire.cut()
    other.say("there")
    expect(one.message("there")).to_be_visible()
    assert one.texts() == ["here", "there"]


def test_more_than_a_thousand_sessions_take_several_frames(company: Company) -> None:
    one = company.stranger("many")
    wire = Wire(one)
    one.register()
    empty = {
        "UserIds": {"u": "somebody"},
        "Messages": {},
        "Seq": 0,
        "More": False,
        "State": "active",
        "Status": {},
        "Unread": 0,
        "Marks": {},
        "Settings": {},
    }

    def fatten(route: Any) -> None:
        answer = route.fetch()
        snapshot = answer.json()
        snapshot["Sessions"] = {f"session-{i}": empty for i in range(2_300)}
        route.fulfill(response=answer, json=snapshot)

    one.page.route("**/api/snapshot", fatten)
    one.log_in()
    expect(one.page.get_by_role("button", name="Show more conversations")).to_be_visible()
    assert [len(frame["Sessions"]) for frame in wire.sent if frame["type"] == "Resume"] == [1000, 1000, 300]


ENDED = {
    4409: "Parlour was opened elsewhere.",
    4403: "This account may not connect.",
    1008: "ended this connection (1008)",
}


@pytest.mark.parametrize("code", ENDED)
def test_a_connection_that_was_ended_says_why_and_stays_ended(company: Company, code: int) -> None:
    one, other, wire = wired(company)
    wire.cut(code)
    banner = one.page.get_by_role("region", name="Connection")
    expect(banner).to_contain_text(ENDED[code])
    assert violations(one.page) == []
    assert len(wire.sockets) == 1
    banner.get_by_role("button", name="Use here" if code == 4409 else "Retry now").click()
    expect(banner).to_have_count(0)
    other.say("welcome back")
    expect(one.message("welcome back")).to_be_visible()


def test_a_page_that_comes_back_online_connects_at_once(company: Company) -> None:
    one, other, wire = wired(company)
    one.page.evaluate("dispatchEvent(new Event('online'))")
    other.say("over a new socket")
    expect(one.message("over a new socket")).to_be_visible()
    assert len(wire.sockets) == 2


def test_a_page_without_a_server_says_so_and_begins_when_it_is_there(browser: Browser, tmp_path: Path) -> None:
    with housed(tmp_path) as house:
        company = Company(browser, house.base)
        one = company.stranger("one")
        one.register()
        one.page.goto("/login")
        busy: Json = {"status": 503, "headers": {"Retry-After": "1"}, "body": ""}
        one.page.route("**/api/snapshot", lambda route: route.fulfill(**busy))
        one.post("/api/login", Username=one.name, Password=PASSWORD)
        one.page.goto("/")
        expect(one.page.get_by_role("region", name="Connection")).to_contain_text("The server cannot be reached.")
        assert violations(one.page) == []
        one.page.unroute_all(behavior="wait")
        expect(one.page.get_by_text("No conversations yet.")).to_be_visible()
        expect(one.page.get_by_role("region", name="Connection")).to_have_count(0)


def test_the_word_of_the_reason_when_a_socket_never_opens(company: Company, house: House) -> None:
    one = company.person("one")
    one.context.clear_cookies()
    one.page.evaluate("dispatchEvent(new Event('online'))")
    expect(one.page).to_have_url(f"{house.base}/login")


def test_a_login_that_was_ended_leads_to_the_login_page_with_a_word(company: Company, house: House) -> None:
    one, _, wire = wired(company)
    wire.cut(4401)
    expect(one.page).to_have_url(f"{house.base}/login")
    expect(one.page.get_by_text("This login has ended. Log in again.")).to_be_visible()


def test_a_server_that_restarts_is_there_again_without_a_word(company: Company) -> None:
    one, other, wire = wired(company)
    wire.cut(4001)
    other.say("after the restart")
    expect(one.message("after the restart")).to_be_visible()
    assert len(wire.sockets) == 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_says_when_to_come_back_is_asked_then_or_when_one_wants(company: Company, status: int) -> None:
    one, other, wire = wired(company)
    asked: list[str] = []

    def busy(route: Any) -> None:
        asked.append(route.request.url)
        route.fulfill(status=status, headers={"Retry-After": "600"}, body="")

    one.page.route("**/api/load**", busy)
    wire.refuses = True
    wire.cut()
    banner = one.page.get_by_role("region", name="Connection")
    expect(banner).to_contain_text(re.compile(r"Trying again in (600|59\d) s"))
    assert asked == [f"{one.base}/api/load?messages=0"]
    assert violations(one.page) == []
    retry = banner.get_by_role("button", name="Retry now")
    one.composer.press("F6")
    expect(retry).to_be_focused()
    with one.page.expect_response("**/api/load**"):
        retry.press("Enter")
    expect(banner).to_contain_text("Trying again in ")
    expect(retry).to_be_focused()
    wire.refuses = False
    retry.press("Enter")
    expect(banner).to_have_count(0)
    expect(one.composer).to_be_focused()
    other.say("welcome back")
    expect(one.message("welcome back")).to_be_visible()


def test_the_banner_comes_after_two_seconds_and_not_before(company: Company) -> None:
    one = company.stranger("one")
    one.page.clock.install()
    wire = Wire(one)
    one.register()
    one.log_in()
    banner = one.page.get_by_role("region", name="Connection")
    one.page.clock.pause_at(one.page.evaluate("Date.now() / 1000 + 1"))
    wire.refuses = True
    wire.cut()
    one.page.clock.run_for(1_900)
    expect(banner).to_have_count(0)
    one.page.clock.run_for(200)
    expect(banner).to_contain_text("Connection lost.")
    wire.refuses = False
    one.page.clock.resume()
    expect(banner).to_have_count(0)


def test_a_refused_resume_is_tried_again(company: Company) -> None:
    one, other, wire = wired(company)
    wire.up = lambda frame: {**frame, "Me": -1} if frame["type"] == "Resume" else frame
    wire.cut()
    expect(one.page.locator(".toast")).to_have_count(1)
    wire.up = lambda frame: frame
    other.say("it went on")
    expect(one.message("it went on")).to_be_visible()


def test_who_logged_in_as_somebody_else_in_another_tab_sees_that(company: Company) -> None:
    one, second = company.person("one"), company.stranger("second")
    second.register()
    one.post("/api/login", Username=second.name, Password=PASSWORD)
    one.page.evaluate("dispatchEvent(new Event('online'))")
    expect(one.page.locator(".self-name")).to_contain_text(second.name)


def test_types_and_fields_that_are_not_known_are_ignored(company: Company) -> None:
    one, other, wire = wired(company)
    for frame in (
        {"type": "Typing", "SessionID": "s", "UserID": "u"},
        {"type": "Mark", "SessionID": "s", "UserID": "u", "Read": 3},
        {"nowhere": {"1": {"data": "x", "TimeStamp": "2026-01-01T00:00:00Z", "Sender": "u"}}},
        {"type": "Status", "UserID": "unknown", "Status": "Away", "More": {}},
    ):
        wire.sockets[-1].send(json.dumps(frame))
    wire.down = lambda frame: {**frame, "Later": 1} if "type" in frame else frame
    other.say("still here")
    expect(one.message("still here")).to_be_visible()
    one.say("here too")
    expect(one.message("here too")).to_have_accessible_name(ARRIVED)


def test_a_message_that_the_server_cannot_store_now_stays_and_is_sent_again(company: Company) -> None:
    one, other, wire = wired(company)
    refuse = {"type": "Error", "Code": "unavailable", "Reason": "Not now.", "RetryAfter": 1}
    refs: list[str] = []

    def swallow(frame: Json) -> Json | None:
        if frame["type"] != "Message" or refs:
            return frame
        refs.append(frame["Ref"])
        wire.sockets[-1].send(json.dumps(refuse | {"Ref": frame["Ref"]}))
        return None

    wire.up = swallow
    one.say("it can wait")
    expect(other.message("it can wait")).to_be_visible()
    expect(one.composer).to_have_value("")
    first, second = wire.messages()
    assert refs
    assert first["Nonce"] == second["Nonce"]
