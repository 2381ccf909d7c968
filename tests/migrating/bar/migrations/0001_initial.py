from django.conf import settings
from django.db import migrations, models
from django.db.models import deletion


class Migration(migrations.Migration):
    initial = True
    dependencies = [("club", "0001_initial")]
    operations = [
        migrations.CreateModel("Tab", [
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("person", models.ForeignKey("club.member", deletion.CASCADE)),
            ("guests", models.ManyToManyField("club.member", related_name="guest_tabs")),
        ]),
    ]
