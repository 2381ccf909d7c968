"""A connection's temporary tables: they are nobody's, and hide a table of the same name from this connection alone."""

from __future__ import annotations

from collections.abc import Iterable

from outgrow.rehearse.creation import SCHEMAS, Made, Name

NONE: frozenset[Name] = frozenset()
_WHOLE = ""  # the transaction itself, among its savepoints


class Temporary:
    """As far as the statements of a connection tell. What is undone by a rollback was never made, or never dropped.

    ``names`` are in small letters, and each of them once more without its schema.
    """

    def __init__(self) -> None:
        self.names = NONE
        self._until_commit = NONE
        self._before: dict[str, frozenset[Name]] = {}  # savepoint → the names when it was made, or first changed since

    def change(self, makes: Iterable[Made], drops: Iterable[Name], savepoints: Iterable[str], *, within: bool) -> None:
        """A statement has made or dropped tables. ``within`` a transaction, with these savepoints open."""
        if within:
            for savepoint in (_WHOLE, *savepoints):
                self._before.setdefault(savepoint, self.names)
        kept = [made for made in makes if within or not made.until_commit]
        self.names = changed(self.names, kept, drops)
        for made in kept:
            if made.until_commit:
                self._until_commit |= _spellings(made.name)

    def ended(self, *, undone: bool) -> None:
        """The transaction is over."""
        if undone:
            self.names = self._before.get(_WHOLE, self.names)
        self.names -= self._until_commit
        self._until_commit = NONE
        self._before.clear()

    def undone_to(self, savepoint: str) -> None:
        self.names = self._before.get(savepoint, self.names)


def hides(names: frozenset[Name], name: Name) -> bool:
    """Whether a name in a statement means a temporary table."""
    folded = (name[0].lower(), name[1].lower())
    return folded in names or folded[0] in SCHEMAS


def changed(names: frozenset[Name], makes: Iterable[Made], drops: Iterable[Name]) -> frozenset[Name]:
    """The names after a statement that made and dropped these."""
    return names.difference(*map(_spellings, drops)).union(*(_spellings(made.name) for made in makes))


def _spellings(name: Name) -> frozenset[Name]:
    schema, table = name[0].lower(), name[1].lower()
    return frozenset({(schema, table), ("", table)})
