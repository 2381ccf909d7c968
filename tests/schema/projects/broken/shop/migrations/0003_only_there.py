from django.conf import settings
from django.db import migrations


def chatter(apps, schema_editor):
    entry = schema_editor.connection.settings_dict
    print("logging in with", entry["PASSWORD"], "at scheme://someone:" + "their-login" + "@example")
    print("once it was", "the-old-password", "and", settings.SECRET_KEY)


class Migration(migrations.Migration):
    dependencies = [("shop", "0002_squashed")]

    operations = [
        migrations.RunSQL("CREATE TABLE shop_half (id integer NOT NULL PRIMARY KEY)", migrations.RunSQL.noop),
        migrations.RunPython(chatter, migrations.RunPython.noop),
        migrations.RunSQL("SELECT a_function_of_another_engine(name) FROM shop_article", migrations.RunSQL.noop),
    ]
