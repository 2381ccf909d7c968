"""What a source lost to its splits, by their ledger; and a ledger beside rows that are none of its own."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from outgrow.dialects import dialect_for
from outgrow.dialects.base import ObjectKind, SchemaObject, SetAside
from outgrow.ledger import Ledger
from outgrow.ledger.dropped import DroppedKeys
from outgrow.places import resolve
from tests.ledger.conftest import BEGIN


def test_a_key_that_came_back_takes_no_other_of_its_number_with_it(tmp_path: Path) -> None:
    """SQLite's keys have numbers for names, which shift when one is dropped."""
    dialect = dialect_for(resolve(f"sqlite:///{tmp_path}/target.sqlite3").settings)

    def item(column: str) -> SetAside:
        key = SchemaObject("log", "(foreign key 0)", ObjectKind.FOREIGN, (column,), refers=(column, ("id",)))
        return SetAside(key, (), ())

    with dialect.connect() as session:
        ledger = Ledger.begin(dialect, session, **BEGIN)
        kept = DroppedKeys(ledger)
        kept.record([item("one")])
        ledger.set_state("verified")
        ledger.release()
        kept = DroppedKeys(Ledger.begin(dialect, session, **BEGIN))
        kept.record([item("two")])
        kept.restored(item("two"))
        assert kept.lost() == [item("one")]


def test_a_key_that_is_dropped_again_is_lost_once(tmp_path: Path) -> None:
    dialect = dialect_for(resolve(f"sqlite:///{tmp_path}/target.sqlite3").settings)
    key = SchemaObject("log", "by", ObjectKind.FOREIGN, ("by_id",), refers=("person", ("id",)))
    with dialect.connect() as session:
        for _ in range(2):
            ledger = Ledger.begin(dialect, session, **BEGIN)
            DroppedKeys(ledger).record([SetAside(key, (), ())])
            ledger.set_state("verified")
            ledger.release()
        assert DroppedKeys(ledger).lost() == [SetAside(key, (), ())]


def test_orphans_in_a_sqlite_file_do_not_stop_its_ledger(tmp_path: Path) -> None:
    """Django's schema editor looks for them in all of the file, also where it only writes down SQL: a traceback."""
    file = tmp_path / "target.sqlite3"
    with sqlite3.connect(file) as made:
        made.executescript(
            "CREATE TABLE up (id integer PRIMARY KEY); CREATE TABLE child (id integer PRIMARY KEY, "
            "up_id integer REFERENCES up (id)); INSERT INTO child VALUES (1, 4711)"
        )
    dialect = dialect_for(resolve(f"sqlite:///{file}").settings)
    with dialect.connect() as session:
        assert Ledger.begin(dialect, session, **BEGIN).run_id == 1
