"""Asks all cell rules of all tables: one scan per table, tables side by side, and a second look only where one hit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from outgrow.audit.rule import SOURCE, CellRule, Spot, Stage
from outgrow.dialects.base import Key, Reading, Session
from outgrow.dialects.suspects import Probe, Suspect
from outgrow.events import Event, Watch
from outgrow.findings import AuditResult, Finding, Severity
from outgrow.plan import TablePlan

Asked = tuple[str, str, Probe]  # rule, table, probe


@dataclass(slots=True)
class Tally:
    """What was found of one rule in one column."""

    count: int = 0
    keys: list[Key] = field(default_factory=list)

    def add(self, suspect: Suspect) -> None:
        self.count += 1
        if suspect.key:
            self.keys.append(suspect.key)


def scan(
    stage: Stage, rules: Sequence[CellRule], jobs: int, watch: Watch, judged: frozenset[Asked] = frozenset()
) -> AuditResult:
    """The findings of all cell rules; questions in ``judged`` were answered before and are not asked again."""
    queue: SimpleQueue[TablePlan] = SimpleQueue()
    for table in stage.plan.tables:
        queue.put(table)
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        futures = [pool.submit(_work, stage, rules, queue, watch, judged) for _ in range(max(1, jobs))]
    result = AuditResult()
    for future in futures:
        result += future.result()
    return result


def _work(
    stage: Stage, rules: Sequence[CellRule], queue: SimpleQueue[TablePlan], watch: Watch, judged: frozenset[Asked]
) -> AuditResult:
    found: list[Finding] = []
    asked: set[Asked] = set()
    session: Session | None = None
    step = f"audit {stage.name}"
    try:
        while True:
            table = queue.get_nowait()
            questions = ask(stage, table, rules, judged)
            asked.update((rule.id, table.name, probe) for rule, _, probe in questions)
            if questions:
                session = session or stage.sessions()
                found += answer(stage, session, table, questions)
            watch(Event("progress", step=step, table=table.name, rows=table.source.rows, bytes=table.source.bytes))
    except Empty:
        return AuditResult(tuple(found), (), frozenset(asked))
    finally:
        if session is not None:
            session.close()


Question = tuple[CellRule, Spot, Probe]


def ask(stage: Stage, table: TablePlan, rules: Sequence[CellRule], judged: frozenset[Asked]) -> list[Question]:
    """All questions about one table that were not answered before."""
    return [
        (rule, spot, probe)
        for spot in spots(stage, table)
        for rule in rules
        if stage.name in rule.stages and (not rule.kinds or spot.kind in rule.kinds)
        for probe in rule.probes(spot)
        if (rule.id, table.name, probe) not in judged
    ]


def spots(stage: Stage, table: TablePlan) -> Iterator[Spot]:
    """The columns that are copied."""
    if stage.name == SOURCE:
        for column in table.source.columns:
            if not column.generated:
                kind = stage.source.kind(column, table.table.hint(column.name))
                yield Spot(stage, table, column, None, kind)
    else:
        for source, target, kind in table.columns:
            yield Spot(stage, table, source, target, kind)


def answer(stage: Stage, session: Session, table: TablePlan, questions: Sequence[Question]) -> list[Finding]:
    """One scan for all questions; the columns that hit are looked at again, value by value."""
    probes = list(dict.fromkeys(probe for _, _, probe in questions))
    hits = set(stage.suspects.hits(session, table.name, probes))
    by_column: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        if question[2] in hits:
            by_column[question[1].source.name].append(question)
    found: list[Finding] = []
    for column_questions in by_column.values():
        found += look_again(stage, session, table, column_questions)
    return found


def look_again(stage: Stage, session: Session, table: TablePlan, questions: Sequence[Question]) -> list[Finding]:
    """Judge every suspect of one column."""
    tallies: dict[CellRule, tuple[Spot, Tally]] = {}
    for rule, spot, _ in questions:
        tallies.setdefault(rule, (spot, Tally()))
    reading = key_reading(stage, table)
    for suspect in stage.suspects.fetch(session, reading, [probe for _, _, probe in questions]):
        for rule, (spot, tally) in tallies.items():
            known = stage.known.get((rule.id, table.name, spot.source.name), ())
            if suspect.key not in known and rule.judge(spot, suspect):
                tally.add(suspect)
    return [as_finding(rule, spot, tally) for rule, (spot, tally) in tallies.items() if tally.count]


def key_reading(stage: Stage, table: TablePlan) -> Reading:
    """The table's key columns only."""
    fields = table.table
    columns = [c for name in table.source.key if (c := table.source.column(name))]
    return Reading(table.name, tuple((c, stage.source.kind(c, fields.hint(c.name))) for c in columns), table.source.key)


def as_finding(rule: CellRule, spot: Spot, tally: Tally) -> Finding:
    return rule.finding(
        spot.plan.name,
        spot.source.name,
        rule.message(spot, tally.count),
        tally.count,
        advice(rule, spot),
        keys=tuple(tally.keys),
        policies=rule.offered(spot),
        argument=rule.argument(spot),
        nullable=spot.nullable,
    )


def advice(rule: CellRule, spot: Spot) -> str:
    """What to do about an error by hand, and the policies: those that lose least, or all that this column allows."""
    offered = rule.offered(spot)
    if rule.severity is not Severity.ERROR or not offered:
        return rule.remedy(spot)
    best = [policy for policy in rule.advised if policy in offered] or offered
    return f"{rule.remedy(spot)}, or choose --fix {' or '.join(f'{rule.id}={policy}' for policy in best)}"
