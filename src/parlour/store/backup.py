"""Backup and restore: the whole database as one file.

1. A file gets its name when it is whole and on the disk, never before; none is overwritten.
2. A copy has no Epoch: the server that opens it makes a new one, and so clients notice that it is another history.
3. At every moment of a restore there is one whole database: that of before, or the restored one.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import apsw

from ..core.ports import StorageBroken
from . import migrations
from .folder import FolderLock, Unusable

NAME = "parlour.db"
BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database, by its name alone."""
UNFINISHED = ".unfinished"
PATIENCE = 5_000
"""Milliseconds that another program has to let go of a database."""


def backup(folder: Path, file: Path) -> None:
    """Copy a folder's database into a new file, also while a server writes. Raises Unusable, StorageBroken."""
    if not (folder / NAME).is_file():
        raise Unusable(f"There is no database in {folder}. Name the data folder: --data.")
    _judge_new(file)
    with _unfinished(file.parent, file.name) as unfinished:
        _copy(folder / NAME, apsw.SQLITE_OPEN_READWRITE, unfinished)  # Whoever only reads cannot tidy up behind a log.
        _judge_new(file)
        unfinished.rename(file)
    _to_disk(file.parent)


def restore(folder: Path, file: Path) -> Path | None:
    """Put a backup into a folder; where the database is now that was there. Raises Unusable, StorageBroken."""
    lock = FolderLock(folder)
    try:
        for left in folder.glob(f"{NAME}.*{UNFINISHED}"):  # By a restore that was killed: the lock is ours.
            left.unlink()
        with _unfinished(folder, NAME) as unfinished:
            _judge(file)
            _copy(file, apsw.SQLITE_OPEN_READONLY, unfinished)
            _give(unfinished, folder)
            kept = _set_aside(folder / NAME)
            unfinished.rename(folder / NAME)
        _to_disk(folder)
        return kept
    finally:
        lock.release()


# ------------------------------------------------------------------------------------------------------------ the copy


def _judge_new(file: Path) -> None:
    if file.exists():
        raise Unusable(f"{file} is there already. Name another file.")


@contextmanager
def _unfinished(folder: Path, name: str) -> Iterator[Path]:
    """An empty file that only its owner may read; gone at the end, unless it was renamed."""
    try:
        number, path = tempfile.mkstemp(prefix=name + ".", suffix=UNFINISHED, dir=folder)
    except OSError as raised:
        raise Unusable(f"Nothing can be written into {folder}: {raised.strerror}. Name another place.") from None
    os.close(number)
    try:
        yield Path(path)
    finally:
        Path(path).unlink(missing_ok=True)


def _copy(source: Path, flags: int, into: Path) -> None:
    """All of a database at one moment, in one file, on the disk."""
    with _opened(source, flags) as connection:
        migrations.judge(connection.execute)
        connection.execute("VACUUM INTO ?", (str(into),))
    with _opened(into, apsw.SQLITE_OPEN_READWRITE) as copy:
        copy.execute("PRAGMA journal_mode = MEMORY").fetchall()  # Whoever is killed here leaves no journal beside it.
        copy.execute("DELETE FROM Facts WHERE Name = 'Epoch'")
    _to_disk(into)


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[apsw.Connection]:
    """A database, and what is said when it cannot be used."""
    connection = None
    try:
        connection = apsw.Connection(str(path), flags=flags)
        connection.set_busy_timeout(PATIENCE)
        yield connection
    except (migrations.Foreign, apsw.NotADBError) as raised:
        why = str(raised) if isinstance(raised, migrations.Foreign) else "This is not a database of Parlour."
        raise Unusable(f"{path} cannot be used. {why}") from None
    except (apsw.BusyError, apsw.LockedError):
        raise Unusable(f"Another program is at work on {path}. Let it end, then try again.") from None
    except (apsw.CantOpenError, apsw.ReadOnlyError, apsw.PermissionsError):
        raise Unusable(f"{path} cannot be opened. Let this user read and write there.") from None
    except apsw.FullError:
        raise StorageBroken("The disk is full. Make room, then try again.") from None
    except (apsw.CorruptError, apsw.IOError) as raised:
        raise StorageBroken(f"{path} is damaged, or cannot be copied ({raised}).") from None
    finally:
        if connection:
            connection.close()


def _to_disk(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


# ---------------------------------------------------------------------------------------------------------- restoring


def _judge(file: Path) -> None:
    """Whether this version can go on with it, and whether it is sound."""
    if not file.is_file():
        raise Unusable(f"There is no file {file}.")
    with _opened(file, apsw.SQLITE_OPEN_READONLY) as connection:
        migrations.judge(connection.execute)
        said = " ".join(str(connection.execute("PRAGMA integrity_check(1)").get).split())
    if said != "ok":
        raise StorageBroken(f"{file} is damaged ({said}). Restore another backup.")


def _give(file: Path, folder: Path) -> None:
    """To whoever owns the folder: an administrator restores what a service must write."""
    owner = folder.stat()
    if owner.st_uid != os.geteuid():
        with suppress(PermissionError):  # Who is no administrator gives nothing away; the server will say so.
            os.chown(file, owner.st_uid, owner.st_gid)


def _set_aside(present: Path) -> Path | None:
    """Give the present database a second name, which it keeps; under the first one it stays until it is replaced."""
    kept = present.with_name(f"{NAME}.until-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}")
    there = present.exists()
    if there:
        _gather(present)
        kept.hardlink_to(present)
    for end in BESIDE:  # They are there only if the database is damaged or gone, and must not go into the restored one.
        with suppress(FileNotFoundError):
            Path(f"{present}{end}").rename(f"{kept}{end}")
    _to_disk(present.parent)
    return kept if there else None


def _gather(present: Path) -> None:
    """Bring a database into its one file, with what is only in its log."""
    with _opened(present, apsw.SQLITE_OPEN_READWRITE) as connection, suppress(apsw.NotADBError, apsw.CorruptError):
        connection.execute("PRAGMA journal_mode = DELETE").fetchall()
