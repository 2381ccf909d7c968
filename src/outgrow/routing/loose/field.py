"""``outgrow.LooseForeignKey``: a foreign key whose parent may live in another database.

The column has an index and no constraint. Django does nothing when a parent is deleted (its cascade would look for the
children in the parent's database); the wanted action is kept as data, and carried out by ``outgrow loose clean``.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.core import checks
from django.core.exceptions import FieldError, ValidationError
from django.db import models, router
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor

from outgrow.routing.declared import declared
from outgrow.routing.loose.keys import can_be_told
from outgrow.routing.physical import same_database

if TYPE_CHECKING:
    _ForeignKey = models.ForeignKey[Any, Any]
    _Forward = ForwardManyToOneDescriptor[Any]
else:
    _ForeignKey = models.ForeignKey
    _Forward = ForwardManyToOneDescriptor


class Action(StrEnum):
    """What becomes of a child whose parent died."""

    CASCADE = "CASCADE"
    SET_NULL = "SET_NULL"


CASCADE, SET_NULL = Action.CASCADE, Action.SET_NULL
_SPELLED: tuple[tuple[Any, Action], ...] = ((models.CASCADE, CASCADE), (models.SET_NULL, SET_NULL))


class JoinAcross(FieldError):
    """A query that would join two databases."""


class LooseForwardDescriptor(_Forward):
    """``child.parent``, read from the parent's database.

    A parent that died reads as None where the field may be NULL, as ``prefetch_related`` has it too; else it is the
    parent's DoesNotExist.
    """

    def get_object(self, instance: models.Model) -> Any:
        try:
            return super().get_object(instance)
        except self.field.remote_field.model.DoesNotExist:
            if self.field.null:
                return None
            raise


class LooseForeignKey(_ForeignKey):
    """A foreign key across databases: ``LooseForeignKey(to, on_delete=outgrow.CASCADE | outgrow.SET_NULL, …)``.

    Takes ForeignKey's other options but ``db_constraint`` and ``db_index``, which are settled.
    """

    loose = True
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

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        """Ask the database that holds the parents, and never a replica, which may not have the newest."""
        models.Field.validate(self, value, model_instance)
        if value is None:
            return
        parent = self.remote_field.model
        using = router.db_for_write(parent, instance=model_instance)
        name = self.target_field.name
        found = parent._base_manager.using(using).filter(**{name: value})
        if not found.complex_filter(self.get_limit_choices_to()).exists():
            about = {"model": parent._meta.verbose_name, "pk": value, "field": name, "value": value}
            raise ValidationError(self.error_messages["invalid"], code="invalid", params=about)

    def get_extra_restriction(self, alias: str, related_alias: str) -> Any:
        """Django asks this of every join when it makes the SQL: across databases there is none."""
        owners = declared()
        if owners is not None:
            here, there = owners.of_model(self.model), owners.of_model(self.remote_field.model)
            if not same_database(here, there):
                raise JoinAcross(self._no_join(here, there))
        return super().get_extra_restriction(alias, related_alias)

    def _no_join(self, here: str, there: str) -> str:
        child, parent = self.model._meta, self.remote_field.model._meta
        return (
            f"{child.label}.{self.name} cannot be joined: {child.db_table} is in the database {here} and "
            f"{parent.db_table} in {there}; use prefetch_related instead of select_related (in an admin class, "
            f"list_select_related = ()), and filter by keys that were read before ({self.name}__in=[…])."
        )

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
