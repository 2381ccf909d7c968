"""MySQL and MariaDB: one moment for several sessions, and a source that holds still."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from outgrow.dialects.base import Range, Trouble
from outgrow.dialects.mysql import open_dialect, snapshots
from outgrow.errors import Refused
from tests.dialects.mysql_place import Place


def as_user(place: Place, *grants: str) -> dict[str, Any]:
    """Settings of a user with these rights on the place's database only."""
    name = f"u{abs(hash(place.url)) % 10**8}"
    database = place.url.rpartition("/")[2]
    place.run(f"CREATE USER '{name}'@'%' IDENTIFIED BY 'pw'")
    for grant in grants:
        place.run(f"GRANT {grant} ON `{database}`.* TO '{name}'@'%'")
    return {**place.settings, "USER": name, "PASSWORD": "pw"}


def test_all_sessions_see_one_moment_while_a_writer_is_at_work(place: Place) -> None:
    place.run("CREATE TABLE a (id int PRIMARY KEY)", "CREATE TABLE b (id int PRIMARY KEY)")
    stop = threading.Event()
    writer = place.driver()

    def write() -> None:
        n, cursor = 0, writer.cursor()
        while not stop.is_set():
            n += 1
            cursor.execute(f"INSERT INTO a VALUES ({n})")
            cursor.execute(f"INSERT INTO b VALUES ({n})")
            writer.commit()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        time.sleep(0.2)
        with place.dialect.snapshot(workers=3) as snapshot:
            assert snapshot.sessions == 3
            assert "lined up" in snapshot.description
            sessions = [snapshot.session() for _ in range(3)]
            seen = {s.value(f"SELECT COUNT(*) FROM {t}") for s in sessions for t in "ab" for _ in range(2)}
            assert len(seen) == 1
            time.sleep(0.1)
            sessions[0].close()
            assert {snapshot.session().value("SELECT COUNT(*) FROM a")} == seen
    finally:
        stop.set()
        thread.join()
    assert place.dialect.count(place.session, "a") > seen.pop() > 0


def test_a_session_waits_until_one_is_given_back(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY)")
    with place.dialect.snapshot(workers=1) as snapshot:
        first = snapshot.session()
        got: list[Any] = []
        thread = threading.Thread(target=lambda: got.append(snapshot.session()))
        thread.start()
        thread.join(0.3)
        assert not got
        first.begin()
        first.commit()
        place.run("INSERT INTO t VALUES (1)")
        first.close()
        thread.join(5)
        assert got[0].value("SELECT COUNT(*) FROM t") == 0


@pytest.mark.parametrize(("grant", "said"), [("LOCK TABLES", "LOCK TABLES"), ("RELOAD", "FLUSH TABLES")])
def test_a_user_who_may_lock_gets_several_sessions(place: Place, grant: str, said: str) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY)", "CREATE VIEW v AS SELECT * FROM t")
    settings = as_user(place, "SELECT" + (", LOCK TABLES" if grant == "LOCK TABLES" else ""))
    if grant == "RELOAD":
        place.run(f"GRANT RELOAD ON *.* TO '{settings['USER']}'@'%'")
    dialect = open_dialect(settings)
    with dialect.snapshot(workers=2) as snapshot:
        assert snapshot.sessions == 2
        assert said in snapshot.description
        place.run("INSERT INTO t VALUES (1)")
        assert snapshot.session().value("SELECT COUNT(*) FROM t") == 0


def test_a_user_who_may_not_gets_one_and_the_reason(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY)")
    dialect = open_dialect(as_user(place, "SELECT"))
    with dialect.snapshot(workers=4) as snapshot:
        assert snapshot.sessions == 1
        assert "may lock no tables" in snapshot.description
        place.run("INSERT INTO t VALUES (1)")
        assert snapshot.session().value("SELECT COUNT(*) FROM t") == 0


def test_lines_come_from_the_moment_of_the_snapshot(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (1,'\x1f')")
    with place.dialect.snapshot(workers=2) as snapshot:
        place.run("UPDATE t SET v='new'")
        session = snapshot.session()
        assert b"".join(place.dialect.lines(session, place.reading(), Range())) == b"1\t\x1f\n"


# -- freeze -----------------------------------------------------------------------------------------------------------
def test_a_frozen_database_is_read_but_not_written_and_thaws_by_itself(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE u (id int)", "SET lock_wait_timeout=1")
    with place.dialect.freeze() as said:
        assert "writers wait" in said
        for table in "tu":
            with pytest.raises(Exception, match="1205") as caught:
                place.run(f"INSERT INTO {table} VALUES (1)")
            assert place.dialect.trouble(caught.value) is Trouble.BUSY
        with place.dialect.snapshot(workers=2) as snapshot:
            assert snapshot.sessions == 2
            assert snapshot.session().value("SELECT COUNT(*) FROM t") == 0
    place.run("INSERT INTO t VALUES (1)")


def test_a_freeze_ends_with_an_error_too(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY)")
    with pytest.raises(ZeroDivisionError), place.dialect.freeze():
        raise ZeroDivisionError
    place.run("SET lock_wait_timeout=1", "INSERT INTO t VALUES (1)")


def test_a_freeze_is_refused_in_one_sentence(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY)")
    poor = open_dialect(as_user(place, "SELECT"))
    with pytest.raises(Refused, match="grant LOCK TABLES"), poor.freeze():
        pass
    monkeypatch.setattr(snapshots, "FREEZE_WAIT", 1)
    writer = place.driver()
    writer.cursor().execute("INSERT INTO t VALUES (1)")
    with pytest.raises(Refused, match="end its transaction"), place.dialect.freeze():
        pass
