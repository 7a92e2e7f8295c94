"""src/parlour/web/index.html: the modules that the page is made of, named in it.

1. A browser learns of a module only from another one that imports it, one round trip later; named in the page, all are
   asked for at once.
2. First stand those that stay modules of their own: what a language needs, which is loaded when one knows which, and
   what looks at the address, which waits for nothing. They are scripts of the page: what is only preloaded, a service
   worker has fetched once more. Those after the words go over the wire as one (`server/joined.py`), who is imported
   before who imports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

WEB = Path(__file__).resolve().parents[2] / "src" / "parlour" / "web"
BEGINNING, WORDS, ADDRESS, LANGUAGES = "main.js", "words.js", "opened.js", "words"
IMPORT = re.compile(r"(?:^|[;}\n])\s*(?:import|export)\b(?:[\w*{}\s,$]+\bfrom)?\s*['\"](\.[^'\"]+)['\"]")
NAMED = re.compile(r"^ *<(?:link rel=\"modulepreload\"|script type=\"module\").*\n", re.MULTILINE)
PRELOADED = '    <link rel="modulepreload" href="/web/@release/{}">\n'
SCRIPT = '    <script type="module" src="/web/@release/{}"></script>\n'
HEAD = "  </head>\n"


def text() -> str:
    """The page."""
    page = NAMED.sub("", (WEB / "index.html").read_text(encoding="utf-8"))
    spoken = sorted(path.relative_to(WEB).as_posix() for path in (WEB / LANGUAGES).rglob("*.js"))
    apart = [name for name in modules([ADDRESS, WORDS, *spoken]) if name not in spoken]
    joined = [name for name in modules([BEGINNING]) if name not in (*apart, BEGINNING)]
    lines = [*map(SCRIPT.format, apart), *map(PRELOADED.format, joined), SCRIPT.format(BEGINNING)]
    return page.replace(HEAD, "".join(lines) + HEAD)


def modules(beginnings: Iterable[str]) -> list[str]:
    """These, what they import, and what that imports: who is imported stands before who imports."""
    found: dict[Path, None] = {}
    under_way: list[Path] = []

    def visit(module: Path) -> None:
        if module in under_way:
            raise ValueError(f"{module} imports itself, by way of {under_way[-1]}")
        if module in found:
            return
        under_way.append(module)
        for name in IMPORT.findall(module.read_text(encoding="utf-8")):
            visit((module.parent / name).resolve())
        under_way.pop()
        found[module] = None

    for beginning in beginnings:
        visit(WEB / beginning)
    return [module.relative_to(WEB).as_posix() for module in found]
