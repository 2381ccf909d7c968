"""The move itself: one function that tells the story, and the small steps it calls."""

from __future__ import annotations

import json
from _thread import interrupt_main
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from outgrow import conf
from outgrow.archive import archive, free_name
from outgrow.audit import AuditResult, Severity, audit_source, audit_target
from outgrow.dialects.base import Dialect, Range, Snapshot, Table
from outgrow.errors import AuditFailed, LostOwnership, Unreachable, VerifyFailed
from outgrow.events import Event, Watch, silent, step
from outgrow.fixes import Fix, Patcher, Rejects, choose, with_dependants
from outgrow.ledger import Lasting, Ledger
from outgrow.ledger.holder import BEAT_EVERY
from outgrow.ledger.records import COUNTED, FindingRecord, RunRecord, State, TableRecord
from outgrow.lines import Digest
from outgrow.options import Options
from outgrow.patience import patiently
from outgrow.pipeline.ends import (
    Ends,
    check_target,
    for_django,
    in_words,
    keep_old_file,
    leaving_no_file,
    open_ends,
    plainly,
    scope_of,
)
from outgrow.pipeline.looking import inventory, settings_module
from outgrow.pipeline.proving import (
    VerifyResult,
    archived_tables,
    compare,
    nothing_is_passed_over,
    pair_all,
    record,
    sentence,
)
from outgrow.pipeline.recording import Recorder
from outgrow.pipeline.settled import load_and_count
from outgrow.pipeline.splitting import (
    load_and_count_routed,
    note_copied_rows,
    refuse_other_scope,
    remember,
    switch,
)
from outgrow.places import settings_block
from outgrow.plan import Plan, without_place
from outgrow.project import Action, Project
from outgrow.schema.aside import clear_rows, set_aside
from outgrow.schema.make import make_schema
from outgrow.schema.restore import Restorer
from outgrow.transfer import Copied, Transfer
from outgrow.workers import Heartbeat

NOTHING_YET = "nothing was written. Run `outgrow audit` for all of it, then {remedy}"
NO_ROW_YET = (
    "the target has its tables, and no row was copied. Run `outgrow report` for all of it, then {remedy}; go on with "
    "--resume."
)


@dataclass(frozen=True, slots=True)
class MoveResult:
    """How a move ended. ``run`` is None for a dry run."""

    plan: Plan
    audit: AuditResult
    run: RunRecord | None = None
    verified: VerifyResult | None = None
    settings: str = ""
    counted: Mapping[str, int] | None = None
    switched: int | None = None  # of a split: the constraints that the source lost; None = it is as it was


def move(options: Options, watch: Watch = silent) -> MoveResult:
    """Move the project and prove it; raises OutgrowError with one sentence where it cannot."""
    recorder = Recorder(watch)
    watch = recorder
    with ExitStack() as stack:
        with step(watch, "check"):
            ends = open_ends(options, watch)
            stack.enter_context(plainly(ends))
            scope = scope_of(ends, options)
            standing = check_target(ends, options, scope)
        with step(watch, "inventory"):
            project, plan = inventory(ends, options)
        frozen = stack.enter_context(ExitStack())
        if options.freeze:
            watch(Event("note", "check", text=frozen.enter_context(ends.source.freeze())))
        snapshot = stack.enter_context(ends.source.snapshot(workers=options.jobs))
        with leaving_no_file(ends):
            found = audit_source(ends.source, snapshot.session, plan, ends.target, options.jobs, watch, project=project)
        fixes = _choose(found, plan, ends, snapshot, options, watch, NOTHING_YET)
        if options.dry_run:
            return MoveResult(plan, found)
        if scope is None:
            keep_old_file(ends, options, watch)
        ledger = stack.enter_context(_ledger(ends, plan, standing, options))
        recorder.write_to(ledger)
        _record_findings(ledger, "source", found, options.fixes)
        ledger.fact("snapshot", snapshot.description)
        plan, fixes = _schema(ends, project, plan, ledger, snapshot, found, fixes, options, watch)
        patchers = _patchers(plan, fixes, ledger, options)
        _copy(ends, plan, ledger, snapshot, patchers, options, watch)
        verified = _prove(ends, plan, ledger, snapshot, patchers, options, watch)
        if scope is not None and (verified is not None or not options.resume):
            note_copied_rows(ends, plan, ledger, snapshot)  # of a resumed run only what was compared once more
        snapshot.close()
        if scope is not None:
            return _end_split(ends, plan, ledger, found, verified, options, watch, frozen)
        block = settings_block(
            replace(ends.target_place, settings=for_django(ends.target_place.settings)), ends.source_place.alias
        )
        ledger.fact("settings block", block)
        with step(watch, "settings"):
            counted = load_and_count(ends.target_place, ends.source_place.alias, block, settings_module(), plan, ledger)
            ledger.fact(COUNTED, True)
        return MoveResult(plan, found, ledger.record(), verified, block, counted)


