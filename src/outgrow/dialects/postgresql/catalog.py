"""PostgreSQL: what the current schema holds, from the system catalogs in five queries."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import Any

from outgrow.dialects.base import Column, ObjectKind, SchemaObject, Session, Table
from outgrow.lines import Kind


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(value: int | str | bytes | float | None) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'::bytea"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(value)


_TABLES = """
SELECT c.oid, c.relname, c.relkind, greatest(c.reltuples, 0)::bigint,
       CASE WHEN c.relkind IN ('r','m') THEN pg_table_size(c.oid) ELSE 0 END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind IN ('r','p','v','m','f')
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY c.relname
"""
_COLUMNS = """
SELECT a.attrelid, a.attname, format_type(coalesce(nullif(t.typbasetype,0), a.atttypid),
       CASE WHEN t.typbasetype <> 0 THEN t.typtypmod ELSE a.atttypmod END),
       a.attnotnull, a.attgenerated, a.attidentity, pg_get_expr(d.adbin, d.adrelid), co.collname
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_collation co ON co.oid = a.attcollation AND co.collname <> 'default'
WHERE n.nspname = current_schema() AND c.relkind IN ('r','p','v','m','f') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
"""
_CONSTRAINTS = """
SELECT k.conrelid, k.conname, k.contype, pg_get_constraintdef(k.oid), k.convalidated,
       (SELECT array_agg(a.attname::text ORDER BY u.n) FROM unnest(k.conkey) WITH ORDINALITY u(c, n)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.c),
       f.relname, (SELECT array_agg(a.attname::text ORDER BY u.n) FROM unnest(k.confkey) WITH ORDINALITY u(c, n)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.c), k.conindid,
       (c.relkind = 'p' AND k.contype <> 'f') OR k.conparentid <> 0 OR EXISTS (
        SELECT 1 FROM pg_depend d WHERE d.refobjid = k.oid AND d.classid = 'pg_rewrite'::regclass),
       obj_description(k.oid, 'pg_constraint')
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class f ON f.oid = k.confrelid AND k.contype = 'f'
WHERE n.nspname = current_schema() AND k.contype IN ('p','u','f','c','x')
  AND NOT (k.contype = 'f' AND k.conparentid <> 0) ORDER BY k.conname
"""
_INDEXES = """
SELECT i.indrelid, ic.relname, i.indisunique, pg_get_indexdef(i.indexrelid), pg_get_expr(i.indpred, i.indrelid),
       i.indexprs IS NOT NULL, i.indisvalid,
       (SELECT array_agg(a.attname::text ORDER BY u.n) FROM unnest(i.indkey::int2[]) WITH ORDINALITY u(c, n)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.c WHERE u.n <= i.indnkeyatts), i.indexrelid,
       coalesce((to_jsonb(i)->>'indnullsnotdistinct')::bool, false),
       i.indisreplident OR i.indisclustered OR c.relkind = 'p' OR ic.relispartition,
       coalesce(s.spcname, ''), obj_description(ic.oid, 'pg_class')
FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
LEFT JOIN pg_tablespace s ON s.oid = ic.reltablespace
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() ORDER BY ic.relname
"""
_TRIGGERS = """
SELECT t.tgrelid, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND NOT t.tgisinternal ORDER BY t.tgname
"""
_PARTITIONS = """
SELECT child.relname, parent.relname FROM pg_inherits i
JOIN pg_class child ON child.oid = i.inhrelid JOIN pg_class parent ON parent.oid = i.inhparent
WHERE child.relnamespace = parent.relnamespace
  AND child.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
  AND child.relkind IN ('r','p','f') AND (child.relispartition OR NOT EXISTS (
    SELECT 1 FROM pg_attribute a WHERE a.attrelid = child.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attislocal
    AND NOT EXISTS (SELECT 1 FROM pg_attribute b WHERE b.attrelid = parent.oid AND b.attname = a.attname)))
