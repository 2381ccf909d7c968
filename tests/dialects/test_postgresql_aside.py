"""PostgreSQL: a partitioned table's objects leave and come back as they were."""

from __future__ import annotations

import pytest

from outgrow.dialects import dialect_for
from outgrow.schema.catalog import compare_catalog
from tests import engines
from tests.conftest import MakeDatabase
from tests.moves.test_archive import execute, opened

TABLES = (
    "CREATE TABLE owner (id int PRIMARY KEY)",
    "CREATE TABLE visit (id int, at date, owner int REFERENCES owner, name text, PRIMARY KEY (id, at), "
    "UNIQUE (name, at)) PARTITION BY RANGE (at)",
    "CREATE INDEX visit_name ON visit (name)",
    "CREATE TABLE visit_2020 PARTITION OF visit FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
    "CREATE TABLE visit_rest PARTITION OF visit DEFAULT",
)
ROWS = "INSERT INTO visit VALUES (1, '2020-02-02', 7, 'a'), (2, '2022-02-02', 7, 'b')"


def test_a_partitioned_table_is_filled_before_its_parents_and_gets_its_keys_back(make_database: MakeDatabase) -> None:
    url = make_database("postgresql")
    execute("postgresql", url, *TABLES)
    dialect = opened(url)
    with dialect.connect() as session:
        before = dialect.tables(session)
        aside = dialect.set_aside([before["visit"], before["owner"]])
        for statement in (sql for thing in aside for sql in thing.drop):
            session.execute(statement)
        execute("postgresql", url, ROWS, "INSERT INTO owner VALUES (7)")
        for thing in sorted(aside, key=lambda thing: thing.order):
            for statement in (*thing.create, *thing.validate):
                session.execute(statement)
        assert [thing.object.name for thing in aside] == ["visit_owner_fkey", "owner_pkey"]
        assert compare_catalog(before, dialect.tables(session)) == []


def test_indexes_return_to_their_tablespace_and_with_their_comments() -> None:
    """Django's `db_tablespace`; pg_get_indexdef() says nothing of it."""
    if engines.skipped("postgresql"):
        pytest.skip("OUTGROW_SKIP names postgresql")
    with engines.start_private("postgresql", {"allow_in_place_tablespaces": "on"}) as server:
        server.sql("CREATE TABLESPACE \"fast one\" LOCATION ''")
        dialect = opened(server.create_database())
        with dialect.connect() as session:
            for statement in (
                'CREATE TABLE owner (id int PRIMARY KEY USING INDEX TABLESPACE "fast one")',
                'CREATE TABLE t (id int UNIQUE USING INDEX TABLESPACE "fast one", owner int REFERENCES owner, v int)',
                "CREATE INDEX here ON t (v)",
                'CREATE INDEX there ON t (v) TABLESPACE "fast one" WHERE v > 1',
                "COMMENT ON INDEX there IS 'it''s fast'",
                "COMMENT ON CONSTRAINT t_owner_fkey ON t IS 'whose'",
                "COMMENT ON CONSTRAINT owner_pkey ON owner IS 'who'",
            ):
                session.execute(statement)
            before = dialect.tables(session)
            spaces = {o.name: o.tablespace for table in before.values() for o in table.objects}
            assert spaces == {
                "owner_pkey": "fast one", "t_id_key": "fast one", "t_owner_fkey": "", "here": "", "there": "fast one",
            }  # fmt: skip
            session.execute("SET default_tablespace='fast one'")
            dialect.prepare_writer(session)
            aside = dialect.set_aside(list(before.values()))
            for thing in aside:
                for statement in thing.drop:
                    session.execute(statement)
            for thing in sorted(aside, key=lambda thing: thing.order):
                session.begin()
                for statement in (*thing.create, *thing.validate):
                    session.execute(statement)
                session.commit()
            assert compare_catalog(before, dialect.tables(session)) == []


def test_a_schema_s_name_may_need_quotes(make_database: MakeDatabase) -> None:
    """As the search_path in OPTIONS names it: `current_schema()::regnamespace` would look for it in lower case."""
    url = make_database("postgresql")
    path = '"Tenant 1",public'
    execute("postgresql", url, 'CREATE SCHEMA "Tenant 1"')
    settings = {**opened(url).settings, "OPTIONS": {"options": "-c search_path=" + path.replace(" ", "\\ ")}}
    dialect = dialect_for(settings)
    with dialect.connect() as session:
        for statement in (*TABLES, "INSERT INTO owner VALUES (7)", ROWS):
            session.execute(statement)
        before = dialect.tables(session)
        assert before["visit_2020"].parent == "visit"
        for thing in (aside := dialect.set_aside([before["visit"], before["owner"]])):
            session.execute(thing.drop[0])
        dialect.clear(session, ["visit", "owner"])
        assert dialect.count(session, "visit") == dialect.count(session, "owner") == 0
        for thing in sorted(aside, key=lambda thing: thing.order):
            for statement in (*thing.create, *thing.validate):
                session.execute(statement)
        assert compare_catalog(before, dialect.tables(session)) == []
