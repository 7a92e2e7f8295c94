"""A disk that loses its power: what was written and not yet synced is kept apart, and at the cut lost or torn.

1. A file's durable content changes by xSync of that file alone. At the cut each write since then is lost (50 %), torn
   (15 %: some of its sectors arrive) or there, whatever came of the others: a disk writes in any order.
2. The same goes for the size, for cutting a file short, for a file that is new, and for one that was deleted without
   its folder being synced.
3. After the cut nothing more is written: every step is an error, as for a process without power. What the disk then
   holds is written to another folder, where a store that knows nothing of this goes on.
"""

from __future__ import annotations

import random
import threading
from pathlib import Path
from typing import Any, NamedTuple

import apsw

SECTOR = 512
LOST, TORN = 0.5, 0.15


class Write(NamedTuple):
    """Bytes at a place."""

    offset: int
    data: bytes


class Truncate(NamedTuple):
    """The file ends here now."""

    size: int


class Delete(NamedTuple):
    """The name is gone, and its folder is not synced."""


Step = Write | Truncate | Delete


class Losses:
    """What a cut did."""

    def __init__(self) -> None:
        self.lost = self.torn = self.unsynced = 0
        self.in_checkpoint = False

    def survives(self, write: Write, chance: random.Random) -> list[Write]:
        """What is left of a write."""
        fate = chance.random()
        self.unsynced += 1
        if fate > LOST + TORN:
            return [write]
        sectors = _sectors(write)
        if fate > LOST and len(sectors) > 1:
            self.torn += 1
            return chance.sample(sectors, chance.randint(1, len(sectors) - 1))
        self.lost += 1
        return []


def _sectors(write: Write) -> list[Write]:
    """A write in parts that arrive or do not."""
    ends = range(write.offset // SECTOR * SECTOR + SECTOR, write.offset + len(write.data) + SECTOR, SECTOR)
    starts = [write.offset, *ends[:-1]]
    return [
        Write(start, write.data[start - write.offset : end - write.offset])
        for start, end in zip(starts, ends, strict=True)
    ]


class Platter:
    """One file: what is durable of it, and what is on its way."""

    def __init__(self, path: str, durable: bytearray | None) -> None:
        self.path, self.durable = path, durable
        self.pending: list[Step] = []

    def sync(self) -> None:
        """All of it is durable."""
        for step in self.pending:
            self.durable = done(self.durable, step)
        if self.durable is None:
            self.durable = bytearray()
        self.pending.clear()

    def after_the_cut(self, chance: random.Random, losses: Losses) -> bytearray | None:
        """What is left of it."""
        content = None if self.durable is None else bytearray(self.durable)
        steps = self._since_deletion(chance)
        if steps is not self.pending:
            content = None
        for step in steps:
            for part in losses.survives(step, chance) if isinstance(step, Write) else [step][chance.random() < LOST :]:
                content = done(content, part)
        return self._shrunk(content, chance)

    def _since_deletion(self, chance: random.Random) -> list[Step]:
        """The steps that count: where a deletion has arrived, those after it; else those before it."""
        at = max((place for place, step in enumerate(self.pending) if isinstance(step, Delete)), default=None)
        if at is None:
            return self.pending
        if chance.random() < LOST:
            del self.pending[at:]
            return self.pending
        return self.pending[at + 1 :]

    def _shrunk(self, content: bytearray | None, chance: random.Random) -> bytearray | None:
        """A file that is new, or longer than it was, may not have become so."""
        if content is None or (self.durable is None and chance.random() < LOST):
            return None
        before = len(self.durable or b"")
        if len(content) > before and chance.random() < TORN:
            del content[chance.randint(before, len(content)) :]
        return content


def done(content: bytearray | None, step: Step) -> bytearray | None:
    """A file's content after a step."""
    if isinstance(step, Delete):
        return None
    content = bytearray() if content is None else content
    if isinstance(step, Truncate):
        del content[step.size :]
    else:
        if len(content) < step.offset:
            content.extend(bytes(step.offset - len(content)))
        content[step.offset : step.offset + len(step.data)] = step.data
    return content


class PowerlessDisk(apsw.VFS):
    """The default file system of SQLite until it is unregistered; loses its power at the so-many-th step.

    `within` counts only the steps of files whose names end so.
    """

    def __init__(self, chance: random.Random, cut_at: int, within: str = "") -> None:
        super().__init__("powerless", "unix", makedefault=True)
        self._chance, self._cut_at, self._within = chance, cut_at, within
        self._lock = threading.Lock()
        self._platters: dict[str, Platter] = {}
        self.steps = 0
        self.is_dead = False
        self.losses = Losses()
        self.left: dict[str, bytearray] = {}

    def excepthook(self, *raised: Any) -> bool:
        """Nobody hears of a step that a closing store tries without power."""
        return True

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> Any:  # noqa: N802
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        with self._lock:
            self._refuse_dead()
            if path not in self._platters:
                there = Path(path)
                self._platters[path] = Platter(path, bytearray(there.read_bytes()) if there.exists() else None)
        return File(self, self._platters[path], name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        with self._lock:
            platter = self._platters.setdefault(filename, Platter(filename, None))
            self._step(platter, Delete())
            if syncdir:
                platter.durable, platter.pending = None, []
        super().xDelete(filename, syncdir)

    def change(self, platter: Platter, step: Step) -> None:
        """A step of a file, on its way from now on."""
        with self._lock:
            self._step(platter, step)

    def sync(self, platter: Platter) -> None:
        """Everything of this file is durable from now on."""
        with self._lock:
            self._step(platter, None)
            platter.sync()

    def _step(self, platter: Platter, step: Step | None) -> None:
        self._refuse_dead()
        if step is not None:
            platter.pending.append(step)
        self.steps += platter.path.endswith(self._within)
        if self.steps == self._cut_at:
            self._cut()
            self._refuse_dead()

    def _refuse_dead(self) -> None:
        if self.is_dead:
            raise apsw.exception_for(apsw.SQLITE_IOERR)

    def _cut(self) -> None:
        self.is_dead = True
        for path, platter in self._platters.items():
            if path.endswith(".db") and platter.pending:
                self.losses.in_checkpoint = True
            content = platter.after_the_cut(self._chance, self.losses)
            if content is not None:
                self.left[Path(path).name] = content

    def save(self, folder: Path) -> None:
        """Write what the disk holds after the cut."""
        folder.mkdir()
        for name, content in self.left.items():
            (folder / name).write_bytes(content)


class File(apsw.VFSFile):
    """A file of the disk. It is never really synced: what that would do is `Platter.sync`."""

    def __init__(self, disk: PowerlessDisk, platter: Platter, name: Any, flags: list[int]) -> None:
        self._disk, self._platter = disk, platter
        super().__init__("unix", name, flags)

    def excepthook(self, *raised: Any) -> bool:
        """See the disk."""
        return True

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.change(self._platter, Write(offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._disk.change(self._platter, Truncate(newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.sync(self._platter)
