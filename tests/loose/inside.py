"""What is done inside the project of loose references: each function is one story and answers with plain data.

python -m tests.loose.inside [STORY …]      all stories in order, in databases that are empty
"""

from __future__ import annotations

import json
import sys
import time
import traceback
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from django.core.management import call_command
from django.db import connection as default
from django.db import connections, transaction
from django.db.models.signals import post_delete

from outgrow.dialects.tombstones import tombstones_for
from outgrow.models import Tombstone
from outgrow.routing.loose import install, orphans
from tests.loose.people.models import Device, Echo, Firm, Person, Team
from tests.loose.several import (
    a_child_in_somebodys_hands_is_passed_over,
    a_child_whose_parent_is_not_committed_yet_stays,
    a_parent_born_again_in_the_middle_of_a_run_keeps_its_children,
    nobody_is_lost_while_parents_are_born_again,
    workers_share_the_work,
)
from tests.loose.things.models import Badge, Bill, Login, Note, Remark, Seal, Task
from tests.loose.tools import ALL, PEOPLE, THINGS, clean, counts, empty, engine, person, ran, raw, stones


# -- stories ----------------------------------------------------------------------------------------------------------
def installs_once() -> Any:
    incomplete = [d.is_complete for d in install.status()]
    first, second = install.install(), install.install()
    return [incomplete, bool(first.made), [second.made, second.dropped], [d.is_complete for d in install.status()]]


def a_lost_trigger_is_found() -> Any:
    lost = [s for s in tombstones_for(connections[PEOPLE]).standing() if s.table == "people_team"]
    for one in lost:
        tombstones_for(connections[PEOPLE]).execute(one.drop)
    before = [p.missing for d in install.status() for p in d.parents if p.parent.table == "people_team"]
    return [sorted(before[0]), len(install.install().made) == len(lost), all(d.is_complete for d in install.status())]


def a_switched_off_trigger_is_found() -> Any:
    raw(PEOPLE, "ALTER TABLE people_team DISABLE TRIGGER USER")
    before = [p.disabled for d in install.status() for p in d.parents if p.parent.table == "people_team"]
    return [sorted(before[0]), len(install.install().made), all(d.is_complete for d in install.status())]


def children_go_with_their_parent() -> Any:
    ann, ben = person("ann", 2, number=7), person("ben", 1)
    note = ann.notes.first()
    Remark.objects.create(note=note)
    Echo.objects.create(note=note)
    Task.objects.create(person=ann)
    Task.objects.create(person=ben)
    Bill.objects.create(person=ann)
    signals: list[str] = []

    def heard(sender: Any, using: str, **_: Any) -> None:
        signals.append(f"{sender.__name__} in {using}")

    post_delete.connect(heard)
    ann.delete()
    between = [counts(), stones()]
    done = clean()
    post_delete.disconnect(heard)
    heard_of = sorted(set(signals) - {f"Person in {PEOPLE}", f"Tombstone in {PEOPLE}"})
    tasks = sorted(person_id is None for person_id in Task.objects.values_list("person_id", flat=True))
    return [between, ran(done), counts(), stones(), tasks, [s.partition(" ")[0] for s in heard_of if "Tomb" not in s]]


def raw_sql_and_changed_keys_count() -> Any:
    ann, ben, eve = person("ann"), person("ben"), person("eve")
    raw(PEOPLE, "DELETE FROM people_person WHERE id = %s", ann.id)
    raw(PEOPLE, "UPDATE people_person SET id = id + 1000 WHERE id = %s", ben.id)
    raw(PEOPLE, "UPDATE people_person SET name = 'eva' WHERE id = %s", eve.id)
    written = stones()
    return [written, ran(clean()), list(Note.objects.values_list("text", flat=True))]


def a_truncated_table_counts() -> Any:
    person("ann", 2)
    person("ben", 1)
    raw(PEOPLE, "TRUNCATE people_person CASCADE")
    return [stones(), ran(clean()), counts()]


