"""Databases by what people type: an alias of the project, a URL, or ``env:NAME`` with a URL inside.

A :class:`Place` is what comes out: the complete settings of one database, and a form of it that may be printed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.utils import ConnectionHandler

from outgrow import conf
from outgrow.errors import OutgrowError

ROUTER = "outgrow.routing.Router"

# URL scheme → (what dj-database-url calls it, what people call it)
SCHEMES = {
    "sqlite": ("sqlite", "SQLite"),
    "postgres": ("postgres", "PostgreSQL"),
    "postgresql": ("postgres", "PostgreSQL"),
    "pgsql": ("postgres", "PostgreSQL"),
    "postgis": ("postgis", "PostgreSQL"),
    "mysql": ("mysql", "MySQL"),
    "mysqlgis": ("mysqlgis", "MySQL"),
    "mariadb": ("mysql", "MariaDB"),
}
_SPOKEN = (("sqlite", "SQLite"), ("spatialite", "SQLite"), ("postg", "PostgreSQL"), ("mysql", "MySQL"))
_FORMS = "an alias of DATABASES, env:NAME, or a URL such as postgres://user@host:5432/name"
_SECRET_OPTIONS = ("password", "passwd", "passphrase", "sslpassword", "secret", "token")
_seen: set[str] = set()


class UnknownPlace(OutgrowError):
    """What was typed names no database."""


@dataclass(frozen=True)
class Place:
    """One database as named by a person. ``label`` and ``spoken`` hold no secret; ``settings`` do."""

    label: str  # "default", "env:TARGET", "postgres://db.example:5432/shop"
    settings: Mapping[str, Any] = field(repr=False)
    spoken: str  # "PostgreSQL shop on db.example:5432"
    alias: str | None = None  # the project's alias, if it was one
    variable: str | None = None  # the environment variable, if it was one
    from_argv_password: bool = False  # a password was typed where `ps` shows it

    @property
    def warning(self) -> str | None:
        """One sentence if naming it this way was unsafe."""
        if not self.from_argv_password:
            return None
        return (
            f"The password of {self.label} stands in the command line, where other users of this machine and your "
            "shell's history can read it: put the URL into an environment variable and write env:NAME."
        )

    @property
    def names(self) -> tuple[str, ...]:
        """What counts as this database's name when a person must type it out: alias or database name."""
        name = str(self.settings.get("NAME", ""))
        return tuple(dict.fromkeys(n for n in (self.alias or "", name, os.path.basename(name)) if n))


def resolve(text: str, *, from_argv: bool = True, whole_server: bool = False) -> Place:
    """The database that ``text`` names, or UnknownPlace with one sentence that repeats no secret.

    ``whole_server``: the server is meant, so that a URL need not name a database.
    """
    text = text.strip()
    if text.startswith("env:"):
        return _from_variable(text[4:], whole_server)
    if "://" in text:
        settings, label, spoken = _parse(text, "The URL", whole_server=whole_server)
        return Place(label, settings, spoken, from_argv_password=from_argv and bool(settings["PASSWORD"]))
    known = conf.databases()
    if text in known:
        settings = complete(known[text])
        return Place(text, settings, describe(settings), alias=text)
    listed = ", ".join(known) or "none"
    shown = "of that name" if "@" in text or ":" in text else repr(text)  # what looks like a login is not repeated
    raise UnknownPlace(f"DATABASES has no alias {shown} (it has {listed}{_meant(text, known)}): give {_FORMS}.")


def _meant(text: str, known: Iterable[str], end: str = "") -> str:
    """ "; did you mean 'default'?", or nothing where no known name is near."""
    near = get_close_matches(text.lower(), known, 1)
    return f"; did you mean '{near[0]}{end}'?" if near else ""


