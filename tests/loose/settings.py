"""Settings of the project of loose references; where its databases are comes from the environment."""

from __future__ import annotations

from tests.legacy.settings import *  # noqa: F403
from tests.legacy.settings import INSTALLED_APPS as LEGACY

INSTALLED_APPS = [app for app in LEGACY if not app.startswith("tests.")] + ["tests.loose.people", "tests.loose.things"]
ROOT_URLCONF = "tests.loose.urls"
