"""The disk without power: it keeps what is synced for certain, and nothing else."""

from __future__ import annotations

import random

from .disk import LOST, TORN, Delete, Losses, Platter, Step, Truncate, Write, done

MANY = 400


def left(durable: bytes | None, *steps: Step) -> set[bytes | None]:
    """Everything that a file may be after a cut."""
    found = set()
    for seed in range(MANY):
        platter = Platter("file", None if durable is None else bytearray(durable))
        platter.pending = list(steps)
        content = platter.after_the_cut(random.Random(seed), Losses())
        found.add(None if content is None else bytes(content))
    return found


def test_steps_do_what_they_say() -> None:
    content: bytearray | None = None
    steps: list[tuple[Step, bytes]] = [
        (Write(2, b"ab"), b"\0\0ab"),
        (Write(0, b"xyz"), b"xyzb"),
        (Truncate(3), b"xyz"),
        (Write(2, b"123"), b"xy123"),
    ]
    for step, expected in steps:
        content = done(content, step)
        assert bytes(content or b"") == expected
    assert done(content, Delete()) is None


def test_what_is_synced_stays() -> None:
    platter = Platter("file", None)
    platter.pending = [Write(0, b"abc"), Truncate(2)]
    platter.sync()
    assert {bytes(platter.after_the_cut(random.Random(seed), Losses()) or b"") for seed in range(MANY)} == {b"ab"}


def test_what_is_not_synced_is_there_or_not() -> None:
    assert left(b"abc", Write(0, b"xyz")) == {b"abc", b"xyz"}
    assert left(b"abc", Write(0, b"x"), Write(1, b"y")) == {b"abc", b"xbc", b"ayc", b"xyc"}
    assert left(b"abc", Truncate(1)) == {b"abc", b"a"}
    assert left(b"abc", Delete()) == {b"abc", None}
    assert left(None, Write(0, b"a")) == {None, b"", b"a"}
    assert left(b"abc", Delete(), Write(0, b"x")) == {b"abc", None, b"x"}


def test_growth_may_not_have_come() -> None:
    assert left(b"abc", Write(3, b"de")) == {b"abc", b"abcd", b"abcde"}


def test_a_long_write_is_torn_at_sectors() -> None:
    before, after = b"a" * 2048, b"b" * 2048
    for content in left(before, Write(0, after)):
        assert content
        sectors = {content[at : at + 512] for at in range(0, 2048, 512)}
        assert sectors <= {before[:512], after[:512]}
    assert len(left(before, Write(0, after))) > 10


def test_so_many_are_lost_and_torn() -> None:
    losses, chance = Losses(), random.Random(1)
    for _ in range(10_000):
        losses.survives(Write(56, bytes(4096)), chance)
    assert abs(losses.lost / 10_000 - LOST) < 0.02
    assert abs(losses.torn / 10_000 - TORN) < 0.02
