"""W055: a replica that can be written (pitfall 26).

Asked by a DELETE of no row through the project's own connection, rolled back: a server in recovery, a read-only server,
login or file all refuse it, each in its way, and nothing else tells of all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from django.core.checks import CheckMessage
from django.db import DatabaseError, transaction

from outgrow.checks.aliases import is_mirror
from outgrow.checks.fault import Fault
from outgrow.checks.live.looking import Look, Looks
from outgrow.dialects.base import Trouble

WRITABLE = Fault("W055", "A replica can be written.")


def check(looks: Looks) -> Iterator[CheckMessage]:
    for look in looks:
        if look.is_replica and not is_mirror(look.facts, look.alias):
            yield from _ask(look)


def _ask(look: Look) -> Iterator[CheckMessage]:
    if look.session is None:
        return
    tables = look.connection.introspection.table_names()
    if not tables:  # it follows nobody yet
        return
    table = "django_migrations" if "django_migrations" in tables else tables[0]
    try:
        can = _can_write(look, table)
    except DatabaseError as error:
        yield look.not_judged(error)
        return
    if can:
        yield WRITABLE(
            f'The replica "{look.alias}" can be written: it took a DELETE of no row from {table}.',
            f'Give DATABASES["{look.alias}"] a login that may only read, and make the server read-only; if it is no '
            'replica, remove it from OUTGROW["REPLICAS"].',
        )


def _can_write(look: Look, table: str) -> bool:
    """By the bare cursor: what the project hangs around queries need not hear of this one."""
    connection = look.connection
    try:
        with transaction.atomic(using=look.alias):
            transaction.set_rollback(True, using=look.alias)
            with connection.wrap_database_errors, closing(connection.create_cursor()) as cursor:
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)} WHERE 1=0")
    except DatabaseError as error:
        if look.dialect is not None and look.dialect.trouble(error.__cause__ or error) is Trouble.RIGHTS:
            return False
        raise
    return True
