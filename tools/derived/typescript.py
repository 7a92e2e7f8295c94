"""src/parlour/web/protocol.d.ts: the protocol for the web client, which imports these types by JSDoc.

1. What a client sends may leave out or null what has a default; what a server sends leaves out, and never nulls, what
   its type omits.
2. A limit is a literal type: a constant that is declared with it stops compiling when the protocol changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import inspect

from parlour import protocol
from parlour.protocol import CLIENT_FRAMES, CLOSINGS, CODES, RESULTS, SERVER_FRAMES

from . import definition

HEAD = """\
// The protocol: frames, bodies, codes, limits. Derived from src/parlour/protocol.py by `./run generate`; do not edit.
"""
REPLIES = (
    protocol.Registered,
    protocol.LoggedIn,
    protocol.Snapshot,
    protocol.History,
    protocol.Logins,
    protocol.Ledger,
    protocol.Problem,
)
WIDTH = 120


def text() -> str:
    """The file."""
    declarations = [_interface(info) for info in _structs()]
    return "\n\n".join([HEAD.rstrip(), *declarations, *_frames(), _results(), _codes(), _closings(), _bounds()]) + "\n"


def _structs() -> list[inspect.StructType]:
    """Every struct that goes over the wire, before those that hold it; in the order of the definition."""
    results = [r for rs in RESULTS.values() for r in rs]
    bodies = (protocol.Credentials, *CLIENT_FRAMES)
    roots: list[Any] = [*bodies, *SERVER_FRAMES, protocol.StoredMessage, *results, *REPLIES]
    found: dict[str, inspect.StructType] = {}
    for root in inspect.multi_type_info(roots):
        _collect(root, found)
    order = list(vars(protocol))
    return sorted(found.values(), key=lambda info: order.index(info.cls.__name__))


def _collect(info: inspect.Type, found: dict[str, inspect.StructType]) -> None:
    for part in _parts(info):
        _collect(part, found)
    if isinstance(info, inspect.StructType):
        found[info.cls.__name__] = info


def _parts(info: inspect.Type) -> Iterable[inspect.Type]:
    match info:
        case inspect.StructType():
            return [field.type for field in info.fields]
        case inspect.DictType():
            return [info.value_type]
        case inspect.ListType():
            return [info.item_type]
        case inspect.UnionType():
            return info.types
        case inspect.Metadata():
            return [info.type]
        case _:
            return []


# ------------------------------------------------------------------------------------------------------------ structs


def _interface(info: inspect.StructType) -> str:
    lines = [f"  type: '{info.tag}';"] if info.tag else []
    lines += [f"  {_field(field, info.cls)};" for field in info.fields]
    body = " {\n" + "\n".join(lines) + "\n}" if lines else " {}"
    return f"{_comment(info.cls.__doc__)}export interface {info.cls.__name__}{body}"


def _comment(doc: str | None) -> str:
    return f"/** {' '.join((doc or '').split())} */\n"


def _field(field: inspect.Field, owner: type[msgspec.Struct]) -> str:
    kind = type_of(field.type)
    if definition.always_sent(owner, field):
        return f"{field.encode_name}: {kind}"
    return f"{field.encode_name}?: {kind if definition.sent_by_clients(owner) else kind.removesuffix(' | null')}"


SIMPLE: dict[type[inspect.Type], str] = {
    inspect.BoolType: "boolean",
    inspect.FloatType: "number",
    inspect.IntType: "number",
    inspect.NoneType: "null",
    inspect.StrType: "string",
}


def type_of(info: inspect.Type) -> str:
    """A type in TypeScript. Raises KeyError for one that nobody thought of yet."""
    match info:
        case inspect.StructType() | inspect.DictType() | inspect.ListType():
            return _compound(info)
        case inspect.Metadata():
            return type_of(info.type)
        case inspect.UnionType():
            return " | ".join(sorted(map(type_of, info.types), key=lambda kind: kind == "null"))
        case inspect.LiteralType():
            return " | ".join(f"'{value}'" for value in sorted(info.values, key=str))
        case inspect.IntType(ge=0, le=1):
            return "0 | 1"
        case _:
            return SIMPLE[type(info)]


def _compound(info: inspect.StructType | inspect.DictType | inspect.ListType) -> str:
    match info:
        case inspect.StructType():
            return info.cls.__name__
        case inspect.DictType():
            return f"{{ [id: string]: {type_of(info.value_type)} }}"
        case inspect.ListType():
            return f"{type_of(info.item_type)}[]"


# ------------------------------------------------------------------------------------------------------------- unions


def _frames() -> list[str]:
    return [
        _type("Delivery", _map("StoredMessage", "sessionId", "messageId"), "Messages; the one frame without a `type`."),
        _type("Load", _map("LoadedSession", "sessionId"), "The sessions as `/api/load` gives them."),
        _union("ClientFrame", [f.__name__ for f in CLIENT_FRAMES], "What a client may send."),
        _union("ServerFrame", [f.__name__ for f in SERVER_FRAMES], "What a server sends, beside `Delivery`."),
    ]


def _type(name: str, kind: str, comment: str) -> str:
    return f"/** {comment} */\nexport type {name} = {kind};"


def _map(value: str, *keys: str) -> str:
    for key in reversed(keys):
        value = f"{{ [{key}: string]: {value} }}"
    return value


def _results() -> str:
    lines = [f"  {f.__struct_config__.tag}: {' | '.join(r.__name__ for r in rs)};" for f, rs in RESULTS.items()]
    comment = "/** What stands in `Done` beside `Ref`, by the type of the frame that it answers. */\n"
    return comment + "export interface Results {\n" + "\n".join(lines) + "\n}"


def _codes() -> str:
    return _union("Code", [f"'{name}'" for name in CODES], "What a refusal means. More may come.")


def _closings() -> str:
    codes = sorted({code for closing in CLOSINGS.values() for code in closing[:2]})
    return _union("ClosingCode", [str(code) for code in codes], "How the server ends a socket that broke no rule.")


def _union(name: str, options: list[str], comment: str) -> str:
    lines, line = [], f"export type {name} ="
    for option in options:
        part = f" {option}" if line.endswith("=") else f" | {option}"
        if len(line) + len(part) > WIDTH:
            lines.append(line)
            line = f"  |{part.removeprefix(' |')}"
        else:
            line += part
    return f"/** {comment} */\n" + "\n".join([*lines, line]) + ";"


def _bounds() -> str:
    lines = [
        line
        for name, (value, doc) in definition.limits().items()
        for line in (f"  /** {doc} */", f"  readonly {name}: {_literal(value)};")
    ]
    return "/** The limits, each as a literal. */\nexport interface Bounds {\n" + "\n".join(lines) + "\n}"


def _literal(value: Any) -> str:
    return f"readonly [{', '.join(map(str, value))}]" if isinstance(value, tuple) else str(value)
