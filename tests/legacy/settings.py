"""Settings of the legacy project; where its databases are comes from the environment.

LEGACY_DATABASES   JSON: alias → URL
LEGACY_OUTGROW     JSON: the project's OUTGROW, with which the router is installed
LEGACY_SETTINGS    JSON: any further settings
"""

from __future__ import annotations

import json
import os

import dj_database_url

SECRET_KEY = "a key for tests"
DEBUG = False
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "outgrow",
    "tests.legacy.people",
    "tests.legacy.shop",
    "tests.legacy.blog",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "tests.legacy.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STATIC_URL = "static/"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SILENCED_SYSTEM_CHECKS = ["models.W036"]  # a unique with a condition, on engines that have none

DATABASES = {
    alias: dj_database_url.parse(url)
    for alias, url in json.loads(os.environ.get("LEGACY_DATABASES", '{"default": "sqlite:///:memory:"}')).items()
}
if "LEGACY_OUTGROW" in os.environ:
    OUTGROW = json.loads(os.environ["LEGACY_OUTGROW"])
    DATABASE_ROUTERS = ["outgrow.routing.Router"]
    # what a legacy project must cure before `manage.py` lets it pass; tests/checks/ has these unsilenced
    SILENCED_SYSTEM_CHECKS += [f"outgrow.E{n}" for n in ("023", "024", "025", "026", "028", "064", "091")]
globals().update(json.loads(os.environ.get("LEGACY_SETTINGS", "{}")))
