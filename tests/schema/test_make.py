"""The schema is Django's own on every engine; a failure names the migration and leaves the target as it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from outgrow.dialects.base import Table
from outgrow.errors import Refused, Unreachable
from outgrow.events import Event
from outgrow.schema.catalog import compare_catalog
from outgrow.schema.make import SchemaFailed, make_schema
from tests.conftest import MakeDatabase

from .conftest import PYTHON_PATH, ROOT, MakeOnce, catalog, entry_of, execute, history, plain_migrate, query

BROKEN = "tests.schema.projects.broken.settings"
LEGACY = "tests.schema.projects.legacy.settings"
SLOW = "tests.schema.projects.slow.settings"
CORRECT_HORSE = "correct-horse-battery"
Target = dict[str, Any]
MakeTarget = Callable[[str], Target]


def described(entry: Target) -> dict[str, Table]:
    """The catalog without what only tells in which order columns came to be, which no statement can depend on."""
    live = catalog(entry)
    for name, table in live.items():
        columns = tuple(sorted(table.columns, key=lambda column: column.name))
        objects = tuple(o for o in table.objects if not o.name.startswith(("sqlite_autoindex", "(")))
        numbered = [o for o in table.objects if o not in objects and o.name != "(table)"]
        inline = sorted((o.kind, o.columns, o.refers or ()) for o in numbered)
        live[name] = replace(table, columns=columns, objects=objects, storage=f"{table.storage} {inline}")
    return live


def seen(events: list[Event]) -> list[str]:
    return [event.text for event in events if event.kind == "note"]


# -- exactly Django's own -------------------------------------------------------------------------------
@pytest.mark.parametrize("module", ["plaza.settings", "tests.zoo.settings"])
def test_names_types_and_keys_are_those_of_a_plain_migrate(
    module: str, engine: str, make_once: MakeOnce, make_database: MakeDatabase
) -> None:
    url = make_database(engine)
    plain_migrate(module, url)
    plain, made = entry_of(url), make_once(module)
    assert compare_catalog(catalog(plain), catalog(made.entry)) == []
    assert history(made.entry) == history(plain)
    assert seen(made.events)[:2] == [f"{verb} {made.result.migrations[0][0]}" for verb in ("migrating", "migrated")]


# What a migration's own operation does is in no model; and Django on MySQL leaves the default of a JSON column that a
# migration adds, because it cannot be altered away there (`skip_default_on_alter`).
BY_MIGRATIONS = ("bookings_booking_no_overlap is missing", "column turn_times: default was _utf8mb4")


def test_today_s_models_of_plaza_give_the_same_schema_and_history(make_once: MakeOnce) -> None:
    one, two = make_once("plaza.settings").entry, make_once("plaza.settings", mode="current").entry
    differences = compare_catalog(described(one), described(two))
    assert [said for said in differences if not any(known in said for known in BY_MIGRATIONS)] == []
    assert history(two) == history(one)
    for table in ("django_content_type", "auth_permission"):
        assert query(two, f"SELECT count(*) FROM {table}") == query(one, f"SELECT count(*) FROM {table}") != [(0,)]


def test_today_s_models_of_the_zoo_differ_only_in_what_migrations_did_by_sql(make_once: MakeOnce) -> None:
    migrated, current = make_once("tests.zoo.settings"), make_once("tests.zoo.settings", mode="current")
    one, two = described(migrated.entry), described(current.entry)
    assert two.keys() - one.keys() == {"animals_dropped"}
    by_sql = {"animals_census", "animals_crowded", "animals_leftover", "animals_nokey", "animals_cache_table"}
    assert {n for n in one.keys() - two.keys() if not n.startswith(("animals_fulltext", "left over"))} == by_sql
    assert compare_catalog(one, two, one.keys() & two.keys()) == []
    assert current.result.not_run == ("animals.0002_later",)
    assert history(migrated.entry) == history(current.entry)


def test_it_can_run_again(make_once: MakeOnce) -> None:
    made = make_once("plaza.settings")
    before = catalog(made.entry)
    again = make_schema(made.entry, settings_module="plaza.settings")
    assert made.result.made
    assert (again.made, again.migrations) == ((), ())
    assert compare_catalog(before, catalog(made.entry)) == []


# -- tables that no migration makes ---------------------------------------------------------------------
@pytest.mark.parametrize("mode", ["migrate", "current"])
def test_unmanaged_and_cache_tables_are_made_when_the_source_has_them(mode: Any, target: Target) -> None:
    make_schema(
        target,
        settings_module=LEGACY,
        mode=mode,
        extra_models=["atlas.Region", "atlas.Visit"],
        cache_tables=["legacy_cache"],
    )
    live = catalog(target)
    assert {"atlas_region", "atlas_visit", "legacy_cache", "unplanned_label", "unplanned_sheet_labels"} <= set(live)
    refers = {o.table: o.refers[0] for t in live.values() for o in t.objects if o.refers}
    assert refers["atlas_city"] == "atlas_region"
    assert refers["atlas_visit"] == "atlas_city"
    assert refers["atlas_region"] == "atlas_region"
    assert any(o.columns == ("name",) for o in live["atlas_region"].objects)


def test_an_unmanaged_table_that_a_migration_makes_by_sql_is_left_to_it(make_once: MakeOnce) -> None:
    made = make_once("tests.zoo.settings")
    again = make_schema(made.entry, settings_module="tests.zoo.settings", extra_models=["animals.Census"])
    assert "animals_census" in made.result.made
    assert again.made == ()


# -- failures -------------------------------------------------------------------------------------------
def test_a_migration_that_cannot_run_is_named_and_today_s_models_are_the_way_out(target: Target) -> None:
    target["PASSWORD"] = target.get("PASSWORD") or CORRECT_HORSE
    execute(target, "CREATE TABLE somebody_else (id integer)")
    with pytest.raises(SchemaFailed) as failed:
        make_schema(target, settings_module=BROKEN)
    text = str(failed.value)
    assert text.startswith("the migration shop.0003_only_there cannot run on ")
    assert "a_function_of_another_engine" in text.lower()
    assert "--schema current" in text
    assert text.endswith("The target is as it was before.")
    assert failed.value.migration == "shop.0003_only_there"
    assert set(catalog(target)) == {"somebody_else"}
    assert_no_secret(f"{failed.value} {failed.value.log}", target)
    result = make_schema(target, settings_module=BROKEN, mode="current")
    assert result.not_run == ("shop.0003_only_there",)
    recorded = {name for app, name in history(target) if app == "shop"}
    assert recorded == {"0001_initial", "0002_first_half", "0002_second_half", "0002_squashed", "0003_only_there"}
    assert "shop_article_both" in {o.name for o in catalog(target)["shop_article"].objects}


def assert_no_secret(said: str, target: Target) -> None:
    """What the project printed is there; what must not be is not."""
    assert "logging in with" in said
    assert "once it was" in said
    for secret in (target["PASSWORD"], "their-login", "the-old-password", "broken-secret-key"):
        assert secret not in said


def test_a_target_that_cannot_be_reached_says_so_without_its_password() -> None:
    entry = {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "127.0.0.1",
        "PORT": "9",
        "NAME": "x",
        "USER": "u",
        "PASSWORD": CORRECT_HORSE,
    }
    with pytest.raises(Unreachable) as failed:
        make_schema(entry, settings_module=BROKEN)
    assert CORRECT_HORSE not in str(failed.value)
    assert len(str(failed.value).splitlines()) == 1


def test_a_project_that_cannot_be_loaded_says_why(tmp_path: Path) -> None:
    entry = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "t.sqlite3")}
    with pytest.raises(SchemaFailed, match=r"cannot be loaded .* No module named 'no_such_settings'"):
        make_schema(entry, settings_module="no_such_settings")


def test_options_that_cannot_leave_this_process_are_refused(tmp_path: Path) -> None:
    entry = {"ENGINE": "django.db.backends.sqlite3", "NAME": "x", "OPTIONS": {"factory": lambda: None}}
    with pytest.raises(Refused, match="plain values"):
        make_schema(entry, settings_module=BROKEN)


# -- killed ---------------------------------------------------------------------------------------------
MAKE = """
import json, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored where the tests run in the background
from outgrow.schema.make import make_schema
make_schema(json.load(sys.stdin), settings_module=sys.argv[1])
"""


def start_and_wait_for_the_nap(entry: Target, pid_file: Path) -> tuple[subprocess.Popen[bytes], int]:
    """A mover in the middle of the second migration of `slow`: its process, and its child's id."""
    mover = subprocess.Popen(
        [sys.executable, "-c", MAKE, SLOW],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={**os.environ, "SLOW_PID": str(pid_file), **PYTHON_PATH},
    )
    assert mover.stdin is not None
    mover.stdin.write(json.dumps(entry).encode())
    mover.stdin.close()
    deadline = time.monotonic() + 60
    while not (pid_file.exists() and pid_file.read_text()):
        assert mover.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return mover, int(pid_file.read_text())


