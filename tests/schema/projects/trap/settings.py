"""A project that writes to its own database whenever it can: at start, by its router, from its migrations.

TRAP_SOURCE   the SQLite file it runs on
TRAP_TARGET   an SQLite file for the alias "target"
"""

import os
import sqlite3

SOURCE = os.environ["TRAP_SOURCE"]
with sqlite3.connect(SOURCE) as _connection:  # a setting kept in the database, read by path
    SITE_NAME = _connection.execute("SELECT text FROM notes_note WHERE id = 1").fetchone()[0]
_connection.close()

SECRET_KEY = "trap-secret-key-that-nobody-may-see"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "tests.schema.projects.trap.notes"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
DATABASE_ROUTERS = ["tests.schema.projects.trap.router.Stubborn"]


def _entry(name: str) -> dict:
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "TEST": {"NAME": SOURCE, "MIRROR": "default"}}


DATABASES = {"default": {}}
DATABASES["default"].update(_entry(SOURCE))  # late, as by `from .local import *`
DATABASES["archive"] = _entry(SOURCE)
if "TRAP_TARGET" in os.environ:
    DATABASES["target"] = _entry(os.environ["TRAP_TARGET"])
