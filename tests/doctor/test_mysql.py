"""MySQL and MariaDB: each trouble is made on a real server, and its sentence says what to do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings

from outgrow.dialects.inspecting import Level
from tests.conftest import require
from tests.doctor.conftest import PASSWORD, Account, Made, answer, examined, troubles
from tests.engines import PrivateServer, Server, start_private

OWN = {"D307", "D309", "D314"}  # of the tests' own servers: no zone tables, no LOCAL INFILE, nothing is synced


@pytest.fixture(params=["mysql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Server:
    return require(request.param)


@pytest.fixture
def one(server: Server, account: Made) -> Account:
    return account(server)


def test_a_database_that_can_be_used_has_no_trouble_but_those_of_the_tests_own_server(one: Account) -> None:
    found = examined(one.url())
    assert set(troubles(found)) <= OWN | {"D105"}, troubles(found)
    expected = {
        "D101",
        "D103",
        "D104",
        "D106",
        "D201",
        "D202",
        "D203",
        "D301",
        "D302",
        "D303",
        "D304",
        "D305",
        "D308",
        "D312",
    }
    assert expected <= {a.id for a in found}


def test_a_wrong_password_is_said_and_not_shown(one: Account) -> None:
    found = examined(one.url("not-this-one"))
    said = answer(found, "D106")
    assert said.text.startswith(
        f"The server refused the password of '{one.user}' from 127.0.0.1, or has no such account"
    )
    assert "not-this-one" not in repr(found)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ({"ssl_mode": "REQUIRE"}, "'REQUIRE', and mysqlclient knows no such ssl_mode: did you mean REQUIRED?"),
        ({"sslmode": "require"}, "'sslmode', and mysqlclient knows no such option: did you mean ssl_mode?"),
    ],
)
def test_an_option_with_a_typo_is_no_refusal_of_the_server(one: Account, option: dict[str, str], said: str) -> None:
    assert answer(examined(one.url(), OPTIONS=option), "D106").text == f"The settings have {said}"


def test_an_account_that_is_not_there(one: Account) -> None:
    said = answer(examined(one.url(user="nobody-of-that-name")), "D106")
    assert said.level is Level.FAILED
    assert "'nobody-of-that-name'" in said.text
    assert "no such account" in said.text


def test_a_database_that_is_not_there_is_made_by_the_line_that_is_given(one: Account) -> None:
    one.sql("GRANT SELECT ON `nowhere_{user}`.* TO '{user}'@'%'")
    name = f"nowhere_{one.user}"
    said = answer(examined(one.url(database=name)), "D107")
    assert said.text == f"The server has no database {name}: create it, or correct NAME."
    assert said.commands == (f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4;",)


def test_a_database_on_which_the_account_has_no_right(one: Account) -> None:
    said = answer(examined(one.url(database="mysql")), "D107")
    assert said.text == f"'{one.user}' from 127.0.0.1 has no right on the database mysql: grant it." or (
        said.text == f"'{one.user}' from % has no right on the database mysql: grant it."
    )


def test_an_account_for_another_host(one: Account, server: Server) -> None:
    one.sql("RENAME USER '{user}'@'%' TO '{user}'@'10.1.2.3'")
    said = answer(examined(one.url()), "D106")
    assert said.level is Level.FAILED
    assert "no such account" in said.text or "may come from" in said.text
    one.sql("RENAME USER '{user}'@'10.1.2.3' TO '{user}'@'%'")


@pytest.fixture
def lonely() -> Iterator[PrivateServer]:
    """A MariaDB that nobody else logs in to: a nameless account is everybody's."""
    with start_private("mariadb") as server:
        yield server


def test_the_nameless_account_that_comes_before_the_named_one(lonely: PrivateServer, account: Made) -> None:
    one = account(lonely)
    one.sql("CREATE USER ''@'127.0.0.1'")
    try:
        said = answer(examined(one.url()), "D106")
        assert said.text.startswith(
            f"The server takes '{one.user}' from 127.0.0.1 for its nameless account ''@'127.0.0.1'"
        )
        assert said.commands[0] == "DROP USER ''@'127.0.0.1';"
    finally:
        one.sql("DROP USER ''@'127.0.0.1'")
    assert answer(examined(one.url()), "D106").level is Level.GOOD


def test_a_locked_account(one: Account) -> None:
    one.sql("ALTER USER '{user}'@'%' ACCOUNT LOCK")
    said = answer(examined(one.url()), "D106")
    assert said.text == f"The account '{one.user}' is locked: unlock it."


