from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("race", "0002_first_run")]
    operations = [migrations.AddField("run", "place", models.IntegerField(default=0))]
