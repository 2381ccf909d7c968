"""MySQL and MariaDB: what the database holds, by information_schema and the server's own CREATE statements."""

from __future__ import annotations

import os
import re
import socket
from collections import defaultdict
from dataclasses import replace
from typing import Any

from outgrow.dialects.base import Column, Limits, ObjectKind, SchemaObject, Session, Table
from outgrow.dialects.mysql.ddl import objects, quote
from outgrow.dialects.mysql.session import MySQLdb, MySQLSession, own_ids

_TABLES = """
SELECT table_name,table_type,lower(coalesce(engine,'')),coalesce(table_rows,0),coalesce(data_length,0)
FROM information_schema.tables WHERE table_schema=DATABASE() ORDER BY table_name
"""
_COLUMNS = """
SELECT table_name,column_name,lower(data_type),column_type,is_nullable,character_maximum_length,numeric_precision,
       numeric_scale,datetime_precision,extra,collation_name,character_set_name,column_default
FROM information_schema.columns WHERE table_schema=DATABASE() ORDER BY table_name,ordinal_position
"""
_INDEXES = """
SELECT table_name,index_name,non_unique,column_name FROM information_schema.statistics
WHERE table_schema=DATABASE() ORDER BY table_name,index_name,seq_in_index
"""
_TRIGGERS = """
SELECT event_object_table,trigger_name FROM information_schema.triggers WHERE trigger_schema=DATABASE()
ORDER BY event_object_table,event_manipulation,action_timing,action_order
"""
_KINDS = {"BASE TABLE": "table", "SYSTEM VERSIONED": "table", "VIEW": "view", "SYSTEM VIEW": "view"}
_HAS_LENGTH = ("char", "varchar", "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob")


def literal(value: int | str | bytes | float | None) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
    if isinstance(value, float):
        text = repr(value)  # without an exponent it would be a decimal
        return text if "e" in text else f"{text}e0"
    return str(int(value))


def tables(session: Session) -> dict[str, Table]:
    columns: dict[str, list[Column]] = defaultdict(list)
    for name, *facts in session.query(_COLUMNS):
        columns[name].append(_column(*facts))
    triggers: dict[str, list[SchemaObject]] = defaultdict(list)
    for table, name in session.query(_TRIGGERS):
        triggers[table].append(_trigger(session, table, name))
    found: dict[str, Table] = {}
    for name, kind, engine, rows, size in session.query(_TABLES):
        is_table = _KINDS.get(kind, "virtual") == "table"
        held = tuple(objects(name, _create(session, name))) if is_table else ()
        key = next((o.columns for o in held if o.kind is ObjectKind.PRIMARY), ())
        found[name] = Table(
            name, tuple(columns[name]), key, kind=_KINDS.get(kind, "virtual"), storage=engine, rows=int(rows),
            bytes=int(size), objects=held + tuple(triggers[name]),
        )  # fmt: skip
    return _referred(found)


def shapes(session: Session) -> dict[str, Table]:
    """Columns, keys and indexes: SHOW CREATE TABLE needs the right to read the table, information_schema any at all."""
    columns: dict[str, list[Column]] = defaultdict(list)
    for name, *facts in session.query(_COLUMNS):
        columns[name].append(_column(*facts))
    parts: dict[tuple[str, str, bool], list[str | None]] = defaultdict(list)
    for table, index, repeats, column in session.query(_INDEXES):
        parts[(table, index, not int(repeats))].append(column)
    indexes: dict[str, list[SchemaObject]] = defaultdict(list)
    for (table, index, unique), named in parts.items():
        kind = ObjectKind.PRIMARY if index == "PRIMARY" else ObjectKind.UNIQUE if unique else ObjectKind.INDEX
        listed = tuple(column for column in named if column is not None)  # an expression has no column
        indexes[table].append(SchemaObject(table, index, kind, listed, expression=len(listed) < len(named)))
    return {
        name: Table(
            name, tuple(columns[name]), next((o.columns for o in indexes[name] if o.kind is ObjectKind.PRIMARY), ()),
            kind=_KINDS.get(kind, "virtual"), storage=engine, objects=tuple(indexes[name]),
        )
        for name, kind, engine, *_ in session.query(_TABLES)
    }  # fmt: skip


def _referred(found: dict[str, Table]) -> dict[str, Table]:
    """The tables, each with the foreign keys that stand on it."""
    children: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    for item in (o for table in found.values() for o in table.objects):
        if item.refers is not None:
            children[item.refers[0]].append((item.table, item.refers[1]))
    return {name: replace(table, referred=tuple(children[name])) for name, table in found.items()}


def _create(session: Session, table: str) -> str:
    return str(session.query(f"SHOW CREATE TABLE {quote(table)}")[0][1])