def _end_split(
    ends: Ends, plan: Plan, ledger: Ledger, found: AuditResult, verified: VerifyResult | None, options: Options,
    watch: Watch, frozen: ExitStack,
) -> MoveResult:  # fmt: skip
    """The settings of a split are proved, and the source is switched; a frozen one cannot be."""
    with step(watch, "settings"):
        block, counted = load_and_count_routed(ends, plan, ledger, settings_module())
    frozen.close()
    switched = None
    if options.switch and verified is not None:  # by this process: a verdict of before says nothing of rows since
        switched = switch(ends, plan, ledger, watch)
        ledger.fact(COUNTED, True)
    return MoveResult(plan, found, ledger.record(), verified, block, counted, switched)


# -- audits -----------------------------------------------------------------------------------------------------------
def _choose(
    found: AuditResult, plan: Plan, ends: Ends, snapshot: Snapshot, options: Options, watch: Watch, onward: str
) -> list[Fix]:
    """The fixes that the policies allow; findings without one end the move before a row is copied."""
    open_findings = [f for f in found.findings if f.severity is Severity.ERROR and f.id not in options.fixes]
    if open_findings:
        first = open_findings[0]
        more = f" and {len(open_findings) - 1} more findings" if len(open_findings) > 1 else ""
        error = AuditFailed(
            f"the audit found what the target would refuse or change: {first.id} {first.message}{more}; "
            + onward.format(remedy=first.remedy)
        )
        error.result = found  # type: ignore[attr-defined]
        raise error
    fixes = choose(found.findings, options.fixes)
    if not any(fix.action == "reject" for fix in fixes):
        return fixes
    with snapshot.session() as session:
        grown = with_dependants(fixes, plan.tables, ends.source, session)
    if len(grown) > len(fixes):
        text = f"{len(grown) - len(fixes)} rows depend on rejected ones: they are rejected too, or lose the reference"
        watch(Event("warning", "audit source", text=text))
    return grown


def _record_findings(ledger: Ledger, phase: str, found: AuditResult, fixes: Mapping[str, str]) -> None:
    rows = [
        FindingRecord(
            phase, f.id, f.severity, f.message, f.table, f.column, f.count, f.sample, f.remedy, fixes.get(f.id, "")
        )
        for f in found.findings
    ]
    rows += [FindingRecord(phase, n.id, "not judged", n.message, n.table, n.column) for n in found.not_judged]
    ledger.findings(phase, rows)


# -- the ledger -------------------------------------------------------------------------------------------------------
@contextmanager
def _ledger(ends: Ends, plan: Plan, standing: set[str], options: Options) -> Iterator[Ledger]:
    """This run's record, held by a heartbeat until the block ends."""
    with Lasting(ends.target) as session, Lasting(ends.target) as pulse:
        if options.resume:
            ledger = Ledger.resume(ends.target, session)
        else:
            ledger = Ledger.begin(
                ends.target, session, plan_json=json.dumps(plan.as_dict()), source=ends.source_place.spoken,
                target=ends.target_place.spoken, options=options.as_record(), facts={"standing": sorted(standing)},
                restart=options.restart,
            )  # fmt: skip
        try:
            # A run that somebody else has taken over ends whatever the main thread waits for, as Ctrl-C would.
            with Heartbeat(lambda: ledger.beat(pulse), BEAT_EVERY, on_lost=interrupt_main):
                refuse_other_scope(ledger, plan.scope)
                if plan.scope is not None:
                    remember(ledger, plan.scope)
                ledger.plan_tables(_table_records(plan))
                ledger.fact("versions", [plan.facts["source version"], ends.target.version(session)])
                yield ledger
        except LostOwnership:
            raise
        except (Exception, KeyboardInterrupt) as error:
            if ledger.is_lost:  # whoever took over has ended our sessions, and that is all this error says
                raise LostOwnership(ledger.lost) from error
            said = in_words(ends, error, "go on with --resume")
            if said is not None:
                raise said from error
            if isinstance(error, Unreachable) and "--resume" not in str(error):
                raise Unreachable(f"{str(error).rstrip('.')}, then go on with --resume.") from error
            raise
        finally:
            ledger.release()


