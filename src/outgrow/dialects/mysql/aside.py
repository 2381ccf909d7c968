"""MySQL and MariaDB as a target: what is set aside before a copy, counters after it, and who is in the way."""

from __future__ import annotations

from collections.abc import Sequence

from outgrow.dialects.base import (
    Dialect,
    Key,
    ObjectKind,
    Reading,
    SchemaObject,
    Session,
    SetAside,
    Table,
)
from outgrow.dialects.mysql.catalog import literal
from outgrow.dialects.mysql.ddl import key_parts, parent, quote
from outgrow.dialects.standard import canonical_key, terms
from outgrow.errors import Refused


# -- indexes, unique keys, foreign keys -------------------------------------------------------------------------------
def set_aside(tables: Sequence[Table]) -> list[SetAside]:
    """Foreign keys first, as they hang on indexes.

    One ALTER, which is atomic, drops all that goes of a table, and one brings back what no row can refuse: it stands
    with the first object, and the others have none. A unique key comes back by itself, so that a refusal has a name.
    """
    planned = {t.name for t in tables}
    foreign = [[o for o in t.objects if o.kind is ObjectKind.FOREIGN] for t in tables]
    plain = [
        [o for o in t.objects if o.kind in (ObjectKind.INDEX, ObjectKind.UNIQUE) and not _needed(t, o, planned)]
        for t in tables
    ]
    periods = [any("WITHOUT OVERLAPS" in o.definition for o in t.objects) for t in tables]
    return [
        i for found, period in zip(foreign, periods, strict=True) for i in _foreign(found, copies=period)
    ] + [i for found in plain for i in _indexes(found)]  # fmt: skip


def _indexes(objects: Sequence[SchemaObject]) -> list[SetAside]:
    together = [o for o in objects if o.kind is ObjectKind.INDEX]
    creates = {o.name: (_alter([o], "ADD"),) for o in objects if o.kind is ObjectKind.UNIQUE}
    creates |= {o.name: (_alter(together, "ADD"),) for o in together[:1]}
    return [
        SetAside(o, (_alter(objects, "DROP INDEX"),) if o is objects[0] else (), creates.get(o.name, ()))
        for o in objects
    ]


def _foreign(objects: Sequence[SchemaObject], *, copies: bool = False) -> list[SetAside]:
    """Foreign keys come back by an ALTER that looks at no row, and are proved by one anti-join each once they stand.

    An ALTER with foreign_key_checks=1 copies the whole table: 300,000 rows with two keys and four indexes took 54 s of
    the server's CPU on MySQL 9.7 and 8 s on MariaDB 10.11, this way 0.3 s on both. A table with a key WITHOUT OVERLAPS
    has a period, and MariaDB changes it by a copy or not at all (error 1845 on 10.11).
    """
    add = _alter(objects, "ADD") + ("" if copies else ", ALGORITHM=INPLACE") if objects else ""
    create = ("SET SESSION foreign_key_checks=0", add, "SET SESSION foreign_key_checks=1")
    return [
        SetAside(
            o,
            (_alter(objects, "DROP FOREIGN KEY"),) if o is objects[0] else (),
            create if o is objects[0] else (),
            (_no_orphan(o),),
            order=1,
        )
        for o in objects
    ]


def _alter(objects: Sequence[SchemaObject], word: str) -> str:
    parts = (f"ADD {o.definition}" if word == "ADD" else f"{word} {quote(o.name)}" for o in objects)
    return f"ALTER TABLE {quote(objects[0].table)} {', '.join(parts)}"


def _no_orphan(item: SchemaObject) -> str:
    """A statement that fails (error 1242) if a parent is missing. The key stands by then: none can come after."""
    missing = orphan_condition(item, "c")
    return (
        "SET @outgrow=(SELECT n FROM (SELECT 1 AS n UNION ALL SELECT 2) AS two "
        f"WHERE EXISTS (SELECT 1 FROM {quote(item.table)} AS c WHERE {missing}))"
    )


