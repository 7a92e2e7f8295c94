"""What the tests of the SDK share with those over real sockets: the loop, the server, clean logs."""

from tests.server.conftest import house, nothing_failed, pytest_asyncio_loop_factories

__all__ = ["house", "nothing_failed", "pytest_asyncio_loop_factories"]
