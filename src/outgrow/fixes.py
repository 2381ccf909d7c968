"""Fixes: what is done about a finding when somebody asked for it by ``--fix A101=cut``. The default is to refuse.

A fix names one value by table, key and column. The copy and the verification run the same fixes over the same lines, so
that *source + recorded fixes = target* can be proved; each altered value is recorded with its digest before and after.
"""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Protocol

from xxhash import xxh3_128_hexdigest

from outgrow.dialects.base import Dialect, Key, ObjectKind, Reading, Session
from outgrow.dialects.standard import canonical_key, terms
from outgrow.dialects.suspects import fits
from outgrow.errors import Refused
from outgrow.findings import Finding
from outgrow.json_text import strip_json
from outgrow.lines import DOUBT, NULL, escape, unescape
from outgrow.masks import mask
from outgrow.plan import TablePlan

ACTIONS = ("strip", "cut", "null", "reject")
"""In the order in which they are applied to one value."""
LEAVE_OUT = "archive"
"""The policy for a whole table: its rows go into the archive, not to the target."""
BLOCK = 500


@dataclass(frozen=True, slots=True)
class Fix:
    """One thing to do to one value: ``argument`` is what is kept ("40" characters, "2704b" bytes, a character set)."""

    rule: str
    table: str
    column: str
    key: Key
    action: str
    argument: str = ""

    @property
    def spoken(self) -> str:
        """The action as the ledger keeps it."""
        return f"{self.action} to {self.argument}" if self.argument and self.action in ("cut", "strip") else self.action


@dataclass(frozen=True, slots=True)
class Altered:
    """What a fix did: digests, never values. ``column`` is empty where the whole row was rejected."""

    table: str
    key: Key
    column: str
    rule: str
    action: str
    before: str
    after: str


