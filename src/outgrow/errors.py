"""Every error that a person can meet: one sentence with what was found, what was expected and what to do.

The command layer prints ``str(error)`` and leaves with ``error.exit_code``; nothing else is shown unless
``--traceback`` is given.

    OutgrowError (2)
    ├── Refused (2)            asked for something that would hurt; nothing was touched
    ├── Unreachable (2)        a database, driver or right is missing
    ├── AuditFailed (1)        rows or schema objects would lose data
    ├── VerifyFailed (1)       source and target differ
    ├── RowRefused (1)         the target refused rows, which are named
    ├── LostOwnership (3)      another mover has taken the run over
    └── Interrupted (130)      Ctrl-C; the run can be resumed
"""

from __future__ import annotations


class OutgrowError(Exception):
    """Base of all errors that are meant for people."""

    exit_code = 2


class Refused(OutgrowError):
    """The request would hurt somebody, or cannot be carried out as asked."""


class Unreachable(OutgrowError):
    """A database could not be reached or used: driver, host, login, database or rights.

    ``passing``: it may pass by itself, as with a server that is still starting.
    """

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


class AuditFailed(OutgrowError):
    """The audit found rows or schema objects that would lose data."""

    exit_code = 1


class VerifyFailed(OutgrowError):
    """Source and target do not hold the same rows."""

    exit_code = 1


class RowRefused(OutgrowError):
    """The target refused one or more rows of a chunk."""

    exit_code = 1

    def __init__(self, message: str, *, table: str = "", keys: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.table = table
        self.keys = keys


class LostOwnership(OutgrowError):
    """The run's epoch moved on: another mover owns it now."""

    exit_code = 3


class Interrupted(OutgrowError):
    """The person stopped the run."""

    exit_code = 130
