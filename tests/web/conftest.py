"""What the tests in a browser share: one browser and one server for the tests of a file, people for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests import browser as browsers
from tests.web.pages import Company, House
from tests.web.pages import house as housed


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with browsers.started() as started:
        yield started


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server in a process of its own."""
    with housed(tmp_path_factory.mktemp("web")) as made:
        yield made


@pytest.fixture
def company(browser: Browser, house: House) -> Iterator[Company]:
    """The people of a test. Afterwards: no page has thrown, none has offended its policy."""
    made = Company(browser, house.base)
    yield made
    faults = [fault for visitor in made.visitors for fault in visitor.faults]
    for visitor in made.visitors:
        visitor.context.close()
    assert not faults, faults
