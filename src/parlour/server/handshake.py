"""The opening of a WebSocket: what a handshake must say, and the moment in which the transport changes hands.

1. What is refused is refused over HTTP, before the 101.
2. aiohttp's own WebSocket is left out: after the 101 its protocol lets go of the transport.
   (`tests/server/test_websocket.py` pins the private names that this uses.)
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiohttp import HttpVersion11, web

from ..core.dispatch import Refused
from ..protocol import SUBPROTOCOL

if TYPE_CHECKING:
    import asyncio

    from .hub import Opening
    from .websocket import Connection

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3


def judge_handshake(request: web.BaseRequest) -> tuple[str, bool]:
    """The answer to the client's key, and whether it is a core socket (RFC 6455, section 4.2.1). Raises Refused."""
    headers = request.headers
    if request.version < HttpVersion11 or request.body_exists:
        raise Refused("bad_request")
    if headers.get("Upgrade", "").lower() != "websocket" or "upgrade" not in _tokens(headers.get("Connection", "")):
        raise Refused("upgrade_required")
    if headers.get("Sec-WebSocket-Version") != "13":
        raise Refused("upgrade_required")
    offered = headers.getall("Sec-WebSocket-Protocol", [])
    if offered and SUBPROTOCOL not in [name for line in offered for name in _tokens(line, lower=False)]:
        raise Refused("bad_request")
    return _accept(headers.get("Sec-WebSocket-Key", "")), not offered


def _tokens(line: str, lower: bool = True) -> list[str]:
    return [part.strip() for part in (line.lower() if lower else line).split(",")]


def _accept(key: str) -> str:
    try:
        sound = len(base64.b64decode(key, validate=True)) == 16
    except (binascii.Error, ValueError):
        sound = False
    if not sound:
        raise Refused("bad_request")
    return base64.b64encode(hashlib.sha1(key.encode() + GUID, usedforsecurity=False).digest()).decode()


class _Taken(web.Response):
    """What the aiohttp handler gives back: the socket is ours, there is nothing left to write."""

    async def prepare(self, request: web.BaseRequest) -> None:
        """See the class."""

    async def write_eof(self, data: Any = b"") -> None:
        """See the class."""


def take_over(
    request: web.BaseRequest, accept: str, opening: Opening | None, make: Callable[[asyncio.Transport], Connection]
) -> Any:
    """Write the 101 and put our own protocol on the transport; bytes that came early are handed on.

    `opening`: where a core socket begins.
    """
    old = request.protocol
    transport = old.transport
    if transport is None or transport.is_closing():
        return _Taken()
    chosen = b"" if opening else b"Sec-WebSocket-Protocol: " + SUBPROTOCOL.encode() + b"\r\n"
    transport.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept.encode() + b"\r\n" + chosen + b"\r\n"
    )
    connection = make(transport)
    early = old._message_tail
    transport.set_protocol(connection)
    transport.resume_reading()
    old.transport = None
    old.connection_lost(None)
    connection.started(early, opening)
    return _Taken()
