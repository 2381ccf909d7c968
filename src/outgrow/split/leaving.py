"""Dropping the old copy: only what was moved, proved and switched, is still what was copied, and is asked by nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

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


def nobody_asks(dialect: Dialect, session: Session, live: Mapping[str, Table], tables: Sequence[str]) -> None:
    """Refused where something that stays asks for a table that goes: a key that came back, a view, a trigger."""
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
    for one in dialect.leaning(session, tables):
        raise Refused(
            f"the {one.kind} {one.name} on the source asks for {one.table}, which would be gone: drop or change it "
            "first, and rerun."
        )


@contextmanager
def nobody_writes(dialect: Dialect, session: Session, tables: Sequence[str]) -> Iterator[None]:
    """From the comparison to the drop: a row that came between the two would be lost."""
    dialect.impatient(session)
    try:
        with dialect.held(session, tables):
            yield
    except OutgrowError:
        raise
    except Exception as error:
        raise OutgrowError(
            f"the old tables cannot be dropped from the source: {dialect.explain(error)}; correct this and rerun."
        ) from error
