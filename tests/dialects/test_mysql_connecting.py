"""MySQL and MariaDB: how a session behaves, and what a person is told when there is none."""

from __future__ import annotations

import socket
import threading
import time
from decimal import Decimal
from typing import Any

import MySQLdb
import pytest

from outgrow.dialects import dialect_for
from outgrow.dialects.base import Trouble
from outgrow.dialects.mysql import MariaDB, MySQL, open_dialect, session
from outgrow.dialects.mysql.trouble import trouble as meaning
from outgrow.errors import Unreachable
from tests.dialects.mysql_place import Place


def test_the_live_server_says_which_engine_it_is(place: Place) -> None:
    found = dialect_for(place.settings)
    assert type(found) is {"mysql": MySQL, "mariadb": MariaDB}[place.engine]
    assert found.name == place.engine


def test_values_arrive_as_ordinary_python_values(place: Place) -> None:
    row = place.session.query(
        "SELECT 1, CAST(18446744073709551615 AS UNSIGNED), 1.50, 1e0, 'é', x'00ff', NULL, CAST('2026-01-02' AS DATE), "
        "CAST('2026-01-02 03:04:05.600000' AS DATETIME(6)), CAST('-30:00:00' AS TIME)"
    )[0]
    assert row == (
        1,
        2**64 - 1, Decimal("1.50"), 1.0, "é", b"\x00\xff", None,
        "2026-01-02", "2026-01-02 03:04:05.600000", "-30:00:00",
    )  # fmt: skip
    assert [type(v) for v in row[:6]] == [int, int, Decimal, float, str, bytes]


def test_percent_and_question_marks_mean_themselves(place: Place) -> None:
    assert place.session.value("SELECT '100%s ? %% :x'") == "100%s ? %% :x"


@pytest.mark.parametrize("text", ["it's", "back\\slash", "안녕 😀", "", "\x00\n\t", '"', "%s"])
def test_literals_come_back_as_they_were(place: Place, text: str) -> None:
    literal = place.dialect.literal
    assert place.session.value(f"SELECT {literal(text)}") == text
    assert place.session.value(f"SELECT {literal(text.encode())}") == text.encode()
    assert place.session.query(f"SELECT {literal(1.5)},{literal(-7)},{literal(None)},{literal(1e300)}") == [
        (1.5, -7, None, 1e300)
    ]
    place.run(f"CREATE TABLE {place.dialect.quote('a`b')} (id int)")
    assert "a`b" in place.dialect.tables(place.session)


def test_a_session_is_strict_in_utc_and_checks_its_keys(place: Place) -> None:
    values = place.session.query("SELECT @@time_zone,@@sql_mode,@@foreign_key_checks,@@unique_checks,@@autocommit")[0]
    assert values[0] == "+00:00"
    assert "STRICT_ALL_TABLES" in values[1]
    assert "ANSI_QUOTES" not in values[1]
    assert values[2:] == (1, 1, 1)


def test_a_project_s_init_command_cannot_loosen_that(place: Place) -> None:
    options = {"init_command": "SET foreign_key_checks=0, sql_mode='ANSI_QUOTES', time_zone='+09:00'"}
    with session.connect({**place.settings, "OPTIONS": options}) as found:
        assert found.query("SELECT @@foreign_key_checks,@@time_zone") == [(1, "+00:00")]
        assert "STRICT_ALL_TABLES" in found.value("SELECT @@sql_mode")


def test_a_server_that_opens_transactions_by_itself_does_so_for_no_session_of_ours(place: Place) -> None:
    """With autocommit off, the heartbeat's row stayed locked and the move waited for itself."""
    place.run("CREATE TABLE t (id int PRIMARY KEY)", "SET GLOBAL autocommit=0")
    try:
        one = place.another()
        assert one.value("SELECT @@autocommit") == 1
        one.execute("INSERT INTO t VALUES (1)")
        assert place.another().value("SELECT COUNT(*) FROM t") == 1
    finally:
        place.run("SET GLOBAL autocommit=1")


