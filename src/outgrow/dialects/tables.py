"""Names of tables that are the engines' own, or that Django's schema editors make for a moment."""

from __future__ import annotations

import re

MYSQLS_OWN = frozenset({"information_schema", "mysql", "performance_schema", "sys"})
"""Schemas that every MySQL and MariaDB has."""

_SCHEMAS = MYSQLS_OWN | {"pg_catalog"}
_PREFIXES = ("pg_", "sqlite_")
_NAMES = frozenset({"dual"})
_REBUILT = "new__"  # SQLite: the table that takes the place of another
_PARTITION = re.compile(r"(?:_p?\d+)+$")


def is_internal(schema: str, table: str) -> bool:
    """Whether the engine keeps this table for itself, on any engine."""
    folded = table.lower()
    return schema.lower() in _SCHEMAS or folded.startswith(_PREFIXES) or folded in _NAMES


def stands_for(table: str) -> str:
    """The table whose rows this one holds: a copy that is being rebuilt, or a numbered partition; else itself."""
    return _PARTITION.sub("", table.removeprefix(_REBUILT)) or table
