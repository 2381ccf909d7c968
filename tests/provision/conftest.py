"""Servers with TLS, and one database with its three roles for each test, gone when it ends."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import django
import psycopg
import pytest
import trustme
from django.conf import settings

from outgrow.dialects import dialect_for
from outgrow.dialects.base import Session
from outgrow.dialects.provisioning import ROLES
from outgrow.events import Watch, silent
from outgrow.options import ProvisionOptions
from outgrow.places import complete, read_url
from outgrow.provision import Outcome, provision
from tests.conftest import require
from tests.engines import Server, start_private

if not settings.configured:
    settings.configure(USE_TZ=True, INSTALLED_APPS=["outgrow"])
    django.setup()

ENGINES = ("postgresql", "mysql", "mariadb")


@pytest.fixture(scope="session")
def certificates() -> Iterator[Path]:
    """A folder that every user of this machine may look into, with a certificate of 127.0.0.1."""
    folder = Path(tempfile.mkdtemp(prefix="outgrow-tls-", dir="/tmp"))
    folder.chmod(0o755)
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    for name, text in (
        ("ca.pem", authority.cert_pem.bytes()),
        ("server.key", certificate.private_key_pem.bytes()),
        ("server.crt", certificate.cert_chain_pems[0].bytes()),
    ):
        (folder / name).write_bytes(text)
        (folder / name).chmod(0o644)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def encrypted_postgresql(certificates: Path) -> Iterator[Server]:
    require("postgresql")
    with start_private("postgresql") as server:
        folder = Path(server.sql("SHOW data_directory")[0][0])
        owner = folder.stat()
        for name in ("server.key", "server.crt"):
            shutil.copyfile(certificates / name, folder / name)
            (folder / name).chmod(0o600)
            shutil.chown(folder / name, owner.st_uid, owner.st_gid)
        with contextlib.suppress(psycopg.errors.InvalidParameterValue):  # a build without TLS, as that of the wheel
            server.sql("ALTER SYSTEM SET ssl = on")
            server.sql("SELECT pg_reload_conf()")
            end = time.monotonic() + 10
            while server.sql("SHOW ssl") != [("on",)] and time.monotonic() < end:
                time.sleep(0.05)
        yield server


def makes_certificates(server: Server) -> bool:
    """Whether a MariaDB makes its own, as it does since 11.4."""
    return tuple(map(int, server.version.split("-")[0].split(".")[:2])) >= (11, 4)


@pytest.fixture(scope="session")
def encrypted_mariadb(certificates: Path) -> Iterator[Server]:
    files = (("cert", "server.crt"), ("key", "server.key"))
    options = {f"ssl_{what}": str(certificates / name) for what, name in files}
    if makes_certificates(require("mariadb")):
        options = {}  # it may not see this machine's files, either
    with start_private("mariadb", options) as server:
        yield server


@pytest.fixture
def encrypted(request: pytest.FixtureRequest) -> Callable[[str], Server]:
    """The engine's server that offers TLS; MySQL makes itself a certificate."""

    def find(engine: str) -> Server:
        found: Server = require(engine) if engine == "mysql" else request.getfixturevalue(f"encrypted_{engine}")
        return found

    return find


@dataclass
class Site:
    """One ``--name`` on one server."""

    server: Server
    name: str = field(default_factory=lambda: f"site_{secrets.token_hex(4)}")
    admin: str = ""  # another administrator's URL

    @cached_property
    def tls(self) -> bool:
        """Whether the server offers it: a PostgreSQL may have been built without."""
        return not self.postgresql or self.server.sql("SHOW ssl") == [("on",)]

    def provision(self, watch: Watch = silent, **more: Any) -> Outcome:
        asked = {"on": self.admin or self.server.url(), "name": self.name, "tls": self.tls, **more}
        return provision(ProvisionOptions(**asked), watch)

    def sql(self, *statements: str, inside: bool = True) -> list[tuple[Any, ...]]:
        """As the tests' own administrator, in the database; the rows of the last one."""
        rows: list[tuple[Any, ...]] = []
        for statement in statements:
            text = statement.format(name=self.name, app=f"{self.name}_app", migrator=f"{self.name}_migrator",
                                    reader=f"{self.name}_reader")  # fmt: skip
            rows = self.server.sql(text, self.name if inside else "")
        return rows

    @property
    def exists(self) -> bool:
        catalog = "pg_database WHERE datname" if self.postgresql else "information_schema.schemata WHERE schema_name"
        return bool(self.server.sql(f"SELECT 1 FROM {catalog} = '{self.name}'"))

    @property
    def postgresql(self) -> bool:
        return self.server.engine == "postgresql"

    def roles(self) -> list[str]:
        table, column = ("pg_roles", "rolname") if self.postgresql else ("mysql.user", "user")
        found = self.server.sql(f"SELECT {column} FROM {table} WHERE {column} LIKE '{self.name}%' ORDER BY 1")
        return [str(name) for (name,) in found]

    def catalogue(self) -> list[Any]:
        """Everything that the server knows of the database and the three: passwords' verifiers, rights, defaults."""
        if not self.postgresql:
            found: list[Any] = self.server.sql(
                f"SELECT * FROM information_schema.schemata WHERE schema_name = '{self.name}'"
            )
            for role in self.roles():
                found += self.server.sql(f"SHOW CREATE USER '{role}'@'%'") + self.server.sql(
                    f"SHOW GRANTS FOR '{role}'@'%'"
                )
            return found
        return [
            self.sql(query)
            for query in (
                "SELECT rolname, rolpassword, rolcanlogin FROM pg_authid WHERE rolname LIKE '{name}%' ORDER BY 1",
                "SELECT datname, datacl::text, datdba, datcollate FROM pg_database WHERE datname = '{name}'",
                "SELECT nspname, nspacl::text, nspowner FROM pg_namespace WHERE nspname = 'public'",
                "SELECT defaclrole, defaclobjtype, defaclacl::text FROM pg_default_acl ORDER BY 1, 2",
                "SELECT m.* FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid WHERE r.rolname LIKE '{name}%'",
            )
        ]

    def drop(self) -> None:
        self.server.drop_database(self.name)
        for role in self.roles():
            self.server.sql(f'DROP ROLE "{role}"' if self.postgresql else f"DROP USER '{role}'@'%'")


@pytest.fixture
def site() -> Iterator[Callable[..., Site]]:
    """``site(server)``: a name on it that is not there yet."""
    made: list[Site] = []

    def make(server: Server, **more: Any) -> Site:
        made.append(Site(server, **more))
        return made[-1]

    yield make
    for one in made:
        one.drop()


@pytest.fixture(params=ENGINES)
def new(request: pytest.FixtureRequest, encrypted: Callable[[str], Server], site: Callable[..., Site]) -> Site:
    """A site on each engine, with TLS."""
    return site(encrypted(request.param))


def connected(url: str) -> Session:
    """As who is in the URL, by the driver itself."""
    return dialect_for(complete(read_url(url, "the URL")[0])).connect()


def url_of(outcome: Outcome, which: str = "app", alias: str = "") -> str:
    return outcome.urls[f"{alias}DATABASE_URL" + ("" if which == "app" else f"_{which.upper()}")]


def passwords(urls: Mapping[str, str]) -> list[str]:
    return [url.split("://")[1].split("@")[0].split(":")[1] for url in urls.values()]


assert ROLES == ("app", "migrator", "reader")
