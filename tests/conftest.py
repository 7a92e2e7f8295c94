"""What all tests share: a world for the rules, and Hypothesis made repeatable.

Every run tries the same examples; `--hypothesis-profile=random` looks for new ones.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

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
