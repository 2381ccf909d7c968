"""A private folder for a snapshot, which a later run removes where this process was killed before it could."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

PREFIX = "outgrow-snapshot-"
YOUNG = 60.0  # seconds within which a folder may not have its lock yet


class PrivateFolder:
    """A new folder in ``parent``. The lock on the file in it lasts as long as the process, however that ends."""

    def __init__(self, parent: Path) -> None:
        self.path = tempfile.mkdtemp(prefix=PREFIX, dir=parent)
        self._lock = os.open(os.path.join(self.path, "owner"), os.O_CREAT | os.O_RDWR, 0o600)
        _is_ours(self._lock)

    def remove(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1
        shutil.rmtree(self.path, ignore_errors=True)


def sweep(parent: Path) -> None:
    """Remove what killed processes left: each is a whole copy of a database."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):  # another user's, or gone by now
            if time.time() - folder.stat().st_mtime > YOUNG and _is_left(folder / "owner"):
                shutil.rmtree(folder, ignore_errors=True)


def _is_left(owner: Path) -> bool:
    lock = os.open(owner, os.O_RDWR)
    try:
        return _is_ours(lock)
    finally:
        os.close(lock)


def _is_ours(lock: int) -> bool:
    """Take the lock if nobody has it; a system without such locks (Windows) says no, so that nothing is swept there."""
    try:
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True