def test_an_account_that_logs_in_as_the_operating_systems_user(account: Made) -> None:
    one = account(require("mariadb"))
    one.sql("ALTER USER '{user}'@'%' IDENTIFIED VIA unix_socket")
    said = answer(examined(one.url()), "D106")
    assert "operating system's user" in said.text


def test_a_plugin_that_this_server_does_not_have(account: Made) -> None:
    """A dump of an old server's accounts brings them in; the server itself would refuse to make one."""
    one = account(require("mysql"))
    one.sql(
        "UPDATE mysql.user SET plugin='mysql_native_password', authentication_string='*"
        + "0" * 40
        + "' WHERE user='{user}'",
        "FLUSH PRIVILEGES",
    )
    said = answer(examined(one.url()), "D106")
    assert said.text.startswith(
        f"The account '{one.user}' logs in by the plugin mysql_native_password, which this server"
    )


def test_what_migrate_needs_and_the_application_does_not_is_told_apart(one: Account) -> None:
    one.sql("REVOKE CREATE, ALTER, DROP, INDEX, REFERENCES ON `{name}`.* FROM '{user}'@'%'")
    found = examined(one.url())
    said = answer(found, "D201")
    assert said.level is Level.WARNING
    assert said.text == (
        f"'{one.user}'@'%' lacks CREATE, ALTER, DROP, INDEX and 1 more on {one.database}, which `migrate` needs: grant "
        "it, or run `migrate` as another account."
    )
    assert answer(found, "D202").level is Level.GOOD
    one.sql(*said.commands)
    assert answer(examined(one.url()), "D201").level is Level.GOOD


def test_rights_that_the_application_lacks_are_named_and_granted(one: Account) -> None:
    one.sql("REVOKE UPDATE, DELETE ON `{name}`.* FROM '{user}'@'%'")
    said = answer(examined(one.url()), "D202")
    assert said.level is Level.FAILED
    assert said.text == f"'{one.user}'@'%' lacks UPDATE, DELETE on {one.database}: grant what the application needs."
    one.sql(*said.commands)
    assert answer(examined(one.url()), "D202").level is Level.GOOD


def test_rights_on_single_tables_do_not_reach_the_next_one(one: Account) -> None:
    one.sql(
        "CREATE TABLE orders (id int PRIMARY KEY)",
        "REVOKE SELECT, INSERT, UPDATE, DELETE ON `{name}`.* FROM '{user}'@'%'",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON `{name}`.orders TO '{user}'@'%'",
    )
    said = answer(examined(one.url()), "D202")
    assert said.text.startswith(f"'{one.user}'@'%' has rights on 1 single tables of {one.database}")


def test_a_grant_is_given_for_the_pattern_that_is_in_force(one: Account) -> None:
    exact = one.database.replace("_", r"\_")
    one.sql(
        "REVOKE ALL PRIVILEGES, GRANT OPTION FROM '{user}'@'%'",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON `{exact}`.* TO '{{user}}'@'%'",  # as `outgrow provision` does
    )
    said = answer(examined(one.url()), "D201")
    assert said.commands == (f"GRANT CREATE, ALTER, DROP, INDEX, REFERENCES ON `{exact}`.* TO '{one.user}'@'%';",)
    # the server takes the other pattern for less precise, so that it gives nothing
    one.sql("GRANT CREATE, ALTER, DROP, INDEX, REFERENCES ON `{name}`.* TO '{user}'@'%'")
    assert answer(examined(one.url()), "D201").level is Level.WARNING
    one.sql(*said.commands)
    assert answer(examined(one.url()), "D201").level is Level.GOOD


def test_a_grant_beside_one_for_many_databases_repeats_what_that_gives(one: Account) -> None:
    one.sql(
        "REVOKE ALL PRIVILEGES, GRANT OPTION FROM '{user}'@'%'",
        "GRANT SELECT, INSERT, CREATE ON `shop%`.* TO '{user}'@'%'",
    )
    said = answer(examined(one.url()), "D202")
    one.sql(*said.commands)
    found = examined(one.url())
    assert answer(found, "D202").level is Level.GOOD
    assert answer(found, "D201").text.startswith(f"'{one.user}'@'%' lacks ALTER, DROP, INDEX, REFERENCES on ")


