"""PostgreSQL: from the driver to a session, and what stands in the way."""

from __future__ import annotations

import re
import ssl
import struct
from importlib import import_module
from socket import socket
from typing import Any

from outgrow.dialects.base import Session
from outgrow.dialects.inspecting import django
from outgrow.dialects.inspecting.base import Greeting, Inspection, Refusal, Said, failed, good
from outgrow.dialects.inspecting.options import mistaken
from outgrow.dialects.inspecting.system import to_install
from outgrow.dialects.postgresql.session import PostgreSQLSession, parameters

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
SOCKETS = ("/var/run/postgresql", "/run/postgresql", "/tmp")
_PACKAGES = {"apt-get": "libpq5", "dnf": "libpq", "apk": "libpq", "brew": "libpq"}
_INSTALL = "pip install 'psycopg[binary]>=3.2'"


class Connecting(Inspection):
    title = "PostgreSQL"
    port = 5432
    tls_option = '"OPTIONS": {"sslmode": "verify-full", "sslrootcert": "system"},'

    def driver(self) -> Said:
        try:
            psycopg: Any = import_module("psycopg")
        except ImportError as error:
            if "libpq" in str(error):  # psycopg is there, and found none of its three ways to libpq
                return failed(
                    "psycopg is installed and finds no libpq: install the binary package, or the system's library.",
                    *to_install(_PACKAGES, _INSTALL),
                )
            try:
                old: Any = import_module("psycopg2")
            except ImportError:
                return failed(
                    "The driver psycopg is not installed, and PostgreSQL is reached by it: install it into the "
                    "environment in which the project runs.",
                    _INSTALL,
                )
            return failed(
                f"Only psycopg2 {old.__version__.split()[0]} is installed; Django uses it, and Outgrow needs psycopg "
                "3: install it, and Django uses it from then on.",
                _INSTALL,
            )
        how = psycopg.pq.__impl__
        library = psycopg.pq.version()
        return good(f"psycopg {psycopg.__version__} ({how}) with libpq {library // 10000}.{library % 10000}")

    def address(self) -> tuple[str, int] | str:
        found = parameters(self.settings)
        host = str(found.get("hostaddr") or found.get("host") or "").split(",")[0]
        port = int(str(found.get("port") or self.port).split(",")[0])
        if not host or host.startswith("/"):
            return f"{host or SOCKETS[0]}/.s.PGSQL.{port}"
        return host, port

    def wants_tls(self) -> str:
        mode = str(parameters(self.settings).get("sslmode") or "prefer")
        return {"disable": "never", "require": "always", "verify-ca": "verified", "verify-full": "verified"}.get(
            mode, "maybe"
        )

    def authorities(self) -> str | None:
        return parameters(self.settings).get("sslrootcert")

    def greet(self, connection: socket, host: str, context: ssl.SSLContext | None) -> Greeting:
        connection.sendall(SSL_REQUEST)
        answer = connection.recv(1)
        if answer not in (b"S", b"N"):
            what = "closed the connection at once" if not answer else "answered as no PostgreSQL does"
            raise Refusal(
                "D104",
                failed(
                    f"What listens at this port {what}: a PostgreSQL was expected, so correct HOST and PORT, or look "
                    "at what stands between (a proxy, a load balancer, another server).",
                ),
            )
        if answer == b"N" or context is None:
            return Greeting("PostgreSQL", answer == b"S")
        return Greeting("PostgreSQL", context.wrap_socket(connection, server_hostname=host))

    def log_in(self) -> Session:
        try:
            connection = django.connected(self.settings)
        except Exception as error:
            raise self._refusal(str(error).strip()) from None
        session = PostgreSQLSession(connection)
        session.execute("SET statement_timeout='5s'")
        return session

    # -- what a server that refuses means -------------------------------------------------------------------------
    def _refusal(self, text: str) -> Refusal:
        user, name = self._names()
        if match := re.search(r'invalid connection option "([^"]*)"', text):
            return mistaken(match[1], "option", "psycopg", _OPTIONS)
        if match := re.search(r'invalid sslmode value: "([^"]*)"', text):
            return mistaken(match[1], "sslmode", "libpq", _MODES)
        for pattern, check, sentence, commands in _REFUSED:
            if match := re.search(pattern, text, re.IGNORECASE):
                words = {"user": user, "name": name, "host": "", **match.groupdict()}
                return Refusal(
                    check,
                    failed(sentence.format(**words), *(command.format(**words) for command in commands)),
                )
        first = text.splitlines()[-1] if text else "no reason was given"
        secret = str(self.settings.get("PASSWORD") or "")
        shown = first.replace(secret, "***") if secret else first
        return Refusal("D106", failed(f"The server did not let this client in ({shown}): see its log."))

    def _names(self) -> tuple[str, str]:
        found = parameters(self.settings)
        return str(found.get("user") or "the operating system's user"), str(found["dbname"])


