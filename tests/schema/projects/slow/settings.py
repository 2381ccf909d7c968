"""A project whose second migration says who it is and then sleeps, so that it can be killed."""

SECRET_KEY = "slow"
INSTALLED_APPS = ["django.contrib.contenttypes", "tests.schema.projects.slow.naps"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "/nowhere/slow.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
