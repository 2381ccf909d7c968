from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("auth", "0012_alter_user_first_name_max_length")]
    operations = [
        migrations.AlterField("user", "first_name", models.CharField(blank=True, max_length=160)),
        migrations.AddField("group", "color", models.CharField(max_length=20, null=True)),
    ]
