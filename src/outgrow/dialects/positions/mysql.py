"""MySQL: a position is the GTIDs of one source, "server uuid:1-N"; what other servers once wrote is left out."""

from __future__ import annotations

import re
from typing import Any

from outgrow.dialects.positions.base import LONGEST, Fault, Log, row

# gtid_mode or the binary log may have been switched off: what is committed since then has no GTID at all.
_WRITTEN = """
SELECT @@GLOBAL.gtid_mode IN ('ON', 'ON_PERMISSIVE') AND @@GLOBAL.log_bin AND @@SESSION.sql_log_bin,
       REGEXP_SUBSTR(@@GLOBAL.gtid_executed, CONCAT(%s, '[^,]*'))
"""
_REPLAYED = """
SELECT GTID_SUBSET(%s, @@GLOBAL.gtid_executed), REGEXP_SUBSTR(@@GLOBAL.gtid_executed, CONCAT(%s, '[^,]*'))
"""
_PLAIN = re.compile(r"([0-9a-f-]{36}):1-([0-9]+)")


class MySQLLog(Log):
    """The executed GTIDs."""

    def written(self, connection: Any, *, own: bool) -> str | None:
        numbered, found = row(connection, _WRITTEN, (_source(connection),))
        return _short(_text(found)) if numbered and found else None

    def replayed(self, connection: Any, position: str) -> str | None:
        reached, found = row(connection, _REPLAYED, (position, position.partition(":")[0]))
        if not reached:
            return None
        further = _plain(_text(found))
        return further if self.covers(further, position) else position

    def covers(self, reached: str, position: str) -> bool:
        if reached == position:
            return True
        one, other = _PLAIN.fullmatch(reached), _PLAIN.fullmatch(position)
        return bool(one and other and one[1] == other[1] and int(one[2]) >= int(other[2]))


def _source(connection: Any) -> str:
    """Whose number a transaction gets that is committed here: the server's, or its replication group's."""
    raw, known = connection.connection, connection.__dict__.get("_outgrow_source")
    if known is None or known[0] is not raw:
        group = row(connection, "SHOW GLOBAL VARIABLES LIKE 'group_replication_group_name'")
        own = row(connection, "SELECT @@GLOBAL.server_uuid")[0]
        known = connection.__dict__["_outgrow_source"] = (raw, _text(group[1] if group and group[1] else own).lower())
    return str(known[1])


def _short(found: str) -> str | None:
    """The source's part of gtid_executed as it is; with many holes, all numbers up to the highest, which is stricter.

    Tags (``uuid:1-5:tag:1-3``) are numbered apart, so that many of them have no short form.
    """
    position = re.sub(r"^([0-9a-f-]{36}):1$", r"\1:1-1", "".join(found.split()))
    if len(position) <= LONGEST:
        return position
    source, *parts = position.split(":")
    if not all(part[:1].isdigit() for part in parts):
        return None
    return f"{source}:1-{max(int(number) for part in parts for number in part.split('-'))}"


def _plain(found: str) -> str:
    """The first run of numbers, if it begins with 1."""
    match = re.match(r"([0-9a-f-]{36}):1(?:-([0-9]+))?(?=[:,\s]|$)", found)
    return f"{match[1]}:1-{match[2] or 1}" if match else ""


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


# Gone away, lost, shut down, cannot be reached; and what a read-only server refuses.
_LOST = (1047, 1053, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1927, 2002, 2003, 2006, 2013, 2055, 4031)
_ELSEWHERE = (1290, 1792, 1836, 3572, 1205, 1213, 1146, 1054, 1305)  # the last: not replayed yet


def fault_of(error: BaseException) -> Fault:
    """By the server's or the client's number; an interface error is a connection that was closed."""
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    if code in _LOST or (not code and type(error).__name__ == "InterfaceError"):
        return Fault.LOST
    return Fault.ELSEWHERE if code in _ELSEWHERE else Fault.QUERY
