"""MySQL and MariaDB: how a private server is made, and how to talk to one.

MySQL ≥ 9 logs in by caching_sha2_password only. A mysqlclient on libmysqlclient does it over TLS (the
server makes its certificate), one on libmariadb asks for the server's RSA key by itself; both
work here with no option, so the tests connect exactly as Django does.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.engines.origins import Program
    from tests.engines.server import Server
    from tests.engines.warden import Warden

SCHEME = "mysql"
VERSION = "SELECT version()"
HOME = "mysql"
ADMINISTRATOR = "root"
ACCOUNTS = ("mysql", "nobody")
STOP_SIGNAL = signal.SIGTERM
UNSAFE = {
    "innodb_flush_log_at_trx_commit": "0",
    "innodb_doublewrite": "OFF",
    "sync_binlog": "0",
}


def preparation(program: Program, folder: str) -> list[str]:
    """The command that makes the data directory; `folder` holds `secret`, SQL for the account."""
    if program.engine == "mariadb":
        return [
            program.tool("mariadb-install-db"),
            "--no-defaults",
            f"--datadir={folder}/data",
            f"--extra-file={folder}/secret",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ]
    return [
        program.server,
        "--no-defaults",
        "--initialize-insecure",
        f"--datadir={folder}/data",
        f"--init-file={folder}/secret",
        f"--log-error={folder}/prepare.err",
        "--secure-file-priv=",
        "--skip-log-bin",
        "--innodb-doublewrite=OFF",
        "--performance-schema=OFF",
    ]


def secret_file(program: Program, password: str) -> str:
    """SQL, one statement a line, that gives the administrator's accounts a password."""
    if program.engine == "mariadb":  # makes one for each of 127.0.0.1, ::1, localhost, this host
        return (
            "UPDATE mysql.global_priv SET Priv = json_set(Priv, '$.plugin', "
            f"'mysql_native_password', '$.authentication_string', PASSWORD('{password}')) "
            f"WHERE User = '{ADMINISTRATOR}';\n"
        )
    return (
        f"CREATE USER '{ADMINISTRATOR}'@'%' IDENTIFIED BY '{password}';\n"
        f"GRANT ALL ON *.* TO '{ADMINISTRATOR}'@'%' WITH GRANT OPTION;\n"
        f"DROP USER '{ADMINISTRATOR}'@'localhost';\n"
    )


def command(program: Program, folder: str, port: int, settings: Mapping[str, str]) -> list[str]:
    """The command that starts the server in the foreground."""
    settings = {
        "bind-address": "127.0.0.1",
        "port": str(port),
        "datadir": f"{folder}/data",
        "socket": "server.sock",  # within the data directory: a socket's path is short
        "pid-file": "server.pid",
        "tmpdir": folder,
        "secure-file-priv": "",
        "character-set-server": "utf8mb4",
        **({"mysqlx": "OFF"} if program.engine == "mysql" else {}),
        **settings,
    }
    options = [_option(name.replace("_", "-"), value) for name, value in settings.items()]
    return [program.server, "--no-defaults", "--skip-name-resolve", "--console", *options]


def _option(name: str, value: str) -> str:
    """`--log-bin=OFF` would make a log named OFF, so this one is said in other words."""
    if name == "log-bin" and value.upper() in {"OFF", "0"}:
        return "--skip-log-bin"
    if name == "log-bin" and value.upper() in {"ON", "1"}:
        return "--log-bin=binlog"
    return f"--{name}={value}"


def connect(server: Server, database: str = "") -> Any:
    """Connect as administrator, in autocommit mode."""
    import MySQLdb  # here, so that PostgreSQL can be had without mysqlclient

    return MySQLdb.connect(
        host=server.host,
        port=server.port,
        user=server.user,
        password=server.password,
        database=database or server.home or HOME,
        charset="utf8mb4",
        connect_timeout=10,
        autocommit=True,
    )


def wait_until_ready(server: Server, warden: Warden, seconds: float = 60) -> None:
    """Return when the server answers a login; fail with its last words when it does not."""
    import MySQLdb

    end = time.monotonic() + seconds
    while True:
        try:
            connect(server).close()
            return
        except MySQLdb.OperationalError as error:
            if warden.wait(0.05) is not None or time.monotonic() > end:
                raise RuntimeError(f"{server.engine} did not start: {warden.last_words()}") from error


def create_statement(name: str, *, charset: str = "utf8mb4", collation: str | None = None) -> str:
    """CREATE DATABASE; without a collation it gets the server's default one for the charset."""
    order = f" COLLATE {collation}" if collation else ""
    return f"CREATE DATABASE `{name}` CHARACTER SET {charset}{order}"


def drop_statement(name: str) -> str:
    """DROP DATABASE waits for metadata locks only; connections do not hold it up."""
    return f"DROP DATABASE IF EXISTS `{name}`"


def library_of(server: Path) -> Path:
    """A system package is open to every user; nothing to copy."""
    raise PermissionError(f"{server} cannot be run by another user than root")
