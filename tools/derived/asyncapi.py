"""docs/asyncapi.json: the socket, as AsyncAPI 3.0.

1. One address, two channels: the core protocol, and `parlour.v1` where the client asks for it.
2. Told from the server's side, as AsyncAPI wants it: the server receives what a client sends.
"""

from __future__ import annotations

from typing import Any

import msgspec

from parlour import __version__
from parlour.protocol import CLIENT_FRAMES, CLOSINGS, RESULTS, SERVER_FRAMES, SUBPROTOCOL, Delivery, Done

from . import shapes

Json = dict[str, Any]
Frame = type[msgspec.Struct]
DELIVERY = "Delivery"


def text() -> str:
    """The file."""
    return shapes.dump(document())


def document() -> Json:
    """The document."""
    return {
        "asyncapi": "3.0.0",
        "info": _info(),
        "defaultContentType": "application/json",
        "servers": {"parlour": _server()},
        "channels": {"core": _channel(core=True), "v1": _channel(core=False)},
        "operations": _operations(core=True) | _operations(core=False),
        "components": {"messages": _messages(), "schemas": _schemas(), "securitySchemes": _schemes()},
        "x-closing-codes": _closings(),
    }


def _info() -> Json:
    return {
        "title": "Parlour, the socket",
        "version": __version__,
        "description": "Derived from src/parlour/protocol.py by `./run generate`. docs/protocol.md tells the rest.",
        "license": {"name": "Apache License 2.0"},
    }


def _server() -> Json:
    security = [{"$ref": f"#/components/securitySchemes/{name}"} for name in _schemes()]
    return {"host": "127.0.0.1:8080", "protocol": "ws", "security": security}


# ------------------------------------------------------------------------------------------------------------- channels


def heard(core: bool) -> list[str]:
    """The messages that a server sends on a channel."""
    frames = [f.__name__ for f in SERVER_FRAMES if (f.core or not core) and f is not Done]
    return [DELIVERY, *frames, *([] if core else _answers())]


def said(core: bool) -> list[Frame]:
    """The frames that a client may send on a channel."""
    return [f for f in CLIENT_FRAMES if f.core or not core]


def _answers() -> list[str]:
    """What a frame with a `Ref` is answered with, beside `Error`."""
    return sorted({_done(result) for results in RESULTS.values() for result in results})


def _done(result: Frame) -> str:
    return f"Done{result.__name__}" if result.__struct_fields__ else "Done"


def _channel(core: bool) -> Json:
    names = [*(f.__name__ for f in said(core)), *heard(core)]
    wanted = "No subprotocol is asked for." if core else f"The subprotocol is {SUBPROTOCOL}."
    ws: Json = {"method": "GET", "bindingVersion": "0.1.0"}
    if not core:
        ws["headers"] = {"type": "object", "properties": {"Sec-WebSocket-Protocol": {"const": SUBPROTOCOL}}}
    return {
        "address": "/ws",
        "title": "The core protocol" if core else SUBPROTOCOL,
        "description": wanted,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"ws": ws},
    }


def _operations(core: bool) -> Json:
    prefix = "core" if core else "v1"
    channel = {"$ref": f"#/channels/{prefix}"}
    told: Json = {
        f"{prefix}Hear": {"action": "send", "channel": channel, "messages": [_at(prefix, n) for n in heard(core)]}
    }
    for frame in said(core):
        told[f"{prefix}{frame.__name__}"] = {
            "action": "receive",
            "channel": channel,
            "messages": [_at(prefix, frame.__name__)],
            **({} if core else {"reply": _reply(frame, channel, prefix)}),
        }
    return told


def _reply(frame: Frame, channel: Json, prefix: str) -> Json:
    asked = next(kind for kind in frame.__mro__ if kind in RESULTS)
    names = [*(_done(result) for result in RESULTS[asked]), "Error"]
    return {"channel": channel, "messages": [_at(prefix, name) for name in names]}


def _at(prefix: str, name: str) -> Json:
    return {"$ref": f"#/channels/{prefix}/messages/{name}"}


# ----------------------------------------------------------------------------------------------------------- components


def _messages() -> Json:
    frames: dict[str, str] = {f.__name__: _first_line(f) for f in (*CLIENT_FRAMES, *SERVER_FRAMES)}
    frames[DELIVERY] = "Messages of a session, to each of its members: `{SessionID: {MessageID: message}}`."
    frames |= dict.fromkeys(_answers(), "The answer to a frame with a `Ref`.")
    return {n: {"name": n, "summary": s, "payload": shapes.reference(n)} for n, s in sorted(frames.items())}


def _first_line(kind: Frame) -> str:
    return (kind.__doc__ or "").strip().split("\n")[0]


def _schemas() -> Json:
    results = sorted({r for rs in RESULTS.values() for r in rs if r.__struct_fields__}, key=lambda r: r.__name__)
    [delivery, *_], named = shapes.of([Delivery, *CLIENT_FRAMES, *SERVER_FRAMES, *results])
    named[DELIVERY] = delivery | {"not": {"required": ["type"]}}
    for result in results:
        named[_done(result)] = {"allOf": [shapes.reference("Done"), shapes.reference(result.__name__)]}
    named["Code"] = shapes.codes()
    named["Error"]["properties"]["Code"] = shapes.reference("Code")
    return dict(sorted(named.items()))


def _schemes() -> Json:
    page = "Set by a login from our own page; the handshake then needs that page's `Origin`."
    return {
        "bearer": {"type": "http", "scheme": "bearer", "description": "The `Token` of a login."},
        "cookie": {"type": "httpApiKey", "in": "cookie", "name": "parlour", "description": page},
        "hostCookie": {"type": "httpApiKey", "in": "cookie", "name": "__Host-parlour", "description": page},
    }


def _closings() -> list[Json]:
    return [{"code": c.code, "core": c.core, "reason": c.reason} for c in CLOSINGS.values()]
