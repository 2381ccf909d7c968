"""What an image is built with: the Python that the project takes, what is compiled, and settings that can be loaded."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from outgrow.deploy.packages import python_of
from tests.deploy.conftest import SETTINGS, Run, run_outgrow, write_project


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ("==3.13.*", "3.13"),
        (">=3.12,<3.13", "3.12"),
        ("~=3.12.4", "3.12"),
        ("~=3.12", "3.14"),
        (">=3.11, !=3.14.*", "3.13"),
        ("<=3.14", "3.13"),
        (">=3.10,<4", "3.14"),
        ("", "3.14"),
    ],
)
def test_the_python_is_one_that_the_project_takes(tmp_path: Path, wanted: str, chosen: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "shop"\nrequires-python = "{wanted}"\n')
    assert python_of(tmp_path, (5, 2)) == chosen


def test_the_one_python_of_the_image_is_not_refused_for_another_patch(shop: Path, outgrow: Run) -> None:
    outgrow("deploy", "init")
    assert ".python-version" in (shop / ".dockerignore").read_text().splitlines()


@pytest.mark.parametrize(
    ("asked", "build", "run"),
    [
        ("psycopg2==2.9.10", "build-essential libpq-dev", "libpq5"),
        ("psycopg[c]", "build-essential libpq-dev", "libpq5"),
        ("mysqlclient", "build-essential default-libmysqlclient-dev pkg-config", "libmariadb3"),
        ("django-x @ git+https://example.com/x", "git", ""),
        ("psycopg2-binary", "", ""),
        ("psycopg[binary,pool]", "", ""),
    ],
)
def test_what_has_no_wheel_can_be_compiled(shop: Path, outgrow: Run, asked: str, build: str, run: str) -> None:
    (shop / "requirements.txt").write_text(f"Django>=5.2\n{asked}\n")
    outgrow("deploy", "init")
    installed = re.findall(r"--no-install-recommends (.*) \\", (shop / "Dockerfile").read_text())
    assert installed == [names for names in (build, run) if names]


def test_settings_of_django_environ_can_be_loaded_while_the_image_is_built(tmp_path: Path) -> None:
    settings = SETTINGS + (
        "import environ\nenv = environ.Env()\nDATABASES = {'default': env.db('MAIN_DB')}\n"
        "CACHES = {'default': env.cache_url('REDIS_URL')}\nMAIL = env.email_url('MAIL_URL')\n"
        "LIMITS = env.json('LIMITS')\nNAMES = env.dict('NAMES')\nSTATIC_ROOT = '/tmp/never'\n"
    )
    folder = write_project(tmp_path / "site", **{"shop/settings.py": settings + "STATIC_ROOT = BASE_DIR / 'all'\n"})
    given = {"MAIN_DB": "sqlite:///:memory:", "REDIS_URL": "dummycache://", "MAIL_URL": "dummymail://"}
    done = run_outgrow(folder, "deploy", "init", "--ci", "github", LIMITS="{}", NAMES="a=b", **given)
    assert done.returncode == 0, done.stderr
    said = re.search(r"(DJANGO_SETTINGS_MODULE=.*) \\\n", (folder / "Dockerfile").read_text())
    assert said
    command = f"{said[1]} {sys.executable} -c 'import django; django.setup()'"
    subprocess.run(["sh", "-c", command], cwd=folder, check=True)
    assert 'REDIS_URL: "dummycache://"' in (folder / ".github/workflows/ci.yml").read_text()


def test_a_database_that_is_never_migrated_is_ready_without(tmp_path: Path) -> None:
    settings = SETTINGS + "DATABASES['legacy'] = {'ENGINE': 'django.db.backends.sqlite3', 'NAME': BASE_DIR / 'old'}\n"
    folder = write_project(tmp_path / "site", **{"shop/settings.py": settings})
    run_outgrow(folder, "deploy", "init")
    assert run_outgrow(folder, "migrate").returncode == 0
    code = "import deploy.health as h; print(h._state('default'), h._state('legacy'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
    assert done.stdout == "ok ok\n", done.stdout + done.stderr


@pytest.mark.parametrize(
    ("read", "notes"),
    [
        ("", 1),
        ("os.environ.get('AUTH_DATABASE_URL')\n", 0),
        ("[os.environ.get(f'{name}_DATABASE_URL') for name in DATABASES]\n", 0),
    ],
)
def test_an_alias_whose_url_nobody_reads_is_said(tmp_path: Path, read: str, notes: int) -> None:
    """The image would have it where the settings have it now: in a file of its own."""
    settings = SETTINGS + f"DATABASES['auth'] = {{'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'a'}}\n{read}"
    folder = write_project(tmp_path / "site", **{"shop/settings.py": settings})
    shown = run_outgrow(folder, "deploy", "init").stdout
    assert shown.count("No settings read AUTH_DATABASE_URL, by which auth gets its database") == notes
    assert "No settings read DATABASE_URL" not in shown


def test_a_wsgi_application_with_a_typo_is_answered_with_the_nearest_one(tmp_path: Path) -> None:
    settings = SETTINGS.replace("shop.wsgi.application", "shop.wsgy.application")
    folder = write_project(tmp_path / "site", **{"shop/settings.py": settings, ".python-version": "\n"})
    done = run_outgrow(folder, "deploy", "init")
    assert done.returncode == 2
    assert done.stderr.strip().endswith("there is no module shop.wsgy: did you mean shop.wsgi?")
    # of another length: Python takes a .pyc for current by the second and the size of its source (PEP 552)
    (folder / "shop/settings.py").write_text(SETTINGS + "\n")
    assert run_outgrow(folder, "deploy", "init").returncode == 0  # an empty .python-version says nothing


@pytest.mark.parametrize(("said", "noted"), [("3.13.2", False), ("3.9", True), ("pypy3.10-7.3", True)])
def test_a_python_of_which_no_image_is_known_is_not_replaced_in_silence(
    shop: Path, outgrow: Run, said: str, noted: bool
) -> None:
    (shop / ".python-version").write_text(f"{said}\n")
    assert (".python-version says" in outgrow("deploy", "init").stdout) is noted
