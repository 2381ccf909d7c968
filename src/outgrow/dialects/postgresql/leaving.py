"""Dropping tables for good from a PostgreSQL database: nobody else uses them meanwhile, and nothing asks for them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from outgrow.dialects.base import Session
from outgrow.dialects.leaning import Leaning, leaning_texts
from outgrow.dialects.postgresql.catalog import literal, quote

_KEYS = """
SELECT n.nspname||'.'||c.relname||'.'||k.conname, f.relname FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class f ON f.oid = k.confrelid JOIN pg_namespace fn ON fn.oid = f.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND fn.nspname = current_schema() AND n.nspname <> current_schema()
  AND f.relname IN ({tables}) ORDER BY 1
"""
_VIEWS = """
SELECT DISTINCT CASE WHEN v.relkind = 'v' THEN 'view' WHEN v.relkind = 'm' THEN 'materialized view'
  ELSE 'rule '||r.rulename||' on' END, n.nspname||'.'||v.relname, t.relname
FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
JOIN pg_class v ON v.oid = r.ev_class JOIN pg_namespace n ON n.oid = v.relnamespace
JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace tn ON tn.oid = t.relnamespace
WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND v.oid <> t.oid
  AND tn.nspname = current_schema() AND t.relname IN ({tables})
  AND NOT (n.nspname = current_schema() AND v.relname IN ({tables})) ORDER BY 2
"""
_OTHERS = """
WITH going AS (SELECT c.oid, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = current_schema() AND c.relname IN ({tables})),
     things AS (SELECT oid, relname FROM going UNION ALL
                SELECT s.objid, g.relname FROM pg_depend s JOIN going g ON g.oid = s.refobjid
                JOIN pg_class q ON q.oid = s.objid AND q.relkind = 'S'
                WHERE s.classid = 'pg_class'::regclass AND s.refclassid = 'pg_class'::regclass)
SELECT DISTINCT pg_describe_object(d.classid, d.objid, 0), t.relname FROM pg_depend d
JOIN things t ON t.oid = d.refobjid AND d.refclassid = 'pg_class'::regclass
LEFT JOIN pg_policy p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid
LEFT JOIN pg_attrdef a ON d.classid = 'pg_attrdef'::regclass AND a.oid = d.objid
WHERE d.classid IN ('pg_policy'::regclass, 'pg_attrdef'::regclass, 'pg_proc'::regclass)
  AND coalesce(p.polrelid, a.adrelid, 0) NOT IN (SELECT oid FROM going) ORDER BY 1
"""
_FUNCTIONS = """
SELECT n.nspname||'.'||p.proname, p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND l.lanname NOT IN ('c', 'internal')
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
  AND (NOT EXISTS (SELECT 1 FROM pg_trigger g WHERE g.tgfoid = p.oid) OR EXISTS (
    SELECT 1 FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace
    WHERE g.tgfoid = p.oid AND NOT (cn.nspname = current_schema() AND c.relname IN ({tables})))) ORDER BY 1
"""


@contextmanager
def held(session: Session, tables: Sequence[str]) -> Iterator[None]:
    """The strongest lock on each, for the block; all or nothing of what is done in it."""
    session.begin()
    try:
        for table in tables:
            session.execute(f"LOCK TABLE {quote(table)} IN ACCESS EXCLUSIVE MODE")
        yield
        session.commit()
    except BaseException:
        session.rollback()
        raise


def drop_tables(session: Session, tables: Sequence[str]) -> None:
    if tables:
        session.execute(f"DROP TABLE {','.join(map(quote, tables))}")


def leaning(session: Session, tables: Collection[str]) -> list[Leaning]:
    """Foreign keys of other schemas, views, policies and defaults by the catalog; functions by their text.

    A function that only the triggers of these tables call is asked by nobody else once they are gone.
    """
    if not tables:
        return []
    listed = ",".join(map(literal, tables))
    here = (str(session.value("SELECT current_schema()")),)
    keys = session.query(_KEYS.format(tables=listed))
    views = session.query(_VIEWS.format(tables=listed))
    return [
        *(Leaning("foreign key of another schema", name, table) for name, table in keys),
        *(Leaning(kind, name, table) for kind, name, table in views),
        *(_described(what, table) for what, table in session.query(_OTHERS.format(tables=listed))),
        *(
            one
            for name, text in session.query(_FUNCTIONS.format(tables=listed))
            for one in leaning_texts("function", name, text or "", tables, here)
        ),
    ]


def _described(what: str, table: str) -> Leaning:
    """As the server says it: "policy p on table t", "default value for column c of table t", "function f()"."""
    kind, _, name = what.partition(" ")
    return Leaning(kind, name, table)
