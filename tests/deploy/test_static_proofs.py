"""What the makers' own tools say of the files: schemas, linters, nginx, gunicorn, shells and Python."""

from __future__ import annotations

import os
import py_compile
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from outgrow.environment import databases
from tests.deploy.conftest import ROOT, SETTINGS, run_outgrow, write_project

ENGINES = ("postgresql", "mysql", "mariadb")
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module", params=ENGINES)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of two databases with everything that init writes."""
    settings = SETTINGS + "DATABASES['social'] = {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'social'}\n"
    folder = write_project(tmp_path_factory.mktemp(request.param) / "work", **{"shop/settings.py": settings})
    done = run_outgrow(folder, "deploy", "init", "--database", request.param, "--ci", "github")
    assert done.returncode == 0, done.stderr
    return folder


def said(*command: str | Path, cwd: Path) -> str:
    """What a tool complains of; "" if it does not."""
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, timeout=120)
    return "" if done.returncode == 0 else done.stdout + done.stderr or f"exit code {done.returncode}"


def tool(name: str) -> str:
    found = shutil.which(name, path=f"{BIN}:{os.environ['PATH']}:/usr/sbin")
    if not found:
        pytest.skip(f"{name} is not installed here")
    return found


def test_compose_files_follow_the_compose_specification(site: Path) -> None:
    schema = ("--builtin-schema", "vendor.compose-spec")
    assert said(tool("check-jsonschema"), *schema, "compose.yaml", "compose.prod.yaml", cwd=site) == ""


def test_workflows_follow_githubs_schema(site: Path) -> None:
    schema = ("--builtin-schema", "vendor.github-workflows")
    assert said(tool("check-jsonschema"), *schema, *(site / ".github/workflows").iterdir(), cwd=site) == ""


def test_actionlint_finds_nothing_in_the_workflows(site: Path) -> None:
    assert said(tool("actionlint"), *(site / ".github/workflows").iterdir(), cwd=site) == ""


def test_zizmor_finds_no_door_in_the_workflows(site: Path) -> None:
    command = (tool("zizmor"), "--offline", "--no-progress", "--min-severity", "medium")
    assert said(*command, site / ".github/workflows", cwd=site) == ""


def test_hadolint_finds_nothing_in_the_dockerfile(site: Path) -> None:
    assert said(tool("hadolint"), "Dockerfile", cwd=site) == ""


def test_shells_can_read_the_scripts_and_shellcheck_finds_nothing(site: Path) -> None:
    scripts = sorted(site.glob("deploy/**/*.sh"))
    assert len(scripts) == 7
    for script in scripts:
        shell = script.read_text().splitlines()[0].removeprefix("#!").removeprefix("/usr/bin/env ")
        assert said(shell, "-n", script, cwd=site) == ""
    assert said(tool("shellcheck"), *scripts, cwd=site) == ""


def test_python_can_compile_the_scripts_and_ruff_finds_nothing(site: Path, tmp_path: Path) -> None:
    for number, script in enumerate(sorted(site.glob("deploy/*.py"))):
        py_compile.compile(str(script), cfile=str(tmp_path / f"{number}.pyc"), doraise=True)
    assert said(tool("ruff"), "check", "--isolated", "--line-length=120", "--select=E,F,B,UP", "deploy", cwd=site) == ""


def test_nginx_takes_its_configuration(site: Path, tmp_path: Path) -> None:
    """As the driver of processes lays it out; `resolve` of the containers' own upstream needs nginx 1.27.3."""
    upstream = "upstream app { zone app 64k; server 127.0.0.1:8100 max_fails=1; server 127.0.0.1:8101; }\n"
    assert nginx_says(site, tmp_path, upstream) == ""


def test_nginx_takes_the_containers_upstream(site: Path, tmp_path: Path) -> None:
    version = subprocess.run([tool("nginx"), "-v"], capture_output=True, text=True).stderr
    numbers = tuple(map(int, version.rpartition("/")[2].split()[0].split(".")))
    if numbers < (1, 27, 4):
        pytest.skip(f"nginx is {'.'.join(map(str, numbers))} here, which lacks directives of it")
    assert nginx_says(site, tmp_path, containers_upstream(site)) == ""


def containers_upstream(site: Path) -> str:
    """live/upstream.conf as the driver of containers writes it."""
    code = "from by_compose import _servers, Version; print(_servers('localhost', Version('localhost.', '')))"
    return subprocess.run([sys.executable, "-c", code], cwd=site / "deploy", capture_output=True, text=True).stdout


def test_nginx_leaves_an_idle_connection_before_gunicorn_closes_it(site: Path, tmp_path: Path) -> None:
    """nginx keeps connections by itself since 1.29.7, and sends no POST twice: in a closed one it would fail."""
    (kept,) = re.findall(r"(?m)^keepalive = (\d+)", (site / "deploy/gunicorn.conf.py").read_text())
    (left,) = re.findall(r"keepalive_timeout (\d+)s;", containers_upstream(site))
    assert int(left) < int(kept)
    upstream = f"upstream app {{ server 127.0.0.1:8100; keepalive_timeout {left}s; }}\n"
    assert nginx_says(site, tmp_path, upstream) == ""


