"""What a statement does, as far as its words tell: whether it only reads, whether it surely writes."""

from __future__ import annotations

import re
from typing import Any

_BLANK = r"(?:\s|\(|--[^\n]*\n|/\*.*?\*/)*"
_READS = re.compile(
    _BLANK + r"(?:SELECT|WITH|VALUES|TABLE|SHOW|EXPLAIN|DESCRIBE|DESC|SAVEPOINT|RELEASE|ROLLBACK|SET|PRAGMA|DECLARE|"
    r"FETCH|CLOSE|BEGIN|START|USE)\b",
    re.IGNORECASE | re.DOTALL,
)
_WRITES = re.compile(
    _BLANK + r"(?:INSERT|UPDATE|DELETE|REPLACE|MERGE|TRUNCATE|CREATE|ALTER|DROP|RENAME|COPY|LOAD|GRANT|REVOKE)\b",
    re.IGNORECASE | re.DOTALL,
)
_WRITES_WITHIN = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE|INTO)\b", re.IGNORECASE)
_SEVERAL = re.compile(r";\s*\S")  # in a text of the statement too: then it costs a question
_EXPLAINS = re.compile(_BLANK + r"EXPLAIN\s*\(?\s*ANALY[SZ]E\b", re.IGNORECASE)  # it is carried out
_LOCKS = re.compile(r"\bFOR\s+(?:NO\s+KEY\s+)?UPDATE\b", re.IGNORECASE)
_WITH = re.compile(_BLANK + r"WITH\b", re.IGNORECASE | re.DOTALL)
_OPAQUE = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/""", re.DOTALL)
_MODIFIES = re.compile(
    r"\bAS\s*(?:(?:NOT\s+)?MATERIALIZED\s*)?\(\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO)\s", re.IGNORECASE
)
_INNERMOST = re.compile(r"\([^()]*\)")
_LEADS_TO = re.compile(r"\b(SELECT|VALUES|TABLE|INSERT|UPDATE|DELETE|MERGE|REPLACE)\b(?!\s+AS\b)", re.IGNORECASE)
_ALWAYS_RECURSIVE = frozenset({"sqlite"})
_SELECTS = re.compile(_BLANK + r"(?:SELECT|WITH|VALUES|TABLE)\b", re.IGNORECASE | re.DOTALL)


def only_reads(sql: Any) -> bool:
    """Whether a statement changes no row. When in doubt it does: a read that is taken for a write costs one question.

    A function that writes, called by SELECT, cannot be told from one that reads.
    """
    if not isinstance(sql, str) or _READS.match(sql) is None:
        return False  # a composed statement of the driver is not looked into
    if (";" in sql and _SEVERAL.search(sql)) or _EXPLAINS.match(sql):
        return False
    return _WRITES_WITHIN.search(sql) is None or _WRITES_WITHIN.search(_LOCKS.sub("", sql)) is None


def surely_writes(sql: Any) -> bool:
    """Whether a statement begins with a word that changes rows or tables, or WITH leads to one.

    When in doubt it does not.
    """
    return isinstance(sql, str) and (_WRITES.match(sql) is not None or _writes_with(sql))


def _writes_with(sql: str) -> bool:
    """``WITH gone AS (DELETE …) SELECT …``, or ``WITH old AS (SELECT …) DELETE …``."""
    if _WITH.match(sql) is None or _WRITES_WITHIN.search(sql) is None:
        return False
    if "\\" in sql:
        return False  # where a text ends depends on the engine and its settings
    rest = _OPAQUE.sub(" ", sql)
    if _MODIFIES.search(rest):
        return True
    while (less := _INNERMOST.sub(" ", rest)) != rest:
        rest = less
    word = _LEADS_TO.search(rest)
    return word is not None and word[1].upper() not in ("SELECT", "VALUES", "TABLE")


def always_recursive(vendor: str) -> bool:
    """Whether WITH is WITH RECURSIVE on this engine: a CTE's name in its own query is the CTE, not a table."""
    return vendor in _ALWAYS_RECURSIVE


def selects(sql: Any) -> bool:
    """Whether a statement asks for rows, and does nothing to its own session."""
    return isinstance(sql, str) and _SELECTS.match(sql) is not None
