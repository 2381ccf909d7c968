"""What becomes of tables without a model: archived without loss, or copied where the project's migrations make them."""

from __future__ import annotations

import json
import math
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from outgrow.archive import archive, free_name
from outgrow.dialects import dialect_for
from outgrow.dialects.base import Dialect
from outgrow.events import silent
from outgrow.places import resolve
from tests.conftest import MakeDatabase
from tests.engines import ENGINES
from tests.moves import catalogs
from tests.moves.projects import Project

ODD = {
    "sqlite": [
        "CREATE TABLE left_over (a, b TEXT, c REAL)",
        "INSERT INTO left_over VALUES (1, 'tab\there', 0.1), (x'00ff', NULL, 1e22),"
        " ('1', CAST(x'ff41' AS TEXT), 9e999)",
        "INSERT INTO left_over VALUES (9223372036854775807, 'a' || char(0) || 'b', 5e-324)",
    ],
    "postgresql": [
        'CREATE TABLE left_over (a bigint, "A" numeric, b timestamptz, c float8, d bytea, e int[],'
        ' f jsonb, "50% x" bool)',
        "INSERT INTO left_over VALUES (1, 123456789012345678901234567890.10, '2024-02-29 12:00+09', 'NaN', '\\x00ff',"
        " '{1,NULL}', '{\"a\": 1.10}', true), (NULL, NULL, NULL, '-0', NULL, NULL, NULL, NULL)",
    ],
    "mysql": [
        "CREATE TABLE left_over (a bigint unsigned, b decimal(30,10), c float, d datetime(6), e time, f blob, g json)",
        "INSERT INTO left_over VALUES (18446744073709551615, 12345678901234567890.1, 16777217,"
        " '2024-02-29 12:00:00.000001', '-100:00:00', x'00ff', '[1.5, \"a\"]'),"
        " (NULL, NULL, 0.1, NULL, NULL, NULL, NULL)",
    ],
}  # fmt: skip
ODD["mariadb"] = ODD["mysql"]
HELD: dict[str, list[tuple[Any, ...]]] = {
    "sqlite": [
        (1, b"tab\there", 0.1), (b"\x00\xff", None, 1e22), (b"1", b"\xffA", math.inf),
        (9223372036854775807, b"a\0b", 5e-324),
    ],
    "postgresql": [
        (1, b"123456789012345678901234567890.10", b"2024-02-29 03:00:00+00", b"nan", b"\x00\xff", b"{1,NULL}",
         b'{"a": 1.10}', b"true"),
        (None, None, None, -0.0, None, None, None, None),
    ],
    "mysql": [
        (b"18446744073709551615", b"12345678901234567890.1000000000", 16777216.0, b"2024-02-29 12:00:00.000001",
         b"-100:00:00", b"\x00\xff", b'[1.5, "a"]'),
        (None, None, 0.10000000149011612, None, None, None, None),
    ],
}  # fmt: skip
HELD["mariadb"] = HELD["mysql"]


WITHOUT_KEYS = {
    "sqlite": "",
    "postgresql": "SET session_replication_role = replica; ",
    "mysql": "SET foreign_key_checks = 0; ",
    "mariadb": "SET foreign_key_checks = 0; ",
}


def execute(engine: str, url: str, *statements: str) -> None:
    if engine == "sqlite":
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
            for statement in statements:
                connection.execute(statement)
    else:
        for statement in statements:
            catalogs.server(engine).sql(statement, url.rpartition("/")[2])


def opened(url: str) -> Dialect:
    return dialect_for({**resolve(url).settings, "TIME_ZONE": "UTC"})


def held(path: Path, table: str) -> list[tuple[Any, ...]]:
    """Rows as they lie in the file: texts and blobs both as bytes."""
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        return connection.execute(f'SELECT * FROM "{table}"').fetchall()


@pytest.mark.parametrize("engine", ENGINES)
def test_an_archive_holds_every_value_as_the_source_did(
    engine: str, make_database: MakeDatabase, tmp_path: Path
) -> None:
    url, path = make_database(engine), tmp_path / "archive.sqlite3"
    execute(engine, url, *ODD[engine])
    dialect = opened(url)
    with dialect.connect(read_only=True) as session:
        table = dialect.tables(session)["left_over"]
    found = archive(dialect, lambda: dialect.connect(read_only=True), [table], path, silent)
    assert [(a.table, a.rows) for a in found] == [("left_over", len(HELD[engine]))]
    assert repr(held(path, "left_over")) == repr(HELD[engine])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    [(name, stored_as, columns, rows)] = [row[:4] for row in held(path, "outgrow_archive")]
    assert (name, stored_as, rows) == (b"left_over", b"left_over", len(HELD[engine]))
    assert [c["name"] for c in json.loads(columns)] == [c.name for c in table.columns]


