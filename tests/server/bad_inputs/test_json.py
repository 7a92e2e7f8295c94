"""Bad inputs to JSON and its types: rows 46 to 59. For the rules of these tables, see table.py."""

from __future__ import annotations

from tests.server.bad_inputs.table import Scene, Table, credentials, is_error, saying
from tests.server.people import PASSWORD
from tests.server.wire import frame, post, request

BOM = "\ufeff"
TABLE = Table()
case, http, body, said, violation = TABLE.case, TABLE.http, TABLE.body, TABLE.said, TABLE.violation


for name, text in {"empty": "", "null": "null", "array": "[]", "string": '"x"', "number": "5", "object": "{}",
                   "space": " ", "true": "true"}.items():  # fmt: skip
    said(46, name, text, "malformed")
    body(46, name, text or " ")

http(
    46,
    "no-body",
    request("POST", "/api/login", "Content-Type: application/json", "Content-Length: 0"),
    422,
    "malformed",
)


@case(46, "20-in-a-row")
async def _(scene: Scene) -> None:
    for kind in ("core", "v1"):
        async with await scene.socket(kind) as wire:
            for text in ["{}", "[", '{"type":"Unknown"}', '{"type":"Search","Username":1}'] * 5:
                assert (await wire.say(text))["type"] == "Error"
            assert await wire.closed() == 1008


@case(46, "19-in-a-row")
async def _(scene: Scene) -> None:
    async with await scene.socket() as wire:
        for _ in range(3):
            for _ in range(19):
                is_error(await wire.say("{}"), "malformed")
            await wire.lives()


said(47, "deep", "[" * 60_000, "malformed")
said(47, "deep-typed", '{"type":"Search","Username":' + "[" * 60_000, "malformed")
said(47, "deep-unknown", '{"type":"Search","Username":"x","x":' + "[" * 30_000 + "]" * 30_000 + "}", "malformed")
said(47, "deep-objects", '{"type":' * 8_000, "malformed")
said(47, "deep-typeless", '{"a":' + "[" * 30_000 + "]" * 30_000 + "}", "malformed")
body(47, "deep", "[" * 60_000)
body(47, "deep-typed", '{"Username":' + "[" * 60_000)
body(47, "deep-unknown", '{"x":' + "[" * 30_000 + "]" * 30_000 + "}", 422, "unknown_field", "x")
body(47, "100000", "[" * 100_000, 413, "too_large")
violation(47, "100000", frame("[" * 100_000), 1009)

violation(48, "invalid-UTF-8", frame(b'{"type":"Search","Username":"\xff\xfe"}'), 1007)
body(48, "invalid-UTF-8", b'{"Username":"\xff\xfe","Password":"four plain words"}')
body(48, "invalid-key", b'{"\xff":"x","Username":"nanda","Password":"four plain words"}')

for name, lone in {"high": "\\ud800", "low": "\\udfff", "swapped": "\\udc00\\ud800", "half": "\\ud800x"}.items():
    said(49, name, f'{{"type":"Search","Username":"{lone}"}}', "malformed")
    body(49, name, f'{{"Username":"{lone}","Password":"four plain words"}}')
said(49, "in-data", lambda scene: saying("?")(scene).replace("?", "\\ud800"), "malformed")

said(50, "BOM", BOM + '{"type":"Search","Username":"winston"}', "malformed")
body(50, "BOM", BOM + credentials("nanda").decode())

for number in ("NaN", "Infinity", "-Infinity", "1e400", "-1e400", "nan"):
    said(51, number, f'{{"type":"request","username":"winston","Accepted":{number}}}', "malformed")
    body(51, number, f'{{"Username":"nanda","Password":{number}}}')

for number in ("9" * 5_000, "9007199254740993", "-1", "2", "1.5", "true", "false", '"1"', "null", "[1]", "1e1", "0x1",
               "01", "+1", "18446744073709551616"):  # fmt: skip
    said(52, number if len(number) < 30 else "5000-digits",
         f'{{"type":"request","username":"winston","Accepted":{number}}}', "malformed")  # fmt: skip
    if number != '"1"':
        body(52, number if len(number) < 30 else "5000-digits", f'{{"Username":"nanda","Password":{number}}}')
said(52, "1.0", '{"type":"request","username":"winston","Accepted":1.0}', "malformed")
for number in ("-1", "1.5", "true", '"1"', "null", "9" * 5_000):
    said(52, f"Me-{number[:5]}", f'{{"type":"Resume","Epoch":"x","Me":{number}}}', "malformed", kinds=["v1"])


@case(53, "last-wins")
async def _(scene: Scene) -> None:
    async with await scene.socket() as wire:
        text = saying("?")(scene).replace('"data": "?"', '"data": "first", "data": "last"')
        answer = await wire.say(text)
        assert [m["data"] for m in answer[scene.session_id].values()] == ["last"]
    twice = b'{"Username":"nobody-here","Username":"nanda","Password":"x","Password":"%s"}' % PASSWORD.encode()
    assert (await scene.ask(post("/api/login", twice))).status == 200


said(53, "other-type", '{"type":"Search","Username":"winston","type":"request"}', "malformed")

for key in ("x", "__proto__", "constructor", "Type", "username", "Sender"):
    said(54, key, f'{{"type":"Search","Username":"winston","{key}":1}}', "unknown_field", key)
    body(54, key, f'{{"Username":"nanda","Password":"four plain words","{key}":{{}}}}', 422, "unknown_field", key)
