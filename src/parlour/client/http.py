"""Calls over HTTP: a token, a body, and a refusal as an exception."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec

from .. import protocol
from .errors import Refused

Json = dict[str, Any]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else None


async def post(url: str, body: Json | None, token: str = "") -> bytes:
    async with aiohttp.ClientSession() as http, http.post(url, json=body, headers=bearer(token)) as response:
        return await read(response)


async def read(response: aiohttp.ClientResponse) -> bytes:
    """The body of a good answer. Raises Refused."""
    body = await response.read()
    if response.status >= 300:
        try:
            problem = msgspec.json.decode(body, type=protocol.Problem)
        except msgspec.MsgspecError:
            problem = protocol.Problem(status=response.status, title=str(response.reason), code=str(response.status))
        raise Refused(problem.code, problem.title, problem.field, retry_after(response.headers))
    return body
