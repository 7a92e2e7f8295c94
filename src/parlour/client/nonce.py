"""Nonces: what makes a message repeatable.

1. Seven characters of the clock's milliseconds come first, the highest digit first, in an alphabet that sorts as it
   counts: nonces made later sort later, so the server's index over them grows at its end.
2. What makes a nonce unique is the chance behind it, from the system's own source.
"""

from __future__ import annotations

ALPHABET = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
CLOCK = 7
CHANCE = 12


def stamp(milliseconds: int) -> str:
    """The clock's milliseconds in seven digits of base 64."""
    return "".join(ALPHABET[milliseconds >> shift & 63] for shift in range(6 * (CLOCK - 1), -1, -6))


def nonce(seconds: float, chance: bytes) -> str:
    """A new nonce, from the time of day and at least twelve random bytes."""
    return stamp(int(seconds * 1000)) + "".join(ALPHABET[byte & 63] for byte in chance[:CHANCE])
