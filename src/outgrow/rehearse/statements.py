"""Which tables a statement reads, writes and locks, and which of them only in a subquery.

Tables are the names after FROM, JOIN, INTO, UPDATE, DELETE, USING, TRUNCATE, LOCK and TABLE, where each can stand:
 ``EXTRACT(YEAR FROM made)`` and ``IS DISTINCT FROM`` name none, nor does a CTE, a function or ``FOR UPDATE``. A CTE's
 name is the CTE only where it can be seen: its own query still reads the table of that name, unless WITH is RECURSIVE.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from outgrow.rehearse.creation import Made, Name, creation, dropped
from outgrow.rehearse.tokens import NAME, SIGN, WORD, Token, spelled, tokens, words

_READS = frozenset({"SELECT", "VALUES", "TABLE"})
_WRITES = frozenset({"INSERT", "REPLACE", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "LOCK"})
_NO_TABLES = words(
    "ALTER ANALYZE BEGIN CALL COMMENT COMMIT DEALLOCATE DISCARD DO END EXPLAIN FETCH FLUSH GRANT KILL LISTEN "
    "NOTIFY OPTIMIZE PRAGMA PREPARE REASSIGN REFRESH REINDEX RELEASE RENAME RESET REVOKE ROLLBACK SAVEPOINT SET SHOW "
    "START UNLISTEN UNLOCK USE VACUUM"
)
_MODIFIERS = words("ONLY LATERAL IF EXISTS TABLE TABLES IGNORE LOW_PRIORITY HIGH_PRIORITY QUICK OR INTO")
_TEMPORARY = frozenset({"TEMP", "TEMPORARY"})  # PostgreSQL: SELECT … INTO TEMP t
_CONFLICTS = frozenset({"ROLLBACK", "ABORT", "REPLACE", "FAIL", "IGNORE"})  # SQLite: UPDATE OR REPLACE t
_ENDS = words("WHERE SET GROUP ORDER HAVING LIMIT RETURNING VALUES WINDOW FETCH OFFSET")
_NO_ALIAS = _ENDS | words(
    "JOIN INNER LEFT RIGHT FULL OUTER CROSS NATURAL STRAIGHT_JOIN ON USING UNION INTERSECT EXCEPT FROM FOR SELECT "
    "DEFAULT OVERRIDING TABLESAMPLE USE FORCE IGNORE INDEXED NOT WHEN AS DO IN READ WRITE LOCK PARTITION"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement's tables, as (schema, table). ``written`` includes what SELECT … FOR UPDATE locks.

    A temporary table that it makes is not among them.
    """

    tables: frozenset[Name] = frozenset()
    written: frozenset[Name] = frozenset()
    nested: frozenset[Name] = frozenset()  # named in subqueries and CTEs alone
    main: Name = ("", "")  # the first table: what is written, or what the others are joined to
    combined: bool = False  # UNION, INTERSECT or EXCEPT
    makes: tuple[Made, ...] = ()  # a temporary table
    drops: tuple[Name, ...] = ()  # by DROP TABLE


@dataclass(slots=True)
class _Level:
    """What is inside one pair of parentheses, or the statement itself."""

    verb: str = ""
    clause: bool = False  # within FROM a, b: a comma brings the next table
    expecting: bool = False
    writing: bool = False
    depth: int = 0  # SELECTs around this one
    with_: bool = False
    recursive: bool = False
    candidate: str = ""  # the name that may be a CTE's
    query_of: str = ""  # the CTE whose query this level is
    ctes: dict[str, int] = field(default_factory=dict)  # name → from which token on it is to be seen
    targets: list[str] = field(default_factory=list)  # DELETE a, b FROM …
    aliases: dict[str, Name] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Use:
    """A name where a table can stand. ``scopes``: the CTEs of all levels around it."""

    name: Name
    written: bool
    depth: int
    at: int
    scopes: tuple[Mapping[str, int], ...] = ()

    def is_cte(self) -> bool:
        schema, table = self.name
        return not schema and any(scope.get(table.lower(), self.at) < self.at for scope in self.scopes)


