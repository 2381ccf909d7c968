"""Settings of the shop, a project small enough to be moved a hundred times.

SHOP_DATABASE_URL   any URL that dj-database-url reads
SHOP_TRIGGERS=1     its second migration makes triggers that would spoil every row loaded
"""

from __future__ import annotations

import os

import dj_database_url

DATABASES = {"default": dj_database_url.parse(os.environ["SHOP_DATABASE_URL"])}
if "SHOP_SECOND_URL" in os.environ:
    DATABASES["second"] = dj_database_url.parse(os.environ["SHOP_SECOND_URL"])
INSTALLED_APPS = ["tests.faults.shop"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SECRET_KEY = "the shop keeps this one to itself"
USE_TZ = True
TIME_ZONE = "UTC"
