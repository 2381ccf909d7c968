"""A time reads the same through Django before and after, whatever zone the project and its databases are kept in."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests import PROVE
from tests.conftest import MakeDatabase
from tests.moves.projects import Project, clocks, walk
from tests.moves.test_directions import ROUND, WALKS

KEPT = {
    "naive in Seoul": {"CLOCKS_USE_TZ": "0", "CLOCKS_TIME_ZONE": "Asia/Seoul"},
    "aware, shown in Seoul": {"CLOCKS_USE_TZ": "1", "CLOCKS_TIME_ZONE": "Asia/Seoul"},
    "aware, stored in Seoul": {
        "CLOCKS_USE_TZ": "1", "CLOCKS_TIME_ZONE": "Europe/Berlin", "CLOCKS_DATABASE_ZONE": "Asia/Seoul",
    },
}  # fmt: skip


def filled(project: Project, url: str) -> str:
    project.manage(url, "migrate", "-v0")
    project.ask(url, "make_appointments")
    return url


@pytest.mark.parametrize("stops", WALKS if PROVE else [ROUND])
def test_naive_times_of_seoul_read_the_same_in_every_direction(
    stops: str, tmp_path: Path, make_database: MakeDatabase
) -> None:
    project = clocks(tmp_path, **KEPT["naive in Seoul"])
    url = filled(project, make_database(stops.split()[0]))
    said = project.ask(url, "moments")
    assert "2024-01-01 09:00:00" in said[0]
    for here, there in walk(stops):
        target = make_database(there)
        project.move(url, target)
        assert project.ask(target, "moments") == said, f"{here} → {there}"
        url = target


@pytest.mark.parametrize("kept", [name for name in KEPT if name.startswith("aware")])
def test_aware_times_read_the_same_whatever_zone_a_database_keeps(
    kept: str, tmp_path: Path, make_database: MakeDatabase
) -> None:
    project = clocks(tmp_path, **KEPT[kept])
    url = filled(project, make_database("sqlite"))
    said = project.ask(url, "moments")
    for here, there in walk("sqlite mariadb postgresql mysql sqlite"):
        target = make_database(there)
        project.move(url, target)
        assert project.ask(target, "moments") == said, f"{here} → {there}"
        url = target


def test_the_printed_settings_keep_the_zone_of_the_database(tmp_path: Path, make_database: MakeDatabase) -> None:
    project = clocks(tmp_path, **KEPT["aware, stored in Seoul"])
    source = filled(project, make_database("sqlite"))
    block = project.move(source, make_database("mysql"))["settings"]
    assert '"TIME_ZONE": "Asia/Seoul"' in block


def test_printed_settings_of_a_project_without_zones_name_none(tmp_path: Path, make_database: MakeDatabase) -> None:
    project = clocks(tmp_path, **KEPT["naive in Seoul"])
    source = filled(project, make_database("sqlite"))
    assert "TIME_ZONE" not in project.move(source, make_database("mysql"))["settings"]


def test_two_engines_that_store_wall_clocks_must_mean_the_same_clock(
    tmp_path: Path, make_database: MakeDatabase
) -> None:
    project = clocks(tmp_path, CLOCKS_DATABASE_ZONE="Asia/Seoul")
    source = filled(project, make_database("sqlite"))
    settings = (
        "from tests.moves.clocks.settings import *\n"
        "DATABASES['other'] = {**dj_database_url.parse(os.environ['OTHER']), 'TIME_ZONE': 'Europe/Berlin'}\n"
    )
    (tmp_path / "two_zones.py").write_text(settings)
    refused = project.outgrow(
        source, "move", "--to", "other", "--settings", "two_zones", "--pythonpath", str(tmp_path),
        OTHER=make_database("mysql"),
    )  # fmt: skip
    assert refused.code == 2
    assert "Asia/Seoul" in refused.err
    assert "Europe/Berlin" in refused.err


def test_a_time_that_came_twice_or_never_is_found_before_it_is_moved(
    tmp_path: Path, make_database: MakeDatabase
) -> None:
    project = clocks(tmp_path, CLOCKS_USE_TZ="0", CLOCKS_TIME_ZONE="Europe/Berlin")
    source = filled(project, make_database("sqlite"))
    with closing(sqlite3.connect(source.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("UPDATE clocks_appointment SET at = '2024-03-31 02:30:00' WHERE id = 1")
        connection.execute("UPDATE clocks_appointment SET at = '2024-10-27 02:30:00' WHERE id = 2")
    audited = project.outgrow(source, "audit", "--json", to=make_database("postgresql"))
    found = {f["id"]: (f["keys"], f["severity"]) for f in audited.result["findings"]}
    assert found["A404"] == ([[1]], "error")
    assert found["A402"] == ([[2]], "warning")
    assert audited.code == 1
    target = make_database("postgresql")
    before = project.ask(source, "moments")
    project.move(source, target, "--fix", "A404=null")
    assert project.ask(target, "moments")[1:] == before[1:]
    assert project.ask(target, "moments")[0].startswith("1 None ")
