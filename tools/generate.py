"""`./run generate`: write every file that is derived from the protocol, the settings and the records.

1. What can be derived is never written by hand; `--check` writes nothing and fails when a file is stale.
2. The same source gives the same bytes: no clock, no chance, no order that is not the source's own.
3. Tables inside a page stand between `<!-- table: NAME -->` and `<!-- /table -->`; the rest is its author's.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

from tools.derived import asyncapi, blank, openapi, schema, shell, tables, typescript

ROOT = Path(__file__).resolve().parent.parent
FILES: dict[str, Callable[[], str]] = {
    "docs/openapi.json": openapi.text,
    "docs/asyncapi.json": asyncapi.text,
    "docs/schema.sql": schema.text,
    "src/parlour/web/blank.js": blank.text,
    "src/parlour/web/index.html": shell.text,
    "src/parlour/web/protocol.d.ts": typescript.text,
}
PAGES = ("docs/architecture.md", "docs/consent.md", "docs/operating.md", "docs/protocol.md")
TABLE = re.compile(r"(<!-- table: ([a-z-]+) -->\n).*?(<!-- /table -->)", re.DOTALL)


def filled(page: str) -> str:
    """A page with its tables as they are now."""
    return TABLE.sub(lambda place: f"{place[1]}\n{tables.TABLES[place[2]](ROOT)}\n\n{place[3]}", page)


def derived() -> dict[str, str]:
    """Every derived file, by its path, as it must be."""
    pages = {name: filled((ROOT / name).read_text(encoding="utf-8")) for name in PAGES}
    return {name: make() for name, make in FILES.items()} | pages


def stale() -> dict[str, str]:
    """The files that are not as they must be, with what they must be."""
    return {name: text for name, text in derived().items() if not _is(ROOT / name, text)}


def _is(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def main(arguments: list[str]) -> int:
    """Write, or check; the exit code."""
    if arguments not in ([], ["--check"]):
        print("Usage: ./run generate [--check]", file=sys.stderr)
        return 2
    found = stale()
    for name, text in found.items():
        print(f"stale: {name}" if arguments else f"written: {name}")
        if not arguments:
            (ROOT / name).write_text(text, encoding="utf-8")
    if arguments and found:
        print("Run ./run generate.", file=sys.stderr)
    return 1 if arguments and found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
