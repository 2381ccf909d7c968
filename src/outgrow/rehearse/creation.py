"""CREATE and DROP of tables: what is made or goes, whether it is temporary, where the query begins that fills it."""

from __future__ import annotations

from dataclasses import dataclass

from outgrow.rehearse.tokens import NAME, SIGN, WORD, Token, spelled, words

Name = tuple[str, str]  # schema, table; the schema is mostly ""

SCHEMAS = frozenset({"temp", "pg_temp"})  # a table that is named so is temporary without the word
_BEFORE = words(
    "OR REPLACE GLOBAL LOCAL TEMP TEMPORARY UNLOGGED MATERIALIZED RECURSIVE ALGORITHM UNDEFINED MERGE TEMPTABLE "
    "DEFINER CURRENT_USER SQL SECURITY INVOKER"
)
_QUERIES = words("SELECT WITH VALUES TABLE")


@dataclass(frozen=True, slots=True)
class Made:
    """A temporary table. ``until_commit``: it goes when its transaction ends."""

    name: Name
    until_commit: bool = False


@dataclass(frozen=True, slots=True)
class Creation:
    """A table or view that is made. ``fills``: its query's rows are stored in it; ``query``: the token it begins at."""

    name: Name
    fills: bool
    temporary: bool
    until_commit: bool
    query: int | None


def creation(found: list[Token]) -> Creation | None:
    """Of a statement that begins with CREATE; None where it makes neither a table nor a view."""
    at = 1
    while at < len(found) and (found[at].kind != WORD or found[at].text in _BEFORE):
        at += 1
    if at >= len(found) or found[at].text not in ("TABLE", "VIEW"):
        return None
    fills = found[at].text == "TABLE"
    temporary = any(token.kind == WORD and token.text in ("TEMP", "TEMPORARY") for token in found[1:at])
    name, at = _named(found, _skip(found, at + 1, "IF", "NOT", "EXISTS"))
    if name is None:
        return None
    temporary = fills and (temporary or name[0].lower() in SCHEMAS)
    return Creation(name, fills, temporary, _until_commit(found, at), _query(found, at))


def dropped(found: list[Token]) -> tuple[Name, ...]:
    """The tables of a statement that begins with DROP."""
    at = _skip(found, 1, "TEMPORARY")
    if at >= len(found) or found[at].text not in ("TABLE", "TABLES"):
        return ()
    names: list[Name] = []
    name, at = _named(found, _skip(found, at + 1, "IF", "EXISTS"))
    while name is not None:
        names.append(name)
        more = at < len(found) and found[at].text == ","
        name, at = _named(found, at + 1) if more else (None, at)
    return tuple(names)


def _skip(found: list[Token], at: int, *expected: str) -> int:
    """Behind these words, if they stand here."""
    texts = tuple(token.text for token in found[at : at + len(expected)] if token.kind == WORD)
    return at + len(expected) if texts == expected else at


def _named(found: list[Token], at: int) -> tuple[Name | None, int]:
    """The name that stands here, with its schema, and what comes after it."""
    if at >= len(found) or found[at].kind not in (WORD, NAME):
        return None, at
    schema, name = "", spelled(found[at])
    at += 1
    while at + 1 < len(found) and found[at].text == "." and found[at + 1].kind in (WORD, NAME):
        schema, name = name, spelled(found[at + 1])
        at += 2
    return (schema, name), at


def _query(found: list[Token], at: int) -> int | None:
    """Where the query begins, which MySQL lets stand without AS; neither columns nor options are one."""
    depth = 0
    for n in range(at, len(found)):
        token, following = found[n], found[n + 1] if n + 1 < len(found) else Token(SIGN, "")
        if token.kind == SIGN and token.text in "()":
            if token.text == "(" and not depth and following.kind == WORD and following.text in ("SELECT", "WITH"):
                return n
            depth += 1 if token.text == "(" else -1
        if depth or token.kind != WORD:
            continue
        if token.text == "AS" and (following.text == "(" or following.text in _QUERIES):
            return n + 1
        if token.text in ("SELECT", "TABLE"):
            return n
        if token.text == "WITH" and n + 2 < len(found) and following.kind != SIGN and found[n + 2].text in ("AS", "("):
            return n
    return None


def _until_commit(found: list[Token], at: int) -> bool:
    """PostgreSQL: ON COMMIT DROP."""
    texts = [token.text for token in found[at:] if token.kind == WORD]
    return any(texts[n : n + 3] == ["ON", "COMMIT", "DROP"] for n in range(len(texts)))
