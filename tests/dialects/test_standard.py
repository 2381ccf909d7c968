"""SQL that PostgreSQL and SQLite share, on both."""

from __future__ import annotations

from collections.abc import Iterator

import dj_database_url
import pytest

from outgrow.dialects import dialect_for
from outgrow.dialects.base import Dialect, Key, ObjectKind, Reading, SchemaObject, Session
from tests.conftest import MakeDatabase


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest, make_database: MakeDatabase) -> Dialect:
    return dialect_for(dict(dj_database_url.parse(make_database(request.param))))


@pytest.fixture
def session(dialect: Dialect) -> Iterator[Session]:
    with dialect.connect() as session:
        session.execute("CREATE TABLE shop (k int PRIMARY KEY, n int, g varchar(9))")
        session.execute("INSERT INTO shop VALUES (1,7,'a'),(2,7,'a'),(3,7,'b'),(4,NULL,'c'),(5,NULL,'c'),(6,7,'d')")
        yield session


def collisions(dialect: Dialect, session: Session, *columns: str, **more: object) -> list[tuple[Key, ...]]:
    table = dialect.tables(session)["shop"]
    reading = Reading("shop", tuple((c, dialect.kind(c)) for c in table.columns), table.key)
    unique = SchemaObject("shop", "u", ObjectKind.UNIQUE, columns, **more)  # type: ignore[arg-type]
    return sorted(tuple(sorted(group)) for group in dialect.colliding(session, unique, reading))


def test_a_unique_column_may_have_any_name(dialect: Dialect, session: Session) -> None:
    assert collisions(dialect, session, "n", "g") == [((1,), (2,))]


def test_rows_outside_of_a_condition_collide_with_nothing(dialect: Dialect, session: Session) -> None:
    assert collisions(dialect, session, "n", condition="k <> 2 AND k <> 6") == [((1,), (3,))]


def test_nulls_collide_where_they_are_not_distinct(dialect: Dialect, session: Session) -> None:
    assert collisions(dialect, session, "n", "g", nulls_distinct=False) == [((1,), (2,)), ((4,), (5,))]
