"""The only reader of the project's settings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from django.conf import settings

CACHE_IN_DATABASE = "django.core.cache.backends.db.DatabaseCache"


def databases() -> dict[str, dict[str, Any]]:
    """DATABASES as the project wrote it, without the empty "default" that Django tolerates."""
    return {alias: dict(entry) for alias, entry in settings.DATABASES.items() if entry}


def settings_module() -> str:
    """The dotted name of the project's settings, for the child processes that load them again."""
    return str(getattr(settings, "SETTINGS_MODULE", None) or os.environ.get("DJANGO_SETTINGS_MODULE", ""))


def installed_apps() -> list[str]:
    return list(settings.INSTALLED_APPS)


_added = False  # set_up() put Outgrow among the apps, for this process only


def project_apps() -> list[str]:
    """INSTALLED_APPS as the project wrote it."""
    return [app for app in settings.INSTALLED_APPS if not (_added and app == "outgrow")]


def has_outgrow() -> bool:
    """Whether the settings have an OUTGROW that more can be added to."""
    return bool(getattr(settings, "OUTGROW", None))


def migration_modules() -> dict[str, str | None]:
    return dict(settings.MIGRATION_MODULES)


def routers() -> list[Any]:
    """DATABASE_ROUTERS: dotted names, or instances."""
    return list(settings.DATABASE_ROUTERS)


def routes() -> tuple[Any, Any]:
    """OUTGROW["OWNERS"] and OUTGROW["REPLICAS"] as the project wrote them; None where it did not."""
    declared = outgrow()
    return declared.get("OWNERS"), declared.get("REPLICAS")


def outgrow() -> Mapping[str, Any]:
    """OUTGROW as the project wrote it; empty where it did not."""
    declared = getattr(settings, "OUTGROW", None)
    return declared if isinstance(declared, Mapping) else {}


def swapped_in(setting: str) -> str:
    """The "app_label.Model" that a setting such as AUTH_USER_MODEL names; "" where there is no such setting."""
    return str(getattr(settings, setting, ""))


def rehearse() -> Any:
    """OUTGROW["REHEARSE"] as the project wrote it; None where nothing is to be watched."""
    return outgrow().get("REHEARSE")


def use_tz() -> bool:
    return bool(settings.USE_TZ)


def time_zone() -> str:
    """TIME_ZONE: how naive datetimes are meant, and aware ones are shown."""
    return str(settings.TIME_ZONE)


def cache_tables() -> tuple[str, ...]:
    """Tables of database caches: their rows are worth nothing elsewhere."""
    caches: Mapping[str, Mapping[str, Any]] = settings.CACHES
    return tuple(str(c["LOCATION"]) for c in caches.values() if c.get("BACKEND") == CACHE_IN_DATABASE)


def base_dir() -> str:
    """Where the project lies: BASE_DIR if the settings name it, else the working directory."""
    return str(getattr(settings, "BASE_DIR", None) or os.getcwd())


def set_up(module: str | None = None) -> None:
    """Load the project as its own processes do, with Outgrow among its apps for this process only."""
    global _added
    import django

    if module:
        os.environ["DJANGO_SETTINGS_MODULE"] = module
    apps = list(settings.INSTALLED_APPS)
    if not any(app == "outgrow" or app.startswith("outgrow.") for app in apps):
        settings.INSTALLED_APPS = [*apps, "outgrow"]
        _added = True
    django.setup()


def is_loaded() -> bool:
    return bool(settings.configured)
