"""PostgreSQL: each trouble is made on a real server, and its sentence says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from outgrow.dialects.inspecting import Level
from tests.doctor.conftest import PASSWORD, Made, answer, examined, troubles, until
from tests.engines import PrivateServer, Server, start_private


def test_a_database_that_can_be_used_has_no_trouble_but_that_of_the_tests_own_server(
    postgresql: Server, account: Made
) -> None:
    found = examined(account(postgresql).url())
    assert set(troubles(found)) <= {"D314"}  # the tests' server syncs nothing
    assert {"D101", "D103", "D104", "D106", "D201", "D202", "D203", "D301", "D302", "D402", "D501"} <= {
        a.id for a in found
    }


def test_a_wrong_password_is_said_and_not_shown(postgresql: Server, account: Made) -> None:
    one = account(postgresql)
    found = examined(one.url("not-this-one"))
    said = answer(found, "D106")
    assert said.level is Level.FAILED
    assert said.text == (
        f"The server refused the password of {one.user} (or has no such role, or one whose VALID UNTIL is over, which "
        "it does not tell): correct PASSWORD, or give the role this one."
    )
    assert "not-this-one" not in repr(found)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ({"sslmode": "requir"}, "The settings have 'requir', and libpq knows no such sslmode: did you mean require?"),
        ({"ssl_mode": "x"}, "The settings have 'ssl_mode', and psycopg knows no such option: did you mean sslmode?"),
    ],
)
def test_an_option_with_a_typo_is_no_refusal_of_the_server(
    postgresql: Server, account: Made, option: dict[str, str], said: str
) -> None:
    assert answer(examined(account(postgresql).url(), OPTIONS=option), "D106").text == said


def test_a_role_or_a_database_with_a_limit_of_its_own(postgresql: Server, account: Made) -> None:
    one = account(postgresql)
    for what, words in (("ROLE {user}", "The role "), ("DATABASE {name}", "The database ")):
        one.sql(f"ALTER {what} CONNECTION LIMIT 0")
        said = answer(examined(one.url()), "D106")
        assert said.text.startswith(words)
        assert "its own limit allows" in said.text
        one.sql(*said.commands)
        assert answer(examined(one.url()), "D106").level is Level.GOOD


def test_no_password_where_one_is_asked_for(postgresql: Server, account: Made) -> None:
    one = account(postgresql)
    said = answer(examined(one.url("")), "D106")
    assert said.text == (
        f"The server asks {one.user} for a password and the settings have none: set PASSWORD, best from the "
        "environment."
    )


def test_a_database_that_is_not_there_is_made_by_the_line_that_is_given(postgresql: Server, account: Made) -> None:
    one = account(postgresql)
    said = answer(examined(one.url(database="nowhere")), "D107")
    assert said.text == "The server has no database nowhere: create it, or correct NAME."
    assert said.commands == (f'CREATE DATABASE "nowhere" OWNER "{one.user}" ENCODING \'UTF8\' TEMPLATE template0;',)


def test_a_role_that_may_not_log_in(postgresql: Server, account: Made) -> None:
    one = account(postgresql)
    one.sql("ALTER ROLE {user} NOLOGIN")
    said = answer(examined(one.url()), "D106")
    assert said.text == f"The role {one.user} may not log in: it is a group, or was locked."
    one.sql(*said.commands)
    assert answer(examined(one.url()), "D106").level is Level.GOOD


def test_a_role_that_may_not_connect(postgresql: Server, account: Made) -> None:
    one = account(postgresql)
    one.sql('REVOKE CONNECT ON DATABASE "{name}" FROM PUBLIC')
    said = answer(examined(one.url()), "D107")
    assert said.text == f"{one.user} may not connect to {one.database}: grant it."
    one.sql(*said.commands)
    assert answer(examined(one.url()), "D106").level is Level.GOOD


def test_a_role_that_may_make_no_tables_gets_the_grant_to_run(postgresql: Server, account: Made) -> None:
    one = account(postgresql)
    one.sql("REVOKE ALL ON SCHEMA public FROM {user}", "GRANT USAGE ON SCHEMA public TO {user}")
    said = answer(examined(one.url()), "D201")
    assert said.level is Level.WARNING
    assert said.text.startswith(
        f"{one.user} may not make tables in the schema public of {one.database}, which `migrate`"
    )
    one.sql(*said.commands)
    assert answer(examined(one.url()), "D201").level is Level.GOOD


def test_tables_of_another_owner_cannot_be_altered(postgresql: Server, account: Made) -> None:
    one = account(postgresql)
    one.sql("CREATE TABLE orders (id int PRIMARY KEY)", "GRANT ALL ON orders TO {user}")
    said = answer(examined(one.url()), "D201")
    assert said.text.startswith(f"{one.user} does not own orders, which `migrate` could not alter")
    one.sql(*said.commands)
    assert answer(examined(one.url()), "D201").level is Level.GOOD


def test_rights_that_the_application_lacks_are_named_and_granted(postgresql: Server, account: Made) -> None:
    one = account(postgresql)
    one.sql("CREATE TABLE orders (id serial PRIMARY KEY)", "GRANT SELECT, INSERT ON orders TO {user}")
    found = [a for a in examined(one.url()) if a.id == "D202"]
    assert [a.text for a in found] == [
        f"{one.user} lacks UPDATE, DELETE on orders: grant what the application needs.",
        f"{one.user} may not use the sequences orders_id_seq, so that inserts fail: grant it.",
    ]
    one.sql(*found[0].commands, *found[1].commands)
    assert answer(examined(one.url()), "D202").level is Level.GOOD


def test_a_login_that_only_reads_is_told_as_such(postgresql: Server, account: Made) -> None:
    one = account(postgresql)
    one.sql("CREATE TABLE orders (id int PRIMARY KEY)", "GRANT SELECT ON orders TO {user}")
    said = answer(examined(one.url()), "D202")
    assert said.level is Level.WARNING
    assert said.text.startswith(f"{one.user} may only read the tables of public: as the login of a replica")


def test_the_superuser_is_no_login_for_an_application(postgresql: Server, account: Made) -> None:
    one = account(postgresql)
    said = answer(examined(postgresql.url(one.database)), "D203")
    assert said.level is Level.WARNING
    assert said.text.startswith(f"{postgresql.user} is the server's superuser or master account")
    assert said.commands == (f"outgrow provision --on env:ADMIN_URL --name {one.database}",)
    own = answer(examined(postgresql.url("postgres")), "D203")  # which `outgrow provision` would refuse
    assert own.commands == ("outgrow provision --on env:ADMIN_URL --name …",)


def test_powers_that_no_application_needs_are_taken_by_the_line_that_is_given(
    postgresql: Server, account: Made
) -> None:
    one = account(postgresql)
    one.sql("ALTER ROLE {user} CREATEDB CREATEROLE")
    said = answer(examined(one.url()), "D203")
    assert said.text == f"{one.user} has CREATEROLE, CREATEDB, which no application needs: take it away."
    one.sql(*said.commands)
    assert answer(examined(one.url()), "D203").level is Level.GOOD


@pytest.mark.parametrize(
    ("encoding", "lacks"), [("LATIN1", "lacks most of the world's"), ("SQL_ASCII", "takes any bytes")]
)
def test_another_encoding_than_utf8_is_no_home_for_texts(
    postgresql: Server, account: Made, encoding: str, lacks: str
) -> None:
    one = account(postgresql, encoding=encoding, locale="C")
    said = answer(examined(one.url()), "D302")
    assert said.level is Level.FAILED
    assert said.text.startswith(f"The database {one.database} has the encoding {encoding}, which {lacks}")


def test_a_search_path_that_leads_nowhere(postgresql: Server, account: Made) -> None:
    one = account(postgresql)
    one.sql("ALTER ROLE {user} SET search_path = nowhere")
    said = answer(examined(one.url()), "D201")
    assert said.text.startswith(f"No schema of the search path (nowhere) is there or may be used by {one.user}")


def test_a_role_whose_transactions_are_read_only_or_serializable(postgresql: Server, account: Made) -> None:
    one = account(postgresql)
    one.sql(
        "ALTER ROLE {user} SET default_transaction_read_only = on",
        "ALTER ROLE {user} SET default_transaction_isolation = 'repeatable read'",
    )
    texts = [a.text for a in examined(one.url()) if a.id == "D306"]
    assert texts[0].startswith("The project's transactions are read-only by default (default_transaction_read_only)")
    assert texts[1].startswith("Transactions are repeatable read, and Django's own code expects read committed")


def test_a_public_schema_in_which_everybody_makes_tables(postgresql: Server, account: Made) -> None:
    one = account(postgresql)
    one.sql("GRANT CREATE ON SCHEMA public TO PUBLIC")
    said = answer(examined(one.url()), "D310")
    assert said.text.startswith("Every role may make tables in the schema public")
    one.sql(*said.commands)
    assert answer(examined(one.url()), "D310").level is Level.GOOD


@pytest.mark.parametrize(("used", "level"), [(0.6, Level.WARNING), (0.95, Level.FAILED)])
def test_keys_that_come_to_an_end_are_told_in_time(
    postgresql: Server, account: Made, used: float, level: Level
) -> None:
    one = account(postgresql)
    one.sql(
        "CREATE TABLE likes (id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY)",
        "GRANT ALL ON likes TO {user}",
        "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {user}",
        f"SELECT setval('likes_id_seq', {int(2147483647 * used)})",
    )
    said = answer(examined(one.url()), "D501")
    assert said.level is level
    assert said.text.startswith(f"The keys of likes have used {used:.0%} of integer")
    one.sql(*said.commands)


@pytest.fixture(scope="module")
def strict() -> Iterator[PrivateServer]:
    """A server that somebody may lock, fill and starve."""
    with start_private("postgresql", {"max_connections": "8", "superuser_reserved_connections": "2"}) as server:
        yield server


def test_a_server_without_a_free_connection(strict: PrivateServer, account: Made) -> None:
    one = account(strict)
    held = []
    try:
        while True:
            held.append(strict.connect(one.database))
            if len(held) > 6:
                break
        said = answer(examined(one.url()), "D106")
        assert said.text.startswith("The server has no free connection: close some, put a pooler before it")
    finally:
        for connection in held:
            connection.close()


def test_a_database_that_takes_no_connections(strict: PrivateServer, account: Made) -> None:
    one = account(strict)
    strict.sql(f'ALTER DATABASE "{one.database}" ALLOW_CONNECTIONS false')
    said = answer(examined(one.url()), "D107")
    assert said.text == f"The database {one.database} takes no connections: somebody closed it."
    strict.sql(*said.commands)


def test_no_line_of_pg_hba_conf_for_this_login(strict: PrivateServer, account: Made) -> None:
    one = account(strict)
    file = Path(strict.sql("SHOW hba_file")[0][0])
    before = file.read_text()
    try:
        file.write_text(f"host all {strict.user} 127.0.0.1/32 scram-sha-256\n")
        strict.sql("SELECT pg_reload_conf()")
        said = until(lambda: answer(examined(one.url()), "D106"), lambda found: found.level is Level.FAILED)
        assert said.text.startswith(f"The server has no rule for {one.user} from 127.0.0.1 without TLS")
        assert said.commands == (f"hostssl  {one.database}  {one.user}  127.0.0.1/32  scram-sha-256",)
    finally:
        file.write_text(before)
        strict.sql("SELECT pg_reload_conf()")


def test_secrets_are_in_no_answer(postgresql: Server, account: Made) -> None:
    assert PASSWORD not in repr(examined(account(postgresql).url()))
