"""SQLite: a foreign key leaves a table's text, and comes back, and nothing else of the table changes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outgrow.dialects.base import ObjectKind, SchemaObject, Session, Table
from outgrow.dialects.sqlite import SQLite
from outgrow.dialects.sqlite.tabletext import TableText
from outgrow.split.keys import crossing_keys, keys_of, shape
from outgrow.split.rows import stored_digest
from outgrow.split.switch import drop_keys, restore_keys

NAMES = ['"a"', "b", '"a ""quoted"", name"', "[c,d]", "`e(`", '"references"', '"żółć"']
FRILLS = ["", " NOT NULL", " DEFAULT ')('", " CHECK (x IN ('REFERENCES y', '(', ')'))", " /* REFERENCES z */",
          " COLLATE NOCASE", " NULL -- a comment, with a comma\n", " DEFAULT (1 + (2))"]  # fmt: skip
ACTIONS = ["", " ON DELETE SET NULL", " ON UPDATE NO ACTION ON DELETE CASCADE", " MATCH FULL",
           " DEFERRABLE INITIALLY DEFERRED", " NOT DEFERRABLE",
           " ON DELETE RESTRICT DEFERRABLE INITIALLY IMMEDIATE"]  # fmt: skip
REFERENCES = st.builds(
    lambda named, space, parent, columns, action: f"{named}REFERENCES{space}{parent}{columns}{action}",
    st.sampled_from(["", 'CONSTRAINT "k" ']), st.sampled_from([" ", "\n  "]), st.sampled_from(['"up"', "other"]),
    st.sampled_from(["", ' ("id")', "(id)"]), st.sampled_from(ACTIONS),
)  # fmt: skip
KEYS = st.lists(REFERENCES, max_size=2)
COLUMN = st.tuples(st.sampled_from(FRILLS), KEYS, st.sampled_from(["", " UNIQUE", " NOT NULL"]))
OTHERS = [f"UNIQUE ({NAMES[0]})", "CHECK (1 IN (1, 2))", f"CONSTRAINT u UNIQUE({NAMES[0]}) ON CONFLICT FAIL",
          "CHECK ('FOREIGN KEY (' <> '')/* FOREIGN KEY (a) */"]  # fmt: skip
WHOLE = st.tuples(st.sampled_from([",", ", ", " ", "\n", " -- none\n"]), st.sampled_from(OTHERS) | REFERENCES)


@given(st.lists(COLUMN, min_size=1, max_size=len(NAMES)), st.lists(WHOLE, max_size=4), st.sampled_from(["", " STRICT"]))
@settings(max_examples=150, deadline=None)
def test_what_is_cut_from_a_text_and_put_back_is_the_same_key_and_all_else_stays(
    columns: list[tuple[str, list[str], str]], whole: list[tuple[str, str]], options: str
) -> None:
    """Constraints of the table need no commas between them, and one column may have several keys."""
    body = ",".join(
        f" {NAMES[n]} integer{frill}{''.join(f' {key}' for key in keys)}{more}"
        for n, (frill, keys, more) in enumerate(columns)
    )
    for n, (between, constraint) in enumerate(whole):
        clause = constraint.removeprefix('CONSTRAINT "k" ')
        key = f"CONSTRAINT both FOREIGN KEY ({NAMES[0]}) " if clause.startswith("REFERENCES") else ""
        body += f"{between if n else ','}{key}{clause}"
    text = TableText(f"CREATE TABLE t ({body}){options}")
    assert text.body == body
    keys = list(text.foreign_keys())
    wholes = sum("REFERENCES" in constraint for _, constraint in whole)
    assert len(keys) == sum(len(keys) for _, keys, _ in columns) + wholes
    assert _keys(text) == sorted((c.columns, c.parent) for c in keys)
    bare = text.without(keys)
    assert list(bare.foreign_keys()) == []
    assert _columns(bare) == _columns(text)
    back = bare
    for key in keys:
        back = back.with_key(key.columns, key.clause)
    assert _keys(back) == _keys(text)
    assert _columns(back) == _columns(text)


def _made(text: TableText) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute(text.create('"t"').replace("CHECK (x IN", "CHECK (1 IN"))
    return connection


def _keys(text: TableText) -> list[tuple[tuple[str, ...], str]]:
    """As SQLite itself understands the text."""
    found = _made(text).execute("PRAGMA foreign_key_list(t)").fetchall()
    return sorted(((row[3],), row[2]) for row in found)


def _columns(text: TableText) -> list[object]:
    """With the number of uniques."""
    made = _made(text)
    return [*made.execute("PRAGMA table_xinfo(t)"), len(made.execute("PRAGMA index_list(t)").fetchall())]


class Kept:
    """A ledger of its own."""

    def __init__(self) -> None:
        self.items: list[object] = []
        self.proved: dict[str, str] = {}

    def check(self) -> None: ...
    def record(self, items: list[object]) -> None:
        self.items += items

    def lost(self) -> list[object]:
        return self.items

    def restored(self, item: object) -> None: ...
    def rows_proved(self, table: str, rows: str) -> None:
        self.proved[table] = rows


SCHEMA = """
CREATE TABLE "up" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" text);
CREATE TABLE "child" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "n" real, "b" blob,
    "up_id" integer NOT NULL REFERENCES "up" ("id") DEFERRABLE INITIALLY DEFERRED,
    "self_id" integer NULL REFERENCES "child" ("id"), "twice" integer GENERATED ALWAYS AS ("id" * 2) VIRTUAL);
