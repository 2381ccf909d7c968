"""Data migrations: kept to their database while they run, and found in their files before."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from outgrow.migrating.reading import calls, guards
from tests.conftest import MakeDatabase
from tests.legacy.project import Legacy
from tests.migrating.project import with_apps
from tests.migrating.test_migrate import AWKWARD, SPREAD, last, outgrow, spread

ROWS = """
    from django.db import connections
    from tests.migrating.awkward.models import Here
    from django.db.migrations.recorder import MigrationRecorder
    answer([Here.objects.count() if "awkward_here" in connections["default"].introspection.table_names() else None,
            [sum(app == "awkward" for app, _ in MigrationRecorder(connections[a]).applied_migrations())
             for a in connections]])
"""


@pytest.mark.parametrize("kind", ["unguarded", "swallowing"])
def test_pitfall_28_a_migration_that_runs_for_one_database_and_writes_into_another_is_an_error(
    kind: str, tmp_path: Path
) -> None:
    """Also where the migration's own code swallows the error."""
    project = spread(tmp_path)
    failed = outgrow(project, "--json", AWKWARD=kind, TMPDIR=str(tmp_path))
    assert failed.returncode == 1
    text = last(failed)["text"]
    assert "The migration awkward.0002_rows, running for other, used default" in text
    assert "tests/migrating/awkward/migrations/0002_rows.py:9" in text
    assert "Not started: default." in text
    assert project.inside(ROWS) == [None, [0, 1]]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_migration_that_asks_its_own_database_for_a_table_of_another_is_told_where_it_is(
    engine: str, make_database: MakeDatabase
) -> None:
    """Guarded as the lint wants it, as packages from elsewhere are too: no such table, and SQLite says less."""
    project = with_apps({a: make_database(engine) for a in ("default", "other")}, SPREAD, ["contenttypes"], AWKWARD)
    failed = outgrow(project, "--json", AWKWARD="astray")
    assert failed.returncode == 1
    assert (
        "The migration awkward.0002_rows, running for other, asked it for awkward_here, which is in default "
        "(tests/migrating/awkward/migrations/0002_rows.py:49): keep its queries to tables of other, or, if it has "
        "nothing to change there, as in a new database, record it by "
        "`migrate awkward 0002_rows --fake --database other`"
    ) in last(failed)["text"]
    assert project.manage("migrate", "awkward", "0002_rows", "--fake", "--database", "other").returncode == 0
    assert outgrow(project, AWKWARD="astray").returncode == 0


def test_a_row_that_sqlite_refuses_is_told_in_its_own_words(tmp_path: Path) -> None:
    """Django would say that the transaction is broken."""
    failed = outgrow(spread(tmp_path), "--database", "other", AWKWARD="twice")
    assert "SQLite says: UNIQUE constraint failed: awkward_there.id" in failed.stderr


def test_a_migration_with_a_guard_or_hints_runs_once(tmp_path: Path) -> None:
    for number, kind in enumerate(("guarded", "hinted", "hinted sql")):
        folder = tmp_path / str(number)
        folder.mkdir()
        project = spread(folder)
        done = outgrow(project, AWKWARD=kind)
        assert done.returncode == 0, done.stderr
        assert project.inside(ROWS) == [1, [2, 2]]


def test_a_migration_that_is_meant_to_use_both_databases_can_be_allowed(tmp_path: Path) -> None:
    """It runs for both, as it always did; the warning before says so."""
    project = spread(tmp_path)
    assert outgrow(project, "--database", "default", AWKWARD="unguarded").returncode == 0
    done = outgrow(project, "--crossing", "awkward.0002_rows", AWKWARD="unguarded")
    assert done.returncode == 0, done.stderr
    assert (
        "tests/migrating/awkward/migrations/0002_rows.py:35: RunPython(unguarded) of awkward.0002_rows does not say "
        'which database it is for, and runs for other and default: add hints={"model_name": "here"}, and '
        "`.using(schema_editor.connection.alias)` to its queries from line 8."
    ) in done.stderr
    assert project.inside(ROWS) == [2, [2, 2]]


