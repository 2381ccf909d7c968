"""What AWKWARD says: a data migration without a guard, one that hides its error, one that fails, one of SQL."""

import os

from django.db import migrations


def unguarded(apps, schema_editor):
    apps.get_model("awkward", "Here").objects.create(name="ann")


def swallowing(apps, schema_editor):
    try:
        unguarded(apps, schema_editor)
    except Exception:
        pass


def failing(apps, schema_editor):
    schema_editor.execute("CREATE TABLE awkward_extra (id integer)")
    raise ValueError("not today, 'ann'")


def guarded(apps, schema_editor):
    here = apps.get_model("awkward", "Here")
    if schema_editor.connection.alias == "default":
        here.objects.using("default").create(name="ann")


def nothing(apps, schema_editor):
    """It was needed once."""


KINDS = {
    "unguarded": migrations.RunPython(unguarded),
    "swallowing": migrations.RunPython(swallowing),
    "failing": migrations.RunPython(failing, atomic=False),
    "guarded": migrations.RunPython(guarded),
    "hinted": migrations.RunPython(unguarded, hints={"model_name": "here"}),
    "nothing": migrations.RunPython(nothing, migrations.RunPython.noop),
    "sql": migrations.RunSQL("INSERT INTO awkward_here (name) VALUES ('ann')"),
    "hinted sql": migrations.RunSQL(
        "INSERT INTO awkward_here (name) VALUES ('ann')", hints={"model_name": "here"}
    ),
}


def astray(apps, schema_editor):
    apps.get_model("awkward", "Here").objects.using(schema_editor.connection.alias).update(name="bob")


def twice(apps, schema_editor):
    there = apps.get_model("awkward", "There").objects.using(schema_editor.connection.alias)
    there.create(id=1, name="ann")
    there.create(id=1, name="bob")


KINDS |= {"astray": migrations.RunPython(astray), "twice": migrations.RunPython(twice)}


class Migration(migrations.Migration):
    dependencies = [("awkward", "0001_initial")]
    operations = [KINDS[os.environ.get("AWKWARD", "nothing")]]