CREATE TABLE "Plain" (up_id integer REFERENCES UP, x, y text, FOREIGN KEY (x) REFERENCES "child" ("id"));
CREATE TABLE "grandchild" ("id" integer PRIMARY KEY, "child_id" integer REFERENCES "child" ("id"));
CREATE TABLE "log" ("said" text);
CREATE INDEX "child_up" ON "child" ("up_id");
CREATE UNIQUE INDEX "child_odd" ON "child" (lower("n")) WHERE "n" > 1;
CREATE TRIGGER "child_said" AFTER INSERT ON "child" BEGIN INSERT INTO "log" VALUES ('child ' || new.id); END;
CREATE TRIGGER "log_said" AFTER INSERT ON "log" BEGIN UPDATE "child" SET n = n WHERE id = -1; END;
CREATE VIEW "seen" AS SELECT c."id", u."name" FROM "child" c JOIN "up" u ON u."id" = c."up_id";
INSERT INTO "up" VALUES (1, 'a'), (2, 'b');
INSERT INTO "child" ("id", "n", "b", "up_id")
    VALUES (1, 1.5, x'00ff', 1), (7, 'text in a real', NULL, 2), (90, 3, 4, 1);
DELETE FROM "child" WHERE "id" = 90;
INSERT INTO "Plain" (rowid, up_id, x, y) VALUES (5, 1, 7, NULL), (9, NULL, 'a', char(0));
DELETE FROM "log";
"""


@pytest.fixture
def place(tmp_path: Path) -> tuple[SQLite, Session]:
    file = tmp_path / "made.sqlite3"
    made = sqlite3.connect(file)
    made.executescript(SCHEMA)
    made.close()
    dialect = SQLite({"ENGINE": "django.db.backends.sqlite3", "NAME": str(file)})
    return dialect, dialect.connect()


def everything(dialect: SQLite, session: Session) -> dict[str, object]:
    """All of the file but the texts of the tables."""
    live = dialect.tables(session)
    tables = [t for t in live.values() if t.kind == "table"]
    return {
        "rows": {t.name: str(stored_digest(dialect, session, t)) for t in tables},
        "rowids": session.query('SELECT rowid, up_id FROM "Plain" ORDER BY rowid'),
        "shapes": {t.name: shape(t) for t in tables},
        "others": session.query("SELECT type, name, sql FROM sqlite_master WHERE type <> 'table' ORDER BY name"),
        "counters": session.query("SELECT name, seq FROM sqlite_sequence ORDER BY name"),
    }


def test_rows_rowids_indexes_triggers_views_and_counters_outlive_the_switch_and_its_undo(
    place: tuple[SQLite, Session],
) -> None:
    dialect, session = place
    before, texts = everything(dialect, session), session.query("SELECT name, sql FROM sqlite_master ORDER BY name")
    kept = Kept()
    assert drop_keys(dialect, session, kept, lambda name: name.lower() == "up") == 2
    live = dialect.tables(session)
    assert keys_of(live["child"]) == [("child", ("self_id",), "child")]
    assert keys_of(live["Plain"]) == [("plain", ("x",), "child")]
    assert everything(dialect, session) == before
    assert sorted(kept.proved) == ["Plain", "child"]
    assert session.query("PRAGMA integrity_check") == [("ok",)]
    session.execute("INSERT INTO child (n, up_id) VALUES (8, 4711)")
    assert session.query("SELECT max(id) FROM child") == [(91,)]
    assert session.query("SELECT said FROM log") == [("child 91",)]
    with pytest.raises(Exception, match=r"1 row of child \(id 91\) refers by up_id to rows of up that the source does"):
        restore_keys(dialect, session, kept, "elsewhere")
    session.execute("DELETE FROM child WHERE id = 91")
    session.execute("DELETE FROM log")
    session.execute("UPDATE sqlite_sequence SET seq = 90 WHERE name = 'child'")
    restore_keys(dialect, session, kept, "elsewhere")
    assert everything(dialect, session) == before
    assert session.query("SELECT name, sql FROM sqlite_master ORDER BY name") == texts
    assert drop_keys(dialect, session, kept, lambda name: name.lower() == "up") == 2


ODD = """
CREATE TABLE "up" ("id" integer PRIMARY KEY);
CREATE TABLE "stays" ("id" integer PRIMARY KEY);
CREATE TABLE "odd" ("id" integer PRIMARY KEY, "a" integer REFERENCES "up" REFERENCES stays REFERENCES up ("id")NOT NULL,
    "b" integer, UNIQUE ("a") FOREIGN KEY ("b") REFERENCES "up" ("id") CONSTRAINT "k" FOREIGN KEY ("b")
    REFERENCES "stays" CHECK ("b" <> 4)FOREIGN KEY(b)REFERENCES up(id)ON DELETE CASCADE);