"""
PARTITIONED = "partitioned"  # Table.storage of a table that holds nothing itself
_RELKINDS = {"r": "table", "p": "table", "v": "view", "m": "view", "f": "foreign table"}
_CONTYPES = {
    "p": ObjectKind.PRIMARY,
    "u": ObjectKind.UNIQUE,
    "f": ObjectKind.FOREIGN,
    "c": ObjectKind.CHECK,
    "x": ObjectKind.EXCLUDE,
}


def tables(session: Session) -> dict[str, Table]:
    columns: dict[int, list[Column]] = defaultdict(list)
    for relation, *facts in session.query(_COLUMNS):
        columns[relation].append(_column(*facts))
    heads = session.query(_TABLES)
    names = {oid: name for oid, name, *_ in heads}
    objects, keys = _objects(session, names)
    known = set(names.values())
    parents = {child: parent for child, parent in session.query(_PARTITIONS) if parent in known}
    found = {
        name: Table(
            name,
            tuple(columns[oid]),
            keys.get(oid, ()),
            kind=_RELKINDS[relkind],
            storage=PARTITIONED if relkind == "p" else "heap",
            rows=rows,
            bytes=size,
            objects=tuple(objects[oid]),
            parent=parents.get(name, ""),
        )
        for oid, name, relkind, rows, size in heads
    }
    for part in list(found.values()):  # a partitioned table itself holds nothing, and is read as large as its parts
        above = part.parent
        while above:
            whole = found[above]
            found[above] = replace(whole, rows=whole.rows + part.rows, bytes=whole.bytes + part.bytes)
            above = whole.parent
    return found


def _objects(
    session: Session, names: dict[int, str]
) -> tuple[dict[int, list[SchemaObject]], dict[int, tuple[str, ...]]]:
    objects: dict[int, list[SchemaObject]] = defaultdict(list)
    keys: dict[int, tuple[str, ...]] = {}
    backing: set[int] = set()
    indexes = session.query(_INDEXES)
    distinct = {row[8]: not row[9] for row in indexes}
    fixed = {row[8] for row in indexes if row[10]}
    spaces = {row[8]: row[11] for row in indexes}
    for oid, name, contype, definition, valid, here, parent, there, index, stays, comment in session.query(
        _CONSTRAINTS
    ):
        if contype != "f":
            backing.add(index)
        if contype == "p":
            keys[oid] = tuple(here)
        refers = (parent, tuple(there)) if contype == "f" else None
        stays = stays or (contype != "f" and index in fixed)
        objects[oid].append(
            SchemaObject(
                names.get(oid, ""), name, _CONTYPES[contype], tuple(here or ()), definition, refers=refers,
                valid=valid, nulls_distinct=distinct.get(index, True), stays=stays,
                tablespace=spaces.get(index, "") if contype != "f" else "", comment=comment,
            )
        )  # fmt: skip
    for oid, name, unique, definition, condition, expression, valid, here, index, *_, comment in indexes:
        if index not in backing:
            kind = ObjectKind.UNIQUE if unique else ObjectKind.INDEX
            objects[oid].append(
                SchemaObject(
                    names.get(oid, ""), name, kind, tuple(here or ()), definition, expression, condition,
                    valid=valid, nulls_distinct=distinct[index], stays=index in fixed, tablespace=spaces[index],
                    comment=comment,
                )
            )  # fmt: skip
    for oid, name, definition, enabled in session.query(_TRIGGERS):
        text = f"{definition} -- enabled: {enabled}"
        objects[oid].append(SchemaObject(names.get(oid, ""), name, ObjectKind.TRIGGER, definition=text))
    return objects, keys


_TYPE = re.compile(r"^([^(\[]*?)\s*(?:\((\d+)(?:,(-?\d+))?\))?\s*((?:with|without) time zone)?((?:\[\])*)$")


def _column(
    name: str, declared: str, notnull: bool, generated: str, identity: str, default: str | None, collation: str | None
) -> Column:
    match = _TYPE.match(declared)
    base, first, second, zone, array = match.groups() if match else (declared, None, None, None, "")
    base = " ".join(filter(None, (base, zone))) + (array or "")
    numeric, clock = base == "numeric", base.startswith("time")
    return Column(
        name=name,
        type=base,
        declared=declared,
        nullable=not notnull,
        length=int(first) if first and base in ("character varying", "character", "bit", "bit varying") else None,
        precision=int(first) if first and (numeric or clock) else None,
        scale=int(second or 0) if first and numeric else None,
        generated=generated in ("s", "v"),
        identity=identity in ("a", "d") or (default or "").startswith("nextval("),
        collation=collation,
        default=default,
    )


_KINDS = {
    "smallint": Kind.INTEGER, "integer": Kind.INTEGER, "bigint": Kind.INTEGER, "boolean": Kind.BOOLEAN,
    "numeric": Kind.DECIMAL, "real": Kind.FLOAT, "double precision": Kind.FLOAT,
    "character varying": Kind.TEXT, "character": Kind.TEXT, "text": Kind.TEXT, "citext": Kind.TEXT,
    "bytea": Kind.BINARY, "date": Kind.DATE, "time without time zone": Kind.TIME,
    "timestamp with time zone": Kind.DATETIME, "timestamp without time zone": Kind.DATETIME,
    "interval": Kind.DURATION, "uuid": Kind.UUID, "jsonb": Kind.JSON, "json": Kind.JSON, "inet": Kind.INET,
}  # fmt: skip


def kind(column: Column, hint: Kind | None) -> Kind:
    """PostgreSQL's types say what they mean; the model only tells texts and integers apart further."""
    live = _KINDS.get(column.type, Kind.NATIVE)
    if live is Kind.TEXT and hint in (Kind.UUID, Kind.JSON, Kind.INET):
        return hint
    if live is Kind.INTEGER and hint in (Kind.BOOLEAN, Kind.DURATION):
        return hint
    return live


def activity(session: Session) -> list[str]:
    rows: list[tuple[Any, ...]] = session.query(
        "SELECT application_name, usename, state, count(*) FROM pg_stat_activity WHERE datname=current_database() "
        "AND pid<>pg_backend_pid() AND backend_type='client backend' AND application_name<>'outgrow' GROUP BY 1,2,3"
    )
    return [f"{count} × {app or 'unnamed client'} as {user} ({state})" for app, user, state, count in rows]
