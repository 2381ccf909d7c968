"""The constraints that a split takes from its source: kept in the target, whatever becomes of the source.

A source can lose constraints to several runs into one database (a second app, a move that was begun again), so what it
gets back is looked for in all of them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from outgrow.dialects.base import Dialect, SchemaObject, Session, SetAside
from outgrow.ledger import Ledger, reading, tables
from outgrow.ledger.records import (
    AWAITED,
    HOME,
    SPLIT,
    SWITCHED,
    UNDONE,
    DroppedKeyRecord,
    set_aside_from,
    set_aside_json,
)
from outgrow.models import DroppedKey, Run


@dataclass(frozen=True, slots=True)
class Home:
    """A database that tables left: by what it is called, or by its alias if that is of the same engine still.

    A file is spoken of from the working directory, and a server's host may get another name.
    """

    spoken: str
    alias: str | None = None

    def was_left(self, source: str, facts: Mapping[str, Any]) -> bool:
        """Whether a run with this source took something from here."""
        return source == self.spoken or (self._called(facts) and _engine(source) == _engine(self.spoken))

    def was_another(self, source: str, facts: Mapping[str, Any]) -> bool:
        """Whether a run took something from a database of this alias when it was of another engine."""
        return self._called(facts) and _engine(source) != _engine(self.spoken)

    def _called(self, facts: Mapping[str, Any]) -> bool:
        return self.alias is not None and (facts.get(SPLIT) or {}).get("source") == self.alias


def _engine(spoken: str) -> str:
    return spoken.partition(" ")[0]


def left_home(dialect: Dialect, session: Session, home: Home) -> bool:
    """Whether the ledger of this database has a split by which tables came here from ``home``."""
    if not tables.exists(dialect, session):
        return False
    runs = ((run["source"], json.loads(run["facts"])) for run in tables.select(dialect, session, Run, {}))
    return any(SPLIT in facts and home.was_left(source, facts) for source, facts in runs)


def lost_on_another(dialect: Dialect, session: Session, home: Home) -> list[SchemaObject]:
    """What ``home`` lost by the ledger of this database before it was moved to the engine that it has: in whose words
    nobody has written it down.
    """
    if not tables.exists(dialect, session):
        return []
    runs = tables.select(dialect, session, Run, {})
    left = [run["id"] for run in runs if home.was_another(run["source"], json.loads(run["facts"]))]
    found = (record for number in left for record in reading.dropped_keys(dialect, session, number))
    return [record.item.object for record in found if record.restored_at is None]


class DroppedKeys:
    """Those of one source, by the ledger of the database that its tables left for; each call is committed."""

    def __init__(self, ledger: Ledger, home: Home | None = None) -> None:
        self._ledger = ledger
        record = ledger.record()
        self._home = home or Home(record.source, (record.facts.get(SPLIT) or {}).get("source"))

    def check(self) -> None:
        """Raise LostOwnership unless this process still owns the run."""
        self._ledger.check()

    def record(self, items: Sequence[SetAside]) -> None:
        """Commit the full DDL of what is about to be dropped, once.

        What an earlier run wrote down of such a key is over: the source had it again, or it could not be dropped.
        """
        known = {record.item.object for record in self.of_this_run() if record.restored_at is None}
        rows = [
            {
                "run_id": self._ledger.run_id, "table_name": i.object.table, "name": i.object.name,
                "item": set_aside_json(i), "rows_digest": "", "dropped": time.time(), "restored": None,
            }
            for i in items
            if i.object not in known
        ]  # fmt: skip
        again = {_key(item) for item in items}
        old = [row for table in {i.object.table for i in items} for row in self._standing(table)]
        with self._ledger.together():
            for row in old:
                if row["run_id"] != self._ledger.run_id and _key(set_aside_from(row["item"])) in again:
                    self._change(row, {"restored": time.time()})
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
        """The source has it again, as its catalog says; a name need not tell it (SQLite's numbers shift)."""
        for row in self._standing(item.object.table):
            if _key(set_aside_from(row["item"])) == _key(item):
                self._change(row, {"restored": time.time()})

    def rows_proved(self, table: str, rows: str) -> None:
        """The source's table was made anew and holds the same rows, by their digest."""
        for row in self._standing(table):
            self._change(row, {"rows_digest": rows})

    def _standing(self, table: str) -> list[dict[str, Any]]:
        """What a table lost to any run and did not get back."""
        place = (self._ledger.dialect, self._ledger.session, DroppedKey)
        with self._ledger.together():
            found = [tables.select(*place, {"run_id": run["id"], "table_name": table}) for run in self._runs()]
        return [row for rows in found for row in rows if row["restored"] is None]

    def _change(self, row: Mapping[str, Any], values: dict[str, Any]) -> None:
        with self._ledger.together():
            tables.update(self._ledger.dialect, self._ledger.session, DroppedKey, values, {"id": row["id"]})

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
        runs = tables.select(self._ledger.dialect, self._ledger.session, Run, {})
        return [run for run in runs if self._home.was_left(run["source"], json.loads(run["facts"]))]


class Awaited:
    """Constraints of tables that came home while the other end was away in a third database, by the home's own ledger.

    The last run that knows of them has all: each run takes them over.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        runs = tables.select(ledger.dialect, ledger.session, Run, {})
        known = [facts[AWAITED] for run in runs if AWAITED in (facts := json.loads(run["facts"]))]
        self._items = [set_aside_from(text) for text in (known[-1] if known else ())]

    def check(self) -> None:
        """Nothing is asked meanwhile: the ledger is in the very database that is being changed, which may be a file."""

    def record(self, items: Sequence[SetAside]) -> None:
        """Keep these too, once."""
        known = [_key(item) for item in self._items]
        self._items += [item for item in items if _key(item) not in known]
        if self._items:
            self._ledger.fact(AWAITED, [set_aside_json(item) for item in self._items])

    def lost(self) -> list[SetAside]:
        return list(self._items)

    def restored(self, item: SetAside) -> None:
        self._items = [one for one in self._items if _key(one) != _key(item)]
        self._ledger.fact(AWAITED, [set_aside_json(one) for one in self._items])

    def rows_proved(self, table: str, rows: str) -> None:
        """The restore has proved them; nobody asks for it later."""


def _key(item: SetAside) -> tuple[Any, ...]:
    return (item.object.table, item.object.columns, item.object.refers)