INSERT INTO "up" VALUES (1), (2);
INSERT INTO "stays" VALUES (1), (2);
INSERT INTO "odd" VALUES (1, 1, 2);
"""


def test_keys_leave_and_come_back_where_no_commas_stand_between_constraints_and_a_column_has_several(
    tmp_path: Path,
) -> None:
    file = tmp_path / "odd.sqlite3"
    made = sqlite3.connect(file)
    made.executescript(ODD)
    made.close()
    dialect = SQLite({"ENGINE": "django.db.backends.sqlite3", "NAME": str(file)})
    session, kept = dialect.connect(), Kept()
    listing = 'SELECT "from", "table", on_delete FROM pragma_foreign_key_list(\'odd\') ORDER BY 1, 2, 3'
    before = session.query(listing)
    assert len(before) == 6
    assert drop_keys(dialect, session, kept, lambda name: name.lower() == "up") == 4
    assert session.query(listing) == [("a", "stays", "NO ACTION"), ("b", "stays", "NO ACTION")]
    with pytest.raises(Exception, match="CHECK"):
        session.execute("INSERT INTO odd VALUES (2, 2, 4)")
    with pytest.raises(Exception, match="UNIQUE"):
        session.execute("INSERT INTO odd VALUES (2, 1, 2)")
    session.execute("INSERT INTO odd VALUES (2, 4711, 2)")
    with pytest.raises(Exception, match="1 row of odd"):
        restore_keys(dialect, session, kept, "elsewhere")
    session.execute("DELETE FROM odd WHERE a = 4711")
    restore_keys(dialect, session, kept, "elsewhere")
    assert session.query(listing) == before


def test_a_switch_that_fails_leaves_the_file_as_it_was(place: tuple[SQLite, Session]) -> None:
    dialect, session = place
    before = session.query("SELECT name, sql FROM sqlite_master ORDER BY name")

    class Lost(Kept):
        def rows_proved(self, table: str, rows: str) -> None:
            raise OSError("the ledger is gone")

    with pytest.raises(Exception, match="cannot be dropped"):
        drop_keys(dialect, session, Lost(), lambda name: name.lower() == "up")
    assert session.query("SELECT name, sql FROM sqlite_master ORDER BY name") == before


def test_keys_cross_in_both_directions_and_also_to_a_table_that_is_gone() -> None:
    def table(name: str, parent: str) -> Table:
        key = SchemaObject(name, "k", ObjectKind.FOREIGN, ("p",), refers=(parent, ("id",)))
        return Table(name, (), objects=(key,))

    live = {t.name: t for t in (table("stays", "moved"), table("Moved2", "stays"), table("inside", "stays"))}
    found = crossing_keys(live, lambda name: name.lower() in ("moved", "moved2"))
    assert sorted(found) == ["Moved2", "stays"]
