"""`outgrow migrate`: which databases, in which order, what it refuses, and going on after a failure."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.conftest import MakeDatabase
from tests.engines import provide
from tests.legacy.project import Legacy
from tests.migrating.project import OWNERS, with_apps

AWKWARD = ["tests.migrating.awkward"]
SPREAD = {"OWNERS": {"other": ["awkward.There"], "default": "*"}}
TABLES = """
    from django.db import connections
    answer({a: sorted(connections[a].introspection.table_names()) for a in connections})
"""


def files(tmp_path: Path, *aliases: str) -> dict[str, str]:
    return {alias: f"sqlite:///{tmp_path}/{alias}.sqlite3" for alias in aliases}


def spread(tmp_path: Path) -> Legacy:
    """One app, one model in each of two databases."""
    return with_apps(files(tmp_path, "default", "other"), SPREAD, ["contenttypes"], AWKWARD)


def outgrow(project: Legacy, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return project.manage("outgrow", "migrate", *words, **environment)


def last(run: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(run.stdout.splitlines()[-1])


def test_the_plan_is_printed_first_and_alone_writes_nothing(tmp_path: Path) -> None:
    project = spread(tmp_path)
    plan = outgrow(project, "--dry-run")
    assert plan.returncode == 0, plan.stderr
    assert plan.stdout.splitlines()[:2] == [
        f"1. other (SQLite {tmp_path}/other.sqlite3): 2 migrations to apply, 2 of other databases to record",
        "     awkward.0001_initial",
    ]
    assert list(tmp_path.iterdir()) == []
    done = outgrow(project, "-v2", AWKWARD="guarded")
    assert done.stdout.startswith("1. other (SQLite ")
    assert "other: awkward.0001_initial applied in" in done.stderr
    assert "other: contenttypes.0001_initial recorded, which is for other databases" in done.stderr
    assert done.stdout.splitlines()[-1] == "2 databases migrated."
    assert project.inside(TABLES) == {
        "default": ["awkward_here", "django_content_type", "django_migrations"],
        "other": ["awkward_there", "django_migrations"],
    }


def test_an_error_that_the_system_checks_find_stops_it_as_it_stops_djangos_own(tmp_path: Path) -> None:
    """Ours of the declared owners do not: two names of one database are no trouble here."""
    faulty = {"LANGUAGE_CODE": "en", "LANGUAGES": [["de", "German"]]}
    project = with_apps(files(tmp_path, "default"), None, ["contenttypes"], AWKWARD, **faulty)
    assert project.manage("migrate", "--plan").returncode == 1
    refused = outgrow(project, "--json")
    assert refused.returncode == 2
    assert last(refused)["text"] == (
        "The system checks find ?: (translation.E004) You have provided a value for the LANGUAGE_CODE setting that is "
        "not in the LANGUAGES setting: mend what `manage.py check` lists, or give --skip-checks. Nothing was migrated."
    )
    assert "django_migrations" not in project.inside(TABLES)["default"]
    done = outgrow(project, "--skip-checks")
    assert done.returncode == 0, done.stderr
    silenced = {**faulty, "SILENCED_SYSTEM_CHECKS": ["translation.E004"]}
    assert outgrow(with_apps(files(tmp_path, "default"), None, ["contenttypes"], AWKWARD, **silenced)).returncode == 0


def test_models_that_no_migration_has_yet_are_told_as_django_tells_them(tmp_path: Path) -> None:
    auto = {"DEFAULT_AUTO_FIELD": "django.db.models.SmallAutoField"}
    project = with_apps(files(tmp_path, "default", "second"), None, ["contenttypes"], AWKWARD, **auto)
    outgrow(project)
    again = outgrow(project)
    assert again.returncode == 0
    told = "Your models in app(s): 'awkward' have changes that are not yet reflected in a migration"
    assert again.stderr.count(told) == 1


def test_a_migration_that_changes_no_database_is_not_said_to_be_anothers(tmp_path: Path) -> None:
    """auth.0006 has no operations."""
    project = with_apps(files(tmp_path, "default"), None, ["contenttypes", "auth"], [])
    done = outgrow(project)
    assert "of other databases" not in done.stdout
    assert "auth.0006_require_contenttypes_0002" in done.stdout


def test_a_replica_is_refused_by_name_and_left_out_otherwise(tmp_path: Path) -> None:
    databases = files(tmp_path, "default", "other", "copy", "nobodys")
    declared = {**SPREAD, "REPLICAS": {"other": ["copy"]}}
    project = with_apps(databases, declared, ["contenttypes"], AWKWARD)
    refused = outgrow(project, "--database", "copy")
    assert refused.returncode == 2
    assert "copy is a replica of other, which gives it every change: migrate other." in refused.stderr
    assert "nobodys owns no table" in outgrow(project, "--database", "nobodys").stderr
    assert "DATABASES has no alias 'copi'" in outgrow(project, "--database", "copi").stderr
    plan = outgrow(project, "--plan", "--json")
    assert [d["database"] for d in last(plan)["databases"]] == ["other", "default"]
    assert list(tmp_path.iterdir()) == []


def test_without_owners_and_routers_the_default_database_alone_is_migrated_as_django_does(tmp_path: Path) -> None:
    """Another one may be somebody else's: it got every table of the project."""
    apps = ["tests.migrating.squashed"]
    project = with_apps(files(tmp_path, "default", "legacy"), None, ["contenttypes"], apps)
    assert [d["database"] for d in last(outgrow(project, "--json"))["databases"]] == ["default"]
    assert not (tmp_path / "legacy.sqlite3").exists()
    asked = last(outgrow(project, "--json", "--database", "legacy"))["databases"]
    assert [(d["database"], d["applied"][-1]) for d in asked] == [("legacy", "squashed.0001_squashed_0002_size")]


