from django.db import migrations


def first_run(apps, schema_editor):
    apps.get_model("race", "Run").objects.using(schema_editor.connection.alias).create(name="first")


class Migration(migrations.Migration):
    dependencies = [("race", "0001_initial")]
    operations = [migrations.RunPython(first_run)]
