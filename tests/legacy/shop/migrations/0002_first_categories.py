"""As most projects write it: no word about the database that it is run for."""

from django.db import migrations


def first_categories(apps, schema_editor):
    category = apps.get_model("shop", "Category")
    for name in ("Books", "Maps"):
        category.objects.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_initial")]
    operations = [migrations.RunPython(first_categories, migrations.RunPython.noop)]
