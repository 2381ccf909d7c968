import django.contrib.postgres.fields.hstore
from django.contrib.postgres.operations import CreateCollation, HStoreExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = []

    operations = [
        HStoreExtension(),
        CreateCollation('pgextra_insensitive', provider='icu', locale='und-u-ks-level2', deterministic=False),
        migrations.CreateModel(
            name='Stores',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('data', django.contrib.postgres.fields.hstore.HStoreField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Insensitive',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(db_collation='pgextra_insensitive', max_length=40, unique=True)),
            ],
        ),
    ]
