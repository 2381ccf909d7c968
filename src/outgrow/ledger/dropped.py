"""The constraints that a split takes from its source: kept in the target, whatever becomes of the source.

A source can lose constraints to several runs into one database (a second app, a move that was begun again), so what it
gets back is looked for in all of them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from outgrow.dialects.base import Dialect, Session, SetAside
from outgrow.ledger import Ledger, reading, tables
from outgrow.ledger.records import HOME, SPLIT, SWITCHED, UNDONE, DroppedKeyRecord, set_aside_json
from outgrow.models import DroppedKey, Run


def left_home(dialect: Dialect, session: Session, home: str) -> bool:
    """Whether the ledger of this database has a split by which tables came here from ``home``."""
    if not tables.exists(dialect, session):
        return False
    return any(SPLIT in json.loads(run["facts"]) for run in tables.select(dialect, session, Run, {"source": home}))


class DroppedKeys:
    """Those of one source, by the ledger of the database that its tables left for; each call is committed."""

    def __init__(self, ledger: Ledger, source: str | None = None) -> None:
        self._ledger = ledger
        self.source = source or ledger.record().source

    def check(self) -> None:
        """Raise LostOwnership unless this process still owns the run."""
        self._ledger.check()

    def record(self, items: Sequence[SetAside]) -> None:
        """Commit the full DDL of what is about to be dropped, once."""
        known = {record.item.object for record in self.of_this_run() if record.restored_at is None}
        rows = [
            {
                "run_id": self._ledger.run_id, "table_name": i.object.table, "name": i.object.name,
                "item": set_aside_json(i), "rows_digest": "", "dropped": time.time(), "restored": None,
            }
            for i in items
            if i.object not in known
        ]  # fmt: skip
        with self._ledger.together():
            tables.insert(self._ledger.dialect, self._ledger.session, DroppedKey, rows)

    def of_this_run(self) -> list[DroppedKeyRecord]:
        with self._ledger.together():
            return reading.dropped_keys(self._ledger.dialect, self._ledger.session, self._ledger.run_id)

    def lost(self) -> list[SetAside]:
        """What the source lost to any run and did not get back."""
        with self._ledger.together():
            found = [
                record
                for run in self._runs()
                for record in reading.dropped_keys(self._ledger.dialect, self._ledger.session, run["id"])
            ]
        return [record.item for record in found if record.restored_at is None]

    def restored(self, item: SetAside) -> None:
        """The source has it again, as its catalog says."""
        self._change(item.object.table, {"restored": time.time()}, name=item.object.name)

    def rows_proved(self, table: str, rows: str) -> None:
        """The source's table was made anew and holds the same rows, by their digest."""
        self._change(table, {"rows_digest": rows})

    def _change(self, table: str, values: dict[str, Any], **where: Any) -> None:
        with self._ledger.together():
            for run in self._runs():
                found = {"run_id": run["id"], "table_name": table, "restored": None, **where}
                tables.update(self._ledger.dialect, self._ledger.session, DroppedKey, values, found)

    # -- which tables are away ------------------------------------------------------------------------------------
    def away(self) -> set[str]:
        """Tables (lower case) that earlier runs took from the source, and that have not come home since."""
        found: set[str] = set()
        with self._ledger.together():
            runs = self._runs()
        for run in sorted(runs, key=lambda row: int(row["id"])):
            facts = json.loads(run["facts"])
            if run["id"] != self._ledger.run_id and facts.get(SWITCHED) and not facts.get(UNDONE):
                found |= set(facts[SPLIT]["tables"])
            found -= set(facts.get(HOME) or ())
        return found

    def _runs(self) -> list[dict[str, Any]]:
        return tables.select(self._ledger.dialect, self._ledger.session, Run, {"source": self.source})
