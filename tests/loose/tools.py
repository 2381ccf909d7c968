"""What the stories inside the project of loose references work with."""

from __future__ import annotations

from typing import Any

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from django.db import connections, router

from outgrow.models import Tombstone
from outgrow.routing.loose import cleaning
from outgrow.routing.loose.cleaning import Limits
from tests.loose.people.models import Device, Echo, Firm, Person, Team
from tests.loose.things.models import Badge, Bill, Login, Note, Remark, Seal, Task

PEOPLE = router.db_for_write(Person)
THINGS = router.db_for_write(Note)
ALL = {"look": None}


def raw(alias: str, sql: str, *values: Any) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, values)


def engine(alias: str) -> str:
    connection = connections[alias]
    return "mariadb" if connection.vendor == "mysql" and connection.mysql_is_mariadb else connection.vendor


def counts() -> dict[str, int]:
    models = (Person, Note, Remark, Echo, Task, Bill, Badge, Login)
    return {m.__name__: n for m in models if (n := m._base_manager.count())}


def clean(names: Any = (), *, grace: float = 0.0, **limits: Any) -> cleaning.Cleaned:
    """A run that waits for nobody's transaction."""
    return cleaning.clean(names, limits=Limits(grace=grace, **limits))


def stones() -> int:
    return sum(Tombstone.objects.using(alias).count() for alias in {PEOPLE, THINGS})


def empty() -> None:
    for model in (Seal, Remark, Echo, Note, Task, Bill, Badge, Login, Person, Firm, Team, Device):
        model._base_manager.all().delete()
    for alias in {PEOPLE, THINGS}:
        Tombstone.objects.using(alias).delete()


def ran(done: cleaning.Cleaned) -> list[Any]:
    """What a run did: rows by reference, tombstones gone and left, whether all went well."""
    rows = {name: count.cleaned for name, count in done.references.items() if count.cleaned}
    return [rows, done.tombstones, done.waiting, done.is_well]


def person(name: str, notes: int = 1, **more: Any) -> Person:
    made = Person.objects.create(name=name, **more)
    Note.objects.bulk_create([Note(person=made, text=f"{name} {n}") for n in range(notes)])
    return made