def _column(
    name: str, type_: str, declared: str, nullable: str, length: int | None, precision: int | None, scale: int | None,
    fraction: int | None, extra: str, collation: str | None, charset: str | None, default: Any,
) -> Column:  # fmt: skip
    extra = extra.lower()
    return Column(
        name,
        type_,
        str(declared).lower() if type_ not in ("enum", "set") else str(declared),
        nullable=nullable == "YES",
        length=int(length) if length is not None and type_ in _HAS_LENGTH else None,
        precision=int(fraction) if fraction is not None else int(precision) if precision is not None else None,
        scale=int(scale) if scale is not None else None,
        unsigned="unsigned" in str(declared).lower().split(),
        generated="virtual generated" in extra or "stored generated" in extra,
        identity="auto_increment" in extra,
        collation=collation,
        charset=charset,
        updates_itself="on update" in extra,
        default=None if default is None else str(default),
    )


def _trigger(session: Session, table: str, name: str) -> SchemaObject:
    """The trigger with all that its meaning depends on: mode, client character set, statement."""
    row = session.query(f"SHOW CREATE TRIGGER {quote(name)}")[0]
    definition = f"{row[1]}\n{row[3]} {row[4]}\n{row[2]}" if row[2] else ""
    return SchemaObject(table, name, ObjectKind.TRIGGER, definition=definition)


# -- the server -------------------------------------------------------------------------------------------------------
_INTEGERS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "integer": 32, "bigint": 64}
_TEXTS = {"tiny": 2**8 - 1, "": 2**16 - 1, "medium": 2**24 - 1, "long": 2**32 - 1}
_INDEX_BYTES = {4096: 768, 8192: 1536}


def limits(session: Session) -> Limits:
    names = ("max_allowed_packet", "innodb_page_size", "innodb_default_row_format")
    listed = ",".join(f"'{n}'" for n in names)
    found = dict(session.query(f"SHOW GLOBAL VARIABLES WHERE variable_name IN ({listed})"))
    packet = int(found["max_allowed_packet"])
    narrow = found.get("innodb_default_row_format", "dynamic") not in ("dynamic", "compressed")
    signed = {name: (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for name, bits in _INTEGERS.items()}
    unsigned = {f"{name} unsigned": (0, 2**bits - 1) for name, bits in _INTEGERS.items()}
    texts = {f"{size}{kind}": limit for size, limit in _TEXTS.items() for kind in ("text", "blob")}
    return Limits(
        identifier=64,
        index_bytes=767 if narrow else _INDEX_BYTES.get(int(found.get("innodb_page_size", 16384)), 3072),
        row_bytes=65535,
        packet_bytes=packet,
        integers=signed | unsigned,
        text_bytes=texts | {"json": min(packet, 2**30)},
    )


def identity(session: Session, engine: str) -> tuple[str, ...]:
    """The server's own id and the database's name; an old MariaDB without an id is known by host and data folder."""
    listed = dict(
        session.query(
            "SHOW GLOBAL VARIABLES WHERE variable_name IN "
            "('server_uuid','server_uid','hostname','port','datadir','lower_case_table_names')"
        )
    )
    server = listed.get("server_uuid") or listed.get("server_uid")
    name = str(session.value("SELECT DATABASE()"))
    name = name if listed.get("lower_case_table_names") == "0" else name.lower()
    place = (server,) if server else (listed["hostname"], listed["port"], listed["datadir"])
    return (engine, *map(str, place), name)


def other_writers(session: MySQLSession) -> list[str]:
    """Connections to this database that are not of this process; without PROCESS the server shows this user's only."""
    here, ours = str(session.value("SELECT DATABASE()")).lower(), own_ids()
    return [
        f"{user}@{re.sub(r':[0-9]+$', '', host)} (connection {id_}, {command.lower()} for {seconds} s)"
        for id_, user, host, database, command, seconds in session.processes()
        if database.lower() == here and id_ not in ours and command != "Daemon" and not command.startswith("Binlog")
    ]


def disk(session: Session) -> tuple[int | None, int | None]:
    used = session.value(
        "SELECT sum(data_length+index_length) FROM information_schema.tables WHERE table_schema=DATABASE()"
    )
    host, folder = session.query("SELECT @@hostname,@@datadir")[0]
    free = None
    if host == socket.gethostname() and os.path.isdir(folder):
        facts = os.statvfs(folder)
        free = facts.f_bavail * facts.f_frsize
    return int(used or 0), free


def version(session: Session) -> str:
    text = str(session.value("SELECT VERSION()"))
    number = re.sub(r"^5\.5\.5-", "", text).partition("-")[0]
    return f"{'MariaDB' if 'mariadb' in text.lower() else 'MySQL'} {number}"


def end_sessions(session: Session, marks: Any) -> None:
    """End the connections that hold the locks of these names: ours, and nobody else's."""
    for mark in marks:
        holder = session.value(f"SELECT IS_USED_LOCK({literal(str(mark))})")
        if holder is not None and int(holder) != int(session.value("SELECT CONNECTION_ID()")):
            try:
                session.execute(f"KILL {int(holder)}")
            except MySQLdb.Error as error:
                if error.args[0] != 1094:  # it has just gone by itself
                    raise
