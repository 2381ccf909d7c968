"""Looks at every statement of every connection: what crosses the planned owners, or the aliases there are."""

from __future__ import annotations

import logging
import os
import random
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import DEFAULT_DB_ALIAS, connections
from django.db import transaction as django_transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from outgrow import exemptions
from outgrow.errors import Refused
from outgrow.options import REHEARSALS
from outgrow.rehearse import cures, frames
from outgrow.rehearse.creation import Made, Name
from outgrow.rehearse.findings import Finding, Kind
from outgrow.rehearse.ownership import UNKNOWN, Ownership
from outgrow.rehearse.statements import Statement, read
from outgrow.rehearse.temporary import NONE, changed, hides
from outgrow.rehearse.tokens import without_values
from outgrow.rehearse.transactions import State, Transaction, Written, state_of

REMEMBERED = 5000  # statements
LONGEST_REMEMBERED = 20_000  # characters of one
logger = logging.getLogger("outgrow.rehearse")


class Sink(Protocol):
    """Takes what is found; called from any thread."""

    def found(self, finding: Finding) -> None: ...

    def expired(self, exemption: exemptions.Exemption) -> None: ...


@dataclass(frozen=True, slots=True)
class Crossing:
    """One statement's tables of several owners; ``far`` are those that its main table's owner does not have."""

    kind: Kind
    owners: tuple[str, ...]
    tables: tuple[str, ...]
    far: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a statement's text alone tells."""

    crossings: tuple[Crossing, ...] = ()
    writes: tuple[tuple[str, frozenset[str]], ...] = ()  # owner, tables
    tables: tuple[str, ...] = ()
    writing: bool = False
    makes: tuple[Made, ...] = ()  # temporary tables, which are nobody's
    drops: tuple[Name, ...] = ()


NOTHING = Judged()


