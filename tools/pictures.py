"""`./run pictures`: takes the pictures that the papers show, of the real thing.

1. A server of its own on a free port and a folder that is thrown away; what is shown is what people see.
2. What they say is plain and generic. The times are of the day on which the pictures are taken.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests import browser as browsers
from tests.web.pages import PHONE, Company, Visitor, house, meet

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
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


def save(visitor: Visitor, name: str) -> None:
    visitor.page.evaluate("document.fonts.ready.then(() => document.activeElement.blur())")
    visitor.page.screenshot(path=PICTURES / f"{name}.png", animations="disabled", caret="hide")
    print(PICTURES / f"{name}.png")


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


def main() -> int:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, house(Path(data)) as served, browsers.started() as browser:
        take(Company(browser, served.base))
    return 0


if __name__ == "__main__":
    sys.exit(main())
