"""What tests of the rules share: a report at the end of the run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

_told: list[str] = []


@pytest.fixture
def report() -> Callable[[str], None]:
    """A line of the report."""
    return _told.append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _told:
        terminalreporter.section("how often each command met each state, from each side")
        for line in _told:
            terminalreporter.line(line)
