"""PostgreSQL as a target: COPY in, and what is set aside around it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from outgrow.dialects.base import Column, ObjectKind, SchemaObject, Session, SetAside, Table
from outgrow.dialects.postgresql.catalog import PARTITIONED, literal, quote
from outgrow.dialects.postgresql.session import PostgreSQLSession, psycopg
from outgrow.lines import Kind


def write(session: Session, table: Table, columns: Sequence[tuple[Column, Kind]], pieces: Iterable[bytes]) -> int:
    assert isinstance(session, PostgreSQLSession)
    names = ",".join(quote(c.name) for c, _ in columns)
    with session.connection.cursor() as cursor:
        try:
            with cursor.copy(f"COPY {quote(table.name)} ({names}) FROM STDIN") as copy:
                for piece in pieces:
                    copy.write(piece)
        except ValueError as error:
            # A connection that is reset at the end of a COPY may leave two results where psycopg 3.3 unpacks one.
            if not session.connection.broken:
                raise
            raise psycopg.OperationalError("the connection was lost at the end of a COPY") from error
        return int(cursor.rowcount)


def prepare_writer(session: Session) -> None:
    # A chunk's rows and its ledger row commit together, so a commit lost in a crash of the server is lost whole.
    session.execute("SET synchronous_commit=off;SET maintenance_work_mem='256MB';SET default_tablespace=''")


_BUILT = (ObjectKind.PRIMARY, ObjectKind.UNIQUE, ObjectKind.INDEX, ObjectKind.EXCLUDE)


def set_aside(tables: Sequence[Table]) -> list[SetAside]:
    """Foreign keys first, as they hang on the unique keys; exclusion constraints like unique ones.

    Primary keys too: an index that grows row by row costs a tenth of a copy more than one that is built at its end. The
    indexes of a partitioned table stay: made anew, those of its partitions would get other names.
    """
    divided = {table.name for table in tables if table.storage == PARTITIONED}
    objects = [o for table in tables for o in table.objects if not o.stays]
    foreign = [_constraint(o, at_once=o.table in divided) for o in objects if o.kind is ObjectKind.FOREIGN]
    plain = [
        _constraint(o) if not o.definition.startswith("CREATE ") else _index(o)
        for o in objects
        if o.kind in _BUILT and o.valid
    ]
    return foreign + plain


def _constraint(item: SchemaObject, *, at_once: bool = False) -> SetAside:
    """``at_once``: a partitioned table takes no key that is NOT VALID."""
    alter = f"ALTER TABLE {quote(item.table)}"
    drop = (f"{alter} DROP CONSTRAINT {quote(item.name)}",)
    add = f"{alter} ADD CONSTRAINT {quote(item.name)} {item.definition}"
    said = f"CONSTRAINT {quote(item.name)} ON {quote(item.table)}"
    if item.kind is ObjectKind.FOREIGN and item.valid and not at_once:
        # NOT VALID takes its lock for a moment only; VALIDATE reads the table beside readers and writers.
        validate = f"{alter} VALIDATE CONSTRAINT {quote(item.name)}"
        return SetAside(item, drop, _whole(item, f"{add} NOT VALID", said), (validate,), order=1)
    return SetAside(item, drop, _whole(item, add, said), order=1 if item.kind is ObjectKind.FOREIGN else 0)


def _index(item: SchemaObject) -> SetAside:
    name = quote(item.name)
    return SetAside(item, (f"DROP INDEX {name}",), _whole(item, item.definition, f"INDEX {name}"))


def _whole(item: SchemaObject, create: str, said: str) -> tuple[str, ...]:
    """The statement with what PostgreSQL's own texts of definitions leave out: the tablespace and the comment."""
    place = (f"SET LOCAL default_tablespace={literal(item.tablespace)}",) if item.tablespace else ()
    comment = (f"COMMENT ON {said} IS {literal(item.comment)}",) if item.comment is not None else ()
    return (*place, create, *comment)


_ENABLE = {"O": "ENABLE TRIGGER", "A": "ENABLE ALWAYS TRIGGER", "R": "ENABLE REPLICA TRIGGER"}


def disable_triggers(tables: Sequence[Table]) -> list[SetAside]:
    found = []
    for item in (o for table in tables for o in table.objects if o.kind is ObjectKind.TRIGGER):
        state = item.definition.rpartition("enabled: ")[2]
        if state in _ENABLE:
            alter = f"ALTER TABLE {quote(item.table)}"
            found.append(
                SetAside(
                    item,
                    (f"{alter} DISABLE TRIGGER {quote(item.name)}",),
                    (f"{alter} {_ENABLE[state]} {quote(item.name)}",),
                    order=9,
                )
            )
    return found


