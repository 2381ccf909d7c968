"""`DATABASES = outgrow.databases()`: what comes of an environment, and of one with a mistake in it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db.utils import ConnectionHandler

import outgrow
from tests.conftest import MakeDatabase
from tests.engines import Server
from tests.provision.conftest import Site, makes_certificates

REMOTE = "postgresql://app:s3cret@db.example:5432/shop"
MYSQL = "mysql://app:s3cret@db.example/shop"


def made(*aliases: str, default: str | None = None, tls: bool = True, **environ: str) -> dict[str, dict[str, Any]]:
    return outgrow.databases(*aliases, default=default, tls=tls, environ=environ)


def wrong(**environ: str) -> str:
    """The sentence, which never has the password."""
    with pytest.raises(ImproperlyConfigured) as caught:
        made(**environ)
    said = str(caught.value)
    assert "s3cret" not in said
    assert "\n" not in said
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return said


def test_a_url_becomes_the_default_database_with_tls_a_timeout_and_kept_connections() -> None:
    entry = made(DATABASE_URL=REMOTE)["default"]
    assert (entry["ENGINE"], entry["NAME"], entry["USER"]) == ("django.db.backends.postgresql", "shop", "app")
    assert entry["OPTIONS"] == {"connect_timeout": 5, "sslmode": "require"}
    assert (entry["CONN_MAX_AGE"], entry["CONN_HEALTH_CHECKS"]) == (60, True)


def test_mysql_gets_utf8mb4_a_strict_mode_and_an_isolation_as_well() -> None:
    options = made(DATABASE_URL=MYSQL)["default"]["OPTIONS"]
    assert (options["charset"], options["isolation_level"], options["ssl_mode"]) == (
        "utf8mb4", "read committed", "REQUIRED",
    )  # fmt: skip
    assert "STRICT_TRANS_TABLES" in options["init_command"]


def test_what_the_url_says_stands() -> None:
    assert made(DATABASE_URL=f"{REMOTE}?sslmode=disable&connect_timeout=2")["default"]["OPTIONS"] == {
        "sslmode": "disable", "connect_timeout": 2,
    }  # fmt: skip
    assert made(DATABASE_URL=f"{MYSQL}?ssl_mode=PREFERRED")["default"]["OPTIONS"]["ssl_mode"] == "PREFERRED"


def test_a_server_of_this_machine_and_a_project_that_says_so_need_no_tls() -> None:
    assert "sslmode" not in made(DATABASE_URL="postgres://app@127.0.0.1/shop")["default"]["OPTIONS"]
    assert "sslmode" not in made(DATABASE_URL=REMOTE, tls=False)["default"]["OPTIONS"]


def test_authorities_make_every_server_prove_who_it_is(tmp_path: Path) -> None:
    (ca := tmp_path / "ca.pem").write_text("-")
    found = made(DATABASE_URL=REMOTE, AUTH_DATABASE_URL=MYSQL, DATABASE_CA=str(ca))
    assert found["default"]["OPTIONS"]["sslmode"] == "verify-full"
    assert found["default"]["OPTIONS"]["sslrootcert"] == str(ca)
    assert found["auth"]["OPTIONS"]["ssl_mode"] == "VERIFY_IDENTITY"
    assert found["auth"]["OPTIONS"]["ssl"] == {"ca": str(ca)}
    assert made(DATABASE_URL=REMOTE, DATABASE_CA="system")["default"]["OPTIONS"]["sslrootcert"] == "system"
    own = made(DATABASE_URL=f"{MYSQL}?ssl-ca=/own.pem")["default"]["OPTIONS"]
    assert (own["ssl_mode"], own["ssl"]) == ("VERIFY_IDENTITY", {"ca": "/own.pem"})


def test_every_url_of_the_environment_is_an_alias() -> None:
    found = made(DATABASE_URL="sqlite:///a", AUTH_DATABASE_URL=REMOTE, BLOG_DATABASE_URL=MYSQL, SHOP_DATABASE_URL="")
    assert list(found) == ["default", "auth", "blog"]


def test_only_the_aliases_that_are_asked_for() -> None:
    found = made("auth", "blog", DATABASE_URL="sqlite:///a", AUTH_DATABASE_URL=REMOTE, TEST_DATABASE_URL=REMOTE)
    assert list(found) == ["default", "auth"]


def test_a_replica_is_an_alias_that_tests_take_for_its_primary() -> None:
    found = made(DATABASE_URL=REMOTE, REPLICA_URL=REMOTE, AUTH_DATABASE_URL=MYSQL, AUTH_REPLICA_URL=MYSQL)
    assert list(found) == ["default", "auth", "default_replica", "auth_replica"]
    assert found["auth_replica"]["TEST"] == {"MIRROR": "auth"}


def test_without_a_default_database_the_alias_is_empty_and_tests_wait_for_none() -> None:
    found = made(AUTH_DATABASE_URL=REMOTE)
    assert found["default"] == {}
    assert found["auth"]["TEST"] == {"DEPENDENCIES": []}


def test_a_url_for_where_none_is_set() -> None:
    assert made(default="sqlite:///db.sqlite3")["default"]["NAME"] == "db.sqlite3"


def test_a_file_holds_the_url_as_secrets_of_containers_do(tmp_path: Path) -> None:
    (file := tmp_path / "url").write_text(REMOTE + "\n")
    assert made(DATABASE_URL_FILE=str(file))["default"]["PASSWORD"] == "s3cret"
    assert list(made(DATABASE_URL=REMOTE, AUTH_DATABASE_URL_FILE=str(file))) == ["default", "auth"]


def test_a_role_takes_its_own_urls() -> None:
    migrator, reader = REMOTE.replace("app", "migrator"), REMOTE.replace("app", "reader")
    urls = {"DATABASE_URL": REMOTE, "DATABASE_URL_MIGRATOR": migrator, "DATABASE_URL_READER": reader}
    assert made(**urls)["default"]["USER"] == "app"
    assert made(**urls, DATABASE_ROLE="migrator")["default"]["USER"] == "migrator"
    assert made(**urls, DATABASE_ROLE="reader")["default"]["USER"] == "reader"
    assert list(made(**urls)) == ["default"]
    assert made(DATABASE_URL_MIGRATOR=migrator, DATABASE_ROLE="migrator")["default"]["USER"] == "migrator"
    auth = made(**urls, AUTH_DATABASE_URL_MIGRATOR=migrator, DATABASE_ROLE="migrator")
    assert list(auth) == ["default", "auth"]
    assert made(DATABASE_URL="sqlite:///a", DATABASE_ROLE="migrator")["default"]["NAME"] == "a"  # a file has no roles


def test_sqlite_writes_when_it_begins_and_readers_do_not_wait() -> None:
    options = made(DATABASE_URL="sqlite:///db.sqlite3")["default"]["OPTIONS"]
    assert options["timeout"] == 20
    if django.VERSION >= (5, 1):
        assert options["transaction_mode"] == "IMMEDIATE"


@pytest.mark.skipif(django.VERSION < (5, 1), reason="Django has pools since 5.1")
def test_a_pool_keeps_the_connections_in_djangos_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outgrow.dialects.entries.find_spec", lambda name: object())
    entry = made(DATABASE_URL=f"{REMOTE}?pool=8")["default"]
    assert entry["OPTIONS"]["pool"] == {"min_size": 1, "max_size": 8, "timeout": 10}
    assert entry["CONN_MAX_AGE"] == 0
    assert made(DATABASE_URL=f"{REMOTE}?pool=true")["default"]["OPTIONS"]["pool"] is True


def test_a_pool_without_its_package_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outgrow.dialects.entries.find_spec", lambda name: None)
    said = wrong(DATABASE_URL=f"{REMOTE}?pool=true")
    assert said == (
        "The URL in DATABASE_URL asks for a pool, and psycopg_pool is not installed: run pip install 'psycopg[pool]'."
    )


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "DATABASE_URL is not set: put the database's URL into it, such as postgresql://user:password@host:5432/"),
        ({"DATABASE_URL": "postgress://app:s3cret@db/x"}, "The URL in DATABASE_URL starts with an unknown engine: exp"),
        ({"DATABASE_URL": "mysq://app:s3cret@db/x"}, "did you mean 'mysql://'"),
        ({"DATABASE_URL": "app:s3cret@db/x"}, "DATABASE_URL holds no database URL: put one such as postgresql://"),
        ({"AUTH_DATABASE_URL": "mysql://app:s3cret@db"}, "The URL in AUTH_DATABASE_URL names no database: end it"),
        ({"DATABASE_URL": "mysql://app:s3cret/x@db/x"}, "percent-encode special characters of user and password"),
        ({"DATABASE_URL": REMOTE, "REPLICA_URL": "pg:/"}, "REPLICA_URL holds no database URL"),
        ({"DATABASE_URL": REMOTE, "DATABASE_ROLE": "migratr"}, "did you mean 'migrator'?"),
        ({"DATABASE_URL": REMOTE, "DATABASE_ROLE": "reader"}, "DATABASE_ROLE is reader, and DATABASE_URL_READER"),
        ({"DATABASE_URL": REMOTE, "DATABASE_CA": "/nowhere"}, "DATABASE_CA names /nowhere, which cannot be read"),
        ({"DATABASE_URL": REMOTE, "CONN_MAX_AGE": "1m"}, "CONN_MAX_AGE is '1m': expected whole seconds from 0 on."),
        ({"DATABASE_URL": REMOTE, "DATABASE_URL_FILE": "/x"}, "DATABASE_URL and DATABASE_URL_FILE are both set: unset"),
        ({"DATABASE_URL_FILE": "/nowhere"}, "DATABASE_URL_FILE names /nowhere, which cannot be read (No such file"),
        ({"DATABASE_URL": "mysql://u:secret@h/x?ssl=true"}, "has ssl=, which is no file of authorities and no mode"),
        ({"DATABASE_URL": "mysql://u:secret@h/x?sslmode=require"}, "has sslmode=, which is PostgreSQL's: write"),
        ({"DATABASE_URL": "mysql://u:secret@h/x?ssl-mode=REQUIRE"}, "has ssl_mode=REQUIRE: write REQUIRED."),
        ({"DATABASE_URL": "mysql://u:secret@h/x?pool=8"}, "asks for a pool, which Django has for PostgreSQL alone"),
        ({"DATABASE_URL": "postgres://u:secret@h/x?ssl-mode=REQUIRED"}, "has ssl-mode=, which PostgreSQL does not"),
        ({"DATABASE_URL": "postgres://u:secret@h/x?sslmode=requir"}, "has sslmode=requir: write require."),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence_without_the_password(environ: dict[str, str], said: str) -> None:
    assert said in wrong(**environ)


def test_an_empty_file_is_one_sentence(tmp_path: Path) -> None:
    (file := tmp_path / "url").write_text("\n")
    assert "which is empty: put the database's URL into it" in wrong(DATABASE_URL_FILE=str(file))


def test_importing_outgrow_alone_loads_nothing_of_it() -> None:
    code = "import sys, outgrow; print([m for m in sys.modules if m.startswith(('outgrow.', 'django'))])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize("engine", ["sqlite", "postgresql", "mysql", "mariadb"])
def test_django_connects_with_what_comes_out(engine: str, make_database: MakeDatabase) -> None:
    entry = made(DATABASE_URL=make_database(engine))["default"]
    connection = ConnectionHandler({"default": {}, "one": entry})["one"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
        if connection.vendor == "mysql":
            cursor.execute(
                "SELECT @@sql_mode, @@transaction_isolation"
                if engine == "mysql"
                else "SELECT @@sql_mode, @@tx_isolation"
            )
            mode, isolation = cursor.fetchone()
            assert "STRICT_TRANS_TABLES" in mode.split(",")
            assert isolation == "READ-COMMITTED"
    connection.close()


def test_django_verifies_the_server_by_the_authorities(
    certificates: Path, encrypted: Callable[[str], Server], site: Callable[..., Site]
) -> None:
    for engine, question in (
        ("postgresql", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"),
        ("mariadb", "SHOW STATUS LIKE 'Ssl_cipher'"),
    ):
        one = site(encrypted(engine))
        if not one.tls or (engine == "mariadb" and makes_certificates(one.server)):
            continue  # a PostgreSQL that was built without, a certificate by nobody
        outcome = one.provision()
        url = outcome.urls["DATABASE_URL"].partition("?")[0]
        entry = made(DATABASE_URL=url, DATABASE_CA=str(certificates / "ca.pem"))["default"]
        connection = ConnectionHandler({"default": {}, "one": entry})["one"]
        with connection.cursor() as cursor:
            cursor.execute(question)
            assert cursor.fetchone()[-1] not in (False, "")
        connection.close()
