"""Traps that neither plaza nor the zoo can hold: one strange project, its tables written in plain SQL."""

from __future__ import annotations

import pytest

from tests.audit.conftest import Audited, audit
from tests.audit.strange import LONG
from tests.conftest import MakeDatabase
from tests.engines import SERVERS
from tests.moves import catalogs
from tests.moves.test_archive import WITHOUT_KEYS, execute

STRANGE = "tests.audit.strange.settings"
SOURCE = (
    f'CREATE TABLE strange_wide (id integer PRIMARY KEY, path varchar(800) UNIQUE, body varchar(17000), "{LONG}" '
    "varchar(10), tags text)",
    "CREATE TABLE strange_code (name varchar(20) PRIMARY KEY)",
    "CREATE TABLE strange_amount (id integer PRIMARY KEY, total decimal, close decimal, paid_on date, "
    "parent_id bigint, code_id varchar(20))",
    "INSERT INTO strange_wide VALUES (1, 'a', printf('%.70000c', 'b'), 'c', NULL)",
    "INSERT INTO strange_code VALUES ('a'), (NULL)",
    "INSERT INTO strange_amount VALUES (1, 9999999999999999.99, 1000.5, '2024-01-31', NULL, 'a'), "
    "(2, 123456789012345678.91, 99999999999999.99, NULL, '', ''), (3, 12.5, 0.1, '0000-00-00', NULL, NULL)",
)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('strange')}/strange.sqlite3"
    execute("sqlite", url, *SOURCE)
    return url


def found(audited: Audited) -> set[tuple[str, str]]:
    return {(f["id"], f"{f['table'].removeprefix('strange_')}.{f['column']}") for f in audited.findings}


def test_what_mysql_cannot_declare_is_said_before_migrate_runs(source: str, make_database: MakeDatabase) -> None:
    audited = audit(STRANGE, source, make_database("mysql"))
    schema = {f for f in found(audited) if f[0].startswith("A7")}
    assert schema == {
        ("A701", f"wide.{LONG}"), ("A702", "wide."), ("A705", "django_migrations."), ("A706", "wide.tags"),
        ("A708", "wide.path"),
    }  # fmt: skip


def test_names_that_postgresql_would_cut_are_warned_about(source: str, make_database: MakeDatabase) -> None:
    audited = audit(STRANGE, source, make_database("postgresql"))
    assert [(f["column"], f["severity"]) for f in audited.of("A701")] == [(LONG, "warning")]
    assert audited.of("A706") == audited.of("A708") == audited.of("A702") == []


def test_rounded_decimals_empty_parents_and_keys_of_null_are_named(source: str, make_database: MakeDatabase) -> None:
    audited = audit(STRANGE, source, make_database("postgresql"))
    keys = {(f["id"], f["column"]): f["keys"] for f in audited.findings}
    assert keys["A302", "parent_id"] == [[2]]
    assert keys["A501", "code_id"] == [[2]]
    assert keys["A401", "paid_on"] == [[3]]
    assert keys["A306", "total"] == [[1], [2]]
    assert keys["A306", "close"] == keys["A303", "close"] == [[2]]  # 100000000000000.00 to Django, a digit too many
    assert keys["A505", "name"] == [[""]]


LIVE = (  # not as the models would have it
    "CREATE TABLE strange_wide (id bigint PRIMARY KEY, path varchar(700), body text)",
    "CREATE TABLE strange_code (name varchar(20) PRIMARY KEY) ENGINE=MyISAM",
    "CREATE TABLE strange_amount (id bigint PRIMARY KEY, total decimal(20,2), close decimal(16,2), paid_on date, "
    "parent_id bigint, code_id varchar(20), wanted int NOT NULL, CONSTRAINT small CHECK (close < 1000))",
)


