"""The tables of the zoo."""

from django.conf import settings
from django.db import migrations, models
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import tempfile
import tests.zoo.animals.fields
import tests.zoo.animals.models.texts
import uuid

from tests.zoo.animals.compat import check, unique_nulls_equal


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('contenttypes', '0002_remove_content_type_name'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Census',
            fields=[
                ('id', models.IntegerField(primary_key=True, serialize=False)),
                ('region', models.CharField(max_length=40)),
                ('heads', models.IntegerField()),
            ],
            options={
                'db_table': 'animals_census',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Crowded',
            fields=[
                ('id', models.IntegerField(primary_key=True, serialize=False)),
                ('region', models.CharField(max_length=40)),
                ('heads', models.IntegerField()),
            ],
            options={
                'db_table': 'animals_crowded',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Remote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
            ],
            options={
                'db_table': 'animals_remote',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Addresses',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('any', models.GenericIPAddressField(null=True)),
                ('v4', models.GenericIPAddressField(null=True, protocol='IPv4')),
                ('v6', models.GenericIPAddressField(db_index=True, null=True, protocol='IPv6')),
                ('unpacked', models.GenericIPAddressField(null=True, unpack_ipv4=True)),
            ],
        ),
        migrations.CreateModel(
            name='Animal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
            ],
        ),
        migrations.CreateModel(
            name='AutoKey',
            fields=[
                ('id', models.AutoField(primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='BigAutoKey',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='Blobs',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('data', models.BinaryField(null=True)),
                ('short', models.BinaryField(max_length=16, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='BoundedTexts',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('one', models.CharField(max_length=1)),
                ('fifty', models.CharField(max_length=50)),
                ('most', models.CharField(db_index=True, max_length=255)),
                ('indexed', models.CharField(max_length=100, null=True, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name='CharKey',
            fields=[
                ('code', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('name', models.CharField(blank=True, max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='Checked',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('low', models.IntegerField()),
                ('high', models.IntegerField()),
                ('kind', models.CharField(max_length=20)),
            ],
        ),
        migrations.CreateModel(
            name='Choices',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('size', models.IntegerField(choices=[(1, 'Small'), (2, 'Large')])),
                ('diet', models.CharField(choices=[('plants', 'Plants'), ('meat', 'Meat')], max_length=10)),
            ],
        ),
        migrations.CreateModel(
            name='Collated',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('exact', tests.zoo.animals.fields.ExactCharField(max_length=40, unique=True)),
                ('usual', models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='Commented',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weight', models.IntegerField(db_comment='kilograms; it\'s "net"')),
            ],
            options={
                'db_table_comment': "Don't forget: \"all\" of the rows",
            },
        ),
        migrations.CreateModel(
            name='CustomFields',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('secret', tests.zoo.animals.fields.Base64Field(null=True)),
                ('shout', tests.zoo.animals.fields.ShoutingField(max_length=8, null=True)),
                ('trimmed', tests.zoo.animals.fields.TrimmedField(max_length=20, null=True)),
                ('mood', tests.zoo.animals.fields.MoodField(max_length=4, null=True)),
                ('price', tests.zoo.animals.fields.PriceField(null=True)),
                ('fixed', tests.zoo.animals.fields.FixedCharField(max_length=8, null=True)),
                ('dashed', tests.zoo.animals.fields.DashedUUIDField(null=True)),
                ('sealed', tests.zoo.animals.fields.SealedField(max_length=20, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='DateKey',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False)),
                ('visitors', models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Dates',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='DateTimeKey',
            fields=[
                ('moment', models.DateTimeField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name='DecimalKey',
            fields=[
                ('weight', models.DecimalField(decimal_places=4, max_digits=12, primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name='Decimals',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('money', models.DecimalField(decimal_places=2, max_digits=9, null=True)),
                ('whole', models.DecimalField(decimal_places=0, max_digits=20, null=True)),
                ('fraction', models.DecimalField(decimal_places=5, max_digits=5, null=True)),
                ('rate', models.DecimalField(decimal_places=6, max_digits=15, null=True)),
                ('widest', models.DecimalField(decimal_places=30, max_digits=65, null=True)),
                ('tiny', models.DecimalField(decimal_places=0, max_digits=1, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Deferred',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.IntegerField()),
            ],
            options={
                'required_db_features': {'supports_deferrable_unique_constraints'},
            },
        ),
        migrations.CreateModel(
            name='Documents',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('body', models.JSONField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Dropped',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='Durations',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('duration', models.DurationField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Egg',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
        ),
        migrations.CreateModel(
            name='Empty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='ExactKey',
            fields=[
                ('code', tests.zoo.animals.fields.ExactCharField(max_length=40, primary_key=True, serialize=False)),
                ('name', models.CharField(blank=True, max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='Fence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('description', models.TextField(blank=True)),
                ('metres', models.FloatField()),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Floats',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.FloatField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Food',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='Grown',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first', models.CharField(max_length=20)),
                ('third', models.CharField(max_length=20)),
            ],
        ),
        migrations.CreateModel(
            name='Hen',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='Indexed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('year', models.IntegerField()),
                ('rank', models.IntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='IntegerKey',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name='Keeper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
            ],
        ),
        migrations.CreateModel(
            name='Korean',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(db_column='이름', max_length=40)),
                ('weight', models.FloatField(db_column='größe')),
            ],
            options={
                'db_table': '동물원',
            },
        ),
        migrations.CreateModel(
            name='LongKey',
            fields=[
                ('path', models.CharField(max_length=700, primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name='LongName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('column', models.IntegerField(db_column='a_column_name_that_is_exactly_sixty_three_bytes_long_abcdefghij', db_index=True)),
            ],
            options={
                'db_table': 'animals_with_a_table_name_that_is_exactly_sixty_three_bytes_abc',
            },
        ),
        migrations.CreateModel(
            name='LongTexts',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('body', models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name='MixedCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_name', models.CharField(db_column='firstName', max_length=40, unique=True)),
                ('last_name', models.CharField(db_column='LASTNAME', max_length=40)),
            ],
            options={
                'db_table': 'MixedCase_Table',
            },
        ),
        migrations.CreateModel(
            name='Moments',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('moment', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Node',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('object_id', models.CharField(max_length=64)),
                ('text', models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name='OddlyNamedKey',
            fields=[
                ('id', models.CharField(blank=True, max_length=10)),
                ('rowid', models.IntegerField(unique=True)),
                ('key', models.AutoField(db_column='Primary Key', primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name='Ordered',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rank', models.IntegerField(null=True)),
            ],
            options={
                'ordering': [models.OrderBy(models.F('rank'), descending=True, nulls_last=True), 'next__rank'],
            },
        ),
        migrations.CreateModel(
            name='Pebble',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
        ),
        migrations.CreateModel(
            name='PerDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=40, unique_for_date='day')),
                ('day', models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name='Place',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='Queue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='Reserved',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.IntegerField()),
                ('select', models.CharField(db_index=True, max_length=20)),
                ('group_by', models.BooleanField(db_column='group by')),
                ('from_field', models.TextField(db_column='from', null=True)),
            ],
            options={
                'db_table': 'order',
            },
        ),
        migrations.CreateModel(
            name='SearchCard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=40)),
                ('search', tests.zoo.animals.fields.ServerLowerField(max_length=40, null=True, source='title')),
            ],
        ),
        migrations.CreateModel(
            name='Season',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=20, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name='Shift',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('note', models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name='Single',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='SlugKey',
            fields=[
                ('slug', models.SlugField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name='SmallAutoKey',
            fields=[
                ('id', models.SmallAutoField(primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='SoftDeleted',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('deleted', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='Spaced',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('its_name', models.CharField(db_column="it's a name", db_index=True, max_length=40)),
                ('dotted', models.IntegerField(db_column='public.dotted')),
                ('dashed', models.IntegerField(db_column='dash-ed, (really); --')),
            ],
            options={
                'db_table': "table with blanks, it's true",
            },
        ),
        migrations.CreateModel(
            name='Species',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=12, unique=True)),
                ('name', models.CharField(max_length=80)),
            ],
        ),
        migrations.CreateModel(
            name='Stamped',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('updated', models.DateTimeField(auto_now=True)),
                ('day', models.DateField(auto_now=True)),
                ('seen', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='StrictDocuments',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('body', models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name='TextLike',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('url', models.URLField(blank=True, max_length=500)),
                ('slug', models.SlugField(allow_unicode=True, blank=True)),
                ('file_path', models.FilePathField(blank=True, path=tempfile.gettempdir)),
                ('file', models.FileField(blank=True, max_length=150, upload_to=tests.zoo.animals.models.texts.upload_folder)),
            ],
        ),
        migrations.CreateModel(
            name='Texts',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(null=True)),
                ('char', models.CharField(max_length=200, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='TimesOfDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('time', models.TimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Together',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first', models.IntegerField()),
                ('second', models.CharField(max_length=20, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Truths',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sure', models.BooleanField()),
                ('unsure', models.BooleanField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Uniques',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('plain', models.CharField(max_length=40)),
                ('state', models.CharField(max_length=10)),
                ('position', models.IntegerField()),
                ('number', models.IntegerField(null=True)),
                ('extra', models.TextField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='UuidKey',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='Uuids',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.UUIDField(null=True)),
                ('unique', models.UUIDField(default=uuid.uuid4, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name='WholeNumbers',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('integer', models.IntegerField(null=True)),
                ('small', models.SmallIntegerField(null=True)),
                ('big', models.BigIntegerField(null=True)),
                ('positive', models.PositiveIntegerField(null=True)),
                ('positive_small', models.PositiveSmallIntegerField(null=True)),
                ('positive_big', models.PositiveBigIntegerField(null=True)),
                ('indexed', models.IntegerField(db_index=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Wide',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('column_00', models.CharField(default='', max_length=30)),
                ('column_01', models.IntegerField(null=True)),
                ('column_02', models.CharField(default='', max_length=30)),
                ('column_03', models.IntegerField(null=True)),
                ('column_04', models.CharField(default='', max_length=30)),
                ('column_05', models.IntegerField(null=True)),
                ('column_06', models.CharField(default='', max_length=30)),
                ('column_07', models.IntegerField(null=True)),
                ('column_08', models.CharField(default='', max_length=30)),
                ('column_09', models.IntegerField(null=True)),
                ('column_10', models.CharField(default='', max_length=30)),
                ('column_11', models.IntegerField(null=True)),
                ('column_12', models.CharField(default='', max_length=30)),
                ('column_13', models.IntegerField(null=True)),
                ('column_14', models.CharField(default='', max_length=30)),
                ('column_15', models.IntegerField(null=True)),
                ('column_16', models.CharField(default='', max_length=30)),
                ('column_17', models.IntegerField(null=True)),
                ('column_18', models.CharField(default='', max_length=30)),
                ('column_19', models.IntegerField(null=True)),
                ('column_20', models.CharField(default='', max_length=30)),
                ('column_21', models.IntegerField(null=True)),
                ('column_22', models.CharField(default='', max_length=30)),
                ('column_23', models.IntegerField(null=True)),
                ('column_24', models.CharField(default='', max_length=30)),
                ('column_25', models.IntegerField(null=True)),
                ('column_26', models.CharField(default='', max_length=30)),
                ('column_27', models.IntegerField(null=True)),
                ('column_28', models.CharField(default='', max_length=30)),
                ('column_29', models.IntegerField(null=True)),
                ('column_30', models.CharField(default='', max_length=30)),
                ('column_31', models.IntegerField(null=True)),
                ('column_32', models.CharField(default='', max_length=30)),
                ('column_33', models.IntegerField(null=True)),
                ('column_34', models.CharField(default='', max_length=30)),
                ('column_35', models.IntegerField(null=True)),
                ('column_36', models.CharField(default='', max_length=30)),
                ('column_37', models.IntegerField(null=True)),
                ('column_38', models.CharField(default='', max_length=30)),
                ('column_39', models.IntegerField(null=True)),
                ('column_40', models.CharField(default='', max_length=30)),
                ('column_41', models.IntegerField(null=True)),
                ('column_42', models.CharField(default='', max_length=30)),
                ('column_43', models.IntegerField(null=True)),
                ('column_44', models.CharField(default='', max_length=30)),
                ('column_45', models.IntegerField(null=True)),
                ('column_46', models.CharField(default='', max_length=30)),
                ('column_47', models.IntegerField(null=True)),
                ('column_48', models.CharField(default='', max_length=30)),
                ('column_49', models.IntegerField(null=True)),
                ('column_50', models.CharField(default='', max_length=30)),
                ('column_51', models.IntegerField(null=True)),
                ('column_52', models.CharField(default='', max_length=30)),
                ('column_53', models.IntegerField(null=True)),
                ('column_54', models.CharField(default='', max_length=30)),
                ('column_55', models.IntegerField(null=True)),
                ('column_56', models.CharField(default='', max_length=30)),
                ('column_57', models.IntegerField(null=True)),
                ('column_58', models.CharField(default='', max_length=30)),
                ('column_59', models.IntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='House',
            fields=[
                ('place_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='animals.place')),
                ('rooms', models.PositiveSmallIntegerField()),
            ],
            bases=('animals.place',),
        ),
        migrations.CreateModel(
            name='Passport',
            fields=[
                ('animal', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to='animals.animal')),
                ('number', models.CharField(max_length=20)),
            ],
        ),
        migrations.CreateModel(
            name='Visitor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('queue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='animals.queue')),
            ],
        ),
        migrations.AddConstraint(
            model_name='uniques',
            constraint=models.UniqueConstraint(fields=('plain', 'state'), name='uniques_plain_state'),
        ),
        migrations.AddConstraint(
            model_name='uniques',
            constraint=models.UniqueConstraint(condition=models.Q(('number__gt', 0)), fields=('plain',), name='uniques_one_positive'),
        ),
        migrations.AddConstraint(
            model_name='uniques',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('plain'), models.F('position'), name='uniques_lower_plain'),
        ),
        migrations.AddConstraint(
            model_name='uniques',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('position',), name='uniques_position_deferred'),
        ),
        migrations.AddConstraint(
            model_name='uniques',
            constraint=models.UniqueConstraint(fields=('position',), include=('number',), name='uniques_position_covering'),
        ),
        migrations.AlterUniqueTogether(
            name='together',
            unique_together={('first', 'second')},
        ),
        migrations.AddField(
            model_name='species',
            name='eats',
            field=models.ManyToManyField(related_name='eaten_by', to='animals.species'),
        ),
        migrations.AddField(
            model_name='species',
            name='related',
            field=models.ManyToManyField(to='animals.species'),
        ),
        migrations.AddField(
            model_name='shift',
            name='animal',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='animals.animal'),
        ),
        migrations.AddField(
            model_name='shift',
            name='keeper',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='animals.keeper'),
        ),
        migrations.AddField(
            model_name='reserved',
            name='user',
            field=models.ForeignKey(db_column='user', null=True, on_delete=django.db.models.deletion.CASCADE, to='animals.reserved'),
        ),
        migrations.AddField(
            model_name='ordered',
            name='next',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to='animals.ordered'),
        ),
        migrations.AddField(
            model_name='note',
            name='content_type',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='contenttypes.contenttype'),
        ),
        migrations.AddField(
            model_name='node',
            name='parent',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='children', to='animals.node'),
        ),
        migrations.AddField(
            model_name='longname',
            name='others',
            field=models.ManyToManyField(to='animals.longname'),
        ),
        migrations.AddField(
            model_name='keeper',
            name='favourite',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='fan', to='animals.animal'),
        ),
        migrations.AddIndex(
            model_name='indexed',
            index=models.Index(fields=['name', '-year'], name='indexed_name_year'),
        ),
        migrations.AddIndex(
            model_name='indexed',
            index=models.Index(fields=['-rank'], name='indexed_rank_desc'),
        ),
        migrations.AddIndex(
            model_name='indexed',
            index=models.Index(condition=models.Q(('rank__gt', 0)), fields=['year'], name='indexed_ranked'),
        ),
        migrations.AddIndex(
            model_name='indexed',
            index=models.Index(models.OrderBy(django.db.models.functions.text.Upper('name'), descending=True), models.F('year'), name='indexed_upper'),
        ),
        migrations.AddIndex(
            model_name='indexed',
            index=models.Index(fields=['year'], include=('rank',), name='indexed_covering'),
        ),
        migrations.AddField(
            model_name='hen',
            name='hatched_from',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hens', to='animals.egg'),
        ),
        migrations.AddField(
            model_name='egg',
            name='laid_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='eggs', to='animals.hen'),
        ),
        migrations.AddConstraint(
            model_name='deferred',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('position',), name='deferred_position'),
        ),
        migrations.AddConstraint(
            model_name='checked',
            constraint=check(models.Q(('low__gte', -1000)), 'checked_low'),
        ),
        migrations.AddConstraint(
            model_name='checked',
            constraint=check(models.Q(('high__gte', models.F('low'))), 'checked_order'),
        ),
        migrations.AddConstraint(
            model_name='checked',
            constraint=check(models.Q(('kind__in', ["it's", '동물', 'a"b'])), 'checked_kind'),
        ),
        migrations.AddField(
            model_name='animal',
            name='chip',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, to='animals.uuidkey'),
        ),
        migrations.AddField(
            model_name='animal',
            name='country',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.RESTRICT, to='animals.charkey'),
        ),
        migrations.AddField(
            model_name='animal',
            name='foods',
            field=models.ManyToManyField(db_table='Animal eats Food', to='animals.food'),
        ),
        migrations.AddField(
            model_name='animal',
            name='keepers',
            field=models.ManyToManyField(related_name='animals', through='animals.Shift', to='animals.keeper'),
        ),
        migrations.AddField(
            model_name='animal',
            name='mother',
            field=models.ForeignKey(db_column='Mother Id', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='animals.animal'),
        ),
        migrations.AddField(
            model_name='animal',
            name='owner',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='animal',
            name='species',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='animals.species', to_field='code'),
        ),
        migrations.CreateModel(
            name='HighFence',
            fields=[
            ],
            options={
                'ordering': ['-metres'],
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('animals.fence',),
        ),
        migrations.CreateModel(
            name='Aquarium',
            fields=[
                ('building', models.OneToOneField(db_column='house_no', on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='animals.house')),
                ('litres', models.DecimalField(decimal_places=1, max_digits=10)),
            ],
            bases=('animals.house',),
        ),
        migrations.AlterOrderWithRespectTo(
            name='visitor',
            order_with_respect_to='queue',
        ),
        migrations.AlterUniqueTogether(
            name='shift',
            unique_together={('animal', 'keeper', 'day')},
        ),
        migrations.AddIndex(
            model_name='note',
            index=models.Index(fields=['content_type', 'object_id'], name='note_about'),
        ),
        *[
            migrations.AddConstraint(model_name='uniques', constraint=constraint)
            for constraint in unique_nulls_equal('number', 'state', name='uniques_nulls_equal')
        ],
    ]
