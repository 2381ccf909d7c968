from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    replaces = [("squashed", "0001_initial"), ("squashed", "0002_size")]
    operations = [
        migrations.CreateModel("Thing", [
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=40)),
            ("size", models.IntegerField(default=0)),
        ]),
    ]