def test_a_login_that_only_reads_is_told_as_such(one: Account) -> None:
    one.sql("REVOKE INSERT, UPDATE, DELETE ON `{name}`.* FROM '{user}'@'%'")
    said = answer(examined(one.url()), "D202")
    assert said.level is Level.WARNING
    assert said.text.startswith(f"'{one.user}'@'%' may only read {one.database}: as the login of a replica")


def test_the_master_account_is_no_login_for_an_application(one: Account, server: Server) -> None:
    said = answer(examined(server.url(one.database)), "D203")
    assert said.text.startswith(f"'{server.user}'@")
    assert "is the server's master account" in said.text


def test_powers_that_no_application_needs_are_taken_by_the_line_that_is_given(one: Account) -> None:
    one.sql("GRANT FILE, PROCESS ON *.* TO '{user}'@'%'")
    said = answer(examined(one.url()), "D203")
    assert said.text == f"'{one.user}'@'%' has FILE, PROCESS, which no application needs: take it away."
    one.sql(*said.commands)
    assert answer(examined(one.url()), "D203").level is Level.GOOD


def test_a_role_that_is_in_force_counts(one: Account, server: Server) -> None:
    role = f"r{one.user}"
    one.sql(
        "REVOKE ALL PRIVILEGES, GRANT OPTION FROM '{user}'@'%'",
        f"CREATE ROLE {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON `{{name}}`.* TO {role}",
        f"GRANT {role} TO '{{user}}'@'%'",
        f"SET DEFAULT ROLE {role} {'TO' if server.engine == 'mysql' else 'FOR'} '{{user}}'@'%'",
    )
    try:
        assert answer(examined(one.url()), "D202").level is Level.GOOD
    finally:
        one.sql(f"DROP ROLE {role}")


def test_a_database_of_three_byte_utf8_refuses_emoji_and_is_altered(server: Server, account: Made) -> None:
    one = account(server, charset="utf8mb3")
    said = answer(examined(one.url()), "D302")
    assert said.level is Level.FAILED
    assert said.text == (
        f"New tables of {one.database} get the character set utf8mb3, which lacks emoji and rare characters: utf8mb4 "
        "is expected."
    )
    one.sql(*said.commands)
    assert answer(examined(one.url()), "D302").level is Level.GOOD


def test_columns_of_old_character_sets_are_named_and_converted(one: Account) -> None:
    one.sql(
        "CREATE TABLE posts (id int PRIMARY KEY, text varchar(50) CHARACTER SET utf8mb3, slug varchar(9) CHARACTER "
        "SET ascii)",
        "CREATE TABLE old (id int PRIMARY KEY, name text) CHARACTER SET latin1",
    )
    said = next(a for a in examined(one.url()) if a.id == "D303")
    assert said.level is Level.FAILED
    assert said.text.startswith("old.name (latin1), posts.text (utf8mb3) cannot hold every character")
    one.sql(*said.commands)
    assert all(a.level is not Level.FAILED for a in examined(one.url()) if a.id == "D303")


def test_two_collations_whose_comparison_fails(one: Account) -> None:
    one.sql(
        "CREATE TABLE a (id int PRIMARY KEY, name varchar(50) COLLATE utf8mb4_unicode_ci)",
        "CREATE TABLE b (id int PRIMARY KEY, name varchar(50) COLLATE utf8mb4_unicode_ci)",
        "CREATE TABLE c (id int PRIMARY KEY, name varchar(50) COLLATE utf8mb4_general_ci)",
    )
    said = answer(examined(one.url()), "D303")
    assert said.level is Level.WARNING
    assert said.text.startswith("Most texts are sorted by utf8mb4_unicode_ci, and others by utf8mb4_general_ci (c)")
    one.sql(*said.commands)
    assert answer(examined(one.url()), "D303").level is Level.GOOD


def test_a_connection_that_speaks_latin1(one: Account) -> None:
    said = answer(examined(one.url(), OPTIONS={"charset": "latin1"}), "D304")
    assert said.level is Level.FAILED
    assert said.text.startswith("The project's connections speak latin1")


def test_a_mode_that_is_not_strict_cuts_without_an_error(one: Account) -> None:
    said = answer(examined(one.url(), OPTIONS={"init_command": "SET sql_mode=''"}), "D305")
    assert said.level is Level.FAILED
    assert said.text.startswith("The sql_mode is not strict, so that what does not fit is cut without an error")


