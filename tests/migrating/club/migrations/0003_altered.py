from django.conf import settings
from django.db import migrations, models
from django.db.models import deletion


class Migration(migrations.Migration):
    dependencies = [("club", "0002_added")]
    operations = [
        migrations.AlterField("member", "user", models.ForeignKey(settings.AUTH_USER_MODEL, deletion.CASCADE, null=True, related_name="+")),
        migrations.RenameField("member", "sponsor", "backer"),
        migrations.AlterField("room", "keeper", models.ForeignKey(settings.AUTH_USER_MODEL, deletion.CASCADE, null=True, db_column="keeper")),
        migrations.AlterField("room", "keeper", models.ForeignKey(settings.AUTH_USER_MODEL, deletion.CASCADE, null=True)),
        migrations.AlterUniqueTogether("member", {("name", "user")}),
    ]
