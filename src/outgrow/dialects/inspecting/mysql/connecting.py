"""MySQL and MariaDB: from the driver to a session, and what stands in the way."""

from __future__ import annotations

import ssl
import struct
from importlib import import_module
from socket import socket
from typing import Any

from outgrow.dialects.base import Session
from outgrow.dialects.inspecting import django
from outgrow.dialects.inspecting.base import Greeting, Inspection, Refusal, Said, failed, good
from outgrow.dialects.inspecting.mysql import refusals
from outgrow.dialects.inspecting.system import manager, to_install
from outgrow.dialects.mysql.session import MySQLSession, parameters
from outgrow.dialects.tables import MYSQLS_OWN

_PACKAGES = {
    "apt-get": "python3-dev default-libmysqlclient-dev build-essential pkg-config",
    "dnf": "python3-devel mariadb-connector-c-devel gcc pkgconf",
    "apk": "python3-dev mariadb-connector-c-dev gcc musl-dev pkgconf",
    "brew": "mysql-client pkg-config",
}
_INSTALL = "pip install 'mysqlclient>=2.2'"
_BREW = 'export PKG_CONFIG_PATH="$(brew --prefix mysql-client)/lib/pkgconfig"'
_CAPABILITIES = 0x00000200 | 0x00000800 | 0x00008000 | 0x00080000  # protocol 4.1, TLS, secure login, login by plugin
_TLS = 0x0800
_SOCKETS = ("/run/mysqld/mysqld.sock", "/var/run/mysqld/mysqld.sock", "/tmp/mysql.sock", "/var/lib/mysql/mysql.sock")


class Connecting(Inspection):
    title = "MySQL"
    port = 3306
    tls_option = '"OPTIONS": {"ssl_mode": "VERIFY_IDENTITY", "ssl": {"ca": "/path/to/ca.pem"}},'

    def driver(self) -> Said:
        try:
            module: Any = import_module("MySQLdb")
        except ImportError as error:
            if "MySQLdb" in str(error) or "No module" in str(error):
                found = "The driver mysqlclient is not installed"
            else:
                found = f"mysqlclient is installed and does not load ({str(error).splitlines()[0]})"
            lines = to_install(_PACKAGES, _INSTALL)
            if manager() == "brew":
                lines = (lines[0], _BREW, _INSTALL)
            return failed(
                f"{found}, and MySQL and MariaDB are reached by it: install it, and the client library it is built "
                "with, into the environment in which the project runs.",
                *lines,
            )
        if module.__name__ != "MySQLdb" or not hasattr(module, "_mysql"):
            return failed(
                "PyMySQL stands in for mysqlclient here, which Django does not support: install mysqlclient and remove "
                "pymysql.install_as_MySQLdb().",
                *to_install(_PACKAGES, _INSTALL),
            )
        version = ".".join(map(str, module.version_info[:3]))
        library = module._mysql.get_client_info()
        if module.version_info < (2, 2):
            return failed(
                f"mysqlclient is {version}, and 2.2 or newer is expected: install it.", "pip install -U mysqlclient"
            )
        return good(f"mysqlclient {version} with client library {library}")

    def address(self) -> tuple[str, int] | str:
        """ "localhost" is a socket to this driver, as it is to the server's own tools."""
        found = parameters(self.settings)
        host = str(found.get("host") or "")
        if found.get("unix_socket"):
            return str(found["unix_socket"])
        if host in ("", "localhost"):
            return django.first_there(_SOCKETS)
        return host, int(found.get("port") or self.port)

    def wants_tls(self) -> str:
        found = parameters(self.settings)
        mode = str(found.get("ssl_mode") or "").upper()
        modes = {"DISABLED": "never", "PREFERRED": "maybe", "REQUIRED": "always"}
        if mode:
            return modes.get(mode, "verified" if mode.startswith("VERIFY_") else "maybe")
        return "verified" if self.authorities() else "maybe"

    def authorities(self) -> str | None:
        files = parameters(self.settings).get("ssl")
        return files.get("ca") if isinstance(files, dict) else None  # the driver refuses what is none

    def greet(self, connection: socket, host: str, context: ssl.SSLContext | None) -> Greeting:
        packet = self._packet(connection)
        if packet[:1] == b"\xff":
            code = int.from_bytes(packet[1:3], "little")
            raise refusals.refusal(self.settings, code, packet[3:].decode("utf-8", "replace"))
        if packet[:1] != b"\n":
            raise Refusal("D104", failed(_NOT_MYSQL))
        end = packet.index(b"\0")
        version = packet[1:end].decode("ascii", "replace")
        offers = bool(int.from_bytes(packet[end + 14 : end + 16], "little") & _TLS)
        if context is None or not offers:
            return Greeting(version, offers)
        payload = struct.pack("<IIB23x", _CAPABILITIES, 1 << 24, 45)
        connection.sendall(len(payload).to_bytes(3, "little") + b"\1" + payload)
        return Greeting(version, context.wrap_socket(connection, server_hostname=host))

    def _packet(self, connection: socket) -> bytes:
        """The first packet, of which a stranger's first bytes are no length that makes sense."""
        head = _exactly(connection, 4)
        length = int.from_bytes(head[:3], "little")
        if len(head) < 4 or not 8 <= length <= 2000 or head[3]:
            raise Refusal("D104", failed(_NOT_MYSQL))
        return _exactly(connection, length)

    def misplaced(self) -> Said | None:
        name = str(self.settings["NAME"])
        if name.lower() not in MYSQLS_OWN:
            return None
        return failed(
            f"{name} is the server's own, and tables of an application in it are lost or stand in the way when the "
            "server is upgraded: make a database for the application.",
            "outgrow provision --on env:ADMIN_URL --name …",
        )

    def log_in(self) -> Session:
        try:
            connection = django.connected(self.settings)
        except Exception as error:
            code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
            text = str(error.args[1]) if len(error.args) > 1 else str(error)
            if code == 1045 and self._is_anonymous():
                raise refusals.anonymous(self.settings, text) from None
            raise refusals.refusal(self.settings, code, text) from None
        session = MySQLSession(connection, self.settings)
        session.execute(f"SET SESSION {'max_statement_time=5' if session.mariadb else 'max_execution_time=5000'}")
        return session

    def _is_anonymous(self) -> bool:
        """Whether the server takes this name, without a password, for its nameless account of this host."""
        if not self.settings.get("PASSWORD"):
            return False
        try:
            connection = django.connected({**self.settings, "PASSWORD": "", "NAME": ""})
        except Exception:
            return False
        try:
            session = MySQLSession(connection, self.settings)
            return str(session.value("SELECT CURRENT_USER()")).startswith("@")
        finally:
            connection.close()

    def encrypted(self, session: Session) -> bool | None:
        if isinstance(self.address(), str):
            return None
        rows = session.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
        return bool(rows and rows[0][1])


_NOT_MYSQL = (
    "What listens at this port does not speak as MySQL and MariaDB do: correct HOST and PORT, or look at what stands "
    "between (a proxy, a load balancer, another server; 33060 is MySQL's X protocol, which no Django driver speaks)."
)


def _exactly(connection: socket, length: int) -> bytes:
    held = b""
    while len(held) < length and (more := connection.recv(length - len(held))):
        held += more
    return held
