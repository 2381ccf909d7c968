"""How far a primary has written its log, and how far a replica has replayed it: what the router asks of an engine.

Small and light, since it is loaded by every web process that reads from replicas: it speaks through connections that
Django has opened already, past its cursors, so that these questions stand in no query log and no count.
"""

from __future__ import annotations

from typing import Any

from outgrow.dialects.positions.base import Fault, Log

__all__ = ["Fault", "Log", "fault", "log_of", "quick_to_give_up"]


def log_of(connection: Any) -> Log | None:
    """The log of the engine behind one of Django's connections, which is open; None for an engine without one."""
    if connection.vendor == "postgresql":
        from outgrow.dialects.positions.postgresql import PostgreSQLLog

        return PostgreSQLLog()
    if connection.vendor == "mysql":
        if "mariadb" in str(connection.connection.get_server_info()).lower():
            from outgrow.dialects.positions.mariadb import MariaDBLog

            return MariaDBLog()
        from outgrow.dialects.positions.mysql import MySQLLog

        return MySQLLog()
    return None


def fault(connection: Any, error: BaseException) -> Fault:
    """What a failed read of a replica means; ``error`` is Django's, the driver's own is its cause."""
    if connection.vendor == "postgresql":
        from outgrow.dialects.positions.postgresql import fault_of

        return fault_of(error.__cause__ or error)
    if connection.vendor == "mysql":
        from outgrow.dialects.positions.mysql import fault_of as mysql_fault_of

        return mysql_fault_of(error.__cause__ or error)
    return Fault.QUERY if connection.connection is not None and connection.is_usable() else Fault.LOST


def quick_to_give_up(vendor: str, seconds: int) -> dict[str, Any]:
    """OPTIONS with which a driver stops waiting for a server that does not answer its connect."""
    return {"connect_timeout": seconds} if vendor in ("postgresql", "mysql") else {}
