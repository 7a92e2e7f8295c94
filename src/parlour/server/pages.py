"""The web client, served as it lies, but for what goes over the wire as one.

1. Files come from a table that was made at the start, never from a path that somebody asked for. They are packed then,
   too, so that packing costs no request anything. Comments stay behind: a third of what goes over the wire would be for
   readers of the source alone. The sheets that the page names go as one, and so do its scripts.
2. Every page has the strict policy: scripts and styles are files of ours, and text never becomes script.
3. A release has a name, made from all of its files. Under its name a file never changes, and no page is made of two
   releases. Where a source says `@release`, that name is put in.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path

import msgspec
from aiohttp import web

from ..core.dispatch import Refused
from .joined import joined

PAGES = ("/", "/login", "/register", "/settings")
SHELL, WORKER, SHEET, SCRIPT = "index.html", "worker.js", "styles/all.css", "all.js"
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
PACKED_ALREADY = (".png", ".woff2")
NOT_OF_THE_SHELL = (".png", ".webmanifest")
"""What only the system asks for that the page is installed in: it lies under no release's name, and is not kept."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self' {socket}; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lit-html parlour"
)
WORKER_POLICY = "default-src 'none'; connect-src 'self'"
ASKED_EACH_TIME, FOR_EVER = "no-cache", "max-age=31536000, immutable"
COMMENTS = {
    ".js": re.compile(rb"^[ \t]*//[^\n]*|[ \t]*/\*\*[\s\S]*?\*/", re.MULTILINE),
    ".css": re.compile(rb"[ \t]*/\*[\s\S]*?\*/"),
}
"""In a script: a line that is nothing else, or what stands between `/**` and `*/`."""
SHEETS = re.compile(rb'(?: *<link rel="stylesheet" href="/web/@release/[^"]+">\n)+')
NAMED = re.compile(rb'/@release/([^"]+)')
ONE_SHEET = f'    <link rel="stylesheet" href="/web/@release/{SHEET}">\n'.encode()
SCRIPTS = re.compile(
    rb'(?: *<link rel="modulepreload" href="/web/@release/[^"]+">\n)+'
    rb' *<script type="module" src="/web/@release/main.js"></script>\n'
)
ONE_SCRIPT = f'    <script type="module" src="/web/@release/{SCRIPT}"></script>\n'.encode()
LANGUAGES = "words/"


class File(msgspec.Struct):
    """A file of the web client, as it lies; and packed, unless it is of a kind that is packed already."""

    body: bytes
    packed: bytes | None
    kind: str
    tag: str


def files() -> tuple[str, dict[str, File]]:
    """The release's name, and every file of it by its path below `web/`."""
    found = {path.relative_to(WEB).as_posix(): path for path in sorted(WEB.rglob("*")) if path.suffix in KINDS}
    bodies = {name: _bare(name, path.read_bytes()) for name, path in found.items()}
    within = [*_one_sheet(bodies), *_one_script(bodies), *_one_script_a_language(bodies)]
    release = "@" + _digest(POLICY.encode(), *(part for name, body in bodies.items() for part in (name.encode(), body)))
    shell = [name for name in bodies if not name.endswith(NOT_OF_THE_SHELL) and name not in (WORKER, *within)]
    for name in (SHELL, WORKER):
        bodies[name] = bodies[name].replace(b"@release", release.encode())
    bodies[WORKER] = bodies[WORKER].replace(b"'@files'", json.dumps(shell)[1:-1].encode())
    return release, {name: _file(body, Path(name).suffix) for name, body in bodies.items()}


def _bare(name: str, body: bytes) -> bytes:
    """A script or a sheet of ours without its comments."""
    comment = COMMENTS.get(Path(name).suffix)
    if comment is None or name.startswith("vendor/"):
        return body
    return comment.sub(lambda found: b"\n" * found[0].count(b"\n"), body)


def _one_sheet(bodies: dict[str, bytes]) -> list[str]:
    """Puts the sheets that the page names into one, which the page names then. What it is made of."""
    page = bodies[SHELL]
    sheets = _names(SHEETS.findall(page))
    bodies[SHELL], bodies[SHEET] = SHEETS.sub(ONE_SHEET, page), b"".join(bodies[name] for name in sheets)
    return sheets


def _one_script(bodies: dict[str, bytes]) -> list[str]:
    """The same with the page's beginning and the modules that are named before it."""
    page = bodies[SHELL]
    scripts = _names(SCRIPTS.findall(page))
    bodies[SHELL] = SCRIPTS.sub(ONE_SCRIPT, page)
    bodies[SCRIPT] = _joined(SCRIPT, scripts, bodies)
    return scripts