def orphan_condition(item: SchemaObject, child: str) -> str:
    """The row of ``child`` refers to a parent that is missing."""
    assert item.refers is not None
    there = item.refers[1]
    match = " AND ".join(f"p.{quote(b)}={child}.{quote(a)}" for a, b in zip(item.columns, there, strict=True))
    present = " AND ".join(f"{child}.{quote(a)} IS NOT NULL" for a in item.columns)
    return f"{present} AND NOT EXISTS (SELECT 1 FROM {parent(item)} AS p WHERE {match})"


def _needed(table: Table, item: SchemaObject, planned: set[str]) -> bool:
    """What the server would not let go: an index that AUTO_INCREMENT, or a foreign key of another table, stands on.

    A table without a primary key is stored in the order of its first unique.
    """
    if any(child not in planned and item.columns[: len(there)] == there for child, there in table.referred):
        return True
    counter = next((c.name for c in table.columns if c.identity), None)
    if counter is not None and item.columns[:1] == (counter,) and table.key[:1] != (counter,):
        return True
    return not table.key and item.kind is ObjectKind.UNIQUE


def disable_triggers(tables: Sequence[Table]) -> list[SetAside]:
    """Triggers go and come back with mode, character set and definer, in their order.

    ON UPDATE columns need nothing: a load names every column, and rows are only inserted.
    """
    found = [o for table in tables for o in table.objects if o.kind is ObjectKind.TRIGGER]
    return [_trigger(item, 9 + number) for number, item in enumerate(found)]


def _trigger(item: SchemaObject, order: int) -> SetAside:
    mode, charset, statement = [*item.definition.split("\n", 2), "", ""][:3]
    if not statement:
        raise Refused(
            f"the trigger {item.name} of {item.table} cannot be read by this user, so that it could not be restored: "
            "grant TRIGGER on the database."
        )
    client, collation = charset.split(" ")
    create = (
        "SET @outgrow_mode=@@SESSION.sql_mode",
        f"SET SESSION sql_mode={literal(mode)},character_set_client={client},collation_connection={collation}",
        statement,
        "SET SESSION sql_mode=@outgrow_mode",
        "SET NAMES utf8mb4",
    )
    return SetAside(item, (f"DROP TRIGGER IF EXISTS {quote(item.name)}",), create, order=order)


def clear(session: Session, tables: Sequence[str]) -> None:
    """DELETE, as TRUNCATE refuses tables that keys refer to; children go first, found by trying.

    A row that a table outside the list refers to is an error, not a loss. Empty tables are left alone: MySQL with GTIDs
    refuses any DELETE of a MyISAM table (django-watson's search index) in a transaction.
    """
    left = [name for name in tables if session.query(f"SELECT 1 FROM {quote(name)} LIMIT 1")]
    while left:
        stuck, problem = [], None
        for table in left:
            try:
                session.execute(f"DELETE FROM {quote(table)}")
            except Exception as error:
                if not error.args or error.args[0] != 1451:
                    raise
                stuck.append(table)
                problem = error
        if len(stuck) == len(left) and problem is not None:
            if _referred_from_outside(session, stuck, tables):
                raise problem
            _delete_unchecked(session, stuck)
            return
        left = stuck


def _referred_from_outside(session: Session, tables: Sequence[str], inside: Sequence[str]) -> bool:
    """Whether rows of a table that is not cleared refer to these tables."""
    named = ",".join(literal(name) for name in tables)
    for schema, table, column, here in session.query(
        "SELECT table_schema,table_name,column_name,table_schema=DATABASE() FROM information_schema.key_column_usage "
        f"WHERE referenced_table_schema=DATABASE() AND referenced_table_name IN ({named})"
    ):
        place = f"{quote(schema)}.{quote(table)}"
        outside = not here or table not in inside
        if outside and session.query(f"SELECT 1 FROM {place} WHERE {quote(column)} IS NOT NULL LIMIT 1"):
            return True
    return False


