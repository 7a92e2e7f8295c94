"""The house keeps its plan: who may import what, what the rules may not touch, how long a file may grow.

1. Everything is read from the source as it lies; nothing is run but the tables of handlers.
2. A rule that must be left is left here, in one place, beside the reason.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import parlour.core
from parlour import protocol
from parlour.core import deletion, ports
from parlour.core.dispatch import HANDLERS

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src"
FILES = sorted((SOURCE / "parlour").rglob("*.py"))
LINES = 400
FUNCTION_LINES = 40

# Which rooms a room may use; a file of its own line instead of its room's. The longest name that fits counts.
MAY_USE: dict[str, tuple[str, ...]] = {
    "parlour": (),
    "parlour.__main__": ("parlour.cli",),
    "parlour.cli": ("parlour", "parlour.config", "parlour.server.app"),
    "parlour.config": (),
    "parlour.protocol": (),
    "parlour.core": ("parlour.core", "parlour.protocol"),
    "parlour.core.ports": (),
    "parlour.core.limits": ("parlour.protocol",),
    "parlour.core.dispatch": ("parlour.core.limits", "parlour.core.ports", "parlour.protocol"),
    "parlour.store": ("parlour.core.ports", "parlour.store"),
    "parlour.bus": ("parlour.core.ports", "parlour.bus"),
    "parlour.client": ("parlour.protocol", "parlour.client"),
    "parlour.server": ("parlour.core", "parlour.protocol", "parlour.config", "parlour.server"),
    "parlour.server.app": (
        "parlour.core",
        "parlour.protocol",
        "parlour.config",
        "parlour.server",
        "parlour.store",
        "parlour.bus",
    ),
}
COMPOSITION_ROOT = "parlour.server.app"
# Libraries, by the room that may use them. What stands nowhere may be used nowhere.
LIBRARIES: dict[str, tuple[str, ...]] = {
    "msgspec": ("parlour",),
    "argon2": ("parlour.core.passwords",),
    "apsw": ("parlour.store",),
    "aiohttp": ("parlour.server", "parlour.client.shell", "parlour.client.http"),
    "uvloop": ("parlour.server.app",),
    "click": ("parlour.cli",),
}
# All that the rules need of Python: no clock, no chance, no threads, no files, no log.
CORE_MODULES = {"__future__", "collections.abc", "datetime", "functools", "math", "re", "typing", "unicodedata"}
CORE_EXCEPTIONS = {
    "parlour.core.passwords": {"importlib.resources"},  # the list of common passwords lies beside it
    "parlour.core.links": {"hashlib"},  # a link's secret is kept as its hash alone
}
CLOCKS = {"now", "utcnow", "today", "fromtimestamp", "time", "monotonic", "sleep", "urandom"}


class Import(NamedTuple):
    """A module that a file names, and whether only for its types."""

    module: str
    line: int
    types_alone: bool


def name_of(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES}
modules = pytest.mark.parametrize("module", MODULES)


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


@cache
def imports_of(module: str) -> list[Import]:
    """Every module that a file imports, also within functions."""
    guarded = {
        id(node)
        for test in ast.walk(tree_of(module))
        if isinstance(test, ast.If) and ast.unparse(test.test) == "TYPE_CHECKING"
        for node in ast.walk(test)
    }
    return [
        Import(target, getattr(node, "lineno", 0), id(node) in guarded)
        for node in ast.walk(tree_of(module))
        for target in targets(module, node)
    ]


def targets(module: str, node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = absolute(module, node)
        for alias in node.names:
            below = f"{base}.{alias.name}"
            yield below if below in MODULES else base


def absolute(module: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    is_package = MODULES[module].name == "__init__.py"
    package = module.split(".") if is_package else module.split(".")[:-1]
    package = package[: len(package) - node.level + 1]
    return ".".join([*package, *([node.module] if node.module else [])])


def within(module: str, room: str) -> bool:
    return module == room or module.startswith(room + ".")


def allowed_for(module: str) -> tuple[str, ...]:
    """What the longest name that fits allows."""
    return MAY_USE[max((room for room in MAY_USE if within(module, room)), key=len)]


# --------------------------------------------------------------------------------------------------------- direction


@modules
def test_a_file_uses_only_the_rooms_that_it_may_use(module: str) -> None:
    allowed = allowed_for(module)
    for used in imports_of(module):
        if within(used.module, "parlour"):
            fits = any(within(used.module, room) if room != "parlour" else used.module == room for room in allowed)
            assert fits, f"line {used.line}: {module} may not use {used.module}"


@modules
def test_only_the_composition_root_names_adapters_and_only_the_command_names_it(module: str) -> None:
    for used in imports_of(module):
        for room in ("parlour.store", "parlour.bus"):
            if within(used.module, room):
                assert within(module, room) or module == COMPOSITION_ROOT, f"line {used.line}: {used.module}"
        if used.module == COMPOSITION_ROOT:
            assert module == "parlour.cli"


@modules
def test_a_library_is_used_where_it_belongs(module: str) -> None:
    for used in imports_of(module):
        library = used.module.split(".")[0]
        if library != "parlour" and library not in sys.stdlib_module_names:
            rooms = LIBRARIES.get(library, ())
            assert any(within(module, room) for room in rooms), f"line {used.line}: {library}"


def test_only_the_websocket_file_knows_the_websocket_library() -> None:
    inside = {
        (module, used.module)
        for module in MODULES
        for used in imports_of(module)
        if used.module.startswith("aiohttp.") and used.module not in ("aiohttp.http", "aiohttp.web")
    }
    assert {module for module, _ in inside} == {"parlour.server.websocket"}
    named = {m for m, path in MODULES.items() if "WebSocketReader" in path.read_text(encoding="utf-8")}
    assert named == {"parlour.server.websocket"}


def test_nothing_uses_itself_on_a_detour() -> None:
    """No circle of imports when the program starts. The package of the rules loads its features: that is its task."""
    uses = {
        module: {u.module for u in imports_of(module) if u.module in MODULES and not u.types_alone} - {"parlour.core"}
        for module in MODULES
    }
    while leaves := {module for module, used in uses.items() if not used & uses.keys()}:
        uses = {module: used for module, used in uses.items() if module not in leaves}
    assert uses == {}


# --------------------------------------------------------------------------------------------------------- the rules


CORE = [module for module in MODULES if within(module, "parlour.core")]
core_modules = pytest.mark.parametrize("module", CORE)


@core_modules
def test_the_rules_use_no_clock_no_chance_no_threads_and_no_files(module: str) -> None:
    allowed = CORE_MODULES | CORE_EXCEPTIONS.get(module, set())
    for used in imports_of(module):
        if used.module.split(".")[0] in sys.stdlib_module_names:
            assert used.module in allowed, f"line {used.line}: {used.module}"
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("open", "print", "input", "exec", "eval", "__import__"), f"line {node.lineno}"
            assert called.rpartition(".")[2] not in CLOCKS, f"line {node.lineno}: {called}"


@core_modules
def test_the_rules_wait_for_nothing(module: str) -> None:
    waiting = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    assert [node for node in ast.walk(tree_of(module)) if isinstance(node, waiting)] == []


@core_modules
def test_the_rules_hold_no_sql(module: str) -> None:
    texts = [n.value for n in ast.walk(tree_of(module)) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    for text in texts:
        assert not any(word in text for word in ("SELECT ", "INSERT ", "UPDATE ", "DELETE ", "PRAGMA ")), text


@core_modules
def test_columns_are_named_as_the_record_names_them(module: str) -> None:
    """SQLite does not mind the case of a column's name; other engines do."""
    records = {record.__name__: record for record in ports.KEYS}
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("find", "count"):
            asked = ast.unparse(node.args[0])
            equal = node.args[1]
            assert isinstance(equal, ast.Dict)
            named = [key.value for key in equal.keys if isinstance(key, ast.Constant)]
            named += [k.value.value for k in node.keywords if k.arg == "order" and isinstance(k.value, ast.Constant)]
            for record in deletion.OWN if asked == "record" else [records[asked]]:
                assert set(named) <= set(record.__struct_fields__), f"line {node.lineno}: {named}"


