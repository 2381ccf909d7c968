from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            "Article",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("name", models.CharField(max_length=80, unique=True)),
                ("buyers", models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL)),
                ("replaces", models.ForeignKey("shop.article", models.SET_NULL, null=True)),
            ],
        ),
    ]
