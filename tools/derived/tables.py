"""The tables inside the pages of docs/, each by the name of its place."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, get_args

import msgspec
from msgspec import inspect

from parlour import config
from parlour.core.limits import Rate
from parlour.core.pairs import COMMANDS, Seen, State
from parlour.protocol import CALLS, CLIENT_FRAMES, CLOSINGS, CODES, QUERIES, RESULTS, SERVER_FRAMES

from . import definition

Frame = Any


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


# -------------------------------------------------------------------------------------------------------------- frames


def client_frames(root: Path) -> str:
    """What a client may send."""
    rows = ((_type(f), _socket(f), _fields(f), _answers(f), _doc(f)) for f in CLIENT_FRAMES)
    return _table(("`type`", "socket", "fields", "`Done` carries", "what it is"), rows)


def server_frames(root: Path) -> str:
    """What a server sends."""
    delivery = ("none", "both", "`{SessionID: {MessageID: message}}`", "A message, to every member, the sender too.")
    rows = ((_type(f), _socket(f), _fields(f), _doc(f)) for f in SERVER_FRAMES)
    return _table(("`type`", "socket", "fields", "what it is"), [delivery, *rows])


def _type(frame: Frame) -> str:
    return f"`{frame.__struct_config__.tag}`"


def _socket(frame: Frame) -> str:
    return "both" if frame.core else "`parlour.v1`"


def _doc(frame: Frame) -> str:
    return " ".join((frame.__doc__ or "").split())


def _answers(frame: Frame) -> str:
    asked = next(kind for kind in frame.__mro__ if kind in RESULTS)
    return " or ".join(", ".join(f"`{n}`" for n in r.__struct_fields__) or "nothing" for r in RESULTS[asked])


def _fields(frame: Frame) -> str:
    return _listed(inspect.type_info(frame)) or "none"


def _listed(info: inspect.Type) -> str:
    assert isinstance(info, inspect.StructType)
    fields = sorted(info.fields, key=lambda field: (field.name == "Ref", not field.required))
    return ", ".join(_field(field, definition.always_sent(info.cls, field)) for field in fields)


def _field(field: inspect.Field, always: bool) -> str:
    return f"`{field.encode_name}`{'' if always else '?'} {_kind(field.type)}"


def _kind(info: inspect.Type) -> str:
    """A type in words."""
    match info:
        case inspect.StructType():
            return "{" + _listed(info) + "}"
        case inspect.DictType():
            return f"{{id: {_kind(info.value_type)}}}"
        case inspect.UnionType():
            return next(_kind(t) for t in info.types if not isinstance(t, inspect.NoneType))
        case inspect.LiteralType():
            return " or ".join(f'"{v}"' for v in sorted(info.values, key=str))
        case inspect.Metadata():
            return _kind(info.type)
        case _:
            return _simple(info)


def _simple(info: inspect.Type) -> str:
    if isinstance(info, inspect.IntType):
        return "0 or 1" if (info.ge, info.le) == (0, 1) else "number"
    if isinstance(info, inspect.BoolType):
        return "true or false"
    return "string"


# ------------------------------------------------------------------------------------------------- calls, codes, limits


def calls(root: Path) -> str:
    """The calls over HTTP."""
    rows = ((f"`{c.method} {c.path}`", _taken(c), _reply(c.reply), c.summary) for c in CALLS)
    return _table(("call", "takes", "200 answers", "what it does"), rows)


def _taken(call: Any) -> str:
    body = [_kind(inspect.type_info(call.body))] if call.body is not None else []
    return ", ".join([*body, *(f"`?{name}=`" for name in call.query)]) or "nothing"


def _reply(reply: Any) -> str:
    if reply is None:
        return "204, no body"
    if isinstance(reply, type) and issubclass(reply, msgspec.Struct):
        return ", ".join(f"`{name}`" for name in reply.__struct_fields__)
    return "the sessions"


def queries(root: Path) -> str:
    """The numbers in the query of a call."""
    rows = ((f"`{n}`", f"{q.least} to {q.most:,}", _default(q.default), q.summary) for n, q in QUERIES.items())
    return _table(("query", "range", "default", "what it is"), rows)


def _default(value: int | None) -> str:
    return "none" if value is None else str(value)


def codes(root: Path) -> str:
    """Every refusal."""
    return _table(("code", "status", "in words"), ((f"`{n}`", str(c.status), c.reason) for n, c in CODES.items()))


def closings(root: Path) -> str:
    """How the server ends a socket."""
    rows = ((str(c.code), str(c.core), f"`{c.reason}`", _back(c.code)) for c in CLOSINGS.values())
    return _table(("`parlour.v1`", "core", "reason", "come back?"), rows)


def _back(code: int) -> str:
    return "yes" if 4000 <= code < 4400 or code in (1001, 1011, 1012, 1013) else "no"


def limits(root: Path) -> str:
    """The sizes of single things."""
    rows = ((f"`{name}`", _amount(value), text) for name, (value, text) in definition.limits().items())
    return _table(("name in `protocol.py`", "value", "what it bounds"), rows)


def _amount(value: Any) -> str:
    return f"{value[0]:,} to {value[1]:,}" if isinstance(value, tuple) else f"{value:,}"


def settings(root: Path) -> str:
    """What an operator may choose."""
    rows = (
        (f"`{name}`", f"`{config.PREFIX}{name.upper()}`", _chosen(default), text)
        for name, (default, text) in definition.settings().items()
    )
    return _table(("in `parlour.toml`", "in the environment", "default", "what it is"), rows)


def _chosen(default: Any) -> str:
    return "none" if default == () else f"`{default}`"


# ------------------------------------------------------------------------------------------------------------ consent

SIDES = {"asker": "who asked", "asked": "who was asked"}
SETTINGS_OF = {
    "invitations": ("invitation_burst", "invitation_each_day"),
    "lookups": ("lookup_burst", "lookup_each_hour"),
    "alerts": ("alert_burst", "alert_each_minutes"),
    "askings": ("invitations_open",),
    "requests": ("requests_open",),
    "links": ("links_open",),
    "link_days": ("link_days",),
    "pauses": (),
}
"""By limit of consent: what an operator sets it with."""
UNSEEN_BY_THE_ASKER = ("alerts", "requests", "pauses")


def consent_commands(root: Path) -> str:
    """Where each command leads, from each state, by each side."""
    rows = ((f"`{command}`", SIDES[side], *map(_step, to.values())) for (command, side), to in COMMANDS.items())
    return _table(("command", "by", *get_args(Seen)), rows)


def _step(step: str) -> str:
    """A state, `ask` or `same` as it is; a refusal as the code that it is."""
    if step == "same":
        return "·"
    return step if step == "ask" or step in get_args(State) else f"`{step}`"


def consent_limits(root: Path) -> str:
    """How often one may ask, and how much of it reaches somebody."""
    rows = (
        (text, _rate(value), _seen_by_asker(name), ", ".join(f"`{n}`" for n in SETTINGS_OF[name]) or "none")
        for name, (value, text) in definition.consent().items()
    )
    return _table(("what", "limit", "who asks sees it", "setting"), rows)


def _rate(value: Any) -> str:
    if isinstance(value, Rate):
        each_hour, each_day = 3_600 / value.each, 86_400 / value.each
        then = f"{each_hour:.0f} an hour" if each_hour.is_integer() else f"{each_day:.0f} a day"
        return f"{value.burst} at once, then {then}"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _seen_by_asker(name: str) -> str:
    return "no" if name in UNSEEN_BY_THE_ASKER else "yes"


# -------------------------------------------------------------------------------------------------------------- rooms


def rooms(root: Path) -> str:
    """Every file of the server and the web client, with the line that it opens with."""
    package = root / "src" / "parlour"
    python = [(p, _opening(p)) for p in sorted(package.rglob("*.py")) if p.name not in ("__init__.py", "__main__.py")]
    script = [(p, _comment(p)) for p in sorted((package / "web").rglob("*.js")) if "vendor" not in p.parts]
    rows = ((f"`{p.relative_to(package).as_posix()}`", line) for p, line in [*python, *script])
    return _table(("file", "its subject"), rows)


def _opening(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n\n")[0].replace("\n", " ")


def _comment(path: Path) -> str:
    """The first sentence of the comment that a script opens with."""
    lines = path.read_text(encoding="utf-8").split("\n")
    comment = [line for line in lines[:8] if line.startswith("//") and "@ts-check" not in line]
    opening = [line.removeprefix("//").strip() for line in comment]
    paragraph = opening[: opening.index("")] if "" in opening else opening
    return " ".join(paragraph)


TABLES: dict[str, Callable[[Path], str]] = {
    "calls": calls,
    "client-frames": client_frames,
    "closings": closings,
    "codes": codes,
    "consent-commands": consent_commands,
    "consent-limits": consent_limits,
    "limits": limits,
    "queries": queries,
    "rooms": rooms,
    "server-frames": server_frames,
    "settings": settings,
}