def _from_variable(name: str, whole_server: bool) -> Place:
    value = os.environ.get(name, "")
    if not value:
        near = get_close_matches(name, [other for other, held in os.environ.items() if "://" in held], 1)
        meant = f" (did you mean {near[0]}?)" if near else ""
        raise UnknownPlace(
            f"The environment variable {name} is not set{meant}: put the database's URL into it and try again."
        )
    if "://" not in value:
        raise UnknownPlace(
            f"The environment variable {name} holds no database URL: "
            "put one such as postgres://user:password@host/name into it."
        )
    settings, _, spoken = _parse(value, f"The URL in {name}", whole_server=whole_server)
    return Place(f"env:{name}", settings, spoken, variable=name)


def _parse(url: str, named: str, *, whole_server: bool = False) -> tuple[dict[str, Any], str, str]:
    """Settings, label and spoken form of a URL; ``named`` stands for it in errors, for it may hold a password."""
    entry, scheme = read_url(url, named, whole_server=whole_server)
    settings = complete(entry)
    return settings, _label(scheme, settings), describe(settings, SCHEMES[scheme][1])


def read_url(url: str, named: str, *, whole_server: bool = False) -> tuple[dict[str, Any], str]:
    """A DATABASES entry with what the URL says, and the URL's scheme; UnknownPlace with a sentence that repeats nothing
    of the URL but its scheme. ``whole_server``: it need not name a database.
    """
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in SCHEMES:
        near = _meant(scheme, SCHEMES, "://")
        raise UnknownPlace(f"{named} starts with an unknown engine: expected one of {_schemes()}{near.rstrip('?')}.")
    dialect = SCHEMES[scheme.lower()][0]
    try:
        entry: dict[str, Any] = dict(dj_database_url.parse(f"{dialect}://{rest}"))
        parts = urlsplit(f"{dialect}://{rest}")
    except ValueError:
        raise UnknownPlace(f"{named} cannot be read: {_ENCODE}.") from None
    if dialect != "sqlite" and "@" in f"{parts.path}{parts.query}{parts.fragment}":
        raise UnknownPlace(f"{named} cannot be read: {_ENCODE}.")
    if dialect == "sqlite" and not parts.path.strip("/"):
        entry["NAME"] = ""
    if not entry.get("NAME") and not whole_server:
        raise UnknownPlace(f"{named} names no database: end it with /name.")
    _lift_options(entry)
    return entry, scheme.lower()


_ENCODE = "percent-encode special characters of user and password (for example @ as %40, / as %2F, # as %23)"


def _schemes() -> str:
    return ", ".join(f"{s}://" for s in ("postgresql", "mysql", "mariadb", "sqlite"))


def _lift_options(entry: dict[str, Any]) -> None:
    """Connection parts given as query options (?host=/run/postgresql) go where Django looks for them."""
    options = entry.get("OPTIONS", {})
    for option, key in (("host", "HOST"), ("port", "PORT"), ("user", "USER"), ("password", "PASSWORD")):
        if option in options and not entry.get(key):
            entry[key] = str(options.pop(option))


def _label(scheme: str, settings: Mapping[str, Any]) -> str:
    if scheme == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    return f"{scheme}://{_where(settings)}/{settings['NAME']}"


def _where(settings: Mapping[str, Any]) -> str:
    host, port = str(settings.get("HOST") or "localhost"), settings.get("PORT")
    return f"{host}:{port}" if port else host


