"""The data folder: one process at a time.

The lock is a file of its own beside the database: SQLite's own locks come and go, and closing any descriptor of the
database would drop them.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


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
