"""What an engine itself refuses, as SQL: (to add it, to take it away).

PostgreSQL: table numbers are ranges of one number, whose GiST operators are built in; equality of plain numbers would
need the extension btree_gist, which not every user may create.

MariaDB: a NULL in one of its columns lets a row out of a key WITHOUT OVERLAPS, as in any unique key (measured on
10.11), so that is_live frees a time there too. Without the locked rows two thirds of those who lose a race would be
told of a deadlock instead of the key; with them nobody is.

MySQL has neither, and its triggers see what the transaction sees; SQLite's triggers would do, but are lost whenever
Django makes the table anew. There the locked rows are what holds.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

NAME, PERIOD = "bookings_booking_no_overlap", "sitting"

POSTGRESQL = (
    f"ALTER TABLE bookings_booking ADD CONSTRAINT {NAME} EXCLUDE USING gist "
    "(int8range(table_id, table_id, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&) WHERE (is_live)",
    f"ALTER TABLE bookings_booking DROP CONSTRAINT {NAME}",
)
MARIADB = (
    f"ALTER TABLE bookings_booking ADD PERIOD FOR {PERIOD} (starts_at, ends_at), "
    f"ADD CONSTRAINT {NAME} UNIQUE (table_id, is_live, {PERIOD} WITHOUT OVERLAPS)",
    f"ALTER TABLE bookings_booking DROP INDEX {NAME}, DROP PERIOD FOR {PERIOD}",
)


def guard(connection: BaseDatabaseWrapper) -> tuple[str, str] | None:
    """The statements for this server; None where locked rows are all there is."""
    server: Any = connection
    if connection.vendor == "postgresql":
        return POSTGRESQL
    if connection.vendor == "mysql" and server.mysql_is_mariadb and server.mysql_version >= (10, 5, 3):
        return MARIADB
    return None