def read(sql: str, backticks: bool, recursive: bool = False) -> tuple[Statement, ...]:
    """The statements of one call; those that name no table are left out.

    ``recursive``: the engine takes every WITH for WITH RECURSIVE.
    """
    found = tokens(sql, backticks)
    parts, start = [], 0
    for n, token in enumerate(found):
        if token.text == ";" and token.kind == SIGN:
            parts.append(found[start:n])
            start = n + 1
    parts.append(found[start:])
    statements = (_Reader(part, recursive).statement() for part in parts if part)
    return tuple(s for s in statements if s.tables or s.makes or s.drops)


class _Reader:
    """One pass over the tokens of one statement."""

    def __init__(self, found: list[Token], recursive: bool) -> None:
        self.found = found
        self.recursive = recursive
        self.at = 0
        self.levels = [_Level()]
        self.uses: list[_Use] = []
        self.combined = self.locks = self.temporary = False
        self.makes: tuple[Made, ...] = ()

    def statement(self) -> Statement:
        while self.at < len(self.found):
            token = self.found[self.at]
            level = self.levels[-1]
            if token.kind == WORD and not level.verb and not level.with_ and len(self.levels) == 1:
                if token.text in _NO_TABLES:
                    return Statement()
                if token.text == "DROP":
                    return Statement(drops=dropped(self.found))
                if token.text == "CREATE":
                    if not self._create(level):
                        return Statement(makes=self.makes)
                    continue
            self.at += 1
            if level.expecting and token.kind in (WORD, NAME) and self._table(level, token):
                continue
            if token.kind == SIGN:
                self._sign(level, token.text)
            elif token.kind == WORD:
                self._word(level, token.text)
            elif token.kind == NAME:
                self._name(level, token.text)
        return self._result()

    # -- what a token does ----------------------------------------------------------------------------------------
    def _sign(self, level: _Level, sign: str) -> None:
        if sign == "(":
            cte = level.with_ and not level.verb and self._before(2) in ("AS", "MATERIALIZED")
            name = level.candidate.lower() if cte else ""
            if cte and level.recursive:
                level.ctes[name] = -1  # also in the queries before it
            joined = level.expecting  # FROM (a JOIN b)
            level.expecting = False
            self.levels.append(
                _Level(
                    "JOINED" if joined else "", joined, joined, depth=level.depth + cte, query_of=name,
                    aliases=level.aliases,
                )
            )  # fmt: skip
        elif sign == ")":
            if len(self.levels) > 1 and (name := self.levels.pop().query_of):
                self.levels[-1].ctes.setdefault(name, self.at - 1)
        elif sign == "," and level.clause:
            level.expecting = True
        else:
            level.expecting = False

    def _name(self, level: _Level, name: str) -> None:
        if level.with_ and not level.verb:
            level.candidate = name
        elif level.verb == "DELETE" and not level.aliases and name not in _MODIFIERS:  # before FROM
            level.targets.append(name)

    def _word(self, level: _Level, word: str) -> None:
        if word == "FOR" and level.verb == "SELECT" and self._after(0) in ("UPDATE", "NO"):
            self.locks = True
        elif word in _ENDS and level.verb:
            level.clause = level.expecting = False
        elif word in _READS and level.verb in ("", "JOINED", "INSERT", "REPLACE", "CREATE"):
            self._select(level, word)
        elif level.verb in ("", "JOINED", "INSERT", "REPLACE", "CREATE") and word == "WITH":
            level.verb, level.with_, level.recursive = "", True, self.recursive or self._after(0) == "RECURSIVE"
        elif not level.verb and word in _WRITES and self._may_write():
            self._write(level, word)
        elif word == "FROM":
            self._from(level)
        elif word == "INTO" and level.verb in ("SELECT", "INSERT", "REPLACE", "MERGE"):
            level.expecting = level.writing = True
        elif self._joins(level, word):
            level.expecting, level.writing, level.clause = True, False, True
        elif word in ("UNION", "INTERSECT", "EXCEPT"):
            level.clause = level.expecting = False
            level.verb, level.depth = "", max(0, level.depth - 1)
            self.combined = True
        elif word not in ("AS", "RECURSIVE", "NOT", "MATERIALIZED"):
            self._name(level, word)

    def _select(self, level: _Level, word: str) -> None:
        level.depth += 1
        level.verb, level.clause, level.writing = "SELECT", False, False
        level.expecting = word == "TABLE"

    def _write(self, level: _Level, word: str) -> None:
        level.verb = word
        level.writing = level.expecting = level.clause = word in ("UPDATE", "TRUNCATE", "LOCK")
        level.depth += 1

    def _from(self, level: _Level) -> None:
        if level.verb not in ("SELECT", "UPDATE", "DELETE") or self._before(2) == "DISTINCT":
            return
        level.writing = level.verb == "DELETE" and not level.targets and not level.clause
        level.expecting = level.clause = True

    def _table(self, level: _Level, token: Token) -> bool:
        """Take the table that stands here, with its schema and alias; False where something else stands here."""
        if token.kind == WORD:
            if token.text in _MODIFIERS or (token.text in _CONFLICTS and self._before(2) == "OR"):
                return True
            if token.text in _READS or token.text == "WITH":
                level.expecting = False
                return False
            if token.text in _TEMPORARY and level.verb == "SELECT" and level.writing and self._is_name(self.at):
                self.temporary = True
                return True
        start, schema, name = self.at - 1, "", spelled(token)
        while self._after(0) == "." and self.at + 1 < len(self.found) and self.found[self.at + 1].kind != SIGN:
            schema, name = name, spelled(self.found[self.at + 1])
            self.at += 2
        level.expecting = False
        named_by_into = self.found[start - 1].text in ("INTO", "IGNORE", "TABLE")
        if self._after(0) == "(" and not (level.writing or named_by_into):
            return True  # a function
        if self.temporary and level.writing:
            self.temporary, self.makes = False, (Made((schema, name)),)
            return True
        self._alias(level, (schema, name))
        scopes = () if self._is_target(level, start) else tuple(lv.ctes for lv in self.levels)
        self.uses.append(_Use((schema, name), level.writing, level.depth, start, scopes))
        return True

    def _is_target(self, level: _Level, start: int) -> bool:
        """Whether rows of what is named here are written for certain: no CTE can stand here.

        Of ``UPDATE a, b`` and ``UPDATE a JOIN b`` (MySQL) some tables are only read, and may be CTEs.
        """
        before = self.found[start - 1].text
        return level.writing and before != "," and (level.verb != "UPDATE" or self._after(0) == "SET")

    def _alias(self, level: _Level, table: Name) -> None:
        level.aliases[table[1].lower()] = table
        if self._after(0) == "AS":
            self.at += 1
        if self.at < len(self.found):
            token = self.found[self.at]
            if token.kind == NAME or (token.kind == WORD and token.text not in _NO_ALIAS):
                level.aliases[token.text.lower()] = table
                self.at += 1

    # -- help -------------------------------------------------------------------------------------------------------
    def _create(self, level: _Level) -> bool:
        """CREATE TABLE or VIEW … AS: on to its query, with the table that it fills; False where it has none."""
        found = creation(self.found)
        if found is None:
            return False
        if found.temporary:
            self.makes = (Made(found.name, found.until_commit),)
        if found.query is None:
            return False
        if found.fills and not found.temporary:
            level.verb, level.depth = "CREATE", 1
            self.uses.append(_Use(found.name, True, 1, 0))
        self.at = found.query
        return True

    def _is_name(self, n: int) -> bool:
        if n >= len(self.found):
            return False
        token = self.found[n]
        return token.kind == NAME or (token.kind == WORD and token.text not in _NO_ALIAS)

    def _joins(self, level: _Level, word: str) -> bool:
        if word == "USING":
            return level.verb in ("DELETE", "MERGE") and self._after(0) != "("
        return word in ("JOIN", "STRAIGHT_JOIN") and bool(level.verb)

    def _may_write(self) -> bool:
        """At the beginning of the statement, or of a CTE: elsewhere the word is a function's or a column's name."""
        return len(self.levels) == 1 or (self._before(2) == "(" and self.levels[-2].with_)

    def _before(self, back: int) -> str:
        return self.found[self.at - back].text if self.at >= back else ""

    def _after(self, on: int) -> str:
        return self.found[self.at + on].text if self.at + on < len(self.found) else ""

    def _result(self) -> Statement:
        aliases = self.levels[0].aliases
        targets = {aliases[t.lower()] for t in self.levels[0].targets if t.lower() in aliases}
        uses = [use for use in self.uses if not use.is_cte()]
        tables = frozenset(use.name for use in uses)
        top = {use.name for use in uses if use.depth <= 1}
        written = tables if self.locks else frozenset({use.name for use in uses if use.written} | (targets & tables))
        main = min(uses, key=lambda use: use.depth).name if uses else ("", "")
        return Statement(tables, written, tables - top, main, self.combined, self.makes)