def test_lint_lists_what_says_nothing_of_its_database_and_ends_with_1(tmp_path: Path) -> None:
    found = outgrow(spread(tmp_path), "--lint", "--json")
    assert found.returncode == 1
    lines = [(f["line"], f["operation"]) for f in last(found)["findings"]]
    assert lines == [
        (35, "RunPython(unguarded)"), (36, "RunPython(swallowing)"), (37, "RunPython(failing)"), (41, "RunSQL"),
    ]  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_lint_names_other_owners_of_what_the_code_names(tmp_path: Path) -> None:
    """The legacy project's first categories are its own; another owner's would be told."""
    databases = {a: f"sqlite:///{tmp_path}/{a}.sqlite3" for a in ("default", "shop_db")}
    declared = {"OWNERS": {"shop_db": ["shop.Category"], "default": "*"}}
    found = Legacy(databases, declared).manage("outgrow", "migrate", "--lint")
    assert found.returncode == 1
    assert found.stdout.strip() == (
        "tests/legacy/shop/migrations/0002_first_categories.py:14: RunPython(first_categories) of "
        "shop.0002_first_categories does not say which database it is for, and runs for shop_db and default: add "
        'hints={"model_name": "category"}, and `.using(schema_editor.connection.alias)` to its queries from line 6.'
    )


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("migrations.RunPython(f)", ["RunPython(f)"]),
        ("RunPython(code=f)", ["RunPython(f)"]),
        ("migrations.RunPython(f, hints={'model_name': 'x'})", []),
        ("migrations.RunPython(f, hints={})", ["RunPython(f)"]),
        ("migrations.RunPython(migrations.RunPython.noop, f)", []),
        ("migrations.RunPython(lambda apps, editor: apps.get_model('a', 'B').objects.all().delete())", ["RunPython"]),
        ("migrations.RunPython(lambda apps, editor: None)", []),
        ("migrations.RunPython(g)", []),
        ("migrations.RunPython(through_another)", []),
        ("migrations.RunPython(imported.code)", ["RunPython(imported.code)"]),
        ("migrations.RunSQL('SELECT 1')", ["RunSQL"]),
        ("migrations.RunSQL(sql=['SELECT 1'], hints=HINTS)", []),
        ("migrations.RunSQL(migrations.RunSQL.noop, state_operations=[])", []),
        ("migrations.SeparateDatabaseAndState(database_operations=[migrations.RunSQL('x')])", ["RunSQL"]),
        ("migrations.AddField('a', 'b', None)", []),
        ("migrations.RunSQL('SELECT 1', hints=None)", ["RunSQL"]),
        ("migrations.RunSQL([])", []),
        ("migrations.RunSQL('SELECT 1', '', None, {'model_name': 'x'})", []),
        ("migrations.RunPython(f, None, None, {'model_name': 'x'})", []),
        ("Run(f)", ["RunPython(f)"]),
        ("migrations.RunPython(of_a_class)", []),
        ("migrations.RunPython(another_name_of_f)", ["RunPython(another_name_of_f)"]),
        ("migrations.RunPython(another_name_of_g)", []),
        ("migrations.RunPython(a_lambda)", []),
        ("migrations.RunPython(named_in_a_circle)", ["RunPython(named_in_a_circle)"]),
        ("migrations.RunPython(in_a_transaction)", ["RunPython(in_a_transaction)"]),
    ],
)
def test_what_counts_as_saying_which_database(code: str, found: list[str]) -> None:
    module = f"""
from django.db.migrations import RunPython as Run
def f(apps, schema_editor):
    apps.get_model("a", "B").objects.create()
def g(apps, schema_editor):
    apps.get_model("a.B").objects.using(schema_editor.connection.alias).create()
def through_another(apps, schema_editor):
    g(apps, schema_editor)
def in_a_transaction(apps, schema_editor):
    with transaction.atomic(using="other"):
        f(apps, schema_editor)
class Migration(migrations.Migration):
    def of_a_class(apps, schema_editor):
        g(apps, schema_editor)
another_name_of_f = f
another_name_of_g = g
a_lambda = lambda apps, editor: apps.get_model("a.B").objects.using(editor.connection.alias).create()
named_in_a_circle = back
back = named_in_a_circle
operations = [{code}]
"""
    unguarded: list[Any] = [c for c in calls(ast.parse(module)) if c.acts and not c.hinted and not guards(c)]
    assert [call.what.partition("(lambda")[0] for call in unguarded] == found


def test_a_database_whose_engine_is_not_installed_here_is_in_nobodys_way(tmp_path: Path) -> None:
    """As on a machine that lacks the driver of a database which it never uses; Django's own migrate does not look."""
    assert spread(tmp_path).inside("""
        from django.core.management import call_command
        from django.db import connections
        connections.settings["odd"] = {**connections.settings["other"], "ENGINE": "no.such.engine", "NAME": "odd"}
        call_command("outgrow", "migrate", databases=["default"], verbosity=0)
        answer("awkward_here" in connections["default"].introspection.table_names())
    """)


def test_a_query_of_an_app_whose_owner_is_elsewhere_is_an_error_on_a_server_too(make_database: MakeDatabase) -> None:
    databases = {"default": make_database("postgresql"), "shop_db": make_database("postgresql")}
    legacy = Legacy(databases, {"OWNERS": {"shop_db": ["shop"], "default": "*"}})
    done = legacy.inside("""
        from django.db import connections
        from outgrow.errors import OutgrowError
        from outgrow.migrating.guard import only
        from tests.legacy.shop.models import Category
        try:
            with only("default", "blog.0009_counted"):
                with connections["default"].cursor() as cursor:
                    cursor.execute("SELECT 1")
                Category.objects.count()
        except OutgrowError as error:
            answer(str(error))
    """)
    assert done.startswith("The migration blog.0009_counted, running for default, used shop_db")