@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_the_target_s_live_tables_are_judged_and_not_the_models(
    engine: str, source: str, make_database: MakeDatabase
) -> None:
    target = make_database(engine)
    execute(engine, target, *LIVE)
    audited = audit(STRANGE, source, target)
    assert audited.target is not None
    assert audited.not_judged == []
    rules = {"A106", "A504", "A703", "A704", "A707"}
    assert {f for f in found(audited) if f[0] in rules} == {
        ("A106", "wide.body"), ("A504", "amount."), ("A703", f"wide.{LONG}"), ("A703", "wide.tags"),
        ("A704", "amount.wanted"), ("A707", "code."),
    }  # fmt: skip
    assert audited.of("A504")[0]["keys"] == [[1]]
    assert {f["column"]: f["severity"] for f in audited.of("A703")} == {LONG: "error", "tags": "note"}


KEYED = (
    "CREATE TABLE strange_wide (id bigint PRIMARY KEY, path varchar(700), body text)",
    "CREATE TABLE strange_code (name varchar(20) PRIMARY KEY)",
    "CREATE TABLE strange_amount (id bigint PRIMARY KEY, total decimal(20,2), close decimal(16,2), paid_on date, "
    "parent_id bigint, code_id varchar(20), CONSTRAINT of_code FOREIGN KEY (code_id) REFERENCES strange_code (name))",
    "INSERT INTO strange_code VALUES ('a'), ('b')",
    "INSERT INTO strange_amount VALUES (1, NULL, NULL, NULL, NULL, 'a'), (2, NULL, NULL, NULL, NULL, 'b')",
)


@pytest.mark.parametrize("engine", SERVERS)
def test_a_constraint_that_was_switched_off_once_proves_nothing(engine: str, make_database: MakeDatabase) -> None:
    """As pg_restore --disable-triggers and mysqldump's foreign_key_checks=0 do: the catalog still calls it valid."""
    source = make_database(engine)
    execute(engine, source, *KEYED)
    execute(engine, source, WITHOUT_KEYS[engine] + "DELETE FROM strange_code WHERE name='b'")
    other = "postgresql" if engine != "postgresql" else "mariadb"
    assert audit(STRANGE, source, make_database(other)).of("A501")[0]["keys"] == [[2]]


def test_migrations_that_cannot_be_read_are_not_taken_for_applied(source: str, make_database: MakeDatabase) -> None:
    audited = audit(STRANGE, source, make_database("postgresql"), STRANGE_TORN="1")
    assert audited.of("A705") == []
    said = [n["message"] for n in audited.not_judged if n["id"] == "A705"]
    assert len(said) == 1
    assert said[0].startswith("pending migrations: the project's migrations cannot be read")
    assert "gone" in said[0]


@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_unique_columns_whose_lookups_become_stricter_are_named(engine: str, make_database: MakeDatabase) -> None:
    source = make_database(engine)
    execute(engine, source, *KEYED)
    stricter = audit(STRANGE, source, make_database("postgresql")).of("A108")
    assert [(f["severity"], f["count"]) for f in stricter] == [("note", 1)]
    assert "strange_code.name" in stricter[0]["message"]
    assert audit(STRANGE, source, make_database("mysql")).of("A108") == []


def test_no_lookup_becomes_stricter_between_engines_that_compare_bytes(
    source: str, make_database: MakeDatabase
) -> None:
    assert audit(STRANGE, source, make_database("postgresql")).of("A108") == []


@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_a_server_without_the_project_s_time_zone_is_warned_about(
    engine: str, source: str, make_database: MakeDatabase
) -> None:
    target = make_database(engine)
    knows = catalogs.rows(engine, target, "SELECT CONVERT_TZ('2026-01-01','+00:00','Asia/Seoul') IS NOT NULL")[0][0]
    warned = audit(STRANGE, source, target, STRANGE_ZONE="Asia/Seoul").of("A803")
    assert [f["severity"] for f in warned] == ([] if knows else ["warning"])
    assert all("Asia/Seoul" in f["message"] for f in warned)
    assert audit(STRANGE, source, target).of("A803") == []  # UTC on both sides: Django does not ask the server