def _table_records(plan: Plan) -> list[TableRecord]:
    rows = [TableRecord(t.name, t.table.model or "", expected=t.source.rows) for t in plan.tables]
    return rows + [TableRecord(t.name, t.model or "", action=t.action.value, reason=t.reason) for t in plan.others]


# -- schema -----------------------------------------------------------------------------------------------------------
def _schema(
    ends: Ends, project: Project, plan: Plan, ledger: Ledger, snapshot: Snapshot, before: AuditResult,
    fixes: list[Fix], options: Options, watch: Watch,
) -> tuple[Plan, list[Fix]]:  # fmt: skip
    """Make and clear the target's tables, audit them, and set aside what slows the copy; a resumed copy skips that."""
    if ledger.state is not State.PLANNED:
        with ends.target.connect() as session:
            paired = pair_all(ends, plan, ends.target.tables(session))
        before_now = archived_tables(ledger)
        with snapshot.session() as session:
            wanted = [t for t in paired.tables if t.name not in before_now]
            nothing_is_passed_over(ends, wanted, session, "begin again with --restart")
        return _without_place(paired), fixes
    with step(watch, "schema"):
        facts = ledger.record().facts
        share = plan.scope or plan.share
        make_schema(
            for_django(ends.target_place.settings), settings_module=settings_module(), mode=plan.schema, watch=watch,  # type: ignore[arg-type]
            extra_models=[t.table.model for t in plan.tables if t.table.model and not t.table.managed],
            cache_tables=[t for t in conf.cache_tables() if t in {p.name for p in plan.tables}],
            keep=facts["standing"],
            owners=share.here if share else None, only=share.tables if share else (),
        )  # fmt: skip
    with ends.target.connect() as session:
        live = ends.target.tables(session)
        paired = pair_all(ends, plan, live)
        there = [t.target.name for t in paired.tables if t.target is not None]
        clear_rows(ends.target, session, [*there, *_rebuilt(plan, live)], ledger)
        found = audit_target(
            ends.source, snapshot.session, ends.target, paired, options.jobs, watch, project=project, before=before
        )
        _record_findings(ledger, "target", found, options.fixes)
        fixes = fixes + _choose(found, paired, ends, snapshot, options, watch, NO_ROW_YET)
        paired = _without_place(paired)
        _archive(ends, paired, ledger, snapshot, watch)
        with step(watch, "set aside"):
            set_aside(ends.target, session, there, ledger)
    ledger.set_state(State.COPYING)
    return paired, fixes


def _rebuilt(plan: Plan, live: Mapping[str, Table]) -> list[str]:
    """What migrations put into a search index is stale once the rows it was made from are replaced."""
    wanted = {t.name for t in plan.others if t.action is Action.REBUILD}
    return [t.name for t in live.values() if t.name in wanted and t.kind == "table"]


def _without_place(plan: Plan) -> Plan:
    """A table that the target lacks is empty, or the audit was told to archive it: no other came this far."""
    return without_place(plan, {t.name for t in plan.tables if t.target is None}, "the target has no such table")


def _archive(ends: Ends, plan: Plan, ledger: Ledger, snapshot: Snapshot, watch: Watch) -> None:
    """Rows that have no place on the target go into a file beside, before the first row is copied."""
    for copied in plan.tables:
        if copied.table.model is None:
            ledger.table_state(copied.name, action=copied.table.action.value, reason=copied.table.reason)
    reasons = {t.name: t.reason for t in plan.others}
    with snapshot.session() as session:
        full = [t for t in plan.archived if session.query(f"SELECT 1 FROM {ends.source.quote(t.name)} LIMIT 1")]
    for table in plan.archived:
        ledger.table_state(
            table.name, action="archive", state="archived", source_rows=0, reason=f"{reasons[table.name]}; it is empty"
        )
    if not full:
        return
    path = free_name(Path.cwd(), ledger.run_id)
    with step(watch, "archive"):
        for done in archive(ends.source, snapshot.session, full, path, watch):
            reason = f"{reasons[done.table]}; its {done.rows:,} rows are in {path.name}"
            ledger.table_state(done.table, state="archived", source_rows=done.rows, reason=reason)
        watch(Event("note", "archive", text=f"rows of {len(full)} tables without a place on the target are in {path}"))