def _one_script_a_language(bodies: dict[str, bytes]) -> list[str]:
    """The same with the parts of each language: `words/en.js` hands on what stands in `words/en/`."""
    within: list[str] = []
    for name in [name for name in bodies if name.startswith(LANGUAGES) and name.count("/") == 1]:
        parts = [part for part in bodies if part.startswith(name.removesuffix(".js") + "/")]
        if parts:
            bodies[name] = _joined(name, [*parts, name], bodies)
        within += parts
    return within


def _names(lines: list[bytes]) -> list[str]:
    return [name.decode() for line in lines for name in NAMED.findall(line)]


def _joined(at: str, names: list[str], bodies: dict[str, bytes]) -> bytes:
    """Beside it stand what the page still names, and what the languages share."""
    outside = {*_names([bodies[SHELL]]), *(name for name in bodies if name.startswith(LANGUAGES))}
    return joined(at, names, {name: bodies[name].decode() for name in names}, outside).encode()


def _file(body: bytes, suffix: str) -> File:
    packed = None if suffix in PACKED_ALREADY else gzip.compress(body, 9, mtime=0)
    return File(body, packed, KINDS[suffix], _digest(body))


def _digest(*parts: bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(b"%d " % len(part) + part)
    return whole.hexdigest()[:24]


def takes_packed(accepted: str) -> bool:
    """Whether `Accept-Encoding` allows gzip (RFC 9110, 12.5.3): by its name, else by `*`, and not with weight 0."""
    weights = {}
    for part in accepted.lower().split(","):
        name, _, parameter = (piece.strip() for piece in part.partition(";"))
        weights[name] = parameter.removeprefix("q=") if parameter.startswith("q=") else "1"
    return weights.get("gzip", weights.get("*", "0")).strip("0.") != ""


class Pages:
    """The routes of the web client."""

    def __init__(self) -> None:
        self._release, self._files = files()

    def routes(self) -> list[web.RouteDef]:
        """One shell for every screen, the files that it is made of, and the worker that keeps them."""
        pages = [web.get(page, self.page) for page in PAGES]
        return [*pages, web.get("/sw.js", self.worker), web.get("/web/{path:.+}", self.file)]

    async def page(self, request: web.Request) -> web.Response:
        return self._answer(request, SHELL, ASKED_EACH_TIME)

    @staticmethod
    def asked_for(request: web.Request) -> bool:
        """Whether somebody looks at this address, and no program asks for what lies there."""
        return request.method in ("GET", "HEAD") and "text/html" in request.headers.get("Accept", "")

    def nowhere(self, request: web.Request) -> web.Response:
        """The page at an address that has none: it says so, and one goes on from there."""
        return self._answer(request, SHELL, ASKED_EACH_TIME, 404)

    async def worker(self, request: web.Request) -> web.Response:
        response = self._answer(request, WORKER, ASKED_EACH_TIME)
        response.headers["Content-Security-Policy"] = WORKER_POLICY
        return response

    async def file(self, request: web.Request) -> web.Response:
        """A file by its path: as it is now, or under the name of the release."""
        path = request.match_info["path"]
        name = path.removeprefix(f"{self._release}/")
        return self._answer(request, name, ASKED_EACH_TIME if name == path else FOR_EVER)

    def _answer(self, request: web.Request, name: str, how_long: str, status: int = 200) -> web.Response:
        file = self._files.get(name)
        if file is None:
            raise Refused("not_found")
        body, headers = _representation(request, file)
        headers["Cache-Control"] = how_long
        if name == SHELL:
            host = request.headers["Host"]
            headers["Content-Security-Policy"] = POLICY.format(socket=f"ws://{host} wss://{host}")
        if how_long == FOR_EVER:
            del headers["ETag"]  # Nobody asks again, and each header costs.
        elif status == 200 and _has(request, headers["ETag"]):
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, status=status, headers={**headers, "Content-Type": file.kind})


def _representation(request: web.Request, file: File) -> tuple[bytes, dict[str, str]]:
    """The file as this browser takes it, with the headers that say which. Each way has a tag of its own."""
    if file.packed is None:
        return file.body, {"ETag": f'"{file.tag}"'}
    if takes_packed(",".join(request.headers.getall("Accept-Encoding", []))):
        return file.packed, {"ETag": f'"{file.tag}-gzip"', "Vary": "Accept-Encoding", "Content-Encoding": "gzip"}
    return file.body, {"ETag": f'"{file.tag}"', "Vary": "Accept-Encoding"}


def _has(request: web.Request, tag: str) -> bool:
    """Whether the browser has this very representation already."""
    named = ",".join(request.headers.getall("If-None-Match", []))
    return tag in {one.strip().removeprefix("W/") for one in named.split(",")}
