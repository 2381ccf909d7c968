"""Aliases that are one physical database, as far as their settings tell; nothing is connected to."""

from __future__ import annotations

from django.db import connections

from outgrow.dialects.where import where


def same_database(one: str, other: str) -> bool:
    """Whether two aliases of the project are one database by their settings, or by a test's MIRROR.

    An alias that DATABASES does not have, which the checks report, is like no other.
    """
    known = connections.settings
    return one == other or (one in known and other in known and place(one) == place(other))


def place(alias: str) -> tuple[str, ...]:
    """What two aliases of one database have in common."""
    connection = connections[alias]
    settings = connection.settings_dict
    mirrored = settings["TEST"].get("MIRROR")
    if mirrored and mirrored != alias and settings["NAME"] == connections[mirrored].settings_dict["NAME"]:
        return place(mirrored)  # a test runs: the mirror is the very connection of the other
    return where(connection.vendor, alias, settings)
