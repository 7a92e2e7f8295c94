"""JSON Schemas of the protocol's types, for OpenAPI and AsyncAPI alike.

1. The schemas are msgspec's own; what is changed here is only what another language would not understand.
2. Whatever has a name in protocol.py has the same name there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import msgspec

from parlour.protocol import CODES

Schema = dict[str, Any]
REFERENCE = "#/components/schemas/{name}"


def of(types: Iterable[Any]) -> tuple[list[Schema], dict[str, Schema]]:
    """The schema of each type, and the named ones that they refer to."""
    schemas, named = msgspec.json.schema_components(list(types), ref_template=REFERENCE)
    return [_plain(s) for s in schemas], {name: _plain(s) for name, s in sorted(named.items())}


def _plain(schema: Any) -> Any:
    """Patterns end with `$`: `\\Z` is Python's own."""
    if isinstance(schema, dict):
        return {k: v.replace(r"\Z", "$") if k == "pattern" else _plain(v) for k, v in schema.items()}
    return [_plain(s) for s in schema] if isinstance(schema, list) else schema


def reference(name: str) -> Schema:
    """A schema by its name."""
    return {"$ref": REFERENCE.format(name=name)}


def codes() -> Schema:
    """Every code of a refusal."""
    lines = [f"- `{name}`: {code.reason}" for name, code in CODES.items()]
    return {
        "type": "string",
        "description": "What a refusal means. More codes may come.\n\n" + "\n".join(lines),
        "enum": list(CODES),
    }


def dump(document: Any) -> str:
    """A document as the text of its file."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
