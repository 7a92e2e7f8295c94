"""Nonces of the SDK sort by time, are taken by the protocol, and are made as the web client makes them."""

from __future__ import annotations

import re

from parlour import protocol
from parlour.client.nonce import ALPHABET, nonce, stamp


def test_a_nonce_sorts_by_its_time() -> None:
    moments = [0, 1, 63, 64, 4_095, 4_096, 1_700_000_000_000, 1_700_000_000_001, 2_000_000_000_000]
    assert sorted(map(stamp, reversed(moments))) == list(map(stamp, moments))
    assert len(set(map(stamp, moments))) == len(moments)


def test_a_nonce_is_taken_by_the_protocol() -> None:
    made = nonce(1_700_000_000.5, bytes(range(12)))
    assert re.match(protocol.NONCE, made)
    assert made == stamp(1_700_000_000_500) + ALPHABET[:12]


def test_the_alphabet_sorts_as_it_counts() -> None:
    assert list(ALPHABET) == sorted(set(ALPHABET))
    assert len(ALPHABET) == 64
