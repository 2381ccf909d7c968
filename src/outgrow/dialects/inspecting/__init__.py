"""What ``outgrow doctor`` asks of the engines; :func:`inspection_for` picks the one for a DATABASES entry."""

from __future__ import annotations

from outgrow.dialects import family
from outgrow.dialects.base import Settings
from outgrow.dialects.inspecting.base import Greeting, Inspection, Level, Refusal, Said, failed, good, warning
from outgrow.errors import Unreachable

__all__ = ["Greeting", "Inspection", "Level", "Refusal", "Said", "failed", "good", "inspection_for", "warning"]


def inspection_for(settings: Settings, alias: str | None, most_lag: float | None) -> Inspection:
    """By the name of the backend alone: nothing is connected to, and no driver is needed."""
    engine = family(settings)
    if engine == "sqlite":
        from outgrow.dialects.inspecting.sqlite import SQLiteInspection

        return SQLiteInspection(settings, alias, most_lag)
    if engine == "postgresql":
        from outgrow.dialects.inspecting.postgresql import PostgreSQLInspection

        return PostgreSQLInspection(settings, alias, most_lag)
    if engine == "mysql":
        from outgrow.dialects.inspecting.mysql import MySQLInspection

        return MySQLInspection(settings, alias, most_lag)
    backend = str(settings.get("ENGINE", "")).rpartition(".")[2].lower()
    raise Unreachable(
        f"the database engine {backend or '(none)'} is not known; expected a backend of SQLite, PostgreSQL, MySQL or "
        "MariaDB: name one of these in ENGINE."
    )
