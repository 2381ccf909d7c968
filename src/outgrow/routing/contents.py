"""Generic keys across databases: content types are read where they are, and so are the rows that they stand for.

Django asks for both in the database of the row that has the key (``ContentType.objects.db_manager(…)``,
``get_object_for_this_type(using=…)``; before 5.1 in the content type's own database), and no router is asked. Once the
tables have owners, that finds no table, or an old copy of it; worse, it makes a new content type there. So a content
type is asked for at its owner, which may have to make it, and the row that it stands for wherever the routers say, as
that of any other key.
"""

from __future__ import annotations

from typing import Any

from outgrow.routing.declared import declared


def read_where_they_are() -> None:
    """Install it, once for the process; without declared owners it changes nothing."""
    from django.contrib.contenttypes.models import ContentType, ContentTypeManager

    manager, one = ContentTypeManager.db_manager, ContentType.get_object_for_this_type
    all_of = ContentType.get_all_objects_for_this_type
    if getattr(manager, "by_owner", False):
        return

    def db_manager(self: Any, using: str | None = None, hints: Any = None) -> Any:
        return manager(self, using if using is None else _owner(self.model) or using, hints)

    def get_object_for_this_type(self: Any, using: str | None = None, **kwargs: Any) -> Any:
        model = self.model_class()
        if declared() is None or model is None:
            return one(self, **kwargs) if using is None else one(self, using=using, **kwargs)
        return model._base_manager.get(**kwargs)

    def get_all_objects_for_this_type(self: Any, using: str | None = None, **kwargs: Any) -> Any:
        model = self.model_class()
        if declared() is None or model is None:
            return all_of(self, **kwargs) if using is None else all_of(self, using=using, **kwargs)
        return model._base_manager.filter(**kwargs)

    db_manager.by_owner = True  # type: ignore[attr-defined]
    ContentTypeManager.db_manager = db_manager  # type: ignore[method-assign]
    ContentType.get_object_for_this_type = get_object_for_this_type  # type: ignore[method-assign]
    ContentType.get_all_objects_for_this_type = get_all_objects_for_this_type  # type: ignore[method-assign]


def _owner(model: Any) -> str | None:
    owners = declared()
    return None if owners is None or model is None else owners.of_model(model)
