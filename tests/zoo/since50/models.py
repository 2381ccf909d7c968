"""What Django 5.0 brought: columns that the database generates, and defaults that it keeps."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Lower, Now


class Enclosure(models.Model):
    """Stored generated columns: a number, a text, one with a unique key, one that may be NULL."""

    width = models.IntegerField()
    height = models.IntegerField(null=True)
    name = models.CharField(max_length=40)
    area = models.GeneratedField(
        expression=F("width") * F("height"),
        output_field=models.IntegerField(null=True),
        db_persist=True,
    )
    lower = models.GeneratedField(
        expression=Lower("name"),
        output_field=models.CharField(max_length=80),
        db_persist=True,
        unique=True,
    )
    after = models.IntegerField(null=True)


class VirtualEnclosure(models.Model):
    """A generated column that is computed on reading (PostgreSQL: from 18 and Django 6.0)."""

    width = models.IntegerField()
    double = models.GeneratedField(expression=F("width") * 2, output_field=models.IntegerField(), db_persist=False)

    class Meta:
        required_db_features = {"supports_virtual_generated_columns"}


class Defaults(models.Model):
    """Defaults kept by the database must not replace what is stored, NULL included."""

    number = models.IntegerField(db_default=7)
    name = models.CharField(max_length=40, db_default=Value("it's 100% new"), null=True)
    moment = models.DateTimeField(db_default=Now())
    flag = models.BooleanField(db_default=True)
    ratio = models.FloatField(db_default=0.5)