def test_a_mode_by_which_djangos_sql_means_something_else(one: Account) -> None:
    mode = "SET sql_mode='STRICT_TRANS_TABLES,ANSI_QUOTES'"
    said = answer(examined(one.url(), OPTIONS={"init_command": mode}), "D305")
    assert said.text.startswith("The sql_mode has ANSI_QUOTES")


def test_repeatable_read_by_the_settings(one: Account) -> None:
    said = answer(examined(one.url(), OPTIONS={"isolation_level": "repeatable read"}), "D306")
    assert said.text.startswith("Transactions are repeatable read, and Django's own code expects read committed")


def test_tables_that_cannot_roll_back(one: Account) -> None:
    one.sql("CREATE TABLE hits (id int PRIMARY KEY) ENGINE=MyISAM")
    said = answer(examined(one.url()), "D312")
    assert said.level is Level.FAILED
    assert said.text == "hits (MyISAM) cannot roll back and keep no foreign keys: convert them."
    one.sql(*said.commands)
    assert answer(examined(one.url()), "D312").level is Level.GOOD


@pytest.mark.parametrize(("used", "level"), [(0.6, Level.WARNING), (0.95, Level.FAILED)])
def test_keys_that_come_to_an_end_are_told_in_time(one: Account, used: float, level: Level) -> None:
    one.sql(
        "CREATE TABLE likes (id int AUTO_INCREMENT PRIMARY KEY)",
        f"INSERT INTO likes VALUES ({int((2**31 - 1) * used)})",
        "ANALYZE TABLE likes",
    )
    said = answer(examined(one.url()), "D501")
    assert said.level is level
    assert said.text.startswith(f"The keys of likes have used {used:.0%} of int")
    one.sql(*said.commands)


@pytest.fixture(scope="module")
def strange() -> Iterator[PrivateServer]:
    """A server with the defaults of another age."""
    options = {
        "max-allowed-packet": "1M", "default-storage-engine": "MyISAM", "local-infile": "0", "read-only": "1",
        "max-connections": "10",
    }  # fmt: skip
    with start_private("mariadb", options) as server:
        yield server


def test_what_a_server_is_set_to(strange: PrivateServer, account: Made) -> None:
    one = account(strange)
    found = troubles(examined(one.url()))
    assert found["D307"].startswith("The server's time zone tables do not have UTC and ")
    assert found["D308"].startswith("max_allowed_packet is 1 MB: a row that is larger is refused")
    assert found["D309"].startswith("local_infile is off")
    assert found["D312"].startswith("New tables get the storage engine MyISAM")
    assert found["D314"].startswith("innodb_doublewrite is off") or found["D314"].startswith(
        "innodb_flush_log_at_trx_commit"
    )
    assert found["D306"].startswith("The server is read-only, and the settings would write to it")
    for check in ("D312", "D314"):
        one.sql(*answer(examined(one.url()), check).commands)
    now = troubles(examined(one.url()))
    assert "D312" not in now
    assert "innodb_flush_log_at_trx_commit" not in now.get("D314", "")


def test_a_server_without_a_free_connection(strange: PrivateServer, account: Made) -> None:
    one = account(strange)
    held = [strange.connect() for _ in range(11)]  # one more than there are, for the administrator
    try:
        said = answer(examined(one.url()), "D106")
        assert said.text == "The server has no free connection: close some, or raise max_connections."
    finally:
        for connection in held:
            connection.close()


def test_secrets_are_in_no_answer(one: Account) -> None:
    assert PASSWORD not in repr(examined(one.url()))


def test_the_servers_own_database_is_none_for_an_application(mysql: Server) -> None:
    """As in a Compose file with DATABASE_NAME: mysql. Its tables are not to be converted, and nothing more is asked."""
    found = examined(mysql.url("mysql"))
    assert found[-1] == answer(found, "D107")
    assert answer(found, "D107").level is Level.FAILED
    assert answer(found, "D107").text.startswith("mysql is the server's own, and tables of an application in it")


def test_time_zone_tables_are_no_failure_of_a_project_in_utc(mysql: Server) -> None:
    """As `django-admin startproject` makes it: Django converts nothing from UTC to UTC."""
    url = mysql.create_database()
    with override_settings(TIME_ZONE="UTC"):
        said = answer(examined(url), "D307")
    mysql.drop_database(url)
    assert said.level is Level.WARNING
    assert said.text.startswith("The server has no time zone tables")
