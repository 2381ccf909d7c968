"""MariaDB: a position is a GTID for each replication domain, "domain-server-number", by commas."""

from __future__ import annotations

from typing import Any

from outgrow.dialects.positions.base import LONGEST, Log, row


class MariaDBLog(Log):
    """The binary log's GTIDs against those that the replica has applied."""

    def written(self, connection: Any, *, own: bool) -> str | None:
        last, everything = row(connection, "SELECT @@SESSION.last_gtid, @@GLOBAL.gtid_binlog_pos")
        position = str(everything or "")
        if own and last and "," not in position:
            position = str(last)  # its domain is the only one, so that nothing else of this connection is missed
        return position if 0 < len(position) <= LONGEST else None

    def replayed(self, connection: Any, position: str) -> str | None:
        reached = str(row(connection, "SELECT @@GLOBAL.gtid_slave_pos")[0] or "")
        return reached if self.covers(reached, position) else None

    def covers(self, reached: str, position: str) -> bool:
        """In each domain as far, and by the same server: another one has begun where nobody knows."""
        have, wanted = _domains(reached), _domains(position)
        return bool(wanted) and all(
            domain in have and have[domain][0] == server and have[domain][1] >= number
            for domain, (server, number) in wanted.items()
        )


def _domains(position: str) -> dict[str, tuple[str, int]]:
    """Domain → (server, number); {} for what is no such position."""
    found = {}
    for gtid in position.split(","):
        parts = gtid.strip().split("-")
        if len(parts) != 3 or not all(part.isdecimal() for part in parts):
            return {}
        found[parts[0]] = (parts[1], int(parts[2]))
    return found
