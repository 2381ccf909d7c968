"""Whole numbers, booleans, floats and decimals."""

from __future__ import annotations

from django.db import models


class WholeNumbers(models.Model):
    """Each integer field at the ends of its range, and NULL."""

    integer = models.IntegerField(null=True)
    small = models.SmallIntegerField(null=True)
    big = models.BigIntegerField(null=True)
    positive = models.PositiveIntegerField(null=True)
    positive_small = models.PositiveSmallIntegerField(null=True)
    positive_big = models.PositiveBigIntegerField(null=True)
    indexed = models.IntegerField(null=True, db_index=True)


class Truths(models.Model):
    """A boolean, and one that may be unknown."""

    sure = models.BooleanField()
    unsure = models.BooleanField(null=True)


class Floats(models.Model):
    """A double precision number; every bit counts."""

    value = models.FloatField(null=True)


class Decimals(models.Model):
    """Decimals of many precisions, up to the widest that MySQL takes."""

    money = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    whole = models.DecimalField(max_digits=20, decimal_places=0, null=True)
    fraction = models.DecimalField(max_digits=5, decimal_places=5, null=True)
    rate = models.DecimalField(max_digits=15, decimal_places=6, null=True)
    widest = models.DecimalField(max_digits=65, decimal_places=30, null=True)
    tiny = models.DecimalField(max_digits=1, decimal_places=0, null=True)


class Choices(models.Model):
    """Choices are not in the schema: a stored value may be outside them."""

    class Size(models.IntegerChoices):
        SMALL = 1
        LARGE = 2

    class Diet(models.TextChoices):
        PLANTS = "plants"
        MEAT = "meat"

    size = models.IntegerField(choices=Size.choices)
    diet = models.CharField(max_length=10, choices=Diet.choices)
