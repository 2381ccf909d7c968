"""Eight `outgrow migrate` at once: each migration runs once, the others wait and find nothing to do."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests import PROVE
from tests.conftest import MakeDatabase
from tests.engines import ENGINES
from tests.migrating.project import with_apps

ROUNDS = 20 if PROVE else 2
AT_ONCE = 8
APPLIED = {"race_db": ["race.0001_initial", "race.0002_first_run", "race.0003_place"],
           "default": ["contenttypes.0001_initial", "contenttypes.0002_remove_content_type_name"]}  # fmt: skip
READ = """
    from django.db import connections
    from tests.migrating.race.models import Run
    from django.db.migrations.recorder import MigrationRecorder
    answer([Run.objects.count(), sorted(connections["race_db"].introspection.table_names()),
            sorted([MigrationRecorder.Migration.objects.using(a).count() for a in connections])])
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_eight_at_once_on_empty_databases_run_each_migration_once(engine: str, make_database: MakeDatabase) -> None:
    for _ in range(ROUNDS):
        databases = {"default": make_database(engine), "race_db": make_database(engine)}
        owners = {"OWNERS": {"race_db": ["race"], "default": "*"}}
        project = with_apps(databases, owners, ["contenttypes"], ["tests.migrating.race"])
        with ThreadPoolExecutor(AT_ONCE) as pool:
            started = [pool.submit(project.manage, "outgrow", "migrate", "--json") for _ in range(AT_ONCE)]
        runs = [run.result() for run in started]
        assert [run.returncode for run in runs] == [0] * AT_ONCE, [run.stdout + run.stderr for run in runs]
        applied: dict[str, list[str]] = {alias: [] for alias in APPLIED}
        for run in runs:
            result: Any = json.loads(run.stdout.splitlines()[-1])
            assert [d["state"] for d in result["databases"]] == ["done", "done"]
            for database in result["databases"]:
                applied[database["database"]] += database["applied"]
        assert applied == APPLIED
        assert any("waiting up to" in run.stdout for run in runs), "nobody had to wait: they were not at once"
        rows, tables, history = project.inside(READ)
        assert (rows, history) == (1, [5, 5])
        assert tables == ["django_migrations", "race_run", "race_trophy"]
