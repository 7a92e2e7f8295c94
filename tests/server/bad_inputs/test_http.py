"""Bad inputs to TCP and HTTP: rows 1 to 21. For the rules of these tables, see table.py."""

from __future__ import annotations

import asyncio
import gzip
from contextlib import closing
from http.client import HTTPConnection

from tests.server.bad_inputs.table import Scene, Table, credentials, is_problem, load_status, log_in, small
from tests.server.people import town
from tests.server.wire import Line, Reply, Wire, ask, handshake, post, request

TABLE = Table()
case, http, body = TABLE.case, TABLE.http, TABLE.body
JSON = "Content-Type: application/json"


async def dripped(line: Line, data: bytes) -> bytes:
    """Send a byte every 20 ms until the other side ends the connection; what came back."""
    ended = asyncio.create_task(line.ended())
    for at in range(len(data)):
        await line.send(data[at : at + 1])
        if (await asyncio.wait({ended}, timeout=0.02))[0]:
            break
    return await ended


@case(1, "nothing-sent")
async def _(scene: Scene) -> None:
    async with small(scene, "nothing-sent", head_within=0.2) as other, await Line.open(other.port) as line:
        assert await line.ended() == b""


@case(2, "dripped-head")
async def _(scene: Scene) -> None:
    head = request("GET", "/healthz", "X-Drop: " + "x" * 60_000)
    async with small(scene, "dripped-head", head_within=0.2) as other:
        async with await Line.open(other.port) as line:
            assert await dripped(line, head) == b""
        async with await Line.open(other.port) as line:
            assert (await line.ask(request("GET", "/healthz"))).status == 200
            assert await dripped(line, head) == b"", "the second request of a connection has no more time"


@case(2, "dripped-handshake")
async def _(scene: Scene) -> None:
    async with small(scene, "dripped-handshake", head_within=0.2) as other, await Line.open(other.port) as line:
        assert await dripped(line, handshake("X-Drop: " + "x" * 60_000)) == b""


@case(3, "three-bytes")
async def _(scene: Scene) -> None:
    async with small(scene, "three-bytes", body_within=0.2) as other:
        headers = (f"Authorization: Bearer {(await other.person()).token}", JSON, "Content-Length: 1000")

        async def send_too_little(path: str) -> None:
            async with await Line.open(other.port) as line:
                is_problem(await line.ask(request("POST", path, *headers) + b'{"U'), 408, "bad_request")
                assert await line.ended() == b""

        await asyncio.gather(*(send_too_little(f"/api/{name}") for name in ("register", "login", "search", "message")))


@case(3, "dripped-body")
async def _(scene: Scene) -> None:
    async with small(scene, "dripped-body", body_within=0.2) as other, await Line.open(other.port) as line:
        await line.send(request("POST", "/api/login", JSON, "Content-Length: 10000"))
        assert (await dripped(line, b" " * 10_000)).startswith(b"HTTP/1.1 408 ")


@case(3, "no-body-wanted")
async def _(scene: Scene) -> None:
    async with await Line.open(scene.port) as line:
        assert (await line.ask(request("POST", "/api/logout", "Content-Length: 1000") + b"abc")).status == 204
        assert await line.ended() == b""


