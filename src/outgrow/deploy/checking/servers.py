"""P2, where the service is a web server, a worker or a proxy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from outgrow.deploy.checking.fault import SETTING, Fault
from outgrow.deploy.checking.yamls import Items, Table
from outgrow.dialects.tables import MYSQLS_OWN

if TYPE_CHECKING:
    from outgrow.deploy.checking.compose import Service

_SERVES = re.compile(r"\b(?:gunicorn|runserver|uwsgi|uvicorn|daphne|hypercorn|granian)\b")
_SECRET = re.compile(r"(?:^|_)(?:SECRET|PASSWORD|PASSWD|TOKEN|SECRET_KEY|API_KEY|ACCESS_KEY)(?:_|$)")
_ROOT = {"root", "postgres", "admin"}


def judge(service: Service, others: list[Service]) -> Iterator[Fault]:
    yield from _command(service)
    yield from _settings(service)
    if service.production:
        yield from _scaling(service, others)


def _command(service: Service) -> Iterator[Fault]:
    command, line = service.command, service.at("command")
    if re.search(r"\bmigrate\b", command) and _SERVES.search(command):
        yield service.fault("P206", line, command)
    if "runserver" in command and service.production:
        yield service.fault("P207", line, command)


def _settings(service: Service) -> Iterator[Fault]:
    for name, (value, line) in service.environment.items():
        plain = bool(value.strip()) and not value.strip().startswith("$")
        if name.endswith("_FILE"):
            continue
        secret = _SECRET.search(name) and not SETTING.search(name)
        if service.production and plain and (secret or re.search(r"://[^/@\s:]+:(?!\$)[^@\s]+@", value)):
            yield service.fault("P208", line, f"{name}: a secret")
        if re.search(r"(?:^|_)(?:DATABASE|DB|MYSQL|POSTGRES|SQL)_?USER(?:NAME)?$", name) and value in _ROOT:
            yield service.fault("P210", line, f"{name}: {value}")
        if re.search(r"://(?:root|postgres)(?::[^@]*)?@", value):
            yield service.fault("P210", line, f"{name}: a URL with the server's own account")
        if name.endswith(("DATABASE_NAME", "DB_NAME", "MYSQL_DATABASE")) and value in MYSQLS_OWN:
            yield service.fault("P215", line, f"{name}: {value}")
        if (
            service.production
            and re.search(r"(?:^|_)DEBUG$", name)
            and value.strip().lower() in ("1", "true", "yes", "on")
        ):
            yield service.fault("P219", line, f"{name}: {value}")


def _scaling(service: Service, others: list[Service]) -> Iterator[Fault]:
    """What keeps a web server from having replicas, and a version from standing beside another."""
    if "container_name" in service.said:
        yield service.fault("P213", service.at("container_name"), f"container_name: {service.said['container_name']}")
    proxied = any(other.is_proxy for other in others)
    serves = bool(_SERVES.search(service.command)) or "build" in service.said
    ports = service.said.get("ports")
    if not service.is_proxy and proxied and serves and isinstance(ports, Items) and ports:
        yield service.fault("P214", service.at("ports"), f"ports: {', '.join(map(str, ports))}")
    yield from _mounts(service)
    if _SERVES.search(service.command) and "stop_grace_period" not in service.said:
        yield service.fault("P216", service.line, "no stop_grace_period")


def _mounts(service: Service) -> Iterator[Fault]:
    said = service.said.get("volumes")
    if service.is_proxy or not isinstance(said, Items):
        return
    for one, line in zip(said, said.lines, strict=True):
        source = str(one.get("source", "")) if isinstance(one, Table) else str(one).partition(":")[0]
        if source in (".", "./", "..", "../", "./src", "./app", "./backend", "$PWD", "${PWD}"):
            yield service.fault("P212", line, f"volumes: {dict(one) if isinstance(one, Table) else one}")
