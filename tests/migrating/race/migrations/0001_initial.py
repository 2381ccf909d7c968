from django.db import migrations, models
from django.db.models import deletion


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel("Run", [
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=40)),
        ]),
        migrations.CreateModel("Trophy", [
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("run", models.ForeignKey("race.run", deletion.CASCADE)),
        ]),
    ]