def the_databases_own_cascade_counts() -> Any:
    """Firms take their people along by the database's own ON DELETE CASCADE."""
    _cascade_of_its_own()
    install.install()
    firm, other = Firm.objects.create(name="gone"), Firm.objects.create(name="stays")
    person("ann", 2, firm=firm)
    person("ben", 1, firm=other)
    if connections[PEOPLE].vendor == "sqlite":
        raw(PEOPLE, "PRAGMA foreign_keys=ON")
    raw(PEOPLE, "DELETE FROM people_firm WHERE id = %s", firm.id)
    return [Person.objects.count(), ran(clean(look=1)), counts()]


def _cascade_of_its_own() -> None:
    connection = connections[PEOPLE]
    if connection.vendor == "sqlite":
        there = 'REFERENCES "people_firm" ("id")'
        raw(PEOPLE, "PRAGMA writable_schema=ON")
        raw(PEOPLE, "UPDATE sqlite_master SET sql=replace(sql,%s,%s) WHERE name='people_person'",
            there, f"{there} ON DELETE CASCADE")  # fmt: skip
        raw(PEOPLE, "PRAGMA writable_schema=RESET")
        connection.close()
        return
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "people_person")
    name = next(n for n, about in found.items() if about["foreign_key"])
    word = "FOREIGN KEY" if connection.vendor == "mysql" else "CONSTRAINT"
    raw(PEOPLE, f"ALTER TABLE people_person DROP {word} {connection.ops.quote_name(name)}")
    raw(PEOPLE, "ALTER TABLE people_person ADD CONSTRAINT own_cascade FOREIGN KEY (firm_id) "
                "REFERENCES people_firm (id) ON DELETE CASCADE")  # fmt: skip


def a_child_written_after_its_parent_died_is_found() -> Any:
    clean(**ALL)
    ann, ben = person("ann"), person("ben")
    ann_id = ann.id
    ann.delete()
    first = ran(clean())
    Note.objects.bulk_create([Note(person_id=ann_id, text="late")])
    late = ran(clean(look=1000))
    Note.objects.filter(person=ben).update(person=ann_id)  # an old row that now refers to the dead
    return [first, late, ran(clean()), counts()]


def a_parent_born_again_keeps_its_children() -> Any:
    ann = person("ann", 2)
    kept = ann.id
    ann.delete()
    Person.objects.create(id=kept, name="ann again")
    return [stones(), ran(clean()), counts(), stones()]


def what_is_protected_stays_and_is_said() -> Any:
    ann = person("ann", 3)
    Seal.objects.create(note=ann.notes.first())
    ann.delete()
    first = clean()
    before = [ran(first), first.references["things.Note.person"].refused, counts()]
    Seal.objects.all().delete()
    return [before, ran(clean()), counts()]


def every_kind_of_key_is_told() -> Any:
    team, other = Team.objects.create(code="Ärzte 'n' \\ %s"), Team.objects.create(code="b")
    device, spare = Device.objects.create(), Device.objects.create(id=uuid.UUID(int=5))
    ann = Person.objects.create(name="ann", number=-4)
    Badge.objects.bulk_create([Badge(team=team), Badge(team=other)])
    Login.objects.bulk_create([Login(device=device), Login(device=spare)])
    Bill.objects.create(person=ann)
    team.delete()
    device.delete()
    Person.objects.update(number=8)
    done = ran(clean())
    return [done, counts(), Login.objects.filter(device=None).count(), Badge.objects.get().team_id]


def one_run_keeps_to_its_limits() -> Any:
    person("ann", 25).delete()
    first = clean(batch=4, rows=10)
    second = clean(batch=4, rows=10)
    third = clean(batch=4, rows=10)
    return [[run.cleaned, run.unfinished, run.waiting] for run in (first, second, third)]


