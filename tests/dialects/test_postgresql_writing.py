"""PostgreSQL as a target."""

from __future__ import annotations

import dj_database_url

from outgrow.dialects import dialect_for
from tests.conftest import MakeDatabase


def test_an_identity_that_is_always_generated_takes_the_keys_that_are_given(make_database: MakeDatabase) -> None:
    dialect = dialect_for(dict(dj_database_url.parse(make_database("postgresql"))))
    with dialect.connect() as session:
        session.execute("CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text)")
        table = dialect.tables(session)["t"]
        session.begin()
        assert dialect.write(session, table, [(c, dialect.kind(c)) for c in table.columns], [b"41\ta\n7\tb\n"]) == 2
        session.commit()
        dialect.reset_sequences(session, [table])
        session.execute("INSERT INTO t (v) VALUES ('next')")
        assert session.query("SELECT id FROM t ORDER BY id") == [(7,), (41,), (42,)]


def test_a_sequence_that_belongs_to_no_column_stands_above_all_that_drew_from_it(make_database: MakeDatabase) -> None:
    """`db_default=nextval(…)` on a sequence that a migration made by hand; two tables number their papers by it."""
    dialect = dialect_for(dict(dj_database_url.parse(make_database("postgresql"))))
    with dialect.connect() as session:
        session.execute('CREATE SEQUENCE "Paper seq"')
        for name in ("bill", "offer", "empty"):
            session.execute(f"CREATE TABLE {name} (number bigint DEFAULT nextval('\"Paper seq\"'))")
        session.execute("INSERT INTO bill VALUES (41), (7)")
        session.execute("INSERT INTO offer VALUES (12)")
        tables = dialect.tables(session)
        dialect.reset_sequences(session, [tables[name] for name in ("bill", "offer", "empty")])
        session.execute("INSERT INTO offer DEFAULT VALUES")
        assert session.query("SELECT number FROM offer ORDER BY number") == [(12,), (42,)]


def test_workers_of_a_serializable_server_do_not_fail_each_other(make_database: MakeDatabase) -> None:
    """`default_transaction_isolation` may be anything; chunks that commit beside each other are no conflict."""
    settings = dict(dj_database_url.parse(make_database("postgresql")))
    options = "-c default_transaction_isolation=serializable -c default_transaction_deferrable=on"
    dialect = dialect_for({**settings, "OPTIONS": {"options": options}})
    with dialect.connect() as one, dialect.connect() as other:
        one.execute("CREATE TABLE slot (id int, n int)")
        one.execute("INSERT INTO slot VALUES (1, 0), (2, 0)")
        for session in (one, other):
            session.begin()
            session.value("SELECT sum(n) FROM slot")
        for number, session in enumerate((one, other), 1):
            session.execute(f"UPDATE slot SET n=1 WHERE id={number}")
        one.commit()
        other.commit()
        assert one.value("SELECT sum(n) FROM slot") == 2
        assert one.value("SHOW default_transaction_deferrable") == "off"
