"""The router: reads, writes, relations and migrations by the declared owners.

``DATABASE_ROUTERS = ["outgrow.routing.Router"]``. A model is looked up once; after that the answer is one dictionary
look-up, as Django asks for every query.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from outgrow.routing.declared import declared
from outgrow.routing.owners import OURS, Owners
from outgrow.routing.physical import same_database
from outgrow.routing.reading import state
from outgrow.routing.replicas import pool_of


class Router:
    """Django's four questions."""

    def __init__(self) -> None:
        self._owners: Owners | None = None
        self._known: dict[type[Model], str] = {}

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        """The owner's alias, or within a block of :func:`outgrow.reading` one of its replicas if that is safe."""
        alias = self.db_for_write(model)
        current = state()
        if current is None or not current.replicas or alias is None:
            return alias
        pool = pool_of(alias, self._owners)
        return alias if pool is None else pool.reader(current)

    def db_for_write(self, model: type[Model], **hints: Any) -> str | None:
        """The owner's alias; None, as from no router at all, where nothing is declared."""
        owners = declared()
        if owners is not self._owners:
            self._owners, self._known = owners, {}
        try:
            return self._known[model]
        except KeyError:
            return self._find(owners, model)

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool | None:
        """Of one physical database, whatever its aliases; or each where it belongs: a reference without a constraint.

        A row that lies where its owner is not (a stale copy) must not be referred to.
        """
        owners = declared()
        here, there = one._state.db, other._state.db
        if owners is None or here is None or there is None:
            return None
        here, there = owners.primary(here), owners.primary(there)
        if here == there or same_database(here, there):
            return True
        # request.user is a lazy object: its type() is no model, its __class__ is
        return here == self.db_for_write(one.__class__) and there == self.db_for_write(other.__class__)

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool | None:
        """Tables are made at their owner alone; code without a model runs where its app has tables.

        Two aliases of one database share its history: whichever is migrated makes the tables of both.
        """
        owners = declared()
        if owners is None:
            return None
        if db in owners.primaries:
            return False  # a replica gets everything from its primary
        if app_label == OURS:
            return True
        if model_name is None:
            return any(same_database(db, owner) for owner in owners.of_app_all(app_label))
        model = hints.get("model")
        if model is not None:
            return same_database(db, owners.of_model(model))
        return same_database(db, owners.of_label(app_label, model_name))

    def _find(self, owners: Owners | None, model: type[Model]) -> str | None:
        if owners is None or model._meta.app_label == OURS:
            return None
        self._known[model] = owner = owners.of_model(model)
        return owner
