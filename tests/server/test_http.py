"""The HTTP side around the calls: hosts and origins, the browser's cookie, headers, the pages, health.

1. A browser is played by hand: what it sends is written out here, what it is given is read as it came.
2. Where the server stands behind a proxy under TLS, `origins` says so.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

import parlour
from tests.server.people import PASSWORD, Town, town
from tests.server.wire import Reply, Wire, ask, handshake, post, request

pytestmark = pytest.mark.asyncio(loop_scope="session")

WEB = Path(parlour.__file__).parent / "web"
CHAT = "https://chat.example.org"
JOINED = rb' *<(?:link rel="(?:stylesheet|modulepreload)"|script type="module" src="/web/@\w+/(?:main|all)\.js").*\n'
PLAIN = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def secure(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """A server that people open as https://chat.example.org."""
    folder = tmp_path_factory.mktemp("secure")
    async with town(folder) as before:
        person = await before.person("nanda")
    assert person.token
    async with town(folder, origins=(CHAT,)) as made:
        yield made


def credentials(name: str) -> bytes:
    return b'{"Username":"%s","Password":"%s"}' % (name.encode(), PASSWORD.encode())


async def browser_logs_in(port: int, name: str, origin: str, host: str) -> Reply:
    """A login as our own page makes it."""
    headers = (f"Origin: {origin}", "Sec-Fetch-Site: same-origin", "Content-Type: application/json")
    return await ask(port, request("POST", "/api/login", *headers, host=host, body=credentials(name)))


def cookie_of(reply: Reply) -> tuple[str, str, set[str]]:
    """The cookie that was set: name, value, attributes."""
    first, *rest = [part.strip() for part in reply.headers["set-cookie"].split(";")]
    name, _, value = first.partition("=")
    return name, value, {part.lower() for part in rest}


# ------------------------------------------------------------------------------------------------------- hosts, origins


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8080", "LOCALHOST", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:8080", "10.1.2.3:1"],
)
async def test_localhost_and_literal_addresses_cannot_be_rebound(house: Town, host: str) -> None:
    assert (await ask(house.port, request("GET", "/healthz", host=host))).status == 200


@pytest.mark.parametrize(
    "host", ["example.org", "localhost.example.org", "127.0.0.1.example.org", "localhost:port", "a"]
)
async def test_other_names_are_not_answered(house: Town, host: str) -> None:
    for path in ("/healthz", "/", "/api/load", "/nowhere"):
        reply = await ask(house.port, request("GET", path, host=host))
        assert (reply.status, reply.json["code"]) == (421, "wrong_host")


async def test_with_origins_both_are_exact(secure: Town) -> None:
    for host, status in (("chat.example.org", 200), ("CHAT.example.org", 200), ("localhost", 421), ("127.0.0.1", 421),
                         ("chat.example.org:443", 421), ("example.org", 421)):  # fmt: skip
        assert (await ask(secure.port, request("GET", "/healthz", host=host))).status == status
    for origin, status in ((CHAT, 200), ("http://chat.example.org", 403), (f"{CHAT}:443", 403)):
        reply = await ask(secure.port, request("GET", "/healthz", f"Origin: {origin}", host="chat.example.org"))
        assert reply.status == status


async def test_the_own_origin_is_scheme_and_host(house: Town) -> None:
    host = f"127.0.0.1:{house.port}"
    for origin, status in ((f"http://{host}", 200), (f"https://{host}", 200), ("http://127.0.0.1", 403),
                           (f"http://localhost:{house.port}", 403), ("null", 403)):  # fmt: skip
        assert (await ask(house.port, request("GET", "/healthz", f"Origin: {origin}", host=host))).status == status


# --------------------------------------------------------------------------------------------------------------- cookie