def test_keys_and_indexes_name_columns_that_there_are() -> None:
    for record, keys in ports.KEYS.items():
        for columns in [key.columns for key in keys] + [index.columns for index in ports.INDEXES.get(record, [])]:
            assert set(columns) <= set(record.__struct_fields__)
            assert len(set(columns)) == len(columns)


def test_every_feature_is_loaded_with_the_rules() -> None:
    features = {module.rpartition(".")[2] for module in CORE} - {"core", "ports", "dispatch", "limits"}
    assert set(parlour.core.__all__) == features


@core_modules
def test_records_come_before_handlers(module: str) -> None:
    kinds = [
        "handler" if is_handler(node) else "record"
        for node in tree_of(module).body
        if is_handler(node) or (isinstance(node, ast.ClassDef) and any("Record" in ast.unparse(b) for b in node.bases))
    ]
    assert kinds == sorted(kinds, reverse=True)


def is_handler(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and any(ast.unparse(d).startswith("handler(") for d in node.decorator_list)


# ---------------------------------------------------------------------------------------------------------- handlers


def handled() -> Counter[str]:
    """The requests that decorators name, as they are written."""
    found: Counter[str] = Counter()
    for module in MODULES:
        for node in ast.walk(tree_of(module)):
            if isinstance(node, ast.FunctionDef) and is_handler(node):
                [decorator] = [d for d in node.decorator_list if ast.unparse(d).startswith("handler(")]
                assert isinstance(decorator, ast.Call)
                assert within(module, "parlour.core"), f"{module}: handlers belong to the rules"
                found.update(ast.unparse(argument).removeprefix("protocol.") for argument in decorator.args)
    return found


def test_every_request_has_exactly_one_handler() -> None:
    assert handled() == Counter(request.__name__ for request in HANDLERS)
    assert set(handled().values()) == {1}


def test_every_frame_of_a_client_is_handled() -> None:
    """`Resume` changes nothing that is stored: it is the hub's own. Where a password is hashed there is a procedure."""
    procedures = {protocol.Password, protocol.DeleteAccount}
    assert set(protocol.CLIENT_FRAMES) - set(HANDLERS) == {protocol.Resume} | procedures
    assert set(protocol.CLIENT_FRAMES) == set(protocol.AnyFrame.__args__)
    assert set(protocol.RESULTS) | {protocol.Messgae} == set(protocol.CLIENT_FRAMES)


def test_every_request_of_a_feature_is_handled() -> None:
    """A Struct of the rules is a record, a request, or what a function gives back: no request is forgotten."""
    given_back = {"Caller", "Answer", "Published", "Need", "NewLogin", "Page", "Rate", "Limits"}
    for module in CORE:
        for node in tree_of(module).body:
            if isinstance(node, ast.ClassDef) and "msgspec.Struct" in map(ast.unparse, node.bases):
                assert node.name in handled() or node.name in given_back | {"Record"}, f"{module}: {node.name}"


def test_handlers_are_plain_functions_of_a_request_and_a_context() -> None:
    for function in HANDLERS.values():
        assert function.__code__.co_varnames[: function.__code__.co_argcount] == ("request", "context")


def test_the_ports_are_narrow() -> None:
    """A verb more is a decision (docs/decisions)."""
    verbs = {
        ports.Tx: "get find count add put drop lock next head since prefetch",
        ports.Store: "write read close",
        ports.Bus: "start publish follow unfollow close",
        ports.Clock: "now steady new_id new_token",
    }
    for port, names in verbs.items():
        assert {name for name in vars(port) if not name.startswith("_")} == set(names.split())


# -------------------------------------------------------------------------------------------------------- refusals


def codes_in(module: str) -> set[str]:
    """The codes that a file refuses with."""
    return {
        node.args[0].value
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in ("Refused", "error", "problem")
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
        and ast.unparse(node.func) not in ("log.error", "logging.error")
    }


def test_every_refusal_has_a_code_of_the_definition() -> None:
    assert set().union(*map(codes_in, MODULES)) <= protocol.CODES.keys()


def test_every_code_of_the_definition_is_used() -> None:
    texts = {
        node.value
        for module in MODULES
        if module != "parlour.protocol"
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Constant)
    }
    assert protocol.CODES.keys() <= texts


