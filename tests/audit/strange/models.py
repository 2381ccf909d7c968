"""Legal on SQLite, and each a trap on the way out of it (docs/traps.md)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from . import LONG


class Wide(models.Model):
    """An index over 3,072 bytes, a row over 65,535, and names that no server keeps."""

    path = models.CharField(max_length=800, unique=True)
    body = models.CharField(max_length=17_000, default="")
    odd = models.CharField(max_length=10, db_column=LONG, default="")
    tags = ArrayField(models.IntegerField(), null=True)


class Amount(models.Model):
    """Digits that SQLite rounded, a date that MySQL calls zero, a parent whose key is the empty string."""

    total = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    close = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    paid_on = models.DateField(null=True)
    parent = models.ForeignKey("self", models.CASCADE, null=True)
    code = models.ForeignKey("Code", models.CASCADE, null=True)


class Code(models.Model):
    """A key of text, which SQLite lets be NULL."""

    name = models.CharField(max_length=20, primary_key=True)