def test_a_reader_cannot_write(place: Place) -> None:
    place.run("CREATE TABLE t (id int)")
    reader = place.another(read_only=True)
    with pytest.raises(Exception, match="1792") as caught:
        reader.execute("INSERT INTO t VALUES (1)")
    assert place.dialect.trouble(caught.value) is Trouble.RIGHTS


def test_a_transaction_is_open_between_begin_and_commit_only(place: Place) -> None:
    place.run("CREATE TABLE t (id int)", "INSERT INTO t VALUES (1)")
    place.session.begin()
    assert place.session.execute("UPDATE t SET id=2") == 1
    place.session.rollback()
    assert place.session.value("SELECT id FROM t") == 1
    assert place.session.execute("UPDATE t SET id=1") == 1, "rows that match count, changed or not"
    assert list(place.session.stream("SELECT id FROM t")) == [(1,)]


def test_a_stream_may_be_left_early(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY)")
    place.insert("t", [(n,) for n in range(3000)])
    stream = place.session.stream("SELECT id FROM t")
    assert next(stream) == (0,)
    stream.close()  # type: ignore[attr-defined]
    assert place.session.value("SELECT 1") == 1


def test_rollback_on_a_dead_connection_is_silent_and_the_loss_is_told(place: Place) -> None:
    other = place.another()
    place.run(f"KILL {other.id}")
    with pytest.raises(Exception, match=r"20\d\d|1927") as caught:
        other.value("SELECT 1")
    assert place.dialect.trouble(caught.value) is Trouble.LOST
    other.rollback()
    other.close()


def test_another_thread_can_stop_a_statement(place: Place) -> None:
    victim = place.another()
    threading.Timer(0.5, victim.cancel).start()
    start = time.monotonic()
    with pytest.raises(Exception, match="1317"):
        victim.value(
            "SELECT COUNT(*) FROM information_schema.columns a, information_schema.columns b, "
            "information_schema.columns c, information_schema.columns d"
        )
    assert time.monotonic() - start < 10
    assert victim.value("SELECT 1") == 1


def test_sessions_are_ended_by_their_marks_and_nobody_else_s(place: Place) -> None:
    mine, other = place.another(), place.another()
    place.dialect.end_sessions(place.session, [mine.mark, "outgrow-nobody", place.session.mark, "'; DROP"])
    with pytest.raises(Exception, match=r"20\d\d|1927"):
        mine.value("SELECT 1")
    assert other.value("SELECT 1") == 1
    assert place.session.value("SELECT 1") == 1


def test_other_connections_to_the_database_are_told_without_ours(place: Place) -> None:
    place.another()
    assert place.dialect.other_writers(place.session) == []
    place.driver()
    (text,) = place.dialect.other_writers(place.session)
    assert text.startswith(f"{place.server.user}@")
    assert place.server.password not in text


def test_a_statement_that_is_not_utf8_does_not_hide_the_connections(place: Place) -> None:
    """MySQL's information_schema.processlist cannot convert it, and fails for everybody (error 3854)."""
    busy = place.driver()
    statement = threading.Thread(target=busy.query, args=(b"SELECT SLEEP(2), '\xff\xfe\x80 odd'",))
    statement.start()
    try:
        said = [""]
        while "query for" not in said[0]:
            said = place.dialect.other_writers(place.session)
        assert len(said) == 1
    finally:
        statement.join()


# -- no session -------------------------------------------------------------------------------------------------------
def refused(settings: dict[str, Any]) -> str:
    with pytest.raises(Unreachable) as caught:
        open_dialect(settings)
    said = str(caught.value)
    assert said.count("\n") == 0
    assert said.endswith(".")
    assert caught.value.__cause__ is None
    return said


