"""What cannot be done is said in one plain sentence, exit 2: no traceback, no secret, nothing written."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import psutil
import pytest

from outgrow.masks import HIDDEN
from tests.engines import provide

from .conftest import django_command
from .driver import Ended, background, command
from .rows import opened, tables_of

SERVERS = ["postgresql", "mysql", "mariadb"]
SECRET = "hunter2/&so:secret"


def is_one_sentence(ended: Ended, *words: str, secrets: tuple[str, ...] = (SECRET,)) -> None:
    assert ended.code == 2, ended
    lines = [line for line in ended.err.strip().splitlines() if not line.startswith(("check: ", "inventory: "))]
    assert len(lines) == 1, ended.err
    assert lines[0].endswith(".")
    assert HIDDEN not in lines[0]  # the advice was taken for a password
    assert "Traceback" not in ended.err + ended.out
    for word in words:
        assert word in lines[0]
    for secret in secrets:
        assert secret not in ended.err + ended.out


def with_login(url: str, *, user: str = "", password: str = "", host: str = "", port: int = 0, name: str = "") -> str:
    parts = urlsplit(url)
    login = f"{user or parts.username}:{quote(password or parts.password or '', safe='')}"
    where = f"{host or parts.hostname}:{port or parts.port}"
    return parts._replace(netloc=f"{login}@{where}", path=f"/{name}" if name else parts.path).geturl()


@pytest.mark.parametrize("engine", SERVERS)
def test_a_wrong_password_is_named(engine, shop, make_target):
    ended = shop.run(with_login(make_target(engine), password=SECRET))
    is_one_sentence(ended, "refused the password or the user name", "check")


@pytest.mark.parametrize("engine", SERVERS)
def test_an_unknown_host_is_named(engine, shop, make_target):
    ended = shop.run(with_login(make_target(engine), host="no-such-host.invalid", password=SECRET))
    is_one_sentence(ended, "host name that does not resolve")


@pytest.mark.parametrize("engine", SERVERS)
def test_a_port_where_nobody_listens_is_named(engine, shop, make_target):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    ended = shop.run(with_login(make_target(engine), port=port, password=SECRET))
    is_one_sentence(ended, "nothing listens there")


@pytest.mark.parametrize("engine", SERVERS)
def test_a_missing_database_is_named(engine, shop, make_target):
    is_one_sentence(shop.run(with_login(make_target(engine), name="nosuchdatabase")), "nosuchdatabase", "create it")


@pytest.mark.parametrize(
    ("engine", "module", "driver"),
    [("postgresql", "psycopg", "psycopg 3"), ("mysql", "MySQLdb", "mysqlclient")],
)
def test_a_missing_driver_is_named(engine, module, driver, make_target, source_file, tmp_path):
    hide = f"import sys; sys.modules[{module!r}] = None"
    ended = command(
        "move", "--to", "env:TARGET", patch=hide, TARGET=make_target(engine),
        DATABASE_URL=f"sqlite:///{source_file('plaza')}", XDG_CACHE_HOME=str(tmp_path),
    )  # fmt: skip
    is_one_sentence(ended, driver, "pip install")


@pytest.fixture
def guest(make_database) -> Iterator[Callable[..., str]]:
    """`guest("mysql", "SELECT")`: the URL of a fresh database for a user with no other right than that."""
    made: list[tuple[str, str]] = []

    def make(engine: str, right: str) -> str:
        server, url = provide(engine), make_database(engine)
        user = f"guest_{os.urandom(4).hex()}"
        name = urlsplit(url).path[1:]
        made.append((engine, user))
        if engine == "postgresql":
            server.sql(f"CREATE ROLE {user} LOGIN PASSWORD '{SECRET}'")
            server.sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC", name)
        else:
            server.sql(f"CREATE USER '{user}'@'%' IDENTIFIED BY '{SECRET}'")
            server.sql(f"GRANT {right} ON `{name}`.* TO '{user}'@'%'")
        return with_login(url, user=user, password=SECRET)

    yield make
    for engine, user in made:
        server = provide(engine)
        server.sql(f"DROP ROLE {user}" if engine == "postgresql" else f"DROP USER '{user}'@'%'")


@pytest.mark.parametrize("engine", SERVERS)
def test_a_user_who_may_not_make_tables_is_told_so(engine, guest, shop):
    is_one_sentence(shop.run(guest(engine, "SELECT")), "right")


@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
def test_a_user_who_may_make_tables_but_not_fill_them_is_told_so(engine, guest, shop):
    is_one_sentence(shop.run(guest(engine, "SELECT, CREATE")), "denied")


def test_a_source_table_that_may_not_be_read_is_named(make_database, guest, open_nursery, make_target):
    source = guest("postgresql", "")
    administrator = provide("postgresql").url(urlsplit(source).path[1:])
    django_command("shop", administrator, "migrate", "-v0")
    ended = open_nursery("shop", source).run(make_target("sqlite"))
    is_one_sentence(ended, "the source PostgreSQL", "permission denied", "grant the right")
    provide("postgresql").sql(f"DROP OWNED BY {urlsplit(source).username}", urlsplit(source).path[1:])


@pytest.fixture
def spelled(tmp_path, source_file) -> dict[str, str]:
    """One SQLite file by many names."""
    file = tmp_path / "one.sqlite3"
    shutil.copy(source_file("shop"), file)
    (tmp_path / "sub").mkdir()
    (tmp_path / "link.sqlite3").symlink_to(file)
    (tmp_path / "hard.sqlite3").hardlink_to(file)
    (tmp_path / "folder").symlink_to(tmp_path)
    return {
        "itself": f"sqlite:///{file}",
        "a way round": f"sqlite:///{tmp_path}/sub/../one.sqlite3",
        "two slashes": f"sqlite:///{tmp_path}//one.sqlite3",
        "a link": f"sqlite:///{tmp_path}/link.sqlite3",
        "a hard link": f"sqlite:///{tmp_path}/hard.sqlite3",
        "a linked folder": f"sqlite:///{tmp_path}/folder/one.sqlite3",
        "a relative path": f"sqlite:///{os.path.relpath(file, Path(__file__).parents[2])}",
    }


def test_one_sqlite_file_is_not_moved_onto_itself_however_it_is_spelled(spelled, open_nursery):
    nursery = open_nursery("shop", spelled["itself"])
    before = Path(spelled["itself"].removeprefix("sqlite:///")).read_bytes()
    for name, url in spelled.items():
        for option in ((), ("--replace-target", "one.sqlite3")):
            ended = nursery.run(url, *option)
            is_one_sentence(ended, "one and the same database")
            assert Path(spelled["itself"].removeprefix("sqlite:///")).read_bytes() == before, name


@pytest.mark.parametrize("engine", SERVERS)
def test_one_database_on_a_server_is_not_moved_onto_itself_however_it_is_spelled(engine, make_database, open_nursery):
    source = make_database(engine)
    django_command("shop", source, "migrate", "-v0")
    nursery = open_nursery("shop", source)
    for host in ("127.0.0.1", "127.1", "127.0.1"):
        is_one_sentence(nursery.run(with_login(source, host=host)), "one and the same database")


def test_an_alias_is_not_moved_onto_itself(open_nursery, source_file, spelled):
    nursery = open_nursery("shop", spelled["itself"], SHOP_SECOND_URL=spelled["a link"])
    for alias in ("default", "second"):
        is_one_sentence(nursery.run("", "--to", alias), "one and the same database")


@pytest.mark.parametrize("engine", ["postgresql", "mysql", "mariadb", "sqlite"])
def test_a_target_that_holds_rows_is_refused_and_keeps_them(engine, shop, make_target):
    target = make_target(engine)
    django_command("shop", target, "migrate", "-v0")
    connection = sqlite3.connect(target.removeprefix("sqlite:///")) if engine == "sqlite" else opened(target)[0]
    connection.cursor().execute("INSERT INTO shop_tag (id, word) VALUES (5, 'mine')")
    connection.commit()
    connection.close()
    for option in ((), ("--replace-target", "another"), ("--resume",), ("--restart",)):
        is_one_sentence(shop.run(target, *option))
        assert [row["word"] for row in tables_of(target)["shop_tag"]] == ["mine"], option
    assert "shop_tag" in shop.run(target).said
    assert not any(name.startswith("outgrow_") for name in tables_with_ours(target))


def tables_with_ours(url: str) -> set[str]:
    connection, listing, _ = opened(url)
    with contextlib.closing(connection):
        cursor = connection.cursor()
        cursor.execute(listing)
        return {name for (name,) in cursor.fetchall()}


def test_a_file_that_is_no_database_is_named(tmp_path, shop):
    (tmp_path / "text.sqlite3").write_text("this is a text\n" * 100)
    is_one_sentence(shop.run(f"sqlite:///{tmp_path}/text.sqlite3"), "cannot be opened")


def test_a_folder_that_is_missing_is_named(tmp_path, shop):
    is_one_sentence(shop.run(f"sqlite:///{tmp_path}/nowhere/new.sqlite3"), "folder", "does not exist")


def test_a_source_that_is_missing_is_named_and_not_made(tmp_path, open_nursery, make_target):
    file = tmp_path / "missing.sqlite3"
    is_one_sentence(open_nursery("shop", f"sqlite:///{file}").run(make_target("postgresql")), "there is no SQLite file")
    assert not file.exists()


@pytest.mark.parametrize("engine", SERVERS)
def test_the_password_is_nowhere_while_a_move_runs_and_after_it(engine, source_file, make_target, tmp_path):
    """Not in what it prints, the ledger, files that it makes, or any process's arguments."""
    target = make_target(engine)
    secret = str(urlsplit(target).password)
    assert len(secret) > 10
    seen: set[str] = set()
    (tmp_path / "tmp").mkdir()

    def look() -> None:
        for process in psutil.Process().children(recursive=True):
            try:
                seen.add("\0".join(process.cmdline()))
            except psutil.Error:
                continue
        for folder, _, names in [*os.walk(tmp_path / "tmp"), *os.walk(tmp_path / "cache")]:
            for file in (Path(folder, name) for name in names):
                with contextlib.suppress(OSError):
                    if file.is_file() and file.stat().st_size < 1_000_000:
                        assert secret.encode() not in file.read_bytes(), file

    with background(look):
        ended = command(
            "move", "--to", "env:TARGET", "-v", "3", TARGET=target,
            DATABASE_URL=f"sqlite:///{source_file('plaza')}", TMPDIR=str(tmp_path / "tmp"),
            XDG_CACHE_HOME=str(tmp_path / "cache"),
        )  # fmt: skip
    assert ended.code == 0, ended.err
    assert any("schema/child.py" in line for line in seen), "the child was seen"
    assert not [line for line in seen if secret in line]
    assert secret not in ended.out + ended.err
    assert list((tmp_path / "tmp").iterdir()) == [], "no file is left behind"
    with contextlib.closing(opened(target)[0]) as connection:
        cursor = connection.cursor()
        for name in tables_with_ours(target):
            if name.startswith("outgrow_"):
                cursor.execute(f"SELECT * FROM {name}")
                assert secret not in str(cursor.fetchall()), name


def test_a_password_that_is_typed_is_warned_about_and_not_repeated(shop, make_target):
    target = make_target("postgresql")
    ended = shop.run("", "--to", with_login(target, password=SECRET), "--no-verify")
    assert ended.code == 2
    assert SECRET not in ended.out + ended.err
    assert quote(SECRET, safe="") not in ended.out + ended.err
    assert "put the URL into an environment variable" in ended.out
