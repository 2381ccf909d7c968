"""Migrations after `outgrow loose install`: its triggers do not stand in their way."""

from __future__ import annotations

import pytest

from tests.conftest import MakeDatabase
from tests.engines import ENGINES
from tests.loose.conftest import project


@pytest.mark.parametrize("engine", ENGINES)
def test_a_parents_key_gets_another_type_and_its_deaths_still_leave_tombstones(
    engine: str, make_database: MakeDatabase
) -> None:
    """As when DEFAULT_AUTO_FIELD becomes BigAutoField. PostgreSQL refuses that where a trigger's WHEN names the key."""
    ids, stones = project(make_database(engine), make_database("sqlite")).inside("""
        from django.core.management import call_command
        call_command("outgrow", "migrate", verbosity=0)
        call_command("outgrow", "loose", "install", verbosity=0)
        from tests.loose.tools import *
        from django.db import models
        from outgrow.routing.loose.install import keep_up
        ids = [person(name).id for name in ("ann", "bob", "cid", "dan")]
        raw(PEOPLE, "DELETE FROM people_person WHERE id=%s", ids[2])
        raw(PEOPLE, "UPDATE people_person SET id=%s WHERE id=%s", 76, ids[3])
        narrower = models.AutoField(primary_key=True)
        narrower.set_attributes_from_name("id")
        narrower.model = Person
        with connections[PEOPLE].schema_editor() as editor:
            editor.alter_field(Person, Person._meta.pk, narrower)
        keep_up(PEOPLE)
        raw(PEOPLE, "DELETE FROM people_person WHERE id=%s", ids[0])
        raw(PEOPLE, "UPDATE people_person SET name='bert'")
        raw(PEOPLE, "UPDATE people_person SET id=%s WHERE id=%s", 77, ids[1])
        answer([ids, sorted(Tombstone.objects.using(PEOPLE).values_list("column_name", "key_text"))])
    """)
    assert stones == [["id", str(key)] for key in ids]
