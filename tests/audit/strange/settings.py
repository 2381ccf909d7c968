"""A project of models that another engine cannot have as they are; its tables are made by the tests, in SQL."""

import os

import dj_database_url

DATABASES = {"default": dj_database_url.parse(os.environ.get("STRANGE_DATABASE_URL", "sqlite://"))}
INSTALLED_APPS = ["tests.audit.strange", "django.contrib.contenttypes"]  # whose migrations have not run
SECRET_KEY = "strange"
USE_TZ = True
TIME_ZONE = os.environ.get("STRANGE_ZONE", "UTC")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if os.environ.get("STRANGE_TORN"):
    MIGRATION_MODULES = {"contenttypes": "tests.audit.strange.torn"}
