"""Of the table with the key that crosses: a column more, and the key itself altered."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial"), ("auth", "0013_longer_names")]
    operations = [
        migrations.AddField("profile", "town", models.CharField(max_length=40, null=True)),
        migrations.AlterField("profile", "motto", models.CharField(blank=True, max_length=160)),
        migrations.AlterField(
            "profile",
            "user",
            models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="profile",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
