"""Data migrations without a guard: through the ORM, through django.db.connection, and by path."""

import os
import sqlite3

from django.db import connection, migrations


def through_the_orm(apps, schema_editor):
    note = apps.get_model("notes", "Note")
    note.objects.update(text="rewritten")
    note.objects.create(text="made by a migration")


def through_the_connection(apps, schema_editor):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO notes_note (text) VALUES ('made by a cursor')")


def by_path(apps, schema_editor):
    from django.conf import settings

    if os.environ.get("TRAP_BY_PATH"):
        with sqlite3.connect(settings.SOURCE) as opened:
            opened.execute("DELETE FROM notes_note")


class Migration(migrations.Migration):
    dependencies = [("notes", "0001_initial")]

    operations = [
        migrations.RunPython(through_the_orm),
        migrations.RunPython(through_the_connection),
        migrations.RunPython(by_path),
    ]
