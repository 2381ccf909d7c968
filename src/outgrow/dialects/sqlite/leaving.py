"""Dropping tables for good from a SQLite file: nobody else writes meanwhile, and nothing else asks for them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from outgrow.dialects.base import Session
from outgrow.dialects.leaning import Leaning, leaning_texts
from outgrow.dialects.sqlite.catalog import quote


@contextmanager
def held(session: Session) -> Iterator[None]:
    """The file's write lock, for the block; all or nothing of what is done in it."""
    session.begin()
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise


def drop_tables(session: Session, tables: Sequence[str]) -> None:
    for table in tables:  # in any order: foreign keys are not enforced on our connections
        session.execute(f"DROP TABLE {quote(table)}")


def leaning(session: Session, tables: Collection[str]) -> list[Leaning]:
    going = {name.lower() for name in tables}
    found = session.query(
        "SELECT type,name,tbl_name,sql FROM sqlite_master WHERE type IN ('view','trigger') AND sql IS NOT NULL"
    )
    return [
        one
        for kind, name, on, sql in found
        if not (kind == "trigger" and on.lower() in going)
        for one in leaning_texts(kind, name, sql, tables, ("main",))
    ]
