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


def dialect_for(settings: Settings) -> Dialect:
    """The dialect of a DATABASES entry; MySQL and MariaDB are told apart by asking the live server."""
    engine = str(settings.get("ENGINE", ""))
    backend = engine.rpartition(".")[2].lower()
    if "sqlite" in backend or backend == "spatialite":
        from outgrow.dialects.sqlite import SQLite

        return SQLite(settings)
    if "postg" in backend:
        from outgrow.dialects.postgresql import PostgreSQL

        return PostgreSQL(settings)
    if "mysql" in backend or "mariadb" in backend:
        from outgrow.dialects.mysql import open_dialect

        return open_dialect(settings)
    raise Unreachable(
        f"the database engine {engine or '(none)'} is not known; expected a backend of SQLite, PostgreSQL, MySQL or "
        "MariaDB: name one of these in ENGINE or in the URL."
    )
