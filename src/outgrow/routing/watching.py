"""What Django's connections to primaries and replicas are watched for.

On a primary: statements that write, however they came: the ORM, raw SQL, with or without a transaction. On a replica:
reads that it must not answer or cannot answer, which the primary then does, and writes, which are refused.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from django.core.signals import setting_changed
from django.db import DatabaseError, connections
from django.db.backends.signals import connection_created
from django.db.utils import NotSupportedError

from outgrow import conf
from outgrow.dialects.positions import Fault, fault
from outgrow.dialects.statements import only_reads, selects, surely_writes
from outgrow.routing.declared import declared
from outgrow.routing.health import close
from outgrow.routing.owners import Owners, WrongRoutes
from outgrow.routing.physical import same_database
from outgrow.routing.reading import note, state
from outgrow.routing.replicas import pool_with
from outgrow.routing.writes import in_transaction

_OPENED = "_outgrow_opened"
_WRITTEN = "_outgrow_written"  # the primaries that a connection's writes go to
Execute = Callable[[Any, Any, bool, dict[str, Any]], Any]


class WriteToReplica(NotSupportedError):
    """A statement that writes was sent to an alias that OUTGROW["REPLICAS"] declares a replica."""


def on_primary(execute: Execute, sql: Any, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
    """An execute_wrapper: note a write once it is done, for its position is behind it."""
    if only_reads(sql):
        return execute(sql, parameters, many, context)
    try:
        return execute(sql, parameters, many, context)
    finally:
        connection = context["connection"]
        for primary in connection.__dict__[_WRITTEN]:
            note(primary, connection)


def on_replica(execute: Execute, sql: Any, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
    """An execute_wrapper: run the read here if it may be, and on the primary if it may not, or if this server fails.

    The second look is for reads that name the replica themselves, by ``using()``: outside of blocks, and in
    :func:`outgrow.primary`, that is the caller's word. A read inside a transaction on the replica stays with its
    snapshot.
    """
    connection = context["connection"]
    pool = pool_with(connection.alias)
    if pool is None:
        return execute(sql, parameters, many, context)
    if pool.is_same(connection.alias):
        return on_primary(execute, sql, parameters, many, context)
    if surely_writes(sql):
        raise WriteToReplica(
            f'a statement that writes was sent to "{connection.alias}", a replica of "{pool.primary}"; expected only '
            f'reads there: name "{pool.primary}" instead.'
        )
    current = state()
    if current is None or not current.replicas or in_transaction(connection) or not selects(sql):
        return execute(sql, parameters, many, context)
    if connection.__dict__.get(_OPENED) is not connection.connection:
        return execute(sql, parameters, many, context)  # Django's own first questions to a new connection
    if not pool.may_serve(connection.alias, current):
        return _at(pool.primary, sql, parameters, many, context)
    try:
        return execute(sql, parameters, many, context)
    except DatabaseError as error:
        kind = fault(connection, error)
        if kind is Fault.QUERY:
            raise
        if kind is Fault.LOST:
            pool.lost(connection.alias)
        result = _at(pool.primary, sql, parameters, many, context)
        if kind is Fault.LOST:
            close(connection)
        return result


def _at(primary: str, sql: Any, parameters: Any, many: bool, context: dict[str, Any]) -> Any:
    """Run it on the primary and let the caller's cursor continue there, as if it had been so from the beginning."""
    cursor, connection = context["cursor"], connections[primary]
    named = getattr(cursor.cursor, "name", None)
    fresh = connection.chunked_cursor() if named else connection.cursor()
    result = fresh.executemany(sql, parameters) if many else fresh.execute(sql, parameters)
    with contextlib.suppress(Exception):  # of a connection that may be gone
        cursor.cursor.close()
    cursor.cursor, cursor.db = fresh.cursor, connection
    return result


def watch(connection: Any) -> None:
    """Watch a connection of Django's from now on, if its alias is a replica, or the database of a primary with
    replicas: also one that shares it under another name, as for a second login.
    """
    owners = _owners()
    if owners is None:
        return
    alias = connection.alias
    if alias in owners.primaries:
        wanted: Callable[..., Any] = on_replica
        primaries = [owners.primaries[alias]]
    else:
        wanted = on_primary
        primaries = [p for p, replicas in owners.replicas.items() if replicas and same_database(p, alias)]
    if not primaries:
        return
    connection.__dict__[_WRITTEN] = primaries
    if wanted not in connection.execute_wrappers:
        # In front, as connection.execute_wrapper() takes the last one off when its block ends.
        connection.execute_wrappers.insert(0, wanted)


def _owners() -> Owners | None:
    """What is declared; None also for what cannot be read, of which the checks and the router tell."""
    try:
        return declared()
    except WrongRoutes:
        return None


def _opened(connection: Any, **signal: Any) -> None:
    connection.__dict__[_OPENED] = connection.connection
    watch(connection)


def begin() -> None:
    """At the start of a project with replicas: its tests need no test database for each of them."""
    owners = _owners()
    for replica, primary in (owners.primaries if owners else {}).items():
        if replica in connections.settings:
            tested = connections.settings[replica]["TEST"]
            tested["MIRROR"] = tested.get("MIRROR") or primary


def watch_open(**changed: Any) -> None:
    """Watch this thread's connections: they may have been opened before anybody looked, or before a test's settings."""
    if changed.get("setting", "OUTGROW") == "OUTGROW":
        for connection in connections.all(initialized_only=True):
            if connection.connection is not None:
                _opened(connection)


connection_created.connect(_opened, dispatch_uid="outgrow.routing.watching")
setting_changed.connect(watch_open, dispatch_uid="outgrow.routing.watching.settings")
if conf.is_loaded():  # else nothing can be open yet
    watch_open()