def nginx_says(site: Path, folder: Path, upstream: str) -> str:
    (folder / "live").mkdir()
    (folder / "tmp").mkdir()
    shutil.copy(site / "deploy/nginx.conf", folder / "live/nginx.conf")
    (folder / "live/upstream.conf").write_text(upstream)
    listen = "listen 127.0.0.1:18080;\nclient_max_body_size 25m;\nset $forwarded_proto $scheme;\n"
    (folder / "live/listen.conf").write_text(listen)
    return said(
        tool("nginx"), "-t", "-q", "-p", f"{folder}/", "-e", "stderr", "-c", folder / "live/nginx.conf", cwd=folder
    )


def test_gunicorn_takes_its_configuration_and_loads_the_project(site: Path) -> None:
    path = os.pathsep.join([str(ROOT / "src"), str(site)])
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--check-config", "--config", "deploy/gunicorn.conf.py"], cwd=site,
        env={**os.environ, "PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "shop.settings", "BIND": "127.0.0.1:0"},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_secrets_are_made_once_and_only_their_folder_can_be_entered(site: Path) -> None:
    for _ in range(2):
        assert said(sys.executable, "deploy/make_secrets.py", cwd=site) == ""
        folder = site / "deploy/secrets"
        made = {file.name: file.read_text() for file in folder.iterdir()}
        assert folder.stat().st_mode & 0o777 == 0o700
        assert all(file.stat().st_mode & 0o777 == 0o444 for file in folder.iterdir())
        assert made["social_app_password"] in made["social_app_url"]
        assert made == {file.name: file.read_text() for file in folder.iterdir()}
    compose = (site / "compose.prod.yaml").read_text()
    assert {name for name in made if f"./deploy/secrets/{name} " in compose} == set(made)


def test_a_password_that_was_replaced_is_in_the_url_that_is_made_anew(site: Path) -> None:
    assert said(sys.executable, "deploy/make_secrets.py", cwd=site) == ""
    folder = site / "deploy/secrets"
    for name in ("default_app_password", "default_app_url"):
        (folder / name).unlink()
    (folder / "default_app_password").write_text("another/one\n")
    assert said(sys.executable, "deploy/make_secrets.py", cwd=site) == ""
    assert "_app:another%2Fone@database:" in (folder / "default_app_url").read_text()


@pytest.mark.parametrize("name", ["secret_key", "default_app_password", "default_app_url"])
def test_a_secret_that_a_full_disk_has_left_empty_is_made(site: Path, name: str) -> None:
    folder = site / "deploy/secrets"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / name).touch(0o444)
    assert name in said_by_make_secrets(site)
    made = {file.name: file.read_text() for file in folder.iterdir()}
    assert all(made.values())
    assert f":{made['default_app_password']}@" in made["default_app_url"]
    assert said_by_make_secrets(site).startswith("all secrets are in")


def said_by_make_secrets(site: Path) -> str:
    return subprocess.check_output([sys.executable, "deploy/make_secrets.py"], cwd=site, text=True)


def test_secrets_can_be_read_by_the_containers_on_a_host_with_a_strict_umask(site: Path) -> None:
    shutil.rmtree(site / "deploy/secrets", ignore_errors=True)
    done = subprocess.run([sys.executable, "deploy/make_secrets.py"], cwd=site, umask=0o077, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert {file.stat().st_mode & 0o777 for file in (site / "deploy/secrets").iterdir()} == {0o444}


def test_outgrows_own_helper_does_not_insist_on_tls_that_the_database_of_compose_lacks(site: Path) -> None:
    """MySQL and MariaDB make themselves a certificate at their first start, PostgreSQL's image does not."""
    assert said(sys.executable, "deploy/make_secrets.py", cwd=site) == ""
    made = (site / "deploy/secrets/default_app_url").read_text()
    development = re.findall(r"DATABASE_URL: (\S+)", (site / "compose.yaml").read_text())
    if made.startswith("postgresql:"):
        for url in (made, *development):
            assert databases(environ={"DATABASE_URL": url})["default"]["OPTIONS"]["sslmode"] == "prefer"


def test_the_entry_makes_variables_of_files_for_the_command_alone(site: Path, tmp_path: Path) -> None:
    (tmp_path / "DATABASE_URL").write_text("postgresql://a:b'\"$c@d/e\n")
    done = subprocess.run(
        ["sh", site / "deploy/entrypoint.sh", "printenv", "DATABASE_URL"], capture_output=True, text=True,
        env={**os.environ, "SECRETS_FOLDER": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout == "postgresql://a:b'\"$c@d/e\n"


def test_no_secret_is_in_what_is_built_or_kept_in_git(site: Path) -> None:
    kept = (site / "deploy/.gitignore").read_text().split()
    assert {"/secrets/", "/state/", "/backups/"} <= set(kept)
    left_out = (site / ".dockerignore").read_text().split()
    assert {"deploy/secrets", "deploy/state", "deploy/backups", ".git", "/uploads"} <= set(left_out)
    # a pattern without folders is of the top folder alone, other than in .gitignore
    assert {"**/.env", "**/.env.*", "**/*.pem", "**/*.key", "**/*.sqlite3", "**/*.sqlite3-*"} <= set(left_out)
