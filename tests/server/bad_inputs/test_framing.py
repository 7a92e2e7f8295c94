"""Bad inputs to the framing of WebSockets: rows 22 to 45. For the rules of these tables, see table.py."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any

from parlour.protocol import FRAME_BYTES
from parlour.server.websocket import ROOM_BYTES
from tests.server.bad_inputs.table import Scene, Table, is_error, is_problem, saying, small, socket_of
from tests.server.wire import (
    BINARY,
    CLOSE,
    CONTINUATION,
    MASK,
    PING,
    PONG,
    Line,
    Reply,
    Wire,
    frame,
    handshake,
)  # fmt: skip

TABLE = Table()
case, violation = TABLE.case, TABLE.violation
SEARCH = json.dumps({"type": "Search", "Username": "no-such-user", "Ref": "search"})


@case(24, "with-a-body")
async def _(scene: Scene) -> None:
    own = f"Authorization: Bearer {scene.nanda.token}"
    for head, body in (("Content-Length: 2", b"{}"), ("Transfer-Encoding: chunked", b"2\r\n{}\r\n0\r\n\r\n")):
        is_problem(await scene.ask(handshake(own, head) + body), 400, "bad_request")


@case(24, "HTTP-1.0")
async def _(scene: Scene) -> None:
    asked = handshake(f"Authorization: Bearer {scene.nanda.token}").replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    is_problem(await scene.ask(asked), 400, "bad_request")


@case(25, "foreign-origin")
async def _(scene: Scene) -> None:
    for who in (f"Authorization: Bearer {scene.nanda.token}", f"Cookie: parlour={scene.nanda.token}"):
        for origin in ("https://evil.test", "null", "http://localhost:1"):
            is_problem(await scene.ask(handshake(who, f"Origin: {origin}")), 403, "origin")
        assert (await scene.ask(handshake(who, "Origin: http://localhost"))).status == 101


@case(25, "cookie-without-origin")
async def _(scene: Scene) -> None:
    is_problem(await scene.ask(handshake(f"Cookie: parlour={scene.nanda.token}")), 403, "origin")


@case(26, "accepted")
async def _(scene: Scene) -> None:
    early = frame(json.dumps({"type": "Search", "Username": "no-such-user", "Ref": "early"}))
    async with await Wire.upgrade(scene.port, scene.nanda.token, early=early) as wire:
        is_error(await wire.text(), "user_not_found", "Username", "early")
        await wire.lives()


@case(26, "refused")
async def _(scene: Scene) -> None:
    before = await scene.messages()
    for headers in ([f"Authorization: Bearer {scene.nanda.token}x"],
                    [f"Authorization: Bearer {scene.nanda.token}", "Origin: https://evil.test"],
                    [f"Cookie: parlour={scene.nanda.token}"],
                    [f"Authorization: Bearer {scene.nanda.token}", "Sec-WebSocket-Protocol: other"]):  # fmt: skip
        async with await Line.open(scene.port) as line:
            reply = await line.ask(handshake(*headers) + frame(saying("never")(scene)) * 3)
            assert reply.status in (400, 401, 403), reply
            line.finish()
            await line.ended()
    assert await scene.messages() == before


for bits, name in ((4, "RSV1"), (2, "RSV2"), (1, "RSV3"), (7, "all")):
    violation(28, name, frame('{"type":"Search"}', rsv=bits), 1002)

for number in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
    violation(29, f"opcode-{number}", frame("x", number), 1002)

violation(30, "126-bytes", frame("x" * 126, PING), 1002)
violation(30, "fragmented", frame("x", PING, fin=False), 1002)

violation(31, "continuation-first", frame("x", CONTINUATION), 1002)
violation(31, "text-inside-a-text", frame("x", fin=False) + frame("y"), 1002)
violation(31, "text-inside-an-empty-text", frame("", fin=False) + frame(SEARCH), 1002)

BEGUN = {
    "fragments": frame("x", fin=False) + frame("y", CONTINUATION, fin=False),
    "an empty fragment": frame("", fin=False),
    "half a frame": frame(SEARCH)[:20],
    "half a header": frame(SEARCH)[:1],
    "around a ping": frame("x", fin=False) + frame("", PING),
    "behind a whole one": frame(SEARCH) + frame("x", fin=False) + frame("", PONG),
}


@case(31, "never-finished")
async def _(scene: Scene) -> None:
    async with small(scene, "never-finished", whole_within=0.1) as other:
        person = await other.person()

        async def ends(kind: str, data: bytes) -> int:
            async with await socket_of(other, person, kind) as wire:
                await wire.send(data)
                return await wire.closed()

        ended = await asyncio.gather(*(ends(kind, data) for kind in ("core", "v1") for data in BEGUN.values()))
        assert ended == [1008] * 2 * len(BEGUN)


violation(32, "131000-fragments", frame("x", fin=False) + frame("x", CONTINUATION, fin=False) * 131_000, 1009)


def header(length: int) -> bytes:
    """The header of a text frame with a length of 64 bits."""
    return b"\x81\xff" + length.to_bytes(8) + MASK


violation(33, "2^62", header(2**62), 1009)
violation(33, "top-bit", header(2**63 + 5), 1009)


@case(33, "64-bit-length-of-a-short-one")
async def _(scene: Scene) -> None:
    async with await scene.socket() as wire:
        await wire.send(header(len(SEARCH)) + frame(SEARCH)[6:])
        is_error(await wire.text(), "user_not_found", "Username", "search")


violation(34, "10-MiB-header", header(10 * 2**20), 1009)


@case(35, "two-segments")
async def _(scene: Scene) -> None:
    before = await scene.messages()
    for kind in ("core", "v1"):
        async with await scene.socket(kind) as wire:
            whole = frame(saying("never")(scene).ljust(FRAME_BYTES + 1))
            await wire.send(whole[:40_000])
            await wire.send(whole[40_000:])
            assert await wire.closed() == 1009
    assert await scene.messages() == before


for name, data in {
    "invalid": b'{"type":"\xff"}', "overlong": b"\xc0\x80", "surrogate": b"\xed\xa0\x80", "truncated": b"caf\xc3",
    "beyond": b"\xf4\x90\x80\x80", "lone-continuation": b"\x80",
}.items():  # fmt: skip
    violation(36, name, frame(data), 1007)
    violation(36, f"{name}-in-fragments", frame(data[:1], fin=False) + frame(data[1:], CONTINUATION), 1007)


@case(36, "split-valid")
async def _(scene: Scene) -> None:
    whole = saying("caf\u00e9 \U0001f600")(scene).encode()
    whole = json.dumps(json.loads(whole), ensure_ascii=False).encode()
    async with await scene.socket() as wire:
        await wire.send(frame(whole[:1], fin=False))
        for at in range(1, len(whole) - 1):
            await wire.send(frame(whole[at : at + 1], CONTINUATION, fin=False))
        answer = await wire.say_last(whole[-1:])
        assert [m["data"] for m in answer[scene.session_id].values()] == ["caf\u00e9 \U0001f600"]
        await wire.lives()


violation(37, "binary", frame(b'{"type":"Search","Username":"winston"}', BINARY), 1003)
violation(37, "empty", frame(b"", BINARY), 1003)
violation(37, "in-fragments", frame("x", BINARY, fin=False) + frame("y", CONTINUATION), 1003)
violation(38, "compressed", frame(b"\xaaV*\xa9,HU\xb2RP*.M\xceJ-Q\xaa\x05\x00", rsv=4), 1002)
violation(38, "fragment", frame("x", fin=False) + frame(b"\xaaV", CONTINUATION, rsv=4), 1002)

for reason, data, code in (
    ("1-byte", b"\x03", 1002), *((str(n), n.to_bytes(2), 1002) for n in (0, 999, 1005, 1006, 1015, 2999)),
    ("reason-not-UTF-8", b"\x03\xe8\xff", 1007), ("reason-of-200", b"\x03\xe8" + b"x" * 200, 1002),
):  # fmt: skip
    violation(39, reason, frame(data, CLOSE), code)


@case(40, "after-close")
async def _(scene: Scene) -> None:
    before = await scene.messages()
    close, late = frame(b"\x03\xe8bye", CLOSE), frame(saying("late")(scene))
    for data in (close + late, close + close, close + late + close + late, close + b"\xff" * 100):
        async with await scene.socket() as wire:
            await wire.send(data)
            assert await wire.read() == (CLOSE, b"\x03\xe8")
            assert await wire.ended() == b""
            assert not wire.was_reset
    assert await scene.messages() == before


async def answered_until_closed(wire: Wire) -> tuple[int, int]:
    """How many pings were answered until the close frame came, and its code."""
    pongs = 0
    while (came := await wire.read())[0] == PONG:
        pongs += 1
    assert came[0] == CLOSE
    return pongs, int.from_bytes(came[1][:2])


@case(41, "flood")
async def _(scene: Scene) -> None:
    async with small(scene, "flood", limits="on") as other:
        person = await other.person()
        for kind, code in (("core", 1008), ("v1", 4429)):
            async with await socket_of(other, person, kind) as wire:
                await wire.send(frame("are you there", PING) * 1_000)
                pongs, closed = await answered_until_closed(wire)
            assert closed == code
            assert pongs in (5, 10), "10 where a second ended among them"
        async with await socket_of(other, person) as wire:
            await wire.send(frame("", PONG) * 1_000)
            assert await wire.closed() == 1008


@case(41, "a-few")
async def _(scene: Scene) -> None:
    limited = small(scene, "a-few-pings", limits="on")
    async with limited as other, await socket_of(other, await other.person()) as wire:
        await wire.send(frame("are you there", PING) * 5)
        assert [await wire.read() for _ in range(5)] == [(PONG, b"are you there")] * 5
        await wire.send(frame("", PING) * 20 + frame(SEARCH))
        while (came := await wire.read())[0] == PONG:
            pass
        is_error(json.loads(came[1]), "user_not_found", "Username", "search")


@case(42, "pong")
async def _(scene: Scene) -> None:
    for kind in ("core", "v1"):
        async with await scene.socket(kind) as wire:
            await wire.send(frame("never asked", PONG) + frame("", PONG))
            is_error(await wire.say(SEARCH), "user_not_found", "Username", "search")


for way, data in {
    "half-close": b"", "half-close-in-mid-frame": frame(SEARCH)[:9], "half-close-between-fragments":
    frame("x", fin=False), "RST": b"", "RST-in-mid-frame": frame(SEARCH)[:9], "RST-between-fragments":
    frame("x", fin=False),
}.items():  # fmt: skip

    @case(43, way)
    async def _(scene: Scene, way: str = way, data: bytes = data) -> None:
        floor = scene.town.server.floor
        for kind in ("core", "v1"):
            before = floor.count
            async with await scene.socket(kind) as wire:
                assert floor.count == before + 1
                await wire.send(data)
                if way.startswith("half-close"):
                    wire.finish()
                    await wire.ended()
            while floor.count > before:
                await scene.bystander.quiet()


for kind, code in (("core", 1013), ("v1", 4002)):

    @case(44, f"never-reads-{kind}", full=kind == "v1")
    async def _(scene: Scene, kind: str = kind, code: int = code) -> None:
        """Bytes wait for it up to a bound; when it looks up at last, it learns why it is closed."""
        async with small(scene, f"never-reads-{kind}", stuck_after=0.2) as other:
            nanda, winston, session_id = await other.pair()
            headers = ["Sec-WebSocket-Protocol: parlour.v1"] if kind == "v1" else []
            async with await Wire.upgrade(other.port, winston.token, *headers, room=4096) as wire:
                if kind == "v1":
                    resume = {"type": "Resume", "Epoch": (await wire.text())["Epoch"], "Me": 0}
                    await wire.send(frame(json.dumps(resume)))
                    while await wire.text() != {"type": "Resumed"}:
                        pass
                else:
                    await wire.lives()
                [stuck] = other.server.floor._here[winston.user_id]
                sending, most = await nanda.core(), 0
                while not stuck.closed:
                    await sending.send(type="Message", SessionID=session_id, Message={"data": "x" * 8_000})
                    await sending.message()
                    most = max(most, stuck._transport.get_write_buffer_size() + stuck._out_size)
                wire.widen(1_000_000)
                assert await wire.closed() == code
                assert most < 2 * ROOM_BYTES
                await sending.quiet()


@case(45, "11th-of-a-user")
async def _(scene: Scene) -> None:
    async with small(scene, "11th", limits="on") as other, AsyncExitStack() as open_ones:
        person, stranger = await other.person(), await other.person()
        for kind, code in (("v1", 4409), ("core", 1008)):
            wires = [await open_ones.enter_async_context(await Wire.upgrade(other.port, stranger.token))]
            for number in range(11):
                headers = ["Sec-WebSocket-Protocol: parlour.v1"] if kind == "v1" else []
                wires.append(
                    await open_ones.enter_async_context(await Wire.upgrade(other.port, person.token, *headers))
                )
                assert number < 10 or await wires.pop(1).closed() == code, "the oldest"
            for wire in wires:
                await wire.send(frame("", PING))
                while await wire.read() != (PONG, b""):
                    pass
                wire.reset()


@case(45, "one-more-of-an-address")
async def _(scene: Scene) -> None:
    limits: dict[str, Any] = {"limits": "on", "sockets_each_address": 3, "proxies": ("127.0.0.1",)}
    async with small(scene, "of-an-address", **limits) as other:
        bearer = f"Authorization: Bearer {(await other.person()).token}"

        async def shake_hands(stack: AsyncExitStack, *addresses: str) -> list[Reply]:
            lines = [await stack.enter_async_context(await Line.open(other.port)) for _ in addresses]
            return [
                await line.ask(handshake(bearer, f"X-Forwarded-For: {address}"))
                for line, address in zip(lines, addresses, strict=True)
            ]

        for _ in range(2):  # The second time when the first ones are gone.
            async with AsyncExitStack() as stack:
                *taken, refused = await shake_hands(stack, *["192.0.2.1"] * 4)
                assert [reply.status for reply in taken] == [101] * 3
                is_problem(refused, 429, "slow_down")
                assert int(refused.headers["retry-after"]) >= 1
                others = await shake_hands(stack, "192.0.2.2", *(f"2001:db8::{n}" for n in range(4)))
                assert [reply.status for reply in others] == [101] * 4 + [429], "an IPv6 address counts by its /64"
            while other.server.floor.count:
                await scene.bystander.quiet()


test_a_bad_input_gets_its_answer = TABLE.test()
