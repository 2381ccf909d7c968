"""Lists of names as sentences have them."""

from __future__ import annotations

from collections.abc import Sequence

SHOWN = 4


def listed(names: Sequence[str]) -> str:
    """ "a, b, c, d and 3 more"."""
    rest = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")
