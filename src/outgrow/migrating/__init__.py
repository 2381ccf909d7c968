"""Migrating every database of a project: planned, locked, in order, each result told.

The story is :func:`migrate`: for each database in turn wait for its server, take its lock, run the project's own
``migrate`` there through our schema editor and under our guard, and go on. Whatever stopped it can be mended and the
command run again: each database's history says where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from outgrow.events import Event, Watch, silent, step
from outgrow.migrating import order, planning
from outgrow.migrating.checking import Drift, check
from outgrow.migrating.linting import Unguarded, lint
from outgrow.migrating.outcome import MigrationFailed, Outcome, Result, State
from outgrow.migrating.planning import DatabasePlan
from outgrow.migrating.running import run
from outgrow.migrating.vetting import unmade, vet
from outgrow.migrating.waiting import alone, reach
from outgrow.options import MigrateOptions

__all__ = [
    "DatabasePlan", "Drift", "MigrationFailed", "Outcome", "Result", "State", "Unguarded", "check", "lint", "migrate",
    "plan",
]  # fmt: skip


def plan(options: MigrateOptions, watch: Watch = silent) -> list[DatabasePlan]:
    """What each database has to apply, in the order in which they are migrated; writes nothing."""
    return [planning.plan(alias, reach(alias, options.wait, watch)) for alias in order.to_migrate(options.databases)]


def migrate(options: MigrateOptions, plans: Sequence[DatabasePlan], watch: Watch = silent) -> Outcome:
    """Migrate the planned databases; the first that fails raises MigrationFailed, whose ``result`` is the Outcome."""
    if not options.skip_checks:
        vet([p.alias for p in plans])
    results = [Result(p.alias, p.spoken) for p in plans]
    for result in results:
        explain: Callable[[BaseException], str] = str
        try:
            with step(watch, result.alias):
                dialect = reach(result.alias, options.wait, watch)
                explain = dialect.explain
                with alone(result.alias, dialect, options.wait, watch) as lock:
                    run(result, options, lock, watch)
        except Exception as error:
            result.fail(error, explain)
            raise MigrationFailed(Outcome(results)) from error
    for text in dict.fromkeys(text for result in results for text in unmade(result.printed)):
        watch(Event("warning", text=text))
    return Outcome(results)
