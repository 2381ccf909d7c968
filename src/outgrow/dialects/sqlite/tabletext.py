"""A table's own text (``sqlite_master.sql``), taken apart and put together: SQLite keeps foreign keys nowhere else.

What is not a foreign key is kept to the letter: comments, spaces, quoting. Constraints of the table need no commas
between them, so that one part of the text may hold several.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from outgrow.errors import OutgrowError

_TOKEN = re.compile(
    r"""--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|\s+|\w+|.""", re.DOTALL
)
_SPACE = re.compile(r"\s|--|/\*")
_CONSTRAINTS = frozenset({"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"})
_QUOTES = {'"': '"', "`": "`", "[": "]", "'": "'"}


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """One key as the text has it. ``clause`` begins with REFERENCES, or with CONSTRAINT where it has a name."""

    columns: tuple[str, ...]
    parent: str
    clause: str
    entry: int  # which part of the text
    start: int  # tokens of that part, the end not included
    end: int


class TableText:
    """``CREATE TABLE name (entry, entry, …) options``."""

    def __init__(self, sql: str) -> None:
        tokens = _TOKEN.findall(sql)
        opening = tokens.index("(")
        entries: list[list[str]] = [[]]
        depth, at = 1, opening
        while depth:
            at += 1
            token = tokens[at]
            depth += (token == "(") - (token == ")")
            if depth == 1 and token == ",":
                entries.append([])
            elif depth:
                entries[-1].append(token)
        self.entries = entries
        self.options = "".join(tokens[at + 1 :])

    def create(self, name: str) -> str:
        """The statement that makes a table of this text; ``name`` is quoted."""
        return f"CREATE TABLE {name} ({self.body}){self.options}"

    @property
    def body(self) -> str:
        return ",".join(map("".join, self.entries))

    def foreign_keys(self) -> Iterator[ForeignKey]:
        for number, tokens in enumerate(self.entries):
            words = _words(tokens)
            if words and words[0][1].upper() in _CONSTRAINTS:
                yield from _of_table(number, tokens, words)
            else:
                yield from _of_column(number, tokens, words)

    def without(self, keys: Sequence[ForeignKey]) -> TableText:
        """The same table less these keys."""
        found = TableText.__new__(TableText)
        found.options, found.entries = self.options, []
        for number, tokens in enumerate(self.entries):
            mine = [key for key in keys if key.entry == number]
            kept = list(tokens)
            for key in sorted(mine, key=lambda key: -key.start):
                start, beside = key.start, "".join(kept[key.end : key.end + 1])
                ends_comment = start > 1 and kept[start - 2].startswith("--")
                if start > 1 and kept[start - 1].isspace() and not ends_comment and (not beside or beside.isspace()):
                    start -= 1
                del kept[start : key.end]
            if not mine or _words(kept):
                found.entries.append(kept)
        return found

    def with_key(self, columns: Sequence[str], clause: str) -> TableText:
        """The same table with a key more: at its column, or at the end where the clause is one of the whole table."""
        found = TableText.__new__(TableText)
        found.options, found.entries = self.options, [list(tokens) for tokens in self.entries]
        if _is_of_table(clause):
            found.entries.append([" ", clause])
            return found
        for tokens in found.entries:
            words = _words(tokens)
            if words and _name(words[0][1]).lower() == columns[0].lower():
                tokens.insert(words[-1][0] + 1, f" {clause}")
                return found
        raise OutgrowError(
            f"the column {columns[0]}, to which a foreign key has to be given back, is gone: add it again, or leave "
            "the key out."
        )


def _words(tokens: Sequence[str]) -> list[tuple[int, str]]:
    """(place, token) of all that is neither space nor comment."""
    return [(at, token) for at, token in enumerate(tokens) if not _SPACE.match(token)]


def _name(token: str) -> str:
    closing = _QUOTES.get(token[:1])
    return token[1:-1].replace(closing * 2, closing) if closing else token


def _is_of_table(clause: str) -> bool:
    words = [word.upper() for _, word in _words(_TOKEN.findall(clause))]
    return words[:1] == ["FOREIGN"] or words[2:3] == ["FOREIGN"]


def _of_table(number: int, tokens: Sequence[str], words: Sequence[tuple[int, str]]) -> Iterator[ForeignKey]:
    for at in _outside(words, "FOREIGN"):
        begin = at - 2 if at >= 2 and words[at - 2][1].upper() == "CONSTRAINT" else at
        opening = at + 2  # FOREIGN KEY (
        reference = _closing(words, opening) + 1
        columns = tuple(_name(word) for _, word in words[opening + 1 : reference - 1] if word != ",")
        start, end = words[begin][0], words[_reference_end(words, reference) - 1][0] + 1
        yield ForeignKey(columns, _name(words[reference + 1][1]), "".join(tokens[start:end]), number, start, end)


def _of_column(number: int, tokens: Sequence[str], words: Sequence[tuple[int, str]]) -> Iterator[ForeignKey]:
    for at in _outside(words, "REFERENCES"):
        begin = at - 2 if at >= 3 and words[at - 2][1].upper() == "CONSTRAINT" else at
        start, end = words[begin][0], words[_reference_end(words, at) - 1][0] + 1
        columns, parent = (_name(words[0][1]),), _name(words[at + 1][1])
        yield ForeignKey(columns, parent, "".join(tokens[start:end]), number, start, end)


def _outside(words: Sequence[tuple[int, str]], wanted: str) -> Iterator[int]:
    """Where a keyword stands outside of all parentheses."""
    depth = 0
    for at, (_, word) in enumerate(words):
        depth += (word == "(") - (word == ")")
        if not depth and word.upper() == wanted:
            yield at


def _reference_end(words: Sequence[tuple[int, str]], at: int) -> int:
    """Behind the last word of the clause whose REFERENCES stands at ``at``."""
    said = [word.upper() for _, word in words]
    at += 2
    if said[at : at + 1] == ["("]:
        at = _closing(words, at) + 1
    while at < len(said):
        if said[at] == "ON":
            at += 4 if said[at + 2] in ("SET", "NO") else 3
        elif said[at] == "MATCH":
            at += 2
        elif said[at] == "DEFERRABLE" or said[at : at + 2] == ["NOT", "DEFERRABLE"]:
            at += 1 if said[at] == "DEFERRABLE" else 2
            at += 2 if said[at : at + 1] == ["INITIALLY"] else 0
        else:
            break
    return at


def _closing(words: Sequence[tuple[int, str]], at: int) -> int:
    depth = 0
    for place in range(at, len(words)):
        depth += (words[place][1] == "(") - (words[place][1] == ")")
        if not depth:
            return place
    raise OutgrowError("a table's text has a parenthesis that is never closed: look at its CREATE TABLE.")
