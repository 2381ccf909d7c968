"""The Plan: what will be done, as a value that can be printed, compared and carried out.

A :class:`TablePlan` pairs the live columns of both sides and settles each column's kind. Nothing here touches a
database.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from outgrow.dialects.base import Column, Dialect, Leaning, Reading, SchemaObject, Table
from outgrow.errors import Refused
from outgrow.fields import FieldInfo
from outgrow.lines import Kind
from outgrow.project import Action, Project, ProjectTable
from outgrow.scope import Scope, Share

UNORDERED = frozenset({Kind.FLOAT, Kind.JSON})
"""Kinds without one text on all engines (1e22, 1.0e+22): a key of them cannot be cut into ranges or looked up."""


@dataclass(frozen=True, slots=True)
class TablePlan:
    """One table of the move. ``target`` is None until the target's schema exists.

    ``columns`` are (source column, target column, kind) of what is copied; ``computed`` likewise for columns that the
    target generates, which are compared but never written.
    """

    table: ProjectTable
    source: Table
    target: Table | None = None
    columns: tuple[tuple[Column, Column, Kind], ...] = ()
    computed: tuple[tuple[Column, Column, Kind], ...] = ()
    missing: tuple[str, ...] = ()  # source columns with no place on the target
    extra: tuple[str, ...] = ()  # target columns that the source does not have

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def source_reading(self) -> Reading:
        """What is copied, on the source."""
        return Reading(self.source.name, tuple((s, k) for s, _, k in self.columns), self.source.key)

    @property
    def target_reading(self) -> Reading:
        """The same line, on the target (whose key columns may be named alike only)."""
        assert self.target is not None
        return Reading(self.target.name, tuple((t, k) for _, t, k in self.columns), self.source.key)

    @property
    def compared(self) -> tuple[Reading, Reading]:
        """The lines that verify compares: copied columns, then computed ones."""
        assert self.target is not None
        pairs = self.columns + self.computed
        return (
            Reading(self.source.name, tuple((s, k) for s, _, k in pairs), self.source.key),
            Reading(self.target.name, tuple((t, k) for _, t, k in pairs), self.source.key),
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done, in order. ``skipped`` tables are in it too, each with its reason."""

    source: str  # described without secrets, e.g. "SQLite db.sqlite3"
    target: str
    tables: tuple[TablePlan, ...] = ()
    others: tuple[ProjectTable, ...] = ()  # skipped, archived, to be rebuilt
    archived: tuple[Table, ...] = ()  # those of the others whose rows go into the archive
    fixes: Mapping[str, str] = field(default_factory=dict)  # rule id → policy
    jobs: int = 2
    schema: str = "migrate"
    freeze: bool = False
    verify: bool = True
    facts: Mapping[str, Any] = field(default_factory=dict)  # versions, sizes in bytes, estimate in seconds
    scope: Scope | None = None  # of a split; None = the whole project moves
    share: Share | None = None  # of a whole move of one database of several: what it owns
    keys: tuple[SchemaObject, ...] = ()  # of a split: the source's constraints between what moves and what stays
    leaning: tuple[Leaning, ...] = ()  # of a split: what else of the source asks for a table that moves

    @property
    def rows(self) -> int:
        return sum(t.source.rows for t in self.tables)

    @property
    def bytes(self) -> int:
        return sum(t.source.bytes for t in self.tables)

    def as_dict(self) -> dict[str, Any]:
        """The plan as JSON-ready values; no secrets, no values of rows."""
        return {
            "source": self.source,
            "target": self.target,
            "rows": self.rows,
            "bytes": self.bytes,
            "fixes": dict(self.fixes),
            "jobs": self.jobs,
            "schema": self.schema,
            "freeze": self.freeze,
            "verify": self.verify,
            "facts": dict(self.facts),
            "tables": [
                {
                    "name": t.name, "model": t.table.model, "rows": t.source.rows, "bytes": t.source.bytes,
                    "key": list(t.source.key), "action": t.table.action.value, "reason": t.table.reason,
                }
                for t in self.tables
            ],
            "others": [
                {"name": t.name, "model": t.model, "action": t.action.value, "reason": t.reason} for t in self.others
            ],
            **self._split(),
        }  # fmt: skip

    def _split(self) -> dict[str, Any]:
        if self.scope is None:
            return {}
        return {
            "apps": list(self.scope.apps),
            "owners": dict(self.scope.owners),
            "crossings": [crossing.as_dict() for crossing in self.scope.crossings],
            "constraints": [
                {"table": k.table, "name": k.name, "columns": list(k.columns), "refers": k.refers and k.refers[0]}
                for k in self.keys
            ],
            "leaning": [{"kind": one.kind, "name": one.name, "table": one.table} for one in self.leaning],
        }


def match_name(name: str, live: Mapping[str, Table], dialect: Dialect, truncated: str) -> Table | None:
    """The target's table for a source table: same name, Django's truncated name, or the engine's folded one."""
    for candidate in (name, truncated, name.lower()):
        if candidate in live:
            return live[candidate]
    return None