def test_without_owners_every_database_that_no_router_forbids_is_migrated(tmp_path: Path) -> None:
    project = with_apps(files(tmp_path, "default", "second"), None, ["contenttypes"], ["tests.migrating.squashed"],
                        DATABASE_ROUTERS=["tests.migrating.routers.Silent"])  # fmt: skip
    done = outgrow(project, "--json")
    assert done.returncode == 0, done.stdout
    applied = {d["database"]: d["applied"] for d in last(done)["databases"]}
    assert list(applied) == ["default", "second"]
    assert applied["second"] == applied["default"]
    assert applied["default"][-1] == "squashed.0001_squashed_0002_size"
    alone = with_apps(files(tmp_path, "default", "second", "third"), None, ["contenttypes"], [],
                      DATABASE_ROUTERS=["tests.migrating.routers.OnlyDefault"])  # fmt: skip
    assert [d["database"] for d in last(outgrow(alone, "--json"))["databases"]] == ["default"]


def test_a_squashed_migration_goes_on_from_the_ones_it_replaces(tmp_path: Path) -> None:
    owners = {"OWNERS": {"other": ["squashed"], "default": "*"}}
    project = with_apps(files(tmp_path, "default", "other"), owners, ["contenttypes"], ["tests.migrating.squashed"])
    done = project.inside("""
        from django.core.management import call_command
        from django.db.migrations.recorder import MigrationRecorder
        from django.db import connections
        call_command("outgrow", "migrate", verbosity=0)
        recorder = MigrationRecorder(connections["other"])
        recorder.record_unapplied("squashed", "0002_size")
        recorder.record_unapplied("squashed", "0001_squashed_0002_size")
        with connections["other"].cursor() as cursor:
            cursor.execute("ALTER TABLE squashed_thing DROP COLUMN size")
        call_command("outgrow", "migrate", verbosity=0)
        with connections["other"].cursor() as cursor:
            columns = connections["other"].introspection.get_table_description(cursor, "squashed_thing")
        answer([c.name for c in columns])
    """)
    assert done == ["id", "name", "size"]


