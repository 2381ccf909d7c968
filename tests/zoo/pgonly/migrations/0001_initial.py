import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Arrays',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('numbers', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(null=True), null=True, size=None)),
                ('texts', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(null=True), default=list, size=None)),
                ('moments', django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), null=True, size=3)),
                ('uuids', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), null=True, size=None)),
                ('nested', django.contrib.postgres.fields.ArrayField(base_field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None), null=True, size=None)),
            ],
        ),
        migrations.CreateModel(
            name='Excluding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('days', django.contrib.postgres.fields.ranges.DateRangeField()),
            ],
        ),
        migrations.CreateModel(
            name='Ranges',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('integers', django.contrib.postgres.fields.ranges.IntegerRangeField(null=True)),
                ('bigs', django.contrib.postgres.fields.ranges.BigIntegerRangeField(null=True)),
                ('decimals', django.contrib.postgres.fields.ranges.DecimalRangeField(null=True)),
                ('moments', django.contrib.postgres.fields.ranges.DateTimeRangeField(null=True)),
                ('days', django.contrib.postgres.fields.ranges.DateRangeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Searchable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('body', models.TextField()),
                ('vector', django.contrib.postgres.search.SearchVectorField(null=True)),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['vector'], name='searchable_vector')],
            },
        ),
        migrations.AddConstraint(
            model_name='excluding',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('days', '&&')], name='excluding_overlap'),
        ),
    ]
