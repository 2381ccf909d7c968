"""What every loose reference does: its parent, wherever it is, is read and asked for there, and never joined."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldError, ValidationError
from django.db import models, router
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor

from outgrow.routing.declared import declared
from outgrow.routing.physical import same_database

if TYPE_CHECKING:
    _Field = models.ForeignKey[Any, Any]
    _Descriptor = ForwardManyToOneDescriptor[Any]
else:
    _Field = _Descriptor = object


class Action(StrEnum):
    """What becomes of a child whose parent died."""

    CASCADE = "CASCADE"
    SET_NULL = "SET_NULL"


CASCADE, SET_NULL = Action.CASCADE, Action.SET_NULL


class JoinAcross(FieldError):
    """A query that would join two databases."""


class ReadsAcross(_Descriptor):
    """Mixed into a field's descriptor: ``child.parent``, read from the parent's database.

    A parent that died reads as None where the field may be NULL, as ``prefetch_related`` has it too; else it is the
    parent's DoesNotExist.
    """

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        try:
            return super().__get__(instance, cls)
        except self.field.remote_field.model.DoesNotExist:
            if not self.field.null:
                raise
            self.field.set_cached_value(instance, None)
            return None


class LooseReference(_Field):
    """Mixed into a foreign key: the parent may be in another database, and is asked for there."""

    loose = True
    action: Action | None  # None: something else looks after the children

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
