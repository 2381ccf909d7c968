"""`outgrow provision` as a person runs it: with and without a project, right and wrong."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from outgrow.dialects import dialect_for
from outgrow.places import resolve
from outgrow.provision.running import purpose
from tests import forks
from tests.conftest import require
from tests.engines import Server
from tests.provision.conftest import Site, passwords
from tests.provision.test_secrets import flags

ROOT = Path(__file__).parents[2]
SETTINGS = """
import os
import outgrow
SECRET_KEY = "a key for tests"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "outgrow"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = outgrow.databases()
"""
MANAGE = """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
VISIT = """
import django; django.setup()
from django.contrib.auth.models import User
from django.db import connection
User.objects.create(username="ann")
print(User.objects.count())
try:
    with connection.cursor() as cursor: cursor.execute("CREATE TABLE mine (id int)")
except Exception as error: print("refused", type(error).__name__)
"""


def environment(**more: str) -> dict[str, str]:
    away = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "PYTHONWARNINGS")
    known = {k: v for k, v in os.environ.items() if k not in away}
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return {**known, "PYTHONPATH": path, **more}


def outgrow(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    done = forks.run(["-m", "outgrow", *arguments], cwd=folder, env=environment(**more), timeout=120)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def refused(folder: Path, *arguments: str, **more: str) -> str:
    """The one sentence of a command that did nothing."""
    done = outgrow(folder, "provision", *arguments, **more)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.strip()


@pytest.fixture
def mysql_site(encrypted: Callable[[str], Server], site: Callable[..., Site]) -> Site:
    return site(encrypted("mysql"))


def values(file: Path) -> dict[str, str]:
    """As a shell reads them."""
    said = subprocess.run(["bash", "-c", f"set -a; . {file}; env"], capture_output=True, text=True, check=True, env={})
    return {
        name: value for name, _, value in (line.partition("=") for line in said.stdout.splitlines()) if "URL" in name
    }


def last(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The result, which comes after the events."""
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_django_project_migrates_as_the_migrator_and_serves_as_the_app(new: Site, tmp_path: Path) -> None:
    """Its settings ask for URLs that are still to be made when the command runs."""
    (tmp_path / "site_settings.py").write_text(SETTINGS)
    (tmp_path / "manage.py").write_text(MANAGE)
    done = outgrow(
        tmp_path, "provision", "--on", "env:ADMIN_URL", "--name", new.name, "--env", ".env", *flags(new),
        ADMIN_URL=new.server.url(),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found = values(tmp_path / ".env")
    migrated = outgrow(tmp_path, "migrate", DATABASE_ROLE="migrator", **found)
    assert migrated.returncode == 0, migrated.stderr
    assert "1 database migrated." in migrated.stdout
    alone = outgrow(tmp_path, "migrate", "--check", DATABASE_URL=found["DATABASE_URL"])
    assert (alone.returncode, alone.stdout) == (
        0,
        "Every table, column and index of the models is where its owner is.\n",
    )
    path = {"DJANGO_SETTINGS_MODULE": "site_settings", "DATABASE_URL": found["DATABASE_URL"]}
    served = forks.run(["-c", VISIT], cwd=tmp_path, env=environment(**path), timeout=60)
    assert served.stdout.split("\n")[0] == "1", served.stderr
    assert served.stdout.split("\n")[1].startswith("refused ")
    judged = outgrow(tmp_path, "doctor", "env:DATABASE_URL", "-v0", DATABASE_URL=found["DATABASE_URL"])
    failed = [line for line in judged.stdout.splitlines() if "FAILED" in line]
    assert [line for line in failed if "D307" not in line] == []  # the tests' server has no time zone tables
    assert "D203" not in judged.stdout  # no master account, no power over the server
    assert "D201" not in judged.stdout  # and nothing to be granted: another role migrates


def test_a_project_moves_off_sqlite_as_the_migrator_by_the_line_that_is_printed(new: Site, tmp_path: Path) -> None:
    (tmp_path / "site_settings.py").write_text(
        SETTINGS.replace("databases()", 'databases(default="sqlite:///db.sqlite3")')
    )
    (tmp_path / "manage.py").write_text(MANAGE)
    assert outgrow(tmp_path, "migrate").returncode == 0
    old = {"DJANGO_SETTINGS_MODULE": "site_settings"}
    forks.run(["-c", VISIT], cwd=tmp_path, env=environment(**old), timeout=60)
    done = outgrow(
        tmp_path, "provision", "--on", "env:ADMIN_URL", "--name", new.name, "--env", ".env", *flags(new),
        ADMIN_URL=new.server.url(),
    )  # fmt: skip
    command = done.stdout.splitlines()[-1].split()
    assert command[:2] == ["outgrow", "move"]
    assert "git does not ignore" not in done.stdout  # there is no repository
    found = values(tmp_path / ".env")
    moved = outgrow(tmp_path, *command[1:], **found)
    assert moved.returncode == 0, moved.stdout + moved.stderr
    assert "Every row was copied and verified" in moved.stdout
    assert f"# {new.name}_migrator owns the tables, and is for migrations. The service logs in by DATABASE_URL:" in (
        moved.stdout
    )
    code = (
        "import django; django.setup()\nfrom django.contrib.auth.models import User; print(User.objects.get().username)"
    )
    served = forks.run(
        ["-c", code], cwd=tmp_path, env=environment(**old, DATABASE_URL=found["DATABASE_URL"]), timeout=60
    )
    assert served.stdout == "ann\n", served.stderr


def test_the_statements_what_is_proved_and_what_comes_next_are_printed(mysql_site: Site, tmp_path: Path) -> None:
    arguments = ("provision", "--on", "env:ADMIN_URL", "--name", mysql_site.name, "--env", ".env")
    done = outgrow(tmp_path, *arguments, ADMIN_URL=mysql_site.server.url())
    lines = done.stdout.splitlines()
    assert lines[0].startswith("-- MySQL ")
    assert any(line.startswith(f"CREATE DATABASE `{mysql_site.name}` CHARACTER SET utf8mb4 COLLATE ") for line in lines)
    assert "-- 10 statements were carried out" in lines
    assert "Proved, each by its own login:" in lines
    assert lines[-3:] == [
        "  set -a; . ./.env; set +a",
        "  outgrow doctor env:DATABASE_URL",
        "  DATABASE_ROLE=migrator outgrow migrate",
    ]
    again = outgrow(tmp_path, *arguments, ADMIN_URL=mysql_site.server.url())
    assert f"-- {mysql_site.name} and its three roles are as they should be: nothing to change." in again.stdout


def test_a_file_that_git_does_not_ignore_is_named(mysql_site: Site, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    arguments = ("provision", "--on", "env:ADMIN_URL", "--name", mysql_site.name, "--env")
    said = "Note: git does not ignore .env, and its passwords would be committed: put it into .gitignore."
    assert said in outgrow(tmp_path, *arguments, ".env", ADMIN_URL=mysql_site.server.url()).stdout
    (tmp_path / ".gitignore").write_text(".env\n")
    (tmp_path / ".env").unlink()
    again = outgrow(tmp_path, *arguments, ".env", "--new-passwords", ADMIN_URL=mysql_site.server.url())
    assert (again.returncode, "git does not" in again.stdout) == (0, False)


def test_without_a_file_the_urls_are_printed_once(mysql_site: Site, tmp_path: Path) -> None:
    arguments = ("provision", "--on", "env:ADMIN_URL", "--name", mysql_site.name)
    first = outgrow(tmp_path, *arguments, ADMIN_URL=mysql_site.server.url())
    assert "The URLs with their passwords, which are shown this once and are nowhere else:" in first.stdout
    assert f"  DATABASE_URL=mysql://{mysql_site.name}_app:" in first.stdout
    second = outgrow(tmp_path, *arguments, ADMIN_URL=mysql_site.server.url())
    assert "://" not in second.stdout
    assert second.returncode == 0


def test_one_json_object_has_the_urls_only_where_no_file_has_them(mysql_site: Site, tmp_path: Path) -> None:
    arguments = ("provision", "--on", "env:ADMIN_URL", "--name", mysql_site.name, "--json")
    admin = mysql_site.server.url()
    dry = last(outgrow(tmp_path, *arguments, "--dry-run", ADMIN_URL=admin))
    assert (dry["dry_run"], dry["changed"], "urls" in dry) == (True, False, False)
    made = last(outgrow(tmp_path, *arguments, "--env", ".env", ADMIN_URL=admin))
    assert (made["changed"], len(made["proved"]), "urls" in made) == (True, 4, False)
    assert [line["sql"] for line in made["statements"]] == [line["sql"] for line in dry["statements"]]
    fresh = last(outgrow(tmp_path, *arguments, "--new-passwords", ADMIN_URL=admin))
    assert len(passwords(fresh["urls"])) == 3


def test_something_that_is_left_ends_with_1(mysql_site: Site, tmp_path: Path) -> None:
    mysql_site.provision(env=str(tmp_path / ".env"))
    mysql_site.sql("GRANT CREATE ON `{name}`.* TO '{app}'@'%'")
    arguments = ("provision", "--on", "env:ADMIN_URL", "--name", mysql_site.name, "--env", ".env")
    done = outgrow(tmp_path, *arguments, ADMIN_URL=mysql_site.server.url())
    assert done.returncode == 1
    assert "Not as it should be, and left as it is:" in done.stdout
    assert "      REVOKE CREATE ON " in done.stdout


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("postgers://app@db", "did you mean 'postgres://'"),
        ("postgress://app@db/x", "did you mean 'postgres://'"),
        ("env:NOWHERE", "The environment variable NOWHERE is not set"),
        ("sqlite:///shop.sqlite3", "SQLite has no server, and so no roles"),
        ("postgres://a:b/c@db/x", "percent-encode special characters"),
        ("defualt", "No Django project was found"),
    ],
)
def test_an_administrator_that_cannot_be_read(tmp_path: Path, typed: str, said: str) -> None:
    assert said in refused(tmp_path, "--on", typed, "--name", "shop").replace("The URL", "the URL")[:4000]


def test_an_alias_with_a_typo_gets_the_nearest_right_name(tmp_path: Path) -> None:
    (tmp_path / "site_settings.py").write_text(SETTINGS)
    (tmp_path / "manage.py").write_text(MANAGE)
    said = refused(tmp_path, "--on", "defualt", "--name", "shop", DATABASE_URL="sqlite:///db.sqlite3")
    assert "did you mean 'default'" in said


def test_a_server_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    for scheme in ("postgresql", "mysql"):
        said = refused(
            tmp_path, "--on", "env:ADMIN_URL", "--name", "shop", ADMIN_URL=f"{scheme}://a:b@127.0.0.1:{port}/"
        )
        assert "does not answer, nothing listens there" in said


def test_a_wrong_password_of_the_administrator_is_one_sentence(tmp_path: Path) -> None:
    for engine in ("postgresql", "mysql"):
        url = require(engine).url().replace(require(engine).password, "not-this-one")
        said = refused(tmp_path, "--on", "env:ADMIN_URL", "--name", "shop", "--without-tls", ADMIN_URL=url)
        assert "refused the password" in said
        assert "not-this-one" not in said


@pytest.mark.parametrize("lacks", ["--on", "--name"])
def test_what_is_missing_is_named(tmp_path: Path, lacks: str) -> None:
    given = {"--on": "env:ADMIN_URL", "--name": "shop"}
    said = refused(tmp_path, *(word for option, value in given.items() if option != lacks for word in (option, value)))
    assert said.startswith(f"{lacks} is missing: write outgrow provision --on env:ADMIN_URL --name tablebooking, or ")


def test_who_is_stopped_is_told_how_to_go_on(
    encrypted: Callable[[str], Server], site: Callable[..., Site], tmp_path: Path
) -> None:
    """Ctrl-C while a statement waits for the lock of another."""
    one = site(encrypted("postgresql"))
    admin = one.server.connect()
    admin.execute("BEGIN")
    admin.execute("LOCK TABLE pg_authid IN SHARE MODE")
    command = [sys.executable, "-m", "outgrow", "provision", "--on", "env:ADMIN_URL", "--name", one.name]
    with subprocess.Popen(
        [*command, "--env", ".env", *flags(one)], cwd=tmp_path, env=environment(ADMIN_URL=one.server.url()),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'CREATE ROLE%'"
        end = time.monotonic() + 30
        while not one.server.sql(waiting)[0][0] and time.monotonic() < end:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    admin.close()
    assert process.returncode == 130, said
    again = (
        f"outgrow provision --on env:ADMIN_URL --name {one.name} --env .env{' --without-tls' if not one.tls else ''}"
    )
    assert said.splitlines()[-1] == f"Stopped: go on with `{again}`."
    assert one.provision(env=str(tmp_path / ".env")).differences == []


def test_two_at_once_do_not_meet(mysql_site: Site, tmp_path: Path) -> None:
    lock = dialect_for(resolve(mysql_site.server.url()).settings).exclusive(purpose(mysql_site.name))
    assert lock.take()
    try:
        said = refused(tmp_path, "--on", "env:ADMIN_URL", "--name", mysql_site.name, ADMIN_URL=mysql_site.server.url())
    finally:
        lock.close()
    assert said.startswith(f"Another process provisions {mysql_site.name} at the moment (connection ")


@pytest.fixture
def legacy_site(site: Callable[..., Site]) -> Site:
    found: Site = site(require("postgresql"))
    return found


def test_manage_py_takes_an_alias_of_the_project(legacy_site: Site) -> None:
    from tests.legacy.project import Legacy

    legacy = Legacy({"default": "sqlite:///:memory:", "admin": legacy_site.server.url()})
    done = legacy.manage("outgrow", "provision", "--on", "admin", "--name", legacy_site.name, "--without-tls")
    assert done.returncode == 0, done.stdout + done.stderr
    assert legacy_site.exists


def test_the_doctors_remedies_are_commands_that_there_are(tmp_path: Path) -> None:
    from outgrow.cli import arguments

    found = 0
    for file in (ROOT / "src" / "outgrow").rglob("*.py"):
        found += file.read_text().count("outgrow provision --on env:ADMIN_URL --name ")
    assert found >= 4
    given = vars(arguments.build("outgrow").parse_args(["provision", "--on", "env:ADMIN_URL", "--name", "shop"]))
    assert (given["on"], given["name"], given["tls"]) == ("env:ADMIN_URL", "shop", True)
