"""`outgrow migrate --check`: the tables themselves are asked, for histories lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeDatabase
from tests.engines import ENGINES
from tests.legacy.project import Legacy
from tests.migrating.project import with_apps
from tests.migrating.readers import reader
from tests.migrating.test_migrate import SPREAD, files, last, outgrow

SQL = """
    from django.db import connections
    for alias, sql in {statements!r}:
        with connections[alias].cursor() as cursor:
            cursor.execute(sql)
"""


def checked(project: Any, *words: str) -> tuple[int, list[tuple[str, str]]]:
    run = outgrow(project, "--check", "--json", *words)
    return run.returncode, [(finding["kind"], finding["text"]) for finding in last(run)["findings"]]


def test_pitfall_3_and_4_a_history_that_claims_what_is_not_there_is_told(tmp_path: Path) -> None:
    """Everything was migrated for one database; then a model was given to another, whose history has it all."""
    databases = files(tmp_path, "default", "other")
    apps = ["tests.migrating.awkward"]
    before = with_apps(databases, {"OWNERS": {"default": "*"}}, ["contenttypes"], apps)
    for alias in databases:
        assert before.manage("migrate", "--database", alias).returncode == 0
    after = with_apps(databases, SPREAD, ["contenttypes"], apps)
    nothing_to_do = outgrow(after, "--json")
    assert [d["applied"] + d["recorded"] for d in last(nothing_to_do)["databases"]] == [[], []]
    asked = after.manage("migrate", "--check", "--skip-checks", "--database", "other")
    assert asked.returncode == 0, "Django's own question finds nothing wrong"
    assert checked(after) == (1, [
        ("missing table", "awkward_there is owned by other but missing there; its history claims that "
         "awkward.0001_initial was applied: make it there as that migration does, or move it."),
        ("copy", "awkward_there also lies on default, though other owns it: a copy that nothing keeps up to date."),
    ])  # fmt: skip
    assert checked(after, "--database", "default")[0] == 0, "a copy that waits to be dropped is no error"


def test_a_column_that_is_missing_and_migrations_that_wait_are_told(tmp_path: Path) -> None:
    owners = {"OWNERS": {"other": ["race"], "default": "*"}}
    project = with_apps(files(tmp_path, "default", "other"), owners, ["contenttypes"], ["tests.migrating.race"])
    code, found = checked(project)
    assert code == 1
    assert found[0] == ("pending", "other has 3 migrations to apply (race.0001_initial, race.0002_first_run, "
                        "race.0003_place): run `outgrow migrate`.")  # fmt: skip
    assert found[1] == ("missing table", "race_run is owned by other but missing there: race.0001_initial has not been "
                        "applied, run `outgrow migrate`.")  # fmt: skip
    assert list(tmp_path.iterdir()) == [], "a file that is not there is not made"
    assert outgrow(project).returncode == 0
    odd = "CREATE TABLE odd (a integer CHECK (a IN (1, 2, 3)))"  # which Django's own introspection cannot read
    project.inside(SQL.format(statements=[("other", odd)]))
    plain = outgrow(project, "--check")
    said = "Every table, column and index of the models is where its owner is.\n"
    assert (plain.returncode, plain.stdout) == (0, said)
    project.inside(SQL.format(statements=[("other", "ALTER TABLE race_run DROP COLUMN place")]))
    assert checked(project) == (1, [
        ("missing column", "race_run.place is missing on other; its history claims that race.0003_place was applied.")
    ])  # fmt: skip


def test_a_field_that_no_migration_makes_is_told_so(tmp_path: Path) -> None:
    """It was said that the history claims it."""
    project = with_apps(files(tmp_path, "default"), None, ["contenttypes"], ["tests.migrating.race"])
    assert outgrow(project).returncode == 0
    found = project.inside("""
        from django.db import models
        from tests.migrating.race.models import Run
        models.IntegerField(default=0).contribute_to_class(Run, "rank")
        from outgrow.migrating.checking import check
        from outgrow.options import MigrateOptions
        answer([drift.text for drift in check(MigrateOptions())])
    """)
    assert found == [
        "race_run.rank is missing on default: no migration makes it, run `makemigrations race` and `outgrow migrate`."
    ]


def test_a_constraint_from_before_the_split_is_told(make_database: MakeDatabase) -> None:
    databases = {"default": make_database("postgresql"), "club_db": make_database("postgresql")}
    together = with_apps(databases, None)
    assert together.manage("migrate").returncode == 0
    apart = with_apps(databases, {"OWNERS": {"club_db": ["auth", "contenttypes"], "default": "*"}})
    assert outgrow(apart, "--database", "club_db").returncode == 0
    code, found = checked(apart)
    assert code == 1
    assert (
        "constraint",
        "club_room.keeper_id on default still has a constraint to auth_user, which club_db owns: rows for what is new "
        "there will be refused; drop the constraint.",
    ) in found
    assert {kind for kind, _ in found} == {"constraint", "copy"}


RACE = ["tests.migrating.race"]


@pytest.mark.parametrize(
    ("engine", "shown"), [("postgresql", True), ("mysql", True), ("mysql", False), ("mariadb", True)]
)
def test_a_table_that_this_login_may_not_read_is_told_in_one_sentence_and_the_rest_is_checked(
    engine: str, shown: bool, make_database: MakeDatabase
) -> None:
    """MySQL and MariaDB do not show a table on which a login has no right at all."""
    url, hidden = make_database(engine), "django_content_type"
    admin = with_apps({"default": url}, None, ["contenttypes"], RACE)
    assert admin.manage("migrate", "-v0").returncode == 0
    admin.inside(SQL.format(statements=[("default", "ALTER TABLE race_run DROP COLUMN place")]))
    with reader(engine, url, ["django_migrations", "race_run", "race_trophy"], [hidden] if shown else []) as limited:
        code, found = checked(with_apps({"default": limited}, None, ["contenttypes"], RACE))
    assert code == 1
    assert [kind for kind, _ in found] == ["unreadable", "missing column"]
    assert found[0][1].startswith(f"{hidden} on default may not be read by this login (")
    assert "denied" in found[0][1]
    assert found[0][1].endswith("): grant SELECT on it.")


def test_a_history_that_this_login_may_not_read_is_told_and_the_tables_are_checked(make_database: MakeDatabase) -> None:
    url = make_database("postgresql")
    admin = with_apps({"default": url}, None, ["contenttypes"], RACE)
    assert admin.manage("migrate", "-v0").returncode == 0
    admin.inside(SQL.format(statements=[("default", "DROP TABLE race_trophy")]))
    said = (
        "django_migrations on default may not be read by this login (PostgreSQL says: permission denied for table "
        "django_migrations): grant SELECT on it."
    )
    with reader("postgresql", url, ["django_content_type", "race_run"]) as limited:
        project = with_apps({"default": limited}, None, ["contenttypes"], RACE)
        assert checked(project) == (1, [
            ("unreadable", said),
            ("missing table", "race_trophy is owned by default but missing there: make it there as race.0001_initial "
             "does, or move it."),
        ])  # fmt: skip
        planned = outgrow(project, "--plan")
    assert (planned.returncode, said in planned.stderr) == (2, True)


LESS = """
    import contextlib, io
    from django.contrib.sessions.models import Session
    from django.core.management import call_command
    from django.db import connection, models
    from outgrow.cli import arguments, run
    from tests.legacy.shop.models import Category, Line, Product

    def checked():
        given, out = vars(arguments.build("outgrow").parse_args(["migrate", "--check", "--json"])), io.StringIO()
        with contextlib.redirect_stdout(out):
            code = run(given, "outgrow")
        found = json.loads(out.getvalue().splitlines()[-1])["findings"]
        return code, [[f["kind"], f["table"], f["text"]] for f in found]

    def altered(model, name, new):
        new.set_attributes_from_name(name)
        new.model = model
        with connection.schema_editor() as editor:
            editor.alter_field(model, model._meta.get_field(name), new)

    call_command("migrate", verbosity=0)
    fresh = checked()
    altered(Category, "name", models.CharField(max_length=20))
    altered(Product, "price", models.DecimalField(max_digits=6, decimal_places=2))
    altered(Line, "amount", models.PositiveSmallIntegerField(default=1))
    altered(Session, "expire_date", models.DateTimeField())
    kept, Line._meta.constraints = Line._meta.constraints, []  # SQLite makes the table anew with what the model has
    with connection.schema_editor() as editor:
        editor.remove_constraint(Line, kept[0])
    Line._meta.constraints = kept
    answer([fresh, checked()])
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_indexes_unique_keys_and_room_that_a_table_lacks_are_told_and_a_fresh_project_lacks_nothing(
    engine: str, make_database: MakeDatabase
) -> None:
    """By columns: a name says nothing. SQLite stores a longer text, so that its types are no matter."""
    fresh, less = Legacy({"default": make_database(engine)}, {"OWNERS": {"default": "*"}}).inside(LESS)
    assert fresh == [0, []]
    code, found = less
    assert code == 1
    keys = [("index", "django_session"), ("unique", "shop_category"), ("unique", "shop_line")]
    types = [("type", "shop_category"), ("type", "shop_line"), ("type", "shop_product")]
    assert sorted((kind, table) for kind, table, _ in found) == sorted(keys + (types if engine != "sqlite" else []))
    said = {(kind, table): text for kind, table, text in found}
    assert said["unique", "shop_line"] == (
        "shop_line on default has no unique key on order_id, product_id, which shop.Line declares: make it as its "
        "migration does; if there is none, run `makemigrations` and `outgrow migrate`."
    )
    assert "django_session on default has no index on expire_date" in said["index", "django_session"]
    if engine == "postgresql":
        assert said["type", "shop_category"] == (
            "shop_category.name on default is character varying(20), which holds less than the varchar(40) of "
            "shop.Category.name: alter the column as its migration does."
        )
