"""What OUTGROW["WORKERS"] names becomes a service; what cannot be one is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.conftest import SETTINGS, Run, run_outgrow, write_project


def declared(text: str) -> str:
    return f"{SETTINGS}OUTGROW = {{'WORKERS': {text}}}\n"


def services(folder: Path, file: str = "compose.prod.yaml") -> dict[str, Any]:
    return dict(yaml.safe_load((folder / file).read_text())["services"])


def test_each_worker_is_a_service_with_the_rights_and_secrets_of_a_web_server(tmp_path: Path) -> None:
    settings = declared("{'tasks': 'celery -A shop worker --hostname w@%h', 'mails': ['sh', '-c', 'echo $HOME é']}")
    folder = write_project(tmp_path / "site", **{"shop/settings.py": settings})
    assert run_outgrow(folder, "deploy", "init").returncode == 0
    found = services(folder)
    assert found["worker-tasks"]["command"] == ["celery", "-A", "shop", "worker", "--hostname", "w@%h"]
    assert found["worker-mails"]["command"] == ["sh", "-c", "echo $$HOME é"], "a $ alone is Compose's"
    for name in ("secrets", "user", "read_only", "env_file", "cap_drop", "networks"):
        assert found["worker-tasks"][name] == found["blue"][name], name
    assert found["worker-tasks"]["image"] == "${WORKER_IMAGE:-none}"
    assert found["worker-tasks"]["healthcheck"] == {"disable": True}, "the image's own asks a web server"
    assert found["worker-tasks"]["tmpfs"] == [], "what is worked on may be larger than the memory"
    assert services(folder, "compose.yaml")["worker-tasks"]["command"] == found["worker-tasks"]["command"]
    commands = json.loads((folder / "deploy/workers.json").read_text())
    assert commands["mails"] == ["sh", "-c", "echo $HOME é"]
    assert "`sh deploy/workers.sh stop`" in (folder / "deploy/RUNBOOK.md").read_text()
    assert "nothing is wrong" in run_outgrow(folder, "deploy", "check").stdout


def test_a_project_without_workers_has_no_trace_of_them(shop: Path, outgrow: Run) -> None:
    assert outgrow("deploy", "init").returncode == 0
    assert not (shop / "deploy/workers.json").exists()
    for file in ("compose.prod.yaml", "compose.yaml", "deploy/RUNBOOK.md"):
        assert "worker" not in (shop / file).read_text(), file


def test_a_project_that_has_no_workers_any_more_says_so(tmp_path: Path) -> None:
    """Else those of before would run on where versions are plain processes."""
    folder = write_project(tmp_path / "site", **{"shop/settings.py": declared("{'tasks': 'celery -A shop worker'}")})
    assert run_outgrow(folder, "deploy", "init").returncode == 0
    (folder / "shop/settings.py").write_text(SETTINGS)
    for _ in range(2):
        assert run_outgrow(folder, "deploy", "init").returncode == 0
        assert json.loads((folder / "deploy/workers.json").read_text()) == {}
    assert "worker-tasks" not in services(folder)


@pytest.mark.parametrize(
    ("workers", "said"),
    [
        ("['celery']", "OUTGROW[\"WORKERS\"] is ['celery']; expected commands by names"),
        ("{'Mails': 'celery'}", 'OUTGROW["WORKERS"] has the name "Mails"; expected a small letter, then'),
        ("{'mails': ''}", 'OUTGROW["WORKERS"]["mails"] is \'\'; expected a command'),
        ("{'mails': \"a 'b\"}", 'OUTGROW["WORKERS"]["mails"] is "a \'b"; expected a command'),
        ("{'mails': 5}", 'OUTGROW["WORKERS"]["mails"] is 5; expected a command'),
    ],
)
def test_workers_that_cannot_be_understood_are_refused_in_one_sentence(tmp_path: Path, workers: str, said: str) -> None:
    folder = write_project(tmp_path / "site", **{"shop/settings.py": declared(workers)})
    done = run_outgrow(folder, "deploy", "init")
    assert (done.returncode, done.stderr.startswith(said), done.stderr.count("\n")) == (2, True, 1), done.stderr
    assert not (folder / "Dockerfile").exists()


@pytest.mark.parametrize(
    ("package", "command"),
    [("celery==5.5", "celery -A shop worker"), ("django_rq>=3", "python manage.py rqworker"), ("celery-types", "")],
)
def test_a_queue_that_nobody_works_off_is_noted_with_what_to_write(tmp_path: Path, package: str, command: str) -> None:
    requirements = {"requirements.txt": f"Django>=5.2\n{package}\n"}
    folder = write_project(tmp_path / "site", **requirements)
    note = f'`OUTGROW = {{"WORKERS": {{"tasks": "{command}"}}}}`'
    assert (note in run_outgrow(folder, "deploy", "init").stdout) is bool(command)
    other = write_project(tmp_path / "other", **requirements, **{"shop/settings.py": declared("{'tasks': 'x'}")})
    assert "works off its tasks" not in run_outgrow(other, "deploy", "init").stdout
