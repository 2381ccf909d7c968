"""E023: deleting a row queries tables of another database (pitfall 8).

Django's Collector runs every query of a deletion on the alias of the row that is deleted, whatever the routers say.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.core.checks import CheckMessage
from django.db.models import CASCADE

from outgrow import conf
from outgrow.checks.facts import AnyModel, Facts, Link
from outgrow.checks.fault import Fault, listed
from outgrow.conf import LOOSEN

CASCADES = Fault("E023", "Deleting a row queries tables of another database.")


def check(facts: Facts) -> Iterator[CheckMessage]:
    children: dict[AnyModel, list[Link]] = {}
    for link in facts.crossing:
        if link.queries_on_delete and not link.loose and not link.inherits:
            children.setdefault(link.parent, []).append(link)
    for parent, links in children.items():
        above = ancestors(parent, facts)
        also = f" So does deleting {listed(m._meta.label for m in above)}, which cascades to it." if above else ""
        yield CASCADES(
            f"Deleting {facts.in_(parent)} queries {listed(_spoken(link, facts) for link in links)} on "
            f"{facts.owner(parent)}, where these tables are not.{also}",
            f"{_hint(links)} or own them in one database with {parent._meta.label}.",
            obj=parent,
        )


def ancestors(model: AnyModel, facts: Facts) -> list[AnyModel]:
    """Models of the same database whose deletion reaches this one in Python."""
    found: dict[AnyModel, None] = {}
    todo = [model]
    while todo:
        below = todo.pop()
        for link in facts.links:
            here = link.child is below and link.on_delete is CASCADE and not facts.apart(link.child, link.parent)
            if here and link.parent not in found and link.parent is not model:
                found[link.parent] = None
                todo.append(link.parent)
    return list(found)


def _spoken(link: Link, facts: Facts) -> str:
    meta = link.child._meta
    if meta.auto_created:
        return f"{meta.label} (a join table in {facts.owner(link.child)})"
    how = getattr(link.on_delete, "__name__", "on_delete")
    return f"{meta.label}.{link.field.name} ({how}, in {facts.owner(link.child)})"


def _hint(links: list[Link]) -> str:
    """Loose references; a join table needs a model first."""
    if all(link.child._meta.auto_created for link in links):
        return "Make the join table a model with outgrow.LooseForeignKey fields,"
    declare = "Declare" if conf.loose() else f"Set {LOOSEN}, or declare"
    return (
        f"{declare} outgrow.LooseForeignKey fields, or db_constraint=False with on_delete=models.DO_NOTHING and a "
        "clean-up of your own,"
    )
