"""The zoo itself: it migrates, fills and reads back on every engine."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests import forks
from tests.engines import ENGINES

ROOT = Path(__file__).resolve().parents[2]


def zoo(environment: dict[str, str], *arguments: str) -> str:
    """What one command of the zoo's manage.py printed; fails with its errors."""
    done = forks.run(["-m", "tests.zoo", *arguments], cwd=ROOT, env={**os.environ, **environment}, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    return done.stdout


def migrated(url: str, **environment: str) -> dict[str, str]:
    """The environment of a zoo whose tables exist."""
    environment = {"ZOO_DATABASE_URL": url, **environment}
    zoo(environment, "migrate", "-v0")
    return environment


def lacking(environment: dict[str, str]) -> list[str]:
    """What `outgrow migrate --check` finds; one table is dropped by a migration behind its model's back."""
    environment = {**os.environ, **environment, "DJANGO_SETTINGS_MODULE": "tests.zoo.settings"}
    done = forks.run(["-m", "outgrow", "migrate", "--check"], cwd=ROOT, env=environment, timeout=280)
    return [line for line in done.stdout.splitlines() if not line.startswith("animals_dropped is owned by default but")]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_row_reads_back_as_it_was_stored(engine, make_database):
    environment = migrated(make_database(engine))
    assert "No changes detected" in zoo(environment, "makemigrations", "--check", "--dry-run")
    assert lacking(environment) == []
    rows, tables = map(int, re.findall(r"\d+", zoo(environment, "zoo_fill", "--extreme")))
    assert rows > 600
    assert tables > 80
    zoo(environment, "zoo_check", "--extreme")
    assert "came back" in zoo(environment, "zoo_try", "--examples", "10")


def test_the_check_sees_a_row_that_was_altered(make_database):
    environment = migrated(make_database("sqlite"))
    zoo(environment, "zoo_fill")
    alter = (
        "from tests.zoo.animals.models import Texts;"
        "assert Texts.objects.filter(text='plain').update(text='plain ') == 1"
    )
    zoo(environment, "shell", "-c", alter)
    with pytest.raises(AssertionError, match=r"animals\.Texts .*'plain' became 'plain '"):
        zoo(environment, "zoo_check")


def test_the_fields_of_postgresql_alone_read_back(make_database, postgresql):
    has_extras = postgresql.sql(
        "SELECT 1 FROM pg_available_extensions e, pg_collation c"
        " WHERE e.name = 'hstore' AND c.collprovider = 'i' LIMIT 1"
    )
    environment = migrated(make_database("postgresql"), ZOO_PGONLY="1", ZOO_PGEXTRA="1" if has_extras else "0")
    assert "No changes detected" in zoo(environment, "makemigrations", "--check", "--dry-run")
    assert lacking(environment) == []
    zoo(environment, "zoo_fill", "--extreme")
    zoo(environment, "zoo_check", "--extreme")


def test_a_swapped_user_model_works(make_database):
    environment = migrated(make_database("sqlite"), ZOO_SWAPPED_USER="1")
    assert "No changes" in zoo(environment, "makemigrations", "--check", "--dry-run")
    zoo(environment, "zoo_fill")
    zoo(environment, "zoo_check")
