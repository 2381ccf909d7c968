"""The server's version beside the oldest that this Django takes."""

from __future__ import annotations

from outgrow.dialects.inspecting.base import Said, failed, good


def judged(what: str, live: tuple[int, ...], least: tuple[int, ...], cure: str) -> Said:
    """``what``: "The server is PostgreSQL"; ``cure``: what to do, but for staying with an older Django."""
    found = f"{what} {_text(live)}"
    if live < least:
        return failed(f"{found}, and this Django needs {_text(least)} or newer: {cure}, or stay with an older Django.")
    return good(found[0].lower() + found[1:] if what.startswith("The") else found)


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
