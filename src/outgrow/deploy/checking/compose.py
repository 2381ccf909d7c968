"""P2: Compose files. What may stand in one for development is judged more mildly than what is to run in production."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from outgrow.deploy.checking import databases, servers
from outgrow.deploy.checking.catalogue import fault
from outgrow.deploy.checking.ends import MOVING, ended, split_image
from outgrow.deploy.checking.fault import Fault
from outgrow.deploy.checking.yamls import Items, Table

_DATABASES = {
    "postgres": "postgres", "postgis": "postgres", "mysql": "mysql", "mariadb": "mariadb", "percona": "mysql",
    "postgresql": "postgres", "pgvector": "postgres", "timescaledb": "postgres", "mysql-server": "mysql",
}  # fmt: skip
_STORES = {  # which ask nobody for a password by themselves
    "redis", "valkey", "keydb", "redis-stack", "redis-stack-server", "memcached", "mongo", "mongodb", "elasticsearch",
    "opensearch", "rabbitmq",
}  # fmt: skip
_PROXIES = {"nginx", "caddy", "traefik", "haproxy", "httpd", "envoy", "nginx-unprivileged", "nginx-proxy", "certbot"}


@dataclass(frozen=True, slots=True)
class Service:
    """One service of a file."""

    file: str
    name: str
    said: Table
    line: int
    production: bool

    @property
    def image(self) -> tuple[str, str, str]:
        return split_image(str(self.said.get("image") or ""))

    @property
    def engine(self) -> str:
        """ "postgres", "mysql" or "mariadb"; "" for what is no database."""
        return _DATABASES.get(self.image[0], "")

    @property
    def is_proxy(self) -> bool:
        return self.image[0] in _PROXIES

    @property
    def command(self) -> str:
        return " ".join(_text(self.said.get(key)) for key in ("entrypoint", "command")).strip()

    @property
    def environment(self) -> dict[str, tuple[str, int]]:
        """Variables with value and line; those without a value come from outside."""
        said = self.said.get("environment")
        if isinstance(said, Table):
            return {str(k): ("" if v is None else str(v), said.at(k)) for k, v in said.items()}
        if isinstance(said, Items):
            pairs = [(str(one).partition("="), line) for one, line in zip(said, said.lines, strict=True)]
            return {name: (value, line) for (name, _, value), line in pairs}
        return {}

    def at(self, key: str) -> int:
        return self.said.at(key) if key in self.said else self.line

    def fault(self, id_: str, line: int, found: str) -> Fault:
        return fault(id_, self.file, line, f"{self.name}: {found}")


def judge(file: str, document: Any, *, production: bool, today: date) -> Iterator[Fault]:
    """``production``: whether the file is what production runs by."""
    services = document.get("services") if isinstance(document, Table) else None
    if not isinstance(services, Table):
        return
    found = [
        Service(file, str(name), said, services.at(name), production)
        for name, said in services.items()
        if isinstance(said, Table)
    ]
    for service in found:
        yield from _image(service, today)
        yield from _depends(service)
        if service.image[0] in _STORES:
            yield from databases.published(service)
        yield from databases.judge(service) if service.engine else servers.judge(service, found)


def _image(service: Service, today: date) -> Iterator[Fault]:
    name, tag, digest = service.image
    image, line = str(service.said.get("image") or ""), service.at("image")
    if not name or "$" in image or image == "none":
        return
    kind = service.engine or name
    if end := ended(kind, tag, today):
        yield service.fault("P101" if kind == "python" else "P201", line, f"image: {image}, which ended on {end}")
    if not digest and (not tag or tag in MOVING):
        yield service.fault("P202", line, f"image: {image}")


def _depends(service: Service) -> Iterator[Fault]:
    said = service.said.get("depends_on")
    if isinstance(said, Items) and said:
        yield service.fault("P205", said.lines[0], f"depends_on: {', '.join(map(str, said))}")
    if isinstance(said, Table):
        for name, how in said.items():
            condition = how.get("condition") if isinstance(how, Table) else None
            if condition in (None, "service_started") and not service.is_proxy:
                yield service.fault("P205", said.at(name), f"depends_on: {name} without a condition that waits")


def _text(said: Any) -> str:
    return " ".join(map(str, said)) if isinstance(said, Items) else str(said or "")
