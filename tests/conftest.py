"""What all tests share: a world for the rules, and Hypothesis made repeatable.

Every run tries the same examples; `--hypothesis-profile=random` looks for new ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import settings

from parlour.core import passwords
from tests.core.world import World

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
def _verified_once() -> Iterator[None]:
    """People of tests share a password and its hash: a run verifies it once, not 20 ms for every login."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "matches", cache(passwords.matches))
        yield
