"""The ledger's tables as SQL: made by Django's schema editor of the target's engine, written with plain statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Model
from django.db.utils import load_backend

from outgrow.dialects.base import Dialect, Session, Trouble
from outgrow.errors import Refused
from outgrow.models import LEDGER, Run

ROWS_PER_INSERT = 500


class Raw(str):
    """SQL, not a value."""


def exists(dialect: Dialect, session: Session, model: type[Model] = Run) -> bool:
    """Whether the table is there and may be read. Asked directly: listing a catalog can count every row of a file."""
    try:
        session.query(f"SELECT COUNT(*) FROM {dialect.quote(model._meta.db_table)} WHERE 1 = 0")
    except Exception as error:
        session.rollback()
        if dialect.trouble(error) in (Trouble.LOST, Trouble.BUSY):
            raise
        return False
    return True


def create(dialect: Dialect, session: Session) -> None:
    """Make the tables that are not there yet (an older release made fewer); two movers may do so at once."""
    absent = [model for model in LEDGER if not exists(dialect, session, model)]
    for model, statements in _ddl(dialect, absent):
        for statement in statements:
            try:
                session.execute(statement)
            except Exception as error:
                session.rollback()
                if not exists(dialect, session, model):
                    raise Refused(
                        f"The ledger's table {model._meta.db_table} cannot be made in the target "
                        f"({dialect.explain(error)}): give the target's user the right to create tables."
                    ) from error


def _ddl(dialect: Dialect, models: Sequence[type[Model]]) -> list[tuple[type[Model], list[str]]]:
    """Each model's statements as Django's schema editor would run them."""
    if not models:
        return []
    settings = {**dialect.settings, "TIME_ZONE": None}  # which Django forbids without USE_TZ
    settings["OPTIONS"] = {k: v for k, v in (settings.get("OPTIONS") or {}).items() if k != "pool"}
    connection = load_backend(str(settings["ENGINE"])).DatabaseWrapper(settings, "outgrow-ledger")
    made = []
    try:
        for model in models:
            editor = connection.schema_editor(collect_sql=True, atomic=False)
            BaseDatabaseSchemaEditor.__enter__(editor)  # SQLite's own looks through every key of the whole file
            editor.create_model(model)
            BaseDatabaseSchemaEditor.__exit__(editor, None, None, None)
            made.append((model, [str(statement) for statement in editor.collected_sql]))
    finally:
        connection.close()
    return made


def columns(model: type[Model]) -> list[str]:
    return [str(f.column) for f in model._meta.concrete_fields]


def insert(dialect: Dialect, session: Session, model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns, several at a time."""
    for start in range(0, len(rows), ROWS_PER_INSERT):
        some = rows[start : start + ROWS_PER_INSERT]
        names = ", ".join(map(dialect.quote, some[0]))
        values = ", ".join(f"({', '.join(_value(dialect, v) for v in row.values())})" for row in some)
        session.execute(f"INSERT INTO {dialect.quote(model._meta.db_table)} ({names}) VALUES {values}")


def update(
    dialect: Dialect, session: Session, model: type[Model], values: Mapping[str, Any], where: Mapping[str, Any]
) -> int:
    """Rows changed. MySQL does not count a row that already was as asked."""
    changes = ", ".join(f"{dialect.quote(name)} = {_value(dialect, value)}" for name, value in values.items())
    return session.execute(f"UPDATE {dialect.quote(model._meta.db_table)} SET {changes}{_where(dialect, where)}")


def delete(dialect: Dialect, session: Session, model: type[Model], where: Mapping[str, Any]) -> int:
    return session.execute(f"DELETE FROM {dialect.quote(model._meta.db_table)}{_where(dialect, where)}")


def select(
    dialect: Dialect, session: Session, model: type[Model], where: Mapping[str, Any], order: str = "id"
) -> list[dict[str, Any]]:
    """Rows as dictionaries by column name."""
    names = columns(model)
    found = session.query(
        f"SELECT {', '.join(map(dialect.quote, names))} FROM {dialect.quote(model._meta.db_table)}"
        f"{_where(dialect, where)} ORDER BY {dialect.quote(order)}"
    )
    return [dict(zip(names, row, strict=True)) for row in found]


def _where(dialect: Dialect, where: Mapping[str, Any]) -> str:
    if not where:
        return ""
    terms = (
        f"{dialect.quote(name)} {'IS' if value is None else '='} {_value(dialect, value)}"
        for name, value in where.items()
    )
    return f" WHERE {' AND '.join(terms)}"


def _value(dialect: Dialect, value: Any) -> str:
    if isinstance(value, Raw):
        return str(value)
    return dialect.literal(int(value) if isinstance(value, bool) else value)
