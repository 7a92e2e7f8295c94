"""Raw bytes: what libraries would correct or refuse to send, and what exactly comes back.

1. Nothing here knows the server; requests and frames are put together by hand (RFC 9112, RFC 6455).
2. Every wait has a limit.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from contextlib import suppress
from typing import Any, NamedTuple, Self

PATIENCE = 10.0
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455, section 1.3
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
MASK = b"\x5a\x01\xff\x7e"


class Reply(NamedTuple):
    """An HTTP answer. Names of headers are in lower case; one that came twice is joined by a comma."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def request(method: str, path: str, *headers: str, body: bytes = b"", host: str | None = "localhost") -> bytes:
    """A request; with a body also its length, unless a header says how long it is."""
    lines = [f"{method} {path} HTTP/1.1", *([f"Host: {host}"] if host is not None else []), *headers]
    if body and not any(h.lower().startswith(("content-length", "transfer-encoding")) for h in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def post(path: str, body: bytes, *headers: str) -> bytes:
    """A POST of JSON."""
    kind = () if any(h.lower().startswith("content-type") for h in headers) else ("Content-Type: application/json",)
    return request("POST", path, *kind, *headers, body=body)


def handshake(*headers: str, path: str = "/ws") -> bytes:
    """The opening handshake."""
    return request(
        "GET", path, "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {KEY}",
        "Sec-WebSocket-Version: 13", *headers,
    )  # fmt: skip


def frame(
    payload: str | bytes = b"", opcode: int = TEXT, *, fin: bool = True, rsv: int = 0, mask: bytes = MASK
) -> bytes:
    """A client's frame."""
    data = payload.encode() if isinstance(payload, str) else payload
    head = bytes(((fin << 7) | (rsv << 4) | opcode,))
    if len(data) < 126:
        head += bytes((0x80 | len(data),))
    elif len(data) < 65_536:
        head += bytes((0x80 | 126,)) + len(data).to_bytes(2, "big")
    else:
        head += bytes((0x80 | 127,)) + len(data).to_bytes(8, "big")
    key = int.from_bytes((mask * (len(data) // 4 + 1))[: len(data)], "big")
    return head + mask + (int.from_bytes(data, "big") ^ key).to_bytes(len(data), "big")


class Line:
    """A TCP connection to a server. What came before a reset is read before the reset is noticed."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket, self._loop = sock, asyncio.get_running_loop()
        self._came = bytearray()
        self._over = self.was_reset = False

    @classmethod
    async def open(cls, port: int, room: int | None = None) -> Self:
        """Connect; with `room`: so many bytes of it in the kernel for what comes."""
        sock = socket.socket()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if room:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        sock.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
        except BaseException:
            sock.close()
            raise
        return cls(sock)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *raised: object) -> None:
        self.reset()

    def reset(self) -> None:
        """End it as a crash would: the other side gets an RST."""
        if self._socket.fileno() >= 0:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._socket.close()

    def widen(self, buffer: int) -> None:
        """Make more room for what comes."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)

    def finish(self) -> None:
        """Nothing more will be sent."""
        self._socket.shutdown(socket.SHUT_WR)

    async def send(self, data: bytes) -> None:
        """Send all of it, as far as the other side takes it: it may end the connection meanwhile."""
        with suppress(ConnectionError):
            await asyncio.wait_for(self._loop.sock_sendall(self._socket, data), PATIENCE)

    async def _more(self) -> None:
        try:
            came = await asyncio.wait_for(self._loop.sock_recv(self._socket, 262_144), PATIENCE)
        except ConnectionError:
            came, self.was_reset = b"", True
        self._over = not came
        self._came += came

    async def take(self, size: int) -> bytes:
        """The next bytes."""
        while len(self._came) < size:
            assert not self._over, f"the connection ended after {bytes(self._came)!r}"
            await self._more()
        taken = bytes(self._came[:size])
        del self._came[:size]
        return taken

    async def reply(self) -> Reply:
        """The next HTTP answer."""
        while (end := self._came.find(b"\r\n\r\n")) < 0:
            assert not self._over, f"the connection ended after {bytes(self._came)!r}"
            await self._more()
        first, *lines = (await self.take(end + 4)).decode("latin-1").rstrip("\r\n").split("\r\n")
        headers: dict[str, str] = {}
        for name, _, value in (line.partition(": ") for line in lines):
            headers[name.lower()] = f"{headers[name.lower()]}, {value}" if name.lower() in headers else value
        return Reply(int(first.split()[1]), headers, await self.take(int(headers.get("content-length", 0))))

    async def ask(self, data: bytes) -> Reply:
        await self.send(data)
        return await self.reply()

    async def ended(self) -> bytes:
        """Wait for the end of the connection; what came before it."""
        while not self._over:
            await self._more()
        return bytes(self._came)


async def ask(port: int, data: bytes) -> Reply:
    """One request on a connection of its own."""
    async with await Line.open(port) as line:
        return await line.ask(data)


class Wire(Line):
    """A WebSocket by hand."""

    @classmethod
    async def upgrade(cls, port: int, token: str, *headers: str, early: bytes = b"", room: int | None = None) -> Self:
        """Connect and shake hands; `early` follows the handshake in the same write."""
        wire = await cls.open(port, room)
        try:
            reply = await wire.ask(handshake(f"Authorization: Bearer {token}", *headers) + early)
            assert reply.status == 101, reply
            assert reply.headers["sec-websocket-accept"] == ACCEPT
        except BaseException:
            wire.reset()
            raise
        return wire

    async def read(self) -> tuple[int, bytes]:
        """The next frame: opcode and payload. A server masks nothing and sends nothing in fragments."""
        first, second = await self.take(2)
        assert first & 0xF0 == 0x80, f"FIN and no reserved bits, not {first:#x}"
        assert second < 128, "a server does not mask"
        size = second
        if second >= 126:
            size = int.from_bytes(await self.take(2 if second == 126 else 8))
        return first & 0x0F, await self.take(size)

    async def text(self) -> Any:
        """The next text frame, decoded."""
        opcode, payload = await self.read()
        assert opcode == TEXT, (opcode, payload)
        return json.loads(payload)

    async def say(self, payload: str | bytes) -> Any:
        """Send a text frame; the next one that comes back."""
        await self.send(frame(payload))
        return await self.text()

    async def say_last(self, payload: bytes) -> Any:
        """Send the last fragment of a text; the next frame that comes back."""
        await self.send(frame(payload, CONTINUATION))
        return await self.text()

    async def lives(self) -> None:
        """A frame is answered still."""
        ref = "lives"
        await self.send(frame(json.dumps({"type": "Search", "Username": "nobody-at-all", "Ref": ref})))
        while (await self.text()).get("Ref") != ref:
            pass

    async def closed(self) -> int:
        """Wait for the close frame, and for the end of the connection; the close code."""
        while True:
            opcode, payload = await self.read()
            if opcode == CLOSE:
                await self.ended()
                assert not self.was_reset, "a reset may take the close frame with it"
                return int.from_bytes(payload[:2], "big")
