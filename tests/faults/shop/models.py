"""A few tables with every kind of key and index that goes aside, and one with every kind of value."""

from __future__ import annotations

import uuid

from django.db import models


class Maker(models.Model):
    name = models.CharField(max_length=80, unique=True)
    founded = models.DateField(null=True, db_index=True)


class Tag(models.Model):
    word = models.CharField(max_length=40, unique=True)


class Product(models.Model):
    maker = models.ForeignKey(Maker, models.CASCADE)
    tags = models.ManyToManyField(Tag)
    code = models.CharField(max_length=40)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    text = models.TextField(blank=True)
    changed = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["maker", "code"], name="shop_code_of_maker")]
        indexes = [models.Index(fields=["price", "changed"], name="shop_price_changed")]


class Sample(models.Model):
    """One column for each kind of value."""

    integer = models.BigIntegerField(null=True)
    boolean = models.BooleanField(null=True)
    decimal = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    float = models.FloatField(null=True)
    text = models.TextField(null=True)
    binary = models.BinaryField(null=True)
    date = models.DateField(null=True)
    time = models.TimeField(null=True)
    datetime = models.DateTimeField(null=True)
    duration = models.DurationField(null=True)
    uuid = models.UUIDField(null=True, default=uuid.uuid4)
    json = models.JSONField(null=True)
    inet = models.GenericIPAddressField(null=True)
