"""Settings of plaza. Everything that differs between machines comes from the environment.

DATABASE_URL     any of the four engines; unset = plaza.sqlite3 beside manage.py
SOCIAL_DATABASE_URL, VIDEOS_DATABASE_URL, BOOKINGS_DATABASE_URL
                 a database under the alias social_db, videos_db or bookings_db
OWN_DATABASES    comma-separated, of social, videos and bookings: which apps live in theirs;
                 the others stay in DATABASE_URL
SECRET_KEY       required as soon as DEBUG is off
DEBUG            1 (default) or 0
ALLOWED_HOSTS    comma-separated, for DEBUG=0
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = os.environ.get("DEBUG", "1").lower() in {"1", "true", "yes", "on"}
ALLOWED_HOSTS = [host for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host]

DEVELOPMENT_KEY = "plaza-development-key-never-use-it-where-others-can-reach-the-site"
SECRET_KEY = os.environ.get("SECRET_KEY", DEVELOPMENT_KEY)
if not DEBUG and SECRET_KEY == DEVELOPMENT_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set and DEBUG is off; plaza runs with its development key only while "
        "DEBUG is on: put a long random SECRET_KEY into the environment."
    )

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "plaza",
    "plaza.accounts",
    "plaza.social",
    "plaza.videos",
    "plaza.bookings",
]
if find_spec("outgrow"):
    INSTALLED_APPS.append("outgrow")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "plaza.urls"
WSGI_APPLICATION = "plaza.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {
    "default": dj_database_url.config(default=f"sqlite:///{BASE_DIR / 'plaza.sqlite3'}"),
}
for app in ("social", "videos", "bookings"):
    if url := os.environ.get(f"{app.upper()}_DATABASE_URL"):
        DATABASES[f"{app}_db"] = dj_database_url.parse(url)

OWN_DATABASES = [app for app in os.environ.get("OWN_DATABASES", "").split(",") if app]
for app in OWN_DATABASES:
    if f"{app}_db" not in DATABASES:
        raise ImproperlyConfigured(
            f"OWN_DATABASES names {app}, and {app.upper()}_DATABASE_URL is not set; an app of social, videos and "
            "bookings with a database of its own was expected: set its URL or take it off the list."
        )
if OWN_DATABASES:
    OUTGROW = {
        "OWNERS": {**{f"{app}_db": [app] for app in OWN_DATABASES}, "default": "*"},
        "LOOSE": "crossing",
    }
    DATABASE_ROUTERS = ["outgrow.routing.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# MySQL and MariaDB have no partial indexes: Playlist's "one watch-later list per user" is
# a constraint on SQLite and PostgreSQL only.
SILENCED_SYSTEM_CHECKS = ["models.W036"]

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "static"
MEDIA_ROOT = BASE_DIR / "media"