class Observer:
    """One rehearsal's eyes. ``mode``: by owner on one database ("virtual"), by alias ("physical"), or both.

    ``sample``: the share of transactions, and of statements outside of any, that are looked at.
    """

    def __init__(self, ownership: Ownership, sink: Sink, mode: str = "virtual", sample: float = 1.0) -> None:
        if mode not in REHEARSALS:
            raise Refused(f"The mode {mode!r} is unknown: expected {', '.join(REHEARSALS)}.")
        self.ownership = ownership
        self.sink = sink
        self.virtual, self.physical = mode != "physical", mode != "virtual"
        self.sample = sample
        self.failures = 0
        self._several = len(list(connections)) > 1
        self._judged: dict[str | tuple[str, frozenset[Name]], Judged] = {}

    # -- every statement ------------------------------------------------------------------------------------------
    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Django's execute_wrapper. Nothing that goes wrong here may reach the project."""
        state, judged = state_of(context["connection"]), NOTHING
        try:
            if state is not None:
                judged = self._look(state, sql)
        except Exception as error:
            self._failed(error)
        result = execute(sql, params, many, context)
        if judged.makes or judged.drops:
            self._tables_changed(state, judged)
        return result

    def _look(self, state: State, sql: Any) -> Judged:
        transaction = state.transaction()
        watched = transaction.watched if transaction is not None else self.watch()
        if not watched and not _changes_tables(sql):
            return NOTHING
        sql = _text(sql, state.connection)
        hidden = state.temporary.names
        judged = self._judged.get((sql, hidden) if hidden else sql) or self._judge(sql, state)
        if watched and judged.tables:
            self._report_of(judged, sql, state, transaction)
        return judged

    def _tables_changed(self, state: State | None, judged: Judged) -> None:
        try:
            if state is not None:
                state.tables_changed(judged.makes, judged.drops)
        except Exception as error:
            self._failed(error)

    def _report_of(self, judged: Judged, sql: str, state: State, transaction: Transaction | None) -> None:
        if self.virtual:
            if judged.crossings:
                self._crosses(judged, sql, state.backticks)
            if transaction is not None and judged.writes:
                self._writes(judged, sql, state, transaction)
        if self.physical:
            self._elsewhere(judged, sql, state, transaction)

    def watch(self) -> bool:
        """Whether the next unit is one of the sample."""
        return self.sample >= 1.0 or random.random() < self.sample

    def _judge(self, sql: str, state: State) -> Judged:
        hidden = state.temporary.names
        statements = read(sql, state.backticks, state.recursive)
        judged = self._sum(statements, hidden) if statements else NOTHING
        if len(sql) <= LONGEST_REMEMBERED:
            if len(self._judged) >= REMEMBERED:
                self._judged.clear()
            self._judged[(sql, hidden) if hidden else sql] = judged
        return judged

    def _sum(self, statements: Iterable[Statement], hidden: frozenset[Name] = NONE) -> Judged:
        crossings: list[Crossing] = []
        writes: dict[str, set[str]] = {}
        tables: set[str] = set()
        makes: list[Made] = []
        drops: list[Name] = []
        for statement in statements:
            seen = [name for name in statement.tables if not hides(hidden, name)]
            owned = [(name, owner) for name in seen if (owner := self.ownership(name)) is not None]
            if statement.makes or statement.drops:
                makes += statement.makes
                drops += statement.drops
                hidden = changed(hidden, statement.makes, statement.drops)
            owners = {owner for _, owner in owned}
            tables |= {name[1] for name, _ in owned}
            for name, owner in owned:
                if name in statement.written:
                    writes.setdefault(owner, set()).add(name[1])
            if len(owners) > 1:
                top = {owner for name, owner in owned if name not in statement.nested}
                kind = Kind.UNION if statement.combined else Kind.JOIN if len(top) > 1 else Kind.SUBQUERY
                near = None if hides(hidden, statement.main) else self.ownership(statement.main)
                far = tuple(sorted({name[1] for name, owner in owned if owner != near}))
                crossings.append(Crossing(kind, tuple(sorted(owners)), tuple(sorted({n[1] for n, _ in owned})), far))
        if not (tables or makes or drops):
            return NOTHING
        listed = tuple((owner, frozenset(names)) for owner, names in writes.items())
        return Judged(tuple(crossings), listed, tuple(sorted(tables)), bool(writes), tuple(makes), tuple(drops))

    # -- by owner -------------------------------------------------------------------------------------------------
    def _crosses(self, judged: Judged, sql: str, backticks: bool) -> None:
        for found in judged.crossings:
            message = f"{_KINDS[found.kind]} {_and(found.tables)}, which {_and(found.owners)} will own"
            advice = cures.of_statement(found.kind, sql, backticks, found.far, found.owners)
            self._report(found.kind, found.owners, found.tables, message, sql, backticks, advice)

    def _writes(self, judged: Judged, sql: str, state: State, transaction: Transaction) -> None:
        exemption = exemptions.current()
        if exemption is not None and not exemption.expired:
            exemption.used += any(owner not in transaction.writes for owner, _ in judged.writes)
            return
        for owner, tables in judged.writes:
            if owner in transaction.writes:
                continue
            place = frames.place() if owner != DEFAULT_DB_ALIAS and transaction.using is None else None
            before = [(o, w) for t in self._open(transaction) for o, w in t.writes.items() if o != owner]
            transaction.writes[owner] = Written(tables, sql, state.backticks, place)
            for other, first in before:
                owners = tuple(sorted((owner, other)))
                named = tuple(sorted(tables | first.tables))
                message = (
                    f"one transaction writes {_and(sorted(first.tables))} of {other}, and then "
                    f"{_and(sorted(tables))} of {owner}: each side will commit by itself"
                )
                self._report(
                    Kind.TRANSACTION, owners, named, message, sql, state.backticks,
                    cures.of_transaction(owners, cascade=frames.in_cascade()), (first.sql, first.backticks),
                )  # fmt: skip

    def _open(self, transaction: Transaction) -> list[Transaction]:
        """All open transactions of this thread, this one among them."""
        return [transaction, *(t for _, t in self._others(transaction.alias) if t is not None)]

    def _others(self, alias: str) -> list[tuple[str, Transaction | None]]:
        """Other aliases on which this thread has a transaction open."""
        if not self._several:
            return []
        states = (state_of(c) for c in connections.all(initialized_only=True) if c.alias != alias)
        return [(s.connection.alias, s.transaction()) for s in states if s is not None and s.open]

    def ended(self, state: State, transaction: Transaction) -> None:
        """A transaction is over: was it on the database that its tables will be in?"""
        try:
            if self.virtual and transaction.watched:
                self._judge_end(state, transaction)
        except Exception as error:
            self._failed(error)

    def _judge_end(self, state: State, transaction: Transaction) -> None:
        owners = [o for o in transaction.writes if not o.startswith(UNKNOWN)]
        if not owners or DEFAULT_DB_ALIAS in owners or transaction.alias != DEFAULT_DB_ALIAS:
            return
        owner, first = owners[0], transaction.writes[owners[0]]
        pair = tuple(sorted((owner, DEFAULT_DB_ALIAS)))
        asked = [("on_commit", Kind.ON_COMMIT, place) for place in transaction.commit_hooks]
        if transaction.using is None and first.place is not None:
            asked.insert(0, ("atomic", Kind.ATOMIC, first.place))
        for function, kind, place in asked:
            effect = "it would not cover the write" if kind == Kind.ATOMIC else "it would run at once"
            message = (
                f"{function}() without using is on {DEFAULT_DB_ALIAS}, and this transaction writes {owner} alone: once "
                f"that is a database of its own, {effect}"
            )
            self._report(
                kind, pair, tuple(sorted(first.tables)), message, first.sql, first.backticks,
                cures.of_alias(function, owner), place=place,
            )  # fmt: skip

    # -- by alias -------------------------------------------------------------------------------------------------
    def _elsewhere(self, judged: Judged, sql: str, state: State, transaction: Transaction | None) -> None:
        alias = state.connection.alias
        for other, theirs in self._others(alias):
            if theirs is not None and (not theirs.watched or (alias, "elsewhere") in theirs.reported):
                continue
            if transaction is not None and theirs is not None:
                theirs.reported.add((alias, "elsewhere"))
                transaction.reported.add((other, "elsewhere"))
                kind = Kind.TRANSACTION
                what = f"transactions are open on {_and(sorted((alias, other)))} at once: each commits by itself"
            elif judged.writing:
                kind, what = Kind.ATOMIC, f"atomic() covers {other}, this writes {alias}"
            else:
                kind = Kind.ELSEWHERE
                what = f"a query on {alias} while a transaction is open on {other}: it does not see its writes"
            advice = cures.of_alias("atomic", alias) if kind == Kind.ATOMIC else cures.of_transaction(())
            owners = tuple(sorted((alias, other)))
            self._report(kind, owners, judged.tables, what, sql, state.backticks, advice)

    def commit_hook(self, connection: BaseDatabaseWrapper) -> None:
        """on_commit() was called."""
        try:
            self._commit_hook(connection)
        except Exception as error:
            self._failed(error)

    def _commit_hook(self, connection: BaseDatabaseWrapper) -> None:
        state = state_of(connection)
        transaction = state.transaction() if state is not None else None
        exemption = exemptions.current()
        if transaction is not None:
            unnamed = _using() is None
            allowed = exemption is not None and not exemption.expired
            place = frames.place() if self.virtual and transaction.watched and unnamed and not allowed else None
            if place is not None:
                transaction.commit_hooks.append(place)
            return
        for other, theirs in self._others(connection.alias):
            if theirs is not None and not theirs.watched:
                continue
            message = (
                f"on_commit() is on {connection.alias}, which is in autocommit: it runs at once, in the midst of the "
                f"transaction on {other}"
            )
            pair = tuple(sorted((connection.alias, other)))
            self._report(Kind.ON_COMMIT, pair, (), message, "", False, cures.of_alias("on_commit", other))

    # -- help -------------------------------------------------------------------------------------------------------
    def _report(
        self, kind: Kind, owners: tuple[str, ...], tables: tuple[str, ...], message: str, sql: str, backticks: bool,
        advice: tuple[str, ...], first: tuple[str, bool] | None = None, place: frames.Place | None = None,
    ) -> None:  # fmt: skip
        exemption = exemptions.current()
        if exemption is not None:
            if not exemption.expired:
                exemption.used += 1
                return
            self.sink.expired(exemption)
            message += f"; {exemption}"
        place = place or frames.place()
        if place is None:
            return
        names = self.ownership.names.union(tables)
        shown = without_values(sql, backticks, names)
        if first is not None:
            shown = f"{without_values(*first, names)}; … {shown}"
        self.sink.found(Finding(kind, owners, tables, place, shown, message, advice))

    def _failed(self, error: Exception) -> None:
        """What could not be read is counted, and logged once without values."""
        self.failures += 1
        if self.failures == 1:
            logger.error("a statement could not be judged (%s): its crossings are not known", type(error).__name__)


_KINDS = {
    Kind.JOIN: "a join of", Kind.SUBQUERY: "a subquery across", Kind.UNION: "a union of",
}  # fmt: skip


def _text(sql: Any, connection: BaseDatabaseWrapper) -> str:
    """Statements may be composed objects of the driver."""
    if isinstance(sql, str):
        return sql
    return sql.as_string(connection.connection) if hasattr(sql, "as_string") else str(sql)


def _changes_tables(sql: Any) -> bool:
    """Whether a statement outside of the sample has to be read nevertheless: its temporary table may be met inside."""
    return isinstance(sql, str) and sql.lstrip()[:4].upper() in ("CREA", "DROP")


def _using() -> str | None:
    """What django.db.transaction.on_commit() was given as ``using``; a connection's own on_commit names its alias."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        if frame.f_code is django_transaction.on_commit.__code__:
            return frame.f_locals["using"]  # type: ignore[no-any-return]
        if os.path.dirname(frame.f_code.co_filename) != os.path.dirname(__file__):
            break
        frame = frame.f_back
    return ""


def _and(names: Iterable[str]) -> str:
    *some, last = names
    return f"{', '.join(some)} and {last}" if some else last
