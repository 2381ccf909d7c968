"""Dropping tables for good from MySQL and MariaDB: nobody else uses them meanwhile, and nothing else asks for them."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from outgrow.dialects.base import Session
from outgrow.dialects.leaning import Leaning, leaning_texts
from outgrow.dialects.mysql.catalog import literal
from outgrow.dialects.mysql.ddl import quote

_KEYS = """
SELECT concat(table_schema,'.',table_name,'.',constraint_name),referenced_table_name
FROM information_schema.key_column_usage WHERE referenced_table_schema=DATABASE() AND table_schema<>DATABASE()
  AND lower(referenced_table_name) IN ({tables}) GROUP BY table_schema,table_name,constraint_name,referenced_table_name
"""
_BETWEEN = """
SELECT lower(table_name),constraint_name,lower(referenced_table_name) FROM information_schema.referential_constraints
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
    """Children first; a key of another database still has the server refuse.

    None is tried in vain: MariaDB gives up the lock of a table that it refuses to drop.
    """
    left = list(tables)
    keys = session.query(_BETWEEN.format(tables=_listed(tables))) if tables else []
    while left:
        parents = {parent for child, _, parent in keys if child in map(str.lower, left)}
        free = [table for table in left if table.lower() not in parents]
        if not free:  # they refer to each other in a circle
            for child, name, _ in keys:
                for table in (table for table in left if table.lower() == child):
                    session.execute(f"ALTER TABLE {quote(table)} DROP FOREIGN KEY {quote(name)}")
            free, keys = left, []
        for table in free:
            session.execute(f"DROP TABLE {quote(table)}")
        left = [table for table in left if table not in free]


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
