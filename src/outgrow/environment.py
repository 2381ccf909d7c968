"""``DATABASES = outgrow.databases()``: the databases that the environment names by URLs, ready for a web server.

    DATABASE_URL     the default database; AUTH_DATABASE_URL is the alias auth, and so on
    REPLICA_URL      a replica of default; AUTH_REPLICA_URL one of auth: the aliases default_replica and auth_replica
    …_FILE           instead of each of these: a file that holds the URL, as secrets of containers do
    DATABASE_ROLE    migrator or reader: in the place of DATABASE_URL take DATABASE_URL_MIGRATOR or DATABASE_URL_READER
                     (of every alias), which `outgrow provision` writes
    DATABASE_CA      a file of certificate authorities, or "system", by which every server has to prove who it is
    CONN_MAX_AGE     seconds for which a connection is kept (60)

An error is one sentence in an ImproperlyConfigured, without anything of a URL but its scheme.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS

from outgrow.dialects import entries, family
from outgrow.errors import OutgrowError
from outgrow.places import read_url

URL, REPLICA = "DATABASE_URL", "REPLICA_URL"
ROLES = ("migrator", "reader")
CONN_MAX_AGE = 60
_NAMES = re.compile(rf"(?:(?P<alias>[A-Z][A-Z0-9_]*?)_)?{URL}(?P<role>_MIGRATOR|_READER)?(?:_FILE)?")


def databases(
    *aliases: str, default: str | None = None, tls: bool = True, environ: Mapping[str, str] | None = None
) -> dict[str, dict[str, Any]]:
    """DATABASES by the environment. ``aliases``: those to look for besides default; none means each that is named.

    ``default``: the URL where DATABASE_URL is not set. ``tls``: servers on other machines are reached by TLS or not at
    all, unless their URL says so itself (``sslmode``, ``ssl_mode``).
    """
    reader = _Reader(os.environ if environ is None else environ, tls)
    wanted = [alias for alias in aliases or reader.aliases() if alias != DEFAULT_DB_ALIAS]
    made: dict[str, dict[str, Any]] = {}
    for alias in (DEFAULT_DB_ALIAS, *wanted):
        url = reader.url(alias) or (default if alias == DEFAULT_DB_ALIAS else None)
        if url:
            made[alias] = reader.entry(url, variable(alias))
    if not made:
        raise ImproperlyConfigured(
            f"{URL} is not set: put the database's URL into it, such as postgresql://user:password@host:5432/name, or "
            f"name a file that holds it in {URL}_FILE."
        )
    for alias in list(made):
        name = replica_variable(alias)
        if url := reader.value(name):
            made[f"{alias}_replica"] = {**reader.entry(url, name), "TEST": {"MIRROR": alias}}
    if DEFAULT_DB_ALIAS not in made:
        for entry in made.values():  # else Django's tests wait for a default database
            entry.setdefault("TEST", {"DEPENDENCIES": []})
        made = {DEFAULT_DB_ALIAS: {}, **made}
    return made


def variable(alias: str, role: str = "") -> str:
    """DATABASE_URL, of another alias than default AUTH_DATABASE_URL, of a role DATABASE_URL_MIGRATOR."""
    return _prefix(alias) + URL + (f"_{role.upper()}" if role else "")


def replica_variable(alias: str) -> str:
    return _prefix(alias) + REPLICA


def _prefix(alias: str) -> str:
    return "" if alias == DEFAULT_DB_ALIAS else re.sub(r"\W", "_", alias).upper() + "_"


class _Reader:
    """One environment."""

    def __init__(self, environ: Mapping[str, str], tls: bool) -> None:
        self.environ, self.tls = environ, tls
        self.role = environ.get("DATABASE_ROLE", "").strip().lower()
        if self.role in ("app", ""):
            self.role = ""
        elif self.role not in ROLES:
            near = get_close_matches(self.role, ROLES, 1)
            raise ImproperlyConfigured(
                f"DATABASE_ROLE is {self.role!r}: expected migrator or reader, or nothing for the application's own"
                + (f"; did you mean '{near[0]}'?" if near else ".")
            )
        self.authorities = self._authorities()
        self.seconds = self._seconds()

    def aliases(self) -> list[str]:
        """Every alias that has a URL for this role, in the order of their names."""
        role = f"_{self.role.upper()}" if self.role else None
        found = (_NAMES.fullmatch(name) for name, value in self.environ.items() if value)
        return sorted({m["alias"].lower() for m in found if m and m["alias"] and m["role"] in (None, role)})

    def url(self, alias: str) -> str:
        """The URL of an alias for this role, "" where there is none."""
        own = self.value(variable(alias))
        if not self.role:
            return own
        name = variable(alias, self.role)
        found = self.value(name)
        if not found and own and family(self._read(own, variable(alias))) != "sqlite":  # a file has no roles
            raise ImproperlyConfigured(
                f"DATABASE_ROLE is {self.role}, and {name} is not set: put the URL of that role into it, as `outgrow "
                "provision` does, or unset DATABASE_ROLE."
            )
        return found or own

    def value(self, name: str) -> str:
        """What a variable holds, or the file that NAME_FILE names."""
        held, file = self.environ.get(name, "").strip(), self.environ.get(f"{name}_FILE", "").strip()
        if held and file:
            raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: unset one of them.")
        if not file:
            return held
        try:
            with open(file, encoding="utf-8") as opened:
                held = opened.read().strip()
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            raise ImproperlyConfigured(
                f"{name}_FILE names {file}, which cannot be read ({reason}): correct its path or its mode."
            ) from None
        if not held:
            raise ImproperlyConfigured(f"{name}_FILE names {file}, which is empty: put the database's URL into it.")
        return held

    def entry(self, url: str, name: str) -> dict[str, Any]:
        """One entry of DATABASES, complete but for what Django fills in by itself."""
        entry = self._read(url, name)
        # A connection that was kept is tried before it is used: a server that was started anew fails nobody's request.
        entry |= {"CONN_MAX_AGE": self.seconds, "CONN_HEALTH_CHECKS": True}
        try:
            return entries.tuned(entry, tls=self.tls, authorities=self.authorities)
        except entries.Unfit as error:
            raise ImproperlyConfigured(f"The URL in {name} {error}.") from None

    def _read(self, url: str, name: str) -> dict[str, Any]:
        if "://" not in url:
            raise ImproperlyConfigured(
                f"{name} holds no database URL: put one such as postgresql://user:password@host:5432/name into it."
            )
        try:
            return read_url(url, f"The URL in {name}")[0]
        except OutgrowError as error:
            raise ImproperlyConfigured(str(error)) from None

    def _authorities(self) -> str | None:
        file = self.environ.get("DATABASE_CA", "").strip()
        if file and file != entries.SYSTEM and not os.access(file, os.R_OK):
            raise ImproperlyConfigured(
                f'DATABASE_CA names {file}, which cannot be read: correct the path, or write "{entries.SYSTEM}" for '
                "the authorities that this machine trusts."
            )
        return file or None

    def _seconds(self) -> int:
        said = self.environ.get("CONN_MAX_AGE", "").strip() or str(CONN_MAX_AGE)
        if not (said.isascii() and said.isdigit()):
            raise ImproperlyConfigured(f"CONN_MAX_AGE is {said!r}: expected whole seconds from 0 on.")
        return int(said)
