"""The switch: the source loses its constraints between what moved and what stays, and gets them back on request.

New users exist on the other side only, so a constraint that stays would refuse their profiles; and one from the old
copy to a table that stays would refuse deletions there. What is dropped is in the ledger before it is dropped. Each
function may be killed between any two statements and run again: what is to be done follows from the live catalog.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from outgrow.dialects.base import Dialect, Reading, SchemaObject, Session, SetAside, Table
from outgrow.errors import LostOwnership, OutgrowError, Refused
from outgrow.events import Event, Watch, silent
from outgrow.lines import Digest
from outgrow.split.keys import crossing_keys, key_identity, keys_of, shape
from outgrow.split.rows import stored_digest

SHOWN = 20
COUNTED = 1000


class Changes(Protocol):
    """What this step needs of the ledger; each call is committed when it returns."""

    def check(self) -> None: ...
    def record(self, items: Sequence[SetAside]) -> None: ...
    def lost(self) -> Sequence[SetAside]: ...
    def restored(self, item: SetAside) -> None: ...
    def rows_proved(self, table: str, rows: str) -> None: ...


def drop_keys(
    dialect: Dialect, session: Session, kept: Changes, moves: Callable[[str], bool], watch: Watch = silent
) -> int:
    """Drop every foreign key of the source that crosses; returns how many there were."""
    dialect.impatient(session)
    live = dialect.tables(session)
    found = crossing_keys(live, moves)
    watch(Event("total", "switch", rows=sum(map(len, found.values()))))
    with _as_one(dialect, session, "the source's constraints cannot be dropped"):
        for name, keys in found.items():
            items = dialect.cut_keys(session, live[name], keys)
            kept.record(items)  # in another database, so that it is kept whatever becomes of this one
            kept.check()
            statements = [statement for item in items for statement in item.drop]
            _carry_out(dialect, session, kept, live[name], statements)
            watch(Event("progress", "switch", name, rows=len(keys)))
        after = dialect.tables(session)
        for name, keys in found.items():
            _unchanged(live[name], after[name], sorted(set(keys_of(live[name])) - set(map(key_identity, keys))))
    return sum(map(len, found.values()))


def restore_keys(
    dialect: Dialect,
    session: Session,
    kept: Changes,
    elsewhere: str,
    watch: Watch = silent,
    *,
    wanted: Callable[[SchemaObject], bool] = lambda key: True,
    here: str = "the source",
    moved: Collection[str] = (),
) -> list[SchemaObject]:
    """Give a database its constraints back; Refused, with the rows named, where rows would break one.

    A table of the ``moved`` ones (lower case) has to stand; another may have been changed by a later migration.
    """
    dialect.impatient(session)
    live = dialect.tables(session)
    dropped = [item for item in kept.lost() if wanted(item.object)]
    lacking = [item for item in dropped if not stands(live, item.object)]
    for item in list(lacking):
        if item.object.table.lower() not in moved and not _has_columns(live, item.object):
            lacking.remove(item)
            watch(Event("warning", "switch", text=_retired(item.object)))
    _parents_are_here(live, lacking)
    if broken := list(_orphans(dialect, session, live, lacking)):
        more = f" (and {len(broken) - 1} more constraints)" if len(broken) > 1 else ""
        error = Refused(
            f"{broken[0]} that {here} does not have{more}: they were made in {elsewhere} since the switch, or are gone "
            f"there; copy them to {here} or delete what refers to them, and try again."
        )
        for sentence in broken[1:]:
            error.add_note(sentence)
        raise error
    watch(Event("total", "switch", rows=len(lacking)))
    with _as_one(dialect, session, "the source's constraints cannot be given back"):
        for name in dict.fromkeys(item.object.table for item in lacking):
            keys = [item.object for item in lacking if item.object.table == name]
            kept.check()
            _carry_out(dialect, session, kept, live[name], dialect.mend_keys(session, live[name], keys))
            watch(Event("progress", "switch", name, rows=len(keys)))
        after = dialect.tables(session)
        for name in {item.object.table for item in lacking}:
            keys = [item.object for item in lacking if item.object.table == name]
            _unchanged(live[name], after[name], sorted([*keys_of(live[name]), *map(key_identity, keys)]))
    for item in dropped:
        kept.restored(item)
    return [item.object for item in lacking]


@contextmanager
def _as_one(dialect: Dialect, session: Session, failure: str) -> Iterator[None]:
    """All or nothing where DDL can be rolled back; elsewhere each statement is whole, and the next run does more."""
    if dialect.transactional_ddl:
        session.begin()
    try:
        yield
        if dialect.transactional_ddl:
            session.commit()
    except (OutgrowError, LostOwnership):
        session.rollback()
        raise
    except Exception as error:
        session.rollback()
        raise OutgrowError(f"{failure}: {dialect.explain(error)}; correct this and go on with --resume.") from error


def _carry_out(dialect: Dialect, session: Session, kept: Changes, table: Table, statements: Sequence[str]) -> None:
    """Run them; where the table is made anew for it, its rows must be the same afterwards, to the byte."""
    before = stored_digest(dialect, session, table) if dialect.keys_in_text else Digest()
    for statement in statements:
        session.execute(statement)
    if not dialect.keys_in_text:
        return
    after = stored_digest(dialect, session, table)
    if after != before:
        raise OutgrowError(
            f"{table.name} had {before} when it was about to be made anew, and {after} then: nothing was changed; "
            "report it."
        )
    kept.rows_proved(table.name, str(after))


def _unchanged(before: Table, after: Table, keys: list[tuple[str, tuple[str, ...], str]]) -> None:
    if shape(before) != shape(after) or sorted(set(keys_of(after))) != sorted(set(keys)):
        raise OutgrowError(
            f"{before.name} is not what it was but for its constraints: something else changes the source; stop it, "
            "look at the table, and go on with --resume."
        )


def stands(live: Mapping[str, Table], key: SchemaObject) -> bool:
    """Whether a database has this key."""
    return key.table in live and key_identity(key) in keys_of(live[key.table])


def _has_columns(live: Mapping[str, Table], key: SchemaObject) -> bool:
    return key.table in live and {c.lower() for c in key.columns} <= {c.name.lower() for c in live[key.table].columns}


def _retired(key: SchemaObject) -> str:
    return (
        f"{key.table} has no {', '.join(key.columns)} any more, so that its constraint to "
        f"{key.refers[0] if key.refers else ''} is not given back: if the column was renamed, add one by a migration"
    )


def _parents_are_here(live: Mapping[str, Table], items: Sequence[SetAside]) -> None:
    known = {name.lower() for name in live}
    for item in items:
        assert item.object.refers is not None
        for name in (item.object.table, item.object.refers[0]):
            if name.lower() not in known:
                raise Refused(
                    f"the source has no table {name} any more, so that nothing can refer to it: move the apps back "
                    "with `outgrow move --apps … --from TARGET --to SOURCE` instead."
                )


def _orphans(dialect: Dialect, session: Session, live: Mapping[str, Table], items: Sequence[SetAside]) -> Iterator[str]:
    for item in items:
        key, table = item.object, live[item.object.table]
        assert key.refers is not None
        if not key.valid:  # NOT VALID: it let the orphans of then stand, and does again
            continue
        columns = tuple((c, dialect.kind(c)) for c in table.columns)
        found = dialect.orphans(session, key, Reading(table.name, columns, table.key), COUNTED)
        if found:
            shown = ", ".join(str(k[0]) if len(k) == 1 else str(k) for k in found[:SHOWN])
            more = ", …" if len(found) > SHOWN else ""
            amount = f"{len(found)} or more" if len(found) >= COUNTED else str(len(found))
            rows = "1 row" if len(found) == 1 else f"{amount} rows"
            verb = "refers" if len(found) == 1 else "refer"
            yield (
                f"{rows} of {table.name} ({', '.join(table.key) or 'key'} {shown}{more}) {verb} by "
                f"{', '.join(key.columns)} to rows of {key.refers[0]}"
            )
