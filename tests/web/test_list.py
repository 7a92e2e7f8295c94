"""A list of many conversations: as much of it as one looks at, and all of it for whoever looks further."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.web.pages import Company, Visitor, meet, violations
from tests.web.pages import house as housed
from tests.web.test_invitations import ON_TOP
from tools.bench import seed

pytestmark = pytest.mark.full

MANY = 200
AT_FIRST = 24
"""Two screens of rows of 62 pixels, in a window that is 860 pixels high, of which the list has not the whole."""


@pytest.fixture(scope="module")
def popular(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """Somebody with a great many conversations, before the page."""
    folder = tmp_path_factory.mktemp("many") / "data"
    clients = seed.fill(folder, seed.star(folder, MANY), 2 * MANY)
    with housed(folder) as house:
        visitor = Company(browser, house.base).stranger()
        visitor.context.add_cookies([{"name": "parlour", "value": clients[0].token, "url": house.base}])
        yield visitor
        assert visitor.faults == []
        visitor.context.close()


@pytest.fixture
def rows(popular: Visitor) -> Locator:
    """The rows of the list, from the beginning."""
    popular.page.goto("/")
    found = popular.page.locator("[data-session]")
    expect(found).to_have_count(AT_FIRST)
    return found


def names(rows: Locator) -> list[str]:
    return [text.strip() for text in rows.locator(".row-name").all_text_contents()]


def test_scrolling_to_the_end_shows_every_conversation_once(popular: Visitor, rows: Locator) -> None:
    for seen in (AT_FIRST + 60, AT_FIRST + 120, MANY):
        rows.last.scroll_into_view_if_needed()
        expect(rows).to_have_count(seen)
    assert len(set(names(rows))) == MANY
    expect(popular.page.get_by_role("button", name="Show more conversations")).to_have_count(0)


def test_by_keyboard_one_asks_for_more_and_goes_on_with_the_first_of_them(popular: Visitor, rows: Locator) -> None:
    assert violations(popular.page) == []
    more = popular.page.get_by_role("button", name="Show more conversations")
    more.evaluate("one => one.focus({ preventScroll: true })")
    popular.page.keyboard.press("Enter")
    expect(rows).to_have_count(AT_FIRST + 60)
    expect(rows.nth(AT_FIRST)).to_be_focused()


def test_a_screen_reader_has_every_row_that_is_there(popular: Visitor, rows: Locator) -> None:
    more = popular.page.get_by_role("button", name="Show more conversations")
    more.evaluate("one => one.focus({ preventScroll: true })")
    popular.page.keyboard.press("Enter")
    expect(rows).to_have_count(AT_FIRST + 60)
    nodes = popular.context.new_cdp_session(popular.page).send("Accessibility.getFullAXTree")["nodes"]
    heard = {
        one["name"]["value"].split()[0] for one in nodes if one["role"]["value"] == "button" and one["name"]["value"]
    }
    assert heard >= set(names(rows))


def test_on_a_low_page_where_all_scrolls_together_more_come_as_well(popular: Visitor, rows: Locator) -> None:
    popular.page.set_viewport_size({"width": 320, "height": 256})
    popular.page.reload()
    expect(rows).to_have_count(16)
    rows.last.scroll_into_view_if_needed()
    expect(rows).to_have_count(76)
    popular.page.set_viewport_size({"width": 1280, "height": 860})


def test_a_press_is_of_the_row_that_was_pressed_though_others_come_before_it(company: Company) -> None:
    one, third = company.pair()
    for name in ("second", "first"):
        meet(one, company.person(name))
    expect(one.page.locator("[data-session] .row-name").last).to_have_text(third.name)
    box = one.row(third.name).bounding_box()
    assert box
    one.page.mouse.move(box["x"] + 20, box["y"] + 20)
    one.page.mouse.down()
    third.say("up")
    expect(one.row(third.name)).to_contain_text("1 unread")
    assert one.row(third.name).bounding_box() == box
    one.page.mouse.up()
    expect(one.heading(third.name)).to_be_visible()
    expect(one.composer).to_be_focused()
    expect(one.page.locator("[data-session] .row-name").first).to_have_text(third.name)


def test_a_row_that_is_pressed_and_left_opens_nothing_and_nothing_of_it_is_read(company: Company) -> None:
    one, other = company.pair()
    third = company.person("third")
    meet(one, third)
    other.say("not yet seen")
    expect(one.row(other.name)).to_contain_text("1 unread")
    one.row(other.name).hover()
    one.page.mouse.down()
    expect(one.page.locator("parlour-timeline")).to_have_count(2)
    expect(one.page.get_by_role("log")).to_have_count(1)
    assert one.page.get_by_role("log").evaluate(ON_TOP)
    one.composer.hover()
    one.page.mouse.up()
    expect(one.page.locator("parlour-timeline")).to_have_count(1)
    expect(one.heading(third.name)).to_be_visible()
    one.page.reload()
    expect(one.heading(third.name)).to_be_visible()
    expect(one.row(other.name)).to_contain_text("1 unread")
    one.row(other.name).click()
    expect(one.message("not yet seen")).to_be_in_viewport(ratio=1)
    expect(one.page.get_by_role("log")).to_have_count(1)
    expect(one.row(other.name)).not_to_contain_text("unread")


def test_whom_one_looks_for_is_found_among_all(popular: Visitor, rows: Locator) -> None:
    rows.last.scroll_into_view_if_needed()
    expect(rows).to_have_count(AT_FIRST + 60)
    far = names(rows)[-1]
    popular.page.reload()
    expect(rows).to_have_count(AT_FIRST)
    assert far not in names(rows)
    popular.search.fill(far)
    expect(rows.filter(has_text=far)).to_have_count(1)
    rows.filter(has_text=far).click()
    popular.search.fill("")
    expect(popular.heading(far)).to_be_visible()
    expect(rows.filter(has_text=far)).to_have_attribute("aria-current", "true")
    expect(rows).to_have_count(AT_FIRST + 1)
    more = popular.page.get_by_role("button", name="Show more conversations")
    more.evaluate("one => one.focus({ preventScroll: true })")
    popular.page.keyboard.press("Enter")
    expect(rows).to_have_count(AT_FIRST + 60)
    expect(rows.nth(AT_FIRST)).to_be_focused()
    assert len(set(names(rows))) == AT_FIRST + 60
