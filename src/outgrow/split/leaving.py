"""Dropping the old copy: only what was moved, proved and switched, is still what was copied, and is asked by nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from outgrow.dialects.base import Dialect, ObjectKind, Session, Table
from outgrow.errors import OutgrowError, Refused
from outgrow.split.rows import stored_digest


def still_copied(
    dialect: Dialect, session: Session, live: Mapping[str, Table], copied: Mapping[str, str], gone: Sequence[str]
) -> list[str]:
    """The tables to drop, all of which hold exactly the rows that were copied; Refused where one does not.

    ``gone`` are those that an interrupted call was about to drop.
    """
    for name, digest in copied.items():
        if name not in live:
            if name in gone:
                continue
            raise Refused(
                f"the source has no table {name} any more, and it was not this command that dropped it: look who did, "
                "before the rest goes."
            )
        now = str(stored_digest(dialect, session, live[name]))
        if now != digest:
            raise Refused(
                f"{name} on the source is not what was copied ({_rows(now)} rows now, {_rows(digest)} then, or other "
                "values): somebody wrote there after the copy; see what, and bring it to the new database first."
            )
    return [name for name in copied if name in live]


def _rows(digest: str) -> str:
    return digest.partition(":")[0]


def nobody_refers(live: Mapping[str, Table], tables: Sequence[str]) -> None:
    """Refused where a table that stays has a foreign key to one that goes: it came back after the switch."""
    going = {name.lower() for name in tables}
    for table in live.values():
        for thing in table.objects:
            if table.name.lower() in going or thing.kind is not ObjectKind.FOREIGN or thing.refers is None:
                continue
            if thing.refers[0].lower() in going:
                raise Refused(
                    f"{table.name} on the source refers to {thing.refers[0]} by the constraint {thing.name} again: "
                    "drop it there, and see which migration brought it back."
                )


def drop(dialect: Dialect, session: Session, tables: Sequence[str]) -> None:
    """Drop them, as one where the engine can."""
    dialect.impatient(session)
    if dialect.transactional_ddl:
        session.begin()
    try:
        dialect.drop_tables(session, tables)
        if dialect.transactional_ddl:
            session.commit()
    except Exception as error:
        session.rollback()
        raise OutgrowError(
            f"the old tables cannot be dropped from the source: {dialect.explain(error)}; correct this and rerun."
        ) from error
