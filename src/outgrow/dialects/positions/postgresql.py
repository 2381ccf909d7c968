"""PostgreSQL: a position is "system identifier/timeline/byte of the WAL"."""

from __future__ import annotations

from typing import Any

from outgrow.dialects.positions.base import Fault, Log, row

# An insert position at the start of a page stands behind the page's header, where no record ends and no replay halts
# before the next record comes; so it is told as the page's first byte.
_WRITTEN = """
SELECT s.system_identifier, ('x' || substr(pg_walfile_name(p.lsn), 1, 8))::bit(32)::int,
       p.byte - CASE WHEN p.byte %% page.size IN (24, 40) THEN p.byte %% page.size ELSE 0 END
FROM pg_control_system() s, (SELECT current_setting('wal_block_size')::int AS size) page,
     (SELECT lsn, (lsn - '0/0'::pg_lsn)::bigint AS byte FROM (SELECT pg_current_wal_insert_lsn() AS lsn) now) p
""".replace("%%", "%")
# The receiver's timeline is shown only to roles of pg_read_all_stats; that of the last restartpoint comes later.
_REPLAYED = """
SELECT s.system_identifier,
       coalesce((SELECT nullif(received_tli, 0) FROM pg_stat_wal_receiver), c.timeline_id),
       (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint, pg_is_in_recovery()
FROM pg_control_system() s, pg_control_checkpoint() c
"""


class PostgreSQLLog(Log):
    """The WAL. Its insert position, as a commit need not be flushed yet when it is acknowledged."""

    def written(self, connection: Any, *, own: bool) -> str | None:
        return "/".join(str(part) for part in row(connection, _WRITTEN)) or None

    def replayed(self, connection: Any, position: str) -> str | None:
        *found, recovers = row(connection, _REPLAYED)
        reached = "/".join(str(part) for part in found)
        return reached if recovers and self.covers(reached, position) else None

    def covers(self, reached: str, position: str) -> bool:
        (history, _, byte), (wanted, _, far) = reached.rpartition("/"), position.rpartition("/")
        return history == wanted and byte.isdecimal() and far.isdecimal() and int(byte) >= int(far)

    def follows(self, connection: Any) -> bool:
        return bool(row(connection, "SELECT pg_is_in_recovery()")[0])


# Cancelled in favour of what is to be replayed (40001, 40P01), what a standby cannot do (25006), and what a migration
# has made that is not replayed yet: a table, a column, a function, a schema.
_ELSEWHERE = ("40001", "40P01", "25006", "42P01", "42703", "42883", "3F000")


def fault_of(error: BaseException) -> Fault:
    """By SQLSTATE; a driver's operational error without one is a connection that broke."""
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    if state is None:
        return Fault.LOST if type(error).__name__ in ("OperationalError", "InterfaceError") else Fault.QUERY
    if state in _ELSEWHERE:
        return Fault.ELSEWHERE
    return Fault.LOST if state[:2] == "08" or state[:4] == "57P0" else Fault.QUERY
