"""P2, where the service is a database server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from outgrow.deploy.checking.fault import Fault
from outgrow.deploy.checking.yamls import Items, Table
from outgrow.dialects.tables import MYSQLS_OWN

if TYPE_CHECKING:
    from outgrow.deploy.checking.compose import Service

_SYSTEM = MYSQLS_OWN | {"postgres", "template1"}
_OPEN = {"MYSQL_ALLOW_EMPTY_PASSWORD", "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD", "MARIADB_ALLOW_EMPTY_PASSWORD"}
_OFF = {"", "0", "no", "false", "off"}


def judge(service: Service) -> Iterator[Fault]:
    yield from _health(service)
    yield from published(service)
    yield from _logins(service)
    yield from _volume(service)


def _health(service: Service) -> Iterator[Fault]:
    said = service.said.get("healthcheck")
    if not isinstance(said, Table) or said.get("disable") or not said.get("test"):
        yield service.fault("P203", service.line, f"{service.said.get('image')} without healthcheck")
        return
    test = said["test"]
    text = " ".join(map(str, test)) if isinstance(test, Items) else str(test)
    if "pg_isready" in text and not re.search(r"(?:-h|--host)[ =]?\S", text):
        yield service.fault(
            "P204", said.at("test"), f"{text}: the server of the first start listens on the same socket"
        )
    if re.search(r"(?:mysqladmin|mariadb-admin)\b.*\bping\b", text):
        yield service.fault("P204", said.at("test"), text)


def published(service: Service) -> Iterator[Fault]:
    """Ports that more than this machine reaches."""
    said = service.said.get("ports")
    if not isinstance(said, Items):
        return
    for one, line in zip(said, said.lines, strict=True):
        local = (
            str(one.get("host_ip", "")).startswith("127.")
            if isinstance(one, Table)
            else str(one).startswith(("127.", "[::1]", "localhost:"))
        )
        if service.production or not local:
            yield service.fault("P211", line, f"ports: {dict(one) if isinstance(one, Table) else one}")


def _logins(service: Service) -> Iterator[Fault]:
    for name, (value, line) in service.environment.items():
        plain = bool(value.strip()) and not value.strip().startswith("$")
        if name.endswith("_PASSWORD") and plain and service.production and not re.search("RANDOM|EMPTY", name):
            yield service.fault("P208", line, f"{name}: a password")
        if name.endswith("ROOT_HOST") and value.strip().strip("'\"") == "%":
            yield service.fault("P209", line, f"{name}: '%'")
        if name.endswith("_USER") and value == "root":
            yield service.fault("P210", line, f"{name}: root")
        if name.endswith(("_DATABASE", "DATABASE_NAME", "POSTGRES_DB")) and value in _SYSTEM:
            yield service.fault("P215", line, f"{name}: {value}")
        if (name == "POSTGRES_HOST_AUTH_METHOD" and value == "trust") or (name in _OPEN and value.lower() not in _OFF):
            yield service.fault("P217", line, f"{name}: {value}")


def _volume(service: Service) -> Iterator[Fault]:
    if service.engine != "postgres" or not re.match(r"(?:18|19|2\d)\b", service.image[1]):
        return
    said = service.said.get("volumes")
    for one, line in zip(said, said.lines, strict=True) if isinstance(said, Items) else ():
        target = str(one.get("target", "")) if isinstance(one, Table) else str(one)
        if "/var/lib/postgresql/data" in target:
            yield service.fault("P218", line, f"volumes: {target}")
