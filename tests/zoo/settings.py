"""Settings of the zoo.

ZOO_DATABASE_URL   any URL that dj-database-url reads; ZOO_SQLITE names an SQLite file instead
ZOO_PGONLY=1       adds the models that only PostgreSQL can hold
ZOO_PGEXTRA=1      with it adds hstore and an ICU collation, where the server has these
ZOO_SWAPPED_USER=1 replaces auth.User by a user model whose key is a UUID
"""

from __future__ import annotations

import importlib.util
import os
import tempfile
from pathlib import Path

import dj_database_url
import django

_sqlite_file = os.environ.get("ZOO_SQLITE") or str(Path(tempfile.gettempdir()) / f"zoo-{os.getuid()}.sqlite3")
_database = dj_database_url.parse(os.environ.get("ZOO_DATABASE_URL") or f"sqlite:///{_sqlite_file}")
if _database["ENGINE"] == "django.db.backends.mysql":
    _database.setdefault("OPTIONS", {}).setdefault("charset", "utf8mb4")
DATABASES = {"default": _database}

INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "tests.zoo.animals"]
if importlib.util.find_spec("PIL"):
    INSTALLED_APPS.append("tests.zoo.pictures")
for _since in ((5, 0), (5, 2), (6, 1)):
    if _since <= django.VERSION:
        INSTALLED_APPS.append(f"tests.zoo.since{_since[0]}{_since[1]}")
if os.environ.get("ZOO_PGONLY") == "1":
    INSTALLED_APPS += ["django.contrib.postgres", "tests.zoo.pgonly"]
if os.environ.get("ZOO_PGEXTRA") == "1":
    INSTALLED_APPS.append("tests.zoo.pgextra")
if os.environ.get("ZOO_SWAPPED_USER") == "1":
    INSTALLED_APPS.append("tests.zoo.keepers")
    AUTH_USER_MODEL = "keepers.Keeper"

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SECRET_KEY = "the zoo keeps no secrets"
USE_TZ = True
TIME_ZONE = "UTC"
MEDIA_ROOT = tempfile.gettempdir()

# Constraints and indexes that one engine ignores are the zoo's purpose (traps 75 and 76).
SILENCED_SYSTEM_CHECKS = [
    "fields.W163",  # no comments on SQLite
    "fields.W162",
    "models.W036",  # conditional unique constraints: MySQL, MariaDB
    "models.W037",  # partial indexes: MySQL, MariaDB
    "models.W038",  # deferrable unique constraints: only PostgreSQL
    "models.W039",  # covering unique constraints: only PostgreSQL
    "models.W040",  # covering indexes: only PostgreSQL
    "models.W043",  # indexes on expressions: MariaDB
    "models.W044",  # unique constraints on expressions: MariaDB
    "models.W046",  # no table comments on SQLite
    "models.W047",  # nulls_distinct: only PostgreSQL
    "mysql.W003",  # unique CharField longer than 255
]
