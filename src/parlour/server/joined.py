"""Many scripts as one: a slow device needs milliseconds for each file, whatever is in it.

1. A module keeps its lines, its order and a scope of its own: it becomes a block. What it exports, as it is when the
   module has run, those behind it find under its path.
2. Understood are the ways of importing and exporting in which our scripts and the vendored ones are written, where a
   line or a statement begins. A script with another one is refused at the start.
3. What is imported from outside stays a module like any other, and there is one of it: what may be outside is said.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from posixpath import dirname, join, normpath, relpath

IMPORT = re.compile(
    r"""(?:^|(?<=;))import\s*(?:(?:\{(?P<some>[^}]*)\}|\*\s*as\s+(?P<all>[\w$]+))\s*from\s*)?["'](?P<of>\.[^"']+)["'];?""",
    re.MULTILINE,
)
HANDED_ON = re.compile(r"^export \* from '(?P<of>\.[^']+)';$", re.MULTILINE)
DECLARED = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) (?P<name>[\w$]+))", re.MULTILINE)
TAKEN_APART = re.compile(r"^export (?=const \{(?P<names>[^}]*)\})", re.MULTILINE)
LISTED = re.compile(r"(?:^|(?<=[;}]))export\s*\{(?P<names>[^}]*)\}(?!\s*from);?", re.MULTILINE)
PAIR = re.compile(r"([\w$]+)(?:\s+as\s+([\w$]+))?")
UNKNOWN = re.compile(r"(?:^[ \t]*|(?<=[;}]))(?:import|export)\b(?!\.|[ \t]*:).*|\bimport\s*\(.*|^var\b.*", re.MULTILINE)
"""What is left over, what is loaded later, and a name that would leave its block."""
OURS = re.compile(r"\bmodules\b")
MAP = re.compile(r"//# sourceMappingURL=.*")


class NotUnderstood(Exception):
    """A script imports or exports in a way that cannot be joined. The text says which, and where."""


class Joint:
    """The modules so far, each a block, and what they import from outside."""

    def __init__(self, at: str, outside: Collection[str]) -> None:
        self._at, self._may_be_outside = at, outside
        self._blocks: list[str] = []
        self._exports: dict[str, dict[str, str]] = {}
        self._outside: dict[str, str] = {}

    def add(self, name: str, source: str) -> None:
        """A module. Those that it imports, and that are to stand in here, are here."""
        exports: dict[str, str] = {}
        known = MAP.sub("", source)
        if OURS.search(known):
            raise NotUnderstood(f"{name}: cannot be joined with the other scripts: `modules` is what those are called")
        text = IMPORT.sub(lambda found: self._taken(name, found), known)
        text = HANDED_ON.sub(lambda found: self._handed_on(name, found, exports), text)
        for way in (DECLARED, TAKEN_APART, LISTED):
            text = way.sub(lambda found: _noted(name, exports, found[1]), text)
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

    def _taken(self, name: str, found: re.Match[str]) -> str:
        of = normpath(join(dirname(name), found["of"]))
        pairs = _pairs(name, found["some"] or "")
        self._has(name, of, [exported for exported, _ in pairs])
        taken = found["all"] or ", ".join(_renamed(exported, local) for exported, local in pairs)
        if not taken:
            return ""
        return f"const {taken if found['all'] else f'{{ {taken} }}'} = modules['{of}'];"

    def _has(self, name: str, of: str, wanted: list[str]) -> None:
        """Whether these are to be had of that module, inside or outside."""
        if of in self._exports:
            if missing := {*wanted} - {*self._exports[of]}:
                raise NotUnderstood(f"{name}: takes {', '.join(missing)} from {of}, which is not known to export that")
        elif of in self._may_be_outside:
            self._outside.setdefault(of, f"outside{len(self._outside)}")
        else:
            raise NotUnderstood(f"{name}: imports {of}, which the page does not name before it; run ./run generate")

    def _handed_on(self, name: str, found: re.Match[str], exports: dict[str, str]) -> str:
        of = normpath(join(dirname(name), found["of"]))
        if of not in self._exports:
            raise NotUnderstood(f"{name}: hands on {of}, which is not among the parts that are joined")
        names = list(self._exports[of])
        exports.update(zip(names, names, strict=True))
        return f"const {{ {', '.join(names)} }} = modules['{of}'];"


def joined(at: str, names: Iterable[str], sources: Mapping[str, str], outside: Collection[str]) -> str:
    """
    The modules of these names as one that is to lie at `at`; who is imported stands before who imports.

    Raises NotUnderstood.
    """
    joint = Joint(at, outside)
    for name in names:
        joint.add(name, sources[name])
    return joint.text()


def _pairs(name: str, names: str) -> list[tuple[str, str]]:
    """`a, b as c`: each with its other name."""
    pairs = []
    for one in filter(None, map(str.strip, names.split(","))):
        if not (pair := PAIR.fullmatch(one)):
            raise NotUnderstood(f"{name}: cannot be joined with the other scripts: {one}")
        pairs.append((pair[1], pair[2] or pair[1]))
    return pairs


def _renamed(one: str, other: str) -> str:
    return one if one == other else f"{one}: {other}"


def _noted(name: str, exports: dict[str, str], names: str) -> str:
    """What is exported under which name; of the text, nothing is left in its place."""
    exports.update((exported, local) for local, exported in _pairs(name, names))
    return ""
