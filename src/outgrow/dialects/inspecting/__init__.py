"""What ``outgrow doctor`` asks of the engines; :func:`inspection_for` picks the one for a DATABASES entry."""

from __future__ import annotations

from outgrow.dialects.base import Settings
from outgrow.dialects.inspecting.base import Greeting, Inspection, Level, Refusal, Said, failed, good, warning
from outgrow.errors import Unreachable

__all__ = ["Greeting", "Inspection", "Level", "Refusal", "Said", "failed", "good", "inspection_for", "warning"]


def inspection_for(settings: Settings, alias: str | None, most_lag: float | None) -> Inspection:
    """By the name of the backend alone: nothing is connected to, and no driver is needed."""
    backend = str(settings.get("ENGINE", "")).rpartition(".")[2].lower()
    if "sqlite" in backend or backend == "spatialite":
        from outgrow.dialects.inspecting.sqlite import SQLiteInspection

        return SQLiteInspection(settings, alias, most_lag)
    if "postg" in backend:
        from outgrow.dialects.inspecting.postgresql import PostgreSQLInspection

        return PostgreSQLInspection(settings, alias, most_lag)
    if "mysql" in backend or "mariadb" in backend:
        from outgrow.dialects.inspecting.mysql import MySQLInspection

        return MySQLInspection(settings, alias, most_lag)
    raise Unreachable(
        f"the database engine {backend or '(none)'} is not known; expected a backend of SQLite, PostgreSQL, MySQL or "
        "MariaDB: name one of these in ENGINE."
    )
