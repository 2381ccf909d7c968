"""Administrators that are less than the server's master: what they can do, and each right they lack by its grant."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from outgrow.errors import Refused, Unreachable
from outgrow.provision import Lacking
from tests.engines import Server
from tests.provision.conftest import ENGINES, Site, connected

PASSWORD = "the-admins-own-secret"
Encrypted = Callable[[str], Server]
Sites = Callable[..., Site]


@pytest.fixture
def limited(encrypted: Encrypted, site: Sites) -> Iterator[Callable[..., Site]]:
    """``limited(engine, *statements)``: a site with an administrator of its own, who is {admin} in the statements."""
    made: list[tuple[Server, str]] = []

    def make(engine: str, *statements: str) -> Site:
        server, admin = encrypted(engine), f"adm{secrets.token_hex(3)}"
        made.append((server, admin))
        scheme = "postgresql" if engine == "postgresql" else "mysql"
        one = site(server, admin=f"{scheme}://{admin}:{PASSWORD}@{server.host}:{server.port}/")
        if engine == "postgresql":
            server.sql(f"CREATE ROLE {admin} LOGIN PASSWORD '{PASSWORD}'")
        else:
            server.sql(f"CREATE USER '{admin}'@'%' IDENTIFIED BY '{PASSWORD}'")
        for statement in statements:
            server.sql(statement.format(admin=admin if engine == "postgresql" else f"'{admin}'@'%'", name=one.name))
        return one

    yield make
    for server, admin in made:
        if server.engine == "postgresql":
            for (name,) in server.sql(
                f"SELECT datname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE rolname = '{admin}'"
            ):
                server.drop_database(name)
            server.sql(f"DROP OWNED BY {admin}")
            server.sql(f"DROP ROLE {admin}")
        else:
            server.sql(f"DROP USER '{admin}'@'%'")


def test_one_who_may_make_roles_and_databases_is_enough_for_postgresql(
    limited: Callable[..., Site], tmp_path: Path
) -> None:
    """As the master of RDS is: since 16 who makes a role cannot act as it by that alone."""
    one, file = limited("postgresql", "ALTER ROLE {admin} CREATEROLE CREATEDB"), str(tmp_path / ".env")
    outcome = one.provision(env=file)
    assert (len(outcome.proved), outcome.differences) == (3, [])
    assert one.provision(env=file).steps == ()
    one.provision(env=file, new_passwords=True)


def test_one_who_is_no_superuser_hands_its_own_tables_over(limited: Callable[..., Site], tmp_path: Path) -> None:
    one, file = limited("postgresql", "ALTER ROLE {admin} CREATEROLE CREATEDB"), str(tmp_path / ".env")
    one.server.sql(f"CREATE DATABASE {one.name} OWNER {one.admin.split('//')[1].split(':')[0]}")
    with connected(one.admin + one.name) as session:
        session.execute("GRANT CREATE ON SCHEMA public TO CURRENT_USER")
        session.execute("CREATE TABLE visit (id serial PRIMARY KEY, guest text)")
    assert one.provision(env=file).differences == []
    with connected(one.admin + one.name) as session:
        session.execute("INSERT INTO visit (guest) VALUES ('ann')")
    assert one.provision(env=file).steps == ()


def test_each_right_that_postgresqls_administrator_lacks_is_a_sentence_with_its_grant(
    limited: Callable[..., Site],
) -> None:
    one = limited("postgresql")
    admin = one.admin.split("//")[1].split(":")[0]
    with pytest.raises(Lacking) as caught:
        one.provision()
    assert str(caught.value).splitlines() == [
        f'{admin} may not make databases: let it (ALTER ROLE "{admin}" CREATEDB;).',
        f'{admin} may not make roles: let it (ALTER ROLE "{admin}" CREATEROLE;).',
    ]
    assert not one.exists
    for difference in caught.value.found:
        one.server.sql(*difference.commands)
    assert one.provision().differences == []


def test_a_database_and_roles_of_somebody_else(limited: Callable[..., Site], postgresql: Server) -> None:
    one = limited("postgresql", "ALTER ROLE {admin} CREATEROLE CREATEDB")
    one.server.create_database(one.name)
    for which in ("app", "migrator", "reader"):
        one.server.sql(f"CREATE ROLE {one.name}_{which} NOLOGIN")
    with pytest.raises(Lacking) as caught:
        one.provision()
    said = str(caught.value)
    assert f"The database {one.name} belongs to postgres, and adm" in said
    if int(one.server.sql("SHOW server_version_num")[0][0]) >= 160000:
        assert said.count("which somebody else made: grant it (GRANT ") == 3


@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_one_without_super_is_enough_for_mysql(limited: Callable[..., Site], tmp_path: Path, engine: str) -> None:
    one = limited(
        engine,
        "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES, CREATE VIEW, SHOW VIEW, "
        "TRIGGER, CREATE ROUTINE, ALTER ROUTINE, EXECUTE, CREATE TEMPORARY TABLES, LOCK TABLES, CREATE USER, EVENT, "
        "PROCESS ON *.* TO {admin} WITH GRANT OPTION",
    )
    file = str(tmp_path / ".env")
    outcome = one.provision(env=file)
    assert (len(outcome.proved), outcome.differences) == (4, [])
    assert one.provision(env=file).steps == ()


@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_each_right_that_mysqls_administrator_lacks_is_a_sentence_with_its_grant(
    limited: Callable[..., Site], engine: str
) -> None:
    one = limited(engine)
    with pytest.raises(
        Unreachable, match=r"may not read which accounts there are: grant it \(GRANT SELECT ON mysql\.\*"
    ):
        one.provision()
    admin = f"'{one.admin.split('//')[1].split(':')[0]}'@'%'"
    one.server.sql(f"GRANT SELECT ON mysql.* TO {admin}")
    with pytest.raises(Lacking) as caught:
        one.provision()
    place = f"`{one.name.replace('_', chr(92) + '_')}`.*"
    lines = str(caught.value).splitlines()
    assert lines[0] == f"{admin} may not make accounts: let it (GRANT CREATE USER ON *.* TO {admin};)."
    assert lines[1] == f"{admin} may not make the database {one.name}: grant it (GRANT CREATE ON {place} TO {admin};)."
    assert lines[2].startswith(
        f"{admin} may not give SELECT, INSERT, UPDATE, DELETE and 13 more on {one.name} to others: "
    )
    assert not one.exists
    for difference in caught.value.found:
        one.server.sql(difference.commands[0].rstrip(";"))
    assert one.provision().differences == []


@pytest.mark.parametrize(
    ("engine", "name", "near"),
    [
        ("postgresql", "Table Booking", "table_booking"),
        ("mysql", "tischbuchung-für-2", "tischbuchung-fur-2"),
        ("mariadb", "2nd", "db_2nd"),
        ("postgresql", "shop;drop", "shop_drop"),
        ("mysql", "`x`", "x"),
    ],
)
def test_a_name_with_odd_characters_gets_the_nearest_that_can_be_had(
    site: Sites, encrypted: Encrypted, engine: str, name: str, near: str
) -> None:
    with pytest.raises(Refused, match=f"and a letter first; --name {near} would do."):
        site(encrypted(engine), name="never").provision(name=name)


@pytest.mark.parametrize(("engine", "most"), [("postgresql", 54), ("mysql", 23), ("mariadb", 71)])
def test_a_name_that_is_too_long_for_roles_gets_a_shorter_one_for_them(
    site: Sites, encrypted: Encrypted, engine: str, most: int
) -> None:
    longest = f"r{secrets.token_hex(40)}"[:most]
    name = longest + "x" if engine != "mariadb" else f"s{secrets.token_hex(4)}"
    roles = {} if engine != "mariadb" else {"roles": longest + "x"}
    one = site(encrypted(engine), name=name)
    with pytest.raises(Refused, match=f"has {most + 1} letters, and .* takes {most} .*; --roles {longest} would do."):
        one.provision(**roles)
    assert one.provision(roles=longest).differences == []
    for which in ("app", "migrator", "reader"):
        role = f"{longest}_{which}"
        if engine == "postgresql":
            one.sql(f"DROP OWNED BY {role}")
        one.server.sql(f"DROP ROLE {role}" if engine == "postgresql" else f"DROP USER '{role}'@'%'")


@pytest.mark.parametrize(("engine", "most"), [("postgresql", 63), ("mysql", 64), ("mariadb", 64)])
def test_a_name_that_is_too_long_for_a_database(site: Sites, encrypted: Encrypted, engine: str, most: int) -> None:
    long = "s" * (most - 1) + "_x"
    with pytest.raises(Refused, match=f"is longer than the {most} letters that .*; --name s{{{most - 1}}} would do."):
        site(encrypted(engine), name="never").provision(name=long, roles="short")


@pytest.mark.parametrize(("engine", "name"), [("postgresql", "postgres"), ("mysql", "sys"), ("mariadb", "mysql")])
def test_a_name_of_the_servers_own(site: Sites, encrypted: Encrypted, engine: str, name: str) -> None:
    with pytest.raises(Refused, match=f"is a name of .*'s own: take another; --name {name}_app would do"):
        site(encrypted(engine), name="never").provision(name=name)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_name_with_a_hyphen_is_quoted_everywhere(
    site: Sites, encrypted: Encrypted, engine: str, tmp_path: Path
) -> None:
    one, file = site(encrypted(engine), name=f"my-{secrets.token_hex(4)}"), str(tmp_path / ".env")
    outcome = one.provision(env=file)
    assert (outcome.differences, len(outcome.proved) >= 3) == ([], True)
    assert one.provision(env=file).steps == ()
