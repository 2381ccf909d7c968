"""outgrow.LooseForeignKey: declared, written into migrations, read across databases, shown in the admin."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from tests.legacy.project import ROOT, Legacy

MIGRATE = """
from django.core.management import call_command
for alias in ("default", "people_db"):
    call_command("migrate", database=alias, verbosity=0)
from tests.loose.people.models import Person, Team
from tests.loose.things.models import Badge, Note, Remark, Task
"""


def test_importing_outgrow_loads_no_django_and_knows_its_names() -> None:
    code = (
        "import outgrow, sys; assert not [m for m in sys.modules if m.partition('.')[0] == 'django']; "
        "assert {'CASCADE', 'LooseForeignKey', 'SET_NULL'} <= set(dir(outgrow)); "
        "print(outgrow.CASCADE, outgrow.LooseForeignKey.__name__, hasattr(outgrow, 'Nonsense'))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr) == (["CASCADE", "LooseForeignKey", "False"], "")


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("declared")
    project = Legacy({"default": f"sqlite:///{folder}/one.sqlite3"}, None, module="tests.loose.settings")
    return project.inside('''
        from io import StringIO
        from django.core import checks
        from django.core.management import call_command
        from django.db import connection, models
        from django.db.migrations.writer import MigrationWriter
        from django.db.models.deletion import Collector
        import outgrow
        from tests.loose.people.models import Person
        from tests.loose.things.models import Bill, Note, Task

        def refused(**options):
            try:
                outgrow.LooseForeignKey(Person, **options)
            except TypeError as error:
                return str(error)

        changes = StringIO()
        call_command("makemigrations", "--check", "--dry-run", stdout=changes)

        class Measure(models.Model):
            weight = models.FloatField(primary_key=True)
            class Meta:
                app_label = "people"
        class Pair(models.Model):
            pk = models.CompositePrimaryKey("one", "two")
            one, two = models.IntegerField(), models.IntegerField(unique=True)
            class Meta:
                app_label = "people"
        class Wrong(models.Model):
            never_null = outgrow.LooseForeignKey(Person, outgrow.SET_NULL, related_name="+")
            measure = outgrow.LooseForeignKey(Measure, outgrow.CASCADE, related_name="+")
            pair = outgrow.LooseForeignKey(Pair, outgrow.CASCADE, related_name="+")
            half = outgrow.LooseForeignKey(Pair, outgrow.CASCADE, to_field="two", related_name="+")
            class Meta:
                app_label = "things"

        fields = [Note._meta.get_field("person"), Task._meta.get_field("person"), Bill._meta.get_field("person")]
        call_command("migrate", verbosity=0)
        with connection.cursor() as cursor:
            made = connection.introspection.get_constraints(cursor, "things_note")
        ann = Person.objects.create(name="ann")
        Note.objects.create(person=ann)
        collector = Collector(using="default")
        collector.collect([ann])
        answer({
            "written": [MigrationWriter.serialize(f)[0] for f in fields],
            "imports": sorted(MigrationWriter.serialize(fields[0])[1]),
            "again": [f.clone().deconstruct()[1:] == f.deconstruct()[1:] for f in fields],
            "actions": [f.clone().action for f in fields],
            "python side": sorted({f.remote_field.on_delete.__name__ for f in fields}),
            "refused": [refused(on_delete=models.PROTECT), refused(on_delete="DELETE"),
                        refused(on_delete="CASCADE", db_constraint=True), refused(on_delete="CASCADE", db_index=False)],
            "checks": [[m.id, m.obj.name, m.msg, m.hint] for m in checks.run_checks() if m.id.startswith("outgrow.")],
            "healthy": [f.check() for f in fields],
            "index": [[c["columns"], bool(c["foreign_key"])] for c in made.values() if not c["primary_key"]],
            "collected": [model.__name__ for model in collector.data],
            "changes": changes.getvalue().strip(),
        })
    ''')  # fmt: skip


def test_a_migration_holds_the_public_name_and_the_action_as_a_word(declared: dict[str, Any]) -> None:
    assert declared["written"] == [
        "outgrow.LooseForeignKey(on_delete='CASCADE', related_name='notes', to='people.person')",
        "outgrow.LooseForeignKey(blank=True, null=True, on_delete='SET_NULL', to='people.person')",
        "outgrow.LooseForeignKey(on_delete='CASCADE', related_name='+', to='people.person', to_field='number')",
    ]
    assert declared["imports"] == ["import outgrow"]
    assert declared["again"] == [True, True, True]
    assert declared["actions"] == ["CASCADE", "SET_NULL", "CASCADE"]
    assert declared["changes"] == "No changes detected"


def test_the_column_has_an_index_and_no_constraint_and_django_deletes_the_parent_alone(
    declared: dict[str, Any],
) -> None:
    assert declared["index"] == [[["person_id"], False]]
    assert (declared["python side"], declared["collected"]) == (["DO_NOTHING"], ["Person"])


def test_actions_that_nobody_could_carry_out_are_refused_in_a_sentence(declared: dict[str, Any]) -> None:
    protect, unknown, constraint, index = declared["refused"]
    assert protect == (
        "LooseForeignKey got on_delete=PROTECT; expected outgrow.CASCADE or outgrow.SET_NULL, which can be carried out "
        "after the parent died in another database."
    )
    assert "on_delete=DELETE; expected" in unknown
    assert constraint == index
    assert "leave both out" in index


def test_the_checks_name_null_and_keys_that_no_tombstone_can_hold(declared: dict[str, Any]) -> None:
    assert declared["healthy"] == [[], [], []]
    assert [found[:2] for found in declared["checks"]] == [
        ["outgrow.E080", "never_null"], ["outgrow.E081", "measure"], ["outgrow.E081", "pair"],
    ]  # fmt: skip
    assert [found[2] for found in declared["checks"][1:]] == [
        "LooseForeignKey measure refers to people.Measure.weight, a FloatField, but a tombstone holds one key as text "
        "that can be read back.",
        "LooseForeignKey pair refers to people.Pair, whose key has several columns, but a tombstone holds one key as "
        "text that can be read back.",
    ]
    assert "to_field" in declared["checks"][2][3]


def test_a_reference_is_followed_both_ways_across_databases(on_files: Legacy) -> None:
    found = on_files.inside(MIGRATE + '''
from django.core.exceptions import FieldError, ValidationError
from django.db import connections
from django.test.utils import CaptureQueriesContext

ann, ben = Person.objects.create(name="ann"), Person.objects.create(name="ben")
note = Note(text="a", person=ann)
note.full_clean()
note.save()
ann.notes.create(text="b")
ann.notes.add(Note(text="c"), bulk=False)
Task.objects.create(person=ben)
Remark.objects.create(note=note)

def said(query):
    try:
        list(query)
        return None
    except FieldError as error:
        return str(error)

def raised(ask):
    try:
        return str(ask())
    except Exception as error:
        return type(error).__qualname__

with CaptureQueriesContext(connections["people_db"]) as asked:
    forward = [n.person.name for n in Note.objects.order_by("text")]
with CaptureQueriesContext(connections["people_db"]) as prefetched:
    [n.person.name for n in Note.objects.prefetch_related("person")]
people = Person.objects.prefetch_related("notes").order_by("name")
reverse = [[n.text for n in p.notes.order_by("text")] for p in people]
filtered = [Note.objects.filter(person=ann).count(), Note.objects.filter(person_id__in=[ann.id, 5]).count(),
            Note.objects.exclude(person=ann).count(), ann.notes.filter(text="b").count(),
            Note.objects.filter(remarks__isnull=False).count(), Note.objects.values("person").distinct().count()]
refused = [said(Note.objects.select_related("person")), said(Note.objects.filter(person__name="ann")),
           said(Person.objects.filter(notes__text="a")), said(Remark.objects.select_related("note__person")),
           said(Note.objects.order_by("person__name"))]
valid = []
for person_id in (ann.id, 12345, None):
    try:
        Note(text="d", person_id=person_id).full_clean()
        valid.append("valid")
    except ValidationError as error:
        valid.append(error.messages)
Person.objects.all().delete()
dead = [raised(lambda: Note.objects.first().person), str(Task.objects.get().person),
        raised(lambda: Note.objects.prefetch_related("person")[0].person),
        str(Task.objects.prefetch_related("person")[0].person), Task.objects.get().person_id is not None]
task = Task.objects.get()
task.person
task.save()
answer({"forward": [forward, len(asked)], "prefetched": len(prefetched), "reverse": reverse, "filtered": filtered,
        "refused": refused, "valid": valid, "dead": dead, "kept": Task.objects.get().person_id == ben.id,
        "home": [note._state.db, ann._state.db]})
''')  # fmt: skip
    assert found["forward"] == [["ann", "ann", "ann"], 3]
    assert found["prefetched"] == 1
    assert found["reverse"] == [["a", "b", "c"], []]
    assert found["filtered"] == [3, 3, 0, 1, 1, 1]
    assert found["refused"][0] == (
        "things.Note.person cannot be joined: things_note is in the database default and people_person in people_db; "
        "use prefetch_related instead of select_related (in an admin class, list_select_related = ()), and filter by "
        "keys that were read before (person__in=[…])."
    )
    assert found["refused"] == [found["refused"][0]] * 5
    assert found["valid"][::2] == ["valid", ["This field cannot be null."]]
    assert "person instance with id 12345" in found["valid"][1][0]
    # where the field may be NULL a dead parent is None, else it does not exist; loaded one by one or together
    assert found["dead"] == ["Person.DoesNotExist", "None", "Note.person.RelatedObjectDoesNotExist",
                             "None", True]  # fmt: skip
    assert found["kept"]
    assert found["home"] == ["default", "people_db"]


def test_on_one_database_joins_go_on_working(on_files: Legacy) -> None:
    one = Legacy({"default": on_files.databases["default"]}, {"OWNERS": {"default": "*"}}, module=on_files.module)
    found = one.inside('''
        from django.core.management import call_command
        call_command("migrate", verbosity=0)
        from tests.loose.people.models import Person
        from tests.loose.things.models import Note
        Note.objects.create(person=Person.objects.create(name="ann"))
        answer([Note.objects.select_related("person").get().person.name,
                Note.objects.filter(person__name="ann").count(), Person.objects.filter(notes__text="").count()])
    ''')  # fmt: skip
    assert found == ["ann", 1, 1]


def test_the_admin_lists_adds_changes_and_deletes_across_databases(on_files: Legacy) -> None:
    found = on_files.inside(MIGRATE + '''
from django.contrib.auth.models import User
from django.test import Client
ann, ben = Person.objects.create(name="ann"), Person.objects.create(name="ben")
client = Client(SERVER_NAME="localhost")
client.force_login(User.objects.create_superuser("root"))
form = client.get("/admin/things/note/add/").content.decode()
added = client.post("/admin/things/note/add/", {"text": "first", "person": ann.id}).status_code
note = Note.objects.get()
changed = client.post(f"/admin/things/note/{note.id}/change/", {"text": "first", "person": ben.id}).status_code
wrong = client.post(f"/admin/things/note/{note.id}/change/", {"text": "first", "person": 999}).status_code
raw = client.post("/admin/things/task/add/", {"person": ben.id}).status_code
page = client.get(f"/admin/things/task/{Task.objects.get().id}/change/").content.decode()
listed = client.get("/admin/things/note/").content.decode()
asked = client.get(f"/admin/people/person/{ben.id}/delete/").status_code
gone = client.post(f"/admin/people/person/{ben.id}/delete/", {"post": "yes"}).status_code
note.refresh_from_db()
answer([["ann" in form, "ben" in form], added, changed, wrong, note.person_id == ben.id, raw, "ben" in page,
        "ben" in listed, asked, gone, Person.objects.count(), Note.objects.count()])
''')  # fmt: skip
    assert found == [[True, True], 302, 302, 200, True, 302, True, True, 200, 302, 1, 1]
