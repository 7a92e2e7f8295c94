"""The HTTP side: accounts, load, snapshot, history, the socket's door, health.

1. Every request passes one gate first: headers, Host, Origin, size, kind of body. What it refuses touches nothing.
2. A token comes as a bearer or as the cookie of our own page, never in an address.
3. What is raised becomes a problem here; no input ever makes a 500.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from .. import protocol
from ..config import Settings
from ..core import ledger, logins, messages, snapshot
from ..core.dispatch import Caller, Refused, stamp_of
from ..core.logins import ABSOLUTE_DAYS
from ..protocol import FRAME_BYTES, Credentials, encode
from .access import Access, Known
from .export import Exports
from .gateway import Gateway, holds_nul, refusal_of
from .handshake import judge_handshake, take_over
from .origins import Origins
from .pages import Pages
from .presence import Floor
from .problems import body_of, expects_nothing, of_aiohttp, problem
from .websocket import Connection

log = logging.getLogger(__name__)

HEADER_BYTES = 16_384
NAME_CHARACTERS = 32
"""Of a field that is not known: a longer one may be a secret that somebody put into an address."""
COOKIE_SECONDS = ABSOLUTE_DAYS * 86_400
PLAIN_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}

DOORS = {f"/api/{protocol.name_of(frame).lower()}": frame for frame in protocol.CLIENT_FRAMES_OVER_HTTP}
"""Every frame's own address."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
T = TypeVar("T")


