"""What a link wants done.

1. Whoever has a socket and a clock does these in the order in which they stand.
"""

from __future__ import annotations

from typing import Any

import msgspec

from .errors import ClientError, Ended

Json = dict[str, Any]


class Open(msgspec.Struct, frozen=True):
    """Open a socket."""


class Drop(msgspec.Struct, frozen=True):
    """Close the socket, if there is one."""


class Send(msgspec.Struct, frozen=True):
    """Send a frame."""

    text: bytes


class Get(msgspec.Struct, frozen=True):
    """Make a call over HTTP, and give its answer to `got` with this tag."""

    path: str
    tag: int


class Told(msgspec.Struct, frozen=True):
    """A request is answered: its result, or why not."""

    ticket: int
    result: Json | ClientError


class Stop(msgspec.Struct, frozen=True):
    """It is over."""

    why: Ended


Effect = Open | Drop | Send | Get | Told | Stop
