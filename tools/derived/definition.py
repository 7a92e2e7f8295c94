"""What a running program does not know of its source: the text that stands beneath a constant or a field."""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise
from types import ModuleType
from typing import Any

import msgspec
from msgspec.inspect import Field

from parlour import config, protocol
from parlour.core import limits as core_limits


def told(body: list[ast.stmt]) -> dict[str, str]:
    """The names of a block that are followed by a text, with that text."""
    found = {}
    for statement, after in pairwise(body):
        name = _name(statement)
        if name and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            found[name] = " ".join(str(after.value.value).split())
    return found


def _name(statement: ast.stmt) -> str | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case _:
            return None


def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def sent_by_clients(struct: type[msgspec.Struct]) -> bool:
    """Whether clients write this: then what has a default may be missing, or null."""
    return issubclass(struct, (protocol.ClientFrame, protocol.MessageBody, protocol.Body))


def always_sent(struct: type[msgspec.Struct], field: Field) -> bool:
    """Whether a server that writes this never leaves the field out."""
    if field.required:
        return True
    no_default = field.default is msgspec.NODEFAULT and field.default_factory is msgspec.NODEFAULT  # So it shows UNSET.
    may_lack = struct.__struct_config__.omit_defaults or no_default
    return not sent_by_clients(struct) and not may_lack


def limits() -> dict[str, tuple[Any, str]]:
    """The protocol's limits: name, value, meaning."""
    values = ((name, getattr(protocol, name), text) for name, text in told(_tree(protocol).body).items())
    return {name: (value, text) for name, value, text in values if _is_limit(value)}


def _is_limit(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, tuple) and all(isinstance(v, int) for v in value))


def settings() -> dict[str, tuple[Any, str]]:
    """The settings: name, default, meaning. Raises KeyError for one that nobody explained."""
    return _fields(config, config.Settings())


def consent() -> dict[str, tuple[Any, str]]:
    """The limits of consent: name, default, meaning. Raises KeyError for one that nobody explained."""
    return _fields(core_limits, core_limits.DEFAULTS)


def _fields(module: ModuleType, defaults: msgspec.Struct) -> dict[str, tuple[Any, str]]:
    kind = type(defaults)
    [body] = [s.body for s in _tree(module).body if isinstance(s, ast.ClassDef) and s.name == kind.__name__]
    texts = told(body)
    return {name: (getattr(defaults, name), texts[name]) for name in kind.__struct_fields__}