def _patchers(plan: Plan, fixes: list[Fix], ledger: Ledger, options: Options) -> dict[str, Patcher]:
    file = Path.cwd() / f"outgrow-rejects-{ledger.run_id}.csv"
    rejects = Rejects(file, show_values=options.show_values)
    if any(fix.action == "reject" for fix in fixes):
        ledger.fact("rejects", file.name)
    by_table: dict[str, list[Fix]] = {}
    for fix in fixes:
        by_table.setdefault(fix.table, []).append(fix)
    return {t.name: Patcher(by_table[t.name], t.source_reading, rejects) for t in plan.tables if t.name in by_table}


# -- copy and restore -------------------------------------------------------------------------------------------------
def _copy(
    ends: Ends, plan: Plan, ledger: Ledger, snapshot: Snapshot, patchers: Mapping[str, Patcher], options: Options,
    watch: Watch,
) -> None:  # fmt: skip
    """Copy, and build each finished table's indexes beside the copy; then keys, sequences, and the whole catalog."""
    tables = {t.target.name: t for t in plan.tables if t.target is not None}
    if ledger.state not in (State.COPYING, State.RESTORING):
        return
    with ends.target.connect() as session:
        if ledger.state is State.COPYING and ledger.epoch > 1:
            set_aside(ends.target, session, list(tables), ledger)
        live = ends.target.tables(session)
    readings = {name: t.target_reading for name, t in tables.items()}
    only = list(tables) if plan.scope else None  # else a split would set the sequences of what is there already
    with Restorer(
        ends.target, ledger, live, tables=only, readings=readings, jobs=options.jobs, watch=watch
    ) as restorer:
        if ledger.state is State.COPYING:
            with step(watch, "copy"):
                for table in plan.tables:
                    watch(Event("total", "copy", table.name, rows=table.source.rows, bytes=table.source.bytes))
                copied = Transfer(
                    ends.source, snapshot, ends.target, ledger, plan.tables, options.jobs, watch, patchers,
                    on_table=lambda t: restorer.table_done(t.target.name if t.target else t.name),
                ).run()  # fmt: skip
                patiently(ends.target, watch, "copy", lambda: _note_copied(ledger, copied))
            patiently(ends.target, watch, "copy", lambda: ledger.set_state(State.RESTORING))
        with step(watch, "restore"):
            restorer.finish()
    with step(watch, "statistics"):
        patiently(ends.target, watch, "statistics", lambda: _analyze(ends.target, list(tables)))
    patiently(ends.target, watch, "statistics", lambda: ledger.set_state(State.COPIED))


def _analyze(target: Dialect, tables: Sequence[str]) -> None:
    with target.connect() as session:
        target.analyze(session, tables)


def _note_copied(ledger: Ledger, copied: Sequence[Copied]) -> None:
    with ledger.together():
        for done in copied:
            ledger.table_state(done.table, state="copied", source_rows=done.rows)


# -- proof ------------------------------------------------------------------------------------------------------------
def _prove(
    ends: Ends, plan: Plan, ledger: Ledger, copied: Snapshot, patchers: Mapping[str, Patcher], options: Options,
    watch: Watch,
) -> VerifyResult | None:  # fmt: skip
    """Re-read the source in a fresh snapshot and compare; without it the run stays *copied*.

    Where the fresh snapshot is byte for byte the one that was copied, the digests of the copied lines are the source's,
    and only lines whose canonical text differs from what was piped are rendered again.
    """
    if not options.verify:
        return None
    known: dict[tuple[str, Range], Digest] = {}
    ranges: dict[str, list[Range]] = {}
    for chunk in ledger.chunks():
        ranges.setdefault(chunk.table, []).append(Range(chunk.low, chunk.high))
        if chunk.digest is not None:
            known[chunk.table, Range(chunk.low, chunk.high)] = chunk.digest
    altered: dict[str, dict[tuple[int | str, ...], frozenset[str]]] = {}
    for name in patchers:
        columns = altered.setdefault(name, {})
        for row in ledger.altered_rows(name):
            columns[row.key] = columns.get(row.key, frozenset()) | {row.column}
    with step(watch, "verify"), ends.source.snapshot(workers=options.jobs) as snapshot:
        if not snapshot.same_as(copied):
            known = {}
        result = compare(ends, options, plan.tables, snapshot, ranges, patchers, altered, watch, known)
        record(ledger, result)
    if not result.equal:
        raise VerifyFailed(sentence(result))
    return result
