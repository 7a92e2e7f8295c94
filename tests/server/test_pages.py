"""The web client as it is served: its release, its packing, its worker, what a browser needs to install it.

1. A browser is played by hand: what it is given is read as it came, packed or not.
"""

from __future__ import annotations

import gzip
import json
import re
import struct
from pathlib import Path

import pytest

import parlour
from tests.server.people import Town
from tests.server.wire import Reply, ask, request

pytestmark = pytest.mark.asyncio(loop_scope="session")

WEB = Path(parlour.__file__).parent / "web"
SCRIPT = "/web/vendor/lit-html/lit-html.js"
SCRIPT_BYTES = (WEB / "vendor" / "lit-html" / "lit-html.js").read_bytes()


async def get(house: Town, path: str, *headers: str) -> Reply:
    return await ask(house.port, request("GET", path, *headers))


async def release_of(house: Town) -> str:
    """The name under which the page names its files."""
    found = re.findall(rb"/web/(@[0-9a-f]{24})/", (await get(house, "/")).body)
    assert len(set(found)) == 1
    return str(found[0].decode())


# -------------------------------------------------------------------------------------------------------------- packing


@pytest.mark.parametrize(
    "accepted", ["gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.8, *;q=0.1", "GZIP", "*", "identity;q=0, *;q=0.001"]
)
async def test_who_takes_it_packed_gets_it_packed(house: Town, accepted: str) -> None:
    reply = await get(house, SCRIPT, f"Accept-Encoding: {accepted}")
    assert (reply.status, reply.headers["content-encoding"], reply.headers["vary"]) == (200, "gzip", "Accept-Encoding")
    assert int(reply.headers["content-length"]) == len(reply.body) < len(SCRIPT_BYTES) / 2
    assert gzip.decompress(reply.body) == SCRIPT_BYTES


@pytest.mark.parametrize(
    "headers",
    [
        (),
        ("Accept-Encoding: ",),
        ("Accept-Encoding: identity",),
        ("Accept-Encoding: br, zstd",),
        ("Accept-Encoding: gzip;q=0",),
        ("Accept-Encoding: gzip; q=0.000, *",),
        ("Accept-Encoding: *;q=0",),
        ("Accept-Encoding: identity", "Accept-Encoding: br"),
    ],
)
async def test_who_does_not_gets_it_as_it_lies(house: Town, headers: tuple[str, ...]) -> None:
    reply = await get(house, SCRIPT, *headers)
    assert (reply.status, reply.body, reply.headers["vary"]) == (200, SCRIPT_BYTES, "Accept-Encoding")
    assert "content-encoding" not in reply.headers


async def test_each_way_has_a_tag_of_its_own(house: Town) -> None:
    plain, packed = await get(house, SCRIPT), await get(house, SCRIPT, "Accept-Encoding: gzip")
    tags = {"": plain.headers["etag"], "gzip": packed.headers["etag"]}
    assert tags[""] != tags["gzip"]
    for accepted, tag in tags.items():
        for named in (tag, f"W/{tag}", f'"other", {tag}'):
            reply = await get(house, SCRIPT, f"Accept-Encoding: {accepted}", f"If-None-Match: {named}")
            assert (reply.status, reply.body, reply.headers["etag"]) == (304, b"", tag)
            assert reply.headers["vary"] == "Accept-Encoding"
    crossed = await get(house, SCRIPT, f"If-None-Match: {tags['gzip']}")
    assert (crossed.status, crossed.body) == (200, SCRIPT_BYTES)


async def test_what_is_packed_already_is_not_packed_again(house: Town) -> None:
    for name in ("icons/512.png", "fonts/atkinson-hyperlegible-mono-latin-400-normal.woff2"):
        reply = await get(house, f"/web/{name}", "Accept-Encoding: gzip")
        assert reply.body == (WEB / name).read_bytes()
        assert not {"content-encoding", "vary"} & set(reply.headers)


async def test_of_a_script_only_its_comments_stay_behind(house: Town) -> None:
    for path in WEB.rglob("*.js"):
        if "vendor" in path.parts or path.name == "worker.js" or path.parent.name == "words":
            continue
        reply = await get(house, f"/web/{path.relative_to(WEB).as_posix()}")
        came, lies = reply.body.decode().split("\n"), path.read_text().split("\n")
        assert len(came) == len(lies), "lines keep their numbers"
        for one, other in zip(came, lies, strict=True):
            comment = other.strip().startswith(("//", "/**", "*"))
            assert one == other or "/**" in other or (comment and not one.strip()), (path.name, other)
        assert "/**" not in reply.body.decode()


