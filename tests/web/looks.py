"""The sizes and looks in which every screen is tried: dark, with more contrast, forced colours, from right to left.

1. A screen is reached once in each size; the looks are put on where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.web.pages import PHONE, Visitor, violations

SIZES: dict[str, dict[str, Any]] = {
    "desk": {},
    "phone": PHONE,
    "400 %": {"viewport": {"width": 320, "height": 256}},
}
PLAIN: dict[str, Any] = {"color_scheme": "light", "contrast": "no-preference", "forced_colors": "none"}
MEDIA: dict[str, dict[str, Any]] = {
    "dark": {**PLAIN, "color_scheme": "dark"},
    "contrast": {**PLAIN, "contrast": "more"},
    "forced": {**PLAIN, "forced_colors": "active"},
    "light": PLAIN,
    "rtl": PLAIN,
}
LOOKS = {"desk": [*MEDIA], "phone": ["dark", "light", "rtl"], "400 %": ["light", "rtl"]}
MIRRORED = {("phone", "rtl"), ("400 %", "rtl")}
"""Only the direction is another one: what matters is that it fits, and axe-core has looked at the rest."""


def fits(visitor: Visitor) -> None:
    """Nothing has to be scrolled sideways, and axe-core finds nothing."""
    _stays_within(visitor)
    assert violations(visitor.page) == []


def fits_in_every_look(visitor: Visitor, size: str) -> None:
    for look in looks(visitor, size):
        check = _stays_within if (size, look) in MIRRORED else fits
        check(visitor)


def _stays_within(visitor: Visitor) -> None:
    assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def looks(visitor: Visitor, size: str) -> Iterator[str]:
    """The page as it stands, in one look after the other, without what moves; then as it was."""
    page = visitor.page
    was = page.evaluate("document.documentElement.dir")
    for look in LOOKS[size]:
        page.emulate_media(reduced_motion="reduce", **MEDIA[look])
        page.evaluate("(dir) => void (document.documentElement.dir = dir)", "rtl" if look == "rtl" else was)
        yield look
    page.evaluate("(dir) => void (document.documentElement.dir = dir)", was)


def small_targets(visitor: Visitor) -> list[list[float]]:
    """The sizes of buttons that a finger would miss."""
    sizes = "all => all.map((one) => one.getBoundingClientRect()).map(({ width, height }) => [width, height])"
    found: list[list[float]] = visitor.page.eval_on_selector_all("button", sizes)
    return [size for size in found if size[0] and min(size) < 43.9]
