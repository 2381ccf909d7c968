"""W021, W022, E028: foreign keys and inheritance across owners (pitfall 7)."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.checks import CheckMessage

from outgrow.checks.facts import Facts, Link
from outgrow.checks.fault import Fault
from outgrow.conf import LOOSEN

CONSTRAINED = Fault("W021", "A foreign key with a constraint crosses databases.")
UNWATCHED = Fault("W022", "A relation without a constraint crosses databases, and nothing looks after its orphans.")
INHERITED = Fault("E028", "A model inherits the table of a model in another database.")


def check(facts: Facts) -> Iterator[CheckMessage]:
    for link in facts.crossing:
        if link.inherits:
            yield INHERITED(
                f"{facts.in_(link.child)} inherits from {facts.in_(link.parent)}: every query of it joins the two "
                "tables, which lie in two databases.",
                "Own both in one database, or replace the inheritance by a model with a loose reference.",
                obj=link.child,
            )
        elif link.child._meta.auto_created or link.loose or len(getattr(link.field, "from_fields", ())) > 1:
            continue  # a join table is its many-to-many field's affair, several columns are that of loose.py
        elif link.constrained:
            yield CONSTRAINED(
                f"{facts.in_(link.child)} refers by {link.field.name} to {facts.in_(link.parent)} with a constraint, "
                "which no server can keep across databases: it is left out.",
                remedies(link),
                obj=link.field,
            )
        elif not link.queries_on_delete:
            yield UNWATCHED(
                f"{facts.in_(link.child)} refers by {link.field.name} to {facts.in_(link.parent)} without a "
                "constraint, and nothing looks after rows whose parent is gone.",
                f"{_loose(link)} to have them cleaned up, or own both in one database, or silence this check if the "
                "rows may outlive their parents.",
                obj=link.field,
            )


def remedies(link: Link) -> str:
    """The three of them."""
    return (
        f"Own both in one database; or set {LOOSEN}, or {_lower(_loose(link))}; or drop the constraint: "
        "db_constraint=False with on_delete=models.DO_NOTHING."
    )


def _loose(link: Link) -> str:
    more = ", unique=True" if link.field.one_to_one else ""
    to = link.parent._meta.label
    return f'Declare a loose reference: {link.field.name} = outgrow.LooseForeignKey("{to}", on_delete=…{more})'


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