_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_OPTIONS = (
    "sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "application_name", "options",
    "target_session_attrs", "client_encoding", "keepalives", "passfile", "service",
)  # fmt: skip
_REFUSED: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    (
        r"no password supplied|fe_sendauth",
        "D106",
        "The server asks {user} for a password and the settings have none: set PASSWORD, best from the environment.",
        (),
    ),
    (
        r"peer authentication failed|ident authentication failed",
        "D106",
        "The server lets {user} in only as the operating system's user of that name: connect by HOST=127.0.0.1 with a "
        "password, or allow passwords for this socket in pg_hba.conf.",
        ("local  {name}  {user}  scram-sha-256",),
    ),
    (
        r"password authentication failed",
        "D106",
        "The server refused the password of {user} (or has no such role, or one whose VALID UNTIL is over, which it "
        "does not tell): correct PASSWORD, or give the role this one.",
        ("\\password {user}", "ALTER ROLE \"{user}\" VALID UNTIL 'infinity';"),
    ),
    (
        r'role "(?P<user>[^"]*)" does not exist',
        "D106",
        "The server has no role {user}: correct USER or create it.",
        ('CREATE ROLE "{user}" LOGIN;', '\\password "{user}"'),
    ),
    (
        r"is not permitted to log in",
        "D106",
        "The role {user} may not log in: it is a group, or was locked.",
        ('ALTER ROLE "{user}" LOGIN;',),
    ),
    (
        r'no pg_hba\.conf entry for host "(?P<host>[^"]*)".*(no encryption|SSL off)',
        "D106",
        "The server has no rule for {user} from {host} without TLS: set sslmode=require in OPTIONS, or add a line to "
        "its pg_hba.conf and reload it.",
        ("hostssl  {name}  {user}  {host}/32  scram-sha-256",),
    ),
    (
        r'no pg_hba\.conf entry for host "(?P<host>[^"]*)"',
        "D106",
        "The server has no rule that lets {user} in from {host}: add a line to its pg_hba.conf and reload it.",
        ("hostssl  {name}  {user}  {host}/32  scram-sha-256",),
    ),
    (
        r"no pg_hba\.conf entry|pg_hba\.conf rejects",
        "D106",
        "The server's pg_hba.conf does not let {user} into {name} from here: add a line to it and reload it.",
        ("hostssl  {name}  {user}  samenet  scram-sha-256",),
    ),
    (
        r'database "(?P<name>[^"]*)" does not exist',
        "D107",
        "The server has no database {name}: create it, or correct NAME.",
        ('CREATE DATABASE "{name}" OWNER "{user}" ENCODING \'UTF8\' TEMPLATE template0;',),
    ),
    (
        r"permission denied for database|does not have CONNECT privilege",
        "D107",
        "{user} may not connect to {name}: grant it.",
        ('GRANT CONNECT ON DATABASE "{name}" TO "{user}";',),
    ),
    (
        r"is not currently accepting connections",
        "D107",
        "The database {name} takes no connections: somebody closed it.",
        ('ALTER DATABASE "{name}" ALLOW_CONNECTIONS true;',),
    ),
    (
        r'too many connections for role "(?P<user>[^"]*)"',
        "D106",
        "The role {user} has all the connections that its own limit allows: close some, or raise the limit (-1: none).",
        ('ALTER ROLE "{user}" CONNECTION LIMIT -1;',),
    ),
    (
        r"too many connections for database",
        "D106",
        "The database {name} has all the connections that its own limit allows: close some, or raise it (-1: none).",
        ('ALTER DATABASE "{name}" CONNECTION LIMIT -1;',),
    ),
    (
        r"too many clients|remaining connection slots|too many connections|no more connections allowed",
        "D106",
        "The server has no free connection: close some, put a pooler before it, or raise max_connections.",
        ("SELECT usename, application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3;",),
    ),
    (
        r"does not support SSL, but SSL was required",
        "D105",
        "The settings ask for TLS and the server offers none: switch it on there, or set sslmode=prefer where nobody "
        "can listen.",
        ("ALTER SYSTEM SET ssl = on; SELECT pg_reload_conf();",),
    ),
    (
        r"root certificate file .* does not exist",
        "D105",
        "The settings verify the server's certificate and there is no file of authorities: name it in sslrootcert, or "
        "sslrootcert=system for those of this machine.",
        (),
    ),
    (
        r"certificate verify failed|does not match host name",
        "D105",
        "The server's certificate does not hold: see D105, and name its authority in sslrootcert.",
        (),
    ),
    (
        r"starting up|not yet accepting|recovery mode",
        "D106",
        "The server is still starting: wait until it answers.",
        (),
    ),
    (r"shutting down", "D106", "The server is shutting down: start it again.", ()),
)
