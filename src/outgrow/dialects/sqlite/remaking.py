"""SQLite cannot drop or add a foreign key: the table is made anew, with every row, index, trigger and counter.

The order is that of SQLite's own documentation (lang_altertable, section 7): a new table, the rows with their rowids,
the old one dropped, the new one renamed. All of it runs in the caller's transaction, without enforced foreign keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from outgrow.dialects.base import SchemaObject, Session, SetAside, Table
from outgrow.dialects.sqlite.catalog import literal, quote
from outgrow.dialects.sqlite.tabletext import ForeignKey, TableText
from outgrow.errors import OutgrowError

NEW = "outgrow_new_"
_ROWID = ("rowid", "_rowid_", "oid")


def cut_keys(session: Session, table: Table, keys: Sequence[SchemaObject]) -> list[SetAside]:
    """The statements stand with the first key; each key's object and ``create`` hold its clause of the text."""
    text = TableText(_sql(session, table.name))
    found = list(text.foreign_keys())
    cut = [(key, _taken(found, table, key)) for key in keys]
    drop = _remake(session, table, text.without([there for _, there in cut]))
    return [
        SetAside(replace(key, definition=there.clause), drop if number == 0 else (), (there.clause,), order=1)
        for number, (key, there) in enumerate(cut)
    ]


def mend_keys(session: Session, table: Table, keys: Sequence[SchemaObject]) -> tuple[str, ...]:
    """Give these keys back to the table as it is by now."""
    text = TableText(_sql(session, table.name))
    for key in keys:
        text = text.with_key(key.columns, key.definition)
    return _remake(session, table, text)


def _taken(found: list[ForeignKey], table: Table, key: SchemaObject) -> ForeignKey:
    """The key's place in the text, each once: a column may have two keys to the same parent."""
    assert key.refers is not None
    wanted = ([c.lower() for c in key.columns], key.refers[0].lower())
    for at, there in enumerate(found):
        if ([c.lower() for c in there.columns], there.parent.lower()) == wanted:
            return found.pop(at)
    raise OutgrowError(
        f"the foreign key by {', '.join(key.columns)} is not found in the text of {table.name}: look at its CREATE "
        "TABLE, and report it."
    )


def _sql(session: Session, name: str) -> str:
    return str(session.value(f"SELECT sql FROM sqlite_master WHERE type='table' AND name={literal(name)}"))


def _remake(session: Session, table: Table, text: TableText) -> tuple[str, ...]:
    name, new = quote(table.name), quote(NEW + table.name)
    columns = ",".join([*_rowid(session, table), *(quote(c.name) for c in table.columns if not c.generated)])
    counters = session.query("SELECT 1 FROM sqlite_master WHERE name='sqlite_sequence'")
    beside = session.query(
        f"SELECT sql FROM sqlite_master WHERE tbl_name={literal(table.name)} COLLATE NOCASE AND type IN "
        "('index','trigger') AND sql IS NOT NULL ORDER BY type,rowid"
    )
    kept = (
        f"DELETE FROM sqlite_sequence WHERE name={literal(NEW + table.name)}",
        f"INSERT INTO sqlite_sequence(name,seq) SELECT {literal(NEW + table.name)},seq FROM sqlite_sequence "
        f"WHERE name={literal(table.name)}",
    )
    return (
        "PRAGMA legacy_alter_table=ON",  # else views and triggers of other tables are looked into, and stop the rename
        text.create(new),
        f"INSERT INTO {new} ({columns}) SELECT {columns} FROM {name}",
        *(kept if counters else ()),
        f"DROP TABLE {name}",
        f"ALTER TABLE {new} RENAME TO {name}",
        "PRAGMA legacy_alter_table=OFF",
        *(str(sql) for (sql,) in beside),
    )


def _rowid(session: Session, table: Table) -> list[str]:
    """The hidden key by which search indexes and other things may know a row; where a column is it, that is enough."""
    taken = {c.name.lower() for c in table.columns}
    if any(c.identity for c in table.columns):
        return []
    for name in _ROWID:
        if name in taken:
            continue
        try:
            session.query(f"SELECT {name} FROM {quote(table.name)} LIMIT 0")
        except Exception:  # WITHOUT ROWID
            return []
        return [name]
    return []