def test_an_archive_that_cannot_be_finished_leaves_no_file(make_database: MakeDatabase, tmp_path: Path) -> None:
    url = make_database("sqlite")
    execute("sqlite", url, *ODD["sqlite"])
    dialect = opened(url)
    with dialect.connect(read_only=True) as session:
        table = dialect.tables(session)["left_over"]
    execute("sqlite", url, "DROP TABLE left_over")
    with pytest.raises(Exception, match="left_over"):
        archive(dialect, lambda: dialect.connect(read_only=True), [table], tmp_path / "archive.sqlite3", silent)
    assert list(tmp_path.glob("archive*")) == []


def test_an_earlier_archive_keeps_its_name(tmp_path: Path) -> None:
    assert free_name(tmp_path, 1).name == "outgrow-archive-1.sqlite3"
    (tmp_path / "outgrow-archive-1.sqlite3").write_text("an earlier run into another target")
    assert free_name(tmp_path, 1).name == "outgrow-archive-1-2.sqlite3"


def test_a_move_archives_what_no_app_knows_and_says_so(
    the_plaza: Project, filled: Callable[[str], str], make_database: MakeDatabase
) -> None:
    source, target = filled("plaza"), make_database("postgresql")
    execute("sqlite", source, *ODD["sqlite"], "CREATE TABLE empty_leftover (a)")
    execute("sqlite", source, "CREATE VIEW seen AS SELECT a FROM left_over")
    execute("sqlite", source, "CREATE VIRTUAL TABLE found USING fts5(body)", "INSERT INTO found VALUES ('text')")
    report = the_plaza.move(source, target)["report"]
    path = the_plaza.folder / "outgrow-archive-1.sqlite3"
    others = {name: (became, why) for name, became, why in report["others"]}
    assert others["left_over"][0] == "archived"
    assert "its 4 rows are in outgrow-archive-1.sqlite3" in others["left_over"][1]
    assert others["empty_leftover"][0] == "archived"
    assert "it is empty" in others["empty_leftover"][1]
    assert others["seen"][0] == "skipped"
    assert others["found"][0] == "to be rebuilt"
    assert {others[name][0] for name in others if name.startswith("found_")} == {"to be rebuilt"}
    assert others["django_migrations"][0] == "skipped"
    assert repr(held(path, "left_over")) == repr(HELD["sqlite"])
    assert "left_over" not in catalogs.catalog("postgresql", target)
    assert the_plaza.outgrow(source, "verify", to=target).ok()


def test_a_table_without_model_that_migrations_make_is_copied(
    the_zoo: Project, filled: Callable[[str], str], make_database: MakeDatabase
) -> None:
    source, target = filled("zoo"), make_database("mariadb")
    report = the_zoo.move(source, target)["report"]
    assert "animals_leftover" in {t["name"] for t in report["tables"]}
    assert list(the_zoo.folder.glob("outgrow-archive*")) == []
    before, after = catalogs.counts("sqlite", source), catalogs.counts("mariadb", target)
    without_model = ["animals_leftover", 'left over: 100% of "old" rows', "animals_nokey", "animals_cache_table"]
    assert [after[name] for name in without_model] == [before[name] for name in without_model] == [2, 3, 3, 1]


def test_rows_of_a_table_that_the_target_cannot_have_are_archived_when_asked(
    the_zoo: Project, filled: Callable[[str], str], make_database: MakeDatabase
) -> None:
    source, target = filled("zoo"), make_database("postgresql")
    refused = the_zoo.outgrow(source, "move", to=target)
    assert refused.code == 1
    assert "A703 the target has no table since50_virtualenclosure" in refused.err
    assert "--fix A703=archive" in refused.err
    done = the_zoo.outgrow(source, "move", "--resume", "--fix", "A703=archive", "--json", to=target).ok()
    others = {name: (became, why) for name, became, why in done.result["report"]["others"]}
    assert others["since50_virtualenclosure"][0] == "archived"
    archived = held(the_zoo.folder / "outgrow-archive-1.sqlite3", "since50_virtualenclosure")
    assert sorted(row[:2] for row in archived) == [(-5, -5), (0, 0), (21, 21)]
    assert the_zoo.outgrow(source, "verify", to=target).ok()
