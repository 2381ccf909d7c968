"""Which chunk comes next: the order of the plan, but no two of a table whose loads would only wait for each other."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection, Sequence

from outgrow.ledger.records import ChunkRecord


class Agenda:
    """Chunks for several workers.

    Of a table in ``alone`` one chunk is at work while other tables have chunks left: on MariaDB, where the second load
    of a table waits for the first one's lock, two workers on one table are as slow as one.
    """

    def __init__(self, chunks: Sequence[ChunkRecord], alone: Collection[str]) -> None:
        self._waiting = list(chunks)
        self._alone = alone
        self._at_work: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self) -> ChunkRecord | None:
        """The next chunk to work on, or None at the end."""
        with self._lock:
            if not self._waiting:
                return None
            free = (i for i, c in enumerate(self._waiting) if c.table not in self._alone or not self._at_work[c.table])
            chunk = self._waiting.pop(next(free, 0))
            self._at_work[chunk.table] += 1
            return chunk

    def done(self, chunk: ChunkRecord) -> None:
        """A worker leaves the chunk's table."""
        with self._lock:
            self._at_work[chunk.table] -= 1
