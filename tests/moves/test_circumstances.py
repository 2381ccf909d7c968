"""Moves under conditions that a move meets outside of a laboratory."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from outgrow.dialects.base import Trouble
from outgrow.schema.restore import _execute
from tests import engines
from tests.conftest import MakeDatabase
from tests.engines import PrivateServer
from tests.moves import catalogs
from tests.moves.projects import ROOT, Project
from tests.moves.test_archive import execute, held, opened

Filled = Callable[[str], str]
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def closed_mysql() -> Iterator[PrivateServer]:
    """A MySQL as most people have it: it takes no files from clients."""
    if engines.skipped("mysql"):
        pytest.skip("OUTGROW_SKIP names mysql")
    with engines.start_private("mysql", {"local_infile": "OFF", "max_allowed_packet": "4M"}, durable=False) as server:
        yield server


def test_a_mysql_that_takes_no_files_gets_its_rows_by_insert_and_the_report_says_so(
    closed_mysql: PrivateServer, the_plaza: Project, filled: Filled
) -> None:
    source, target = filled("plaza"), closed_mysql.create_database()
    report = the_plaza.move(source, target)["report"]
    assert report["state"] == "verified"
    assert any("INSERT" in way for way in report["ways"])
    assert not any("LOAD DATA" in way for way in report["ways"])
    assert the_plaza.ask(target, "digest") == the_plaza.ask(source, "digest")


def test_rows_of_a_megabyte_arrive_although_packets_are_small(
    closed_mysql: PrivateServer, the_plaza: Project, filled: Filled, make_database: MakeDatabase
) -> None:
    source = filled("plaza")
    texts = ["한글 🍜 \\ \t\n'\"" * (MEGABYTE // 20), "\\" * MEGABYTE, "a" * (2 * MEGABYTE)]
    with closing(sqlite3.connect(source.removeprefix("sqlite:///"))) as connection, connection:
        keys = [row[0] for row in connection.execute("SELECT id FROM social_comment ORDER BY id LIMIT 3")]
        connection.executemany("UPDATE social_comment SET body=? WHERE id=?", zip(texts, keys, strict=True))
    said = the_plaza.ask(source, "digest")
    for target in (closed_mysql.create_database(), make_database("mariadb"), make_database("postgresql")):
        assert the_plaza.move(source, target)["report"]["state"] == "verified"
        assert the_plaza.ask(target, "digest") == said
        source = target
    again = make_database("sqlite")
    assert the_plaza.move(closed_mysql.url(closed_mysql_name(closed_mysql)), again)["report"]["state"] == "verified"
    assert the_plaza.ask(again, "digest") == said


def closed_mysql_name(server: PrivateServer) -> str:
    """The database that was made last."""
    query = "SELECT table_schema FROM information_schema.tables WHERE table_name='social_comment' ORDER BY create_time"
    return str(server.sql(query)[-1][0])


def test_a_sqlite_file_in_wal_mode_is_moved_with_a_writer_open(
    the_plaza: Project, filled: Filled, make_database: MakeDatabase
) -> None:
    source, target = filled("plaza"), make_database("postgresql")
    path = source.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        assert writer.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
        writer.execute("INSERT INTO social_tag (name) VALUES ('committed, and still in the WAL')")
        assert Path(f"{path}-wal").stat().st_size > 0
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO social_tag (name) VALUES ('not committed')")
        assert the_plaza.move(source, target)["report"]["state"] == "verified"
        writer.execute("ROLLBACK")
        assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    names = {row[0] for row in catalogs.rows("postgresql", target, "SELECT name FROM social_tag")}
    assert "committed, and still in the WAL" in names
    assert "not committed" not in names


def test_the_source_is_not_touched_and_audit_makes_nothing_on_the_target(
    the_plaza: Project, filled: Filled, make_database: MakeDatabase
) -> None:
    source, target = filled("plaza"), make_database("sqlite")
    path = Path(source.removeprefix("sqlite:///"))
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    the_plaza.outgrow(source, "audit", to=target).ok()
    assert not Path(target.removeprefix("sqlite:///")).exists()
    the_plaza.move(source, target)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    log = {f"{path.name}-shm", f"{path.name}-wal"}  # plaza's files have one, which SQLite makes to read them
    assert {p.name for p in path.parent.glob("plaza.sqlite3*")} - log == {path.name}
    assert sum(p.stat().st_size for p in path.parent.glob("*-wal")) == 0


def test_a_database_cache_moves_with_the_rows_that_it_holds(
    the_plaza: Project, filled: Filled, make_database: MakeDatabase
) -> None:
    source, target = filled("plaza"), make_database("mysql")
    (the_plaza.folder / "cached.py").write_text(
        "from plaza.settings import *\n"
        "CACHES = {'default': {'BACKEND': 'django.core.cache.backends.db.DatabaseCache', 'LOCATION': 'the cache'}}\n"
    )
    project = Project("cached", "DATABASE_URL", the_plaza.folder)
    set_it = "from django.core.cache import cache; cache.set('key', {'한글': 1}, 86400); print(cache.get('key'))"
    environment = {"PYTHONPATH": f"{ROOT}{os.pathsep}{the_plaza.folder}"}
    for words in (["createcachetable"], ["shell", "-c", set_it]):
        assert project.run(source, "django", *words, **environment).returncode == 0
    done = project.outgrow(source, "move", "--json", to=target, **environment).ok()
    assert "the cache" in {t["name"] for t in done.result["report"]["tables"]}
    got = project.run(
        target, "django", "shell", "-c", set_it.partition(";")[0] + "; print(cache.get('key'))", **environment
    )
    assert "{'한글': 1}" in got.stdout, got.stderr


def test_the_console_command_finds_a_project_by_its_manage_py(tmp_path: Path, make_database: MakeDatabase) -> None:
    (tmp_path / "manage.py").write_text(
        "import os, sys\n"
        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'tests.moves.clocks.settings')\n"
        "from django.core.management import execute_from_command_line\n"
        "execute_from_command_line(sys.argv)\n"
    )
    source, target = make_database("sqlite"), make_database("postgresql")
    named = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"} | {
        "CLOCKS_DATABASE_URL": source, "TARGET": target, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path),
    }  # fmt: skip

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(words, cwd=tmp_path, env=named, capture_output=True, text=True, timeout=120, check=False)

    assert run(sys.executable, "manage.py", "migrate", "-v0").returncode == 0
    command = str(Path(sys.executable).with_name("outgrow"))
    moved = run(command, "move", "--to", "env:TARGET", "--json")
    assert moved.returncode == 0, moved.stdout + moved.stderr
    assert json.loads(moved.stdout.splitlines()[-1])["report"]["state"] == "verified"
    assert "verified" in run(command, "status").stdout  # and the target is remembered


PARTITIONED = (
    "CREATE TYPE mood AS ENUM ('ok', 'it''s')",
    "CREATE TABLE parted (id int, m mood, a int[]) PARTITION BY RANGE (id)",
    "CREATE TABLE part_one PARTITION OF parted FOR VALUES FROM (1) TO (2)",
    "CREATE TABLE part_rest PARTITION OF parted DEFAULT",
    "INSERT INTO parted VALUES (1, 'ok', '{1,2}'), (2, 'it''s', NULL)",
    "CREATE TABLE ancestor (id int)",
    "CREATE TABLE heir () INHERITS (ancestor)",
    "CREATE TABLE richer (more int) INHERITS (ancestor)",
    "INSERT INTO heir VALUES (1)",
    "INSERT INTO richer VALUES (2, 3)",
)


def test_a_second_move_from_the_moved_database_leaves_the_first_ledger_behind(
    the_plaza: Project, filled: Filled, make_database: MakeDatabase
) -> None:
    source, middle, target = filled("plaza"), make_database("postgresql"), make_database("postgresql")
    the_plaza.move(source, middle)
    execute("postgresql", middle, *PARTITIONED)
    report = the_plaza.move(middle, target)["report"]
    became = {name: (action, why) for name, action, why in report["others"]}
    assert became["part_one"] == became["part_rest"] == ("skipped", "a partition: its rows go with those of parted")
    assert became["heir"] == ("skipped", "a partition: its rows go with those of ancestor")
    assert became["richer"][0] == "archived"
    path = the_plaza.folder / "outgrow-archive-1.sqlite3"
    assert held(path, "parted") == [(1, b"ok", b"{1,2}"), (2, b"it's", None)]
    assert held(path, "ancestor") == [(1,), (2,)]
    assert [t["name"] for t in report["tables"] if t["name"].startswith("outgrow")] == []
    assert report["run"] == 1


def test_a_model_s_table_that_inherits_from_one_without_a_model_is_copied(
    the_plaza: Project, make_database: MakeDatabase
) -> None:
    source, target = make_database("postgresql"), make_database("sqlite")
    the_plaza.manage(source, "migrate", "-v0")
    execute(
        "postgresql", source, "CREATE TABLE all_tags (LIKE social_tag)", "ALTER TABLE social_tag INHERIT all_tags",
        "INSERT INTO social_tag (name) VALUES ('kept')",
    )  # fmt: skip
    report = the_plaza.move(source, target)["report"]
    assert report["state"] == "verified"
    assert catalogs.rows("sqlite", target, "SELECT name FROM social_tag") == [("kept",)]


def test_a_row_that_is_written_meanwhile_is_found_or_held_off(
    the_plaza: Project, filled: Filled, make_database: MakeDatabase
) -> None:
    source, target = filled("plaza"), make_database("postgresql")
    the_plaza.move(source, target)
    execute("sqlite", source, "INSERT INTO social_tag (name) VALUES ('after the move')")
    verified = the_plaza.outgrow(source, "verify", to=target)
    assert verified.code == 1
    assert "1 of" in verified.out
    assert "social_tag" in verified.out


@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_a_key_that_had_to_wait_for_others_is_still_restored_without_a_copy_of_its_table(
    engine: str, make_database: MakeDatabase
) -> None:
    """Statements are forgotten as they are done, and a session that waited in vain goes on with the rest."""
    url = make_database(engine)
    execute(engine, url, "CREATE TABLE parent (id int PRIMARY KEY)", "CREATE TABLE child (id int PRIMARY KEY, p int)")
    dialect = opened(url)
    add = "ALTER TABLE child ADD CONSTRAINT k FOREIGN KEY (p) REFERENCES parent (id), ALGORITHM=INPLACE"
    todo = ["SET SESSION foreign_key_checks=0", add, "SET SESSION foreign_key_checks=1"]
    with dialect.connect() as session, dialect.connect() as other:
        session.execute("SET SESSION lock_wait_timeout=1")
        other.begin()
        other.execute("INSERT INTO child VALUES (1, NULL)")
        with pytest.raises(Exception, match="timeout") as raised:
            _execute(dialect, session, todo)
        assert dialect.trouble(raised.value) is Trouble.BUSY
        session.rollback()
        other.rollback()
        _execute(dialect, session, todo)
        assert session.value("SELECT @@foreign_key_checks") == 1
    assert "CONSTRAINT `k`" in "".join(catalogs.catalog(engine, url)["child"])


STATISTICS = {
    "sqlite": "SELECT count(*) FROM sqlite_stat1 WHERE tbl='social_post'",
    "postgresql": "SELECT count(*) FROM pg_stats WHERE tablename='social_post'",
    "mysql": "SELECT n_rows FROM mysql.innodb_table_stats WHERE database_name=database() AND table_name='social_post'",
}
STATISTICS["mariadb"] = STATISTICS["mysql"]


@pytest.mark.parametrize("engine", engines.ENGINES)
def test_a_target_has_its_statistics_at_the_end_and_not_some_time_later(
    engine: str, the_plaza: Project, filled: Filled, make_database: MakeDatabase
) -> None:
    source, target = filled("plaza"), make_database(engine)
    assert the_plaza.move(source, target)["report"]["state"] == "verified"
    with opened(target).connect() as session:
        assert int(session.value(STATISTICS[engine])) > 0