def test_each_reason_is_one_sentence_without_the_password(place: Place) -> None:
    settings = {**place.settings, "OPTIONS": {"connect_timeout": 2}}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = free.getsockname()[1]
    cases = {
        "the password or the user name": {"PASSWORD": "wr0ng-s3cret"},
        "no such database": {"NAME": "there_is_none"},
        "nothing listens": {"PORT": closed},
        "does not resolve": {"HOST": "no-such-host.invalid"},
        "nothing listens there": {"HOST": "/tmp/no/such.sock"},
    }
    for words, changes in cases.items():
        said = refused({**settings, **changes})
        assert words in said
        assert place.server.password not in said
        assert "s3cret" not in said


def test_a_server_that_never_answers_is_told_in_seconds(place: Place) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        start = time.monotonic()
        said = refused({**place.settings, "PORT": silent.getsockname()[1], "OPTIONS": {"connect_timeout": 1}})
    assert time.monotonic() - start < 10
    assert "does not answer in time" in said


def test_a_user_without_rights_on_the_database_is_told_so(place: Place) -> None:
    place.run("CREATE USER IF NOT EXISTS 'poor'@'%' IDENTIFIED BY 'p00r'")
    said = refused({**place.settings, "USER": "poor", "PASSWORD": "p00r"})
    assert "grant the user rights" in said


def test_a_missing_driver_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MySQLdb", None)
    assert "pip install 'django-outgrow[mysql]'" in refused({"NAME": "x"})


def test_settings_become_the_driver_s_arguments() -> None:
    found = session.parameters(
        {
            "ENGINE": "django.db.backends.mysql", "NAME": "shop", "USER": "u", "PASSWORD": "p", "HOST": "/run/m.sock",
            "PORT": "", "OPTIONS": {"charset": "latin1", "ssl": {"ca": "x"}, "isolation_level": "read committed",
            "passwd": "q"},
        }
    )  # fmt: skip
    assert found == {
        "database": "shop", "user": "u", "password": "p", "unix_socket": "/run/m.sock", "ssl": {"ca": "x"},
        "connect_timeout": 5,
    }  # fmt: skip


def test_errors_are_told_without_the_values_of_rows(place: Place) -> None:
    place.run("CREATE TABLE t (id int PRIMARY KEY, v varchar(3), UNIQUE KEY uq (v))", "INSERT INTO t VALUES (1,'bob')")
    for sql, words in {
        "INSERT INTO t VALUES (2,'bob')": "uq",
        "INSERT INTO t VALUES (2,'secret')": "too long for the column: v",
        "INSERT INTO t VALUES ('secret','a')": "wrong form",
    }.items():
        with pytest.raises(Exception, match=r".") as caught:
            place.run(sql)
        said = place.dialect.explain(caught.value)
        assert words in said
        assert "bob" not in said
        assert "secret" not in said
        assert place.dialect.trouble(caught.value) is Trouble.DATA


@pytest.mark.parametrize(
    ("code", "says", "trouble"),
    [
        (1021, "Disk full (/tmp/#sql); waiting for someone to free some space...", Trouble.SPACE),
        (1114, "The table 'post' is full", Trouble.SPACE),
        (3019, "Undo Log error: No more space left over in system tablespace", Trouble.SPACE),
        (3675, "Create table/tablespace 'post' failed, as disk is full", Trouble.SPACE),
        (3, "Error writing file './binlog' (OS errno 28 - No space left on device)", Trouble.SPACE),
        (1030, 'Got error 28 "No space left on device" from storage engine InnoDB', Trouble.SPACE),
        (1026, "Error writing file '/tmp/MYfd=28' (errno: 5 - Input/output error)", Trouble.STORAGE),
        (1030, "Got error 128 from storage engine", Trouble.STORAGE),
        (1712, "Index post is corrupted", Trouble.STORAGE),
        (1812, "Tablespace is missing for table `shop`.`post`.", Trouble.STORAGE),
    ],
)
def test_a_full_disk_and_a_broken_one_are_told_apart(code: int, says: str, trouble: Trouble) -> None:
    assert meaning(MySQLdb.OperationalError(code, says)) is trouble
