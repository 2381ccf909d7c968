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
