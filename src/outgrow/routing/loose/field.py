"""``outgrow.LooseForeignKey``: a foreign key whose parent may live in another database.

The column has an index and no constraint. Django does nothing when a parent is deleted (its cascade would look for the
children in the parent's database); the wanted action is kept as data, and carried out by ``outgrow loose clean``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.core import checks
from django.db import models
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor

from outgrow.routing.loose.across import CASCADE, SET_NULL, Action, LooseReference, ReadsAcross
from outgrow.routing.loose.keys import can_be_told

if TYPE_CHECKING:
    _ForeignKey = models.ForeignKey[Any, Any]
    _Forward = ForwardManyToOneDescriptor[Any]
else:
    _ForeignKey = models.ForeignKey
    _Forward = ForwardManyToOneDescriptor

_SPELLED: tuple[tuple[Any, Action], ...] = ((models.CASCADE, CASCADE), (models.SET_NULL, SET_NULL))


class LooseForwardDescriptor(ReadsAcross, _Forward):
    """That of a LooseForeignKey."""


class LooseForeignKey(LooseReference, _ForeignKey):
    """A foreign key across databases: ``LooseForeignKey(to, on_delete=outgrow.CASCADE | outgrow.SET_NULL, …)``.

    Takes ForeignKey's other options but ``db_constraint`` and ``db_index``, which are settled.
    """

    action: Action
    description = "Foreign key without a constraint, to a table that may be in another database"
    forward_related_accessor_class = LooseForwardDescriptor

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        self.action = _action(on_delete)
        if kwargs.pop("db_constraint", False) or not kwargs.pop("db_index", True):
            raise TypeError(
                "LooseForeignKey got db_constraint=True or db_index=False, but it never has a constraint and always "
                "has an index: leave both out."
            )
        super().__init__(to, models.DO_NOTHING, db_constraint=False, db_index=True, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """By its public name, and with the action as a word: what a migration holds does not follow our modules."""
        name, path, args, kwargs = super().deconstruct()
        if type(self) is LooseForeignKey:
            path = "outgrow.LooseForeignKey"
        kwargs.pop("db_constraint", None)
        return name, path, args, {**kwargs, "on_delete": self.action.value}

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        return [*super().check(**kwargs), *self._check_action(), *self._check_key()]

    def _check_action(self) -> list[checks.CheckMessage]:
        if self.action is not SET_NULL or self.null:
            return []
        return [
            checks.Error(
                f"LooseForeignKey {self.name} has on_delete=SET_NULL, but cannot be NULL.",
                hint="Add null=True, or use on_delete=outgrow.CASCADE. See docs/loose.md.",
                obj=self,
                id="outgrow.E080",
            )
        ]

    def _check_key(self) -> list[checks.CheckMessage]:
        """A tombstone holds one key as text."""
        parent: Any = self.remote_field.model
        if isinstance(parent, str):
            return []  # Django says that there is no such model
        name = self.remote_field.field_name
        key = parent._meta.pk if name is None else parent._meta.get_field(name)
        if isinstance(key, getattr(models, "CompositePrimaryKey", ())):
            found = f"refers to {parent._meta.label}, whose key has several columns"
            hint = "Give the parent a unique column of its own and name it in to_field. See docs/loose.md."
        elif not can_be_told(key):
            found = f"refers to {parent._meta.label}.{key.name}, a {type(key).__name__}"
            hint = "Refer to a key of integers, text, UUIDs or dates: name one in to_field. See docs/loose.md."
        else:
            return []
        told = "but a tombstone holds one key as text that can be read back"
        return [checks.Error(f"LooseForeignKey {self.name} {found}, {told}.", hint=hint, obj=self, id="outgrow.E081")]


def _action(given: Any) -> Action:
    """The action by its own name, as text, or as Django's function of that name."""
    for function, action in _SPELLED:
        if given is function:
            return action
    try:
        return Action(given)
    except ValueError:
        named = getattr(given, "__name__", given)
        raise TypeError(
            f"LooseForeignKey got on_delete={named}; expected outgrow.CASCADE or outgrow.SET_NULL, which can be "
            "carried out after the parent died in another database."
        ) from None
