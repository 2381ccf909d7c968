"""A Django project of anybody's in a folder of its own, and `outgrow` run in it as a person would."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import forks

ROOT = Path(__file__).parents[2]
MANAGE = """
import os, sys
if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    from django.core.management import execute_from_command_line
    execute_from_command_line(sys.argv)
"""
SETTINGS = """
import os
from pathlib import Path
import dj_database_url
BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "a-key-nobody-may-see")
DEBUG = os.environ.get("DJANGO_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "*").split(",")
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.staticfiles"]
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "collected"
MEDIA_ROOT = BASE_DIR / "uploads"
USE_TZ = True
DATABASES = {"default": dj_database_url.parse(os.environ.get("DATABASE_URL", "sqlite:///shop.sqlite3"))}
"""
WSGI = """
import os
from django.core.wsgi import get_wsgi_application
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = get_wsgi_application()
"""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def write_project(folder: Path, **files: str) -> Path:
    """A project without anything of ours; ``files`` by path replace or add to what it has."""
    made = {
        "manage.py": MANAGE, "shop/__init__.py": "", "shop/settings.py": SETTINGS, "shop/wsgi.py": WSGI,
        "shop/urls.py": "urlpatterns = []\n", "requirements.txt": "Django>=5.2\nwhitenoise==6.9\n", **files,
    }  # fmt: skip
    for path, text in made.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def run_outgrow(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command in the folder, in an environment that says nothing of databases and settings."""
    kept = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE" and not k.endswith("DATABASE_URL")}
    path = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    environment = {**kept, "PYTHONPATH": path, "COLUMNS": "100", **variables}
    return forks.run(["-m", "outgrow", *arguments], cwd=folder, env=environment, timeout=120)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write_project(tmp_path / "work")


@pytest.fixture
def outgrow(shop: Path) -> Run:
    """`outgrow("deploy", "init")` in the project's folder."""

    def run(*arguments: str, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        return run_outgrow(cwd or shop, *arguments, **variables)

    return run
