"""E064: a foreign key that a server still keeps to a table whose owner is another database.

Rows that were made at the owner since are not in the table that the key looks at, so the server refuses what refers to
them; on SQLite, once that table is dropped, every insert.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.core.checks import CheckMessage

from outgrow.checks.fault import Fault
from outgrow.checks.live.looking import Look, Looks

KEPT = Fault("E064", "A server still has a foreign key to a table of another database.")


def check(looks: Looks) -> Iterator[CheckMessage]:
    for look in looks:
        if not look.is_replica:
            yield from _kept(look)


def _kept(look: Look) -> Iterator[CheckMessage]:
    facts = look.facts
    for link in facts.links:
        child, owner = link.child, facts.owner(link.child)
        if owner is None or not facts.same(owner, look.alias) or not facts.apart(child, link.parent):
            continue
        if not child._meta.managed or not look.has(child._meta.db_table):
            continue
        with look.connection.cursor() as cursor:
            # Not get_constraints(): on SQLite it cannot read a table with CHECK (x IN (1, 2, 3)), up to Django 6.1.
            there = look.connection.introspection.get_relations(cursor, look.tables[child._meta.db_table.lower()])
        if found := there.get(link.field.column):
            yield KEPT(
                f"{child._meta.db_table}.{link.field.column} in {look.alias} has a foreign key to {found[1]} there, a "
                f"table that {facts.owner(link.parent)} owns: rows that refer to a row made there are refused.",
                "Declare an outgrow.LooseForeignKey, or db_constraint=False, and migrate: the migration drops the "
                "foreign key.",
                obj=link.field,
            )
