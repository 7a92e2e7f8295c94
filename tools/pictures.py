"""`./run pictures`: takes pictures of the real thing: those that the papers show, then every screen in every look.

1. A server of its own on a free port and a folder that is thrown away; what is shown is what people see.
2. What they say is plain and generic. The times are of the day on which the pictures are taken.
3. What the papers show lies in docs/pictures, all others in .cache/pictures: they are to be looked at, not kept.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests import browser as browsers
from tests.web.looks import looks
from tests.web.pages import PHONE, Company, House, Visitor, house, meet

ROOT = Path(__file__).resolve().parents[1]
PICTURES, EVERY = ROOT / "docs" / "pictures", ROOT / ".cache" / "pictures"
SHARP: dict[str, Any] = {"device_scale_factor": 2}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}

TALK = [
    ("mirela", "Did the new firmware reach all the boards?"),
    ("noor", "Two of three. Board 7 keeps dropping off the network about once an hour."),
    ("noor", "I’ll look at the logs tonight."),
    ("mirela", "Thank you. Start with the handshake, it is slow on that one."),
    ("noor", "You were right: the watchdog fires while the connection is being set up."),
    ("mirela", "So we feed it before the handshake and once more after. Simple enough."),
    ("noor", "Exactly. There is a branch with the fix and a test. Could you run it on the bench this afternoon?"),
    ("noor", "No hurry, before Thursday is fine."),
    ("mirela", "On it, results in ten minutes."),
]


def person(company: Company, name: str, **options: Any) -> Visitor:
    """Somebody with exactly this name, logged in."""
    visitor = company.stranger(**options)
    visitor.name = name
    visitor.register()
    return visitor.log_in()


def talk(people: dict[str, Visitor]) -> None:
    for name, text in TALK:
        people[name].say(text)
        for one in people.values():
            expect(one.message(text)).to_be_visible()
            expect(one.page.locator(".sending")).to_have_count(0)


def befriend(one: Visitor, other: Visitor, text: str) -> None:
    """Another conversation in the list."""
    meet(other, one)
    other.say(text)
    expect(one.message(text)).to_be_visible()


def save(visitor: Visitor, name: str, folder: Path = PICTURES) -> None:
    visitor.page.evaluate("document.fonts.ready.then(() => document.activeElement.blur())")
    visitor.page.screenshot(path=folder / f"{name}.png", animations="disabled", caret="hide")
    print(folder / f"{name}.png")


def take(company: Company) -> None:
    mirela = person(company, "mirela", **DESK, color_scheme="light")
    for name, text in (("sven.lindqvist", "The train is at 9:40 then."), ("amara_o", "That worked, thank you!")):
        befriend(mirela, person(company, name), text)
    noor = person(company, "noor", **DESK, color_scheme="dark")
    meet(noor, mirela)
    talk({"mirela": mirela, "noor": noor})
    save(mirela, "desktop-light")
    tomas = person(company, "tomas.b")
    tomas.invite("noor", "We met on Thursday: you had the board with the watchdog.")
    expect(noor.dialog).to_be_visible()
    expect(noor.dialog.get_by_role("button", name="Accept")).to_be_enabled()
    save(noor, "desktop-dark")
    phone = company.stranger(**PHONE, **SHARP, color_scheme="light")
    phone.name = "noor"
    phone.log_in()
    expect(phone.dialog.get_by_role("button", name="Accept")).to_be_enabled()
    save(phone, "mobile-list")
    phone.answer("Decide later")
    phone.row("mirela").click()
    expect(phone.message(TALK[-1][1])).to_be_visible()
    save(phone, "mobile-chat")


# ---------------------------------------------------------------------------------------------------- every screen


def walk(one: Visitor, company: Company, served: House) -> Iterator[str]:
    """Somebody's way through all that there is to see; each stop has a name."""
    page = one.page
    for screen in ("register", "login"):
        page.goto(f"/{screen}")
        expect(page.get_by_label("Username")).to_be_visible()
        yield screen
    one.register()
    one.log_in()
    yield "first"
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_role("button", name="Copy")).to_be_visible()
    yield "link"
    people = [company.person(name) for name in ("noor", "sven", "tomas")]
    for asker in people[:2]:
        asker.invite(one.name, "We met on Thursday: you had the board with the watchdog.")
    expect(one.dialog).to_have_accessible_name("2 people want to chat")
    expect(one.dialog.get_by_role("button", name="Accept")).to_be_enabled()
    yield "asked-by-two"
    one.answer("Accept")
    expect(one.heading(people[0].name)).to_be_visible()
    page.keyboard.press("Control+k")
    one.invite(people[2].name)
    expect(one.row(people[2].name)).to_be_visible()
    yield "asked-and-asking"
    one.answer("Reject")
    yield "rejected"
    yield from _talking(one, people[0])
    yield from _leaving(one, people[0])
    served.kill()
    expect(page.get_by_role("region", name="Connection")).to_be_visible()
    yield "lost"
    served.start()
    expect(page.get_by_role("region", name="Connection")).to_have_count(0, timeout=60_000)


def _talking(one: Visitor, other: Visitor) -> Iterator[str]:
    one.row(other.name).click()
    other.row(one.name).click()
    for text in (
        "The **first** board works.",
        "- one\n- two\n\n`make bench`",
        "> Really?\n\nYes. https://example.org/bench",
    ):
        other.say(text)
    one.say("Thank you. " * 20)
    one.say("👍")
    expect(one.page.locator("article")).to_have_count(5)
    yield "conversation"
    one.page.get_by_role("button", name="Conversation settings").click()
    yield "conversation-settings"
    one.page.keyboard.press("Escape")
    one.page.keyboard.press("Control+/")
    yield "shortcuts"
    one.page.keyboard.press("Escape")


def _leaving(one: Visitor, other: Visitor) -> Iterator[str]:
    one.page.get_by_role("button", name="Conversation settings").click()
    one.page.get_by_role("button", name="Close conversation").click()
    yield "sure"
    one.page.get_by_role("alertdialog").get_by_role("button", name="Close conversation").click()
    expect(one.page.get_by_role("main")).to_contain_text("This conversation is closed.")
    yield "closed"
    one.page.goto("/settings")
    expect(one.page.get_by_text("This device")).to_be_visible()
    yield "settings"
    one.page.goto("/")
    expect(one.row(other.name)).to_be_visible()
    yield "list"


def take_all(company: Company, served: House) -> None:
    """Every screen in every look, at a desk and on a phone."""
    for size, options in {"desk": DESK, "phone": PHONE}.items():
        one = company.stranger("mirela", **options)
        for screen in walk(one, company, served):
            for look in looks(one, size):
                save(one, f"{screen}-{size}-{look}", EVERY)


def main() -> int:
    PICTURES.mkdir(parents=True, exist_ok=True)
    EVERY.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, house(Path(data)) as served, browsers.started() as browser:
        take(Company(browser, served.base))
        take_all(Company(browser, served.base), served)
    return 0


if __name__ == "__main__":
    sys.exit(main())
