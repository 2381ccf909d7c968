"""Which planned owner a table name in a statement belongs to."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from django.apps import apps
from django.db.migrations.recorder import MigrationRecorder

from outgrow import conf
from outgrow.dialects.tables import is_internal, stands_for
from outgrow.errors import Refused
from outgrow.rehearse.creation import Name
from outgrow.routing.owners import OURS, NoOwner, Owners

UNKNOWN = "nobody knows: "
_SEPARATOR = re.compile(r'["`]\.["`]')  # db_table = 'schema"."table'


class Ownership:
    """Owners of tables by their names, as statements spell them.

    Shared tables (Django's history of migrations, Outgrow's own, the engines') have no owner: None. A table that
    neither a model nor the owners know gets an owner of its own, so that no two ever look as if they lay together.
    """

    def __init__(self, owners: Owners) -> None:
        self.owners = owners
        self._known: dict[Name, str | None] = {}
        try:
            self._tables: dict[str, str | None] = dict(self._all())
        except NoOwner as error:
            raise Refused(f"The rehearsal cannot begin: {error}") from error
        self._folded = {table.lower(): owner for table, owner in self._tables.items()}

    def __call__(self, name: Name) -> str | None:
        try:
            return self._known[name]
        except KeyError:
            if len(self._known) > 10_000:  # raw SQL with a table of its own for each call
                self._known.clear()
            return self._known.setdefault(name, self._find(*name))

    def _find(self, schema: str, table: str) -> str | None:
        for spelled in (table, stands_for(table)):
            for tables, key in ((self._tables, spelled), (self._folded, spelled.lower())):
                if key in tables:
                    return tables[key]
        return None if is_internal(schema, table) else f"{UNKNOWN}{stands_for(table)}"

    def _all(self) -> Iterator[tuple[str, str | None]]:
        for claim in self.owners.claims:
            if claim.kind == "table":
                yield claim.name, claim.alias
        yield MigrationRecorder.Migration._meta.db_table, None
        for table in conf.cache_tables():
            yield table, self.owners.of_table(table)
        for model in apps.get_models(include_auto_created=True):
            if not model._meta.proxy:
                owner = None if model._meta.app_label == OURS else self.owners.of_model(model)
                yield _SEPARATOR.split(model._meta.db_table)[-1].strip('"`'), owner

    @cached_property
    def names(self) -> frozenset[str]:
        """Every table and column of the models: what a shown statement may name."""
        models = apps.get_models(include_auto_created=True)
        columns = {str(f.column) for model in models for f in model._meta.concrete_fields}
        return frozenset(columns | set(self._tables))


def check_spelling(owners: Owners) -> None:
    """Raise Refused for owners of an app or model that does not exist: they would find nothing and look clean."""
    for claim in owners.claims:
        if claim.kind == "app" and claim.name not in apps.app_configs:
            raise _misspelt("app", claim.name, apps.app_configs)
        if claim.kind == "model":
            labels = {m._meta.label_lower: m._meta.label for m in apps.get_models(include_auto_created=True)}
            if claim.name not in labels:
                raise _misspelt("model", claim.name, labels.values())


def _misspelt(what: str, name: str, known: Iterable[str]) -> Refused:
    near = difflib.get_close_matches(name, list(known), 1)
    meant = f'did you mean "{near[0]}"?' if near else 'name a table that is left of it as "table:name".'
    return Refused(f'The owners name the {what} "{name}", which the project does not have: {meant}')
