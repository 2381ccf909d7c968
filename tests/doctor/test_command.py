"""`outgrow doctor` as a person runs it: all databases side by side, in time, with an exit code, and no secret."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from outgrow.cli import arguments
from outgrow.doctor.catalogue import TITLES
from tests.conftest import MakeDatabase, require
from tests.doctor.conftest import PASSWORD, Made
from tests.engines import Server
from tests.legacy.project import Legacy

DOCS = Path(__file__).parents[2] / "docs" / "doctor.md"


def doctor(legacy: Legacy, *more: str, **environment: str) -> tuple[int, str]:
    done = legacy.run("-m", "outgrow", "doctor", *more, **environment)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def project(make_database: MakeDatabase) -> Legacy:
    legacy = Legacy({"default": make_database("postgresql")})
    assert legacy.run("-m", "outgrow", "migrate", "-v0").returncode == 0
    return legacy


def test_a_project_that_is_well_leaves_with_0(project: Legacy) -> None:
    code, said = doctor(project)
    assert code == 0, said
    assert said.startswith("default (PostgreSQL ")
    assert "  ok      D601  migrations: every migration is applied\n" in said
    assert (
        "  ok      D602  tables as the models have them: every table, column and index is where its owner is\n" in said
    )
    assert "\n1 database: nothing failed, " in said


def test_the_answers_as_one_json_object(project: Legacy) -> None:
    code, said = doctor(project, "--json")
    value = json.loads(said)
    assert code == 0
    database = value["databases"][0]
    assert database["database"] == "default"
    assert database["level"] == "warning"  # the tests log in as the administrator
    assert {"id", "title", "level", "text", "commands"} == set(database["answers"][0])


def test_migrations_that_wait_and_tables_that_went(project: Legacy, postgresql: Server) -> None:
    name = project.databases["default"].rpartition("/")[2]
    postgresql.sql("DROP TABLE blog_article CASCADE", name)
    code, said = doctor(project)
    assert code == 1
    assert (
        "FAILED  D602  tables as the models have them: blog_article is owned by default but missing there; its history"
        in said
    )
    postgresql.sql("DELETE FROM django_migrations WHERE app = 'blog'", name)
    code, said = doctor(project)
    assert "warning D601  migrations: default has " in said
    assert "outgrow migrate --database default" in said


def test_databases_are_looked_at_side_by_side_and_a_dead_one_is_given_up(
    make_database: MakeDatabase, account: Made, postgresql: Server
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        hanging = f"postgres://app:{PASSWORD}@127.0.0.1:{port}/shop"
        begun = time.monotonic()
        code, said = doctor(
            Legacy({"default": make_database("sqlite")}), "env:A", "env:B", "env:C",
            A=hanging, B=account(postgresql).url(), C=hanging.replace("postgres:", "mysql:"),
        )  # fmt: skip
    assert code == 1
    assert said.count("is open and says nothing within 4 s") == 2
    assert "env:B (PostgreSQL " in said
    assert time.monotonic() - begun < 20  # two that hang, one after the other, and the starting of a process
    assert PASSWORD not in said


def test_too_many_connections_are_counted_for_one_server_together(make_database: MakeDatabase) -> None:
    one, other = make_database("postgresql"), make_database("postgresql")
    code, said = doctor(
        Legacy({"default": make_database("sqlite")}), "env:A", "env:B", "--web-servers", "8", "--processes", "9",
        "--threads", "4", A=one, B=other,
    )  # fmt: skip
    assert code == 1
    assert said.count("D401") == 1
    assert (
        "FAILED  D401  connections: 8 web servers × 9 processes × 4 threads × 2 databases may open 576 connections"
        in said
    )


def test_processes_are_read_where_gunicorn_reads_them(make_database: MakeDatabase) -> None:
    legacy = Legacy({"default": make_database("sqlite")})
    environment = {
        "A": make_database("mariadb"),
        "WEB_CONCURRENCY": "3",
        "GUNICORN_CMD_ARGS": "--threads=2 --bind=:8000",
    }
    _, said = doctor(legacy, "env:A", **environment)
    assert "1 web server × 3 processes × 2 threads × 1 database may open 6 " in said


def test_a_file_cannot_serve_two_web_servers(make_database: MakeDatabase) -> None:
    legacy = Legacy({"default": make_database("sqlite")})
    legacy.run("-m", "outgrow", "migrate", "-v0")
    code, said = doctor(legacy, "--web-servers", "2")
    assert code == 1
    assert "FAILED  D804  place of the file: 2 web servers cannot share a SQLite file" in said


def test_an_alias_with_a_typo_gets_the_nearest_right_name(make_database: MakeDatabase) -> None:
    code, said = doctor(Legacy({"default": make_database("sqlite")}), "defualt")
    assert code == 2
    assert said.count("\n") == 1
    assert "did you mean 'default'" in said


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("postgers://app@db/shop", "did you mean 'postgres://'"),
        ("postgres://app@db", "names no database: end it with /name"),
        ("env:NOWHERE", "The environment variable NOWHERE is not set"),
    ],
)
def test_a_url_that_cannot_be_read_is_one_sentence(make_database: MakeDatabase, typed: str, found: str) -> None:
    code, said = doctor(Legacy({"default": make_database("sqlite")}), typed)
    assert code == 2
    assert found in said
    assert said.count("\n") == 1


def test_a_database_that_owns_nothing_waits_for_no_migrations(project: Legacy, make_database: MakeDatabase) -> None:
    other = Legacy({**project.databases, "archive": make_database("postgresql")})
    code, said = doctor(other, "archive")
    assert code == 0, said
    assert "  ok      D601  migrations: nothing of the project is to be migrated here\n" in said


def test_a_mirror_is_looked_at_as_a_replica(project: Legacy) -> None:
    owners = {"OWNERS": {"default": "*"}, "REPLICAS": {"default": ["copy"]}}
    code, said = doctor(Legacy({**project.databases, "copy": project.databases["default"]}, owners), "copy")
    assert code == 1
    assert "FAILED  D701  replication: The settings call this a replica, and it is a primary" in said
    assert "D601" not in said


def test_an_engine_that_is_not_known(make_database: MakeDatabase) -> None:
    legacy = Legacy({"default": make_database("sqlite")})
    done = legacy.inside(
        """
        from django.db import connections
        from outgrow import conf
        from outgrow.doctor import diagnose
        from outgrow.options import DoctorOptions
        from django.conf import settings
        settings.DATABASES["other"] = {"ENGINE": "django.db.backends.oracle", "NAME": "x"}
        answer([d.as_dict() for d in diagnose(DoctorOptions(("other",)))])
        """
    )
    assert "the database engine oracle is not known" in done[0]["answers"][0]["text"]


def test_the_documentation_has_every_check_by_its_title() -> None:
    text = DOCS.read_text()
    for check, title in TITLES.items():
        assert f"### {check} {title}\n" in text, check
    assert text.count("\n### D") == len(TITLES)


def test_numbers_are_numbers() -> None:
    with pytest.raises(CommandError, match="expected a number from 1 on, not '0'"):
        arguments.build("outgrow").parse_args(["doctor", "--web-servers", "0"])


def without_driver(legacy: Legacy, url: str, **environment: str) -> str:
    """In a process of its own: those that are forked have imported the drivers already."""
    command = [sys.executable, "-m", "outgrow", "doctor", url]
    env = {**legacy.environment, **environment}
    done = subprocess.run(command, cwd=DOCS.parents[1], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    return done.stdout


def test_a_driver_that_is_missing_is_installed_by_the_lines_that_are_given(
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    """A process in which the driver cannot be imported, as where nobody installed it."""
    require("mysql")
    for driver in ("MySQLdb", "psycopg"):
        (tmp_path / f"{driver}.py").write_text(f"raise ImportError(\"No module named '{driver}'\")")
    legacy = Legacy({"default": make_database("sqlite")})
    path = {"PYTHONPATH": f"{tmp_path}:{legacy.environment['PYTHONPATH']}"}
    for scheme, name, line in (
        ("mysql", "mysqlclient", "pip install 'mysqlclient>=2.2'"),
        ("postgres", "psycopg", "pip install 'psycopg[binary]>=3.2'"),
    ):  # fmt: skip
        said = without_driver(legacy, f"{scheme}://app@127.0.0.1/shop", **path)
        assert f"FAILED  D101  driver: The driver {name} is not installed" in said
        assert f"{'':16}{line}\n" in said


@pytest.mark.parametrize(
    ("manager", "first"),
    [
        ("apt-get", "sudo apt-get install -y python3-dev default-libmysqlclient-dev build-essential pkg-config"),
        ("dnf", "sudo dnf install -y python3-devel mariadb-connector-c-devel gcc pkgconf"),
        ("apk", "apk add python3-dev mariadb-connector-c-dev gcc musl-dev pkgconf"),
        ("brew", "brew install mysql-client pkg-config"),
    ],
)
def test_the_lines_are_those_of_this_operating_system(
    make_database: MakeDatabase, tmp_path: Path, manager: str, first: str
) -> None:
    """By the package manager on PATH, an empty program of that name."""
    (tmp_path / "MySQLdb.py").write_text("raise ImportError(\"No module named 'MySQLdb'\")")
    (program := tmp_path / "bin" / manager).parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    legacy = Legacy({"default": make_database("sqlite")})
    environment = {"PYTHONPATH": f"{tmp_path}:{legacy.environment['PYTHONPATH']}", "PATH": str(program.parent)}
    said = without_driver(legacy, "mysql://app@127.0.0.1/shop", **environment)
    assert f"{'':16}{first}\n" in said
