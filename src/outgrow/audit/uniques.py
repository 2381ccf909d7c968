"""Unique keys of the target: which of them the source has too, and which rows collide under the target's collation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from outgrow.audit.rule import Rule, Stage
from outgrow.audit.trial import NAME, CannotTry, trial
from outgrow.dialects.base import Column, Key, ObjectKind, SchemaObject, Table, Trouble
from outgrow.dialects.suspects import Probe, Test
from outgrow.findings import Finding, NotJudged
from outgrow.lines import Kind
from outgrow.plan import TablePlan

UNIQUE = (ObjectKind.PRIMARY, ObjectKind.UNIQUE)
MOST_GROUPS = 1000


def uniques(table: Table) -> Iterator[SchemaObject]:
    return (o for o in table.objects if o.kind in UNIQUE)


def same_on_source(plan: TablePlan, unique: SchemaObject) -> bool:
    """Whether the source has the same unique key: the same columns, under no narrower condition."""
    wanted = {c.lower() for c in unique.columns}
    return any(
        {c.lower() for c in o.columns} == wanted
        and (o.condition is None or unique.condition is not None)
        and (unique.nulls_distinct or not o.nulls_distinct)
        and not o.expression
        for o in uniques(plan.source)
    )


def loose_texts(stage: Stage, plan: TablePlan, unique: SchemaObject) -> list[tuple[Column, Kind]]:
    """The unique's text columns that the target compares by anything but their bytes, as the source's columns."""
    assert stage.there is not None
    return [
        (s, k) for s, t, k in plan.columns
        if t.name in unique.columns and k is Kind.TEXT and not stage.there.is_exact(t)
    ]  # fmt: skip


def default_texts(stage: Stage, plan: TablePlan, unique: SchemaObject) -> list[tuple[Column, Kind]]:
    """The unique's text columns whose model leaves the collation to the target."""
    found = []
    for name in unique.columns:
        column, info = plan.source.column(name), plan.table.fields.get(name)
        if column is None or info is None or stage.source.kind(column, info.kind) is not Kind.TEXT:
            continue
        if info.collation is None:
            found.append((column, Kind.TEXT))
    return found


def as_by_default(stage: Stage, plan: TablePlan, unique: SchemaObject) -> TablePlan:
    """The plan with the unique's columns and the key paired with columns as the target would make them by default."""
    assert stage.there is not None
    text = stage.there.facts.wide_text
    pairs = []
    for name in dict.fromkeys((*unique.columns, *plan.source.key)):
        column = plan.source.column(name)
        assert column is not None
        kind = stage.source.kind(column, plan.table.hint(name))
        type_ = "bigint" if kind is Kind.INTEGER else text
        info = plan.table.fields.get(name)
        exact = info is not None and info.collation is not None
        collation = None if kind is not Kind.TEXT or exact else stage.collation
        like = Column(name, type_, type_, collation=collation)
        pairs.append((column, like, kind if kind is Kind.INTEGER else Kind.TEXT))
    return replace(plan, columns=tuple(pairs))


def may_collide(stage: Stage, plan: TablePlan, texts: list[tuple[Column, Kind]]) -> bool:
    """Lower-case ASCII without trailing blanks is equal under no collation but to itself: then nothing is asked."""
    with stage.sessions() as session:
        return bool(stage.suspects.hits(session, plan.name, [Probe(s, k, Test.SPECIAL) for s, k in texts]))


def collisions(
    rule: Rule, stage: Stage, plan: TablePlan, unique: SchemaObject, why: str, remedy: str
) -> Iterator[Finding | NotJudged]:
    """Ask the target which rows collide under this unique key."""
    assert stage.target is not None
    where = ", ".join(unique.columns) or unique.name
    if unique.expression or not unique.columns:
        yield from over_expression(rule, stage, plan, unique, remedy)
        return
    columns = [c.name for c in plan.target.columns] if unique.condition and plan.target else list(unique.columns)
    try:
        with trial(stage, plan, columns) as made:
            assert stage.session is not None
            key = made.reading.key or unique.columns
            reading = replace(made.reading, key=key)
            groups = stage.target.colliding(stage.session, replace(unique, table=reading.table), reading, MOST_GROUPS)
    except CannotTry as error:
        yield rule.not_judged(plan.name, where, f"{unique.name}: {error}")
        return
    if groups:
        keys: tuple[Key, ...] = tuple(key for group in groups for key in sorted(group, key=str))
        if stage.known.get((rule.id, plan.name, where)) == set(keys):
            return  # the first audit said it
        more = "at least " if len(groups) >= MOST_GROUPS else ""
        message = f"{more}{len(keys)} rows of {plan.name} collide in {len(groups)} group(s) on ({where}): {why}"
        yield rule.finding(plan.name, where, message, len(keys), remedy, keys=keys if plan.source.key else ())


def over_expression(
    rule: Rule, stage: Stage, plan: TablePlan, unique: SchemaObject, remedy: str
) -> Iterator[Finding | NotJudged]:
    """A key over an expression: the target makes the same index over a copy of the rows, or will not."""
    assert stage.there is not None
    assert stage.target is not None
    assert plan.target is not None
    ddl = stage.there.trial_index(unique, NAME)
    if ddl is None:
        yield rule.not_judged(plan.name, unique.name, f"the unique key {unique.name} is over an expression or a period")
        return
    try:
        with trial(stage, plan, [c.name for c in plan.target.columns], wide=False):
            assert stage.session is not None
            try:
                stage.session.execute(ddl)
            except Exception as error:
                stage.session.rollback()
                if stage.target.trouble(error) is not Trouble.DATA:
                    raise CannotTry(stage.target.explain(error)) from error
                message = f"rows of {plan.name} are duplicates under the target's unique key {unique.name}"
                yield rule.finding(plan.name, unique.name, message, 2, remedy)
    except CannotTry as error:
        yield rule.not_judged(plan.name, unique.name, f"{unique.name}: {error}")
