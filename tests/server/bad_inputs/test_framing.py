"""Bad inputs to the framing of WebSockets: rows 22 to 45. For the rules of these tables, see table.py."""

from __future__ import annotations

import json

from tests.server.bad_inputs.table import Scene, Table, is_error, is_problem, saying
from tests.server.wire import BINARY, CONTINUATION, Line, Wire, frame, handshake

TABLE = Table()
case, violation = TABLE.case, TABLE.violation


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


test_a_bad_input_gets_its_answer = TABLE.test()
