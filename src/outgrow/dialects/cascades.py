"""What the servers do by themselves when a row is deleted."""

from __future__ import annotations


def triggers_see_cascades(vendor: str) -> bool:
    """Whether a table's DELETE triggers fire for rows that ON DELETE CASCADE takes; ``vendor`` is Django's name.

    MySQL and MariaDB delete such rows inside the storage engine, below the triggers.
    """
    return vendor != "mysql"
