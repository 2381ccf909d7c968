"""The rows of the zoo: one module per theme, as the models."""

from __future__ import annotations

from collections.abc import Iterator

from ..store import Group
from . import (
    constraints,
    documents,
    keys,
    leftovers,
    names,
    numbers,
    oddities,
    pgonly,
    relations,
    since,
    texts,
    times,
)
from .leftovers import check_leftovers, fill_leftovers

__all__ = ["check_leftovers", "clear_rows_of_migrations", "fill_leftovers", "groups"]


def groups(using: str) -> Iterator[Group]:
    """All groups of rows, so ordered that rows come before those that point at them."""
    yield from keys.GROUPS
    yield from numbers.GROUPS
    yield from texts.GROUPS
    yield from times.GROUPS
    yield from documents.GROUPS
    yield from names.GROUPS
    yield from constraints.GROUPS
    yield from oddities.GROUPS
    yield from relations.groups(using)
    yield from since.GROUPS
    yield from pgonly.GROUPS


def clear_rows_of_migrations(using: str) -> None:
    """Migrations made the seasons; a project that lived has others (trap 79)."""
    leftovers.delete_all(using, "animals_season")
