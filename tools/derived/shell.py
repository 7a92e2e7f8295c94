"""src/parlour/web/index.html: the modules that the page is made of, named in it.

1. A browser learns of a module only from another one that imports it, one round trip later; named in the page, all are
   asked for at once.
2. What is imported when it is needed (`import()`) is not named.
"""

from __future__ import annotations

import re
from pathlib import Path

WEB = Path(__file__).resolve().parents[2] / "src" / "parlour" / "web"
BEGINNING = "main.js"
IMPORT = re.compile(r"(?:^|[;}\n])\s*(?:import|export)\b(?:[\w*{}\s,$]+\bfrom)?\s*['\"](\.[^'\"]+)['\"]")
NAMED = re.compile(r"^ *<link rel=\"modulepreload\".*\n", re.MULTILINE)
SCRIPT = re.compile(r"^ *<script type=\"module\"", re.MULTILINE)


def text() -> str:
    """The page."""
    lines = "".join(f'    <link rel="modulepreload" href="/web/@release/{name}">\n' for name in modules())
    page = NAMED.sub("", (WEB / "index.html").read_text(encoding="utf-8"))
    return SCRIPT.sub(lambda script: lines + script[0], page, count=1)


def modules() -> list[str]:
    """What the page's beginning imports, and what that imports: who is imported stands before who imports."""
    found: dict[Path, None] = {}

    def visit(module: Path) -> None:
        if module in found or module in under_way:
            return
        under_way.add(module)
        for name in IMPORT.findall(module.read_text(encoding="utf-8")):
            visit((module.parent / name).resolve())
        found[module] = None

    under_way: set[Path] = set()
    visit(WEB / BEGINNING)
    return [module.relative_to(WEB).as_posix() for module in found if module.name != BEGINNING]
