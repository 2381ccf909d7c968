from django.conf import settings
from django.db import migrations, models
from django.db.models import deletion


class Migration(migrations.Migration):
    dependencies = [("club", "0001_initial"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [
        migrations.AddField("member", "sponsor", models.ForeignKey(settings.AUTH_USER_MODEL, deletion.SET_NULL, null=True, related_name="+")),
        migrations.AddField("member", "account", models.OneToOneField(settings.AUTH_USER_MODEL, deletion.CASCADE, null=True)),
        migrations.AddField("member", "groups", models.ManyToManyField("auth.group")),
        migrations.AddField("member", "home", models.ForeignKey("club.room", deletion.SET_NULL, null=True)),
    ]
