"""What differs between the oldest and the newest Django: generic keys, and cascades of the server's own (6.1)."""

from __future__ import annotations

import json
import subprocess
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from outgrow.dialects import dialect_for
from outgrow.dialects.cascades import triggers_see_cascades
from tests.checks.conftest import on_files
from tests.checks.said import hint, ids, of, one
from tests.conftest import MakeDatabase
from tests.legacy.project import BEGIN, ROOT, Legacy
from tests.moves.test_versions import LIBRARY, PAIRS
from tests.moves.venvs import interpreter, python_with


def inside(legacy: Legacy, pair: str, code: str, **more: str) -> Any:
    """As Legacy.inside, in the virtualenv of another Django."""
    version, framework = PAIRS[pair]
    python = python_with(interpreter(version), framework, *LIBRARY)
    done = subprocess.run(
        [python, "-c", BEGIN + textwrap.dedent(code)], cwd=ROOT, env={**legacy.environment, **more},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(next(line for line in done.stdout.splitlines() if line.startswith("ANSWER "))[7:])


READ = """
    from django.core.management import call_command
    from django.db import connections, router
    from tests.checks.marks.models import Mark
    from tests.checks.visits.models import Visit
    for alias in ("default", "stats_db"):
        call_command("migrate", database=alias, verbosity=0)
    for model in (Mark, Visit):
        with connections[router.db_for_write(model)].schema_editor() as editor:
            editor.create_model(model)
    visit = Visit.objects.create(made="2026-01-01T00:00:00Z", page="/")
    Mark.objects.create(target=visit)
    def seen(marks):
        return [mark.target == visit for mark in marks]
    types = "django_content_type" in connections["stats_db"].introspection.table_names()
    alone, fetched = seen(Mark.objects.all()), seen(Mark.objects.prefetch_related("target"))
    from tests.checks.inside import as_json
    from django.core.checks import run_checks
    said = [as_json(m) for m in run_checks(tags=["outgrow"]) if m.id.startswith("outgrow.")]
    answer([visit._state.db, alone, fetched, types, said])
"""


@pytest.mark.parametrize("apart", ["marks", "visits"])
@pytest.mark.parametrize("pair", ["oldest", "ours", "newest"])
def test_pitfall_11_a_generic_key_is_read_across_databases_on_every_django(
    tmp_path: Path, pair: str, apart: str
) -> None:
    """Pitfall 11. Django looks beside the row that holds the key (before 5.1 beside the types) and says None."""
    owners = {"OWNERS": {"stats_db": [apart], "default": "*"}}
    legacy = replace(on_files(tmp_path), outgrow=owners)
    also = {"CHECKS_ALSO": json.dumps(["tests.checks.marks"])}
    found = legacy.inside(READ, **also) if pair == "ours" else inside(legacy, pair, READ, **also)
    assert found[:4] == ["stats_db" if apart == "visits" else "default", [True], [True], False]
    # of the key to the content types, which is none of the generic one
    assert ids(found[4]) == (["E023", "W021"] if apart == "marks" else [])


@pytest.fixture(scope="module")
def cascades(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    code = """
        from tests.checks.inside import judged
        def apart(*names, default="default"):
            return judged({"stats_db": [f"planted.{name}" for name in names], default: "*"})
        say = {"clean": judged({"stats_db": ["visits"], "default": "*"})}
        say["letter"] = apart("Letter")
        say["sign"] = apart("Sign")
        say["sign on mysql"] = apart("Sign", default="my_db")
        say["key on mysql"] = apart("Key", default="my_db")
        answer(say)
    """
    legacy = on_files(tmp_path_factory.mktemp("cascades"))
    by_name = {"my_db": {"ENGINE": "tests.checks.mysql_by_name", "NAME": "x"}}
    return dict(inside(legacy, "newest", code, CHECKS_DATABASES=json.dumps(by_name)))


def test_w071_parents_that_go_without_a_signal(cascades: dict[str, Any]) -> None:
    """Pitfall 36."""
    assert one(cascades["letter"], "W071") == (
        "Rows of planted.Company go by DB_CASCADE (planted.Company.holding, planted.Holding.above) without a signal, "
        "and planted.Letter.company refers to them from another database: a clean-up by signals misses these rows."
    )
    assert ids(cascades["letter"]) == ["W022", "W071"]


def test_w072_triggers_that_look_ahead(cascades: dict[str, Any]) -> None:
    assert one(cascades["key on mysql"], "W072") == (
        "Rows of planted.Shed go by DB_CASCADE (planted.Shed.branch), which fires no trigger of planted_shed on my_db: "
        "the triggers of planted.Key.shed look ahead along the cascades that were there when they were installed."
    )


def test_e073_a_cascade_that_no_trigger_sees(cascades: dict[str, Any]) -> None:
    assert one(cascades["sign on mysql"], "E073") == (
        "Rows of planted.Company go by DB_CASCADE through planted.Holding.above, which refers to its own table: on "
        "my_db no trigger sees that, and planted.Sign.company keeps rows whose parent is gone."
    )
    assert hint(cascades["sign on mysql"], "E073").startswith("Use on_delete=models.CASCADE for planted.Holding.above")


def test_a_loose_reference_is_enough_where_triggers_see_cascades(cascades: dict[str, Any]) -> None:
    assert cascades["sign"] == cascades["clean"] == []
    assert of(cascades["sign on mysql"], "W072") == []


@pytest.mark.parametrize("engine", ["sqlite", "postgresql", "mysql", "mariadb"])
def test_which_servers_fire_triggers_for_their_own_cascades(engine: str, make_database: MakeDatabase) -> None:
    """What W072 and E073 are built on."""
    import dj_database_url

    settings = dj_database_url.parse(make_database(engine))
    vendor = {"mariadb": "mysql"}.get(engine, engine)
    with dialect_for(settings).connect() as session:
        if engine == "sqlite":
            session.execute("PRAGMA foreign_keys=ON")
        session.execute("CREATE TABLE above (id integer PRIMARY KEY)")
        session.execute(
            "CREATE TABLE below (id integer PRIMARY KEY, above_id integer, "
            "FOREIGN KEY (above_id) REFERENCES above (id) ON DELETE CASCADE)"
        )
        session.execute("CREATE TABLE seen (id integer)")
        if engine == "postgresql":
            session.execute(
                "CREATE FUNCTION saw() RETURNS trigger LANGUAGE plpgsql AS "
                "'BEGIN INSERT INTO seen VALUES (OLD.id); RETURN OLD; END'"
            )
            session.execute("CREATE TRIGGER t AFTER DELETE ON below FOR EACH ROW EXECUTE FUNCTION saw()")
        else:
            body = "INSERT INTO seen VALUES (OLD.id)"
            body = f"BEGIN {body}; END" if engine == "sqlite" else body
            session.execute(f"CREATE TRIGGER t AFTER DELETE ON below FOR EACH ROW {body}")
        session.execute("INSERT INTO above VALUES (1)")
        session.execute("INSERT INTO below VALUES (7, 1)")
        session.execute("DELETE FROM above")
        assert session.value("SELECT count(*) FROM below") == 0
        assert bool(session.value("SELECT count(*) FROM seen")) == triggers_see_cascades(vendor)
