"""Every kind of primary key."""

from __future__ import annotations

import uuid

from django.db import models

from ..fields import ExactCharField


class AutoKey(models.Model):
    """An AutoField; its rows have gaps, a zero, negative and very large keys."""

    id = models.AutoField(primary_key=True)
    name = models.CharField(max_length=40)


class BigAutoKey(models.Model):
    """A BigAutoField with keys at both ends of 64 bits."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=40)


class SmallAutoKey(models.Model):
    """A SmallAutoField with keys at both ends of 16 bits."""

    id = models.SmallAutoField(primary_key=True)
    name = models.CharField(max_length=40)


class IntegerKey(models.Model):
    """An integer key that the project gives out itself."""

    number = models.BigIntegerField(primary_key=True)


class CharKey(models.Model):
    """A text key in the engine's default collation."""

    code = models.CharField(max_length=20, primary_key=True)
    name = models.CharField(max_length=40, blank=True)


class ExactKey(models.Model):
    """A text key whose rows differ by case, accent or trailing blank only."""

    code = ExactCharField(max_length=40, primary_key=True)
    name = models.CharField(max_length=40, blank=True)


class LongKey(models.Model):
    """A text key close to the 3,072 bytes that InnoDB can index."""

    path = models.CharField(max_length=700, primary_key=True)


class SlugKey(models.Model):
    """A slug as key, which gets a `_like` index on PostgreSQL."""

    slug = models.SlugField(primary_key=True)


class UuidKey(models.Model):
    """A UUID as key: char(32), uuid, or MariaDB's own uuid with its own order."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=40)


class DateKey(models.Model):
    """A date as key."""

    day = models.DateField(primary_key=True)
    visitors = models.PositiveIntegerField()


class DateTimeKey(models.Model):
    """A moment as key; two rows are one microsecond apart."""

    moment = models.DateTimeField(primary_key=True)


class DecimalKey(models.Model):
    """A decimal as key."""

    weight = models.DecimalField(max_digits=12, decimal_places=4, primary_key=True)


class OddlyNamedKey(models.Model):
    """A key that is neither called id nor stands first."""

    id = models.CharField(max_length=10, blank=True)
    rowid = models.IntegerField(unique=True)
    key = models.AutoField(primary_key=True, db_column="Primary Key")