LONG = (JSON, "Content-Length: 99999999")
http(4, "length-99999999", request("POST", "/api/login", *LONG), 413, "too_large", closes=True)
http(4, "one-byte-too-many", post("/api/login", b" " * 65_537), 413, "too_large", closes=None)
http(4, "chunked", post("/api/login", b"10001\r\n" + b" " * 65_537 + b"\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
     413, "too_large", closes=None)  # fmt: skip
body(4, "exactly-64-KiB-is-read", b" " * 65_536, 422)


@case(4, "sent-whole-before-one-reads")
async def _(scene: Scene) -> None:
    """As most clients do: closed at once, the answer would be lost to them."""

    def send() -> int:
        client = HTTPConnection("127.0.0.1", scene.port)
        with closing(client):
            client.request("POST", "/api/login", b" " * 10_000_000, {"Content-Type": "application/json"})
            return client.getresponse().status

    assert await asyncio.to_thread(send) == 413


@case(43, "half-closed-behind-a-request")
async def _(scene: Scene) -> None:
    """As `nc -N` does: what was asked in full is answered."""
    for asked, status in (
        (request("GET", "/healthz"), 200),
        (post("/api/login", credentials("nanda", "a wrong one")), 401),
    ):
        async with await Line.open(scene.port) as line:
            await line.send(asked)
            line.finish()
            assert (await line.reply()).status == status
            assert await line.ended() == b""


MANY = [f"X-Number-{n}: {n}" for n in range(10_000)]
http(8, "10000-headers", request("GET", "/healthz", *MANY), 431, "headers_too_large", closes=True)
http(8, "129-headers", request("GET", "/healthz", *MANY[:129]), 431, "headers_too_large", closes=True)
http(8, "one-of-100-KiB", request("GET", "/healthz", "X-Long: " + "x" * 102_400), 431, "headers_too_large")
http(8, "one-of-200-KiB", request("GET", "/healthz", "X-Long: " + "x" * 204_800), 431, closes=True)
http(8, "a-name-of-100-KiB", request("GET", "/healthz", "X" * 102_400 + ": x"), 431, "headers_too_large")
http(8, "URL-of-100-KiB", request("GET", "/" + "x" * 102_400), 414)
http(8, "query-of-100-KiB", request("GET", "/healthz?" + "x" * 102_400), 414)

for spelled in (
    "/../../etc/passwd", "/%2e%2e%2fetc/passwd", "/web/%2e%2e/%2e%2e/cli.py", "/web/../cli.py", "/web/..%2fcli.py",
    "/web/..%5ccli.py", "/..%5c..%5cetc%5cpasswd", "/web/%00", "/web/index.html%00.js", "/%252e%252e%252fetc/passwd",
    "/web/%252e%252e/cli.py", "/web//etc/passwd", "/web/%2fetc%2fpasswd", "/web/", "/web/components", "/web/.",
):  # fmt: skip
    http(9, spelled.replace("/", "|"), request("GET", spelled), 404, "not_found")


for method, path in (("TRACE", "/api/login"), ("PUT", "/api/login"), ("DELETE", "/api/load"), ("POST", "/ws")):

    @case(10, f"{method}-{path[1:].replace('/', '-')}")
    async def _(scene: Scene, method: str = method, path: str = path) -> None:
        reply = await scene.ask(request(method, path))
        is_problem(reply, 405, "method_not_allowed")
        assert reply.headers["allow"]


http(10, "CONNECT", request("CONNECT", "/api/login"), (400, 405), closes=None)
http(10, "CONNECT-host", request("CONNECT", "localhost:80"), (400, 405), closes=None)
http(10, "post", request("post", "/api/login"), 400, "bad_request", closes=True)

for wrong in ("evil.test", "localhost.evil.test", "user@localhost", "localhost, evil.test", "127.0.0.1.evil.test",
              "localhost:x", "localhost/", "[::1", "127.1"):  # fmt: skip
    http(12, f"wrong-{wrong.replace('/', '|')}", request("GET", "/", host=wrong), (400, 421))
http(12, "wrong", request("GET", "/api/load", host="chat.example.org"), 421, "wrong_host")
http(12, "two", request("GET", "/", "Host: localhost"), 400, "bad_request", closes=None)
http(12, "none", request("GET", "/", host=None), 400, "bad_request", closes=None)
http(12, "empty", request("GET", "/", host=""), (400, 421), closes=None)

for kind in ("text/plain", "application/x-www-form-urlencoded", "text/json", "application/jsonp", ""):
    http(13, kind.replace("/", "|") or "empty", post("/api/login", credentials("nanda"), f"Content-Type: {kind}"),
         415, "not_json")  # fmt: skip
http(13, "missing", request("POST", "/api/login", body=credentials("nanda")), 415, "not_json")

BOMB = gzip.compress(b" " * 20_000_000)
http(14, "gzip-bomb", post("/api/login", BOMB, "Content-Encoding: gzip"), 415, "not_json")
http(14, "gzip", post("/api/login", gzip.compress(credentials("nanda")), "Content-Encoding: gzip"), 415, "not_json")
for coding in ("gzip, chunked", "foo, chunked", "gzip"):
    http(14, f"transfer-{coding}", post("/api/login", b"2\r\n{}\r\n0\r\n\r\n", f"Transfer-Encoding: {coding}"),
         400, "bad_request", closes=None)  # fmt: skip
http(14, "deflate", post("/api/login", b"x", "Content-Encoding: deflate"), 415, "not_json")


@case(16, "Range")
async def _(scene: Scene) -> None:
    reply = await scene.ask(
        request("GET", "/api/load", f"Authorization: Bearer {scene.nanda.token}", "Range: bytes=0-3")
    )
    assert reply.status == 200
    assert scene.session_id in reply.json


@case(16, "Upgrade-h2c")
async def _(scene: Scene) -> None:
    upgrade = ("Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABkAAQAAP__")
    reply = await scene.ask(request("GET", "/api/load", f"Authorization: Bearer {scene.nanda.token}", *upgrade))
    assert reply.status == 200


EXPECT = "Expect: 100-continue"
http(16, "Expect", post("/api/login", credentials("nanda"), EXPECT), 417, closes=None)
http(16, "Expect-before-body", request("POST", "/api/login", EXPECT, "Content-Type: application/json",
     "Content-Length: 50"), 417, closes=None)  # fmt: skip

http(17, "64-KiB", request("GET", "/api/load", f"Cookie: parlour={'x' * 65_536}"), 431, "headers_too_large")


@case(17, "twice")
async def _(scene: Scene) -> None:
    own = f"parlour={scene.nanda.token}"
    assert await load_status(scene, f"Cookie: {own}") == 200
    assert await load_status(scene, f"Cookie: {own}; {own}") == 200
    for cookies in (
        [f"Cookie: {own}; parlour=other"],
        [f"Cookie: parlour=; {own}"],
        [f"Cookie: {own}", "Cookie: parlour=x"],
    ):
        is_problem(await scene.ask(request("GET", "/api/load", *cookies)), 401, "unauthorized")


for where in ("/api/load", "/ws", "/", "/nowhere"):

    @case(18, f"valid-{where.replace('/', '|')}")
    async def _(scene: Scene, where: str = where) -> None:
        token = (await log_in(scene, "carol")).json["Token"]
        async with await Wire.upgrade(scene.port, token) as wire:
            is_problem(await scene.ask(request("GET", f"{where}?a=1&token={token}")), 400, "token_in_url")
            assert await load_status(scene, f"Authorization: Bearer {token}") == 401
            assert await wire.closed() == 1008


@case(18, "two-of-them")
async def _(scene: Scene) -> None:
    tokens = [(await log_in(scene, "carol")).json["Token"] for _ in range(2)]
    is_problem(await scene.ask(request("GET", f"/api/load?token={tokens[0]}&%74oken={tokens[1]}")), 400, "token_in_url")
    assert [await load_status(scene, f"Authorization: Bearer {token}") for token in tokens] == [401, 401]


http(18, "nobodys", request("GET", "/api/load?token=parlour_x"), 400, "token_in_url")
http(18, "empty", request("GET", "/api/load?token="), 400, "token_in_url")


@case(18, "with-a-valid-bearer")
async def _(scene: Scene) -> None:
    bearer = f"Authorization: Bearer {scene.carol.token}"
    is_problem(await scene.ask(request("GET", "/api/load?token=x", bearer)), 400, "token_in_url")
    assert await load_status(scene, bearer) == 200


FORM = "Content-Type: application/x-www-form-urlencoded"
for path in ("logout", "login", "register"):
    for origin in ("Origin: https://evil.test", "Origin: null", None):

        @case(19, f"{path}-{origin.partition('//')[2] or 'null' if origin else 'no-origin'}")
        async def _(scene: Scene, path: str = path, origin: str | None = origin) -> None:
            headers = [FORM, f"Cookie: parlour={scene.carol.token}", *([origin] if origin else [])]
            is_problem(await scene.ask(request("POST", f"/api/{path}", *headers, body=b"a=b")), 403, "csrf")
            assert await load_status(scene, f"Cookie: parlour={scene.carol.token}") == 200


@case(19, "Sec-Fetch-Site")
async def _(scene: Scene) -> None:
    headers = [f"Cookie: parlour={scene.carol.token}", "Origin: http://localhost", "Sec-Fetch-Site: cross-site"]
    is_problem(await scene.ask(request("POST", "/api/logout", *headers)), 403, "csrf")


for foreign in ("https://chat.example.org.evil.test", "null", "http://localhost.evil.test", "http://localhost:1",
                "http://localhost/", "ftp://localhost", "//localhost", ""):  # fmt: skip
    http(20, f"unset-{foreign.replace('/', '|')}", request("GET", "/api/load", f"Origin: {foreign}"), 403, "origin")
    http(20, f"unset-post-{foreign.replace('/', '|')}",
         post("/api/login", credentials("nanda"), f"Origin: {foreign}"), 403, "csrf")  # fmt: skip


@case(20, "set")
async def _(scene: Scene) -> None:
    async with town(scene.folder / "origins", origins=("https://chat.example.org",)) as other:

        async def answer(origin: str) -> Reply:
            return await ask(other.port, request("GET", "/api/load", f"Origin: {origin}", host="chat.example.org"))

        is_problem(await answer("https://chat.example.org"), 401, "unauthorized")
        for origin in ("http://chat.example.org", "https://chat.example.org.evil.test", "https://chat.example.org:444",
                       "https://xchat.example.org", "null", "https://"):  # fmt: skip
            is_problem(await answer(origin), 403, "origin")


test_a_bad_input_gets_its_answer = TABLE.test()
