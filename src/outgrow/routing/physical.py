"""Aliases that are one physical database, as far as their settings tell; nothing is connected to."""

from __future__ import annotations

import sys
from typing import Any

from django.db import connections

from outgrow.dialects.where import where


def same_database(one: str, other: str) -> bool:
    """Whether two aliases of the project are one database by their settings, or by a test's MIRROR.

    An alias that DATABASES does not have, which the checks report, is like no other.
    """
    known = connections.settings
    return one == other or (one in known and other in known and place(one) == place(other))


def under_test() -> bool:
    """Whether Django's tests run in this process: only then does MIRROR mean anything, though it is always set."""
    utils = sys.modules.get("django.test.utils")
    return utils is not None and hasattr(utils._TestState, "saved_data")


def shut_by_test(connection: Any) -> bool:
    """Whether the test that runs leaves this alias out of its ``databases``: Django then lets nothing through it."""
    cases = sys.modules.get("django.test.testcases")
    return cases is not None and isinstance(connection.__dict__.get("cursor"), cases._DatabaseFailure)


def place(alias: str) -> tuple[str, ...]:
    """What two aliases of one database have in common."""
    connection = connections[alias]
    settings = connection.settings_dict
    mirrored = settings["TEST"].get("MIRROR")
    tested = under_test() and mirrored and mirrored != alias
    if tested and settings["NAME"] == connections[mirrored].settings_dict["NAME"]:
        return place(mirrored)  # the mirror is the very database of the other
    return where(connection.vendor, alias, settings)
