"""SQLite: a lock file beside the database, locked by flock; the kernel ends it with the process.

The file itself stays: whoever removed it could remove the one that another process has just locked.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket

from outgrow.dialects.base import Settings
from outgrow.dialects.exclusive import Exclusive, Unneeded
from outgrow.dialects.sqlite.session import file_of, in_memory
from outgrow.errors import Refused, Unreachable


class FileLock(Exclusive):
    def __init__(self, settings: Settings, purpose: str) -> None:
        self.path = f"{os.path.realpath(file_of(settings))}.{purpose}.lock"
        self.taken = False
        try:
            self.descriptor: int | None = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except FileNotFoundError:
            raise Unreachable(
                f"the folder of the SQLite file {file_of(settings)} does not exist: create it or correct the path."
            ) from None
        except OSError as error:
            raise Refused(
                f"the lock file {self.path} cannot be opened ({error.strerror}): let this user write to it and in its "
                "folder, as SQLite itself must."
            ) from None

    def take(self) -> bool:
        assert self.descriptor is not None
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            raise Refused(
                f"the file system of {self.path} takes no locks ({error.strerror}): put the database on one that does."
            ) from None
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode(), 0)
        self.taken = True
        return True

    def held(self) -> bool:
        return self.taken

    def holder(self) -> str:
        assert self.descriptor is not None
        return os.pread(self.descriptor, 200, 0).decode(errors="replace")

    def close(self) -> None:
        if self.descriptor is not None:
            with contextlib.suppress(OSError):
                if self.taken:
                    os.ftruncate(self.descriptor, 0)
                os.close(self.descriptor)
            self.descriptor, self.taken = None, False


def exclusive(settings: Settings, purpose: str) -> Exclusive:
    """The lock of a file; none is needed for a database in this process's memory."""
    return Unneeded() if in_memory(settings) else FileLock(settings, purpose)
