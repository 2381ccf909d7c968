"""A word of OPTIONS, or of a URL, that a driver does not know, answered with the nearest one that it does."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from outgrow.dialects.inspecting.base import Refusal, failed


def mistaken(given: str, what: str, driver: str, known: Sequence[str]) -> Refusal:
    """``what``: "option", or "sslmode" for a value of that one."""
    near = get_close_matches(given.lower(), [word.lower() for word in known], 1)
    right = next((word for word in known if near and word.lower() == near[0]), "")
    hint = f"did you mean {right}?" if right else f"correct it; {', '.join(known)} are usual."
    return Refusal("D106", failed(f"The settings have {given!r}, and {driver} knows no such {what}: {hint}"))
