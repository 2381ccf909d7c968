"""A project with tables that no migration makes: unmanaged ones, a cache table, an app without migrations."""

SECRET_KEY = "legacy"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "tests.schema.projects.legacy.atlas",
    "tests.schema.projects.legacy.unplanned",
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/nowhere/legacy.sqlite3"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "legacy_cache"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
