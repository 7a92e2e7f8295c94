"""What a client takes from outside, and what it tells to whoever writes a history of it."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable
from typing import Literal

import msgspec

from .events import Event


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What a client takes from outside: clocks in seconds, chance from 0 to 1, random bytes for nonces."""

    now: Callable[[], float] = time.monotonic
    day: Callable[[], float] = time.time
    chance: Callable[[], float] = random.random
    bytes: Callable[[int], bytes] = secrets.token_bytes


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """For a history of what a client did.

    `invoke`: a message is to be sent. `ack`: it is stored, there. `fail`: it was refused, and is not stored. `lost`:
    the client ended, and nobody knows; so it is, too, if nothing follows. `deliver`: the iterator gave an event.
    """

    what: Literal["invoke", "ack", "fail", "lost", "deliver"]
    session: str = ""
    nonce: str = ""
    data: str = ""
    number: int = 0
    code: str = ""
    event: Event | None = None
