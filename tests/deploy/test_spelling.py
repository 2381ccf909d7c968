"""DEBUG is off in production and on in development, however the project's settings read it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.deploy.conftest import SETTINGS, run_outgrow, write_project

READ = 'DEBUG = os.environ.get("DJANGO_DEBUG") == "1"'


def written(folder: Path, line: str, **files: str) -> tuple[str, str, str]:
    """How the variable is spelled in .env.example and in compose.yaml, and what was said."""
    made = write_project(folder / "site", **{"shop/settings.py": SETTINGS.replace(READ, line), **files})
    done = run_outgrow(made, "deploy", "init")
    assert done.returncode == 0, done.stderr
    lines = (made / ".env.example").read_text().splitlines()
    off = next(line.partition("=")[2] for line in lines if line.startswith("DJANGO_DEBUG="))
    development = yaml.safe_load((made / "compose.yaml").read_text())["services"]["web"]["environment"]
    return off, development["DJANGO_DEBUG"], done.stdout


@pytest.mark.parametrize(
    ("line", "off", "on"),
    [
        (READ, "0", "1"),
        ('DEBUG = os.environ.get("DJANGO_DEBUG", "True") == "True"', "0", "True"),
        ('DEBUG = bool(os.environ.get("DJANGO_DEBUG"))', "", "1"),
        ('DEBUG = os.environ.get("DJANGO_DEBUG", "1") != "False"', "False", "1"),
        ('DEBUG = os.getenv("DJANGO_DEBUG", "false").lower() in ("true", "on")', "0", "True"),
        ('DEBUG = bool(int(os.environ.get("DJANGO_DEBUG", 0)))', "0", "1"),
        ('DEBUG: bool = os.environ["DJANGO_DEBUG"] == "on" if "DJANGO_DEBUG" in os.environ else False', "0", "on"),
        ('import environ\nenv = environ.Env(DJANGO_DEBUG=(bool, False))\nDEBUG = env("DJANGO_DEBUG")', "0", "1"),
        ('FLAG = os.environ.get("DJANGO_DEBUG")\nDEBUG = FLAG == "yes"', "0", "1"),  # not one expression
    ],
)
def test_the_projects_own_expression_says_how(tmp_path: Path, line: str, off: str, on: str) -> None:
    found = written(tmp_path, line)
    assert found[:2] == (off, on)
    assert "No spelling" not in found[2]


def test_a_debug_that_nothing_switches_off_is_said(tmp_path: Path) -> None:
    off, _, said = written(tmp_path, 'DEBUG = os.environ.get("DJANGO_DEBUG", "1") is not None')
    assert off == "0"
    assert "No spelling of DJANGO_DEBUG switches DEBUG off (0, False, false, nothing were tried)" in said


def test_settings_in_a_package_are_read_where_debug_stands(tmp_path: Path) -> None:
    base = SETTINGS.replace(READ, 'DEBUG = bool(os.environ.get("DJANGO_DEBUG"))')
    made = write_project(
        tmp_path / "site",
        **{"shop/settings/__init__.py": "from shop.settings.base import *\n", "shop/settings/base.py": base},
    )
    (made / "shop/settings.py").unlink()
    assert run_outgrow(made, "deploy", "init").returncode == 0
    assert "DJANGO_DEBUG=\n" in (made / ".env.example").read_text()
