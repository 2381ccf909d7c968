"""What to do about a finding, in the order to try it."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

from outgrow.rehearse.findings import Kind
from outgrow.rehearse.ownership import UNKNOWN
from outgrow.rehearse.tokens import Token, tokens, words

PREFETCH = "prefetch_related() instead of select_related(): a second query, by the keys of the first"
REDUNDANT = "drop the join: it only compares the key, which the column on this side holds already (user_id)"
PLUCK = "two queries: read the keys first, no more than a few hundred, and filter by them (id__in=[…])"
DENORMALISE = "keep a copy of the column on this side, and update it when the other changes"
MOVE_MODEL = "give both models to one owner"
LOOSE = "a loose reference in place of the foreign key that cascades: what it leaves is cleaned up afterwards"
NAME_OWNER = 'say whose table it is: "table:name" in the owners'
COMBINE = "two queries, put together in Python"
AFTER = "write one side, and the other after the commit (on_commit, or a task), so that it can be repeated"
SPLIT = "two transactions, where a crash between them can be seen and repaired"
_NO_ALIAS = words("ON USING WHERE SET INNER LEFT RIGHT FULL CROSS JOIN GROUP ORDER LIMIT FOR UNION")
_CLAUSES = {"SELECT": "shown", "FROM": "joined", "WHERE": "used", "GROUP": "used", "HAVING": "used", "ORDER": "used"}


def of_statement(
    kind: Kind, sql: str, backticks: bool, far: Collection[str], owners: Collection[str]
) -> tuple[str, ...]:
    """For a statement. ``far``: its tables of the other owners."""
    unknown = (NAME_OWNER,) if any(o.startswith(UNKNOWN) for o in owners) else ()
    if kind == Kind.UNION:
        return (*unknown, COMBINE, DENORMALISE, MOVE_MODEL)
    if kind == Kind.SUBQUERY:
        return (*unknown, PLUCK, DENORMALISE, MOVE_MODEL)
    places = _places(tokens(sql, backticks), far)
    if "used" not in places and "shown" not in places:
        return (*unknown, REDUNDANT, PLUCK, DENORMALISE, MOVE_MODEL)
    if "used" in places:
        return (*unknown, PLUCK, DENORMALISE, *((PREFETCH,) if "shown" in places else ()), MOVE_MODEL)
    return (*unknown, PREFETCH, REDUNDANT, PLUCK, DENORMALISE, MOVE_MODEL)


def of_transaction(owners: Collection[str], *, cascade: bool = False) -> tuple[str, ...]:
    """For a transaction that writes both sides. ``cascade``: delete() does it, following a foreign key."""
    unknown = (NAME_OWNER,) if any(o.startswith(UNKNOWN) for o in owners) else ()
    return (*unknown, LOOSE, MOVE_MODEL) if cascade else (*unknown, AFTER, SPLIT, MOVE_MODEL)


def of_alias(function: str, alias: str) -> tuple[str, ...]:
    """For atomic() and on_commit(): the database it has to be on."""
    if function == "on_commit":
        return (f'on_commit(…, using="{alias}")', "on_commit(…, using=router.db_for_write(Model))")
    return (f'atomic(using="{alias}")', "atomic(using=router.db_for_write(Model))")


def _places(found: list[Token], far: Collection[str]) -> set[str]:
    """In which parts of the statement a far table's columns stand: shown, joined or used (filter, order, group)."""
    folded = {name.lower() for name in far}
    for token, following in pairwise(found):
        if token.text.lower() in folded and following.kind in ("word", "name") and following.text not in _NO_ALIAS:
            folded.add(following.text.lower())
    places: set[str] = set()
    part, depth = "shown", 0
    for token, following in pairwise(found):
        if token.kind == "sign" and token.text in "()":
            depth += 1 if token.text == "(" else -1
        elif token.kind == "word" and token.text in _CLAUSES and not depth:
            part = _CLAUSES[token.text]
        elif following.text == "." and token.text.lower() in folded:
            places.add(part)
    return places
