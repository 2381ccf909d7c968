"""W029, W071–E073: what loose references cannot replace, or cannot see (pitfalls 36, 38)."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.checks import CheckMessage
from django.db import connections

from outgrow.checks.facts import AnyModel, Facts, Link, in_database
from outgrow.checks.fault import Fault, listed
from outgrow.dialects.cascades import triggers_see_cascades

SEVERAL = Fault("W029", "A relation over several columns crosses databases.")
NO_SIGNAL = Fault("W071", "The server deletes parents of an unwatched relation by itself.")
LOOKED_AHEAD = Fault("W072", "The server deletes parents of a loose reference below their triggers.")
UNSEEN = Fault("E073", "The server deletes parents of a loose reference through a table that refers to itself.")


def check(facts: Facts) -> Iterator[CheckMessage]:
    cascades = [link for link in facts.links if in_database(link.on_delete, "CASCADE")]
    for link in facts.crossing:
        if len(getattr(link.field, "from_fields", ())) > 1:
            yield SEVERAL(
                f"{facts.in_(link.child)} refers by {link.field.name} to {facts.in_(link.parent)} over several "
                "columns, and a loose reference holds one.",
                f"Give {link.parent._meta.label} a unique column of its own and refer to that by "
                "outgrow.LooseForeignKey(…, to_field=…), or own both in one database.",
                obj=link.field,
            )
        ways = _ways_to(link.parent, cascades, facts)
        if ways:
            yield from _near(link, ways, facts)


def _near(link: Link, ways: list[Link], facts: Facts) -> Iterator[CheckMessage]:
    """``ways``: the DB_CASCADE keys by which the server itself deletes rows of the parent."""
    parent, child = link.parent._meta.label, f"{link.child._meta.label}.{link.field.name}"
    spoken = listed(f"{way.child._meta.label}.{way.field.name}" for way in ways)
    if not link.loose:
        if not link.queries_on_delete:
            yield NO_SIGNAL(
                f"Rows of {parent} go by DB_CASCADE ({spoken}) without a signal, and {child} refers to them from "
                "another database: a clean-up by signals misses these rows.",
                "Declare an outgrow.LooseForeignKey, whose triggers see such deletions too.",
                obj=link.field,
            )
        return
    owner = facts.owner(link.parent)
    if owner not in facts.aliases or triggers_see_cascades(connections[owner].vendor):
        return
    looping = [way for way in ways if way.child is way.parent]
    if looping:
        yield UNSEEN(
            f"Rows of {parent} go by DB_CASCADE through {looping[0].child._meta.label}.{looping[0].field.name}, which "
            f"refers to its own table: on {owner} no trigger sees that, and {child} keeps rows whose parent is gone.",
            f"Use on_delete=models.CASCADE for {looping[0].child._meta.label}.{looping[0].field.name}; `manage.py "
            "outgrow loose clean` finds later what was missed.",
            obj=link.field,
        )
    else:
        yield LOOKED_AHEAD(
            f"Rows of {parent} go by DB_CASCADE ({spoken}), which fires no trigger of {link.parent._meta.db_table} on "
            f"{owner}: the triggers of {child} look ahead along the cascades that were there when they were installed.",
            "Run `manage.py outgrow loose install` after each migration that changes one of these keys, or use "
            "on_delete=models.CASCADE.",
            obj=link.field,
        )


def _ways_to(model: AnyModel, cascades: list[Link], facts: Facts) -> list[Link]:
    """Cascades of the server that end in this model's table, from the last one upwards."""
    found: list[Link] = []
    todo = [model]
    while todo:
        below = todo.pop()
        for link in cascades:
            if link.child is below and link not in found and not facts.apart(link.child, link.parent):
                found.append(link)
                todo.append(link.parent)
    return found
