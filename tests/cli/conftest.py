"""A small project in a folder of its own, and the console command run inside it as a person would."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import django
import pytest
from django.conf import settings

if not settings.configured:
    settings.configure(USE_TZ=True, INSTALLED_APPS=["outgrow"])
    django.setup()

ROOT = Path(__file__).parents[2]
MANAGE = """
import os, sys
if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    from django.core.management import execute_from_command_line
    execute_from_command_line(sys.argv)
"""
SETTINGS = """
from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "a-key-nobody-may-see"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth"]
USE_TZ = True
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "shop.sqlite3"},
    "server": {
        "ENGINE": "django.db.backends.postgresql", "NAME": "shop", "HOST": "127.0.0.1", "PORT": 1,
        "USER": "shop", "PASSWORD": "hunter2-in-settings",
    },
}
"""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The project's folder: manage.py, settings that do not name outgrow, and a SQLite file."""
    folder = tmp_path / "work"
    (folder / "shop").mkdir(parents=True)
    (folder / "manage.py").write_text(MANAGE)
    (folder / "shop" / "__init__.py").write_text("")
    (folder / "shop" / "settings.py").write_text(SETTINGS)
    return folder


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """No settings module, and a cache directory of the test's own."""
    kept = {k: v for k, v in os.environ.items() if k not in ("DJANGO_SETTINGS_MODULE", "DATABASE_URL")}
    return {**kept, "XDG_CACHE_HOME": str(tmp_path / "cache"), "TMPDIR": str(tmp_path), "COLUMNS": "100"}


@pytest.fixture
def outgrow(shop: Path, environment: dict[str, str]) -> Run:
    """`outgrow("audit", "--to", "server")` in the project's folder; `cwd` and `env` may be given."""

    def run(
        *arguments: str, cwd: Path | None = None, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "outgrow", *arguments], cwd=cwd or shop, env={**environment, **(env or {})},
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    return run


@pytest.fixture
def manage(shop: Path, environment: dict[str, str]) -> Run:
    """`manage("outgrow", "status")` through the project's manage.py."""

    def run(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=shop, env={**environment, **(env or {})},
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip

    return run