@pytest.mark.parametrize("engine", ["sqlite", "mysql"])
def test_a_failure_names_its_database_and_the_next_run_goes_on(
    engine: str, make_database: MakeDatabase, tmp_path: Path
) -> None:
    """The first database is done by then and stays so."""
    databases = {"default": make_database("sqlite"), "other": make_database(engine)}
    owners = {"OWNERS": {"default": "*", "other": ["awkward"]}}
    project = with_apps(databases, owners, [], [*AWKWARD, "tests.migrating.race"])
    failed = outgrow(project, "--json", AWKWARD="failing", TMPDIR=str(tmp_path))
    assert failed.returncode == 1
    result = last(failed)
    assert [d["state"] for d in result["databases"]] == ["done", "failed"]
    assert result["databases"][0]["applied"] == ["race.0001_initial", "race.0002_first_run", "race.0003_place"]
    assert result["databases"][1]["applied"] == ["awkward.0001_initial"]
    assert result["databases"][1]["failed_at"] == "awkward.0002_rows"
    assert "other could not be migrated at awkward.0002_rows" in result["text"]
    assert ("which may be half applied" in result["text"]) is (engine == "mysql")
    assert "ValueError: not today, <3 characters, #" in result["text"]
    assert "ann" not in result["text"]
    assert ">. Done: default. Mend it and run this again" in result["text"]
    tables = project.inside(TABLES)
    assert ("awkward_extra" in tables["other"]) is (engine == "mysql")
    done = outgrow(project, "--json")
    assert done.returncode == 0, done.stdout
    assert [d["applied"] for d in last(done)["databases"]] == [[], ["awkward.0002_rows"]]


def test_the_projects_own_migrate_command_is_the_one_that_runs(tmp_path: Path) -> None:
    apps = ["tests.migrating.owncommand", "tests.migrating.race"]
    project = with_apps(files(tmp_path, "default", "other"), SPREAD, ["contenttypes"], apps)
    done = outgrow(project, "--json", "--database", "default")
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "own.txt").read_text() == "default\n"
    assert json.loads(done.stdout.splitlines()[-1])["databases"][0]["applied"][-1] == "race.0003_place"


def test_two_names_of_one_database_have_one_history_and_one_set_of_tables(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/one.sqlite3"
    project = with_apps({"default": url, "club_db": url}, {"OWNERS": OWNERS})
    done = outgrow(project, "--json")
    assert done.returncode == 0, done.stdout
    assert [len(d["applied"]) for d in last(done)["databases"]] == [19, 0]
    tables = project.inside(TABLES)
    assert tables["default"] == tables["club_db"]
    assert {"club_person", "bar_tab", "auth_user"} <= set(tables["default"])


@pytest.mark.parametrize("engine", ["postgresql", "mysql"])
def test_a_user_who_may_create_no_table_is_told_so(engine: str, make_database: MakeDatabase) -> None:
    server, url, user = provide(engine), make_database(engine), f"poor_{os.urandom(4).hex()}"
    if engine == "postgresql":
        server.sql(f"CREATE ROLE {user} LOGIN PASSWORD 'p00r'")
        server.sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC", urlsplit(url).path[1:])
    else:
        server.sql(f"CREATE USER '{user}'@'%' IDENTIFIED BY 'p00r'")
        server.sql(f"GRANT SELECT ON `{urlsplit(url).path[1:]}`.* TO '{user}'@'%'")
    try:
        address = urlsplit(url)
        poor = address._replace(netloc=f"{user}:p00r@{address.netloc.rpartition('@')[2]}").geturl()
        failed = outgrow(with_apps({"default": poor}, None, ["contenttypes"], []))
    finally:
        server.sql(f"DROP ROLE {user}" if engine == "postgresql" else f"DROP USER '{user}'@'%'")
    assert failed.returncode == 1
    assert "default could not be migrated: the table django_migrations cannot be made (" in failed.stderr
    assert (
        "permission denied for schema public" if engine == "postgresql" else "CREATE command denied"
    ) in failed.stderr
    assert "give its user the right to create tables." in failed.stderr


def test_a_history_that_cannot_be_read_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "default.sqlite3").write_text("These are the words of another program. " * 100)
    refused = outgrow(with_apps(files(tmp_path, "default"), None, ["contenttypes"], []))
    assert refused.returncode == 2
    assert refused.stderr.strip().endswith(
        "The history of default cannot be read (SQLite says: file is not a database): give its user the right to, or "
        "correct what DATABASES says of it."
    )


def test_the_password_of_a_database_is_in_no_message(make_database: MakeDatabase) -> None:
    url = make_database("postgresql").rpartition("/")[0] + "/not_there"
    project = with_apps({"default": url}, None, ["contenttypes"], [])
    refused = outgrow(project, "--wait", "0")
    assert refused.returncode == 2
    assert "default: PostgreSQL database not_there" in refused.stderr
    assert "has no such database or user" in refused.stderr
    assert url.split(":")[2].split("@")[0] not in refused.stdout + refused.stderr
