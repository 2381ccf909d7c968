"""Questions answered from inside a project by Django's ORM: `python -m tests.moves.inside QUESTION …` prints JSON."""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import django


def models() -> Iterator[Any]:
    """Every model of the project that has a table here."""
    from django.apps import apps
    from django.db import connection

    there = set(connection.introspection.table_names())
    for model in apps.get_models(include_auto_created=True):
        name = model._meta.db_table.strip('"')
        if not model._meta.proxy and name in there and not name.startswith("outgrow_"):
            yield model


def counts() -> dict[str, int]:
    """Rows by model, as the ORM counts them, whatever the default manager hides."""
    return {model._meta.label: model._base_manager.order_by().count() for model in models()}


def digest() -> str:
    """Of all values of all rows as Django reads them: the same on every engine. For plaza."""
    from tests.plaza.inside import digest

    return digest()


def zoo(*ignored: str) -> list[str]:
    """How the zoo's rows differ from what was stored once, on whatever engine; then the next keys."""
    from tests.zoo.values import check

    extreme = "--extreme" in ignored
    return [line for line in check("default", extreme=extreme) if not line.startswith(ignored or ("\0",))]


def next_keys() -> dict[str, Any]:
    """Which models take a new row under a key that nobody has; the rows do not stay."""
    from django.db import transaction
    from django.db.models import Max

    taken, given = [], 0
    for model in models():
        key = model._meta.auto_field
        if key is None or key not in model._meta.local_fields or unique_otherwise(model) or server_made(model):
            continue
        row = model._base_manager.order_by().first()
        if row is None:
            continue
        last = model._base_manager.aggregate(last=Max(key.attname))["last"]
        with transaction.atomic():
            values = {f.attname: getattr(row, f.attname) for f in model._meta.local_concrete_fields if not computed(f)}
            del values[key.attname]
            fresh = model(**values)
            fresh.save_base(raw=True, force_insert=True)
            given += 1
            if fresh.pk <= last:
                taken.append(f"{model._meta.label}: {fresh.pk} after {last}")
            transaction.set_rollback(True)
    return {"given": given, "taken": taken}


def computed(field: Any) -> bool:
    return bool(getattr(field, "generated", False))


def server_made(model: Any) -> bool:
    """The zoo's search vector: PostgreSQL makes it, and takes no value for it."""
    return any(type(f).__name__ == "ServerLowerField" for f in model._meta.local_concrete_fields)


def unique_otherwise(model: Any) -> bool:
    """Whether a second row with the same values would break another rule than the key's."""
    from django.db.models import JSONField

    meta = model._meta
    return bool(
        meta.constraints
        or meta.unique_together
        or meta.parents
        or any(f.unique and not f.primary_key for f in meta.local_concrete_fields)
        or any(isinstance(f, JSONField) and not f.null for f in meta.local_concrete_fields)  # None is NULL or null
    )


def make_appointments() -> int:
    """Moments of the project's own kind: naive ones where USE_TZ is off."""
    from django.conf import settings
    from django.utils import timezone

    from tests.moves.clocks.models import Appointment

    rows = []
    for at in MOMENTS:
        aware = timezone.make_aware(at) if settings.USE_TZ else at
        rows.append(Appointment(at=aware, day=at.date(), hour=at.time(), lasts=at - MOMENTS[0]))
    Appointment.objects.bulk_create([*rows, Appointment()])
    return len(rows) + 1


MOMENTS = [
    datetime(2024, 1, 1, 9, 0, 0),
    datetime(2024, 2, 29, 23, 59, 59, 999999),
    datetime(1900, 1, 1, 12, 0, 0, 1),  # local mean time, +08:27:52 in Seoul
    datetime(1961, 8, 10, 12, 0),  # the offset had just changed there
    datetime(1987, 7, 1, 3, 30),  # the last summer time there
    datetime(1970, 1, 1, 0, 0),
    datetime(2038, 1, 19, 3, 14, 8),
    datetime(9999, 12, 30, 0, 0, 0, 500000),
]


def moments() -> list[str]:
    """Every appointment as Django reads it, moments by the wall clock of the project."""
    from django.conf import settings
    from django.utils import timezone

    from tests.moves.clocks.models import Appointment

    said = []
    for key, at, *rest in Appointment.objects.order_by("id").values_list("id", "at", "day", "hour", "lasts"):
        local = timezone.localtime(at) if settings.USE_TZ and at else at
        said.append(f"{key} {local} {rest!r}")
    return said


def make_up(path: str, examples: str) -> int:
    """Store rows that Hypothesis makes up in the zoo, and keep them in a file."""
    from django.db import transaction

    from tests.zoo import store
    from tests.zoo.strategies import rows

    kept = {}
    for model in open_to_any_row():
        drawn = draw(rows(model), int(examples))
        if model._meta.auto_field in model._meta.local_fields:
            drawn = [{**row, model._meta.pk.attname: number} for number, row in enumerate(drawn, 1)]
        kept[model._meta.label] = list({row[model._meta.pk.attname]: row for row in drawn}.values())
        with transaction.atomic():
            store.insert("default", model, kept[model._meta.label])
    Path(path).write_bytes(pickle.dumps(kept))
    return sum(map(len, kept.values()))


def made_up(path: str) -> list[str]:
    """How the rows differ from what was made up."""
    from django.apps import apps

    from tests.zoo import store

    kept: dict[str, list[dict[str, Any]]] = pickle.loads(Path(path).read_bytes())
    return [line for label, rows in kept.items() for line in store.differences("default", apps.get_model(label), rows)]


def open_to_any_row() -> Iterator[Any]:
    """Models of the zoo whose rows keep no rule but their columns' own, and whose key is no text."""
    from django.apps import apps
    from django.db.models import CharField, TextField

    from tests.zoo.animals.management.commands.zoo_try import LEFT_OUT

    there = set(models())
    for model in apps.get_models():
        fields = model._meta.local_concrete_fields
        made_of_texts = any(isinstance(f, CharField | TextField) and f.primary_key for f in fields)
        odd = any(computed(f) or (f.is_relation and not f.null) or server_made(model) for f in fields)
        composite = not model._meta.pk.column
        ruled = unique_otherwise(model) or made_of_texts or odd or composite or model.__name__ in LEFT_OUT
        if model in there and model.__module__.startswith("tests.zoo") and not ruled:
            yield model


def draw(strategy: Any, examples: int) -> list[dict[str, Any]]:
    """So many examples, the same every time; more of them are other ones."""
    from hypothesis import HealthCheck, Phase, given, settings

    drawn: list[dict[str, Any]] = []

    @settings(
        max_examples=examples, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def collect(row: dict[str, Any]) -> None:
        drawn.append(row)

    collect()
    return drawn


QUESTIONS = {f.__name__: f for f in (counts, digest, zoo, next_keys, moments, make_appointments, make_up, made_up)}

if __name__ == "__main__":
    django.setup()
    print(json.dumps(QUESTIONS[sys.argv[1]](*sys.argv[2:])))
