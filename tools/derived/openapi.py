"""docs/openapi.json: the HTTP side, as OpenAPI 3.1.

1. Calls, bodies, replies, queries and codes come from protocol.py; the three doors that are no calls are told here.
2. Refusals of one status are one answer, with the codes that it may hold.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from parlour import __version__
from parlour.protocol import (
    BODY,
    CALLS,
    CODES,
    FRAME_CALLS,
    GATE,
    QUERIES,
    RESULTS,
    SUBPROTOCOL,
    Call,
    Problem,
    base_of,
)

from . import shapes

Json = dict[str, Any]
LOGIN: list[Json] = [{"bearer": []}, {"cookie": []}, {"hostCookie": []}]
WAITING = {429, 503}


def text() -> str:
    """The file."""
    return shapes.dump(document())


def document() -> Json:
    """The document."""
    calls = [*CALLS, *FRAME_CALLS.values()]
    asked = [t for call in calls for t in (call.body, call.reply) if t is not None]
    asked += {result for results in RESULTS.values() for result in results}
    schemas, named = shapes.of([*asked, Problem])
    by_type = {_name(t): s for t, s in zip(asked, schemas, strict=False)}
    paths: Json = {}
    for call in calls:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call, by_type)
    named["Code"] = shapes.codes()
    named["Problem"]["properties"]["code"] = shapes.reference("Code")
    return {
        "openapi": "3.1.0",
        "info": _info(),
        "servers": [{"url": "/"}],
        "paths": paths | _doors(),
        "components": {"schemas": dict(sorted(named.items())), "securitySchemes": _schemes()},
    }


def _info() -> Json:
    return {
        "title": "Parlour",
        "version": __version__,
        "summary": "A chat server where nobody can write to you until you say yes.",
        "description": "Derived from src/parlour/protocol.py by `./run generate`. docs/protocol.md tells the rest.",
        "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
    }


def _name(kind: Any) -> str:
    return getattr(kind, "__name__", "") if isinstance(kind, type) else repr(kind)


# ----------------------------------------------------------------------------------------------------------- operations


def _operation(call: Call, schemas: dict[str, Json]) -> Json:
    operation: Json = {"operationId": _operation_id(call), "summary": call.summary}
    if parameters := _parameters(call):
        operation["parameters"] = parameters
    if call.body is not None:
        operation["requestBody"] = {"required": True, "content": _json(schemas[_name(call.body)])}
    operation["responses"] = _success(call, schemas) | refusals(codes_of(call), call.statuses)
    operation["security"] = LOGIN if call.needs_login else []
    if call.path == "/api/logout":
        operation["security"] = [*LOGIN, {}]
    return operation


def _operation_id(call: Call) -> str:
    return "history" if "{" in call.path else call.path.rpartition("/")[2]


def _parameters(call: Call) -> list[Json]:
    in_path = [p[1:-1] for p in call.path.split("/") if p.startswith("{")]
    told = [{"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in in_path]
    return told + [_query(name) for name in call.query]


def _query(name: str) -> Json:
    query = QUERIES[name]
    schema: Json = {"type": "integer", "minimum": query.least, "maximum": query.most}
    if query.default is not None:
        schema["default"] = query.default
    return {"name": name, "in": "query", "required": False, "description": query.summary, "schema": schema}


def _success(call: Call, schemas: dict[str, Json]) -> Json:
    if call.reply is None:
        return {"204": {"description": "Done, also where there was nothing to do."}}
    answer: Json = {"description": "Done.", "content": _json(_reply(call, schemas))}
    if call.path == "/api/login":
        cookie = "Instead of `Token`, where the request's `Origin` is our own page's."
        answer["headers"] = {"Set-Cookie": {"description": cookie, "schema": {"type": "string"}}}
    return {"200": answer}


def _reply(call: Call, schemas: dict[str, Json]) -> Json:
    """What 200 carries: of a frame, `Done` with the fields of its result."""
    if call.body not in FRAME_CALLS:
        return schemas[_name(call.reply)]
    results = [r for r in RESULTS[base_of(call.body)] if r.__struct_fields__]
    done = shapes.reference("Done")
    whole = [{"allOf": [done, shapes.reference(result.__name__)]} for result in results] or [done]
    return whole[0] if len(whole) == 1 else {"anyOf": whole}


def codes_of(call: Call) -> list[str]:
    """Every code that the call may be refused with."""
    gate = [code for code in GATE if code != ("origin" if call.method == "POST" else "csrf")]
    login = ["unauthorized"] if call.needs_login else []
    return list(dict.fromkeys([*gate, *login, *(BODY if call.body is not None else ()), *call.codes]))


def refusals(codes: list[str], statuses: Any = None) -> Json:
    """The answers that tell of these codes, by status."""
    placed = sorted(((statuses or {}).get(code, CODES[code].status), code) for code in codes)
    return {
        str(status): _refusal(status, [code for _, code in group])
        for status, group in groupby(placed, key=lambda each: each[0])
    }


def _refusal(status: int, codes: list[str]) -> Json:
    schema = {"allOf": [shapes.reference("Problem"), {"properties": {"code": {"enum": codes}}}]}
    answer: Json = {
        "description": "\n".join(f"`{code}`: {CODES[code].reason}" for code in codes),
        "content": {"application/problem+json": {"schema": schema}},
    }
    if status in WAITING:
        answer["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    return answer


def _json(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


# ---------------------------------------------------------------------------------------------- doors that are no calls


def _doors() -> Json:
    return {
        "/ws": {"get": _socket()},
        "/healthz": {"get": _probe("healthz", "Whether the process lives.", [])},
        "/readyz": {"get": _probe("readyz", "Whether the server can do its work.", ["unavailable"])},
    }


def _socket() -> Json:
    codes = ["bad_request", "token_in_url", "unauthorized", "origin", "wrong_host", "upgrade_required", "unavailable"]
    return {
        "operationId": "socket",
        "summary": "Become a WebSocket: docs/asyncapi.json.",
        "parameters": [
            {
                "name": "Sec-WebSocket-Protocol",
                "in": "header",
                "required": False,
                "description": "Without it, the core protocol.",
                "schema": {"type": "string", "enum": [SUBPROTOCOL]},
            }
        ],
        "responses": {"101": {"description": "The socket is open."}} | refusals(codes),
        "security": LOGIN,
    }


def _probe(name: str, summary: str, codes: list[str]) -> Json:
    good = {"200": {"description": "Yes.", "content": {"text/plain": {"schema": {"type": "string"}}}}}
    return {
        "operationId": name,
        "summary": summary,
        "responses": good | refusals([*codes, "wrong_host"]),
        "security": [],
    }


def _schemes() -> Json:
    page = "Set by a login from our own page; unsafe methods and the socket then need that page's `Origin`."
    return {
        "bearer": {"type": "http", "scheme": "bearer", "description": "The `Token` of a login."},
        "cookie": {"type": "apiKey", "in": "cookie", "name": "parlour", "description": page},
        "hostCookie": {
            "type": "apiKey",
            "in": "cookie",
            "name": "__Host-parlour",
            "description": page + " This one where the page came over https.",
        },
    }
