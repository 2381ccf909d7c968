"""Our schema editor: a foreign key between two databases gets its column and its index, and no constraint.

No server can enforce a key to a table of another one, and PostgreSQL and MySQL refuse to try ("relation does not
exist"). Old migrations say nothing of owners and are not edited: while the editor makes or alters a table, the keys
that leave its database are shown to Django's own editor as if they had been declared with ``db_constraint=False``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import router
from django.db.models import Field, Model

from outgrow.routing.declared import declared
from outgrow.routing.owners import OURS, Owners
from outgrow.routing.physical import same_database

_STAYS = "_outgrow_editor"
_lock = threading.Lock()
_loose: dict[int, tuple[Any, int]] = {}  # id of a field → the field, and how many editors hold its constraint back


@contextmanager
def constraints_by_owner(connection: Any, owners: Owners) -> Iterator[None]:
    """Let every schema editor that this connection gives inside the block leave cross-database constraints out.

    ``connection`` is Django's, of any of the engines; a connection belongs to one thread, and so does the block. A
    block inside a block of the same owners changes nothing.
    """
    before = connection.__dict__.get("SchemaEditorClass")
    install(connection, owners)
    try:
        yield
    finally:
        connection.__dict__.pop("SchemaEditorClass", None)
        if before is not None:
            connection.SchemaEditorClass = before
        elif _STAYS in connection.__dict__:  # it was connected inside the block
            install_by_declaration(connection)


def install(connection: Any, owners: Owners) -> None:
    """As :func:`constraints_by_owner`, with no end."""
    base = connection.SchemaEditorClass
    if issubclass(base, OwnersEditor):
        if base.owners == owners:
            return
        base = base.plain
    bases = (OwnersEditor, base)
    connection.SchemaEditorClass = type("OwnersSchemaEditor", bases, {"owners": owners, "plain": base})


def install_by_declaration(connection: Any, **signal: Any) -> None:
    """A receiver of ``connection_created``: plain ``migrate``, and the test runner's, leave the constraints out too."""
    owners = declared()
    if owners is not None:
        connection.__dict__[_STAYS] = True
        install(connection, owners)


def crosses(owners: Owners, model: type[Model], field: Any) -> bool:
    """Whether a field of this model is a foreign key to a table of another physical database."""
    target: Any = getattr(field.remote_field, "model", None)
    if not hasattr(field, "db_constraint") or field.many_to_many or not hasattr(target, "_meta"):
        return False
    if model._meta.app_label == OURS or target._meta.app_label == OURS:
        return False
    return not same_database(owners.of_model(model), owners.of_model(target))


class OwnersEditor:
    """Mixed into the engine's editor. ``plain`` is that editor's class."""

    owners: Owners
    plain: type[Any]
    connection: Any
    _remaking = 0

    def create_model(self, model: type[Model]) -> None:
        with self._held_back(model, model._meta.local_fields):
            super().create_model(model)  # type: ignore[misc]

    def add_field(self, model: type[Model], field: Field[Any, Any]) -> None:
        with self._held_back(model, [field]):
            super().add_field(model, field)  # type: ignore[misc]

    def alter_field(
        self, model: type[Model], old_field: Field[Any, Any], new_field: Field[Any, Any], strict: bool = False
    ) -> None:
        """The old field is left as it is, so that a constraint from before the split is dropped with it.

        Renaming a model makes Django alter every table that refers to it, those of other databases as well.
        """
        if not router.allow_migrate_model(self.connection.alias, model):
            return
        if not self._field_should_be_altered(old_field, new_field):  # type: ignore[attr-defined]
            return
        with self._held_back(model, [new_field]), self._children_here(old_field, new_field):
            super().alter_field(model, old_field, new_field, strict)  # type: ignore[misc]

    def alter_reference(self, model: type[Model], old_field: Any, new_field: Any) -> None:
        """Give the column of a key to another database the type that the key has there by now."""
        old, new = (field.db_parameters(connection=self.connection) for field in (old_field, new_field))
        if (old["type"], old.get("collation")) == (new["type"], new.get("collation")):
            return
        with self._held_back(model, [new_field]), self._children_here(old_field, new_field):
            types = old["type"], new["type"]
            self._alter_field(model, old_field, new_field, *types, old, new)  # type: ignore[attr-defined]

    def _remake_table(
        self, model: type[Model], create_field: Any = None, delete_field: Any = None, alter_fields: Any = None
    ) -> None:
        """SQLite: the table is made anew under another name, of copies of these fields."""
        fields = [*model._meta.local_fields, create_field, *(new for _, new in alter_fields or ())]
        with self._held_back(model, [field for field in fields if field is not None]):
            self._remaking += 1
            try:
                super()._remake_table(model, create_field, delete_field, alter_fields)  # type: ignore[misc]
            finally:
                self._remaking -= 1

    @contextmanager
    def _held_back(self, model: type[Model], fields: Iterable[Any]) -> Iterator[None]:
        """The fields that leave the database have no constraint inside the block."""
        if self._remaking:  # the copies have none already, and the new name of the table tells no owner
            yield
            return
        found = [field for field in fields if crosses(self.owners, model, field)]
        with _lock:
            held = [field for field in found if field.db_constraint or id(field) in _loose]
            for field in held:
                _loose[id(field)] = (field, _loose.get(id(field), (field, 0))[1] + 1)
                field.db_constraint = False
        try:
            yield
        finally:
            with _lock:
                for field in held:
                    count = _loose.pop(id(field))[1] - 1
                    if count:
                        _loose[id(field)] = (field, count)
                    else:
                        field.db_constraint = True

    @contextmanager
    def _children_here(self, *parents: Any) -> Iterator[None]:
        """Altering a key alters the columns that refer to it: those in this database, inside the block."""
        with _narrowed([field.model for field in parents], self._is_here):
            yield

    def _is_here(self, model: type[Model]) -> bool:
        return bool(router.allow_migrate_model(self.connection.alias, model))


@contextmanager
def _narrowed(models: list[type[Model]], is_here: Callable[[type[Model]], bool]) -> Iterator[None]:
    """Django's lists of what refers to these models, and to what refers to them, hold the tables that are here."""
    narrowed: dict[type[Model], Any] = {}
    waiting = list(models)
    while waiting:
        model = waiting.pop()
        if model in narrowed:
            continue
        tree = narrowed[model] = model._meta._relation_tree  # type: ignore[attr-defined]
        waiting += [field.model for field in tree if is_here(field.model)]
    changed = {model: tree for model, tree in narrowed.items() if not all(is_here(f.model) for f in tree)}
    for model, tree in changed.items():
        _set_relations(model, type(tree)(field for field in tree if is_here(field.model)))
    try:
        yield
    finally:
        for model, tree in changed.items():
            _set_relations(model, tree)


def _set_relations(model: type[Model], tree: Any) -> None:
    model._meta._expire_cache(forward=False)  # type: ignore[attr-defined]
    model._meta.__dict__["_relation_tree"] = tree
