from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("gone", "0001_initial")]