class Recorded(Protocol):
    """An altered value as the ledger keeps it."""

    @property
    def table(self) -> str: ...
    @property
    def key(self) -> Key: ...
    @property
    def column(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def policy(self) -> str: ...


# -- choosing ---------------------------------------------------------------------------------------------------------


def choose(findings: Iterable[Finding], policies: Mapping[str, str]) -> list[Fix]:
    """The fixes that the policies (rule id → policy) ask for; Refused where one makes no sense for what was found."""
    fixes: list[Fix] = []
    for finding in findings:
        policy = policies.get(finding.id)
        if policy is not None:
            check_policy(finding, policy)
        if policy in ACTIONS:
            argument = finding.argument if policy in ("cut", "strip") else ""
            fixes += [Fix(finding.id, finding.table, finding.column, key, policy, argument) for key in finding.keys]
    return fixes


def check_policy(finding: Finding, policy: str) -> None:
    """Raise Refused unless the policy can be applied to all rows of the finding."""
    where = f"{finding.table}.{finding.column}" if finding.column else finding.table
    if policy == "widen":
        raise Refused(
            f"--fix {finding.id}=widen is not done by a move, because the project's models would not know of it: make "
            f"the field behind {where} larger in its model, run makemigrations and migrate, and audit again."
        )
    if policy == LEAVE_OUT and policy in finding.policies:
        return
    if policy not in finding.policies:
        offered = f"it offers {', '.join(finding.policies)}" if finding.policies else "it offers none"
        raise Refused(
            f"--fix {finding.id}={policy} cannot be applied to {where}: {offered}; choose one of these, or correct the "
            "rows at the source."
        )
    if len(finding.keys) < finding.count:
        raise Refused(f"--fix {finding.id}={policy} cannot name the rows of {where}, which has no key: correct them.")


def from_ledger(rows: Iterable[Recorded]) -> list[Fix]:
    """The fixes of an earlier run, from what the ledger recorded of it."""
    fixes = []
    for row in rows:
        action, _, argument = row.policy.partition(" to ")
        fixes.append(Fix(row.rule, row.table, row.column, tuple(row.key), action, argument))
    return fixes


def with_dependants(fixes: Sequence[Fix], tables: Sequence[TablePlan], dialect: Dialect, session: Session) -> list[Fix]:
    """The fixes, and those for rows that point at rejected ones: rejected as well, or set to NULL where they can be."""
    found = list(dict.fromkeys(fixes))
    seen = {(f.table, f.key) for f in found if f.action == "reject"}
    fresh = [f for f in found if f.action == "reject"]
    while fresh:
        grown: list[Fix] = []
        by_table: dict[str, list[Fix]] = defaultdict(list)
        for fix in fresh:
            by_table[fix.table].append(fix)
        for name, rejected in by_table.items():
            for reference in references(name, tables):
                grown += _dependants(reference, rejected, dialect, session)
        fresh = []
        for fix in grown:
            if fix.action != "reject":
                found.append(fix)
            elif (fix.table, fix.key) not in seen:
                seen.add((fix.table, fix.key))
                found.append(fix)
                fresh.append(fix)
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Reference:
    """A column of a child table that points at a column of a parent."""

    child: TablePlan
    column: str
    parent: TablePlan
    parent_column: str
    nullable: bool


def references(name: str, tables: Sequence[TablePlan]) -> list[Reference]:
    """Every column of the plan that points at this table, by models and by live constraints."""
    parent = next(t for t in tables if t.name == name)
    found: dict[tuple[str, str], Reference] = {}
    for child in tables:
        pairs = {c: i.refers for c, i in child.table.fields.items() if i.refers and i.constrained}
        for item in child.source.objects:
            if item.kind is ObjectKind.FOREIGN and item.refers and len(item.columns) == 1:
                pairs[item.columns[0]] = (item.refers[0], item.refers[1][0])
        for column, (table, there) in pairs.items():
            live = child.source.column(column)
            if table.lower() == name.lower() and live is not None:
                nullable = live.nullable and column not in child.source.key
                found[child.name, column] = Reference(child, column, parent, there, nullable)
    return list(found.values())


def _dependants(reference: Reference, rejected: Sequence[Fix], dialect: Dialect, session: Session) -> list[Fix]:
    """Rows of the child that point at the rejected rows of the parent."""
    q, child, parent = dialect.quote, reference.child, reference.parent
    if not child.source.key:
        raise Refused(
            f"rows of {child.name} may point at rejected rows, and it has no key to name them by: correct them."
        )
    key_of_child = _key_reading(child, dialect)
    keys = ",".join(terms(dialect, key_of_child))
    parent_terms = terms(dialect, _key_reading(parent, dialect))
    action = "null" if reference.nullable else "reject"
    found: list[Fix] = []
    for start in range(0, len(rejected), BLOCK):
        block = rejected[start : start + BLOCK]
        rows = [
            " AND ".join(f"{term}={dialect.literal(v)}" for term, v in zip(parent_terms, fix.key, strict=True))
            for fix in block
        ]
        gone = f"SELECT {q(reference.parent_column)} FROM {q(parent.name)} WHERE ({') OR ('.join(rows)})"
        sql = f"SELECT {keys} FROM {q(child.name)} c WHERE c.{q(reference.column)} IN ({gone})"
        for key in session.query(sql):
            found.append(Fix(block[0].rule, child.name, reference.column, canonical_key(key_of_child, key), action))
    return found


def _key_reading(table: TablePlan, dialect: Dialect) -> Reading:
    columns = [column for name in table.source.key if (column := table.source.column(name))]
    hints = [dialect.kind(column, table.table.hint(column.name)) for column in columns]
    return Reading(table.name, tuple(zip(columns, hints, strict=True)), table.source.key)


# -- applying ---------------------------------------------------------------------------------------------------------


def apply(fix: Fix, value: bytes | None) -> bytes | None:
    """The value after one fix; a value that is rejected stays as it is (its row goes)."""
    if value is None or fix.action == "null":
        return None
    if fix.action == "cut" and fix.rule == "A405":
        whole, _, digits = value.partition(b".")
        return whole + b"." + digits[: int(fix.argument.partition(" ")[0])].ljust(6, b"0")
    if fix.action == "cut":
        return cut(value, fix.argument)
    if fix.action == "strip":
        return strip(fix, value)
    return value


def cut(value: bytes, argument: str) -> bytes:
    """The first characters ("40") or bytes ("2704b", never half a character) of a text."""
    if argument.endswith("b"):
        return value[: int(argument[:-1])].decode("utf-8", "ignore").encode()
    return value.decode("utf-8", "surrogateescape")[: int(argument)].encode("utf-8", "surrogateescape")


def strip(fix: Fix, value: bytes) -> bytes:
    """The text without what the rule is about."""
    if fix.rule == "A102":
        return value.replace(b"\0", b"")
    if fix.rule == "A307":
        return value.removeprefix(b"-")
    if fix.rule in ("A202", "A205"):
        return strip_json(value)
    text = value.decode("utf-8", "ignore")
    if fix.rule == "A104":
        text = "".join(c for c in text if fits(c, fix.argument))
    return text.encode()


class Rejects:
    """The file of rejected rows: readable by its owner only, values masked unless they may be shown."""

    def __init__(self, path: Path, *, show_values: bool = False) -> None:
        self.path = path
        self.show_values = show_values
        self.count = 0
        self._seen: set[tuple[str, Key]] = set()
        self._lock = Lock()

    def add(self, fix: Fix, value: bytes | None) -> None:
        """Note one row; a row that is met again (another attempt, the verification) is noted once."""
        with self._lock:
            if (fix.table, fix.key) in self._seen:
                return
            self._seen.add((fix.table, fix.key))
            shown = value.decode("utf-8", "backslashreplace") if value is not None else None
            new = not self.path.exists()
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with open(handle, "a", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                if new:
                    writer.writerow(["table", "key", "column", "value", "error"])
                key = ", ".join(map(str, fix.key))
                masked = (shown or "") if self.show_values else mask(shown)
                writer.writerow([fix.table, key, fix.column, masked, fix.rule])
            self.count += 1


@dataclass(slots=True)
class Patcher:
    """Runs the fixes of one table over its lines."""

    fixes: Sequence[Fix]
    reading: Reading
    rejects: Rejects | None = None
    _by_key: dict[tuple[bytes, ...], list[Fix]] = field(default_factory=dict)
    _index: dict[str, int] = field(default_factory=dict)
    _key: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        self._index = {column.name: n for n, (column, _) in enumerate(self.reading.columns)}
        self._key = tuple(self._index[name] for name in self.reading.key)
        for fix in sorted(self.fixes, key=lambda f: ACTIONS.index(f.action)):
            self._by_key.setdefault(tuple(map(_in_line, fix.key)), []).append(fix)

    def patch(self, data: bytes) -> tuple[bytes, list[Altered]]:
        """The piece after the fixes, and what they altered."""
        lines = data.split(b"\n")
        lines.pop()
        altered: list[Altered] = []
        kept: list[bytes] = []
        for line in lines:
            fields = line.split(b"\t")
            fixes = self._by_key.get(tuple([fields[n].removeprefix(DOUBT) for n in self._key]))
            if fixes is None:
                kept.append(line)
            else:
                patched = self._line(line, fields, fixes, altered)
                kept += [] if patched is None else [patched]
        if not altered:
            return data, altered
        return b"".join(line + b"\n" for line in kept), altered

    def _line(self, line: bytes, fields: list[bytes], fixes: Sequence[Fix], altered: list[Altered]) -> bytes | None:
        """One line after its fixes; None where the row is rejected."""
        rejection = next((f for f in fixes if f.action == "reject"), None)
        if rejection is not None:
            if self.rejects is not None:
                place = self._index.get(rejection.column)
                self.rejects.add(rejection, None if place is None else _value(fields[place]))
            gone = Altered(rejection.table, rejection.key, "", rejection.rule, "reject", xxh3_128_hexdigest(line), "")
            altered.append(gone)
            return None
        for fix in fixes:
            place = self._index[fix.column]
            before = _value(fields[place])
            after = apply(fix, before)
            if after != before or fields[place].startswith(DOUBT):
                fields[place] = NULL if after is None else escape(after)
                altered.append(
                    Altered(fix.table, fix.key, fix.column, fix.rule, fix.spoken, _digest(before), _digest(after))
                )
        return b"\t".join(fields)


def _in_line(value: int | str) -> bytes:
    """One column of a key as it stands in a line."""
    return escape(str(value).encode("utf-8", "surrogateescape"))


def _value(cell: bytes) -> bytes | None:
    return None if cell == NULL else unescape(cell.removeprefix(DOUBT))


def _digest(value: bytes | None) -> str:
    return "" if value is None else xxh3_128_hexdigest(value)