def the_round_goes_on_where_it_stopped() -> Any:
    clean(**ALL)
    for number in range(12):
        person(f"p{number}", 3)
    clean(**ALL)
    raw(THINGS, "UPDATE things_note SET person_id = person_id + 100000 WHERE text LIKE %s", "p1 %")  # the highest keys
    runs = []
    for _ in range(20):
        done = clean(batch=4, look=8)
        runs.append(done.cleaned)
        assert done.references["things.Note.person"].looked <= 16
        if sum(runs) == 3:
            break
    return [sum(runs), len(runs) > 1, counts()["Note"]]


def orphans_are_counted_and_repaired() -> Any:
    ann, ben = person("ann"), person("ben", 0)
    Note.objects.bulk_create([Note(person_id=ann.id + 5000 + n % 3, text="orphan") for n in range(7)])
    Task.objects.bulk_create([Task(person_id=ben.id + 7000), Task(person=ann), Task()])
    Note.objects.bulk_create([Note(person_id=ann.id + 9000, text="sealed")])
    seal = Seal.objects.create(note=Note.objects.get(text="sealed"))
    found = {o.reference: [o.rows, o.keys, len(o.sample)] for o in orphans.scan() if o.rows}
    done = {o.reference: [o.cleaned, o.refused] for o in orphans.repair(batch=2, wait=0) if o.rows}
    after = {o.reference: o.rows for o in orphans.scan() if o.rows}
    seal.delete()
    return [found, done, after, counts(), Task.objects.filter(person=None).count()]


def names_of_any_length_and_spelling_are_watched() -> Any:
    watch = tombstones_for(connections[PEOPLE])
    quote = watch.quote
    column = "k%s '\\ Schlüssel"
    tables = [f"{start}{'x' * 40} %s '\\ Ä" for start in ("a", "b")]  # alike but for their first letter
    for table in tables:
        watch.execute([f"CREATE TABLE {quote(table)} ({quote(column)} integer)"])
        for trigger in watch.wanted(table, column):
            watch.execute(trigger.create)
        watch.execute([f"INSERT INTO {quote(table)} VALUES (1), (2), (3), (NULL)"])
        watch.execute([f"UPDATE {quote(table)} SET {quote(column)} = 4 "
                       f"WHERE {quote(column)} = 3", f"DELETE FROM {quote(table)}"])  # fmt: skip
    written = Tombstone.objects.using(PEOPLE).order_by("id").values_list("table_name", "column_name", "key_text")
    found = [[tables.index(t), c == column, sorted(k for o, _, k in written if o == t)] for t, c, _ in written]
    strays = [len(d.strays) for d in install.status([PEOPLE])]
    for table in tables:
        watch.execute([one for s in watch.standing() if s.table == table for one in s.drop])
        watch.execute([f"DROP TABLE {quote(table)}"])
    return [sorted(found)[::4], strays[0] == len(tables) * len(watch.wanted("people_team", "code"))]


def a_partition_tells_of_its_rows() -> Any:
    watch = tombstones_for(connections[PEOPLE])
    watch.execute([
        "CREATE TABLE divided (k integer PRIMARY KEY) PARTITION BY RANGE (k)",
        "CREATE TABLE divided_low PARTITION OF divided FOR VALUES FROM (0) TO (10)",
        "CREATE TABLE divided_high PARTITION OF divided FOR VALUES FROM (10) TO (20)",
        "INSERT INTO divided SELECT generate_series(1, 15)",
    ])  # fmt: skip
    for trigger in watch.wanted("divided", "k"):
        watch.execute(trigger.create)
    standing = [s.table for s in watch.standing() if "divided" in s.table]
    watch.execute(["DELETE FROM divided_low WHERE k = 1", "DELETE FROM divided WHERE k IN (2, 11)",
                   "UPDATE divided SET k = 16 WHERE k = 3"])  # fmt: skip
    one = sorted(Tombstone.objects.using(PEOPLE).values_list("key_text", flat=True))
    watch.execute(["TRUNCATE divided"])
    both = Tombstone.objects.using(PEOPLE).count()
    watch.execute(["DROP TABLE divided"])
    return [standing, one, both]