def complete(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a DATABASES entry with Django's defaults filled in."""
    handler = ConnectionHandler({"default": {}, "place": {**entry, "OPTIONS": dict(entry.get("OPTIONS") or {})}})
    settings: dict[str, Any] = handler.settings["place"]
    _seen.update(secrets(settings))
    return settings


def describe(settings: Mapping[str, Any], engine: str | None = None) -> str:
    """How a database is called in output, e.g. "PostgreSQL shop on db.example:5432"; no user, no secret."""
    engine = engine or _engine(settings)
    name = str(settings.get("NAME") or "")
    if engine == "SQLite":
        return f"SQLite {_short_path(name)}"
    return f"{engine} {name or '(no name)'} on {_where(settings)}"


def _engine(settings: Mapping[str, Any]) -> str:
    """What people call the engine."""
    tail = str(settings.get("ENGINE", "")).rsplit(".", 1)[-1].lower()
    return next((spoken for part, spoken in _SPOKEN if part in tail), tail or "no engine")


def _short_path(path: str) -> str:
    """A path below the working directory is shown from there."""
    if not os.path.isabs(path):
        return path
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


def secrets(settings: Mapping[str, Any]) -> set[str]:
    """The values of a DATABASES entry that must never be seen."""
    found = {str(settings.get("PASSWORD") or "")}
    found |= {str(v) for k, v in (settings.get("OPTIONS") or {}).items() if _is_secret(k)}
    return {value for value in found if value}


def known_secrets() -> set[str]:
    """Every secret of the project's DATABASES and of the places named so far, to scrub tracebacks with."""
    known = set(_seen)
    for entry in conf.databases().values():
        known |= secrets(entry)
    return known


def hide(*more: str) -> None:
    """Secrets that were made here, for :func:`known_secrets`."""
    _seen.update(filter(None, more))


def _is_secret(option: str) -> bool:
    return any(part in str(option).lower() for part in _SECRET_OPTIONS)


def register(alias: str, settings: Mapping[str, Any]) -> None:
    """Make a database known to Django under an alias for the rest of this process (to read the ledger with the ORM)."""
    if alias in connections.settings:
        connections[alias].close()
        del connections[alias]
    connections.settings[alias] = complete(settings)


_KEPT = (
    "ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "TIME_ZONE", "ATOMIC_REQUESTS", "CONN_MAX_AGE",
    "CONN_HEALTH_CHECKS", "DISABLE_SERVER_SIDE_CURSORS",
)  # fmt: skip
_LIVES_ON = ("ATOMIC_REQUESTS", "CONN_MAX_AGE", "CONN_HEALTH_CHECKS")  # how requests use any engine


def settings_block(place: Place, alias: str | None = None) -> str:
    """The DATABASES to paste, as Python: every value as it was used, each secret taken from the environment.

    ``alias`` is the entry that is replaced; of a project that has further databases it is the only one.
    """
    alias = alias or DEFAULT_DB_ALIAS
    if set(conf.databases()) <= {alias, place.alias}:
        lines = ["DATABASES = {", f'    "{alias}": {{', *_entry(place, alias), "    },", "}"]
    else:
        lines = _assignment(place, alias)
    return "\n".join([*_whose(place), *_with_imports(lines)]) + "\n"


def _whose(place: Place) -> list[str]:
    """A remark, where the login is not the one that should serve (environment.py has the names of its variables)."""
    service = (place.variable or "").removesuffix("_MIGRATOR")
    if not service or service == place.variable:
        return []
    return [
        f"# {place.settings['USER']} owns the tables, and is for migrations. The service logs in by {service}:",
        "# DATABASES = outgrow.databases() reads the one or the other, by DATABASE_ROLE.",
    ]


def _assignment(place: Place, alias: str) -> list[str]:
    """One entry, put beside those that are there."""
    return [f'DATABASES["{alias}"] = {{', *(line[4:] for line in _entry(place, alias)), "}"]


def _with_imports(lines: list[str]) -> list[str]:
    return ["import os", "", *lines] if any("os.environ[" in line for line in lines) else lines


def _entry(place: Place, alias: str) -> list[str]:
    """The lines of one entry of DATABASES.

    A URL says nothing of transactions and kept connections: there the entry that is replaced keeps its word.
    """
    lines: list[str] = []
    replaced = conf.databases().get(alias, {})
    for key in _KEPT:
        value = place.settings.get(key)
        if key in _LIVES_ON and place.alias is None and _is_default(key, value):
            value = replaced.get(key, value)
        if key == "PASSWORD" and value:
            lines.append(f'        "PASSWORD": os.environ["{secret_variable(alias)}"],')
        elif (key, value) == ("TIME_ZONE", "UTC"):
            continue  # Django's own when there is none
        elif not _is_default(key, value) or key in ("ENGINE", "NAME"):
            lines.append(f'        "{key}": {_python(_from_anywhere(place, value) if key == "NAME" else value)},')
    return lines + _options_block(place.settings.get("OPTIONS") or {}, alias)


def split_block(place: Place, alias: str, owners: Mapping[str, Any]) -> str:
    """What goes to the end of the settings after a split: the new database, unless it has its alias; owners; router."""
    lines: list[str] = []
    if place.alias is None:
        lines += _with_imports(_assignment(place, alias))
    lines += ["OUTGROW = {", *(["    **OUTGROW,"] if conf.has_outgrow() else []), '    "OWNERS": {']
    for name, entries in owners.items():
        listed = _python(entries) if isinstance(entries, str) else f"[{', '.join(map(_python, entries))}]"
        lines.append(f"        {_python(name)}: {listed},")
    lines += ["    },", "}"]
    others = [r for r in conf.routers() if r != ROUTER]
    more = ", *(r for r in DATABASE_ROUTERS if r != " + _python(ROUTER) + ")" if others else ""
    lines.append(f"DATABASE_ROUTERS = [{_python(ROUTER)}{more}]")
    if not any(app == "outgrow" or app.startswith("outgrow.") for app in conf.project_apps()):
        lines.append('INSTALLED_APPS = [*INSTALLED_APPS, "outgrow"]')
    return "\n".join(lines) + "\n"


def secret_variable(alias: str, option: str = "PASSWORD") -> str:
    """Where a block takes a secret from: DATABASE_PASSWORD, of a further database AUTH_DB_PASSWORD."""
    prefix = "DATABASE" if alias == DEFAULT_DB_ALIAS else re.sub(r"\W", "_", alias).upper()
    return f"{prefix}_{option.upper()}"


def block_environment(place: Place, alias: str | None = None) -> dict[str, str]:
    """What the block of :func:`settings_block` or :func:`split_block` takes from the environment."""
    alias = alias or DEFAULT_DB_ALIAS
    options = place.settings.get("OPTIONS") or {}
    found = {secret_variable(alias, name): str(value) for name, value in options.items() if _is_secret(name)}
    return {secret_variable(alias): str(place.settings.get("PASSWORD") or ""), **found}


def _is_default(key: str, value: Any) -> bool:
    return value in ("", False, 0) or (value is None and key != "CONN_MAX_AGE")  # there None means for ever


def _from_anywhere(place: Place, name: Any) -> Any:
    """A SQLite file by its whole path: from another folder a relative one would be a new and empty file."""
    name = os.fspath(name) if isinstance(name, os.PathLike) else name
    if _engine(place.settings) != "SQLite" or not name or name.startswith((":memory:", "file:")):
        return name
    return os.path.abspath(name)


def _options_block(options: Mapping[str, Any], alias: str) -> list[str]:
    lines = []
    for name, value in options.items():
        if _is_secret(name):
            lines.append(f'            "{name}": os.environ["{secret_variable(alias, name)}"],')
        elif _is_plain(value):
            lines.append(f'            "{name}": {_python(value)},')
        else:
            lines.append(f'            # "{name}": as in your present settings ({type(value).__name__})')
    return ['        "OPTIONS": {', *lines, "        },"] if lines else []


def _python(value: Any) -> str:
    """A plain value as Python in the project's usual double quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_python(k)}: {_python(v)}" for k, v in value.items()) + "}"
    if isinstance(value, str) and '"' not in value and repr(value)[0] == "'":
        return f'"{repr(value)[1:-1]}"'
    return repr(value)


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_plain, [*value, *value.values()])) and not any(map(_is_secret, value))
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return value is None or type(value) in (str, int, float, bool)
