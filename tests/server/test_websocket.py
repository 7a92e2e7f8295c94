"""The socket itself: framing by raw bytes, pipelining, pressure, endings; and the private names that it is built on.

1. What a library would never send is sent by hand.
2. How much the server holds for a socket that is not read is measured where it is held, not guessed from a clock.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import WSMsgType
from aiohttp._websocket.reader import WebSocketDataQueue, WebSocketReader
from aiohttp.web import RequestHandler
from hypothesis import given
from hypothesis import strategies as st

from parlour.protocol import FRAME_BYTES, IN_FLIGHT
from parlour.server.framing import follow
from parlour.server.presence import Floor
from parlour.server.pressure import outstanding
from parlour.server.websocket import ROOM_BYTES, Connection
from tests.server.people import Person, Town, town
from tests.server.wire import (
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
PEER = """
import asyncio, sys
import aiohttp

async def listen(address, token):
    async with aiohttp.ClientSession() as http:
        headers = {"Authorization": f"Bearer {token}"}
        async with http.ws_connect(address, headers=headers, protocols=["parlour.v1"]) as ws:
            async for message in ws:
                if message.json()["type"] == "Welcome":
                    print("Welcome", flush=True)

asyncio.run(listen(*sys.argv[1:]))
"""


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
    """What websocket.py, handshake.py and problems.py use beyond aiohttp's public face: if this fails, look there."""
    assert {"_message_tail", "_request_count", "_waiter"} <= set(RequestHandler.__slots__)
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


@given(data=st.data())
async def test_what_is_unfinished_is_known_however_the_bytes_are_cut(data: st.DataObject) -> None:
    """Against a model that goes from byte to byte; time is counted in reads."""
    stream, item = b"", list[int]()  # Of each byte: which message or lone control frame it belongs to.
    fragments = False
    for number in range(data.draw(st.integers(1, 8))):
        control = data.draw(st.booleans())
        fin = control or data.draw(st.booleans())
        opcode = PING if control else CONTINUATION if fragments else TEXT
        size = data.draw(st.sampled_from((0, 1, 3) if control else (0, 1, 3, 126)))
        item += [item[-1] if fragments else number] * len(one := frame(b"x" * size, opcode, fin=fin))
        stream += one
        fragments = fragments if control else not fin
    cuts = sorted({*data.draw(st.lists(st.integers(1, len(stream)), max_size=8)), len(stream)})
    came, begun, state = 0, dict[int, int](), None
    for clock, cut in enumerate(cuts):
        for which in item[came:cut]:
            begun.setdefault(which, clock)
        state = follow(stream[came:cut], state, lambda clock=clock: clock)  # type: ignore[misc]
        came = cut
        whole = (cut == len(stream) and not fragments) or (cut < len(stream) and item[cut] != item[cut - 1])
        assert (state and state.since) == (None if whole else begun[item[cut - 1]])


@pytest.mark.parametrize("size", [125, 126, 65_535, 65_536])
async def test_a_header_of_any_length_may_be_cut(size: int) -> None:
    whole = frame(b"x" * size)
    for cut in range(1, 20):
        assert (state := follow(whole[:cut], None, lambda: 1.0))
        assert follow(whole[cut:-1], state, lambda: 2.0) == (b"", 1, False, 1.0)
        assert follow(whole[cut:], state, lambda: 2.0) is None
        assert follow(whole[cut:] + whole[:1], state, lambda: 2.0) == (b"\x81", 0, False, 2.0)


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


async def test_who_takes_a_little_now_and_then_stays(house: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sweep is held back: what it would do is done here, at moments that are made up."""
    monkeypatch.setattr(Floor, "_look_after", lambda *_: None)
    one, other, session_id = await house.pair()
    sending = await one.core()
    async with await Wire.upgrade(house.port, other.token, room=4096) as wire:
        await wire.lives()
        [slow] = house.server.floor._here[other.user_id]
        while not slow._full:
            await sending.send(type="Message", SessionID=session_id, Message={"data": "x" * 8_000})
            await sending.message()
        now = asyncio.get_running_loop().time()
        slow.look(now, 30, 10)
        for _ in range(5):
            left = outstanding(slow._transport)
            while outstanding(slow._transport) >= left:
                await wire.take(1_000)
            slow.say(b"x" * 2 * (left - outstanding(slow._transport)))  # That more is sent to it does not hide this.
            slow.flush()
            slow.look(now := now + 29, 30, 10)
        assert not slow.closed
        slow.look(now + 29, 30, 10)
        assert not slow.closed
        slow.look(now + 30, 30, 10)
        assert slow.closed


@pytest.mark.full
async def test_a_stopped_peer_is_noticed(tmp_path: Path) -> None:
    """A machine that acknowledges, and a program on it that does nothing any more. It has longer than a heartbeat."""
    async with town(tmp_path, heartbeat=0.5, pong_within=3, offline_after=0.2) as small:
        one, other, _ = await small.pair()
        watching = await one.v1()
        arguments = ("-c", PEER, f"{small.base}/ws", other.token)
        peer = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
        try:
            assert peer.stdout
            assert await peer.stdout.readline() == b"Welcome\n"
            [connection] = small.server.floor._here[other.user_id]
            for _ in range(2):  # It answers for itself as long as it runs.
                beaten = connection.pinged
                while connection.pinged == beaten or not connection.heard:
                    await watching.of_type("Beat")
            peer.send_signal(signal.SIGSTOP)
            async with asyncio.timeout(20):
                while (await watching.of_type("Status"))["Status"] == "Online":
                    pass
            assert other.user_id not in small.server.floor._here
        finally:
            peer.kill()
            await peer.wait()
