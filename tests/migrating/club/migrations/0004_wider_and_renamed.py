from django.conf import settings
from django.db import migrations, models
from django.db.models import deletion


class Migration(migrations.Migration):
    dependencies = [("club", "0003_altered"), ("bar", "0001_initial")]
    operations = [
        migrations.AlterField("member", "id", models.BigAutoField(primary_key=True, serialize=False)),
        migrations.RenameModel("Member", "Person"),
    ]
