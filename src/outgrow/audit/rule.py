"""What a rule is: a :class:`CellRule` asks about values of columns, a :class:`StageRule` about tables and servers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Lock
from typing import ClassVar

from outgrow.dialects.base import Column, Dialect, Key, Limits, Session
from outgrow.dialects.suspects import Facts, Probe, Suspect, Suspects, Test
from outgrow.fields import FieldInfo
from outgrow.findings import Finding, NotJudged, Severity
from outgrow.lines import Kind
from outgrow.plan import Plan, TablePlan
from outgrow.project import Project

SOURCE, TARGET = "source", "target"


@dataclass(slots=True)
class Stage:
    """One of the two audits: "source" before anything is made, "target" against the live tables of the target."""

    name: str
    plan: Plan
    source: Dialect
    suspects: Suspects
    sessions: Callable[[], Session]
    target: Dialect | None = None
    there: Suspects | None = None  # the target's
    session: Session | None = None  # on the target, allowed to make temporary tables
    limits: Limits | None = None
    charset: str | None = None  # the target database's, where it is less than all of Unicode
    collation: str | None = None  # likewise; None where only equal bytes are equal
    project: Project | None = None
    known: dict[tuple[str, str, str], set[Key]] = field(default_factory=dict)  # rows that the first audit named
    refusals: dict[tuple[str, str], bool] = field(default_factory=dict)  # what the target said of single values
    lock: Lock = field(default_factory=Lock)  # of the target's session, which the workers share

    @property
    def facts(self) -> Facts | None:
        return self.there.facts if self.there else None

    def holds_rows(self, plan: TablePlan) -> bool:
        """Whether the table has a row: the catalog's number is an estimate, and often 0."""
        with self.sessions() as session:
            return bool(session.query(f"SELECT 1 FROM {self.source.quote(plan.name)} LIMIT 1"))


@dataclass(frozen=True)
class Spot:
    """One column that is copied, with all that is known of it on both sides."""

    stage: Stage
    plan: TablePlan
    source: Column
    target: Column | None
    kind: Kind

    @cached_property
    def info(self) -> FieldInfo | None:
        return self.plan.table.fields.get(self.source.name)

    @property
    def facts(self) -> Facts | None:
        return self.stage.facts

    @property
    def internal_type(self) -> str:
        return self.info.internal_type if self.info else ""

    @property
    def name(self) -> str:
        return f"{self.plan.name}.{self.source.name}"

    @property
    def nullable(self) -> bool:
        """Whether NULL could stand here on the target."""
        return self.target.nullable if self.target else bool(self.info and self.info.null)

    @property
    def is_key(self) -> bool:
        return self.source.name in self.plan.source.key

    def probe(self, test: Test, *argument: object) -> Probe:
        return Probe(self.column, self.kind, test, argument)

    @cached_property
    def column(self) -> Column:
        """The source's column with the digits that the model or the target gives a decimal."""
        if self.kind is not Kind.DECIMAL:
            return self.source
        precision, scale = self.digits
        return replace(self.source, precision=precision, scale=scale)

    @property
    def digits(self) -> tuple[int | None, int | None]:
        """(precision, scale) that the value must fit."""
        live = self.plan.target.column(self.target.name) if self.plan.target and self.target else None
        if live is not None and live.scale is not None:
            return live.precision, live.scale
        if self.info is not None and self.info.decimal_places is not None:
            return self.info.max_digits, self.info.decimal_places
        return self.source.precision, self.source.scale


class Rule:
    """One rule: its id, its one-sentence title, and what may be done about what it finds."""

    id: ClassVar[str]
    title: ClassVar[str]
    severity: ClassVar[Severity] = Severity.ERROR
    policies: ClassVar[tuple[str, ...]] = ()
    stages: ClassVar[tuple[str, ...]] = (SOURCE, TARGET)

    def finding(
        self, table: str, column: str, message: str, count: int = 1, remedy: str = "", **more: object
    ) -> Finding:
        more.setdefault("severity", self.severity)
        return Finding(self.id, table, column, message, count, remedy=remedy, **more)  # type: ignore[arg-type]

    def not_judged(self, table: str, column: str, message: str) -> NotJudged:
        return NotJudged(self.id, table, column, message)


class CellRule(Rule):
    """A rule about single values. ``judge`` has the last word on each suspect that the probes brought up."""

    kinds: ClassVar[frozenset[Kind]] = frozenset()
    advised: ClassVar[tuple[str, ...]] = ()  # of its policies the one that loses least

    def probes(self, spot: Spot) -> Iterable[Probe]:
        """What to ask of the column; nothing where the rule does not apply."""
        raise NotImplementedError

    def judge(self, spot: Spot, suspect: Suspect) -> bool:
        """Whether this value is one that the rule is about."""
        raise NotImplementedError

    def message(self, spot: Spot, count: int) -> str:
        raise NotImplementedError

    def remedy(self, spot: Spot) -> str:
        """What to do by hand."""
        return "correct the rows at the source"

    def offered(self, spot: Spot) -> tuple[str, ...]:
        """The policies that make sense for this column."""
        spared = {"null", "cut", "strip"} if spot.is_key else set() if spot.nullable else {"null"}
        return tuple(p for p in self.policies if p not in spared) if spot.plan.source.key else ()

    def argument(self, spot: Spot) -> str:
        """What a policy keeps to: "40" characters, "2704b" bytes, a character set."""
        return ""


class StageRule(Rule):
    """A rule about tables, columns, keys or servers."""

    def examine(self, stage: Stage) -> Iterator[Finding | NotJudged]:
        raise NotImplementedError


def values(count: int) -> str:
    """ "1 value of" / "12 values of": the start of many messages."""
    return f"{count} value of" if count == 1 else f"{count} values of"


def rows(count: int) -> str:
    return f"{count} row of" if count == 1 else f"{count} rows of"


def are(count: int) -> str:
    return "is" if count == 1 else "are"


def have(count: int) -> str:
    return "has" if count == 1 else "have"
