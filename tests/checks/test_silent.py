"""Where nothing is wrong nothing is said, and a project that declares no owners does not even load the checks."""

from __future__ import annotations

from pathlib import Path

from tests.checks.conftest import on_files
from tests.legacy.project import Legacy


def test_a_clean_split_and_one_database_have_no_faults(tmp_path: Path) -> None:
    """A database for what nothing crosses, with a replica by name, and loose references; looked at before and after."""
    found = on_files(tmp_path).inside("""
        import time
        from django.core.management import call_command
        from django.db import connections
        from django.test import override_settings
        from tests.checks.inside import judged
        from tests.checks.visits.models import Visit
        from tests.legacy.shop.models import Product
        split, rest = {"stats_db": ["visits"], "default": "*"}, {"default": "*"}
        say = [judged(rest), judged(split), judged(rest, databases=["default"]),
               judged(split, databases=["default", "stats_db"])]
        with override_settings(OUTGROW={"OWNERS": split}):
            for alias in ("default", "stats_db"):
                call_command("migrate", database=alias, verbosity=0)
            with connections["stats_db"].schema_editor() as editor:
                editor.create_model(Visit)
        Product.objects.create(name="p", price=1)
        say.append(judged(split, databases=["default", "stats_db"]))
        took = []
        for _ in range(20):
            begun = time.process_time()
            judged(split)
            took.append(time.process_time() - begun)
        answer([say, min(took)])
    """)
    assert found[0] == [[]] * 5
    assert found[1] < 0.1  # seconds; 0.004 of the processor's time measured


def test_without_owners_no_check_is_loaded_and_nothing_is_said(tmp_path: Path) -> None:
    """One database, with and without a router of its own; whoever misspells one is told all the same."""
    code = """
        import sys
        from django.core.checks import run_checks
        found = [str(m) for m in run_checks(databases=["default"]) if m.id and m.id.startswith("outgrow")]
        answer([found, sorted(m for m in sys.modules if m.startswith("outgrow.checks"))])
    """
    one = {"default": f"sqlite:///{tmp_path}/one.sqlite3"}
    assert Legacy(one).inside(code) == [[], ["outgrow.checks"]]
    routed = Legacy(one, None, {"DATABASE_ROUTERS": ["outgrow.routing.Router"]})
    found, loaded = routed.inside(code)
    assert found == []
    assert loaded == ["outgrow.checks", "outgrow.checks.fault", "outgrow.checks.methods"]
