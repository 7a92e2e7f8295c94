"""What the tests over real sockets share: the product's own event loop, one server for most of them, clean logs.

1. `house` is one server for the whole run; a test makes new people in it and leaves everybody else alone.
2. After every test: nothing was logged as an error, and no traceback at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping

import pytest
import pytest_asyncio
import uvloop

from tests.server.people import Town, town


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Tests run on the loop that the product runs on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """The server that tests share."""
    async with town(tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture(autouse=True)
def nothing_failed(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No error and no traceback in the log."""
    yield
    records = caplog.get_records("setup") + caplog.get_records("call")
    bad = [r for r in records if r.exc_info or r.levelname in ("ERROR", "CRITICAL")]
    assert not bad, [f"{r.name}: {r.getMessage()} {r.exc_info}" for r in bad]
