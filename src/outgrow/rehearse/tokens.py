"""SQL as words, names, values and signs: what a statement means for tables, and a text of it without its values.

One regular expression, because every new statement of a project passes here: with the pass over its tokens it takes a
third of the time of sqlparse's lexer, and a tenth of that of its parser or of sqlglot (docs/rehearse.md).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from functools import cache
from typing import NamedTuple

WORD, NAME, VALUE, SIGN = "word", "name", "value", "sign"

_STANDARD = r"""
    (?P<gap>   \s+ | --[^\n]* | /\*.*?(?:\*/|\Z) )
  | (?P<value> [eE]'(?:[^'\\]|\\.|'')*(?:'|\Z) | (?:[bBnNxX]|[uU]&)?'(?:[^']|'')*(?:'|\Z)
             | \$(?P<tag>(?:[^\W\d]\w*)?)\$.*?(?:\$(?P=tag)\$|\Z)
             | %s | %\(\w+\)s | \? | \.?\d[\w.]*(?:(?<=[eE])[+-]\d+)? )
  | (?P<name>  "(?:[^"]|"")*(?:"|\Z) )
  | (?P<word>  [^\W\d][\w$]* )
  | (?P<sign>  . )
"""
_BACKTICKS = r"""
    (?P<gap>   \s+ | --[^\n]* | \#[^\n]* | /\*.*?(?:\*/|\Z) )
  | (?P<value> (?:[bBnNxX]|_[a-z0-9]+)?'(?:[^'\\]|\\.|'')*(?:'|\Z) | "(?:[^"\\]|\\.|"")*(?:"|\Z)
             | %s | %\(\w+\)s | \? | \.?\d[\w.]*(?:(?<=[eE])[+-]\d+)? )
  | (?P<name>  `(?:[^`]|``)*(?:`|\Z) )
  | (?P<word>  [^\W\d][\w$]* )
  | (?P<sign>  . )
"""
_LIST = re.compile(r"\?(?: ?, ?\?)+")
_ROWS = re.compile(r"(\([?, …]+\))(?: ?, ?\([?, …]+\))+")
SHOWN = 4000  # characters of a normalised statement


class Token(NamedTuple):
    kind: str
    text: str  # a word in capitals; a name without its quotes
    start: int = 0
    end: int = 0


def words(text: str) -> frozenset[str]:
    """A set of words, as written out with spaces."""
    return frozenset(text.split())


def spelled(token: Token) -> str:
    """A name as it is called: what is not quoted, in small letters."""
    return token.text.lower() if token.kind == WORD else token.text


@cache
def _pattern(backticks: bool) -> re.Pattern[str]:
    return re.compile(_BACKTICKS if backticks else _STANDARD, re.VERBOSE | re.DOTALL)


def tokens(sql: str, backticks: bool) -> list[Token]:
    """All but white space and comments. ``backticks``: the engine quotes names so, and ``"…"`` is a value there."""
    return list(_tokens(sql, backticks))


def _tokens(sql: str, backticks: bool) -> Iterator[Token]:
    for match in _pattern(backticks).finditer(sql):
        kind = match.lastgroup
        text = match[0]
        if kind == WORD:
            yield Token(WORD, text.upper(), match.start(), match.end())
        elif kind == NAME:
            quote = text[0]
            yield Token(NAME, text.strip(quote).replace(quote * 2, quote), match.start(), match.end())
        elif kind == SIGN:
            yield Token(SIGN, text, match.start(), match.end())
        elif kind != "gap":
            yield Token(VALUE, text, match.start(), match.end())


def without_values(sql: str, backticks: bool, known: Container[str]) -> str:
    """The statement on one line with ``?`` for every value, and for every quoted name that may be one.

    SQLite takes ``"ann"`` for text where no column is called so; ``known`` holds the names that may be shown.
    """
    parts: list[str] = []
    end = 0
    found = tokens(sql, backticks)
    for n, token in enumerate(found):
        if token.start > end:
            parts.append(" ")
        end = token.end
        hidden = token.kind == VALUE or (token.kind == NAME and not backticks and not _is_name(found, n, known))
        parts.append("?" if hidden else sql[token.start : token.end])
    text = _ROWS.sub(r"\1, …", _LIST.sub("?, …", "".join(parts).strip()))
    return text if len(text) <= SHOWN else text[:SHOWN] + " …"


def _is_name(found: list[Token], n: int, known: Container[str]) -> bool:
    if found[n].text in known:
        return True
    before = found[n - 1] if n else Token(SIGN, "")
    after = found[n + 1] if n + 1 < len(found) else Token(SIGN, "")
    if before.kind == NAME or before.text in ("AS", "SAVEPOINT") or after.text == "AS":
        return True  # an alias
    return "." in (before.text, after.text)
