"""SQLite: what the file holds, from sqlite_master and the table pragmas."""

from __future__ import annotations

import re

from outgrow.dialects.base import Column, ObjectKind, SchemaObject, Session, Table
from outgrow.lines import Kind

_TYPE = re.compile(r"^\s*([^(]*?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*(unsigned)?\s*$", re.IGNORECASE)
_SHADOWS = (
    "_data",
    "_idx",
    "_content",
    "_docsize",
    "_config",
    "_segments",
    "_segdir",
    "_stat",
    "_node",
    "_parent",
    "_rowid",
)
SPOTS, SPOT_ROWS = 8, 40  # where and how much of a table is looked at for its average row


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(value: int | str | bytes | float | None) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    if isinstance(value, str):
        if "\0" in value:
            return f"CAST(X'{value.encode().hex()}' AS TEXT)"
        return "'" + value.replace("'", "''") + "'"
    return repr(value)


def tables(session: Session, *, counted: bool = True) -> dict[str, Table]:
    """Every table, view and virtual table."""
    master = session.query("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name")
    virtual = {n for t, n, _, sql in master if t == "table" and re.match(r"\s*create\s+virtual", sql or "", re.I)}
    found: dict[str, Table] = {}
    for type_, name, _, sql in master:
        if type_ not in ("table", "view") or name.startswith("sqlite_"):
            continue
        kind = "view" if type_ == "view" else "virtual" if name in virtual else "table"
        if kind == "table" and any(name == v + s for v in virtual for s in _SHADOWS):
            kind = "shadow"
        found[name] = _table(session, name, kind, sql or "", counted)
    triggers = [(t, n, sql) for ty, n, t, sql in master if ty == "trigger"]
    for table, name, sql in triggers:
        if table in found:
            entry = found[table]
            trigger = SchemaObject(table, name, ObjectKind.TRIGGER, definition=sql)
            found[table] = _with_objects(entry, (*entry.objects, trigger))
    return found


def _with_objects(table: Table, objects: tuple[SchemaObject, ...]) -> Table:
    from dataclasses import replace

    return replace(table, objects=objects)


def _table(session: Session, name: str, kind: str, sql: str, counted: bool) -> Table:
    columns, key = _columns(session, name, sql)
    if kind != "table":
        return Table(name, columns, kind=kind)
    rows = int(session.value(f"SELECT count(*) FROM {quote(name)}") or 0) if counted else 0
    size = _bytes(session, name, columns, rows) if rows else 0
    return Table(name, columns, key, storage="sqlite", rows=rows, bytes=size, objects=_objects(session, name, sql, key))


def _columns(session: Session, name: str, sql: str) -> tuple[tuple[Column, ...], tuple[str, ...]]:
    info = session.query(f"PRAGMA table_xinfo({quote(name)})")
    keys = sorted((pk, column) for _, column, _, _, _, pk, hidden in info if pk)
    key = tuple(column for _, column in keys)
    collations = _collations(sql)
    columns = []
    for _, column, declared, notnull, default, pk, hidden in info:
        if hidden == 1:  # a virtual table's hidden column
            continue
        match = _TYPE.match(declared or "")
        base, first, second, unsigned = match.groups() if match else (declared or "", None, None, None)
        base = base.lower()
        numeric = base in ("decimal", "numeric")
        columns.append(
            Column(
                name=column,
                type=base,
                declared=(declared or "").lower(),
                nullable=not notnull and not (pk and base == "integer" and len(key) == 1),
                length=int(first) if first and not numeric else None,
                precision=int(first) if first and numeric else None,
                scale=int(second) if second else None,
                unsigned=bool(unsigned) or "unsigned" in base,
                generated=hidden in (2, 3),
                identity=bool(pk and base == "integer" and len(key) == 1),
                collation=collations.get(column.lower()),
                default=default,
            )
        )
    return tuple(columns), key


_COLLATE = re.compile(r"""["`\[]?([\w$]+)["`\]]?\s+[^,]*?\bCOLLATE\s+["`\[]?(\w+)""", re.IGNORECASE)


def _collations(sql: str) -> dict[str, str]:
    if "collate" not in sql.lower():
        return {}
    body = sql.partition("(")[2]
    return {column.lower(): collation.upper() for column, collation in _COLLATE.findall(body)}