def assert_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while os.path.exists(f"/proc/{pid}") and time.monotonic() < deadline:
        if Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0] == "Z":
            return
        time.sleep(0.05)
    assert not os.path.exists(f"/proc/{pid}")


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_the_child_dies_with_its_parent_and_its_password_was_never_in_sight(
    how: signal.Signals, make_target: MakeTarget, tmp_path: Path
) -> None:
    entry = make_target("sqlite") | {"PASSWORD": CORRECT_HORSE}
    mover, child = start_and_wait_for_the_nap(entry, tmp_path / "pid")
    for pid in (mover.pid, child):
        for place in ("cmdline", "environ"):
            assert CORRECT_HORSE.encode() not in Path(f"/proc/{pid}/{place}").read_bytes()
    mover.send_signal(how)
    mover.wait(20)
    assert_gone(child)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_after_a_kill_an_unfinished_schema_is_made_anew(
    target: Target, make_target: MakeTarget, engine: str, tmp_path: Path
) -> None:
    """MySQL and MariaDB are left with half a migration, which `migrate` alone could never finish."""
    execute(target, "CREATE TABLE somebody_else (id integer)")
    mover, child = start_and_wait_for_the_nap(target, tmp_path / "pid")
    mover.kill()
    mover.wait()
    assert_gone(child)
    make_schema(target, settings_module=SLOW, keep=["somebody_else"])
    whole = make_target(engine)
    make_schema(whole, settings_module=SLOW)
    live = catalog(target)
    assert live.pop("somebody_else")
    assert compare_catalog(catalog(whole), live) == []


def test_a_history_that_was_there_before_is_never_dropped(target: Target) -> None:
    make_schema(target, settings_module=SLOW)
    make_schema(target, settings_module=LEGACY, extra_models=["atlas.Region"], keep=list(catalog(target)))
    live = catalog(target)
    assert {"naps_nap", "atlas_city"} <= set(live)
