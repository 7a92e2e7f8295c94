"""What a client did and heard: JSON lines, written as it goes, one file for each client.

1. A line is written before a message is sent and after an answer is heard: what was first has the smaller `at`.
2. `at` is the machine's monotonic clock, which all processes share and no jump of the wall clock touches.
3. Bodies and deliveries are written down by their digest.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec


class Line(msgspec.Struct, tag_field="kind", kw_only=True, omit_defaults=True):
    """Something that happened to a client."""

    at: int


class Client(Line, tag="client"):
    """Whose lines follow: a name for the device, and its user."""

    client: str
    user: str


class Invoke(Line, tag="invoke"):
    """A message is about to be sent, for the first time or again."""

    session: str
    nonce: str
    hash: str


class Ack(Line, tag="ack"):
    """It was acknowledged under this number."""

    nonce: str
    id: int


class Fail(Line, tag="fail"):
    """It was refused."""

    nonce: str
    code: str


class Deliver(Line, tag="deliver"):
    """A message came. `shown`: its client displays it now; else it had it already."""

    session: str
    id: int
    hash: str
    nonce: str | None = None
    shown: bool = True


class Member(Line, tag="member"):
    """A user is in a session from after this number on, or after this number no more."""

    session: str
    user: str
    joined: bool = True
    number: int = 0


class Reset(Line, tag="reset"):
    """The client threw away what it displays of a session, and displays what comes after this number."""

    session: str
    number: int


class Whole(Line, tag="whole"):
    """The client believes that it is caught up, and nobody sends any more."""


Any_ = Client | Invoke | Ack | Fail | Deliver | Member | Reset | Whole
decode = msgspec.json.Decoder(Any_).decode
encode = msgspec.json.Encoder().encode


def body_hash(data: str) -> str:
    """A body, short."""
    return hashlib.blake2b(data.encode(), digest_size=8).hexdigest()


def message_hash(message: Mapping[str, Any]) -> str:
    """A delivered message, field for field, short."""
    return body_hash(json.dumps(message, sort_keys=True))


class Log:
    """Writes one client's history. Every line is out before the next thing happens."""

    def __init__(self, folder: Path, client: str, user: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / f"{client}.jsonl").open("ab", buffering=0)
        self._write(Client(at=now(), client=client, user=user))

    def _write(self, line: Line) -> None:
        self._file.write(encode(line) + b"\n")

    def member(self, session: str, user: str, joined: bool = True, number: int = 0) -> None:
        self._write(Member(at=now(), session=session, user=user, joined=joined, number=number))

    def invoke(self, session: str, nonce: str, data: str) -> None:
        self._write(Invoke(at=now(), session=session, nonce=nonce, hash=body_hash(data)))

    def ack(self, nonce: str, number: int) -> None:
        self._write(Ack(at=now(), nonce=nonce, id=number))

    def fail(self, nonce: str, code: str) -> None:
        self._write(Fail(at=now(), nonce=nonce, code=code))

    def deliver(self, session: str, number: int, message: Mapping[str, Any], shown: bool = True) -> None:
        hashed, nonce = message_hash(message), message.get("Nonce")
        self._write(Deliver(at=now(), session=session, id=number, hash=hashed, nonce=nonce, shown=shown))

    def reset(self, session: str, number: int) -> None:
        self._write(Reset(at=now(), session=session, number=number))

    def whole(self) -> None:
        self._write(Whole(at=now()))

    def close(self) -> None:
        self._file.close()


def now() -> int:
    """Nanoseconds; the same clock in every process of this machine."""
    return time.monotonic_ns()


def read(path: Path) -> Iterator[Line]:
    """The lines of one history. A last line that was cut off with its process does not count."""
    for line in path.read_bytes().split(b"\n")[:-1]:
        yield decode(line)


def read_all(folder: Path) -> dict[str, list[Line]]:
    """All histories of a folder, by the client's name."""
    return {path.stem: list(read(path)) for path in sorted(folder.glob("*.jsonl"))}


def write_all(folder: Path, histories: Mapping[str, Iterable[Line]]) -> None:
    """Histories as files."""
    folder.mkdir(parents=True, exist_ok=True)
    for client, lines in histories.items():
        (folder / f"{client}.jsonl").write_bytes(b"".join(encode(line) + b"\n" for line in lines))
