"""What differs between the oldest and the newest Django: generic keys, and cascades of the server's own (6.1)."""

from __future__ import annotations

import json
import subprocess
import textwrap
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


def test_e026_an_old_django_looks_for_the_target_beside_the_content_types(tmp_path: Path) -> None:
    """Pitfalls 11 and 12. On Django 4.2, as on the others, a clean split has no faults."""
    found = inside(
        on_files(tmp_path),
        "oldest",
        """
        from tests.checks.inside import judged
        auth = ["auth", "contenttypes", "admin"]
        answer([judged({"stats_db": ["visits"], "default": "*"}), judged({"auth_db": auth, "default": "*"})])
        """,
    )
    assert found[0] == []
    assert one(found[1], "E026") == (
        "shop.Tag (in default) has the generic key target, and the content types are in auth_db: this Django looks for "
        "what it points at beside the content types."
    )


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
