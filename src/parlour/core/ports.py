"""What the rules ask of the world: records and their keys, a transaction, a store, a bus, a clock.

1. A verb is added here only with a written decision; a feature never needs one, a new engine implements these.
2. All queries are look-ups by a key, ranges by an index, and the stream.
3. Nothing is remembered from one transaction to the next.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import msgspec


class Secret:
    """A text that no frame may hold: the wire's encoder refuses it, and it does not print itself."""

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.value == self.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return "Secret(…)"


class Record(msgspec.Struct, gc=False):
    """A row. Its fields are its columns, in order; `rowid` keeps rows in the order of their arrival."""

    table: ClassVar[str]
    rowid: ClassVar[bool] = False


class Streamed(Record):
    """A record that is an event of a stream: one of the tables that a stream is read from, merged by number."""

    stream_column: ClassVar[str]
    number_column: ClassVar[str]

    @property
    def stream(self) -> str:
        raise NotImplementedError

    @property
    def number(self) -> int:
        raise NotImplementedError

    @property
    def kind(self) -> str:
        raise NotImplementedError

    def frame(self) -> bytes:
        """The bytes that every listener gets, live or later."""
        raise NotImplementedError


R = TypeVar("R", bound=Record)
T = TypeVar("T")


class Key(Generic[R]):
    """Columns that name at most one row. A record's first key is its primary key."""

    def __init__(self, record: type[R], *columns: str, name: str = "", where: str = "") -> None:
        self.record, self.columns, self.name, self.where = record, columns, name, where
        KEYS.setdefault(record, []).append(self)


class Index:
    """Columns by which rows of a record are found in ranges."""

    def __init__(self, record: type[Record], name: str, *columns: str) -> None:
        self.record, self.name, self.columns = record, name, columns
        INDEXES.setdefault(record, []).append(self)


KEYS: dict[type[Record], list[Key[Any]]] = {}
INDEXES: dict[type[Record], list[Index]] = {}


class Event(Streamed):
    """An event that is no message, with its frame as it was encoded."""

    table: ClassVar[str] = "Events"
    stream_column: ClassVar[str] = "Stream"
    number_column: ClassVar[str] = "Number"
    Stream: str
    Number: int
    Kind: str
    Frame: bytes

    @property
    def stream(self) -> str:
        return self.Stream

    @property
    def number(self) -> int:
        return self.Number

    @property
    def kind(self) -> str:
        return self.Kind

    def frame(self) -> bytes:
        return self.Frame


EVENT = Key(Event, "Stream", "Number")


class Published(msgspec.Struct, gc=False):
    """An event on its way to the hubs. Number 0: a signal, stored nowhere."""

    stream: str
    number: int
    kind: str
    frame: bytes


class Need(msgspec.Struct, gc=False):
    """What a handler will look up: a hint that costs time when it is wrong, never truth. No key: a stream's head."""

    key: Key[Any] | None
    values: tuple[Any, ...]


class Tx(Protocol):
    """One transaction: what is read in it is consistent, what is written in it is there wholly or not at all."""

    def get(self, key: Key[R], *values: Any) -> R | None:
        """The row that `values` name, or None."""

    def find(
        self,
        record: type[R],
        equal: dict[str, Any],
        *,
        order: str | None = None,
        above: Any = None,
        below: Any = None,
        newest: bool = False,
        limit: int | None = None,
    ) -> list[R]:
        """Rows with these columns (a list of values: any of them), in a range of `order`; from its end if `newest`."""

    def count(self, record: type[Record], equal: dict[str, Any], *, order: str | None = None, above: Any = None) -> int:
        """How many rows `find` would give."""

    def add(self, row: Record) -> None:
        """A new row."""

    def put(self, row: Record) -> None:
        """An existing row as it is now. What stands in one of its keys never changes, but from None."""

    def drop(self, row: Record) -> None:
        """Remove a row."""

    def lock(self, row: Record) -> None:
        """Nobody else changes this row until the end of the transaction."""

    def next(self, stream: str) -> int:
        """Take the next number of a stream: 1, 2, 3 … without a hole."""

    def head(self, stream: str) -> int:
        """The last number of a stream, 0 if it has none."""

    def since(self, stream: str, number: int, limit: int) -> list[Published]:
        """The events of a stream after `number`, in order."""

    def prefetch(self, needs: Iterable[Need]) -> None:
        """Read in bulk what will be asked for."""


class StorageFailed(Exception):
    """The storage could not commit; nothing of the transaction is there. `code` is one of the protocol's."""

    code = "unavailable"


class StorageFull(StorageFailed):
    """The disk is full."""

    code = "storage_full"


class StorageBroken(StorageFailed):
    """The storage cannot be trusted any more: the process must end."""


class Store(Protocol):
    """Runs transactions. `work` is a plain function of a transaction, run in a thread of the store."""

    def write(self, work: Callable[[Tx], T]) -> Awaitable[T]:
        """Run in one transaction; its result comes after the durable commit. Raises StorageFailed."""

    def read(self, work: Callable[[Tx], T]) -> Awaitable[T]:
        """Run on one consistent state, without writing."""

    def close(self) -> None:
        """Finish what was begun, then close."""


Deliver = Callable[[str, int, str, bytes], None]


class Bus(Protocol):
    """Carries events to the hubs. It may lose, repeat or reorder: the number tells, the stream repairs."""

    def start(self, deliver: Deliver) -> None:
        """Call `deliver(stream, number, kind, frame)` for what is published to followed streams."""

    def publish(self, events: Sequence[Published]) -> None:
        """Tell of committed events, and of signals."""

    def follow(self, stream: str) -> None:
        """Somebody here listens to this stream."""

    def unfollow(self, stream: str) -> None:
        """Nobody here listens any more."""

    def close(self) -> None:
        """Stop delivering."""


class Clock(Protocol):
    """Time and chance, so that tests own both."""

    def now(self) -> datetime:
        """Now, in UTC, as the machine says. It may jump."""

    def steady(self) -> datetime:
        """Now, in UTC, without the jumps since the start: for what would otherwise end, or not, because of one."""

    def new_id(self) -> str:
        """A random opaque id of 16 characters, which tells nothing."""

    def new_token(self) -> str:
        """256 random bits as text."""
