"""MySQL and MariaDB: what a server that does not let us in means, by its error codes.

https://dev.mysql.com/doc/mysql-errors/9.7/en/server-error-reference.html, https://mariadb.com/kb/en/mariadb-error-codes/
"""

from __future__ import annotations

import re

from outgrow.dialects.base import Settings
from outgrow.dialects.inspecting.base import Refusal, failed
from outgrow.dialects.inspecting.options import mistaken
from outgrow.dialects.mysql.session import parameters

_ACCOUNT = re.compile(r"'(?P<user>[^']*)'@'(?P<host>[^']*)'")
_HOST = re.compile(r"[Hh]ost '(?P<host>[^']*)'")
_PLUGIN = re.compile(r"[Pp]lugin '?(?P<plugin>\w+)'?")
_GRANT = "GRANT ALL PRIVILEGES ON `{name}`.* TO '{user}'@'{host}';"

_REFUSED: dict[int, tuple[str, str, tuple[str, ...]]] = {
    1045: (
        "D106",
        "The server refused the password of '{user}' from {host}, or has no such account for that host: correct "
        "PASSWORD, or look at the accounts of that name.",
        ("SELECT user, host, plugin FROM mysql.user WHERE user IN ('{user}', '');",),
    ),
    1698: (
        "D106",
        "The account '{user}' logs in as the operating system's user of that name, and by no password: make the "
        "application an account of its own.",
        ("CREATE USER '{app}'@'{host}' IDENTIFIED BY '…';", _GRANT.replace("{user}", "{app}")),
    ),
    1049: (
        "D107",
        "The server has no database {name}: create it, or correct NAME.",
        ("CREATE DATABASE `{name}` CHARACTER SET utf8mb4;",),
    ),
    1044: ("D107", "'{user}' from {host} has no right on the database {name}: grant it.", (_GRANT,)),
    1040: (
        "D106",
        "The server has no free connection: close some, or raise max_connections.",
        ("SHOW PROCESSLIST;", "SET GLOBAL max_connections = …;"),
    ),
    1203: ("D106", "The account '{user}' has no free connection: raise its max_user_connections.", ()),
    1226: ("D106", "The account '{user}' has used up what its limits allow: raise them, or close connections.", ()),
    1129: (
        "D106",
        "The server has blocked {host} after too many broken connections: let it forget them, and look for what "
        "breaks them (a health check that only opens the port).",
        ("FLUSH HOSTS;",),
    ),
    1130: (
        "D106",
        "The server has no account that may come from {host}: make one for it.",
        ("CREATE USER '{user}'@'{host}' IDENTIFIED BY '…';", _GRANT),
    ),
    3118: ("D106", "The account '{user}' is locked: unlock it.", ("ALTER USER '{user}'@'{host}' ACCOUNT UNLOCK;",)),
    4151: ("D106", "The account '{user}' is locked: unlock it.", ("ALTER USER '{user}'@'{host}' ACCOUNT UNLOCK;",)),
    1862: (
        "D106",
        "The password of '{user}' has expired: set a new one.",
        ("ALTER USER '{user}'@'%' IDENTIFIED BY '…' PASSWORD EXPIRE NEVER;",),
    ),
    1524: (
        "D106",
        "The account '{user}' logs in by the plugin {plugin}, which this server does not have (mysql_native_password "
        "is gone since MySQL 9.0): give it one that it has.",
        ("ALTER USER '{user}'@'%' IDENTIFIED WITH caching_sha2_password BY '…';",),
    ),
    2059: (
        "D106",
        "The account '{user}' logs in by the plugin {plugin}, which this client library does not have: install the "
        "library's plugins, or give the account another.",
        (
            "sudo apt-get install -y libmariadb3",
            "ALTER USER '{user}'@'%' IDENTIFIED WITH caching_sha2_password BY '…';",
        ),
    ),
    2061: (
        "D106",
        "The account '{user}' logs in by caching_sha2_password, which sends a password over TLS alone: switch TLS on "
        "in OPTIONS.",
        ('"OPTIONS": {{"ssl_mode": "REQUIRED"}},',),
    ),
    3159: (
        "D105",
        "The server takes encrypted connections alone (require_secure_transport), and the settings do not ask for TLS: "
        "switch it on in OPTIONS.",
        ('"OPTIONS": {{"ssl_mode": "REQUIRED"}},',),
    ),
    2026: (
        "D105",
        "Client and server do not agree on TLS ({text}): see D105 for the server's certificate, and ssl and ssl_mode "
        "in OPTIONS.",
        (),
    ),
    1053: ("D106", "The server is shutting down: start it again.", ()),
}
_MODES = ("DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY")
_OPTIONS = (
    "ssl_mode", "ssl", "charset", "collation", "init_command", "sql_mode", "isolation_level", "connect_timeout",
    "read_timeout", "write_timeout", "unix_socket", "read_default_file", "local_infile", "auth_plugin",
)  # fmt: skip
_ALIKE = {1251: 2059, 4152: 1862, 1820: 1862, 2013: 2013}
_TEXTS = ((r"insecure transport", 3159), (r"account is locked", 3118), (r"plugin .* is not loaded", 1524))


def refusal(settings: Settings, code: int, text: str) -> Refusal:
    """The answer to an error of logging in."""
    code = next((known for pattern, known in _TEXTS if re.search(pattern, text, re.IGNORECASE)), _ALIKE.get(code, code))
    words = _words(settings, text)
    if match := re.search(r"'(\w+)' is an invalid keyword argument", text):
        return mistaken(match[1], "option", "mysqlclient", _OPTIONS)
    if "Unknown ssl_mode" in text:
        return mistaken(str(parameters(settings).get("ssl_mode")), "ssl_mode", "mysqlclient", _MODES)
    if code not in _REFUSED:
        secret = str(parameters(settings).get("password") or "")
        shown = text.replace(secret, "***") if secret else text
        return Refusal("D106", failed(f"The server did not let this client in ({shown}, error {code}): see its log."))
    check, sentence, commands = _REFUSED[code]
    return Refusal(check, failed(sentence.format(**words), *(line.format(**words) for line in commands)))


def anonymous(settings: Settings, text: str) -> Refusal:
    """The nameless account of this host comes before the '%' of a named one, and has another password."""
    words = _words(settings, text)
    sentence = (
        "The server takes '{user}' from {host} for its nameless account ''@'{host}', which comes before '{user}'@'%' "
        "and has no password: drop it, or make the account for this host."
    )
    commands = ("DROP USER ''@'{host}';", "CREATE USER '{user}'@'{host}' IDENTIFIED BY '…';", _GRANT)
    return Refusal("D106", failed(sentence.format(**words), *(line.format(**words) for line in commands)))


def _words(settings: Settings, text: str) -> dict[str, str]:
    found = parameters(settings)
    account, host, plugin = _ACCOUNT.search(text), _HOST.search(text), _PLUGIN.search(text)
    user = str(found.get("user") or (account["user"] if account else "") or "")
    name = str(found.get("database") or "")
    return {
        "user": user,
        "app": f"{user}_app" if user == "root" else user,
        "name": name,
        "host": account["host"] if account else host["host"] if host else "%",
        "plugin": plugin["plugin"] if plugin else "of its own",
        "text": text.strip().splitlines()[0] if text.strip() else "no reason was given",
    }
