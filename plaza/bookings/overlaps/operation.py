"""The migration operation: it refuses with the bookings that overlap, then adds what the engine can guard.

It is no part of the models' state: what differs between engines would make `makemigrations` see changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation

from plaza.bookings.overlaps.guards import guard

SHOWN = 10
Row = tuple[int, int, datetime, datetime]  # table, booking, from, until


class Overlapping(Exception):
    """Live bookings of one table overlap; nothing was changed."""


class NoOverlap(Operation):
    """No two live rows of ``bookings.Booking`` overlap at one table."""

    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models stay as they are."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, "Booking")
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            if not schema_editor.collect_sql:
                refuse_overlaps(model, schema_editor.connection.alias)
            if found := guard(schema_editor.connection):
                schema_editor.execute(found[0])

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        model = from_state.apps.get_model(app_label, "Booking")
        found = guard(schema_editor.connection)
        if found and self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.execute(found[1])

    def describe(self) -> str:
        return "No two live bookings of a table overlap"


def refuse_overlaps(model: type[models.Model], using: str) -> None:
    """Read the live bookings table by table and, where some overlap, say which."""
    rows = model._base_manager.using(using).filter(is_live=True).order_by("table_id", "starts_at", "pk")
    found = list(overlapping(rows.values_list("table_id", "pk", "starts_at", "ends_at").iterator()))
    if not found:
        return
    shown = "; ".join(
        f"{one} and {other} at table {table} from {starts:%Y-%m-%d %H:%M}"
        for table, one, other, starts in found[:SHOWN]
    )
    more = f", and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    raise Overlapping(
        f"Live bookings overlap: {shown}{more}. No table may be booked twice for one time: cancel one of each pair "
        "(state = 'cancelled', is_live = NULL), then migrate again."
    )


def overlapping(rows: Iterable[Row]) -> Iterator[tuple[int, int, int, datetime]]:
    """(table, booking, the one it meets, when), of rows in the order of their tables and times."""
    last: Row | None = None
    for row in rows:
        table, pk, starts, ends = row
        if last is not None and last[0] == table and starts < last[3]:
            yield table, last[1], pk, starts
        if last is None or last[0] != table or ends > last[3]:
            last = row
