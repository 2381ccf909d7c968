"""How far the counters of keys are from their ends (a table whose counter ends takes no row any more)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from outgrow.dialects.inspecting.base import Said, failed, good, warning

EARLY, LATE = 0.5, 0.9  # parts of what a counter can hold


@dataclass(frozen=True, slots=True)
class Counter:
    table: str
    column: str
    type: str
    last: int
    most: int

    @property
    def used(self) -> float:
        return self.last / self.most


def judge(counters: Iterable[Counter], cure: Callable[[Counter], str]) -> Iterator[Said]:
    """One answer for each counter that is half used, or one that all have room."""
    found = sorted(counters, key=lambda counter: counter.used, reverse=True)
    for counter in found:
        if counter.used < EARLY:
            break
        say = failed if counter.used >= LATE else warning
        yield say(
            f"The keys of {counter.table} have used {counter.used:.0%} of {counter.type}: when they end no row can be "
            "added, so widen the column (and what refers to it) in time.",
            cure(counter),
        )
    if not found or found[0].used < EARLY:
        yield good(f"the fullest of {len(found)} counters has used {found[0].used:.0%}" if found else "no counters yet")
