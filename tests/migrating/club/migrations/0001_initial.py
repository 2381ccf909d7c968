from django.conf import settings
from django.db import migrations, models
from django.db.models import deletion


class Migration(migrations.Migration):
    initial = True
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel("Room", [
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=40)),
            ("keeper", models.IntegerField(null=True)),
        ]),
        migrations.CreateModel("Member", [
            ("id", models.AutoField(primary_key=True, serialize=False)),
            ("name", models.CharField(max_length=40)),
            ("user", models.ForeignKey(settings.AUTH_USER_MODEL, deletion.CASCADE, related_name="+")),
            ("leader", models.ForeignKey("club.member", deletion.SET_NULL, null=True)),
            ("rooms", models.ManyToManyField("club.room", related_name="+")),
        ]),
    ]
