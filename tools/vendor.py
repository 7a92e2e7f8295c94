"""What comes from elsewhere and lies in this repository: `python -m tools.vendor` makes it anew, `--check` compares.

1. Files lie here byte for byte as published, with their licence; only data is brought into our form.
2. Beside them, VENDORED.md tells version, integrity and hashes. It follows from the files: checking needs no network.
3. A folder of vendored files holds nothing else.
"""

from __future__ import annotations

import hashlib
import json
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from parlour.protocol import PASSWORD_CHARACTERS
from tools import npm

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES, FONTS, LICENCES = "src/parlour/web/vendor", "src/parlour/web/fonts", "LICENSES"
PASSWORDS = "src/parlour/core/common_passwords.txt"
HEAD = """# Vendored

Made by `python -m tools.vendor` and checked by `./run check`: nothing here is written by hand.
"""


class Part(NamedTuple):
    """What is taken of one package: where a file lies here, and where it lies in the package."""

    package: str
    licence: str
    files: dict[str, str]


def lit_html() -> Part:
    names = ["lit-html", "directive", "directive-helpers", "directives/guard", "directives/repeat"]
    files = [name + kind for name in names for kind in (".js", ".d.ts")]
    return Part("lit-html", "BSD-3-Clause", {f"{LIBRARIES}/lit-html/{file}": file for file in [*files, "LICENSE"]})


def others() -> Iterator[Part]:
    signals, types = f"{LIBRARIES}/signals", f"{LIBRARIES}/trusted-types"
    yield Part(
        "@preact/signals-core",
        "MIT",
        {
            f"{signals}/signals-core.js": "dist/signals-core.mjs",
            f"{signals}/signals-core.d.ts": "dist/signals-core.d.ts",
            f"{signals}/LICENSE": "LICENSE",
        },
    )
    yield Part(
        "@types/trusted-types",
        "MIT",
        {f"{types}/index.d.ts": "lib/index.d.ts", f"{types}/LICENSE": "LICENSE"},
    )


def font(family: str, *subsets: str) -> Part:
    name = f"atkinson-hyperlegible-{family}"
    files = [f"{name}-{subset}-{weight}-normal.woff2" for subset in subsets for weight in (400, 700)]
    taken = {f"{FONTS}/{file}": f"files/{file}" for file in files}
    return Part(f"@fontsource/{name}", "OFL-1.1", {**taken, f"{FONTS}/LICENSE-{family}": "LICENSE"})


def passwords() -> Part:
    files = {PASSWORDS: "src/passwords.json", f"{LICENCES}/zxcvbn-ts.txt": "LICENSE.txt"}
    return Part("@zxcvbn-ts/language-common", "MIT", files)


SHELVES = {
    LIBRARIES: [lit_html(), *others()],
    FONTS: [font("next", "latin", "latin-ext"), font("mono", "latin")],
    LICENCES: [passwords()],
}


def formed(place: str, published: bytes) -> bytes:
    """What lies here of a published file: itself, but for the passwords: those that are long enough to be chosen."""
    if place != PASSWORDS:
        return published
    words = {unicodedata.normalize("NFC", word).lower() for word in json.loads(published)}
    return "".join(f"{word}\n" for word in sorted(words) if len(word) >= PASSWORD_CHARACTERS[0]).encode()


def record(parts: list[Part]) -> str:
    """The text of VENDORED.md, of the files as they lie here."""
    return HEAD + "".join(_chapter(part) for part in parts)


def _chapter(part: Part) -> str:
    pin = npm.PACKAGES[part.package]
    rows = (f"| {place} | {source} | `{_hash(ROOT / place)}` |\n" for place, source in part.files.items())
    return (
        f"\n## {part.package} {pin.version}\n\n{part.licence}, from npm, `{pin.integrity}`\n\n"
        f"| here | in the package | SHA-256 |\n|---|---|---|\n{''.join(rows)}"
    )


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"


def make() -> None:
    """Write every file and every record anew."""
    for folder, parts in SHELVES.items():
        for part in parts:
            package = npm.package(part.package)
            for place, source in part.files.items():
                (ROOT / place).parent.mkdir(parents=True, exist_ok=True)
                (ROOT / place).write_bytes(formed(place, (package / source).read_bytes()))
        (ROOT / folder / "VENDORED.md").write_text(record(parts), encoding="utf-8")


def faults() -> Iterator[str]:
    """What is not as it was made."""
    for folder, parts in SHELVES.items():
        kept = ROOT / folder / "VENDORED.md"
        if not kept.is_file() or kept.read_text(encoding="utf-8") != record(parts):
            yield f"{folder}: the files are not those of {kept.name}"
        known = {ROOT / place for part in parts for place in part.files} | {kept}
        yield from (
            f"{path.relative_to(ROOT)}: not vendored, but lies among what is"
            for path in sorted((ROOT / folder).rglob("*"))
            if path.is_file() and path not in known
        )


if __name__ == "__main__":
    if "--check" not in sys.argv:
        make()
    found = list(faults())
    print(*found, sep="\n", end="\n" * bool(found))
    sys.exit(bool(found))
