"""What ``outgrow provision`` asks of the engines; :func:`provisioning_for` picks one by an administrator's login."""

from __future__ import annotations

from outgrow.dialects import dialect_for, family
from outgrow.dialects.base import Settings
from outgrow.dialects.provisioning.base import HIDDEN, ROLES, Difference, Provisioning, Standing, Step, Wanted
from outgrow.errors import Refused

__all__ = ["HIDDEN", "ROLES", "Difference", "Provisioning", "Standing", "Step", "Wanted", "provisioning_for"]


def provisioning_for(settings: Settings) -> Provisioning:
    """The engine that the server turns out to be; Unreachable or Refused with one sentence."""
    engine = family(settings)
    if engine == "postgresql":
        from outgrow.dialects.provisioning.postgresql import PostgreSQLProvisioning

        return PostgreSQLProvisioning(dialect_for(settings))
    if engine == "mysql":
        from outgrow.dialects.provisioning.mysql import MariaDBProvisioning, MySQLProvisioning

        dialect = dialect_for(settings)
        return MariaDBProvisioning(dialect) if dialect.name == "mariadb" else MySQLProvisioning(dialect)
    raise Refused(
        "SQLite has no server, and so no roles: give --on the URL of an administrator of PostgreSQL, MySQL or MariaDB."
    )
