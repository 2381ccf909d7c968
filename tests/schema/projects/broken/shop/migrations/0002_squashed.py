from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("shop", "0002_first_half"), ("shop", "0002_second_half")]
    dependencies = [("shop", "0001_initial")]

    operations = [
        migrations.AddIndex("article", models.Index(fields=["name", "replaces"], name="shop_article_both")),
    ]