said(54, "nested", saying("?", Message={"__proto__": {}}), "unknown_field", "Message.__proto__")
said(54, "empty-key", '{"type":"Search","Username":"winston","":1}', "unknown_field")
said(54, "long-key", '{"type":"Search","Username":"winston","' + "k" * 60_000 + '":1}', "unknown_field")
body(54, "long-key", '{"' + "k" * 60_000 + '":1}', 422, "unknown_field")

said(55, "Search", '{"type":"Search"}', "malformed", "Username")
said(55, "Search-null", '{"type":"Search","Username":null}', "malformed", "Username")
said(55, "Message", '{"type":"Message","SessionID":"x"}', "malformed", "Message")
said(55, "Message-null", '{"type":"Message","SessionID":"x","Message":null}', "malformed", "Message")
said(55, "SessionID", '{"type":"Message","Message":{"data":"x"}}', "malformed", "SessionID")
said(55, "data", '{"type":"Message","SessionID":"x","Message":{}}', "malformed", "Message.data")
said(55, "data-null", '{"type":"Messgae","SessionID":"x","Message":{"data":null}}', "malformed", "Message.data")
said(55, "data-number", '{"type":"Message","SessionID":"x","Message":{"data":5}}', "malformed", "Message.data")
said(55, "TimeStamp", '{"type":"Message","SessionID":"x","Message":{"data":"x","TimeStamp":"noon"}}', "malformed",
     "Message.TimeStamp")  # fmt: skip
said(55, "TimeStamp-day", saying("x", Message={"TimeStamp": "2023-02-29T00:00:00Z"}), "malformed",
     "Message.TimeStamp")  # fmt: skip
said(55, "Nonce", '{"type":"Message","SessionID":"x","Nonce":"short","Message":{"data":"x"}}', "malformed", "Nonce")
said(55, "Ref", '{"type":"Search","Username":"winston","Ref":"' + "r" * 41 + '"}', "malformed", "Ref")
said(55, "Accepted", '{"type":"request","username":"winston"}', "malformed", "Accepted")
said(55, "username", '{"type":"request","Accepted":1}', "malformed", "username")
said(55, "type", '{"Username":"winston"}', "malformed", "type")
said(55, "type-null", '{"type":null,"Username":"winston"}', "malformed", "type")
said(55, "type-number", '{"type":5,"Username":"winston"}', "malformed", "type")
said(55, "Resume", '{"type":"Resume","Me":1}', "malformed", "Epoch", kinds=["v1"])
body(55, "Password", '{"Username":"nanda"}', field="Password")
body(55, "Username", '{"Password":"four plain words"}', field="Username")
body(55, "Username-null", '{"Username":null,"Password":"four plain words"}', field="Username")
body(55, "Password-null", '{"Username":"nanda","Password":null}', field="Password")
body(55, "Username-array", '{"Username":["nanda"],"Password":"four plain words"}', field="Username")

said(56, "two", '{"type":"Search","Username":"winston"}{"type":"Search","Username":"winston"}', "malformed")
said(56, "trailing", '{"type":"Search","Username":"winston"}x', "malformed")
said(56, "unfinished", '{"type":"Search","Username":"winston"', "malformed")
body(56, "two", credentials("nanda") * 2)
body(56, "trailing", credentials("nanda") + b",")

said(57, "unknown", '{"type":"Shout","x":1}', "unknown_type", "type")
said(57, "empty", '{"type":""}', "unknown_type", "type")
said(57, "case", '{"type":"message"}', "unknown_type", "type")
said(57, "servers-own", '{"type":"Welcome"}', "unknown_type", "type")
said(57, "Resume-on-a-core-socket", '{"type":"Resume","Epoch":"x","Me":0}', "unknown_type", "type", kinds=["core"])
said(57, "nothing-to-answer", '{"type":"request","username":"carol","Accepted":1}', "no_invitation", "username")

NUL = "\\u0000"
said(59, "Username", f'{{"type":"Search","Username":"{NUL}"}}', "malformed")
said(59, "username", f'{{"type":"request","username":"winston{NUL}","Accepted":1}}', "malformed")
said(59, "data", saying("a\0b"), "malformed")
said(59, "only-data", saying("\0"), "malformed")
said(59, "SessionID", f'{{"type":"Message","SessionID":"{NUL}","Message":{{"data":"x"}}}}', "malformed")
said(59, "raw", '{"type":"Search","Username":"win\0ston"}', "malformed")
said(59, "Epoch", f'{{"type":"Resume","Epoch":"{NUL}","Me":0}}', "malformed", kinds=["v1"])
said(59, "Sessions", f'{{"type":"Resume","Epoch":"x","Me":0,"Sessions":{{"{NUL}":1}}}}', "malformed", kinds=["v1"])
body(59, "Username", f'{{"Username":"nanda{NUL}","Password":"four plain words"}}')
body(59, "Password", f'{{"Username":"nanda","Password":"four plain words{NUL}"}}')


@case(59, "Ref")
async def _(scene: Scene) -> None:
    async with await scene.socket() as wire:
        answer = await wire.say(f'{{"type":"Search","Username":"winston","Ref":"{NUL}"}}')
        assert answer["Code"] == "malformed"
        await wire.lives()


test_a_bad_input_gets_its_answer = TABLE.test()
