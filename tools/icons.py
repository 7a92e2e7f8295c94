"""`python -m tools.icons`: the icons of the installed page, drawn from its mark by the browser of the tests.

1. Made anew only when the mark changes, and committed: serving and installing need no browser.
2. A system may cut a maskable icon to any shape: its mark keeps to the middle, on the page's own ground.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser

from tests import browser as browsers

WEB = Path(__file__).resolve().parents[1] / "src" / "parlour" / "web"
GROUND = "#F0F5F3"
PAGE = """<!doctype html><style>
  html { background: %s } body { margin: 0; display: grid; place-items: center; height: 100vh }
  svg { width: %d%%; height: %d%% }
</style>%s"""


class Icon(NamedTuple):
    """An icon's side, how much of it the mark fills, and what lies behind."""

    side: int
    filled: int
    ground: str


ICONS = {
    "192": Icon(192, 100, "transparent"),
    "512": Icon(512, 100, "transparent"),
    "maskable": Icon(512, 66, GROUND),
}


def draw(browser: Browser, icon: Icon) -> bytes:
    """The icon as PNG."""
    page = browser.new_page(viewport={"width": icon.side, "height": icon.side})
    page.set_content(PAGE % (icon.ground, icon.filled, icon.filled, (WEB / "mark.svg").read_text(encoding="utf-8")))
    drawn = page.screenshot(omit_background=True)
    page.close()
    return drawn


def main() -> int:
    with browsers.started() as browser:
        for name, icon in ICONS.items():
            (WEB / "icons" / f"{name}.png").write_bytes(draw(browser, icon))
    return 0


if __name__ == "__main__":
    sys.exit(main())
