"""Before the copy: rows that migrations inserted are cleared; indexes, keys and triggers are set aside.

The full DDL of all that is dropped is committed to the ledger before the first DROP. Each function may be killed
between any two statements and run again: what is to be done follows from the live catalog and the ledger, not from
how far it came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from outgrow.dialects.base import Dialect, ObjectKind, SchemaObject, Session, SetAside, Table
from outgrow.errors import LostOwnership, OutgrowError, Refused
from outgrow.schema.catalog import identity

NEVER_CLEARED = ("django_migrations", "outgrow_")


class Recorded(Protocol):
    """An object that was set aside, and whether it is back."""

    @property
    def item(self) -> SetAside: ...
    @property
    def restored(self) -> bool: ...


class Record(Protocol):
    """What this step needs of the ledger; each call is committed when it returns, or when its ``together`` block ends.

    A session that has joined is ended by the next mover, for a server finishes an ALTER whose client was killed.
    """

    def record_set_aside(self, items: Sequence[SetAside]) -> None: ...
    def set_aside(self) -> Sequence[Recorded]: ...
    def restored(self, item: SetAside) -> None: ...
    def together(self) -> AbstractContextManager[None]: ...
    def join(self, session: Session) -> None: ...
    def check(self) -> None: ...
    def hold(self, session: Session) -> None: ...


def clear_rows(dialect: Dialect, session: Session, tables: Sequence[str], ledger: Record | None = None) -> None:
    """Empty exactly these tables of what migrations inserted (content types, permissions, sites, root pages, …).

    In one transaction that only the run's owner can commit: a mover that was stopped here, and wakes up when another
    has copied everything, must not empty it.
    """
    for name in tables:
        if name == NEVER_CLEARED[0] or name.startswith(NEVER_CLEARED[1]):
            raise Refused(f"{name} is never cleared, but the plan asks for it: leave it out of the plan and rerun.")
    _refuse_dependants(dialect, session, tables)
    if ledger is not None:
        ledger.join(session)
    try:
        session.begin()
        if ledger is not None:
            ledger.hold(session)
        dialect.clear(session, tables)
        session.commit()
    except LostOwnership:
        session.rollback()
        raise
    except Exception as error:
        session.rollback()
        raise OutgrowError(
            f"the rows that migrations made on the target cannot be cleared: {dialect.explain(error)}; correct "
            "this and rerun with --resume."
        ) from error
    if full := [name for name in tables if session.query(f"SELECT 1 FROM {dialect.quote(name)} LIMIT 1")]:
        raise OutgrowError(
            f"{full[0]} still holds rows after it was cleared: something writes to the target; stop it and rerun."
        )


def _refuse_dependants(dialect: Dialect, session: Session, tables: Sequence[str]) -> None:
    """Rows outside the plan that refer into it would go with them, or be left without parents."""
    q, inside = dialect.quote, set(tables)
    for table in dialect.tables(session).values():
        for key in table.objects:
            if table.name in inside or key.refers is None or key.refers[0] not in inside:
                continue
            filled = " AND ".join(f"{q(column)} IS NOT NULL" for column in key.columns)
            if session.query(f"SELECT 1 FROM {q(table.name)} WHERE {filled} LIMIT 1"):
                raise Refused(
                    f"{key.refers[0]} must be emptied, but rows of {table.name}, which is not in the plan, refer to "
                    f"it: add {table.name} to the plan, or empty it by hand, and rerun with --resume."
                )


def set_aside(dialect: Dialect, session: Session, tables: Sequence[str], ledger: Record) -> list[SetAside]:
    """Drop what slows the copy down; returns all that is aside now and must be restored."""
    ledger.join(session)
    live = dialect.tables(session)
    held = _held(live, tables)
    present = [
        item
        for item in droppable(dialect, [live[name] for name in tables if name in live])
        if item.object.kind is ObjectKind.FOREIGN or not _holds(item.object, held)
    ]
    pending = [record.item for record in ledger.set_aside() if not record.restored]
    known = {identity(item.object) for item in pending}
    fresh = [item for item in present if identity(item.object) not in known]
    ledger.record_set_aside(fresh)
    ledger.check()
    _drop(dialect, session, present)  # by the statements that fit the live catalog, not those of an earlier one
    return [*pending, *fresh]


def droppable(dialect: Dialect, tables: Sequence[Table]) -> list[SetAside]:
    """What the dialect would set aside of these tables as they are now."""
    return [*dialect.disable_triggers(tables), *dialect.set_aside(tables)]


def _held(live: Mapping[str, Table], tables: Sequence[str]) -> set[tuple[str, tuple[str, ...]]]:
    """(table, columns) that foreign keys lean on which are not set aside: what is unique there has to stay."""
    inside = set(tables)
    return {o.refers for t in live.values() for o in t.objects if o.refers and (t.name not in inside or o.stays)}


def _holds(thing: SchemaObject, held: set[tuple[str, tuple[str, ...]]]) -> bool:
    return any(thing.table == table and thing.columns[: len(columns)] == columns for table, columns in held)


def _drop(dialect: Dialect, session: Session, items: Sequence[SetAside]) -> None:
    """Foreign keys (restored late) go before the indexes that they lean on."""
    if not items:
        return
    if dialect.transactional_ddl:
        session.begin()
    try:
        for item in sorted(items, key=lambda item: -item.order):
            for statement in item.drop:
                session.execute(statement)
        if dialect.transactional_ddl:
            session.commit()
    except Exception as error:
        session.rollback()
        raise OutgrowError(
            f"{item.object.name} of {item.object.table} cannot be set aside: {dialect.explain(error)}; correct this "
            "and rerun with --resume."
        ) from error
