"""The sample project itself: settings, migrations and admin."""

from __future__ import annotations

import pytest

from tests.conftest import MakeDatabase
from tests.engines import ENGINES
from tests.plaza.conftest import PlazaOn
from tests.plaza.project import filled, inside, manage, run


@pytest.mark.parametrize("engine", ENGINES)
def test_its_migrations_match_its_models_on(engine: str, plaza_on: PlazaOn) -> None:
    assert "No changes detected" in manage(plaza_on(engine), "makemigrations", "--check", "--dry-run")


@pytest.mark.parametrize("engine", ENGINES)
def test_outgrow_finds_each_table_column_and_index_of_it_on(engine: str, plaza_on: PlazaOn) -> None:
    said = manage(plaza_on(engine), "outgrow", "migrate", "--check")
    assert said == "Every table, column and index of the models is where its owner is.\n"


@pytest.mark.parametrize("engine", ENGINES)
def test_django_has_no_complaint_about_it_on(engine: str, plaza_on: PlazaOn) -> None:
    assert "no issues" in manage(plaza_on(engine), "check", "--database", "default", "--fail-level", "WARNING")


def test_it_refuses_its_development_key_where_debug_is_off(make_database: MakeDatabase) -> None:
    done = run(make_database("sqlite"), "manage.py", "check", DEBUG="0")
    assert done.returncode != 0
    assert "SECRET_KEY is not set and DEBUG is off" in done.stderr


def test_it_runs_with_debug_off_and_a_key_from_the_environment(make_database: MakeDatabase) -> None:
    done = run(make_database("sqlite"), "manage.py", "check", DEBUG="0", SECRET_KEY="a" * 60)
    assert done.returncode == 0, done.stderr


def test_every_model_has_admin_pages_that_open(make_database: MakeDatabase) -> None:
    url = make_database("sqlite")
    filled(url, "--rows", "1600")
    assert inside(url, "admin") == ""
