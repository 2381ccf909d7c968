"""verify, as a command of its own and as a move's last step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from outgrow import plan as plans
from outgrow.dialects.base import Range, Session, Snapshot, Table
from outgrow.errors import Refused
from outgrow.events import Event, Watch, silent, step
from outgrow.fixes import Patcher, from_ledger
from outgrow.ledger import Ledger
from outgrow.ledger.records import State
from outgrow.lines import Digest
from outgrow.options import Options
from outgrow.pipeline.ends import Ends, open_ends, plainly
from outgrow.pipeline.looking import inventory, seen
from outgrow.plan import Plan, TablePlan
from outgrow.project import name_on_target
from outgrow.verify import Verdict, Verify


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """A verdict per table."""

    verdicts: tuple[Verdict, ...]

    @property
    def equal(self) -> bool:
        return all(v.equal for v in self.verdicts)

    @property
    def rows(self) -> int:
        return sum(v.source.rows for v in self.verdicts)


def verify(options: Options, watch: Watch = silent) -> VerifyResult:
    """Compare source and target, now, whatever made the target; recorded fixes of the last run are allowed for."""
    with step(watch, "check"):
        ends = open_ends(options, watch)
    with step(watch, "inventory"), plainly(ends):
        _, made = inventory(ends, options)
        with ends.target.connect(read_only=True) as session:
            live = ends.target.tables(session)
            ledger = Ledger.last(ends.target, session)
            paired = pair_all(ends, made, live)
            record = ledger if ledger is not None and ledger.record().source == ends.source_place.spoken else None
            paired = plans.without_place(paired, archived_tables(record), "")
            _all_there(paired, options)
            wanted = [t for t in paired.tables if not options.tables or t.name in options.tables]
            ranges, patchers, altered = _remembered(record, wanted)
    with step(watch, "verify"), plainly(ends), seen(ends, options) as snapshot:
        with snapshot.session() as session:
            nothing_is_passed_over(ends, wanted, session, "move again, then verify")
        return compare(ends, options, wanted, snapshot, ranges, patchers, altered, watch)


def pair_all(ends: Ends, made: Plan, live: Mapping[str, Table]) -> Plan:
    """The plan with each table's columns paired with the target's live ones."""
    made = plans.welcome(made, live)
    with ends.target.connect() as session:
        limit = ends.target.limits(session).identifier
    tables = []
    for table in made.tables:
        there = plans.match_name(table.name, live, ends.target, name_on_target(table.name, limit, table.table))
        tables.append(plans.pair(table, there, ends.source, ends.target) if there is not None else table)
    return replace(made, tables=tuple(tables))


def nothing_is_passed_over(ends: Ends, tables: Sequence[TablePlan], session: Session, onward: str) -> None:
    """Refuse where the source holds what the target's tables have no place for: it came after they were made."""
    q = ends.source.quote
    for table in tables:
        if table.target is None and session.query(f"SELECT 1 FROM {q(table.name)} LIMIT 1"):
            raise _came_later(f"table {table.name} with rows", onward)
        for name in table.missing if table.target is not None else ():
            if session.query(f"SELECT 1 FROM {q(table.name)} WHERE {q(name)} IS NOT NULL LIMIT 1"):
                raise _came_later(f"column {table.name}.{name} with values", onward)


def _came_later(what: str, onward: str) -> Refused:
    return Refused(f"the source has a {what}, which the target does not have: {onward}.")


def archived_tables(ledger: Ledger | None) -> set[str]:
    """Tables whose rows the last run kept in a file instead."""
    return set() if ledger is None else {t.name for t in ledger.record().tables if t.action == "archive"}


def _all_there(paired: Plan, options: Options) -> None:
    if unknown := set(options.tables) - {t.name for t in paired.tables}:
        raise Refused(f"there is no table {sorted(unknown)[0]} in the plan: `outgrow plan` lists the names.")
    if absent := [t.name for t in paired.tables if t.target is None]:
        raise Refused(
            f"the target lacks {len(absent)} of the project's tables ({', '.join(absent[:5])}): move first, then "
            "verify."
        )


def _remembered(
    ledger: Ledger | None, tables: Sequence[TablePlan]
) -> tuple[dict[str, list[Range]], dict[str, Patcher], dict[str, dict[tuple[int | str, ...], frozenset[str]]]]:
    """The last run's ranges and fixes; none where the target was filled by something else."""
    ranges: dict[str, list[Range]] = {}
    if ledger is None:
        return ranges, {}, {}
    for chunk in ledger.chunks():
        ranges.setdefault(chunk.table, []).append(Range(chunk.low, chunk.high))
    patchers, altered = {}, {}
    for table in tables:
        rows = ledger.altered_rows(table.name)
        if not rows:
            continue
        patchers[table.name] = Patcher(from_ledger(rows), table.compared[0])
        columns: dict[tuple[int | str, ...], frozenset[str]] = {}
        for row in rows:
            columns[row.key] = columns.get(row.key, frozenset()) | {row.column}
        altered[table.name] = columns
    return ranges, patchers, altered


def compare(
    ends: Ends,
    options: Options,
    tables: Sequence[TablePlan],
    snapshot: Snapshot,
    ranges: Mapping[str, Sequence[Range]],
    patchers: Mapping[str, Patcher],
    altered: Mapping[str, Mapping[tuple[int | str, ...], frozenset[str]]],
    watch: Watch,
    known: Mapping[tuple[str, Range], Digest] | None = None,
) -> VerifyResult:
    """Both paths over these tables.

    Where values were fixed, what the target computes from them is not what the source computed from the old ones.
    """
    tables = [replace(table, computed=()) if table.name in patchers else table for table in tables]
    for table in tables:
        watch(Event("total", "verify", table.name, rows=table.source.rows))
    ranges = dict(ranges)
    with snapshot.session() as session:
        for table in tables:
            if table.name not in ranges and table.source.rows > 50_000:
                cuts = [None, *ends.source.boundaries(session, table.source_reading, 50_000), None]
                ranges[table.name] = [Range(low, high) for low, high in pairwise(cuts)]
    verdicts = Verify(
        source=ends.source, open_source=snapshot.session, target=ends.target, tables=tables, ranges=ranges,
        jobs=options.jobs, watch=watch, patchers=patchers, altered=altered, show_values=options.show_values,
        source_sessions=snapshot.sessions, known=known or {},
    ).run()  # fmt: skip
    return VerifyResult(tuple(verdicts))


def record(ledger: Ledger, result: VerifyResult) -> None:
    """Write the verdicts into the ledger, and the run's state with them."""
    with ledger.together():
        for v in result.verdicts:
            ledger.table_state(
                v.table, state="verified" if v.equal else "differs",
                source_rows=v.source.rows, target_rows=v.target.rows,
                source_digest=str(v.source), target_digest=str(v.target), equal=v.source == v.target, sampled=v.sampled,
                sampled_equal=v.sampled_equal, note="; ".join(map(str, (*v.differences[:5], *v.orphans[:5]))),
            )  # fmt: skip
        ledger.set_state(State.VERIFIED if result.equal else State.DIFFERS)


def sentence(result: VerifyResult) -> str:
    """One sentence for the first thing that differs."""
    unequal = [v for v in result.verdicts if not v.equal]
    first = unequal[0]
    counts = f"{first.source.rows} rows in the source, {first.target.rows} in the target"
    shown = next(iter([*map(str, first.differences), *first.orphans]), counts)
    return (
        f"{len(unequal)} of {len(result.verdicts)} tables differ, first {first.table} ({shown}): if the source is in "
        "use, move again with --freeze; otherwise look at `outgrow report`."
    )
