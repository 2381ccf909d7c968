"""The line that sets a variable of the server now and from its next start on."""

from __future__ import annotations

from outgrow.dialects.base import Session
from outgrow.dialects.mysql.session import MySQLSession


def lasting(session: Session, name: str, value: str) -> str:
    """MariaDB has no SET PERSIST: what is to outlive a restart stands in its configuration."""
    assert isinstance(session, MySQLSession)
    if not session.mariadb:
        return f"SET PERSIST {name} = {value};"
    return f"SET GLOBAL {name} = {value}; -- and in [mariadbd] of its configuration: {name} = {value.strip(chr(39))}"
