"""A database's tables as its own engine describes them, read without any code of Outgrow's."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import Any

from tests import engines
from tests.engines import Server

Catalog = dict[str, list[str]]

POSTGRESQL = {
    "columns": """
        SELECT table_name, column_name || ' ' || data_type || ' ' || coalesce(character_maximum_length, -1) || ' '
            || coalesce(numeric_precision, -1) || ' ' || coalesce(numeric_scale, -1) || ' ' || is_nullable || ' '
            || is_identity || ' ' || coalesce(identity_generation, '') || ' ' || is_generated || ' '
            || coalesce(generation_expression, '') || ' ' || coalesce(column_default, '') || ' '
            || coalesce(collation_name, '')
        FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraints": """
        SELECT c.relname, n.conname || ' ' || pg_get_constraintdef(n.oid) || ' ' || n.condeferrable || n.condeferred
            || n.convalidated
        FROM pg_constraint n JOIN pg_class c ON c.oid = n.conrelid JOIN pg_namespace s ON s.oid = c.relnamespace
        WHERE s.nspname = 'public' AND n.contype <> 'n'""",
    "indexes": """
        SELECT c.relname, pg_get_indexdef(i.indexrelid) || ' ' || i.indisvalid || i.indisready
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace s ON s.oid = c.relnamespace
        WHERE s.nspname = 'public'""",
    "triggers": """
        SELECT c.relname, pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal""",
}


def catalog(engine: str, url: str) -> Catalog:
    """Sorted lines by table; the ledger's tables are left out, and counters, which rows move on."""
    lines = {"sqlite": of_sqlite, "postgresql": of_postgresql}.get(engine, of_mysql)(engine, url)
    found: Catalog = {}
    for table, line in lines:
        if not table.startswith(("outgrow_", "sqlite_")):
            found.setdefault(table, []).append(line)
    return {table: sorted(found[table]) for table in sorted(found)}


def of_sqlite(engine: str, url: str) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return connection.execute("SELECT tbl_name, type || ' ' || coalesce(sql, name) FROM sqlite_master").fetchall()


def of_postgresql(engine: str, url: str) -> list[tuple[str, str]]:
    return [row for query in POSTGRESQL.values() for row in rows(engine, url, query)]


def of_mysql(engine: str, url: str) -> list[tuple[str, str]]:
    names = [row[0] for row in rows(engine, url, "SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'")]
    found = []
    for name in names:
        text = rows(engine, url, f"SHOW CREATE TABLE `{name.replace('`', '``')}`")[0][1]
        text = re.sub(r" AUTO_INCREMENT=\d+", "", text)
        found += [(name, line.strip().rstrip(",")) for line in text.splitlines()]
    return found


def rows(engine: str, url: str, query: str) -> list[Any]:
    """All rows of a query, by the driver."""
    if engine == "sqlite":
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return connection.execute(query).fetchall()
    return server(engine).sql(query, url.rpartition("/")[2])


def server(engine: str) -> Server:
    return engines.provide(engine)


def counts(engine: str, url: str) -> dict[str, int]:
    """Rows by table, as the driver counts them."""
    mark = "`" if engine in ("mysql", "mariadb") else '"'
    names = [name for name in catalog(engine, url) if name != "django_migrations"]
    return {
        name: rows(engine, url, f"SELECT count(*) FROM {mark}{name.replace(mark, mark * 2)}{mark}")[0][0]
        for name in names
    }  # fmt: skip
