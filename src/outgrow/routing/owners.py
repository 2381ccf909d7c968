"""Owners: which database holds which table, as ``OUTGROW["OWNERS"]`` declares it.

    OUTGROW = {
        "OWNERS": {
            "auth_db": ["auth", "contenttypes", "sessions", "admin"],   # apps, by their labels
            "stats_db": ["shop.Visit", "table:old_visits"],             # one model; a table, also a retired one
            "default": "*",                                             # everything else
        },
        "REPLICAS": {"auth_db": ["auth_replica"]},
    }

A table beats a model, a model beats its app, an app beats ``"*"``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model

from outgrow.errors import Refused

REST = "*"
TABLE = "table:"
OURS = "outgrow"  # our own tables stand outside the owners


class NoOwner(Refused, ImproperlyConfigured):
    """A model, app or table that no database owns: it would be made everywhere and found nowhere."""


class WrongRoutes(Refused, ImproperlyConfigured):
    """OUTGROW["OWNERS"] or OUTGROW["REPLICAS"] cannot be read."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One entry of OWNERS: who claims what. ``kind`` is "app", "model", "table" or "rest"."""

    alias: str
    kind: str
    name: str  # an app's label, "app_label.modelname" in lower case, a table, or "*"

    def __str__(self) -> str:
        return f"{TABLE}{self.name}" if self.kind == "table" else self.name


@dataclass(frozen=True)
class Owners:
    """The declared owners and replicas, read but not judged: checks/ says what is wrong with them."""

    claims: tuple[Claim, ...]
    replicas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # primary alias → aliases of its replicas

    @classmethod
    def parse(cls, owners: Any, replicas: Any = None) -> Owners:
        """Read the two settings; raises WrongRoutes, in one sentence, for what has the wrong form."""
        if not isinstance(owners, Mapping) or not owners:
            raise WrongRoutes(
                f'OUTGROW["OWNERS"] is {type(owners).__name__}; expected a dict of database aliases with lists of app '
                'labels, "app.Model" or "table:name", or "*" for everything else.'
            )
        claims = tuple(claim for alias, entries in owners.items() for claim in _claims(str(alias), entries))
        if not isinstance(replicas or {}, Mapping):
            raise WrongRoutes(
                f'OUTGROW["REPLICAS"] is {type(replicas).__name__}; expected a dict of primary aliases with lists of '
                "their replicas' aliases."
            )
        named = {str(a): _names(f'OUTGROW["REPLICAS"]["{a}"]', found) for a, found in (replicas or {}).items()}
        return cls(claims, named)

    @cached_property
    def aliases(self) -> tuple[str, ...]:
        """Databases that own something, in the order of the settings."""
        return tuple(dict.fromkeys(claim.alias for claim in self.claims))

    @cached_property
    def primaries(self) -> Mapping[str, str]:
        """Replica alias → its primary."""
        return {replica: primary for primary, replicas in self.replicas.items() for replica in replicas}

    def primary(self, alias: str) -> str:
        """The alias that takes the writes of this one."""
        return self.primaries.get(alias, alias)

    # -- who owns it ----------------------------------------------------------------------------------------------
    def of_model(self, model: type[Model]) -> str:
        """The owner of a model's table; a many-to-many table that Django made goes with the model that declares it."""
        meta = model._meta
        if meta.proxy and meta.concrete_model is not None:
            meta = meta.concrete_model._meta
        owner = self._tables.get(meta.db_table) or self._models.get(meta.label_lower)
        if owner is None and meta.auto_created:
            return self.of_model(cast("type[Model]", meta.auto_created))
        return owner or self.of_app(meta.app_label)

    def of_label(self, app_label: str, model_name: str) -> str:
        """The owner of a model by its names: migrations also know models that are gone."""
        return self._models.get(f"{app_label}.{model_name}".lower()) or self.of_app(app_label)

    def of_app(self, app_label: str) -> str:
        """The owner of an app's models that are not claimed one by one."""
        owner = self._apps.get(app_label) or self._rest
        if owner is None:
            raise NoOwner(
                f'no database owns the app "{app_label}": name it in OUTGROW["OWNERS"], or give one database "*".'
            )
        return owner

    def of_app_all(self, app_label: str) -> frozenset[str]:
        """Every database that holds, or held, tables of this app."""
        found = {owner for label, owner in self._models.items() if label.partition(".")[0] == app_label}
        if app_label in apps.app_configs:
            models = apps.get_app_config(app_label).get_models(include_auto_created=True)
            found |= {self.of_model(m) for m in models if m._meta.managed and not m._meta.proxy}
        return frozenset(found or {self.of_app(app_label)})

    def of_table(self, table: str) -> str | None:
        """The owner of a table by its name; None for one that neither a model nor a claim knows."""
        if (owner := self._tables.get(table)) is not None:
            return owner
        model = self._models_by_table.get(table)
        return None if model is None else self.of_model(model)

    # -- lookups ----------------------------------------------------------------------------------------------------
    @cached_property
    def _apps(self) -> dict[str, str]:
        return self._by("app")

    @cached_property
    def _models(self) -> dict[str, str]:
        return self._by("model")

    @cached_property
    def _tables(self) -> dict[str, str]:
        return self._by("table")

    @cached_property
    def _rest(self) -> str | None:
        return self._by("rest").get(REST)

    def _by(self, kind: str) -> dict[str, str]:
        """The first claim wins; the checks name the others."""
        return {claim.name: claim.alias for claim in reversed(self.claims) if claim.kind == kind}

    @cached_property
    def _models_by_table(self) -> dict[str, type[Model]]:
        models = apps.get_models(include_auto_created=True)
        return {model._meta.db_table: model for model in models if not model._meta.proxy}


def _claims(alias: str, entries: Any) -> Iterator[Claim]:
    if entries == REST:
        yield Claim(alias, "rest", REST)
        return
    for entry in _names(f'OUTGROW["OWNERS"]["{alias}"]', entries):
        if entry == REST:
            yield Claim(alias, "rest", REST)
        elif entry.startswith(TABLE):
            yield Claim(alias, "table", entry.removeprefix(TABLE))
        elif "." in entry:
            yield Claim(alias, "model", entry.lower())
        else:
            yield Claim(alias, "app", entry)


def _names(where: str, found: Any) -> tuple[str, ...]:
    if isinstance(found, Sequence) and not isinstance(found, str) and all(isinstance(n, str) and n for n in found):
        return tuple(found)
    raise WrongRoutes(f"{where} is {found!r}; expected a list of names.")
