"""The web client, served as it lies.

1. Files come from a table that was made at the start, never from a path that somebody asked for.
2. Every page has the strict policy: scripts and styles are files of ours, and text never becomes script.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
from aiohttp import web

from ..core.dispatch import Refused

PAGES = ("/", "/login", "/register", "/settings")
WEB = Path(__file__).parent.parent / "web"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self' {socket}; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lit-html"
)


class File(msgspec.Struct):
    """A file of the web client, as it lies."""

    body: bytes
    kind: str
    tag: str


def files() -> dict[str, File]:
    """The web client: every file by its path below `web/`."""
    found = {}
    for path in sorted(WEB.rglob("*")):
        if path.suffix in KINDS and path.is_file():
            body = path.read_bytes()
            tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
            found[path.relative_to(WEB).as_posix()] = File(body, KINDS[path.suffix], tag)
    return found


class Pages:
    """The routes of the web client."""

    def __init__(self) -> None:
        self._files = files()

    def routes(self) -> list[web.RouteDef]:
        """One shell for every screen, and the files that it is made of."""
        return [*(web.get(page, self.page) for page in PAGES), web.get("/web/{path:.+}", self.file)]

    async def page(self, request: web.Request) -> web.Response:
        response = self._file(request, self._files.get("index.html"))
        host = request.headers["Host"]
        response.headers["Content-Security-Policy"] = POLICY.format(socket=f"ws://{host} wss://{host}")
        return response

    async def file(self, request: web.Request) -> web.Response:
        return self._file(request, self._files.get(request.match_info["path"]))

    def _file(self, request: web.Request, file: File | None) -> web.Response:
        if file is None:
            raise Refused("not_found")
        headers = {"ETag": file.tag, "Cache-Control": "no-cache"}
        if request.headers.get("If-None-Match") == file.tag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=file.body, headers={**headers, "Content-Type": file.kind})
