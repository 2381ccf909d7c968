"""A digest of a table's rows as they are stored: equal before and after exactly where no value and no row changed."""

from __future__ import annotations

from collections.abc import Iterator

from outgrow.dialects.base import Dialect, Session, Table
from outgrow.lines import Digest, digest

BATCH = 2000


def stored_digest(dialect: Dialect, session: Session, table: Table) -> Digest:
    """One pass in flat memory; of one engine only, for each has its own values."""
    found = Digest()
    for lines in _batches(dialect, session, table):
        found += digest(b"\n".join([*lines, b""]))
    return found


def _batches(dialect: Dialect, session: Session, table: Table) -> Iterator[list[bytes]]:
    lines: list[bytes] = []
    for row in dialect.stored(session, table):
        lines.append(ascii(row).encode())  # no line break in it
        if len(lines) == BATCH:
            yield lines
            lines = []
    if lines:
        yield lines
