"""Fields that only PostgreSQL has."""

from __future__ import annotations

from django.contrib.postgres import fields, indexes, search
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models


class Arrays(models.Model):
    """Arrays of numbers, texts, moments, UUIDs, and arrays of arrays."""

    numbers = fields.ArrayField(models.IntegerField(null=True), null=True)
    texts = fields.ArrayField(models.TextField(null=True), default=list)
    moments = fields.ArrayField(models.DateTimeField(), null=True, size=3)
    uuids = fields.ArrayField(models.UUIDField(), null=True)
    nested = fields.ArrayField(fields.ArrayField(models.CharField(max_length=20)), null=True)


class Ranges(models.Model):
    """Ranges: empty, unbounded, of every kind."""

    integers = fields.IntegerRangeField(null=True)
    bigs = fields.BigIntegerRangeField(null=True)
    decimals = fields.DecimalRangeField(null=True)
    moments = fields.DateTimeRangeField(null=True)
    days = fields.DateRangeField(null=True)


class Searchable(models.Model):
    """A search vector that the project fills itself, and its index."""

    body = models.TextField()
    vector = search.SearchVectorField(null=True)

    class Meta:
        indexes = [indexes.GinIndex(fields=["vector"], name="searchable_vector")]


class Excluding(models.Model):
    """No two ranges may overlap."""

    days = fields.DateRangeField()

    class Meta:
        constraints = [ExclusionConstraint(name="excluding_overlap", expressions=[("days", RangeOperators.OVERLAPS)])]
