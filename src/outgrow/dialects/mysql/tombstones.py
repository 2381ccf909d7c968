"""MySQL's and MariaDB's tombstones: row triggers, and triggers where a cascade of the server's own begins.

InnoDB deletes by ON DELETE CASCADE without firing the triggers of the table whose rows go, so the table that the
cascade starts from gets one that looks ahead: it writes the keys that will be gone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from outgrow.dialects.mysql.catalog import literal
from outgrow.dialects.mysql.ddl import quote
from outgrow.dialects.tombstones import (
    LOCK_SECONDS,
    PREFIX,
    TOMBSTONE,
    NoSuchTable,
    Standing,
    Tombstones,
    Trigger,
    named,
)

_CASCADES = """
SELECT k.table_name, k.referenced_table_name, k.constraint_name, k.column_name, k.referenced_column_name
FROM information_schema.referential_constraints r
JOIN information_schema.key_column_usage k
  ON k.constraint_schema = r.constraint_schema AND k.constraint_name = r.constraint_name
 AND k.table_name = r.table_name
WHERE r.constraint_schema = DATABASE() AND k.table_schema = DATABASE() AND k.referenced_table_schema = DATABASE()
  AND r.delete_rule = 'CASCADE' ORDER BY k.table_name, k.constraint_name, k.ordinal_position
"""


@dataclass(frozen=True)
class _Cascade:
    """A key by which the server deletes rows of ``child`` with those of ``parent``."""

    child: str
    parent: str
    columns: tuple[tuple[str, str], ...]  # (of the child, of the parent)


class MySQLTombstones(Tombstones):
    """One MySQL or MariaDB database."""

    gaps = (
        "TRUNCATE, and rows that a cascade of the server's own takes through a table that refers to itself, or whose "
        "key it changes by ON UPDATE CASCADE"
    )

    @contextmanager
    def patiently(self) -> Iterator[None]:
        before = self.query("SELECT @@SESSION.lock_wait_timeout")[0][0]
        self.execute([f"SET SESSION lock_wait_timeout={LOCK_SECONDS}"])
        try:
            yield
        finally:
            self.execute([f"SET SESSION lock_wait_timeout={int(before)}"])

    def wanted(self, table: str, column: str) -> list[Trigger]:
        found = self.query(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema=DATABASE() AND table_name=%s AND table_type='BASE TABLE'",
            [table],
        )
        if not found:
            raise NoSuchTable
        key = f"OLD.{quote(column)}"
        # compared as bytes: the column's own collation may hold two spellings of a key for one
        changed = f"NOT (CAST({key} AS BINARY) <=> CAST(NEW.{quote(column)} AS BINARY))"
        own = f"{self._write(table, column, key)} FROM DUAL WHERE {key} IS NOT NULL"
        made = [self._trigger("delete", table, "AFTER DELETE", own)]
        made.append(self._trigger("update", table, "AFTER UPDATE", f"{own} AND {changed}"))
        for path in self._ways_to(table):
            made.append(self._trigger("cascade", path[-1].parent, "BEFORE DELETE", _ahead(self, table, column, path)))
        return made

    def _write(self, table: str, column: str, key: str) -> str:
        return (
            f"INSERT INTO {quote(TOMBSTONE)} (table_name,column_name,key_text,died) "
            f"SELECT {literal(table)},{literal(column)},CAST({key} AS CHAR),UNIX_TIMESTAMP(NOW(6))"
        )

    def _trigger(self, event: str, table: str, when: str, write: str) -> Trigger:
        name = named(event, table, when, write)
        return Trigger(name, table, (f"CREATE TRIGGER {quote(name)} {when} ON {quote(table)} FOR EACH ROW {write}",))

    def _ways_to(self, table: str) -> list[tuple[_Cascade, ...]]:
        """Every chain of cascades that ends at the table, from there upwards; no table comes twice."""
        columns: dict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
        for child, parent, name, here, there in self.query(_CASCADES):
            columns[child, parent, name].append((here, there))
        cascades = [_Cascade(child, parent, tuple(pairs)) for (child, parent, _), pairs in columns.items()]
        ways: list[tuple[_Cascade, ...]] = []
        open_: list[tuple[_Cascade, ...]] = [()]
        while open_:
            way = open_.pop()
            top = way[-1].parent if way else table
            seen = {table, *(step.parent for step in way)}
            longer = [(*way, c) for c in cascades if c.child == top and c.parent not in seen]
            ways += longer
            open_ += longer
        return ways

    def standing(self) -> list[Standing]:
        found = self.query(
            "SELECT trigger_name,event_object_table FROM information_schema.triggers "
            "WHERE trigger_schema=DATABASE() AND LEFT(trigger_name,%s)=%s ORDER BY trigger_name",
            [len(PREFIX), PREFIX],
        )
        return [Standing(name, table, True, (f"DROP TRIGGER IF EXISTS {quote(name)}",)) for name, table in found]


def _ahead(engine: MySQLTombstones, table: str, column: str, path: tuple[_Cascade, ...]) -> str:
    """The tombstones of the rows that go when a row at the top of the path does."""
    tables = [f"{quote(table)} AS t0"]
    for number, step in enumerate(path[:-1]):
        on = " AND ".join(f"t{number + 1}.{quote(up)}=t{number}.{quote(here)}" for here, up in step.columns)
        tables.append(f"JOIN {quote(step.parent)} AS t{number + 1} ON {on}")
    last = len(path) - 1
    gone = " AND ".join(f"t{last}.{quote(here)}=OLD.{quote(up)}" for here, up in path[-1].columns)
    write = engine._write(table, column, f"t0.{quote(column)}")
    return f"{write} FROM {' '.join(tables)} WHERE t0.{quote(column)} IS NOT NULL AND {gone}"
