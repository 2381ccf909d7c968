"""Which variables settings read is found in their source, however they read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from outgrow.deploy.variables import Variable, read_by

SETTINGS = """
import os, environ
from os import getenv
env = environ.Env()
A = os.environ["A"]
B = os.environ.get("B", "")
C = env("C")
D = env.bool("D", default=False)
E = env.db("E_URL")
F = getenv("F")
def number(name, default):
    return int(os.environ.get(name) or default)
G = number("G", 3)
def other(name):
    return name
H = other("H")
os.environ["SET_HERE"] = "1"
config = {}
I = config.get("I")
API_SECRET = env.str("API_SECRET", "")
"""


@pytest.mark.parametrize(
    ("line", "required"),
    [
        ("DATABASES = {'default': env.db()}", True),
        ("DATABASES = {'default': env.db(default='sqlite:///db.sqlite3')}", False),
        ("DATABASES = {'default': dj_database_url.config(conn_max_age=600)}", False),
        ("DATABASES = outgrow.databases()", True),
        ("DATABASES = databases(default='sqlite:///db.sqlite3')", False),
    ],
)
def test_a_database_url_that_is_read_without_being_named(tmp_path: Path, line: str, required: bool) -> None:
    file = tmp_path / "settings.py"
    file.write_text(line)
    assert read_by([file]) == [Variable("DATABASE_URL", required)]


@pytest.mark.parametrize(
    "line",
    [
        "A = config('A', cast=bool)",
        "A = config('A', cast=int)",
        "A = env.bool('A')",
        "A = int(os.environ['A'])",
        "A = env('A', cast=float)",
    ],
)
def test_what_has_to_be_a_number_is_filled_in_as_one(tmp_path: Path, line: str) -> None:
    file = tmp_path / "settings.py"
    file.write_text(line)
    (found,) = read_by([file])
    assert (found.required, found.filled("for-this-step-only")) == (True, "0")


def test_outgrows_own_helper_is_known_to_read_each_alias(tmp_path: Path) -> None:
    file = tmp_path / "settings.py"
    file.write_text("DATABASES = outgrow.databases('auth', default='sqlite:///db.sqlite3')")
    assert [one.name for one in read_by([file])] == ["DATABASE_URL", "AUTH_DATABASE_URL"]


def test_every_way_of_reading_a_variable(tmp_path: Path) -> None:
    file = tmp_path / "settings.py"
    file.write_text(SETTINGS)
    found = {one.name: one for one in read_by([file, tmp_path / "missing.py"])}
    assert set(found) == {"A", "B", "C", "D", "E_URL", "F", "G", "API_SECRET"}
    assert {name for name, one in found.items() if one.required} == {"A", "C", "E_URL"}
    assert [name for name, one in found.items() if one.is_secret] == ["API_SECRET"]


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        ("EMAIL_URL", True),
        ("CELERY_BROKER_URL", True),
        ("REDIS_URI", True),
        ("STATIC_URL", False),
        ("EMAIL_HOST", False),
    ],
)
def test_the_url_of_a_service_that_wants_a_password_is_a_secret(name: str, is_secret: bool) -> None:
    assert Variable(name).is_secret is is_secret
