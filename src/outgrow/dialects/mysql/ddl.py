"""SHOW CREATE TABLE, taken apart: the server's own text of keys and constraints is the truth about them.

information_schema leaves out what a restore needs: prefix lengths, directions, parsers, comments, invisibility.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from outgrow.dialects.base import ObjectKind, SchemaObject

_TOKEN = re.compile(r"'(?:[^'\\]|\\.|'')*'|`(?:[^`]|``)*`|/\*.*?\*/|[(),]|[^'`(),/]+|/", re.DOTALL)
_NAME = r"`((?:[^`]|``)*)`"
_INDEX = re.compile(rf"(UNIQUE |FULLTEXT |SPATIAL |VECTOR )?(?:KEY|INDEX) {_NAME}")
_FOREIGN = re.compile(rf"CONSTRAINT {_NAME} FOREIGN KEY (?:IF NOT EXISTS )?(?:{_NAME} )?")
_CHECK = re.compile(rf"CONSTRAINT {_NAME} CHECK ")
_REFERENCES = re.compile(rf"\) REFERENCES {_NAME}(?:\.{_NAME})? \(")
_PART = re.compile(rf"{_NAME}(?:\((\d+)\))?( DESC| ASC)?$")


def quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def unquote(name: str) -> str:
    return name.replace("``", "`")


def entries(create: str) -> list[str]:
    """The columns, keys and constraints between the outermost parentheses."""
    found: list[str] = []
    depth, current = 0, ""
    for token in _TOKEN.findall(create):
        if token == ")":
            depth -= 1
            if depth == 0:
                found.append(current.strip())
                return found
        if depth == 1 and token == ",":
            found.append(current.strip())
            current = ""
            continue
        if depth:
            current += token
        if token == "(":
            depth += 1
    return found


def within(text: str) -> str:
    """What stands in the first pair of parentheses."""
    depth, start, at = 0, 0, 0
    for match in _TOKEN.finditer(text):
        if match[0] == "(":
            depth += 1
            if depth == 1:
                start = match.end()
        elif match[0] == ")":
            depth -= 1
            if depth == 0:
                at = match.start()
                break
    return text[start:at]


@dataclass(frozen=True, slots=True)
class KeyPart:
    """One part of an index: a column with an optional prefix length, or an expression."""

    column: str | None
    prefix: int | None = None
    expression: str | None = None

    @property
    def sql(self) -> str:
        """The part as a value that compares as the index does."""
        if self.column is None:
            return str(self.expression)
        return f"LEFT({quote(self.column)},{self.prefix})" if self.prefix else quote(self.column)


def key_parts(definition: str) -> list[KeyPart]:
    """The parts of an index from its definition."""
    parts = []
    for text in entries(f"({within(definition)})"):
        match = _PART.fullmatch(text)
        if match:
            parts.append(KeyPart(unquote(match[1]), int(match[2]) if match[2] else None))
        else:
            parts.append(KeyPart(None, expression=re.sub(r" (DESC|ASC)$", "", text)))
    return parts


def objects(table: str, create: str) -> Iterator[SchemaObject]:
    """The keys and constraints of a table, in the order of the server's text."""
    for entry in entries(create):
        if entry.startswith("PRIMARY KEY"):
            yield _index(table, "PRIMARY", ObjectKind.PRIMARY, entry)
        elif match := _INDEX.match(entry):
            kind = ObjectKind.UNIQUE if match[1] == "UNIQUE " else ObjectKind.INDEX
            yield _index(table, unquote(match[2]), kind, entry)
        elif match := _FOREIGN.match(entry):
            yield _foreign(table, unquote(match[1]), entry)
        elif match := _CHECK.match(entry):
            valid = "NOT ENFORCED" not in entry.rpartition(")")[2]
            yield SchemaObject(table, unquote(match[1]), ObjectKind.CHECK, definition=entry, valid=valid)


def _index(table: str, name: str, kind: ObjectKind, entry: str) -> SchemaObject:
    parts = key_parts(entry)
    columns = tuple(p.column for p in parts if p.column is not None)
    return SchemaObject(table, name, kind, columns, entry, expression=len(columns) < len(parts))


def _foreign(table: str, name: str, entry: str) -> SchemaObject:
    match = _REFERENCES.search(entry)
    assert match is not None
    refers = ".".join(unquote(g) for g in match.groups() if g)
    columns = tuple(p.column or "" for p in key_parts(entry[: match.start() + 1]))
    there = tuple(p.column or "" for p in key_parts(entry[match.end() - 1 :]))
    return SchemaObject(table, name, ObjectKind.FOREIGN, columns, entry, refers=(refers, there))


def parent(foreign: SchemaObject) -> str:
    """The table that a foreign key refers to, quoted as the server has it: a dot may be part of a name."""
    match = _REFERENCES.search(foreign.definition)
    if match is None:
        assert foreign.refers is not None
        return quote(foreign.refers[0])
    return ".".join(quote(unquote(g)) for g in match.groups() if g)