def _delete_unchecked(session: Session, tables: Sequence[str]) -> None:
    """Rows that refer to their own table, or in a circle: InnoDB looks at each row as it goes."""
    session.execute("SET SESSION foreign_key_checks=0")
    try:
        for table in tables:
            session.execute(f"DELETE FROM {quote(table)}")
    finally:
        session.execute("SET SESSION foreign_key_checks=1")


def reset_sequences(session: Session, tables: Sequence[Table]) -> list[tuple[str, str, int]]:
    """AUTO_INCREMENT above the highest key, and read back from the server's own statement."""
    done = []
    for table in tables:
        for column in (c for c in table.columns if c.identity):
            name = quote(table.name)
            highest = int(session.value(f"SELECT COALESCE(MAX({quote(column.name)}),0) FROM {name}"))
            session.execute(f"ALTER TABLE {name} AUTO_INCREMENT={max(highest, 0) + 1}")
            done.append((table.name, column.name, _next(session, table.name)))
    return done


def _next(session: Session, table: str) -> int:
    found = session.value(
        "SELECT auto_increment FROM information_schema.tables "
        f"WHERE table_schema=DATABASE() AND table_name={literal(table)}"
    )
    return int(found) if found is not None else 1


# -- rows in the way --------------------------------------------------------------------------------------------------
def colliding(
    dialect: Dialect, session: Session, unique: SchemaObject, reading: Reading, limit: int
) -> list[tuple[Key, ...]]:
    """Groups of keys that are equal under a unique: by the live columns' collations, prefixes and expressions."""
    parts = [p.sql for p in key_parts(unique.definition)] if unique.definition else [quote(c) for c in unique.columns]
    names = [f"p{i}" for i in range(len(parts))]
    table = quote(reading.table)
    shown = ",".join(f"{part} AS {name}" for part, name in zip(parts, names, strict=True))
    keys = terms(dialect, reading)
    numbered = [f"k{i}" for i in range(len(keys))]
    listed = ",".join(f"{term} AS {name}" for term, name in zip(keys, numbered, strict=True))
    present = " AND ".join(f"{part} IS NOT NULL" for part in parts)
    window = f"PARTITION BY {','.join(names)}"
    groups: dict[int, list[Key]] = {}
    # DENSE_RANK gives rows of one group one number, COUNT how many they are; both compare by collation.
    for group, *values in session.query(
        f"SELECT g,{','.join(numbered)} FROM (SELECT DENSE_RANK() OVER (ORDER BY {','.join(names)}) AS g,"
        f"COUNT(*) OVER ({window}) AS n,{','.join(numbered)} FROM (SELECT {shown},{listed} FROM {table} "
        f"WHERE {present}) AS r) AS c WHERE n>1 ORDER BY g,{','.join(numbered)}"
    ):
        groups.setdefault(group, []).append(canonical_key(reading, values))
        if len(groups) > limit:
            del groups[group]
            break
    return [tuple(keys) for keys in groups.values()]


def orphans(dialect: Dialect, session: Session, foreign: SchemaObject, reading: Reading, limit: int) -> list[Key]:
    """Keys of rows whose parent is missing; a row of a table without a key is an empty one."""
    keys = [f"k{i}" for i in range(len(reading.key))]
    named = [f"{t} AS {k}" for t, k in zip(terms(dialect, reading), keys, strict=True)]
    columns = dict.fromkeys(quote(a) for a in foreign.columns)
    found = session.query(
        f"SELECT {','.join(keys) or '1'} FROM (SELECT {','.join([*columns, *named])} FROM {quote(reading.table)}) AS c "
        f"WHERE {orphan_condition(foreign, 'c')} LIMIT {limit}"
    )
    return [canonical_key(reading, values) if keys else () for values in found]
