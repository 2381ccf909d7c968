"""One database, its lock held: the project's own ``migrate`` there."""

from __future__ import annotations

import io
import sys
from contextlib import ExitStack, redirect_stdout
from time import monotonic

from django.core.management import call_command
from django.db import connections
from django.db.migrations.migration import Migration

from outgrow.events import Event, Watch
from outgrow.migrating.following import references_followed
from outgrow.migrating.guard import guarded
from outgrow.migrating.outcome import Result, State
from outgrow.migrating.planning import acts, name_of
from outgrow.migrating.waiting import Lock
from outgrow.options import MigrateOptions
from outgrow.routing import declared
from outgrow.routing.editor import constraints_by_owner


def run(result: Result, options: MigrateOptions, lock: Lock, watch: Watch) -> None:
    """Fills ``result``. With nothing to apply the handlers of ``post_migrate`` run nevertheless, as Django has it."""
    alias = result.alias
    connection = connections[alias]
    connection.close()  # the wait for the lock may have been longer than the server keeps an idle connection

    def before(migration: Migration) -> None:
        lock.confirm()
        result.migration = name_of(migration)

    def after(migration: Migration, seconds: float) -> None:
        name, acted = name_of(migration), acts(migration, alias)
        (result.applied if acted else result.recorded).append(name)
        result.migration = ""
        text = f"{name} applied in {seconds:.2f} s" if acted else f"{name} recorded, which is for other databases"
        with redirect_stdout(ours):
            watch(Event("note", alias, table="" if acted else alias, seconds=seconds, text=text))

    start, printed, ours = monotonic(), io.StringIO(), sys.stdout
    owners = declared()
    with ExitStack() as stack:
        stack.callback(lambda: setattr(result, "printed", printed.getvalue()))
        stack.enter_context(redirect_stdout(printed))  # what a project's code prints is no result of ours
        if owners is not None:
            stack.enter_context(constraints_by_owner(connection, owners))
            stack.enter_context(references_followed())
        stack.enter_context(guarded(alias, options.crossing, before, after))
        try:
            call_command(
                "migrate", database=alias, interactive=False, run_syncdb=options.run_syncdb, verbosity=1, no_color=True
            )
        except BaseException:
            result.half = bool(result.migration) and not connection.features.can_rollback_ddl
            raise
        lock.confirm()
    result.state, result.seconds = State.DONE, monotonic() - start
