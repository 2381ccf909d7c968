"""What the checks judge: the declared owners, the project's models, and what lies apart from what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db.models import DO_NOTHING, Model, deletion

from outgrow import conf
from outgrow.routing.owners import OURS, NoOwner, Owners
from outgrow.routing.physical import place
from outgrow.routing.together import GROUPS

AnyModel = type[Model]
Field = Any  # a field of any kind: django-stubs has no common class for forward, generic and many-to-many ones


@dataclass(frozen=True)
class Link:
    """A forward relation: ``child`` holds the column, ``parent`` the rows that it refers to."""

    field: Field
    child: AnyModel
    parent: AnyModel

    @property
    def loose(self) -> bool:
        """Whether the field says that it lives without a constraint, as outgrow.LooseForeignKey does."""
        return bool(getattr(self.field, "loose", False))

    @property
    def constrained(self) -> bool:
        """Whether Django makes a foreign key of the server for it."""
        return bool(getattr(self.field, "db_constraint", False)) and bool(self.child._meta.managed)

    @property
    def inherits(self) -> bool:
        return bool(getattr(self.field.remote_field, "parent_link", False))

    @property
    def on_delete(self) -> Any:
        return self.field.remote_field.on_delete

    @property
    def queries_on_delete(self) -> bool:
        """Whether deleting a parent queries the child's table: all but DO_NOTHING, and what the server does itself."""
        return self.on_delete is not DO_NOTHING and not in_database(self.on_delete)


def in_database(on_delete: Any, operation: str | None = None) -> bool:
    """Django 6.1's DB_CASCADE, DB_SET_NULL and DB_SET_DEFAULT; of one ``operation`` ("CASCADE") where it is given."""
    kind = getattr(deletion, "DatabaseOnDelete", None)
    if kind is None or not isinstance(on_delete, kind):
        return False
    return operation is None or getattr(on_delete, "operation", None) == operation


@dataclass(frozen=True)
class Facts:
    """``aliases`` are those of DATABASES; ``models`` all that have a table of their own, ours left out."""

    owners: Owners
    aliases: tuple[str, ...]
    models: tuple[AnyModel, ...]
    _places: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def gather(cls) -> Facts:
        """Of the settings and of the app registry."""
        models = apps.get_models(include_auto_created=True)
        ours = (m for m in models if not m._meta.proxy and m._meta.app_label != OURS)
        return cls(Owners.parse(*conf.routes()), tuple(conf.databases()), tuple(ours))

    # -- owners ---------------------------------------------------------------------------------------------------
    @cached_property
    def _owner(self) -> dict[AnyModel, str | None]:
        return {model: self._ask(model) for model in self.models}

    def _ask(self, model: AnyModel) -> str | None:
        try:
            return self.owners.of_model(model)
        except NoOwner:
            return None

    def owner(self, model: AnyModel) -> str | None:
        """The alias that owns a model's table; None where nobody does, which is a fault of its own."""
        concrete = model._meta.concrete_model or model
        return self._owner[concrete] if concrete in self._owner else self._ask(concrete)

    def in_(self, model: AnyModel) -> str:
        """How a sentence names a model with its database."""
        return f"{model._meta.label} (in {self.owner(model)})"

    def apart(self, one: AnyModel, other: AnyModel) -> bool:
        """Whether two models lie in two physical databases."""
        here, there = self.owner(one), self.owner(other)
        return here is not None and there is not None and not self.same(here, there)

    def same(self, one: str, other: str) -> bool:
        """Whether two aliases are one physical database by their settings."""
        return one == other or self.place(one) == self.place(other)

    def place(self, alias: str) -> tuple[str, ...]:
        """What two aliases of one database have in common; an alias that DATABASES lacks is a place of its own."""
        if alias not in self._places:
            self._places[alias] = place(alias) if alias in self.aliases else (alias,)
        return self._places[alias]

    @cached_property
    def owning(self) -> tuple[str, ...]:
        """Aliases of DATABASES that own something."""
        return tuple(alias for alias in self.owners.aliases if alias in self.aliases)

    @cached_property
    def split(self) -> bool:
        """Whether more than one physical database owns something."""
        return len({self.place(alias) for alias in self.owning}) > 1

    def of_alias(self, alias: str) -> Iterator[AnyModel]:
        """Models that lie in this alias' database and whose tables Django makes."""
        for model in self.models:
            owner = self.owner(model)
            if owner is not None and model._meta.managed and self.same(owner, alias):
                yield model

    # -- relations --------------------------------------------------------------------------------------------------
    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Every foreign key, one-to-one field and other forward relation that has an on_delete."""
        found = []
        for model in self.models:
            for f in model._meta.local_fields:
                remote: Any = getattr(f.remote_field, "model", None)
                if isinstance(remote, type) and hasattr(f.remote_field, "on_delete"):
                    concrete: Any = remote
                    found.append(Link(f, model, concrete._meta.concrete_model or concrete))
        return tuple(found)

    @cached_property
    def crossing(self) -> tuple[Link, ...]:
        """Links whose two sides lie apart, those within a group of contrib apps excepted: groups.py has these."""
        return tuple(
            link
            for link in self.links
            if self.apart(link.child, link.parent) and not self._in_one_group(link.child, link.parent)
        )

    @cached_property
    def groups(self) -> tuple[tuple[AnyModel, ...], ...]:
        """Models of the apps that Django's documentation wants in one database."""
        return tuple(tuple(m for m in self.models if _belongs(m, labels)) for labels in GROUPS)

    def _in_one_group(self, one: AnyModel, other: AnyModel) -> bool:
        return any(one in group and other in group for group in self.groups)


def _belongs(model: AnyModel, labels: tuple[str, ...]) -> bool:
    """By its app; the project's own user model belongs to those of auth."""
    return model._meta.app_label in labels or ("auth" in labels and is_user(model))


def is_user(model: AnyModel) -> bool:
    return model._meta.label_lower == conf.swapped_in("AUTH_USER_MODEL").lower()
