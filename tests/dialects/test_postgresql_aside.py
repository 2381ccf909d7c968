"""PostgreSQL: a partitioned table's objects leave and come back as they were."""

from __future__ import annotations

from outgrow.schema.catalog import compare_catalog
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
