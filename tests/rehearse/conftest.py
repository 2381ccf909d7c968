"""Models for the tests that need no project: of the two apps that every project has."""

from __future__ import annotations

import django
from django.conf import settings

if not settings.configured:
    settings.configure(USE_TZ=True, INSTALLED_APPS=["outgrow"])
    django.setup()
