"""One thing that would not work once the owners are databases of their own, as a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Any

from outgrow.rehearse.frames import Place

Key = tuple[str, tuple[str, ...], tuple[str, ...], str]  # kind, owners, tables, where


class Kind(StrEnum):
    """What crosses."""

    JOIN = "join"  # one statement joins tables of several owners
    SUBQUERY = "subquery"  # one statement reads another owner's table in a subquery, or fills its own from it
    UNION = "union"
    TRANSACTION = "transaction"  # one transaction writes tables of several owners
    ATOMIC = "atomic"  # atomic() is on another database than what is written
    ON_COMMIT = "on_commit"  # on_commit() is on another database than the transaction
    ELSEWHERE = "elsewhere"  # a query on one alias while a transaction is open on another


@dataclass(frozen=True, slots=True)
class Finding:
    """``owners`` and ``tables`` are sorted; ``sql`` is without values; ``cures`` are in the order to try them."""

    kind: Kind
    owners: tuple[str, ...]
    tables: tuple[str, ...]
    place: Place
    sql: str
    message: str
    cures: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """Equal for the same crossing at the same place in another run, whatever its line."""
        return (str(self.kind), self.owners, self.tables, self.place.key)

    def pairs(self) -> Iterator[tuple[str, str]]:
        yield from combinations(self.owners, 2)

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": str(self.kind),
            "owners": list(self.owners),
            "tables": list(self.tables),
            "where": self.place.key,
            "line": self.place.line,
            "message": self.message,
            "sql": self.sql,
            "cures": list(self.cures),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Finding:
        """What as_json gave, in another process."""
        file, _, function = value["where"].partition("::")
        return cls(
            Kind(value["kind"]), tuple(value["owners"]), tuple(value["tables"]), Place(file, value["line"], function),
            value["sql"], value["message"], tuple(value["cures"]),
        )  # fmt: skip
