"""The stores that the contract is tested on. A new engine is one more line here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from parlour.store.sqlite import SqliteStore


@pytest.fixture(params=["memory", "disk"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteStore]:
    """An empty store of each kind."""
    made = SqliteStore(tmp_path if request.param == "disk" else None)
    yield made
    made.close()
