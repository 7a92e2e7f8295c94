"""Refusals over HTTP: every error is a problem (RFC 9457) with a stable code.

1. One function makes them all, also for what the library refuses before, or past, the gate.
2. None holds the library's own words, or the input.
3. Who is slow holds no connection: a head and a body have their time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from aiohttp import web
from aiohttp.http import HttpProcessingError

from ..core.dispatch import Refused
from ..protocol import CODES, Problem, encode

log = logging.getLogger(__name__)


def problem(
    code: str,
    field: str | None = None,
    retry_after: int | None = None,
    status: int | None = None,
    why: str | None = None,
) -> web.Response:
    """The answer that tells of a refusal; `why` instead of the code's own sentence."""
    known = CODES[code]
    status = status or known.status
    body = Problem(status=status, title=why or known.reason, code=code, field=field)
    response = web.Response(status=status, body=encode(body), content_type="application/problem+json")
    if retry_after is None and status == 503:
        retry_after = 1
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    if code == "upgrade_required":
        response.headers["Sec-WebSocket-Version"] = "13"
    if code == "unauthorized":
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def of_aiohttp(raised: web.HTTPException) -> web.Response:
    """The library's own refusals, in our words."""
    codes = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "not_json"}
    response = problem(codes.get(raised.status, "bad_request"), status=raised.status)
    if "Allow" in raised.headers:
        response.headers["Allow"] = raised.headers["Allow"]
    return response


async def expects_nothing(request: web.Request) -> web.StreamResponse:
    """Nobody needs to ask before sending 64 KiB."""
    return problem("bad_request", "Expect", status=417)


async def body_of(request: web.BaseRequest, within: float) -> bytes:
    """The body, if it comes in time. Raises Refused."""
    try:
        async with asyncio.timeout(within):
            return await request.read()
    except TimeoutError:
        raise Refused("bad_request", status=408) from None


class Door(web.RequestHandler):
    """A connection's HTTP. What the library cannot read is refused in our words: none of its own, none of the input."""

    __slots__ = ("_dress", "_head_timer", "_head_within")

    def __init__(
        self, manager: web.Server | None, dress: Callable[[web.StreamResponse], None], head_within: float = 15.0,
        **options: Any,
    ) -> None:  # fmt: skip
        assert manager is not None, "the runner is set up"
        super().__init__(manager, **options)
        self._dress, self._head_within = dress, head_within
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._head_timer = self._loop.call_later(self._head_within, self.force_close)

    def data_received(self, data: bytes) -> None:
        heads = self._request_count
        super().data_received(data)
        if self._request_count != heads:
            self._stop_timer()
        elif self._waiter and not self._head_timer:  # It was idle: these are the first bytes of a head.
            self._head_timer = self._loop.call_later(self._head_within, self.force_close)

    def eof_received(self) -> bool:  # type: ignore[override]  # As asyncio has it; the library says None.
        """Who has asked in full and has nothing more to say still hears the answer. Whether it is waited for."""
        asked = [(getattr(message, "upgrade", True), payload) for message, payload in self._messages]
        if (current := self._current_request) is not None:
            asked.append(("Upgrade" in current.headers, current.content))
        if not asked or any(upgrade or not payload.is_eof() for upgrade, payload in asked):
            return False
        self.close()
        return True

    def connection_lost(self, exc: BaseException | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def _stop_timer(self) -> None:
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """The answer to what came before, or went past, the gate."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun already")
        if not isinstance(exc, HttpProcessingError):
            log.error("a connection failed", exc_info=exc)
        response = problem(_code_of(exc) if status < 500 else "internal")
        self._dress(response)
        response.headers["Server"] = ""
        response.force_close()
        return response


def _code_of(exc: BaseException | None) -> str:
    """What was wrong with a head that the library could not read."""
    too_large = any(words in str(exc) for words in ("Too many headers", "Got more than"))
    return "headers_too_large" if too_large else "bad_request"
