"""One scene for all tables of bad inputs."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.server.bad_inputs.table import Scene
from tests.server.people import town


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("scene")
    async with town(folder) as made:
        nanda, winston, session_id = await made.pair("nanda", "winston")
        carol, bystander = await made.person("carol"), await made.person("bystander")
        yield Scene(made, nanda, winston, session_id, carol, await bystander.v1(), folder)
