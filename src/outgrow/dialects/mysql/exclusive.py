"""MySQL and MariaDB: GET_LOCK in a session of its own.

Its names count for the whole server, hence the database's in it. On a cluster it counts for one node only.
"""

from __future__ import annotations

import contextlib
from hashlib import blake2b

from outgrow.dialects.base import Settings
from outgrow.dialects.exclusive import Exclusive
from outgrow.dialects.mysql.session import MySQLdb, connect, parameters


class NamedLock(Exclusive):
    def __init__(self, settings: Settings, purpose: str) -> None:
        database = str(parameters(settings).get("database") or "")
        self.name = f"outgrow-{purpose}-{blake2b(database.encode(), digest_size=12).hexdigest()}"  # 64 letters at most
        self.session = connect(settings)

    def take(self) -> bool:
        return bool(self.session.value(f"SELECT GET_LOCK('{self.name}',0)") == 1)

    def held(self) -> bool:
        try:
            return bool(self.session.value(f"SELECT IS_USED_LOCK('{self.name}')=CONNECTION_ID()") == 1)
        except MySQLdb.Error:
            return False

    def holder(self) -> str:
        number = self.session.value(f"SELECT IS_USED_LOCK('{self.name}')")
        if number is None:
            return ""
        host = next((host for id_, _, host, *_ in self.session.processes() if id_ == int(number)), "")
        return f"connection {number}" + (f" from {host}" if host else "")

    def close(self) -> None:
        with contextlib.suppress(MySQLdb.Error):  # a closed connection keeps its locks a moment longer
            self.session.value(f"SELECT RELEASE_LOCK('{self.name}')")
        self.session.close()