async def test_the_sheets_come_as_one_in_the_order_in_which_the_page_names_them(house: Town) -> None:
    lie = re.findall(r'"/web/@release/(styles/[^"]+)"', (WEB / "index.html").read_text())
    assert len(lie) > 5
    named = re.findall(r'rel="stylesheet" href="([^"]+)"', (await get(house, "/")).body.decode())
    assert len(named) == 1
    sheet = (await get(house, named[0])).body.decode()
    assert sheet == "".join([(await get(house, f"/web/{name}")).body.decode() for name in lie])
    written = "".join((WEB / name).read_text() for name in lie)
    assert sheet.split() == re.sub(r"/\*.*?\*/", "", written, flags=re.DOTALL).split()


async def test_the_scripts_come_as_one_line_for_line(house: Town) -> None:
    page = (WEB / "index.html").read_text()
    *_, words, beginning = re.findall(r'<script type="module" src="/web/@release/([^"]+)"></script>', page)
    lie = re.findall(r'modulepreload" href="/web/@release/([^"]+)"', page[page.index(words) :])
    assert len(lie) > 50
    came = re.findall(r'<script type="module" src="([^"]+)"></script>', (await get(house, "/")).body.decode())
    assert len(came) == 8
    script = (await get(house, came[-1])).body.decode()
    last = 0
    for name in [*lie, beginning]:
        text = (await get(house, f"/web/{name}")).body.decode()
        for line in re.sub(r"^import[^;]*;|^export ", "", text, flags=re.MULTILINE).splitlines():
            if line and not name.startswith("vendor/"):
                found = script.find(f"\n{line}\n", last)
                assert found != -1, (name, line)
                last = found + len(line)


async def test_a_language_comes_as_one_script(house: Town) -> None:
    for path in (WEB / "words").glob("*/chat.js"):
        language = (await get(house, f"/web/words/{path.parent.name}.js")).body.decode()
        assert f"./{path.parent.name}/" not in language
        said = re.search(r"^  choose: (.+),$", path.read_text(), re.MULTILINE)
        assert said
        assert said[1] in language


# -------------------------------------------------------------------------------------------------------------- release


async def test_under_the_name_of_its_release_a_file_stays_for_ever(house: Town) -> None:
    release = await release_of(house)
    for name in ("chat.js", "index.html", "components/people.js"):
        now, then = await get(house, f"/web/{name}"), await get(house, f"/web/{release}/{name}")
        assert (now.headers["cache-control"], then.status) == ("no-cache", 200)
        assert then.headers["cache-control"] == "max-age=31536000, immutable"
        assert "etag" not in then.headers, "nobody asks again"
        assert then.body == now.body
    assert (await get(house, f"/web/@{'0' * 24}/chat.js")).status == 404


async def test_the_page_has_its_policy_wherever_it_lies(house: Town) -> None:
    policy = (await get(house, "/")).headers["content-security-policy"]
    for path in ("/web/index.html", f"/web/{await release_of(house)}/index.html"):
        assert (await get(house, path)).headers["content-security-policy"] == policy


# ----------------------------------------------------------------------------------------------------- worker, manifest


async def test_the_worker_keeps_every_file_of_this_release_and_asks_nobody_else(house: Town) -> None:
    reply = await get(house, "/sw.js")
    assert (reply.status, reply.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert reply.headers["cache-control"] == "no-cache"
    assert reply.headers["content-security-policy"] == "default-src 'none'; connect-src 'self'"
    text = reply.body.decode()
    release = await release_of(house)
    assert f"'/web/{release}/'" in text
    line = next(line for line in text.splitlines() if line.startswith("const FILES = "))
    kept = json.loads(line.removeprefix("const FILES = ").removesuffix(";"))
    named = re.findall(rf"/web/{release}/([^\"]+)", (await get(house, "/")).body.decode())
    assert {*named, "index.html"} <= set(kept)
    assert [name for name in kept if (WEB / name).suffix not in {".css", ".html", ".js", ".svg", ".woff2"}] == []
    for name in kept:
        assert (await get(house, f"/web/{release}/{name}")).status == 200


async def test_what_the_manifest_names_is_there_and_as_large_as_it_says(house: Town) -> None:
    reply = await get(house, "/web/manifest.webmanifest")
    assert reply.headers["content-type"] == "application/manifest+json"
    manifest = json.loads(reply.body)
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/", "/", "standalone")
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"] if "purpose" not in icon}
    assert [icon["sizes"] for icon in manifest["icons"] if icon.get("purpose") == "maskable"] == ["512x512"]
    for icon in manifest["icons"]:
        drawn = await get(house, f"/web/{icon['src']}")
        assert (drawn.status, drawn.headers["content-type"]) == (200, icon["type"])
        if icon["type"] == "image/png":
            assert "{}x{}".format(*struct.unpack(">II", drawn.body[16:24])) == icon["sizes"]