def pair(plan: TablePlan, target: Table, source_dialect: Dialect, target_dialect: Dialect) -> TablePlan:
    """Pair the live columns of both sides; the model's hint counts only where the live type can carry it."""
    columns: list[tuple[Column, Column, Kind]] = []
    computed: list[tuple[Column, Column, Kind]] = []
    missing: list[str] = []
    by_name = {c.name: c for c in target.columns}
    folded = {c.name.lower(): c for c in target.columns}
    for column in plan.source.columns:
        there = by_name.get(column.name) or folded.get(column.name.lower())
        if there is None:
            if not column.generated:
                missing.append(column.name)
            continue
        kind = settle_kind(column, there, plan.table.hint(column.name), source_dialect, target_dialect)
        column, there = agree(column, there, kind, plan.table.fields.get(column.name))
        if there.generated:
            # A search vector has no meaning in common with the plain text that stands for it on another engine.
            native = target_dialect.kind(there, plan.table.hint(column.name)) is Kind.NATIVE
            if not native or (column.generated and kind is Kind.NATIVE):
                computed.append((column, there, kind))
        else:
            columns.append((column, there, kind))
    here = {c.name.lower() for c in plan.source.columns}
    extra = tuple(c.name for c in target.columns if c.name.lower() not in here and not c.generated)
    return replace(
        plan, target=target, columns=tuple(columns), computed=tuple(computed), missing=tuple(missing), extra=extra
    )


def agree(source: Column, target: Column, kind: Kind, info: FieldInfo | None) -> tuple[Column, Column]:
    """Both sides render a decimal with one scale: the larger one, or the model's where neither declares any."""
    if kind is not Kind.DECIMAL:
        return source, target
    known = [s for s in (source.scale, target.scale) if s is not None]
    if not known and info is not None and info.decimal_places is not None:
        known = [info.decimal_places]
    scale = max(known) if known else None
    return replace(source, scale=scale), replace(target, scale=scale)


def settle_kind(source: Column, target: Column, hint: Kind | None, here: Dialect, there: Dialect) -> Kind:
    """One kind for both sides of a column."""
    one, other = here.kind(source, hint), there.kind(target, hint)
    if one == other:
        return one
    if hint is not None and hint in (one, other):
        return hint
    if Kind.NATIVE in (one, other) and one is not other:
        if here.name == there.name:
            return Kind.NATIVE
        return other if one is Kind.NATIVE else one
    # Without a word from the model, the more precise live type says what the values mean.
    return other if one is Kind.TEXT else one


def order_largest_first(tables: Sequence[TablePlan]) -> list[TablePlan]:
    """Largest tables first, so that the last worker is not left with one of them."""
    return sorted(tables, key=lambda t: (-t.source.bytes, -t.source.rows, t.name))


def start(project: Project, live: Mapping[str, Table], **settings: object) -> Plan:
    """The plan before the target's schema is known."""
    tables, others, archived = [], [], []
    for table in project.tables:
        if table.action is Action.COPY:
            if table.name not in live:
                raise Refused(
                    f"the table {table.name} of the plan is not in the source: look at the inventory again and rerun."
                )
            tables.append(TablePlan(table, with_ranges(table, live[table.name])))
        else:
            others.append(table)
            archived += [live[table.name]] if table.action is Action.ARCHIVE else []
    return Plan(
        tables=tuple(order_largest_first(tables)), others=tuple(others), archived=tuple(archived),
        **settings,  # type: ignore[arg-type]
    )  # fmt: skip


def with_ranges(table: ProjectTable, live: Table) -> Table:
    """The live table; without its key where engines show the key's values in different words."""
    return replace(live, key=()) if any(table.hint(name) in UNORDERED for name in live.key) else live


def welcome(plan: Plan, made: Mapping[str, Table]) -> Plan:
    """Tables without a model that the project's own migrations make on the target as well: copied, not archived."""
    known = {t.name: t for t in plan.others}
    at_home = [t for t in plan.archived if t.name in made and made[t.name].kind == "table"]
    if not at_home:
        return plan
    reason = "no model, but the project's migrations make it"
    copied = [TablePlan(replace(known[t.name], action=Action.COPY, reason=reason), t) for t in at_home]
    names = {t.name for t in at_home}
    return replace(
        plan, tables=tuple(order_largest_first([*plan.tables, *copied])),
        others=tuple(t for t in plan.others if t.name not in names),
        archived=tuple(t for t in plan.archived if t.name not in names),
    )  # fmt: skip


def without_place(plan: Plan, names: Collection[str], reason: str) -> Plan:
    """The plan with these tables archived: the target has none of that name."""
    leaving = [t for t in plan.tables if t.name in names]
    others = (replace(t.table, action=Action.ARCHIVE, reason=reason) for t in leaving)
    return replace(
        plan, tables=tuple(t for t in plan.tables if t.name not in names), others=(*plan.others, *others),
        archived=(*plan.archived, *(t.source for t in leaving)),
    )  # fmt: skip