def _objects(session: Session, name: str, sql: str, key: tuple[str, ...]) -> tuple[SchemaObject, ...]:
    objects = [SchemaObject(name, "(table)", ObjectKind.CHECK, definition=sql)]
    if key:
        objects.append(SchemaObject(name, "(primary key)", ObjectKind.PRIMARY, key))
    for _, index, unique, origin, partial in session.query(f"PRAGMA index_list({quote(name)})"):
        if origin == "pk":
            continue
        parts = session.query(f"PRAGMA index_info({quote(index)})")
        ddl = session.value(f"SELECT sql FROM sqlite_master WHERE type='index' AND name={literal(index)}")
        columns = tuple(c for _, _, c in parts if c is not None)
        objects.append(
            SchemaObject(
                name,
                index,
                ObjectKind.UNIQUE if unique else ObjectKind.INDEX,
                columns,
                definition=ddl or "",
                expression=any(cid == -2 for _, cid, _ in parts),
                condition=ddl[re.search(r"\bwhere\b", ddl, re.I).end() :].strip() if partial and ddl else None,  # type: ignore[union-attr]
            )
        )
    groups: dict[int, list[tuple[str, str, str | None]]] = {}
    for number, _, parent, here, there, *_ in session.query(f"PRAGMA foreign_key_list({quote(name)})"):
        groups.setdefault(number, []).append((parent, here, there))
    for number, parts2 in sorted(groups.items()):
        parent = parts2[0][0]
        there = tuple(t for _, _, t in parts2 if t) or _parent_key(session, parent)
        here = tuple(h for _, h, _ in parts2)
        objects.append(SchemaObject(name, f"(foreign key {number})", ObjectKind.FOREIGN, here, refers=(parent, there)))
    return tuple(objects)


def _parent_key(session: Session, parent: str) -> tuple[str, ...]:
    info = session.query(f"PRAGMA table_info({quote(parent)})")
    return tuple(c for _, c in sorted((row[5], row[1]) for row in info if row[5]))


def _bytes(session: Session, name: str, columns: tuple[Column, ...], rows: int) -> int:
    """Data bytes by a spread sample: dbstat is exact but reads the whole file."""
    width = "+".join(f"ifnull(length(CAST({quote(c.name)} AS BLOB)),1)+2" for c in columns if not c.generated) or "1"
    table = quote(name)
    if rows <= SPOTS * SPOT_ROWS:
        return int(session.value(f"SELECT total({width}) FROM {table}"))
    try:
        low, high = session.query(f"SELECT min(rowid), max(rowid) FROM {table}")[0]
        picks = " UNION ALL ".join(
            f"SELECT * FROM (SELECT {width} AS w FROM {table} WHERE rowid>={low + (high - low) * i // SPOTS} "
            f"ORDER BY rowid LIMIT {SPOT_ROWS})"
            for i in range(SPOTS)
        )
        average = session.value(f"SELECT avg(w) FROM ({picks})")
    except Exception:  # WITHOUT ROWID
        average = session.value(f"SELECT avg(w) FROM (SELECT {width} AS w FROM {table} LIMIT 1000)")
    # One huge row among the few of the sample counts for thousands; but no table is larger than its file.
    file = int(session.value("PRAGMA page_count")) * int(session.value("PRAGMA page_size"))
    return min(int((average or 1) * rows), file)


_KINDS = {
    "integer": Kind.INTEGER, "int": Kind.INTEGER, "bigint": Kind.INTEGER, "smallint": Kind.INTEGER,
    "integer unsigned": Kind.INTEGER, "smallint unsigned": Kind.INTEGER, "bigint unsigned": Kind.INTEGER,
    "tinyint": Kind.INTEGER, "mediumint": Kind.INTEGER, "int unsigned": Kind.INTEGER,
    "bool": Kind.BOOLEAN, "boolean": Kind.BOOLEAN,
    "decimal": Kind.DECIMAL, "numeric": Kind.DECIMAL,
    "real": Kind.FLOAT, "float": Kind.FLOAT, "double": Kind.FLOAT, "double precision": Kind.FLOAT,
    "date": Kind.DATE, "time": Kind.TIME, "datetime": Kind.DATETIME, "timestamp": Kind.DATETIME,
    "blob": Kind.BINARY,
}  # fmt: skip

_TEXT_LIKE = {Kind.TEXT, Kind.JSON, Kind.INET, Kind.UUID, Kind.NATIVE}


def kind(column: Column, hint: Kind | None) -> Kind:
    """SQLite's declared types say little: the model's word counts where the storage can carry it."""
    live = _KINDS.get(column.type)
    if live is None:
        live = _by_affinity(column.type)
    if hint is None or hint is live:
        return live
    if live is Kind.TEXT and hint in _TEXT_LIKE:
        return hint
    if live is Kind.INTEGER and hint in (Kind.DURATION, Kind.BOOLEAN):
        return hint
    if live is Kind.DECIMAL and hint in (Kind.INTEGER, Kind.FLOAT):
        return hint
    return live


def _by_affinity(declared: str) -> Kind:
    """SQLite's affinity rules (datatype3, section 3.1), as kinds."""
    if "int" in declared:
        return Kind.INTEGER
    if any(word in declared for word in ("char", "clob", "text")):
        return Kind.TEXT
    if "blob" in declared:
        return Kind.BINARY
    if not declared:
        return Kind.NATIVE
    if any(word in declared for word in ("real", "floa", "doub")):
        return Kind.FLOAT
    return Kind.TEXT