def respelled(session: Session, thing: SchemaObject) -> SchemaObject:
    """Carry the definition out on an empty temporary table: `IN (…)` conditions are spelled anew (measured on 18)."""
    trial = "pg_temp.outgrow_trial"
    name = session.value(f"SELECT format('%I.%I',current_schema(),{literal(thing.table)})")
    head, on, tail = thing.definition.partition(f" ON {name} USING ")
    if on:
        statement = f"{head} ON {trial} USING {tail}"
    elif thing.kind is ObjectKind.EXCLUDE:
        statement = f"ALTER TABLE {trial} ADD CONSTRAINT {quote(thing.name)} {thing.definition}"
    else:
        return thing
    session.begin()
    try:
        session.execute(f"CREATE TEMPORARY TABLE outgrow_trial (LIKE {name})")
        session.execute(statement)
        definition, condition, constraint = session.query(_TRIAL.format(trial))[0]
    finally:
        session.rollback()
    if constraint:
        return replace(thing, definition=constraint)
    return replace(thing, definition=head + on + definition.partition(".outgrow_trial USING ")[2], condition=condition)


_TRIAL = """SELECT pg_get_indexdef(i.indexrelid),pg_get_expr(i.indpred,i.indrelid),pg_get_constraintdef(c.oid)
FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid=i.indexrelid WHERE i.indrelid='{}'::regclass"""


_KEYS = """SELECT child.relname,parent.relname FROM pg_constraint c
JOIN pg_class child ON child.oid=c.conrelid JOIN pg_class parent ON parent.oid=c.confrelid
WHERE c.contype='f' AND parent.relnamespace=(SELECT oid FROM pg_namespace WHERE nspname=current_schema())"""


def clear(session: Session, tables: Sequence[str]) -> None:
    """TRUNCATE of all at once, never CASCADE; DELETE where it is refused, as even an empty table refers into the list.

    A row that a table outside the list refers to is an error, not a loss.
    """
    keys = [(child, parent) for child, parent in session.query(_KEYS) if parent in tables and child != parent]
    held = {parent for child, parent in keys if child not in tables}
    while more := {parent for child, parent in keys if child in held} - held:
        held |= more
    session.execute("SET CONSTRAINTS ALL DEFERRED")
    if free := [quote(t) for t in tables if t not in held]:
        session.execute(f"TRUNCATE {','.join(free)}")
    while held:  # children first
        parents = {parent for child, parent in keys if child in held}
        for table in (leaves := held - parents or set(held)):
            session.execute(f"DELETE FROM {quote(table)}")
        held -= leaves


_NOT_OWNED = """SELECT s.oid::regclass::text FROM pg_attribute a
JOIN pg_attrdef f ON f.adrelid=a.attrelid AND f.adnum=a.attnum
JOIN pg_depend d ON d.classid='pg_attrdef'::regclass AND d.objid=f.oid AND d.refclassid='pg_class'::regclass
JOIN pg_class s ON s.oid=d.refobjid AND s.relkind='S' WHERE a.attrelid={}::regclass AND a.attname={}"""


def reset_sequences(session: Session, tables: Sequence[Table]) -> list[tuple[str, str, int]]:
    done = []
    for table in tables:
        for column in (c for c in table.columns if c.identity):
            name, key = literal(quote(table.name)), quote(column.name)
            sequence = session.value(f"SELECT pg_get_serial_sequence({name},{literal(column.name)})")
            highest = f"(SELECT max({key}) FROM {quote(table.name)})"
            if sequence is not None:
                session.query(
                    f"SELECT setval({literal(sequence)},greatest(coalesce({highest},1),1),coalesce({highest},0)>=1)"
                )
            elif sequence := session.value(_NOT_OWNED.format(name, literal(column.name))):
                # Other columns may draw from it as well, so it never goes back.
                session.query(
                    f"SELECT setval({literal(sequence)},{highest}) FROM {sequence} "
                    f"WHERE {highest}>=last_value+is_called::int"
                )
            else:
                continue
            last, called = session.query(f"SELECT last_value,is_called FROM {sequence}")[0]
            done.append((table.name, column.name, int(last) + int(bool(called))))
    return done
