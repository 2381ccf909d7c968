"""A project about time. CLOCKS_USE_TZ=0, CLOCKS_TIME_ZONE and CLOCKS_DATABASE_ZONE say how it is kept."""

import os

import dj_database_url

DATABASES = {"default": dj_database_url.config("CLOCKS_DATABASE_URL", default="sqlite://")}
if zone := os.environ.get("CLOCKS_DATABASE_ZONE"):
    DATABASES["default"]["TIME_ZONE"] = zone
INSTALLED_APPS = ["tests.moves.clocks"]
USE_TZ = os.environ.get("CLOCKS_USE_TZ", "1") == "1"
TIME_ZONE = os.environ.get("CLOCKS_TIME_ZONE", "UTC")
SECRET_KEY = "tick"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
