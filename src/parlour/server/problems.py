"""Refusals over HTTP: every error is a problem (RFC 9457) with a stable code.

1. One function makes them all, also for what the library refuses before, or past, the gate.
2. None holds the library's own words, or the input.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from aiohttp import web
from aiohttp.http import HttpProcessingError

from ..protocol import CODES, Problem, encode

log = logging.getLogger(__name__)


def problem(
    code: str, field: str | None = None, retry_after: int | None = None, status: int | None = None
) -> web.Response:
    """The answer that tells of a refusal."""
    known = CODES[code]
    status = status or known.status
    body = Problem(status=status, title=known.reason, code=code, field=field)
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


class Door(web.RequestHandler):
    """A connection's HTTP. What the library cannot read is refused in our words: none of its own, none of the input."""

    __slots__ = ("_dress",)

    def __init__(self, manager: web.Server | None, dress: Callable[[web.StreamResponse], None], **options: Any) -> None:
        assert manager is not None, "the runner is set up"
        super().__init__(manager, **options)
        self._dress = dress

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """The answer to what came before, or went past, the gate."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun already")
        if not isinstance(exc, HttpProcessingError):
            log.error("a connection failed", exc_info=exc)
        response = problem("bad_request" if status < 500 else "internal")
        self._dress(response)
        response.headers["Server"] = ""
        response.force_close()
        return response
