"""What is asked again and again is planned once by PostgreSQL, and goes on while a migration changes its columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import NotSupportedError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from plaza.api import asking

TABLE = "asked"
ASK = f"SELECT id, word FROM {TABLE} WHERE id IN (%s, %s) ORDER BY id"


@pytest.fixture
def connection() -> Iterator[BaseDatabaseWrapper]:
    """Outside of the test's transaction, as a request is."""
    found = [one for one in connections.all() if one.vendor == "postgresql"]
    if not found:
        pytest.skip("PostgreSQL alone prepares statements here, and this layout has none.")
    made = found[0].copy()
    with made.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {TABLE} (id bigint, word varchar(5))")
        cursor.execute(f"INSERT INTO {TABLE} VALUES (1, 'one'), (2, 'two'), (5000000000, 'many')")
    yield made
    with made.cursor() as cursor:
        cursor.execute(f"DROP TABLE {TABLE}")
    made.close()


def prepared(connection: BaseDatabaseWrapper) -> list[Any]:
    """How often the server has carried out what it keeps of ours."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE %s",
                       [f"%FROM {TABLE}%"])  # fmt: skip
        return [many for (many,) in cursor.fetchall()]


def widen(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {TABLE} ALTER word TYPE varchar(50)")


def test_it_is_one_statement_whatever_the_size_of_its_numbers(connection: BaseDatabaseWrapper) -> None:
    for _ in range(4):
        assert asking.rows(connection, ASK, [1, 2]) == [(1, "one"), (2, "two")]
        assert asking.rows(connection, ASK, [1, 5_000_000_000]) == [(1, "one"), (5_000_000_000, "many")]
    assert len(prepared(connection)) == 1


def test_a_column_that_a_migration_changes_meanwhile_is_read_on(connection: BaseDatabaseWrapper) -> None:
    for _ in range(8):
        asking.rows(connection, ASK, [1, 2])
    other = connection.copy()
    widen(other)
    other.close()
    for _ in range(8):
        assert asking.rows(connection, ASK, [1, 2]) == [(1, "one"), (2, "two")]
    assert len(prepared(connection)) == 1


def test_within_a_transaction_nothing_is_prepared(connection: BaseDatabaseWrapper) -> None:
    connections[connection.alias], kept = connection, connections[connection.alias]
    try:
        with transaction.atomic(using=connection.alias):
            for _ in range(8):
                assert asking.rows(connection, ASK, [1, 2]) == [(1, "one"), (2, "two")]
            assert prepared(connection) == []
    finally:
        connections[connection.alias] = kept


def test_a_pooler_may_forbid_it(connection: BaseDatabaseWrapper) -> None:
    connection.close()
    connection.settings_dict = {**connection.settings_dict, "OPTIONS": {"prepare_threshold": None}}
    for _ in range(8):
        assert asking.rows(connection, ASK, [1, 2]) == [(1, "one"), (2, "two")]
    assert prepared(connection) == []


def test_what_the_server_cannot_do_is_said(connection: BaseDatabaseWrapper) -> None:
    with pytest.raises(NotSupportedError):
        asking.rows(connection, f"SELECT DISTINCT word FROM {TABLE} WHERE id = %s FOR UPDATE", [1])
