"""Where frames end: what of a message is still to come (RFC 6455, section 5.2).

1. The library's reader checks frames and puts messages together; it does not tell whether it waits for the rest of one.
2. A read that is one whole message, which is what nearly every read is, costs a look at its header.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

CONTROL = 8
FINAL = 0x80


class Unfinished(NamedTuple):
    """A message that has begun to come, or a part of a frame."""

    head: bytes
    """What has come of the next frame's header."""
    skip: int
    """Bytes of the present frame that are to come."""
    fragments: bool
    """Whether another fragment must follow."""
    since: float


class Interleaved(Exception):
    """A message began inside another one."""

    code = 1002


def follow(data: bytes, before: Unfinished | None, now: Callable[[], float]) -> Unfinished | None:
    """What is unfinished after these bytes, given what was before them. Raises Interleaved."""
    if before is None and data[0] >= FINAL and _end(data, 0) == len(data):
        return None
    clock = now()
    head, at, fragments, since = before or Unfinished(b"", 0, False, clock)
    data = head + data
    if 0 < at <= len(data) and not fragments:
        since = clock
    while end := _end(data, at):
        opcode = data[at] & 0x0F
        if opcode < CONTROL:
            if opcode and fragments:
                raise Interleaved
            fragments = data[at] < FINAL
        if end <= len(data) and not fragments:
            since = clock
        at = end
    if at == len(data) and not fragments:
        return None
    return Unfinished(data[at:], max(0, at - len(data)), fragments, since)


def _end(data: bytes, at: int) -> int:
    """Where the frame that begins here ends; 0 if its header is not here in full."""
    if len(data) < at + 2:
        return 0
    second = data[at + 1]
    size, mask = second & 0x7F, (second >> 7) * 4
    if size < 126:
        return at + 2 + mask + size
    wide = 2 if size == 126 else 8
    if len(data) < at + 2 + wide:
        return 0
    return at + 2 + wide + mask + int.from_bytes(data[at + 2 : at + 2 + wide])
