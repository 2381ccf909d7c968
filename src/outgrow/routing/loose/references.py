"""Every loose reference of the project, with the databases of its two ends as the routers name them now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from django.apps import apps
from django.db import connections, models, router

from outgrow.errors import Refused
from outgrow.routing.loose.across import Action, LooseReference
from outgrow.routing.loose.keys import can_be_told

Rows = models.QuerySet[Any]


@dataclass(frozen=True, order=True)
class Parent:
    """A column that loose references refer to, where it is: one set of triggers."""

    alias: str
    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


@dataclass(frozen=True)
class Reference:
    """One loose field of one model. ``str()`` is "app.Model.field"."""

    field: LooseReference

    def __str__(self) -> str:
        return f"{self.child._meta.label}.{self.field.name}"

    @property
    def action(self) -> Action:
        action = self.field.action
        assert action is not None  # references() leaves those out
        return action

    @property
    def child(self) -> type[models.Model]:
        return self.field.model

    @cached_property
    def parent(self) -> type[models.Model]:
        """The model that has the parent's table."""
        model = self.field.remote_field.model
        return cast("type[models.Model]", model._meta.concrete_model)

    @cached_property
    def key(self) -> Any:
        """The parent's column that is referred to."""
        return self.field.target_field

    @cached_property
    def child_alias(self) -> str:
        return router.db_for_write(self.child)

    @cached_property
    def parent_alias(self) -> str:
        return router.db_for_write(self.parent)

    @cached_property
    def place(self) -> Parent:
        return Parent(self.parent_alias, self.parent._meta.db_table, str(self.key.column))

    def children(self) -> Rows:
        """Every row of the child's table, whatever its managers hide, in no order: that of its Meta may join."""
        return models.QuerySet(self.child, using=self.child_alias).order_by()

    def parents(self) -> Rows:
        """Every row of the parent's table, at the primary."""
        return models.QuerySet(self.parent, using=self.parent_alias).order_by()


def references(names: Iterable[str] = (), aliases: Iterable[str] = ()) -> list[Reference]:
    """Those of the project, or only ``names`` ("app.Model.field"), or only those with an end in ``aliases``.

    Raises Refused for a name that is none, and for a reference that could not be kept up.
    """
    found = [
        Reference(field)
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy
        for field in model._meta.local_fields
        if isinstance(field, LooseReference) and field.action is not None
    ]
    wanted = {name.lower(): name for name in names}
    spelled = {str(r).lower() for r in found}
    for low, name in wanted.items():
        if low not in spelled:
            raise Refused(
                f"{name} is no loose reference (there are {', '.join(map(str, found)) or 'none'}): give one as "
                "app.Model.field."
            )
    for reference in found:
        if not can_be_told(reference.key):
            raise Refused(
                f"{reference} refers to {reference.place}, which no tombstone can hold: see outgrow.E081 of "
                "`manage.py check`."
            )
    databases = set(known(aliases))
    return [
        r
        for r in found
        if (not wanted or str(r).lower() in wanted) and (not databases or databases & {r.child_alias, r.parent_alias})
    ]


def known(aliases: Iterable[str]) -> list[str]:
    """The aliases, each once; raises Refused for one that DATABASES does not have."""
    chosen = list(dict.fromkeys(aliases))
    for alias in chosen:
        if alias not in connections:
            raise Refused(f"DATABASES has no alias {alias} (it has {', '.join(connections)}): name one of these.")
    return chosen


def by_parent(found: Sequence[Reference]) -> dict[Parent, list[Reference]]:
    """The references of each parent's column, in a settled order."""
    parents: dict[Parent, list[Reference]] = {}
    for reference in found:
        parents.setdefault(reference.place, []).append(reference)
    return dict(sorted(parents.items()))