class Site:
    """The routes and the gate before them."""

    def __init__(
        self, gateway: Gateway, access: Access, floor: Floor, settings: Settings, ready: Callable[[], Awaitable[bool]]
    ) -> None:
        self._gateway, self._access, self._floor, self._settings, self._ready = gateway, access, floor, settings, ready
        self._origins = Origins(settings.origins)
        self._proxies = frozenset(settings.proxies)
        self._exports = Exports(gateway, floor.has_ended, settings.stuck_after)
        self._pages = Pages()

    def application(self) -> web.Application:
        """The aiohttp application."""
        application = web.Application(middlewares=[self._gate], client_max_size=FRAME_BYTES)
        application.on_response_prepare.append(self._prepare)
        expect = expects_nothing
        application.add_routes(
            [
                web.post("/api/register", self.register, expect_handler=expect),
                web.post("/api/login", self.log_in, expect_handler=expect),
                web.post("/api/logout", self.log_out, expect_handler=expect),
                web.get("/api/load", self.load, expect_handler=expect),
                web.get("/api/snapshot", self.snapshot, expect_handler=expect),
                web.get("/api/sessions/{SessionID}/messages", self.history, expect_handler=expect),
                web.get("/api/logins", self.logins, expect_handler=expect),
                web.get("/api/consent", self.consent, expect_handler=expect),
                web.get("/api/export", self.export, allow_head=False, expect_handler=expect),
                *(web.post(path, self._door(frame), expect_handler=expect) for path, frame in DOORS.items()),
                web.get("/ws", self.socket, allow_head=False, expect_handler=expect),
                web.get("/healthz", self.healthy),
                web.get("/readyz", self.is_ready),
                *self._pages.routes(),
            ]
        )
        return application

    # -------------------------------------------------------------------------------------------------------- the gate

    @web.middleware
    async def _gate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            self._judge(request)
            await self._judge_token_in_url(request)
            response = await handler(request)
        except Refused as refused:
            response = problem(refused.code, refused.field, refused.retry_after, refused.status, refused.why)
        except web.HTTPException as raised:
            nowhere = raised.status == 404 and self._pages.asked_for(request)
            response = self._pages.nowhere(request) if nowhere else of_aiohttp(raised)
        except ConnectionError:
            response = web.Response(status=400)  # Nobody is there any more to read it.
        except Exception:
            log.exception("a request failed: %s %s", request.method, request.path)
            response = problem("internal")
        return response

    def _judge(self, request: web.Request) -> None:
        hosts = request.headers.getall("Host", [])
        if len(hosts) != 1:
            raise Refused("bad_request", "Host")
        self._origins.judge_host(hosts[0])
        if request.method == "CONNECT":
            raise Refused("bad_request")
        if sum(len(k) + len(v) for k, v in request.raw_headers) > HEADER_BYTES:
            raise Refused("headers_too_large")
        if len(request.raw_path) > HEADER_BYTES:
            raise Refused("bad_request", status=414)
        if [c.lower() for c in request.headers.getall("Transfer-Encoding", [])] not in ([], ["chunked"]):
            raise Refused("bad_request")  # The library takes the chunks apart and hands on what is coded inside.
        if (request.content_length or 0) > FRAME_BYTES:
            request.protocol.keep_alive(False)
            raise Refused("too_large")
        origin = request.headers.get("Origin")
        if origin is not None and not self._origins.own(origin, hosts[0]):
            raise Refused("csrf" if request.method == "POST" else "origin")
        tokens, by_cookie = self._tokens(request)
        if tokens and by_cookie and (request.method not in ("GET", "HEAD") or request.path == "/ws"):
            self._judge_own_page(request)

    async def _judge_token_in_url(self, request: web.Request) -> None:
        """A token in an address is known to every proxy on the way: it lives no longer."""
        if "token" not in request.query:
            return
        for token in request.query.getall("token"):
            known = await self._access.known(token)
            if known:
                await self._access.log_out(known.caller)
        raise Refused("token_in_url")

    async def _prepare(self, request: web.Request, response: web.StreamResponse) -> None:
        self.dress(response)
        response.headers.pop("Server", None)  # The library would name itself.

    def dress(self, response: web.StreamResponse) -> None:
        """The headers that every answer has."""
        response.headers.update(PLAIN_HEADERS)
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        if self._origins.all_secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"

    # ------------------------------------------------------------------------------------------------------- who asks

    def _address(self, request: web.Request) -> str:
        """The client's address, an IPv6 one by its /64; a proxy is believed only if it is configured."""
        address = request.remote or ""
        if address in self._proxies:
            forwarded = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
            hops = [hop for hop in map(str.strip, forwarded) if hop and hop not in self._proxies]
            address = hops[-1] if hops else address
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return address[:64]
        if ip.version == 4:
            return str(ip)
        return str(ip.ipv4_mapped or ipaddress.ip_network(f"{ip}/64", strict=False))

    async def _known(self, request: web.Request) -> Known:
        """The caller, by bearer token, else by the cookie of our own page. Raises Refused."""
        tokens, _ = self._tokens(request)
        if len(tokens) != 1:
            raise Refused("unauthorized")
        known = await self._access.known(tokens[0])
        if known is None:
            raise Refused("unauthorized")
        return known

    async def _reader(self, request: web.Request) -> Caller:
        """The caller of a question, who has asked not too many. Raises Refused."""
        caller = (await self._known(request)).caller
        self._floor.budgets.ask(caller.UserID)
        return caller

    def _tokens(self, request: web.Request) -> tuple[list[str], bool]:
        """The tokens that are presented, and whether by cookie. Two are as good as none."""
        bearers = request.headers.getall("Authorization", [])
        if bearers:
            return [b[7:].strip() for b in bearers if b[:7].lower() == "bearer "], False
        pairs = [p.strip().partition("=") for line in request.headers.getall("Cookie", []) for p in line.split(";")]
        values = {(name, value) for name, _, value in pairs if name in ("parlour", "__Host-parlour")}
        hosted = [value for name, value in values if name == "__Host-parlour"]
        return hosted if hosted or self._origins.all_secure else [value for _, value in values], True

    def _judge_own_page(self, request: web.Request) -> None:
        if not self._origins.own(request.headers.get("Origin"), request.headers["Host"]):
            raise Refused("origin" if request.path == "/ws" else "csrf")
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            raise Refused("csrf")

    # ----------------------------------------------------------------------------------------------------------- calls

    async def register(self, request: web.Request) -> web.Response:
        who = await self._body(request, Credentials)
        return _json(await self._access.register(who, self._address(request)))

    async def log_in(self, request: web.Request) -> web.Response:
        who = await self._body(request, Credentials)
        agent = _readable(request.headers.get("User-Agent", ""))
        login, token = await self._access.log_in(who, self._address(request), agent)
        self._floor.logged_in(login.UserID)
        origin = request.headers.get("Origin")
        reply = protocol.LoggedIn(login.UserID, login.Username, login.ExpiresAt, None if origin else token)
        response = _json(reply)
        if origin:
            name, secure = self._origins.cookie(origin)
            response.set_cookie(
                name, token, httponly=True, samesite="Strict", secure=secure, path="/", max_age=COOKIE_SECONDS
            )
        return response

    async def log_out(self, request: web.Request) -> web.Response:
        try:
            await self._access.log_out((await self._known(request)).caller)
        except Refused as refused:
            if refused.code != "unauthorized":
                raise
        response = web.Response(status=204)
        for name in ("parlour", "__Host-parlour"):
            if name in request.cookies:
                response.del_cookie(name, path="/", secure=name != "parlour", httponly=True, samesite="Strict")
        return response

    async def load(self, request: web.Request) -> web.Response:
        number = _number(
            _query(request, "messages"), "messages", 0, protocol.LOAD_MESSAGES_MOST, protocol.LOAD_MESSAGES
        )
        caller = await self._reader(request)
        return _json(await self._gateway.read(lambda tx: snapshot.load(tx, caller.UserID, number)))

    async def snapshot(self, request: web.Request) -> web.Response:
        number = _number(
            _query(request, "messages"), "messages", 0, protocol.LOAD_MESSAGES_MOST, protocol.LOAD_MESSAGES
        )
        caller, now = await self._reader(request), self._gateway.now()
        return _json(await self._gateway.read(lambda tx: snapshot.snapshot(tx, caller, number, now)))

    async def history(self, request: web.Request) -> web.Response:
        query = _query(request, "before", "after", "limit")
        caller = await self._reader(request)
        page = messages.Page(
            request.match_info["SessionID"],
            _optional(query, "before"),
            _optional(query, "after"),
            _number(query, "limit", 1, protocol.HISTORY_LIMIT, protocol.LOAD_MESSAGES),
        )
        return _json(await self._gateway.read(lambda tx: messages.page(page, tx, caller)))

    async def logins(self, request: web.Request) -> web.Response:
        _query(request)
        caller, now = await self._reader(request), stamp_of(self._gateway.steady())
        return _json(await self._gateway.read(lambda tx: logins.view(tx, caller, now)))

    async def consent(self, request: web.Request) -> web.Response:
        before = _optional(_query(request, "before"), "before")
        caller, now = await self._reader(request), self._gateway.now()
        response = _json(await self._gateway.read(lambda tx: ledger.ledger(tx, caller, now, before)))
        response.headers["Content-Disposition"] = 'attachment; filename="parlour-consent.json"'
        return response

    async def export(self, request: web.Request) -> web.StreamResponse:
        _query(request)
        caller = await self._reader(request)
        self._floor.budgets.take_all(caller.UserID)
        return await self._exports.answer(request, caller)

    def _door(self, kind: type[protocol.ClientFrame]) -> Handler:
        """Takes this frame as a body and answers with what `Done` would carry."""

        async def take(request: web.Request) -> web.Response:
            caller = (await self._known(request)).caller
            _query(request)
            frame = await self._body(request, kind)
            if self._floor.has_ended(caller.LoginID):  # While the body was on its way.
                raise Refused("unauthorized")
            self._floor.budgets.spend(frame, caller.UserID)
            try:
                result = await self._gateway.write(frame, caller)
            except Refused as refused:
                refused.status = protocol.FRAME_STATUSES.get(refused.code)
                raise
            return web.Response(body=protocol.done(frame.Ref, result), content_type="application/json")

        return take

    async def socket(self, request: web.Request) -> web.StreamResponse:
        known = await self._known(request)
        accept, core = judge_handshake(request)
        address = self._address(request)
        self._floor.admit(address)
        # Before the 101: what is stored after it is heard on this socket.
        opening = await self._floor.hub.opening(known.caller.UserID) if core else None
        response: web.StreamResponse = take_over(request, accept, opening, self._maker(known, core, address))
        return response

    def _maker(self, known: Known, core: bool, address: str) -> Callable[[Any], Connection]:
        return lambda transport: Connection(transport, known.caller, known.ends_at, core, self._floor, address)

    async def healthy(self, request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def is_ready(self, request: web.Request) -> web.Response:
        if not await self._ready():
            raise Refused("unavailable")
        return web.Response(text="ready\n")

    async def _body(self, request: web.Request, kind: type[T]) -> T:
        """The JSON body as this type. Raises Refused."""
        if request.content_type != "application/json" or "Content-Encoding" in request.headers:
            raise Refused("not_json")
        body = await body_of(request, self._settings.body_within)
        try:
            read = msgspec.json.decode(body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as raised:
            code, _, field = refusal_of(raised)
            raise Refused(code, field) from None
        if holds_nul(msgspec.to_builtins(read)):
            raise Refused("malformed")
        return read


def _readable(header: str) -> str:
    """A header as text that can be stored: what is no UTF-8 in it is marked as such."""
    return header.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _json(reply: Any) -> web.Response:
    return web.Response(body=encode(reply), content_type="application/json")


def _query(request: web.Request, *names: str) -> dict[str, str]:
    """The query, once each. Raises Refused `unknown_field`, `malformed`."""
    for name in request.query:
        if name not in names:
            raise Refused("unknown_field", name if len(name) <= NAME_CHARACTERS else None)
        if len(request.query.getall(name)) > 1:
            raise Refused("malformed", name)
    return dict(request.query)


def _optional(query: dict[str, str], name: str) -> int | None:
    return _number(query, name, 0, 2**53, 0) if name in query else None


def _number(query: dict[str, str], name: str, least: int, most: int, default: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 16 and least <= int(text) <= most):
        raise Refused("malformed", name)
    return int(text)
