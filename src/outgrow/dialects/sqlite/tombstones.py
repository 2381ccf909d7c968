"""SQLite's tombstones: row triggers, which fire for its own cascades too."""

from __future__ import annotations

from outgrow.dialects.sqlite.catalog import literal, quote
from outgrow.dialects.tombstones import PREFIX, TOMBSTONE, NoSuchTable, Standing, Tombstones, Trigger, named

_NOW = "(julianday('now')-2440587.5)*86400.0"


class SQLiteTombstones(Tombstones):
    """One SQLite file."""

    gaps = "INSERT OR REPLACE, when it removes another row for the sake of a unique value"

    def wanted(self, table: str, column: str) -> list[Trigger]:
        if not self.query("SELECT 1 FROM sqlite_master WHERE type='table' AND lower(name)=lower(%s)", [table]):
            raise NoSuchTable
        key = f"OLD.{quote(column)}"
        write = (
            f"BEGIN INSERT INTO {quote(TOMBSTONE)} (table_name,column_name,key_text,died) "
            f"VALUES ({literal(table)},{literal(column)},CAST({key} AS TEXT),{_NOW}); END"
        )
        conditions = {
            "delete": f"AFTER DELETE ON {quote(table)} WHEN {key} IS NOT NULL",
            "update": f"AFTER UPDATE ON {quote(table)} WHEN {key} IS NOT NULL AND {key} IS NOT NEW.{quote(column)}",
        }
        made = []
        for event, condition in conditions.items():
            name = named(event, condition, write)
            made.append(Trigger(name, table, (f"CREATE TRIGGER IF NOT EXISTS {quote(name)} {condition} {write}",)))
        return made

    def standing(self) -> list[Standing]:
        found = self.query(
            "SELECT name,tbl_name FROM sqlite_master WHERE type='trigger' AND substr(name,1,%s)=%s",
            [len(PREFIX), PREFIX],
        )
        return [Standing(name, table, True, (f"DROP TRIGGER IF EXISTS {quote(name)}",)) for name, table in found]

    def hold_writes(self, table: str) -> None:
        # Takes the file's write lock before anything is read: a transaction that reads first cannot wait for it.
        self.execute([f"DELETE FROM {quote(table)} WHERE 0"])
