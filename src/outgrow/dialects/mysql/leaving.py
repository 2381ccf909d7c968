"""Dropping tables for good from MySQL and MariaDB: nobody else uses them meanwhile, and nothing else asks for them."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from outgrow.dialects.base import Session
from outgrow.dialects.leaning import Leaning, leaning_texts
from outgrow.dialects.mysql.catalog import literal
from outgrow.dialects.mysql.ddl import quote
from outgrow.dialects.mysql.session import MySQLdb

_REFERRED = (1217, 1451, 3730)  # a table with children cannot be dropped: MariaDB's two, MySQL's

_KEYS = """
SELECT concat(table_schema,'.',table_name,'.',constraint_name),referenced_table_name
FROM information_schema.key_column_usage WHERE referenced_table_schema=DATABASE() AND table_schema<>DATABASE()
  AND lower(referenced_table_name) IN ({tables}) GROUP BY table_schema,table_name,constraint_name,referenced_table_name
"""
_BETWEEN = """
SELECT table_name,constraint_name FROM information_schema.referential_constraints
WHERE constraint_schema=DATABASE() AND lower(table_name) IN ({tables}) AND lower(referenced_table_name) IN ({tables})
  AND lower(table_name)<>lower(referenced_table_name)
"""
_SYSTEM = "('sys','mysql','information_schema','performance_schema')"
_TEXTS = {  # (database, name, table that it stands on, text)
    "view": f"""
        SELECT table_schema,table_name,'',view_definition FROM information_schema.views
        WHERE table_schema NOT IN {_SYSTEM}""",
    "trigger": f"""
        SELECT trigger_schema,trigger_name,lower(event_object_table),action_statement FROM information_schema.triggers
        WHERE trigger_schema NOT IN {_SYSTEM}""",
    "routine": f"""
        SELECT routine_schema,routine_name,'',routine_definition FROM information_schema.routines
        WHERE routine_schema NOT IN {_SYSTEM}""",
    "event": f"""
        SELECT event_schema,event_name,'',event_definition FROM information_schema.events
        WHERE event_schema NOT IN {_SYSTEM}""",
}


@contextmanager
def held(session: Session, tables: Sequence[str]) -> Iterator[None]:
    """LOCK TABLES … WRITE, for the block: this session then sees these tables alone."""
    if tables:
        session.execute("LOCK TABLES " + ",".join(f"{quote(table)} WRITE" for table in tables))
    try:
        yield
    finally:
        with contextlib.suppress(Exception):
            session.execute("UNLOCK TABLES")


def drop_tables(session: Session, tables: Sequence[str]) -> None:
    """Children first, each with the server's own refusal to drop what others refer to, another database's too."""
    left = list(tables)
    while left:
        refused = [table for table in left if not _dropped(session, table)]
        if len(refused) == len(left) and not _part(session, left):
            session.execute(f"DROP TABLE {quote(left[0])}")  # says why
        left = refused


def _dropped(session: Session, table: str) -> bool:
    try:
        session.execute(f"DROP TABLE {quote(table)}")
    except MySQLdb.Error as error:
        if error.args[0] not in _REFERRED:
            raise
        return False
    return True


def _part(session: Session, tables: Sequence[str]) -> int:
    """Drop the keys by which these tables refer to each other in a circle; returns how many there were."""
    keys = session.query(_BETWEEN.format(tables=_listed(tables)))
    for table, name in keys:
        session.execute(f"ALTER TABLE {quote(table)} DROP FOREIGN KEY {quote(name)}")
    return len(keys)


def leaning(session: Session, tables: Collection[str]) -> list[Leaning]:
    """Foreign keys of other databases of the server by the catalog, as far as this user may see; the rest by text."""
    if not tables:
        return []
    keys = session.query(_KEYS.format(tables=_listed(tables)))
    return [
        *(Leaning("foreign key of another database", name, table) for name, table in keys),
        *(one for kind, sql in _TEXTS.items() for one in _by_text(session, kind, sql, tables)),
    ]


def _by_text(session: Session, kind: str, sql: str, tables: Collection[str]) -> Iterator[Leaning]:
    """What another database has must name this one; the server writes it into the text of every view."""
    here, going = str(session.value("SELECT DATABASE()")), {name.lower() for name in tables}
    for database, name, on, text in session.query(sql):
        own = database == here
        if not (own and on in going):
            spoken = name if own else f"{database}.{name}"
            yield from leaning_texts(kind, spoken, text or "", tables, (here,), bare=own)


def _listed(tables: Collection[str]) -> str:
    return ",".join(literal(name.lower()) for name in tables)
