from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    operations = [
        migrations.CreateModel(
            "Region",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("name", models.CharField(db_index=True, max_length=40)),
                ("parent", models.ForeignKey("atlas.region", models.CASCADE, null=True)),
            ],
            options={"db_table": "atlas_region", "managed": False},
        ),
        migrations.CreateModel(
            "City",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("name", models.CharField(max_length=40)),
                ("region", models.ForeignKey("atlas.region", models.CASCADE)),
            ],
        ),
        migrations.CreateModel(
            "Visit",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("city", models.ForeignKey("atlas.city", models.CASCADE)),
            ],
            options={"db_table": "atlas_visit", "managed": False},
        ),
    ]
