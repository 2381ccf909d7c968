"""The legacy project with two more apps: one with faults that it lacks, and one that leans on nothing.

CHECKS_ALSO        JSON: further apps
CHECKS_DATABASES   JSON: further entries of DATABASES, as they are
"""

from __future__ import annotations

import json
import os

from tests.legacy.settings import *  # noqa: F403
from tests.legacy.settings import DATABASES
from tests.legacy.settings import INSTALLED_APPS as LEGACY

INSTALLED_APPS = [
    *LEGACY,
    "django.contrib.sites",
    "django.contrib.flatpages",
    "django.contrib.redirects",
    "tests.checks.planted",
    "tests.checks.visits",
    *json.loads(os.environ.get("CHECKS_ALSO", "[]")),
]
DATABASES |= json.loads(os.environ.get("CHECKS_DATABASES", "{}"))
SITE_ID = 1
SILENCED_SYSTEM_CHECKS: list[str] = []
DATA_UPLOAD_MAX_NUMBER_FIELDS = None
