"""When a key cannot be restored: ask the target which rows are in its way, and say so in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from outgrow.dialects.base import Dialect, Key, ObjectKind, Reading, SchemaObject, Session
from outgrow.errors import RowRefused

SHOWN = 20
COUNTED = 1000
REMEDY = "correct them on the source, then rerun with --resume, which copies what changed and goes on here."


class RestoreFailed(RowRefused):
    """An index or constraint could not be restored; the run resumes there."""


def name_the_rows(
    dialect: Dialect, session: Session, things: Sequence[SchemaObject], reading: Reading | None, error: BaseException
) -> RestoreFailed:
    """The error for keys of one table that rows of the target refuse."""
    if reading is not None and reading.key:
        for thing in things:
            if found := _named(dialect, session, thing, reading):
                return found
    return plain(dialect, things[0], error)


def _named(dialect: Dialect, session: Session, thing: SchemaObject, reading: Reading) -> RestoreFailed | None:
    if thing.kind is ObjectKind.FOREIGN and thing.refers is not None:
        return _orphans(thing, dialect.orphans(session, thing, reading, COUNTED))
    if thing.kind in (ObjectKind.PRIMARY, ObjectKind.UNIQUE) and thing.columns and not thing.expression:
        return _collisions(thing, dialect.colliding(session, thing, reading, COUNTED))
    return None


def plain(dialect: Dialect, thing: SchemaObject, error: BaseException) -> RestoreFailed:
    """Without rows to name, the engine's own reason has to do."""
    return RestoreFailed(
        f"{thing.table}: the {_called(thing)} {thing.name} cannot be restored: {dialect.explain(error)}; correct this "
        "and rerun with --resume, which goes on here.",
        table=thing.table,
    )


def _called(thing: SchemaObject) -> str:
    names = {
        ObjectKind.PRIMARY: "primary key",
        ObjectKind.FOREIGN: "foreign key",
        ObjectKind.UNIQUE: "unique key",
        ObjectKind.EXCLUDE: "exclusion constraint",
    }
    return names.get(thing.kind, str(thing.kind))


def _collisions(thing: SchemaObject, groups: Sequence[tuple[Key, ...]]) -> RestoreFailed | None:
    if not groups:
        return None
    shown = tuple(" = ".join(_text(key) for key in group) for group in groups[:SHOWN])
    return RestoreFailed(
        f"{thing.table}: the {_called(thing)} {thing.name} ({', '.join(thing.columns)}) cannot be restored, because "
        f"{_count(groups)} of rows are equal under it on the target ({_listed(shown, groups)}): {REMEDY}",
        table=thing.table,
        keys=shown,
    )


def _orphans(thing: SchemaObject, keys: Sequence[Key]) -> RestoreFailed | None:
    if not keys or thing.refers is None:
        return None
    shown = tuple(_text(key) for key in keys[:SHOWN])
    rows = "1 row refers" if len(keys) == 1 else f"{_many(keys)} rows refer"
    return RestoreFailed(
        f"{thing.table}: the foreign key {thing.name} cannot be restored, because {rows} by {', '.join(thing.columns)} "
        f"to rows that {thing.refers[0]} does not have ({_listed(shown, keys)}): {REMEDY}",
        table=thing.table,
        keys=shown,
    )


def _text(key: Key) -> str:
    return str(key[0]) if len(key) == 1 else "(" + ", ".join(map(str, key)) + ")"


def _many(found: Sequence[object]) -> str:
    return f"{len(found)} or more" if len(found) >= COUNTED else str(len(found))


def _count(groups: Sequence[object]) -> str:
    return "1 group" if len(groups) == 1 else f"{_many(groups)} groups"


def _listed(shown: Sequence[str], found: Sequence[object]) -> str:
    return "; ".join(shown) + ("; …" if len(found) > len(shown) else "")
