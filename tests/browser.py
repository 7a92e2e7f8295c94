"""A real Chromium for tests, on any Linux, with no administrator and no browser download.

1. $CHROMIUM, else `chromium` on PATH, else the one of an npm package, unpacked once into .cache/.
2. That one brings its own libraries and fonts: without fonts every text is 0 pixels wide, and nothing says so.
3. Playwright runs on the Node.js of the lock: its own needs libatomic, which a small Debian lacks.
"""

from __future__ import annotations

import io
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import brotli
from playwright.sync_api import Browser, sync_playwright

from tools import npm

PACKAGE = "@sparticuz/chromium"
ARGUMENTS = [
    "--no-sandbox",  # Tests are run as root, too, and open nothing but our own pages.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
]
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""

os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(npm.node()))


@contextmanager
def started(**given: Any) -> Iterator[Browser]:
    """The browser, driven by Playwright's synchronous interface; `given` goes to its launch."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch(), **given)
        yield browser
        browser.close()


def launch() -> dict[str, Any]:
    """What Playwright's launch is to be given, synchronous or not."""
    executable, environment = find()
    return {"executable_path": executable, "env": {**os.environ, **environment}, "args": ARGUMENTS}


def find() -> tuple[str, dict[str, str]]:
    """The browser's program, and what has to be in its environment."""
    if installed := os.environ.get("CHROMIUM") or shutil.which("chromium"):
        return installed, {}
    if platform.machine() != "x86_64":
        raise RuntimeError(f"no Chromium for {platform.machine()} comes with the tests: install one, or set CHROMIUM")
    folder = _unpacked()
    return str(folder / "chromium"), {
        "LD_LIBRARY_PATH": str(folder / "lib"),
        "FONTCONFIG_FILE": str(folder / "fonts.conf"),
    }


def _unpacked() -> Path:
    package = npm.package(PACKAGE)
    folder = npm.CACHE.parent / f"chromium-{npm.PACKAGES[PACKAGE].version}"
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=npm.CACHE.parent) as scratch:
            _unpack(package / "bin", Path(scratch, "unpacked"))
            npm.settle(Path(scratch, "unpacked"), folder)
    return folder


def _unpack(packed: Path, folder: Path) -> None:
    """Program, libraries and fonts into one folder."""
    for name in ("al2023", "fonts", "swiftshader"):
        npm.unpack(io.BytesIO(brotli.decompress((packed / f"{name}.tar.br").read_bytes())), folder)
    (folder / "chromium").write_bytes(brotli.decompress((packed / "chromium.br").read_bytes()))
    (folder / "chromium").chmod(0o755)
    (folder / "fonts.conf").write_text(FONTS, encoding="utf-8")
