"""The socket itself: framing by raw bytes, pipelining, pressure, endings; and the private names that it is built on.

1. What a library would never send is sent by hand.
2. How much the server holds for a socket that is not read is measured where it is held, not guessed from a clock.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import WSMsgType
from aiohttp._websocket.reader import WebSocketDataQueue, WebSocketReader
from aiohttp.web import RequestHandler

from parlour.protocol import FRAME_BYTES, IN_FLIGHT
from parlour.server.websocket import ROOM_BYTES, Connection
from tests.server.people import Person, Town
from tests.server.wire import (
    BINARY,
    CLOSE,
    CONTINUATION,
    KEY,
    MASK,
    PING,
    PONG,
    TEXT,
    Wire,
    ask,
    frame,
    handshake,
    request,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

V1 = "Sec-WebSocket-Protocol: parlour.v1"


def search(ref: str = "") -> str:
    """A frame that is answered by one error with this Ref."""
    return json.dumps({"type": "Search", "Username": "no-such-user"} | ({"Ref": ref} if ref else {}))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def somebody(house: Town) -> Person:
    """Somebody who is there for this file alone."""
    return await house.person()


async def opened(house: Town, person: Person, *headers: str, **options: Any) -> Wire:
    return await Wire.upgrade(house.port, person.token, *headers, **options)


# ------------------------------------------------------------------------------------------------------ private names


async def test_the_private_names_are_there() -> None:
    """What server/websocket.py uses of aiohttp beyond its public face. If this fails, look there before updating."""
    assert "_message_tail" in RequestHandler.__slots__
    assert {"transport", "connection_lost", "data_received"} <= set(dir(RequestHandler))
    assert list(inspect.signature(WebSocketDataQueue.feed_data).parameters)[:3] == ["self", "data", "size"]
    assert list(inspect.signature(WebSocketDataQueue.set_exception).parameters)[:2] == ["self", "exc"]


async def test_the_reader_hands_each_message_to_its_queue_at_once() -> None:
    got: list[Any] = []

    class Queue(WebSocketDataQueue):
        def feed_data(self, data: Any, size: int) -> None:
            got.append((data[0], data[1]))

        def set_exception(self, exc: BaseException, exc_cause: BaseException | None = None) -> None:
            got.append(getattr(exc, "code", None))

    queue = Queue(None, 65_536, loop=asyncio.get_running_loop())  # type: ignore[arg-type]
    reader = WebSocketReader(queue, 65_537, compress=False, decode_text=True)
    for data in (frame("one"), frame("", PING), frame(b"\x03\xe8", CLOSE)):
        reader.feed_data(data)
    reader.feed_data(frame("x", rsv=4))
    assert got == [(WSMsgType.TEXT, "one"), (WSMsgType.PING, b""), (WSMsgType.CLOSE, 1000), 1002]


# ------------------------------------------------------------------------------------------------------------- framing


async def test_fragments_around_a_ping(house: Town, somebody: Person) -> None:
    text = search("fragments").encode()
    async with await opened(house, somebody) as wire:
        await wire.send(
            frame(text[:10], fin=False) + frame(b"are you there", PING) + frame(b"", CONTINUATION, fin=False)
        )
        assert await wire.read() == (PONG, b"are you there")
        await wire.send(frame(text[10:], CONTINUATION))
        assert (await wire.text())["Ref"] == "fragments"


async def test_text_split_inside_a_character_everywhere(house: Town, somebody: Person) -> None:
    text = json.dumps({"type": "Search", "Username": "x", "Ref": "é€😀"}, ensure_ascii=False).encode()
    async with await opened(house, somebody) as wire:
        for at in range(len(text)):
            await wire.send(frame(text[:at], fin=False) + frame(text[at:], CONTINUATION))
            assert (await wire.text())["Ref"] == "é€😀"
        for at in range(len(whole := frame(text))):  # the same, split between two TCP segments
            await wire.send(whole[:at])
            await wire.send(whole[at:])
            assert (await wire.text())["Ref"] == "é€😀"


@pytest.mark.parametrize("cut", ["one", "halves", "pieces"])
async def test_exactly_64_kib_is_accepted(house: Town, somebody: Person, cut: str) -> None:
    text = search("whole").encode().ljust(FRAME_BYTES)
    size = {"one": FRAME_BYTES, "halves": FRAME_BYTES // 2, "pieces": 1_000}[cut]
    parts = [text[at : at + size] for at in range(0, FRAME_BYTES, size)]
    async with await opened(house, somebody) as wire:
        for n, part in enumerate(parts):
            await wire.send(frame(part, CONTINUATION if n else TEXT, fin=n == len(parts) - 1))
        assert (await wire.text())["Ref"] == "whole"


@pytest.mark.parametrize("cut", ["one", "halves", "pieces", "header alone", "huge header"])
async def test_one_byte_more_is_too_big(house: Town, somebody: Person, cut: str) -> None:
    text = search("whole").encode().ljust(FRAME_BYTES + 1)
    size = {"halves": FRAME_BYTES // 2 + 1, "pieces": 1_000}.get(cut, FRAME_BYTES + 1)
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    async with await opened(house, somebody) as wire:
        if cut == "header alone":
            await wire.send(bytes((0x81, 0xFF)) + (FRAME_BYTES + 1).to_bytes(8, "big") + MASK)
        elif cut == "huge header":
            await wire.send(bytes((0x81, 0xFF)) + (2**62).to_bytes(8, "big") + MASK)
        else:
            for n, part in enumerate(parts):
                await wire.send(frame(part, CONTINUATION if n else TEXT, fin=n == len(parts) - 1))
        assert await wire.closed() == 1009


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("bare continuation", frame("x", CONTINUATION), 1002),
        ("text inside a text", frame("x", fin=False) + frame("y"), 1002),
        *((f"opcode {n}", frame("x", n), 1002) for n in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)),
        ("long ping", frame("x" * 126, PING), 1002),
        ("fragmented ping", frame("x", PING, fin=False), 1002),
        ("binary", frame("x", BINARY), 1003),
        ("binary in fragments", frame("x", BINARY, fin=False) + frame("y", CONTINUATION), 1003),
        ("compressed", frame(b"\xaaV*\xa9,HU\xb2RP*.M\xceJ-Q\xaa\x05\x00", rsv=4), 1002),
        ("close of one byte", frame(b"\x03", CLOSE), 1002),
        ("close 1005", frame((1005).to_bytes(2, "big"), CLOSE), 1002),
        ("close with a bad reason", frame((1000).to_bytes(2, "big") + b"\xff", CLOSE), 1007),
    ],
)
async def test_what_breaks_the_framing_closes(house: Town, somebody: Person, name: str, data: bytes, code: int) -> None:
    async with await opened(house, somebody) as wire:
        await wire.send(data)
        assert await wire.closed() == code, name


async def test_an_unmasked_frame_is_handled_as_usual_or_closes(house: Town, somebody: Person) -> None:
    payload = search("bare").encode()
    async with await opened(house, somebody) as wire:
        await wire.send(bytes((0x81, len(payload))) + payload)
        opcode, answer = await wire.read()
        assert (opcode == TEXT and json.loads(answer)["Ref"] == "bare") or answer[:2] == (1002).to_bytes(2, "big")


async def test_ping_is_answered_and_a_pong_that_nobody_asked_for_is_not(house: Town, somebody: Person) -> None:
    async with await opened(house, somebody) as wire:
        await wire.send(frame("never asked", PONG) + frame("", PING) + frame("x" * 125, PING))
        assert [await wire.read(), await wire.read()] == [(PONG, b""), (PONG, b"x" * 125)]
        await wire.lives()


@pytest.mark.parametrize("code", [1000, 1001, 3000, 4999, None])
async def test_a_close_is_answered_with_its_code(house: Town, somebody: Person, code: int | None) -> None:
    payload = code.to_bytes(2, "big") if code else b""
    async with await opened(house, somebody) as wire:
        await wire.send(
            frame(payload + (b"bye" if code else b""), CLOSE) + frame(search("late")) + frame(payload, CLOSE)
        )
        assert await wire.read() == (CLOSE, payload)
        assert await wire.ended() == b"", "what comes after a close is ignored"
        assert not wire.was_reset


# -------------------------------------------------------------------------------------------------------- the handshake


async def test_frames_behind_the_handshake_run(house: Town, somebody: Person) -> None:
    early = b"".join(frame(search(str(n))) for n in range(20))
    last = frame(search("last"))
    async with await opened(house, somebody, early=early + last[:7]) as wire:
        await wire.send(last[7:])
        assert [(await wire.text())["Ref"] for _ in range(21)] == [*map(str, range(20)), "last"]


async def test_a_handshake_behind_another_request(house: Town, somebody: Person) -> None:
    bearer = f"Authorization: Bearer {somebody.token}"
    async with await Wire.open(house.port) as wire:
        await wire.send(request("GET", "/healthz") * 3 + handshake(bearer) + frame(search("pipelined")))
        assert [(await wire.reply()).status for _ in range(4)] == [200, 200, 200, 101]
        assert (await wire.text())["Ref"] == "pipelined"


async def test_a_request_behind_a_refused_handshake(house: Town) -> None:
    async with await Wire.open(house.port) as wire:
        await wire.send(handshake("Authorization: Bearer x") + request("GET", "/healthz"))
        assert [(await wire.reply()).status for _ in range(2)] == [401, 200]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"], 400),
        (["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: short"], 400),
        (["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAA"], 400),
        *((["Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Version: {v}",
            f"Sec-WebSocket-Key: {KEY}"], 426) for v in ("7", "8", "12", "", "13, 8")),
        (["Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {KEY}"], 426),
        (["Connection: Upgrade", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {KEY}"], 426),
        (["Upgrade: h2c", "Connection: Upgrade", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {KEY}"], 426),
        (["Upgrade: websocket", "Connection: close", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {KEY}"], 426),
        (["Upgrade: websocket", "Connection: keep-alive, Upgrade", "Sec-WebSocket-Version: 13",
          f"Sec-WebSocket-Key: {KEY}"], 101),
        (["Upgrade: WebSocket", "Connection: upgrade", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {KEY}"], 101),
    ],
)  # fmt: skip
async def test_handshakes(house: Town, somebody: Person, headers: list[str], status: int) -> None:
    bearer = f"Authorization: Bearer {somebody.token}"
    reply = await ask(house.port, request("GET", "/ws", bearer, *headers))
    assert reply.status == status
    assert status != 426 or reply.headers["sec-websocket-version"] == "13"


# ------------------------------------------------------------------------------------------------------------- pressure


async def test_more_than_32_requests_at_once_are_all_answered_in_order(house: Town) -> None:
    one, _, session_id = await house.pair()
    number = 10 * IN_FLIGHT
    burst = b"".join(
        frame(json.dumps({"type": "Message", "SessionID": session_id, "Message": {"data": str(n)}, "Ref": str(n)}))
        if n % 3
        else frame(search(str(n)))
        for n in range(number)
    )
    async with await Wire.upgrade(house.port, one.token, V1) as wire:
        await wire.send(frame(json.dumps({"type": "Resume", "Epoch": (await wire.text())["Epoch"], "Me": 0})))
        while await wire.text() != {"type": "Resumed"}:
            pass
        await wire.send(burst)
        refs: list[int] = []
        said: list[str] = []
        while len(refs) < number:
            came = await wire.text()
            if "Ref" in came:
                refs.append(int(came["Ref"]))
            said += [m["data"] for m in came.get(session_id, {}).values()]
    assert refs == list(range(number))
    assert said == [str(n) for n in range(number) if n % 3]


async def test_no_more_than_32_are_in_work(house: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    person = await house.person()
    in_work, most, real = 0, 0, house.server.gateway.submit

    def submit(request: Any, caller: Any, told: Any) -> None:
        nonlocal in_work, most

        def tell(*outcome: Any) -> None:
            nonlocal in_work
            in_work -= caller.UserID == person.user_id
            told(*outcome)

        in_work += caller.UserID == person.user_id
        most = max(most, in_work)
        real(request, caller, tell)

    monkeypatch.setattr(house.server.gateway, "submit", submit)
    async with await Wire.upgrade(house.port, person.token) as wire:
        for _ in range(2):  # The first time before the socket has begun, the second time after.
            await wire.send(b"".join(frame(search(str(n))) for n in range(500)))
            for n in range(500):
                assert (await wire.text())["Ref"] == str(n)
            assert most == IN_FLIGHT


async def test_a_socket_that_does_not_read_its_answers_is_not_read_either(
    house: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept for it is bounded, however much it sends; and when it reads at last, nothing is missing."""
    (one, _, session_id), number = await house.pair(), 3_000
    full, most = asyncio.Event(), 0
    pause, say = Connection.pause_writing, Connection.say

    def pausing(connection: Connection) -> None:
        pause(connection)
        full.set()

    def saying(connection: Connection, data: bytes) -> None:
        nonlocal most
        say(connection, data)
        waiting = sum(len(repr(frame)) for frame in connection._backlog or ())
        most = max(most, connection._transport.get_write_buffer_size() + connection._out_size + waiting)

    monkeypatch.setattr(Connection, "pause_writing", pausing)
    monkeypatch.setattr(Connection, "say", saying)
    message = {"data": "x" * 8_000, "TimeStamp": "2026-11-24T12:00:00Z"}
    repeated = {"type": "Message", "SessionID": session_id, "Nonce": "one-and-the-same", "Message": message}
    async with await Wire.upgrade(house.port, one.token, room=4096) as wire:
        sending = asyncio.ensure_future(wire.send(frame(json.dumps(repeated)) * number))
        await asyncio.wait_for(full.wait(), 10)
        assert not sending.done(), "the server stops to read, so the rest waits with the sender"
        await house.server.gateway.drain()
        wire.widen(1_000_000)
        answers = [await wire.read() for _ in range(number)]
        await sending
    assert len(set(answers)) == 1
    assert json.loads(answers[0][1])[session_id]["1"]["data"] == "x" * 8_000
    # Room, the answers of 32 requests, and what one read of the loop brings; of 24 MB that were sent and answered.
    assert most < ROOM_BYTES + IN_FLIGHT * 8_500 + 2 * 262_144


# -------------------------------------------------------------------------------------------------------------- endings


@pytest.mark.parametrize("way", ["half-close", "reset in mid-frame", "reset"])
async def test_a_connection_that_ends_is_forgotten(house: Town, way: str) -> None:
    person = await house.person()
    count = house.server.floor.count
    async with await Wire.upgrade(house.port, person.token) as wire:
        await wire.lives()
        assert house.server.floor.count == count + 1
        if way == "half-close":
            wire.finish()
            await wire.ended()
        else:
            await wire.send(frame("x" * 1_000)[:500] if way == "reset in mid-frame" else b"")
    other = await person.core()
    while house.server.floor.count > count + 1:
        await other.quiet()
    await other.ws.close()
