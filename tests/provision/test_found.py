"""What is there already and other than wanted: mended where that loses nothing, else said with what to type."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from outgrow.errors import Refused
from tests.engines import Server
from tests.provision.conftest import Site, connected, url_of

BOTH = pytest.mark.parametrize("engine", ["mysql", "mariadb"])
Encrypted = Callable[[str], Server]
Sites = Callable[..., Site]


@pytest.fixture
def postgres(encrypted: Encrypted, site: Sites) -> Site:
    return site(encrypted("postgresql"))


def texts(outcome: object) -> list[str]:
    return [difference.text for difference in outcome.differences]  # type: ignore[attr-defined]


def commands(outcome: object) -> list[str]:
    return [line for difference in outcome.differences for line in difference.commands]  # type: ignore[attr-defined]


def test_an_extra_right_of_the_app_is_said_with_its_end_and_left(new: Site, tmp_path: Path) -> None:
    file = str(tmp_path / ".env")
    new.provision(env=file)
    if new.postgresql:
        new.sql("GRANT CREATE ON SCHEMA public TO {app}")
        expected = [f"{new.name}_app may make tables in the schema public, beyond its work: take it away."]
    else:
        pattern = new.name.replace("_", "\\_")
        new.sql(f"GRANT CREATE, DROP ON `{pattern}`.* TO '{new.name}_app'@'%'")
        expected = [f"'{new.name}_app'@'%' has CREATE, DROP on "]
    again = new.provision(env=file)
    assert again.steps == ()
    assert texts(again)[0].startswith(expected[0])
    assert any("can make tables, which is not its work" in text for text in texts(again))
    new.sql(*again.differences[0].commands)
    assert new.provision(env=file).differences == []


def test_a_right_that_was_taken_away_is_given_again(new: Site, tmp_path: Path) -> None:
    file = str(tmp_path / ".env")
    new.provision(env=file)
    if new.postgresql:
        new.sql("REVOKE CONNECT ON DATABASE {name} FROM {reader}")
    else:
        new.sql("REVOKE SELECT ON `{name}`.* FROM '{reader}'@'%'".replace("{name}", new.name.replace("_", "\\_")))
    again = new.provision(env=file)
    assert len(again.steps) == 1
    assert (again.differences, len(again.proved) >= 3) == ([], True)


# -- PostgreSQL -------------------------------------------------------------------------------------------------------
def test_tables_that_the_app_owns_go_to_the_migrator_with_all_their_rows(postgres: Site, tmp_path: Path) -> None:
    file = str(tmp_path / ".env")
    outcome = postgres.provision(env=file)
    postgres.sql("GRANT CREATE ON SCHEMA public TO {app}")
    with connected(url_of(outcome)) as app:
        app.execute("CREATE TABLE visit (id serial PRIMARY KEY, guest text)")
        app.execute("INSERT INTO visit (guest) VALUES ('ann')")
    postgres.sql("REVOKE CREATE ON SCHEMA public FROM {app}")
    again = postgres.provision(env=file)
    assert f'ALTER TABLE public."visit" OWNER TO "{postgres.name}_migrator"' in [step.sql for step in again.steps]
    assert again.differences == []
    with connected(url_of(again)) as app:
        app.execute("INSERT INTO visit (guest) VALUES ('ben')")
        assert app.value("SELECT count(*) FROM visit") == 2
        with pytest.raises(Exception, match="must be owner"):
            app.execute("DROP TABLE visit")
    with connected(url_of(again, "reader")) as reader:
        assert reader.value("SELECT count(*) FROM visit") == 2
    assert postgres.provision(env=file).steps == ()


def test_a_database_that_the_master_account_filled_is_taken_over(postgres: Site, tmp_path: Path) -> None:
    """What the doctor's D203 leads to: the application used the administrator's login so far."""
    file = str(tmp_path / ".env")
    postgres.server.create_database(postgres.name)
    postgres.sql("CREATE TABLE visit (id serial PRIMARY KEY, guest text)", "INSERT INTO visit (guest) VALUES ('ann')")
    postgres.sql("CREATE VIEW guests AS SELECT guest FROM visit")
    outcome = postgres.provision(env=file)
    assert outcome.differences == []
    with connected(url_of(outcome)) as app:
        app.execute("INSERT INTO visit (guest) VALUES ('ben')")
        assert app.value("SELECT count(*) FROM guests") == 2
    with connected(url_of(outcome, "migrator")) as migrator:
        migrator.execute("ALTER TABLE visit ADD COLUMN seats int")
    postgres.sql("INSERT INTO visit (guest) VALUES ('cem')")  # the old login goes on working
    assert postgres.provision(env=file).steps == ()


def test_tables_of_a_stranger_are_named_and_left_and_it_is_not_shut_out(postgres: Site) -> None:
    stranger = f"{postgres.name}_old"
    postgres.server.create_database(postgres.name)
    postgres.sql(
        f"CREATE ROLE {stranger} LOGIN", f"GRANT CREATE ON SCHEMA public TO {stranger}",
        "CREATE TABLE visit (id int)", f"ALTER TABLE visit OWNER TO {stranger}",
    )  # fmt: skip
    outcome = postgres.provision()
    assert texts(outcome) == [
        f"Every role of the server may come into {postgres.name} (what PUBLIC may), and others than these three use "
        "its tables by that: give those CONNECT of their own, and take PUBLIC's away.",
        f"{stranger} owns visit, which {postgres.name}_migrator cannot alter: hand over what it has when nothing runs "
        "as that role any more.",
    ]
    assert not any("REVOKE" in step.sql for step in outcome.steps)
    postgres.sql(*commands(outcome))
    assert postgres.provision(new_passwords=True).differences == []
    postgres.sql(f"DROP OWNED BY {stranger}", f"DROP ROLE {stranger}")


def test_an_encoding_that_cannot_be_changed_is_said(postgres: Site) -> None:
    postgres.server.create_database(postgres.name, encoding="SQL_ASCII", locale="C")
    assert texts(postgres.provision()) == [
        f"The database {postgres.name} has the encoding SQL_ASCII, which can be given at its making alone: make "
        "another with UTF8 by another --name, and move into it."
    ]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "ALTER ROLE {app} CREATEDB CREATEROLE",
            "{app} has CREATEROLE, CREATEDB, which none of the three needs: take it",
        ),
        ("GRANT {migrator} TO {app}", "{app} is a member of {migrator}, and so may do what that may: take it out."),
        (
            "GRANT TEMPORARY ON DATABASE {name} TO {reader}",
            "{reader} has TEMPORARY on {name}, beyond its work: take it",
        ),
    ],
)
def test_powers_that_none_of_the_three_needs(postgres: Site, tmp_path: Path, statement: str, said: str) -> None:
    file = str(tmp_path / ".env")
    postgres.provision(env=file)
    postgres.sql(statement)
    again = postgres.provision(env=file)
    name = postgres.name
    words = {"name": name, "app": f"{name}_app", "migrator": f"{name}_migrator", "reader": f"{name}_reader"}
    assert texts(again)[0].startswith(said.format(**words))
    postgres.sql(*again.differences[0].commands)
    assert postgres.provision(env=file).differences == []


def test_nobody_else_comes_into_a_new_database(postgres: Site) -> None:
    postgres.provision()
    assert postgres.sql("SELECT has_database_privilege('pg_monitor', '{name}', 'CONNECT')") == [(False,)]
    assert postgres.sql("SELECT has_schema_privilege('pg_monitor', 'public', 'USAGE')") == [(False,)]
    assert postgres.sql(
        "SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'public'"
    ) == [(f"{postgres.name}_migrator",)]  # fmt: skip


# -- MySQL and MariaDB ------------------------------------------------------------------------------------------------
@BOTH
def test_an_empty_database_of_another_charset_is_mended(engine: str, encrypted: Encrypted, site: Sites) -> None:
    one = site(encrypted(engine))
    one.server.create_database(one.name, charset="latin1")
    outcome = one.provision()
    assert outcome.steps[0].sql.startswith(f"ALTER DATABASE `{one.name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_")
    assert outcome.differences == []


@BOTH
def test_a_database_of_another_charset_with_tables_is_said(engine: str, encrypted: Encrypted, site: Sites) -> None:
    one = site(encrypted(engine))
    one.server.create_database(one.name, charset="latin1")
    one.sql("CREATE TABLE visit (id int, guest varchar(10))")
    outcome = one.provision()
    assert texts(outcome) == [
        f"The database {one.name} has latin1, and tables in it: change its default, and then convert the tables that "
        "`outgrow doctor` lists."
    ]
    assert one.sql("SELECT @@character_set_database") == [("latin1",)]


@BOTH
def test_a_database_that_is_there_keeps_its_collation_and_the_url_says_so(
    engine: str, encrypted: Encrypted, site: Sites
) -> None:
    one = site(encrypted(engine))
    one.server.create_database(one.name, collation="utf8mb4_unicode_ci")
    outcome = one.provision()
    assert outcome.choice == ""
    assert "collation=utf8mb4_unicode_ci" in url_of(outcome)
    assert one.sql("SELECT @@collation_database") == [("utf8mb4_unicode_ci",)]


@BOTH
def test_names_with_wild_letters_give_rights_on_nothing_else(engine: str, encrypted: Encrypted, site: Sites) -> None:
    one = site(encrypted(engine))
    outcome = one.provision()  # site_…: in a grant _ means any letter
    other = one.name.replace("_", "x")
    one.server.create_database(other)
    try:
        with connected(url_of(outcome, "migrator")) as session, pytest.raises(Exception, match="denied"):
            session.execute(f"CREATE TABLE `{other}`.mine (id int)")
    finally:
        one.server.drop_database(other)


@BOTH
def test_an_account_that_got_in_without_tls_needs_it_from_now_on(
    engine: str, encrypted: Encrypted, site: Sites
) -> None:
    one = site(encrypted(engine))
    one.provision(tls=False)
    again = one.provision()
    assert [step.sql for step in again.steps] == [
        f"ALTER USER '{role}'@'%' REQUIRE SSL"
        for role in (f"{one.name}_app", f"{one.name}_migrator", f"{one.name}_reader")
    ]


def test_the_nameless_account_that_comes_before_the_roles_is_named(encrypted: Encrypted, site: Sites) -> None:
    one = site(encrypted("mariadb"))
    one.server.sql("CREATE USER ''@'127.0.0.1'")
    try:
        outcome = one.provision()
        assert texts(outcome)[0] == (
            "The server takes whoever comes from 127.0.0.1 for the nameless account ''@'127.0.0.1', which comes before "
            "every '%' and has another password: drop it."
        )
        assert outcome.proved == []
    finally:
        one.server.sql(outcome.differences[0].commands[0].rstrip(";"))
    assert len(one.provision(new_passwords=True).proved) == 4


@BOTH
def test_roles_that_may_come_from_one_net_alone(engine: str, encrypted: Encrypted, site: Sites) -> None:
    one = site(encrypted(engine))
    outcome = one.provision(clients="127.0.0.%")
    assert (outcome.differences, len(outcome.proved)) == ([], 4)
    users = one.server.sql(f"SELECT DISTINCT host FROM mysql.user WHERE user LIKE '{one.name}%'")
    assert users == [("127.0.0.%",)]
    for role in one.roles():
        one.server.sql(f"DROP USER '{role}'@'127.0.0.%'")
    with pytest.raises(Refused, match="is no host: write one such as"):
        one.provision(clients="10.0.'; DROP")


# -- the file ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def any_site(encrypted: Encrypted, site: Sites) -> Site:
    return site(encrypted("mysql"))


def test_other_lines_of_the_file_are_kept_and_it_is_closed_to_others(any_site: Site, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# secrets\nexport SECRET_KEY='a b'\n\nDATABASE_URL=\nDEBUG=0 # off\n")
    file.chmod(0o644)
    outcome = any_site.provision(env=str(file))
    lines = file.read_text().splitlines()
    assert lines[:3] == ["# secrets", "export SECRET_KEY='a b'", ""]
    assert lines[3].startswith(f"DATABASE_URL=mysql://{any_site.name}_app:")
    assert lines[4] == "DEBUG=0 # off"
    assert file.stat().st_mode & 0o777 == 0o600
    assert outcome.notes == [f"{file} was open to others, and is now its owner's alone (0600)."]
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


@pytest.mark.parametrize("held", ["sqlite:///db.sqlite3", "postgres://bob:x@db.example/shop"])
def test_a_url_of_another_database_is_not_overwritten(any_site: Site, tmp_path: Path, held: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"DATABASE_URL={held}\n")
    with pytest.raises(Refused, match=r"has a DATABASE_URL already, of .*: take that line out, or give this database"):
        any_site.provision(env=str(file))
    assert file.read_text() == f"DATABASE_URL={held}\n"
    assert not any_site.exists


def test_what_somebody_changed_in_a_url_of_the_file_stays(any_site: Site, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    any_site.provision(env=str(file))
    file.write_text(file.read_text().replace("ssl_mode=REQUIRED", "ssl_mode=REQUIRED&charset=utf8mb4"))
    again = any_site.provision(env=str(file), new_passwords=True)
    assert file.read_text().count("charset=utf8mb4") == 3
    assert len(again.proved) == 4


@pytest.mark.parametrize(
    ("path", "said"), [("nowhere/.env", "there is no folder"), ("", "is no file: name one, such as --env .env")]
)
def test_a_place_that_takes_no_file(any_site: Site, tmp_path: Path, path: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        any_site.provision(env=str(tmp_path / path))
    assert not any_site.exists
