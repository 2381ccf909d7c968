"""Counters are rows of their own, changed in the transaction of what they count; counting anew finds what is wrong.

An app that has counters has a module ``counters`` with ``recount(using)``: it puts every counter right, makes those
that are missing, and returns how many were wrong. It writes to the database ``using``, or to the app's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec


def recount(apps: Iterable[str], using: str | None = None) -> dict[str, int]:
    """How many counters were wrong, by app."""
    return {
        app: import_module(f"plaza.{app}.counters").recount(using)
        for app in apps
        if find_spec(f"plaza.{app}.counters") is not None
    }
