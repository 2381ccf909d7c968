"""The only reader of the project's settings."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

CACHE_IN_DATABASE = "django.core.cache.backends.db.DatabaseCache"

NONE = (None, "", "django.db.backends.dummy")  # the last is what Django makes of an empty "default"


def databases() -> dict[str, dict[str, Any]]:
    """DATABASES as the project wrote it, without the empty "default" that Django tolerates."""
    return {alias: dict(entry) for alias, entry in settings.DATABASES.items() if entry.get("ENGINE") not in NONE}


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


def middleware() -> tuple[str, ...]:
    """MIDDLEWARE: dotted names, from the outermost."""
    return tuple(settings.MIDDLEWARE or ())


def session_engine() -> str:
    """SESSION_ENGINE: the module that keeps sessions."""
    return str(settings.SESSION_ENGINE)


def routes() -> tuple[Any, Any]:
    """OUTGROW["OWNERS"] and OUTGROW["REPLICAS"] as the project wrote them; None where it did not."""
    declared = outgrow()
    return declared.get("OWNERS"), declared.get("REPLICAS")


def outgrow() -> Mapping[str, Any]:
    """OUTGROW as the project wrote it; empty where it did not."""
    declared = getattr(settings, "OUTGROW", None)
    return declared if isinstance(declared, Mapping) else {}


CROSSING = "crossing"
LOOSEN = f'OUTGROW["LOOSE"] = "{CROSSING}"'


def loose() -> Any:
    """OUTGROW["LOOSE"]: "crossing" where the project's own keys that cross owners are to be loose, else None."""
    return outgrow().get("LOOSE")


def swapped_in(setting: str) -> str:
    """The "app_label.Model" that a setting such as AUTH_USER_MODEL names; "" where there is no such setting."""
    return str(getattr(settings, setting, ""))


def rehearse() -> Any:
    """OUTGROW["REHEARSE"] as the project wrote it; None where nothing is to be watched."""
    return outgrow().get("REHEARSE")


ROUND_ROBIN, LEAST_LAG = "round robin", "least lag"


@dataclass(frozen=True, slots=True)
class Replicas:
    """How reads use the replicas."""

    choice: str = ROUND_ROBIN
    check_seconds: float = 2.0
    max_lag: float = 10.0  # seconds, beyond which a replica serves no reads
    cookie: str = "outgrow_position"
    header: str | None = None  # for clients without cookies
    max_age: int = 300  # seconds for which a cookie or header is good


_REPLICAS: dict[str, tuple[str, tuple[type, ...]]] = {
    "REPLICA_CHOICE": ("choice", (str,)),
    "REPLICA_CHECK_SECONDS": ("check_seconds", (int, float)),
    "REPLICA_MAX_LAG": ("max_lag", (int, float)),
    "POSITION_COOKIE": ("cookie", (str,)),
    "POSITION_HEADER": ("header", (str,)),
    "POSITION_MAX_AGE": ("max_age", (int,)),
}


REPLICA_KEYS = tuple(_REPLICAS)


def replicas() -> Replicas:
    """OUTGROW["REPLICA_…"] and OUTGROW["POSITION_…"]; raises ImproperlyConfigured for a value that cannot be used."""
    declared, found = outgrow(), {}
    for key, (name, types) in _REPLICAS.items():
        value = declared.get(key)
        if value is None:
            continue
        fits = isinstance(value, types) and not isinstance(value, bool) and value not in ("", 0)
        if not fits or (key == "REPLICA_CHOICE" and value not in (ROUND_ROBIN, LEAST_LAG)):
            expected = f'"{ROUND_ROBIN}" or "{LEAST_LAG}"' if key == "REPLICA_CHOICE" else _wanted(types)
            raise ImproperlyConfigured(f'OUTGROW["{key}"] is {value!r}; expected {expected}.')
        found[name] = value
    return Replicas(**found)


def workers() -> dict[str, tuple[str, ...]]:
    """OUTGROW["WORKERS"]: the words of each background process's command, by its name; raises ImproperlyConfigured."""
    declared = outgrow().get("WORKERS") or {}
    if not isinstance(declared, Mapping):
        raise ImproperlyConfigured(
            f'OUTGROW["WORKERS"] is {declared!r}; expected commands by names, as {{"tasks": "celery -A shop worker"}}.'
        )
    return {str(name): _command(str(name), command) for name, command in declared.items()}


def _command(name: str, command: Any) -> tuple[str, ...]:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,29}", name):
        raise ImproperlyConfigured(
            f'OUTGROW["WORKERS"] has the name "{name}"; expected a small letter, then up to 29 of a-z, 0-9 and "-".'
        )
    try:
        words = shlex.split(command) if isinstance(command, str) else [str(word) for word in command]
    except (TypeError, ValueError):
        words = []
    if not words:
        raise ImproperlyConfigured(
            f'OUTGROW["WORKERS"]["{name}"] is {command!r}; expected a command, as "celery -A shop worker".'
        )
    return tuple(words)


def _wanted(types: tuple[type, ...]) -> str:
    return "a text" if str in types else "a number above 0"


def session_cookie() -> dict[str, Any]:
    """How the project wants its cookies that belong to a user: those of its sessions."""
    return {
        "domain": settings.SESSION_COOKIE_DOMAIN,
        "path": settings.SESSION_COOKIE_PATH,
        "secure": settings.SESSION_COOKIE_SECURE or None,
        "samesite": settings.SESSION_COOKIE_SAMESITE or "Lax",
    }


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


def wsgi_application() -> str:
    """WSGI_APPLICATION: the dotted name of what is served; "" where there is none."""
    return str(settings.WSGI_APPLICATION or "")


def static() -> tuple[str, str]:
    """STATIC_URL and STATIC_ROOT; "" where they are not set."""
    return str(settings.STATIC_URL or ""), str(settings.STATIC_ROOT or "")


def debug() -> bool:
    return bool(settings.DEBUG)


def allowed_hosts() -> list[str]:
    return list(settings.ALLOWED_HOSTS)


def media_root() -> str:
    """MEDIA_ROOT: the folder of users' files; "" where there is none."""
    return str(settings.MEDIA_ROOT or "")


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


def set_up_alone() -> None:
    """Without a project: Django's own defaults, no database, and no app but Outgrow."""
    import django

    settings.configure(INSTALLED_APPS=["outgrow"])
    django.setup()


def is_loaded() -> bool:
    return bool(settings.configured)
