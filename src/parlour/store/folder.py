"""The data folder: one process at a time, and its files stay where they are.

1. The lock is a file of its own beside the database: SQLite's own locks come and go, and closing any descriptor of the
   database would drop them.
2. A file that was deleted or replaced can be written on, and is lost with the process: it is looked for by its name.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from ..core.ports import StorageBroken


class Unusable(Exception):
    """This data must not be touched by this version, here and now. The text says what to do."""


class FolderLock:
    """Held as long as the process lives, and gone with it."""

    def __init__(self, folder: Path) -> None:
        try:
            self._file = os.open(folder / "parlour.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            raise Unusable(f"{folder} cannot be written. Let this user write there, or name another folder.") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise Unusable(f"Another server runs on {folder}. Stop it first, or name another folder.") from None

    def release(self) -> None:
        """Let another process have it."""
        os.close(self._file)


class OpenFiles:
    """The files of an open database, as they were when it was opened."""

    def __init__(self, path: Path) -> None:
        base = path.absolute()
        files = [base.with_name(base.name + end) for end in ("", "-wal", "-shm")]
        self._files = [(file, _identity(file)) for file in files]

    def judge(self) -> None:
        """Whether they are still the same. Raises StorageBroken."""
        for file, was in self._files:
            if _identity(file) != was:
                raise StorageBroken(
                    f"{file} was deleted or replaced while the server ran. Put the database in order, or restore a "
                    "backup, and start again."
                )


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
