"""What can be done without writing anything: inventory, plan, the audit of the source, status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from outgrow import conf
from outgrow import plan as plans
from outgrow.audit import RULES, AuditResult, audit_source
from outgrow.dialects.base import Snapshot
from outgrow.errors import Refused
from outgrow.events import Event, Watch, silent, step
from outgrow.ledger import Ledger
from outgrow.options import Options
from outgrow.pipeline.ends import Ends, for_django, leaving_no_file, open_ends, plainly, reach, scope_of
from outgrow.pipeline.sharing import of_its_share
from outgrow.places import describe, register
from outgrow.plan import Plan
from outgrow.project import Action, Project, read_project
from outgrow.scope import Scope, share_of
from outgrow.split.keys import crossing_keys

ROWS_A_SECOND, BYTES_A_SECOND = 150_000, 30_000_000  # of a whole move on two cores (docs/benchmarks.md)


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What the audit of the source found; ``would_lose`` decides the exit code."""

    plan: Plan
    result: AuditResult

    @property
    def would_lose(self) -> bool:
        return self.result.would_lose


def inventory(ends: Ends, options: Options) -> tuple[Project, Plan]:
    """What the project holds, and the plan before the target's schema is known."""
    _offered(options.fixes)
    if ends.source_place.alias is None:
        register(ends.alias, for_django(ends.source_place.settings))
    with ends.source.connect(read_only=True) as session:
        live = ends.source.tables(session)
        version = ends.source.version(session)
        used, _ = ends.source.disk(session)
    project = read_project(ends.alias, live)
    scope = scope_of(ends, options)
    share = share_of(ends.source_place.alias) if scope is None else None
    if scope is not None:
        project = narrowed(project, scope)
    elif share is not None:
        project = of_its_share(project, share, ends)
    if not any(table.action is Action.COPY for table in project.tables):
        raise Refused(
            f"the source {ends.source_place.spoken} holds no table of this project: check --from, or run migrate there."
        )
    plan = plans.start(
        project, live, source=ends.source_place.spoken, target=ends.target_place.spoken, fixes=dict(options.fixes),
        jobs=options.jobs, schema=options.schema, freeze=options.freeze, verify=options.verify,
    )  # fmt: skip
    plan = replace(plan, share=share)
    if scope is not None:
        keys = tuple(key for found in crossing_keys(live, scope.has).values() for key in found)
        with ends.source.connect(read_only=True) as session:
            moving = [name for name in live if scope.has(name)]
            plan = replace(plan, scope=scope, keys=keys, leaning=tuple(ends.source.leaning(session, moving)))
    return project, replace(plan, facts=_facts(ends, plan, version, used))


def narrowed(project: Project, scope: Scope) -> Project:
    """The project as if it had no other tables than those that move."""
    return replace(
        project,
        tables=tuple(t for t in project.tables if scope.moves(t)),
        absent=tuple(label for label in project.absent if label.partition(".")[0] in scope.apps),
        pending=tuple(name for name in project.pending if name.partition(".")[0] in scope.apps),
        elsewhere=tuple(label for label in project.elsewhere if label.partition(".")[0] in scope.apps),
        lying=tuple(line for line in project.lying if line.partition(".")[0] in scope.apps),
        notes=(),
    )


def _offered(fixes: Mapping[str, str]) -> None:
    """A --fix that no finding could ever ask for is a slip of the hand, and silence would hide it."""
    for rule, policy in fixes.items():
        if rule not in RULES:
            raise Refused(
                f"--fix {rule}={policy} names no rule of the audit: `outgrow audit` prints the ids of what it finds."
            )
        offered = RULES[rule].policies
        if policy not in (*offered, "widen"):  # which is refused later, with the migration to write
            choice = f"offers {', '.join(offered)}" if offered else "offers none, so correct the rows at the source"
            raise Refused(f"--fix {rule}={policy} is no policy of {rule}: it {choice}.")


def _facts(ends: Ends, plan: Plan, version: str, used: int | None) -> dict[str, Any]:
    free = None
    if ends.target.file is None or ends.target.file.exists():
        with ends.target.connect() as session:
            target_version = ends.target.version(session)
            free = ends.target.disk(session)[1]
    else:
        target_version = ""  # there is no file yet
    return {
        "source version": version,
        "target version": target_version,
        "rows counted": ends.source.file is not None,  # a server's catalog estimates them
        "source bytes": used,
        "snapshot bytes": used if ends.source.file is not None else 0,
        "target bytes needed": plan.bytes * 2,  # rows, then their indexes
        "target bytes free": free,
        "estimated seconds": round(2 + plan.rows / ROWS_A_SECOND + plan.bytes / BYTES_A_SECOND, 1),
    }


@contextmanager
def seen(ends: Ends, options: Options) -> Iterator[Snapshot]:
    """One moment of the source, held for a step."""
    with ends.source.snapshot(workers=options.jobs) as snapshot:
        yield snapshot


def audit(options: Options, watch: Watch = silent) -> AuditReport:
    """Every row and schema object that the target would refuse or change. Writes nothing."""
    with step(watch, "check"):
        ends = open_ends(options, watch)
    with step(watch, "inventory"), plainly(ends):
        project, made = inventory(ends, options)
    with plainly(ends), leaving_no_file(ends), seen(ends, options) as snapshot:
        watch(Event("note", "audit source", text=snapshot.description))
        result = audit_source(ends.source, snapshot.session, made, ends.target, options.jobs, watch, project=project)
    return AuditReport(made, result)


def plan(options: Options, watch: Watch = silent) -> Plan:
    """What will be done, in order, with sizes and an estimate. Writes nothing."""
    with step(watch, "check"):
        ends = open_ends(options, watch)
    with step(watch, "inventory"), plainly(ends):
        return inventory(ends, options)[1]


def status(options: Options) -> dict[str, Any]:
    """The last run into a target, from its ledger alone."""
    found, dialect = reach(options.target, silent)
    if dialect.file is not None and not dialect.file.exists():
        raise Refused(f"there is no {found.spoken} yet: no move has begun there.")
    with dialect.connect(read_only=True) as session:
        ledger = Ledger.last(dialect, session)
        if ledger is None:
            raise Refused(f"{found.spoken} holds no ledger of Outgrow: no move has begun there; check --to.")
        return {"target": describe(found.settings), "run": ledger.record()}


def settings_module() -> str:
    """The project's settings module, which the child processes load again."""
    module = conf.settings_module()
    if not module:
        raise Refused(
            "the project's settings were not loaded from a module, and the target's schema is made by a process that "
            "has to load them again: set DJANGO_SETTINGS_MODULE."
        )
    return module
