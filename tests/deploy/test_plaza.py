"""plaza is deployed by exactly the files that `outgrow deploy init` writes."""

from __future__ import annotations

import json

import yaml

from tests.deploy.conftest import ROOT, run_outgrow


def test_init_would_change_nothing_in_this_repository() -> None:
    said = json.loads(run_outgrow(ROOT, "deploy", "init", "--dry-run", "--json").stdout)
    changed = [one for one in said["files"] if one["fate"] not in ("same", "kept")]
    assert changed == []
    assert [one["path"] for one in said["files"] if one["fate"] == "kept"] == [".github/workflows/ci.yml"]


def test_check_finds_nothing_in_this_repository() -> None:
    said = run_outgrow(ROOT, "deploy", "check")
    assert said.stdout.strip().endswith("nothing is wrong."), said.stdout


def test_plaza_has_its_four_databases_and_one_job_that_migrates_them() -> None:
    compose = (ROOT / "compose.prod.yaml").read_text()
    for alias in ("AUTH", "SOCIAL", "VIDEOS", "BOOKINGS"):
        assert compose.count(f"target: {alias}_DATABASE_URL") == 2  # who serves, and who migrates
    assert compose.count('command: ["python", "-m", "outgrow", "migrate"]') == 1


def test_what_plaza_does_in_the_background_is_deployed_as_well() -> None:
    for file in ("compose.prod.yaml", "compose.yaml"):
        services = yaml.safe_load((ROOT / file).read_text())["services"]
        commands = [one["command"][-1] for name, one in services.items() if name.startswith("worker-")]
        assert commands == ["plaza_drain", "plaza_process", "plaza_export", "plaza_jobs"]
