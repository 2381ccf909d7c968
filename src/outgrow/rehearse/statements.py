"""Which tables a statement reads, writes and locks, and which of them only in a subquery.

Tables are the names after FROM, JOIN, INTO, UPDATE, DELETE, USING, TRUNCATE, LOCK and TABLE, where each can stand:
 ``EXTRACT(YEAR FROM made)`` and ``IS DISTINCT FROM`` name none, nor does a CTE, a function or ``FOR UPDATE``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from outgrow.rehearse.tokens import NAME, SIGN, WORD, Token, tokens, words

Name = tuple[str, str]  # schema, table; the schema is mostly ""

_READS = frozenset({"SELECT", "VALUES", "TABLE"})
_WRITES = frozenset({"INSERT", "REPLACE", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "LOCK"})
_NO_TABLES = words(
    "ALTER ANALYZE BEGIN CALL COMMENT COMMIT DEALLOCATE DISCARD DO DROP END EXPLAIN FETCH FLUSH GRANT KILL LISTEN "
    "NOTIFY OPTIMIZE PRAGMA PREPARE REASSIGN REFRESH REINDEX RELEASE RENAME RESET REVOKE ROLLBACK SAVEPOINT SET SHOW "
    "START UNLISTEN UNLOCK USE VACUUM"
)
_MODIFIERS = words("ONLY LATERAL IF EXISTS TABLE TABLES IGNORE LOW_PRIORITY HIGH_PRIORITY QUICK OR INTO")
_CONFLICTS = frozenset({"ROLLBACK", "ABORT", "REPLACE", "FAIL", "IGNORE"})  # SQLite: UPDATE OR REPLACE t
_ENDS = words("WHERE SET GROUP ORDER HAVING LIMIT RETURNING VALUES WINDOW FETCH OFFSET")
_NO_ALIAS = _ENDS | words(
    "JOIN INNER LEFT RIGHT FULL OUTER CROSS NATURAL STRAIGHT_JOIN ON USING UNION INTERSECT EXCEPT FROM FOR SELECT "
    "DEFAULT OVERRIDING TABLESAMPLE USE FORCE IGNORE INDEXED NOT WHEN AS DO IN READ WRITE LOCK PARTITION"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement's tables, as (schema, table). ``written`` includes what SELECT … FOR UPDATE locks."""

    tables: frozenset[Name] = frozenset()
    written: frozenset[Name] = frozenset()
    nested: frozenset[Name] = frozenset()  # named in subqueries and CTEs alone
    main: Name = ("", "")  # the first table: what is written, or what the others are joined to
    combined: bool = False  # UNION, INTERSECT or EXCEPT


@dataclass(slots=True)
class _Level:
    """What is inside one pair of parentheses, or the statement itself."""

    verb: str = ""
    clause: bool = False  # within FROM a, b: a comma brings the next table
    expecting: bool = False
    writing: bool = False
    depth: int = 0  # SELECTs around this one
    with_: bool = False
    candidate: str = ""  # the name that may be a CTE's
    targets: list[str] = field(default_factory=list)  # DELETE a, b FROM …
    aliases: dict[str, Name] = field(default_factory=dict)


def read(sql: str, backticks: bool) -> tuple[Statement, ...]:
    """The statements of one call; those that name no table are left out."""
    found = tokens(sql, backticks)
    parts, start = [], 0
    for n, token in enumerate(found):
        if token.text == ";" and token.kind == SIGN:
            parts.append(found[start:n])
            start = n + 1
    parts.append(found[start:])
    statements = (_Reader(part).statement() for part in parts if part)
    return tuple(s for s in statements if s.tables)


class _Reader:
    """One pass over the tokens of one statement."""

    def __init__(self, found: list[Token]) -> None:
        self.found = found
        self.at = 0
        self.levels = [_Level()]
        self.uses: list[tuple[Name, bool, int]] = []  # name, written, depth
        self.ctes: set[str] = set()
        self.combined = self.locks = False

    def statement(self) -> Statement:
        while self.at < len(self.found):
            token = self.found[self.at]
            level = self.levels[-1]
            if token.kind == WORD and not level.verb and len(self.levels) == 1 and token.text in _NO_TABLES:
                return Statement()
            if token.kind == WORD and not level.verb and len(self.levels) == 1 and token.text == "CREATE":
                if not self._to_query():
                    return Statement()
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
            if cte:
                self.ctes.add(level.candidate.lower())
            joined = level.expecting  # FROM (a JOIN b)
            level.expecting = False
            self.levels.append(
                _Level("JOINED" if joined else "", joined, joined, depth=level.depth + cte, aliases=level.aliases)
            )
        elif sign == ")":
            if len(self.levels) > 1:
                self.levels.pop()
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
        elif level.verb in ("", "JOINED") and word == "WITH":
            level.verb, level.with_ = "", True
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
        start, schema, name = self.at - 1, "", self._text(self.at - 1)
        while self._after(0) == "." and self.at + 1 < len(self.found) and self.found[self.at + 1].kind != SIGN:
            schema, name = name, self._text(self.at + 1)
            self.at += 2
        level.expecting = False
        named_by_into = self.found[start - 1].text in ("INTO", "IGNORE", "TABLE")
        if self._after(0) == "(" and not (level.writing or named_by_into):
            return True  # a function
        self.uses.append(((schema, name), level.writing, level.depth))
        self._alias(level, (schema, name))
        return True

    def _alias(self, level: _Level, table: Name) -> None:
        level.aliases[table[1].lower()] = table
        if self._after(0) == "AS":
            self.at += 1
        if self.at < len(self.found):
            token = self.found[self.at]
            if token.kind == NAME or (token.kind == WORD and token.text not in _NO_ALIAS):
                level.aliases[self._text(self.at).lower()] = table
                self.at += 1

    # -- help -------------------------------------------------------------------------------------------------------
    def _to_query(self) -> bool:
        """CREATE TABLE or VIEW … AS: on to its query; False where it has none."""
        words = [t.text for t in self.found if t.kind == WORD]
        if not {"TABLE", "VIEW"} & set(words[:6]) or "SELECT" not in words:
            return False
        for n, token in enumerate(self.found[:-1]):
            if (
                token.text == "AS"
                and token.kind == WORD
                and self.found[n + 1].text in ("SELECT", "WITH", "(", "VALUES")
            ):
                self.at = n + 1
                return True
        return False

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

    def _text(self, n: int) -> str:
        token = self.found[n]
        return token.text.lower() if token.kind == WORD else token.text

    def _result(self) -> Statement:
        aliases = self.levels[0].aliases
        targets = {aliases[t.lower()] for t in self.levels[0].targets if t.lower() in aliases}
        uses = [u for u in self.uses if u[0][0] or u[0][1].lower() not in self.ctes]
        tables = frozenset(name for name, _, _ in uses)
        top = {name for name, _, depth in uses if depth <= 1}
        written = tables if self.locks else frozenset({name for name, write, _ in uses if write} | (targets & tables))
        main = min(uses, key=lambda use: use[2])[0] if uses else ("", "")
        return Statement(tables, written, tables - top, main, self.combined)