def a_role_without_rights_on_our_table_deletes() -> Any:
    ann = person("ann")
    role = f"clerk_{uuid.uuid4().hex[:8]}"
    raw(PEOPLE, f"CREATE ROLE {role}")
    raw(PEOPLE, f"GRANT SELECT, DELETE ON people_person TO {role}")
    with transaction.atomic(using=PEOPLE):
        raw(PEOPLE, f"SET LOCAL ROLE {role}")
        raw(PEOPLE, "SET LOCAL search_path TO pg_catalog")
        raw(PEOPLE, "DELETE FROM public.people_person WHERE id = %s", ann.id)
    raw(PEOPLE, f"DROP OWNED BY {role}")
    raw(PEOPLE, f"DROP ROLE {role}")
    return [stones(), ran(clean()), counts()]


def a_table_made_anew_by_a_migration_keeps_its_triggers() -> Any:
    from django.db import models

    number = Person._meta.get_field("name")
    wider = models.CharField(max_length=41)
    wider.set_attributes_from_name("name")
    wider.model = Person
    with connections[PEOPLE].schema_editor() as editor:
        editor.alter_field(Person, number, wider)
    lost = not all(d.is_complete for d in install.status())
    call_command("migrate", database=PEOPLE, verbosity=0)
    return [lost, all(d.is_complete for d in install.status())]


def removal_waits_for_tombstones() -> Any:
    person("ann").delete()
    said = ""
    try:
        install.remove()
    except Exception as error:
        said = str(error)
    install.remove(discard=True)
    left = [
        bool(tombstones_for(connections[a]).standing()) or install.has_table(a, Tombstone) for a in {PEOPLE, THINGS}
    ]
    person("ben").delete()
    with suppress(Exception):
        clean()
        return "cleaned without tables"
    install.install()
    return [said, any(left), sum(o.rows for o in orphans.scan()), ran(clean(**ALL))[0]]


STORIES: list[Callable[[], Any]] = [
    installs_once,
    children_go_with_their_parent,
    raw_sql_and_changed_keys_count,
    every_kind_of_key_is_told,
    a_child_written_after_its_parent_died_is_found,
    a_parent_born_again_keeps_its_children,
    a_parent_born_again_in_the_middle_of_a_run_keeps_its_children,
    what_is_protected_stays_and_is_said,
    one_run_keeps_to_its_limits,
    the_round_goes_on_where_it_stopped,
    orphans_are_counted_and_repaired,
    names_of_any_length_and_spelling_are_watched,
    workers_share_the_work,
    nobody_is_lost_while_parents_are_born_again,
    a_lost_trigger_is_found,
    a_table_made_anew_by_a_migration_keeps_its_triggers,
    the_databases_own_cascade_counts,
    removal_waits_for_tombstones,
]
OF_ENGINES = {
    "postgresql": [
        a_truncated_table_counts,
        a_partition_tells_of_its_rows,
        a_switched_off_trigger_is_found,
        a_role_without_rights_on_our_table_deletes,
    ],
}


def main() -> None:
    for alias in {PEOPLE, THINGS}:
        call_command("migrate", database=alias, verbosity=0)
    stories = [*STORIES[:-2], *OF_ENGINES.get(engine(PEOPLE), []), *STORIES[-2:]]
    if engine(PEOPLE) != "sqlite":
        stories.insert(-2, a_child_whose_parent_is_not_committed_yet_stays)
    if engine(THINGS) != "sqlite":
        stories.insert(-2, a_child_in_somebodys_hands_is_passed_over)
    answers: dict[str, Any] = {}
    for story in stories:
        if sys.argv[1:] and story.__name__ not in ("installs_once", *sys.argv[1:]):
            continue
        began = time.monotonic()
        try:
            if story is not installs_once:
                empty()
            answers[story.__name__] = story()
        except Exception:
            answers[story.__name__] = traceback.format_exc()
        print(f"{story.__name__} {time.monotonic() - began:.2f} s", file=sys.stderr)
    default.close()
    print("ANSWER " + json.dumps(answers))


if __name__ == "__main__":
    main()
