"""Tables and columns whose names need quoting, are reserved, or are as long as names can be."""

from __future__ import annotations

from django.db import models

LONGEST = "animals_with_a_table_name_that_is_exactly_sixty_three_bytes_abc"


class Reserved(models.Model):
    """Table and columns are reserved words."""

    order = models.IntegerField()
    select = models.CharField(max_length=20, db_index=True)
    group_by = models.BooleanField(db_column="group by")
    from_field = models.TextField(db_column="from", null=True)
    user = models.ForeignKey("self", models.CASCADE, null=True, db_column="user")

    class Meta:
        db_table = "order"


class MixedCase(models.Model):
    """Upper and lower case; PostgreSQL would fold them unless quoted."""

    first_name = models.CharField(max_length=40, db_column="firstName", unique=True)
    last_name = models.CharField(max_length=40, db_column="LASTNAME")

    class Meta:
        db_table = "MixedCase_Table"


class Spaced(models.Model):
    """Blanks, an apostrophe, a dot, a dash and a comma in names."""

    its_name = models.CharField(max_length=40, db_column="it's a name", db_index=True)
    dotted = models.IntegerField(db_column="public.dotted")
    dashed = models.IntegerField(db_column="dash-ed, (really); --")

    class Meta:
        db_table = "table with blanks, it's true"


class Korean(models.Model):
    """Names outside ASCII."""

    name = models.CharField(max_length=40, db_column="이름")
    weight = models.FloatField(db_column="größe")

    class Meta:
        db_table = "동물원"


class LongName(models.Model):
    """A table name of 63 bytes, the longest that all engines take, and a column as long."""

    column = models.IntegerField(
        db_column="a_column_name_that_is_exactly_sixty_three_bytes_long_abcdefghij", db_index=True
    )
    others = models.ManyToManyField("self")

    class Meta:
        db_table = LONGEST


class Wide(models.Model):
    """Many columns of one table, named column_00 and so on."""


for _number in range(60):
    _field: models.Field = (
        models.IntegerField(null=True, db_index=_number % 20 == 0)
        if _number % 2
        else models.CharField(max_length=30, default="")
    )
    Wide.add_to_class(f"column_{_number:02d}", _field)
