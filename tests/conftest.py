"""What all tests share: a world for the rules, Hypothesis made repeatable, workers, and what hit.

1. Every run tries the same examples; `--hypothesis-profile=random` looks for new ones.
2. Folders are run by three workers, file by file; a file, and what `-k` selects, in this process. `-n` says otherwise.
3. What is compiled once is kept for them and for the hundreds of servers that they start.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from parlour.core import passwords
from parlour.server import pages
from tests.core.world import World
from tests.faults.sizes import HIT, SEED

WORKERS = 3
COMPILED = Path(__file__).resolve().parents[1] / ".cache" / "compiled"
os.environ |= {"PYTHONPYCACHEPREFIX": str(COMPILED), "PYTHONDONTWRITEBYTECODE": ""}

settings.register_profile("repeatable", derandomize=True, database=None, deadline=None)
settings.register_profile("random", database=None, deadline=None, print_blob=True)
settings.load_profile("repeatable")


@pytest.fixture
def world() -> Iterator[World]:
    """An empty database in memory, with a clock that stands still."""
    made = World()
    yield made
    made.close()


@pytest.fixture(scope="session", autouse=True)
def _made_once() -> Iterator[None]:
    """
    People of tests share a password and its hash: a run verifies it once, not 20 ms for every login. And the web client
    is put together once, not 180 ms for every server of this process.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "matches", cache(passwords.matches))
        patch.setattr(pages, "files", cache(pages.files))
        yield


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """For whole folders; starting them takes longer than a few tests do."""
    return WORKERS if any(Path(place).is_dir() for place in config.args) and not config.option.keyword else 0


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the fault tests say that hit, whichever worker ran them."""
    calls = (one for outcomes in terminalreporter.stats.values() for one in outcomes if _is_call(one))
    if told := [f"{_words(one)}: {text}" for one in calls for name, text in one.user_properties if name == HIT]:
        terminalreporter.section(f"faults that hit (FAULTS_SEED={SEED})")
        for line in told:
            terminalreporter.line(line)


def _is_call(outcome: object) -> bool:
    return isinstance(outcome, pytest.TestReport) and outcome.when == "call"


def _words(outcome: pytest.TestReport) -> str:
    """A test's name as it is spoken."""
    return outcome.location[2].removeprefix("test_").replace("_", " ")
