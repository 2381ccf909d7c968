"""The engines' answers; :func:`dialect_for` picks the one for a DATABASES entry."""

from __future__ import annotations

from typing import Any

from outgrow.dialects.base import Dialect, Settings
from outgrow.errors import Unreachable


def beside_a_heartbeat(wrapper: Any) -> None:
    """Let Django's own connection wait for the ledger's heartbeat instead of failing where the engine needs help."""
    if wrapper.vendor == "sqlite":
        from outgrow.dialects.sqlite.session import lock_at_begin

        lock_at_begin(wrapper)


def family(settings: Settings) -> str:
    """The engine by Django's backend alone: "sqlite", "postgresql", "mysql" (MariaDB as well), "" for others."""
    backend = str(settings.get("ENGINE", "")).rpartition(".")[2].lower()
    if "sqlite" in backend or backend == "spatialite":
        return "sqlite"
    if "postg" in backend:
        return "postgresql"
    return "mysql" if "mysql" in backend or "mariadb" in backend else ""


def dialect_for(settings: Settings) -> Dialect:
    """The dialect of a DATABASES entry; MySQL and MariaDB are told apart by asking the live server."""
    engine = family(settings)
    if engine == "sqlite":
        from outgrow.dialects.sqlite import SQLite

        return SQLite(settings)
    if engine == "postgresql":
        from outgrow.dialects.postgresql import PostgreSQL

        return PostgreSQL(settings)
    if engine == "mysql":
        from outgrow.dialects.mysql import open_dialect

        return open_dialect(settings)
    raise Unreachable(
        f"the database engine {settings.get('ENGINE') or '(none)'} is not known; expected a backend of SQLite, "
        "PostgreSQL, MySQL or MariaDB: name one of these in ENGINE or in the URL."
    )
