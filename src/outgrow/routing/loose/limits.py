"""How much one run does, and how much of it is shown."""

from __future__ import annotations

from dataclasses import dataclass

BATCH = 1000  # children a transaction, or read at once
GRACE = 60.0  # seconds before a key counts as dead that is missing though no trigger told so
WAIT = 10.0  # seconds between the two looks of a repair
SHOWN = 5  # orphans of each reference


@dataclass(frozen=True)
class Limits:
    """Of one run of clean; None is no limit. What is left is found by the next run."""

    batch: int = BATCH
    rows: int | None = 100_000  # children cleaned
    look: int | None = 10_000  # children looked at for each reference and watermark
    seconds: float | None = None
    grace: float = GRACE
