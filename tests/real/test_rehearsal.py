"""A real project's own tests, rehearsed: Wagtail's users and permissions lean on auth in joins and transactions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import PROVE

from .projects import wagtail

OWNERS = {"auth_db": ["auth", "contenttypes", "sessions", "admin", "customuser"], "default": "*"}
TESTS = ("wagtail.users.tests.test_bulk_actions", "wagtail.users.tests.test_admin_views")


@pytest.mark.prove
@pytest.mark.skipif(not PROVE, reason="minutes long: make prove")
@pytest.mark.slow(4)
@pytest.mark.timeout(3600)
def test_the_rehearsal_finds_wagtails_joins_and_transactions_across_auth(tmp_path: Path) -> None:
    project = wagtail(tmp_path)
    report = tmp_path / "report.json"
    done = project.run(
        f"sqlite:///{tmp_path}/one.sqlite3", "outgrow", "rehearse", "--owners", json.dumps(OWNERS),
        "--report", str(report), "--", "test", *TESTS, "-v0", "--noinput",
    )  # fmt: skip
    assert done.returncode == 1, done.stderr[-4000:]
    assert "\nOK" in done.stderr, done.stderr[-4000:]
    findings = json.loads(report.read_text())["findings"]
    found = {(f["kind"], *f["tables"]) for f in findings}
    assert ("join", "customuser_customuser", "wagtailusers_userprofile") in found
    assert ("transaction", "customuser_customuser", "wagtailcore_modellogentry") in found
    assert any(f["kind"] == "subquery" and "django_content_type" in f["tables"] for f in findings)
    assert {f["where"].split("/")[0] for f in findings} <= {
        "wagtail",
        "modelsearch",
        "django",
        "modelcluster",
        "taggit",
        "treebeard",
    }
    # the tables that Wagtail's own migrations made and dropped again are all that nobody knows
    unknown = {o for f in findings for o in f["owners"] if o.startswith("nobody knows")}
    assert all(owner.partition(": ")[2].startswith(("wagtail", "tests", "snippetstests")) for owner in unknown)