def test_every_name_of_the_definition_is_used() -> None:
    """By the server, by the documents that are derived, or by the definition itself."""
    users = [path.read_text(encoding="utf-8") for path in [*FILES, *sorted((ROOT / "tools").rglob("*.py"))]]
    words = Counter(word for text in users for word in names_in(text))
    for name in vars(protocol):
        if not name.startswith("_") and getattr(vars(protocol)[name], "__module__", "parlour.protocol") in (
            "parlour.protocol",
            "builtins",
        ):
            assert words[name] > 0, f"{name} is defined and used nowhere"


def names_in(text: str) -> Iterator[str]:
    """What is used of names, not what is defined."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)


# ----------------------------------------------------------------------------------------------------------- lengths


@modules
def test_no_file_grows_too_long(module: str) -> None:
    if module != "parlour.protocol":
        assert len(MODULES[module].read_text(encoding="utf-8").splitlines()) <= LINES


@modules
def test_no_function_is_longer_than_a_screen(module: str) -> None:
    for node in ast.walk(tree_of(module)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert (node.end_lineno or 0) - node.lineno < FUNCTION_LINES, f"{node.name}, line {node.lineno}"


@modules
def test_every_file_opens_with_what_it_is(module: str) -> None:
    assert ast.get_docstring(tree_of(module))


WEB = [path for path in sorted((SOURCE / "parlour/web").rglob("*.js")) if "vendor" not in path.parts]


@pytest.mark.parametrize("path", WEB, ids=lambda path: path.name)
def test_no_script_grows_too_long(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LINES
    assert text.startswith("// @ts-check\n"), "every script is checked by types"
