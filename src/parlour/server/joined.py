"""Many scripts as one: a slow device needs milliseconds for each file, whatever is in it.

1. A module keeps its lines, its order and a scope of its own: it becomes a block. What it exports, those behind it find
   under its path.
2. Only the ways of importing and exporting in which our scripts and the vendored ones are written are understood. A
   script that has another one is refused at the start: nothing is guessed.
3. What is imported from outside stays a module like any other, and there is one of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from posixpath import dirname, join, normpath, relpath

IMPORT = re.compile(
    r"""(?:^|(?<=;))import\s*(?:(?:\{(?P<some>[^}]*)\}|\*\s*as\s+(?P<all>[\w$]+))\s*from\s*)?["'](?P<of>\.[^"']+)["'];?""",
    re.MULTILINE,
)
HANDED_ON = re.compile(r"^export \* from '(?P<of>\.[^']+)';$", re.MULTILINE)
DECLARED = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) (?P<name>[\w$]+))", re.MULTILINE)
TAKEN_APART = re.compile(r"^export (?=const \{(?P<names>[^}:]*)\})", re.MULTILINE)
LISTED = re.compile(r"(?:^|(?<=[;}]))export\s*\{(?P<names>[^}]*)\}(?!\s*from);?", re.MULTILINE)
UNKNOWN = re.compile(r"(?:^|(?<=[;}]))(?:import|export)\b(?![ \t]*[(.:]).*", re.MULTILINE)


class NotUnderstood(Exception):
    """A script imports or exports in a way that cannot be joined. The text says which, and where."""


class Joint:
    """The modules so far, each a block, and what they import from outside."""

    def __init__(self, at: str) -> None:
        self._at = at
        self._blocks: list[str] = []
        self._exports: dict[str, dict[str, str]] = {}
        self._outside: dict[str, str] = {}

    def add(self, name: str, source: str) -> None:
        """A module. Those that it imports, and that are to stand in here, are here."""
        exports: dict[str, str] = {}
        text = IMPORT.sub(lambda found: self._taken(name, found), source)
        text = HANDED_ON.sub(lambda found: self._handed_on(self._named(name, found), exports), text)
        text = DECLARED.sub(lambda found: _noted(exports, found["name"]), text)
        text = TAKEN_APART.sub(lambda found: _noted(exports, found["names"]), text)
        text = LISTED.sub(lambda found: _noted(exports, found["names"]), text)
        if unknown := UNKNOWN.search(text):
            raise NotUnderstood(f"{name}: cannot be joined with the other scripts: {unknown[0].strip()}")
        told = ", ".join(_renamed(exported, local) for exported, local in exports.items())
        self._blocks.append(f"{{ // {name}\n{text}\nmodules['{name}'] = {{ {told} }};\n}}\n")
        self._exports[name] = exports

    def text(self) -> str:
        """One module, which exports what the last one of them does."""
        above = dirname(self._at) or "."
        imports = [f"import * as {alias} from './{relpath(of, above)}';\n" for of, alias in self._outside.items()]
        known = ", ".join(f"'{of}': {alias}" for of, alias in self._outside.items())
        last = list(self._exports)[-1]
        exported = f"export const {{ {', '.join(self._exports[last])} }} = modules['{last}'];\n"
        return "".join([*imports, f"const modules = {{ {known} }};\n", *self._blocks, exported])

    def _named(self, name: str, found: re.Match[str]) -> str:
        return normpath(join(dirname(name), found["of"]))

    def _taken(self, name: str, found: re.Match[str]) -> str:
        of = self._named(name, found)
        if found["all"]:
            taken = found["all"]
        elif pairs := _pairs(found["some"] or ""):
            taken = f"{{ {', '.join(_renamed(exported, local) for exported, local in pairs)} }}"
        else:
            taken = ""
        if of not in self._exports:
            self._outside.setdefault(of, f"outside{len(self._outside)}")
        elif missing := {exported for exported, _ in _pairs(found["some"] or "")} - {*self._exports[of]}:
            raise NotUnderstood(f"{name}: cannot be joined with {of}, which does not export {', '.join(missing)}")
        return f"const {taken} = modules['{of}'];" if taken else ""

    def _handed_on(self, of: str, exports: dict[str, str]) -> str:
        names = list(self._exports[of])
        exports.update(zip(names, names, strict=True))
        return f"const {{ {', '.join(names)} }} = modules['{of}'];"


def joined(at: str, names: Iterable[str], sources: Mapping[str, str]) -> str:
    """
    The modules of these names as one that is to lie at `at`; who is imported stands before who imports.

    Raises NotUnderstood.
    """
    joint = Joint(at)
    for name in names:
        joint.add(name, sources[name])
    return joint.text()


def _pairs(names: str) -> list[tuple[str, str]]:
    """`a, b as c`: each with its other name."""
    pairs = (re.split(r"\s+as\s+", one.strip()) for one in names.split(",") if one.strip())
    return [(one[0], one[-1]) for one in pairs]


def _renamed(one: str, other: str) -> str:
    return one if one == other else f"{one}: {other}"


def _noted(exports: dict[str, str], names: str) -> str:
    """What is exported under which name; of the text, nothing is left in its place."""
    exports.update((exported, local) for local, exported in _pairs(names))
    return ""
