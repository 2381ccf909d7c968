"""Where a Docker engine is present: plaza's image is really built, deployed twice and asked through nginx."""

from __future__ import annotations

import http.client
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import PROVE
from tests.deploy.conftest import ROOT
from tests.deploy.rolling import Load, ports


def docker(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *arguments], cwd=cwd, capture_output=True, text=True, timeout=1200)


def has_engine() -> bool:
    return bool(shutil.which("docker")) and not any(
        docker(*words).returncode for words in (("info",), ("compose", "version"), ("buildx", "version"))
    )


@pytest.fixture
def host(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A folder as RUNBOOK.md lays it out, and nginx's port."""
    folder, port = tmp_path / "plaza", ports(1)[0]
    folder.mkdir()
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x"], cwd=folder, input=archive, check=True)
    (folder / ".env").write_text(f"ALLOWED_HOSTS=localhost\nDEBUG=0\nHTTP_PORT={port}\nWEB_REPLICAS=2\nLIMITS=0\n")
    subprocess.run([sys.executable, "deploy/make_secrets.py"], cwd=folder, check=True)
    yield folder, port
    files = ["-f", "compose.prod.yaml", "--profile", "green", "--env-file", ".env"]
    docker("compose", *files, "down", "--volumes", "--timeout", "5", cwd=folder)


@pytest.mark.slow(10)
@pytest.mark.timeout(3000)
@pytest.mark.skipif(not PROVE, reason="building an image takes minutes: only in make prove")
@pytest.mark.skipif(PROVE and not has_engine(), reason="there is no Docker engine with compose and buildx here")
def test_the_image_is_built_and_deployed_twice_without_a_failed_request(host: tuple[Path, int]) -> None:
    folder, port = host
    built = docker("build", "--tag", "plaza:one", ".", cwd=folder)
    assert built.returncode == 0, built.stderr
    image = docker("image", "inspect", "--format", "{{.Id}}", "plaza:one").stdout.strip()
    history = docker("history", "--no-trunc", "plaza:one").stdout
    assert not any((folder / "deploy/secrets" / name).read_text() in history for name in ("secret_key", "auth_app_url"))
    deploy = [sys.executable, "deploy/deploy.py", "deploy"]
    first = subprocess.run([*deploy, image], cwd=folder, capture_output=True, text=True)
    assert first.returncode == 0, first.stderr
    with Load(port) as load:
        second = subprocess.run([*deploy, image], cwd=folder, capture_output=True, text=True)
    assert second.returncode == 0, second.stderr
    assert load.failed == {}
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/static/admin/css/base.css", headers={"Host": "localhost"})
    assert connection.getresponse().status == 200
