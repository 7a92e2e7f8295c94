"""What the fault tests share: the product's own loop, a seed, and a report for the end of the run.

1. A test says what really hit before it judges: the report tells of failed tests too. It goes with the test's outcome
   from the worker to the run, where `tests/conftest.py` shows it.
2. Every test draws from the run's seed and its own name, so that one of them can be repeated alone.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping

import pytest
import uvloop

from .sizes import HIT, SEED


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Tests run on the loop that the product runs on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """The test's own chance."""
    return random.Random(f"{SEED} {request.node.name}")


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Tell what happened."""
    return lambda text: request.node.user_properties.append((HIT, text))