async def test_a_browser_is_given_a_cookie_and_never_sees_the_token(house: Town) -> None:
    person = await house.person()
    host = f"localhost:{house.port}"
    reply = await browser_logs_in(house.port, person.name, f"http://{host}", host)
    assert reply.status == 200
    assert set(reply.json) == {"UserID", "Username", "ExpiresAt"}
    name, value, attributes = cookie_of(reply)
    assert name == "parlour"
    assert attributes == {"httponly", "samesite=strict", "path=/", f"max-age={30 * 86_400}"}
    assert value.encode() not in reply.body

    cookie = f"Cookie: parlour={value}"
    origin = f"Origin: http://{host}"
    assert (await ask(house.port, request("GET", "/api/load", cookie, host=host))).status == 200
    headers = (
        "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )  # fmt: skip
    assert (await ask(house.port, request("GET", "/ws", cookie, origin, *headers, host=host))).status == 101

    gone = await ask(house.port, request("POST", "/api/logout", cookie, origin, host=host))
    assert gone.status == 204
    name, value, attributes = cookie_of(gone)
    assert (name, value) in (("parlour", ""), ("parlour", '""'))
    assert "max-age=0" in attributes
    assert (await ask(house.port, request("GET", "/api/load", cookie, host=host))).status == 401


async def test_without_an_origin_there_is_a_token_and_no_cookie(house: Town) -> None:
    person = await house.person()
    reply = await ask(house.port, post("/api/login", credentials(person.name)))
    assert set(reply.json) == {"UserID", "Username", "Token", "ExpiresAt"}
    assert "set-cookie" not in reply.headers


async def test_under_tls_the_cookie_is_bound_to_the_host(secure: Town) -> None:
    host = "chat.example.org"
    reply = await browser_logs_in(secure.port, "nanda", CHAT, host)
    name, value, attributes = cookie_of(reply)
    assert name == "__Host-parlour"
    assert attributes == {"httponly", "samesite=strict", "path=/", "secure", f"max-age={30 * 86_400}"}
    assert "Token" not in reply.json
    for cookie, status in ((f"__Host-parlour={value}", 200), (f"parlour={value}", 401),
                           (f"parlour=planted; __Host-parlour={value}", 200)):  # fmt: skip
        assert (await ask(secure.port, request("GET", "/api/load", f"Cookie: {cookie}", host=host))).status == status
    headers = [f"Cookie: __Host-parlour={value}", f"Origin: {CHAT}"]
    gone = await ask(secure.port, request("POST", "/api/logout", *headers, host=host))
    assert (gone.status, cookie_of(gone)[0]) == (204, "__Host-parlour")


async def test_with_two_origins_the_matched_one_decides(tmp_path: Path) -> None:
    async with town(tmp_path, origins=("http://localhost:9999", CHAT)) as made:
        reply = await ask(made.port, request("POST", "/api/register", "Content-Type: application/json",
                                             host="localhost:9999", body=credentials("nanda")))  # fmt: skip
        assert reply.status == 200
        plain = await browser_logs_in(made.port, "nanda", "http://localhost:9999", "localhost:9999")
        hosted = await browser_logs_in(made.port, "nanda", CHAT, "chat.example.org")
        assert [cookie_of(r)[0] for r in (plain, hosted)] == ["parlour", "__Host-parlour"]
        assert ["secure" in cookie_of(r)[2] for r in (plain, hosted)] == [False, True]
        assert "strict-transport-security" not in plain.headers


async def test_a_bearer_token_needs_no_origin(house: Town) -> None:
    person = await house.person()
    bearer = f"Authorization: Bearer {person.token}"
    assert (await ask(house.port, handshake(bearer))).status == 101
    assert (await ask(house.port, request("GET", "/api/load", bearer))).status == 200
    assert (await ask(house.port, request("POST", "/api/logout", bearer))).status == 204


async def test_a_bearer_token_wins_over_a_cookie(house: Town) -> None:
    person = await house.person()
    headers = (f"Authorization: Bearer {person.token}", "Cookie: parlour=something-old")
    assert (await ask(house.port, request("GET", "/api/load", *headers))).status == 200


# -------------------------------------------------------------------------------------------------------------- headers

REQUESTS = {
    "load": request("GET", "/api/load"),
    "missing": request("GET", "/nowhere"),
    "method": request("PUT", "/api/login"),
    "host": request("GET", "/", host="evil.test"),
    "kind": request("POST", "/api/login", body=b"{}"),
    "field": post("/api/login", b"{}"),
    "large": request("POST", "/api/login", "Content-Type: application/json", "Content-Length: 70000"),
    "unreadable": b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
    "expect": request("POST", "/api/login", "Expect: 100-continue"),
    "handshake": request("GET", "/ws"),
    "health": request("GET", "/healthz"),
    "ready": request("GET", "/readyz"),
}


@pytest.mark.parametrize("name", REQUESTS)
async def test_every_answer_has_the_headers(house: Town, name: str) -> None:
    reply = await ask(house.port, REQUESTS[name])
    assert {k: reply.headers.get(k) for k in PLAIN} == PLAIN
    assert reply.headers["cache-control"] == "no-store"
    assert not reply.headers.get("server")
    assert not [k for k in reply.headers if k.startswith("access-control")]
    assert "strict-transport-security" not in reply.headers
    if reply.status >= 400:
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json["status"] == reply.status
        assert re.fullmatch(r"[A-Z].*\.", reply.json["title"])
        assert re.fullmatch(r"[a-z_]+", reply.json["code"])


async def test_under_tls_every_answer_says_so(secure: Town) -> None:
    for path in ("/", "/api/load", "/healthz", "/nowhere"):
        reply = await ask(secure.port, request("GET", path, host="chat.example.org"))
        assert reply.headers["strict-transport-security"].startswith("max-age=")


async def test_an_unauthorized_one_is_told_how(house: Town) -> None:
    reply = await ask(house.port, request("GET", "/api/load"))
    assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")


# ---------------------------------------------------------------------------------------------------------------- pages


def released(body: bytes) -> bytes:
    """A page as it lies, before the name of its release was put in, but for its sheets and scripts."""
    return re.sub(rb"@[0-9a-f]{24}\b", b"@release", re.sub(JOINED, b"", body))


@pytest.mark.parametrize("path", ["/", "/login", "/register", "/settings", "/?next=x"])
async def test_the_pages_are_one_shell_under_a_strict_policy(house: Town, path: str) -> None:
    host = f"localhost:{house.port}"
    reply = await ask(house.port, request("GET", path, host=host))
    assert (reply.status, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert released(reply.body) == re.sub(JOINED, b"", (WEB / "index.html").read_bytes())
    assert reply.headers["cache-control"] == "no-cache"
    policy = dict(part.strip().partition(" ")[::2] for part in reply.headers["content-security-policy"].split(";"))
    sockets = policy.pop("connect-src").split()
    assert sockets[0] == "'self'"
    assert set(sockets[1:]) <= {f"ws://{host}", f"wss://{host}"}
    assert policy == {
        "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data: blob:",
        "font-src": "'self'", "manifest-src": "'self'", "worker-src": "'self'", "base-uri": "'none'",
        "form-action": "'self'", "frame-ancestors": "'none'", "require-trusted-types-for": "'script'",
        "trusted-types": "lit-html parlour",
    }  # fmt: skip


async def test_what_is_unchanged_is_not_sent_again(house: Town) -> None:
    for path in ("/", "/web/index.html"):
        first = await ask(house.port, request("GET", path))
        tag = first.headers["etag"]
        again = await ask(house.port, request("GET", path, f"If-None-Match: {tag}"))
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
        other = await ask(house.port, request("GET", path, 'If-None-Match: "other"'))
        assert (other.status, other.body) == (200, first.body)


async def test_every_file_is_served_as_it_lies(tmp_path: Path) -> None:
    kinds = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
             ".html": "text/html; charset=utf-8", ".woff2": "font/woff2"}  # fmt: skip
    async with town(tmp_path) as fresh:  # What lies there is read when a server starts.
        paths = [path for path in WEB.rglob("*") if path.suffix in kinds]
        assert paths
        for path in paths:
            reply = await ask(fresh.port, request("GET", f"/web/{path.relative_to(WEB).as_posix()}"))
            assert (reply.status, reply.headers["content-type"]) == (200, kinds[path.suffix])
            if path.suffix not in (".js", ".css") or "vendor" in path.parts:
                assert released(reply.body) == re.sub(JOINED, b"", path.read_bytes())
            assert reply.headers["x-content-type-options"] == "nosniff"


async def test_the_shell_names_only_what_is_served(house: Town) -> None:
    named = re.findall(r'(?:src|href)="(/[^"]+)"', (await ask(house.port, request("GET", "/"))).body.decode())
    assert named
    for path in named:
        assert (await ask(house.port, request("GET", path))).status == 200, path


@pytest.mark.parametrize(
    "path", ["/web", "/web/", "/index.html", "/web/nothing.js", "/api", "/api/", "/api/load/", "/Login"]
)
async def test_an_unknown_path_is_not_found(house: Town, path: str) -> None:
    reply = await ask(house.port, request("GET", path))
    assert (reply.status, reply.json["code"]) == (404, "not_found")


async def test_who_looks_at_an_unknown_path_gets_the_page_and_a_program_the_refusal(house: Town) -> None:
    looks = "Accept: text/html,application/xhtml+xml,*/*;q=0.8"
    shell = await ask(house.port, request("GET", "/"))
    tag = shell.headers["etag"]
    for headers in ((looks,), (looks, f"If-None-Match: {tag}")):
        reply = await ask(house.port, request("GET", "/conversations", *headers))
        assert (reply.status, reply.body) == (404, shell.body)
        assert reply.headers["content-security-policy"] == shell.headers["content-security-policy"]
    for method, path in (("GET", "/web/nothing.js"), ("POST", "/conversations")):
        reply = await ask(house.port, request(method, path, looks))
        assert (reply.status, reply.json["code"]) == (404, "not_found")


async def test_head_is_get_without_a_body(house: Town) -> None:
    get = await ask(house.port, request("GET", "/"))
    async with await Wire.open(house.port) as line:
        await line.send(request("HEAD", "/", "Connection: close"))
        came = await line.ended()
    head, _, body = came.partition(b"\r\n\r\n")
    assert body == b""
    assert f"Content-Length: {len(get.body)}".encode() in head


# --------------------------------------------------------------------------------------------------------------- health


async def test_health(tmp_path: Path) -> None:
    async with town(tmp_path) as made:
        assert (await ask(made.port, request("GET", "/healthz"))).body == b"ok\n"
        assert (await ask(made.port, request("GET", "/readyz"))).status == 200
        made.server.stopping.set()
        assert (await ask(made.port, request("GET", "/healthz"))).status == 200
        reply = await ask(made.port, request("GET", "/readyz"))
        assert (reply.status, reply.json["code"]) == (503, "unavailable")
        assert int(reply.headers["retry-after"]) >= 1


async def test_a_client_that_leaves_in_mid_body_hurts_nobody(house: Town) -> None:
    for data in (
        request("POST", "/api/login", "Content-Type: application/json", "Content-Length: 50"),
        request("POST", "/api/login", "Content-Type: application/json", "Content-Length: 50") + b'{"User',
    ):
        async with await Wire.open(house.port) as line:
            await line.send(data)
    assert (await ask(house.port, request("GET", "/readyz"))).status == 200


@pytest.mark.parametrize(
    "chunks", [b"ZZ\r\nx\r\n", b"5\r\nabc", b"-1\r\n\r\n", b"5;x=\x00\r\nabcde\r\n", b"3\r\nabcd\r\n"]
)
async def test_chunks_that_cannot_be_read_are_a_bad_request(house: Town, chunks: bytes) -> None:
    headers = ("Content-Type: application/json", "Transfer-Encoding: chunked", "Connection: close")
    async with await Wire.open(house.port) as line:
        await line.send(request("POST", "/api/login", *headers) + chunks)
        line.finish()
        came = await line.ended()
    assert came == b"" or came.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400")), came
