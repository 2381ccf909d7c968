"""What a migration of a table means for the tables in other databases that refer to it.

When a key changes its type, or a model its name, Django alters the referring columns in the same breath, and only for
the database of the table itself. Each database's own run catches up here: columns that hold keys of a table elsewhere
get its new type, and many-to-many columns its new name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import router
from django.db.migrations.operations import AlterField, RenameModel

from outgrow.routing.editor import OwnersEditor


@contextmanager
def references_followed() -> Iterator[None]:
    """Inside the block, AlterField and RenameModel of a table elsewhere alter what refers to it here."""
    alter, rename = AlterField.database_forwards, RenameModel.database_forwards

    def altered(self: AlterField, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        alter(self, app_label, schema_editor, from_state, to_state)
        _follow_key(self, app_label, schema_editor, from_state, to_state)

    def renamed(self: RenameModel, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        rename(self, app_label, schema_editor, from_state, to_state)
        _follow_name(self, app_label, schema_editor, from_state, to_state)

    AlterField.database_forwards, RenameModel.database_forwards = altered, renamed  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        AlterField.database_forwards, RenameModel.database_forwards = alter, rename  # type: ignore[method-assign]


def _follow_key(operation: AlterField, app_label: str, editor: Any, from_state: Any, to_state: Any) -> None:
    model = to_state.apps.get_model(app_label, operation.model_name)
    alias = editor.connection.alias
    if not isinstance(editor, OwnersEditor) or router.allow_migrate_model(alias, model):
        return
    for field in model._meta._relation_tree:
        if not hasattr(field, "db_constraint") or field.many_to_many or field.target_field.name != operation.name:
            continue
        if router.allow_migrate_model(alias, field.model) and field.model._meta.managed:
            before = from_state.apps.get_model(*field.model._meta.label_lower.split("."))
            editor.alter_reference(field.model, before._meta.get_field(field.name), field)


def _follow_name(operation: RenameModel, app_label: str, editor: Any, from_state: Any, to_state: Any) -> None:
    """As RenameModel does it itself; our editor leaves the tables of other databases out."""
    renamed = to_state.apps.get_model(app_label, operation.new_name)
    if not isinstance(editor, OwnersEditor) or router.allow_migrate_model(editor.connection.alias, renamed):
        return
    for related in from_state.apps.get_model(app_label, operation.old_name)._meta.related_objects:
        if related.related_model._meta.label_lower != f"{app_label}.{operation.old_name_lower}":
            model = to_state.apps.get_model(*related.related_model._meta.label_lower.split("."))
            editor.alter_field(model, related.field, model._meta.get_field(related.field.name))
