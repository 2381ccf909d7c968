"""A lock on a whole database: one holder at a time, whatever the engine, gone with its holder."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dj_database_url
import pytest

from outgrow.dialects import dialect_for
from outgrow.dialects.exclusive import Exclusive
from tests.conftest import MakeDatabase
from tests.dialects.pooler import pgbouncer
from tests.engines import ENGINES


def lock(url: str, purpose: str = "migrate") -> Exclusive:
    return dialect_for(dict(dj_database_url.parse(url))).exclusive(purpose)


@pytest.mark.parametrize("engine", ENGINES)
def test_one_has_it_the_others_see_who_and_get_it_when_it_is_given_up(engine: str, make_database: MakeDatabase) -> None:
    url, elsewhere = make_database(engine), make_database(engine)
    first, second, other, apart = lock(url), lock(url), lock(elsewhere), lock(url, "another")
    try:
        assert first.take()
        assert (first.held(), second.held()) == (True, False)
        assert not second.take()
        assert second.holder()
        assert other.take(), "a lock of one database is none of another's"
        assert apart.take(), "nor one for another purpose"
        first.close()
        assert second.take()
        assert second.held()
        assert not second.warning
    finally:
        for one in (first, second, other, apart):
            one.close()


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb"])
def test_a_holder_whose_connection_is_ended_knows_and_the_next_gets_it(
    engine: str, make_database: MakeDatabase
) -> None:
    url = make_database(engine)
    first, second = lock(url), lock(url)
    with dialect_for(dict(dj_database_url.parse(url))).connect() as session:
        try:
            assert first.take()
            if engine == "postgresql":
                session.query(f"SELECT pg_terminate_backend({first.session.mark})")  # type: ignore[attr-defined]
            else:
                session.execute(f"KILL {first.session.id}")  # type: ignore[attr-defined]
            end = time.monotonic() + 10
            while not second.take():
                assert time.monotonic() < end
                time.sleep(0.05)
            assert not first.held()
        finally:
            first.close()
            second.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_of_many_who_want_it_at_once_one_gets_it(engine: str, make_database: MakeDatabase) -> None:
    url = make_database(engine)
    locks = [lock(url) for _ in range(8)]
    try:
        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(lambda one: one.take(), locks)) == 1
    finally:
        for one in locks:
            one.close()


def test_a_database_in_memory_needs_no_lock() -> None:
    one, other = lock("sqlite:///:memory:"), lock("sqlite:///:memory:")
    assert one.take()
    assert other.take()


def test_through_a_pooler_in_transaction_mode_it_is_held_by_a_transaction_and_a_warning_says_so(
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    url = make_database("postgresql")
    with pgbouncer(url, tmp_path) as pooled:
        first, second = lock(pooled), lock(pooled)
        try:
            assert "goes through a pooler that shares one server session among clients" in first.warning
            assert first.take()
            assert (first.held(), second.take()) == (True, False)
            direct = lock(url)
            assert not direct.take(), "it is the same lock, through the pooler or not"
            direct.close()
            first.close()
            assert second.take()
            with dialect_for(dict(dj_database_url.parse(url))).connect() as session:
                session.execute("CREATE TABLE thing (id integer)")
                session.execute("SET statement_timeout='20s'")
                session.execute("CREATE INDEX CONCURRENTLY thing_id ON thing (id)")  # does not wait for the holder
        finally:
            first.close()
            second.close()
