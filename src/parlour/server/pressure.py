"""Whether a peer takes what is sent to it, be it ever so slowly.

1. What counts is what its machine has acknowledged: of the bytes behind those, our own kernel takes more only in steps
   of a third of its buffer, which can be a megabyte.
2. Only who has something waiting with us is looked at: everybody else costs one question.
"""

from __future__ import annotations

import asyncio
import fcntl
import sys
import termios


class Waiting:
    """What a peer has not taken yet: how many bytes at most, and since when none of them was taken."""

    __slots__ = ("left", "since")

    def __init__(self, transport: asyncio.Transport, now: float) -> None:
        self.left, self.since = outstanding(transport), now

    def look(self, transport: asyncio.Transport, now: float) -> float:
        """Since when nothing was taken. Whoever sends meanwhile adds to `left`."""
        left = outstanding(transport)
        if left < self.left:
            self.since = now
        self.left = left
        return self.since


def outstanding(transport: asyncio.Transport) -> int:
    """Bytes that wait here, and those in the kernel that nobody has acknowledged."""
    waiting = transport.get_write_buffer_size()
    try:
        unacknowledged = fcntl.ioctl(transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, bytes(4))
    except OSError:  # Not every system tells.
        return waiting
    return waiting + int.from_bytes(unacknowledged, sys.byteorder)
