"""``OUTGROW["LOOSE"] = "crossing"``: the project's own foreign keys that cross owners are loose, nothing edited.

An app from PyPI refers to the users, and nobody declares its fields anew. When the apps are loaded, each key whose two
tables have different databases gets what outgrow.LooseForeignKey has: its parent is read and asked for where it is, it
joins nothing, and its own ``on_delete`` is carried out by tombstones (CASCADE, SET_NULL) or asked of the children's
database before the parent goes (PROTECT, RESTRICT). Migrations see the field as it was written; the schema editor
leaves its constraint out (routing/editor.py).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage
from django.db import models, router
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor, ForwardOneToOneDescriptor

from outgrow.routing.declared import declared
from outgrow.routing.editor import crosses
from outgrow.routing.loose.across import CASCADE, SET_NULL, LooseReference, ReadsAcross
from outgrow.routing.loose.keys import can_be_told
from outgrow.routing.owners import NoOwner, Owners, WrongRoutes

ACTIONS = {models.CASCADE: CASCADE, models.SET_NULL: SET_NULL}
ACCESSORS = (ForwardManyToOneDescriptor, ForwardOneToOneDescriptor)


class Loosened(LooseReference):
    """Mixed into the class of a field that the project declared as an ordinary one, ``written``."""

    written: type[Any]

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """As the project wrote it: nothing is left for makemigrations."""
        return self._as_written().deconstruct()  # type: ignore[no-any-return]

    def clone(self) -> Any:
        return self._as_written().clone()

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Its on_delete is judged as it was written."""
        remote = self.remote_field
        now, remote.on_delete = remote.on_delete, self.__dict__["on_delete_written"]
        try:
            return super().check(**kwargs)
        finally:
            remote.on_delete = now

    def _as_written(self) -> Any:
        field = copy.copy(self)
        field.__class__ = self.written
        field.remote_field = copy.copy(self.remote_field)
        field.remote_field.on_delete = self.__dict__["on_delete_written"]
        return field


def loosen() -> None:
    """Do it, once all models are there; a second time it finds nothing more."""
    try:
        owners = declared()
    except WrongRoutes:
        return  # outgrow.E001 tells
    if owners is None:
        return
    for model in apps.get_models(include_auto_created=True):
        for field in _fields(model, owners):
            _loosen(field)


def _fields(model: Any, owners: Owners) -> Iterator[Any]:
    """Keys of this model that cross, and that a loose reference can stand for."""
    if model._meta.proxy:
        return
    for field in model._meta.local_fields:
        if not isinstance(field, models.ForeignKey) or isinstance(field, LooseReference):
            continue
        remote = field.remote_field
        if remote.parent_link or remote.on_delete not in (*ACTIONS, *INSTEAD) or not _is_apart(owners, model, field):
            continue
        accessor = vars(field.model).get(field.name)
        if can_be_told(field.target_field) and type(accessor) in ACCESSORS:  # else something has wrapped it
            yield field


def _is_apart(owners: Owners, model: Any, field: Any) -> bool:
    try:
        return crosses(owners, model, field)
    except NoOwner:
        return False  # a fault of its own, which the checks report


def _loosen(field: Any) -> None:
    written, on_delete = type(field), field.remote_field.on_delete
    field.on_delete_written = on_delete
    field.action = ACTIONS.get(on_delete)
    field.remote_field.on_delete = INSTEAD.get(on_delete, models.DO_NOTHING)
    field.__class__ = type(written.__name__, (Loosened, written), {"written": written})
    accessor = type(getattr(field.model, field.name))
    setattr(field.model, field.name, type(accessor.__name__, (ReadsAcross, accessor), {})(field))


def protect(collector: Any, field: Any, children: Any, using: str) -> None:
    """PROTECT, asked of the children's own database."""
    if found := _at_home(field, children):
        models.PROTECT(collector, field, found, found.db)


def restrict(collector: Any, field: Any, children: Any, using: str) -> None:
    """RESTRICT, asked of the children's own database."""
    if found := _at_home(field, children):
        models.RESTRICT(collector, field, found, found.db)


def cascade(collector: Any, field: Any, children: Any, using: str) -> None:
    """CASCADE, which tombstones carry out later. The admin (django.contrib.admin.utils.NestedObjects) is told now: it
    asks whether its user may delete the children too, and lists them.
    """
    if not hasattr(collector, "edges"):
        return
    found = _at_home(field, children)
    there = type(collector)(using=found.db)
    there.collect(found)
    for child in there.edges.pop(None, ()):
        collector.add_edge(getattr(child, field.name), child)
    for parent, below in there.edges.items():
        collector.edges.setdefault(parent, []).extend(below)
    for model, rows in there.model_objs.items():
        collector.model_objs[model].update(rows)
    collector.protected.update(there.protected)


# Django's Collector looks for the children in the parent's database, unless the function takes the query unevaluated.
cascade.lazy_sub_objs = protect.lazy_sub_objs = restrict.lazy_sub_objs = True  # type: ignore[attr-defined]
INSTEAD = {models.PROTECT: protect, models.RESTRICT: restrict, models.CASCADE: cascade}


def _at_home(field: Any, children: Any) -> Any:
    """The children by the Collector's query, less the joins to the parent that an admin or an ordering adds."""
    return children.using(router.db_for_write(field.model)).select_related(None).order_by()
