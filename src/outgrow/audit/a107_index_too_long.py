"""A107: texts that fit their index each by itself, and together do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from outgrow.audit.a105_indexed_text_too_long import INDEXES, special
from outgrow.audit.rule import SOURCE, Stage, StageRule, have, rows
from outgrow.audit.scan import key_reading
from outgrow.audit.trial import INDEX, NAME, temporary_table
from outgrow.dialects.base import Column, Key, Reading, SchemaObject, Session
from outgrow.dialects.suspects import Probe, Test
from outgrow.findings import Finding, NotJudged
from outgrow.lines import Kind
from outgrow.plan import TablePlan

PER_CHARACTER = 4
Long = list[tuple[Column, Kind]]  # the source's columns of an index that may hold long values


class IndexTooLong(StageRule):
    """Only an index whose columns may be that long is asked about; the target itself judges each long row."""

    id = "A107"
    title = "The columns of an index are too long together for the target's index."
    policies = ("reject",)

    def examine(self, stage: Stage) -> Iterator[Finding | NotJudged]:
        limit = stage.facts.index_value_bytes if stage.facts else None
        if limit is None or stage.session is None:
            return
        for plan in stage.plan.tables:
            asked: set[tuple[str, ...]] = set()
            for index in self.indexes(stage, plan):
                long = self.long(stage, plan, index)
                names = tuple(c.name for c, _ in long)
                if len(long) < 2 or names in asked or self.most(plan, long) <= limit:
                    continue
                asked.add(names)
                yield from self.ask(stage, plan, long, limit)

    def indexes(self, stage: Stage, plan: TablePlan) -> list[SchemaObject]:
        table = plan.source if stage.name == SOURCE else plan.target
        found = [o for o in table.objects if o.kind in INDEXES and not o.expression] if table else []
        return [o for o in found if not special(o.definition)]

    def long(self, stage: Stage, plan: TablePlan, index: SchemaObject) -> Long:
        """Before the target has columns, only texts can be tried."""
        if stage.name == SOURCE:
            known = [c for c in map(plan.source.column, index.columns) if c is not None]
            pairs = [(c, stage.source.kind(c, plan.table.hint(c.name))) for c in known]
            return [(c, k) for c, k in pairs if k is Kind.TEXT]
        by_name = {t.name: (s, k) for s, t, k in plan.columns if k in (Kind.TEXT, Kind.BINARY)}
        return [by_name[name] for name in index.columns if name in by_name]

    def most(self, plan: TablePlan, long: Long) -> int:
        """Bytes that these columns can hold by declaration."""
        infos = (plan.table.fields.get(c.name) for c, _ in long)
        lengths = [(i.max_length if i else None) or c.length for i, (c, _) in zip(infos, long, strict=True)]
        return sum(PER_CHARACTER * length if length else 2**31 for length in lengths)

    def ask(self, stage: Stage, plan: TablePlan, long: Long, limit: int) -> Iterator[Finding]:
        probe = Probe(*long[0], Test.TOGETHER, (limit, *long[1:]))
        columns = ", ".join(c.name for c, _ in long)
        known = stage.known.get((self.id, plan.name, long[0][0].name), ())
        with stage.sessions() as session:
            if not stage.suspects.hits(session, plan.name, [probe]):
                return
            keys = [s.key for s in stage.suspects.fetch(session, key_reading(stage, plan), [probe])]
            keys = [k for k in keys if k not in known and self.refused(stage, session, plan, long, k)]
        if keys:
            yield self.finding(
                plan.name, long[0][0].name, f"{rows(len(keys))} {plan.name} {have(len(keys))} values in {columns} that "
                "are too long together for an index on the target", len(keys),
                "shorten the values, or drop the index by a migration, or choose --fix A107=reject",
                keys=tuple(k for k in keys if k), policies=self.policies if plan.source.key else (),
            )  # fmt: skip

    def refused(self, stage: Stage, session: Session, plan: TablePlan, long: Long, key: Key) -> bool:
        """Whether an index over columns like the target's refuses the row."""
        if not key:
            return True
        keys = key_reading(stage, plan).columns
        reading = Reading(plan.name, (*keys, *(p for p in long if p[0].name not in plan.source.key)), plan.source.key)
        values = stage.source.raw(session, reading, [key]).get(key)
        if values is None:
            return True
        by_name = dict(zip((c.name for c, _ in reading.columns), values, strict=True))
        return tried(stage, [self.like(stage, plan, c) for c, _ in long], [by_name[c.name] for c, _ in long])

    def like(self, stage: Stage, plan: TablePlan, column: Column) -> Column:
        """The target's column, or one like it where there is none yet."""
        there = next((t for s, t, _ in plan.columns if s.name == column.name), None)
        wide = stage.facts.wide_text if stage.facts else ""
        return replace(there, nullable=True, generated=False) if there else Column(column.name, wide, wide)


def tried(stage: Stage, columns: Sequence[Column], values: Sequence[object]) -> bool:
    """Whether a temporary table on the target with such an index refuses the values."""
    with temporary_table(stage, columns) as (session, _, target):
        table, names = target.quote(NAME), ",".join(target.quote(c.name) for c in columns)
        shown = ",".join(target.literal(v if isinstance(v, str | bytes) else None) for v in values)
        try:
            session.execute(f"CREATE INDEX {target.quote(INDEX)} ON {table} ({names})")
            session.execute(f"INSERT INTO {table} VALUES ({shown})")
        except Exception:
            return True
        return False
