"""Every way in which rows point at rows."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models


class Node(models.Model):
    """Points at itself; rows come before their parents, and one is its own parent."""

    name = models.CharField(max_length=40)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")


class Hen(models.Model):
    """Hen and egg point at each other."""

    name = models.CharField(max_length=40)
    hatched_from = models.ForeignKey("Egg", models.CASCADE, related_name="hens")


class Egg(models.Model):
    """Hen and egg point at each other."""

    laid_by = models.ForeignKey(Hen, models.CASCADE, null=True, related_name="eggs")


class Species(models.Model):
    """Others point at its unique code, not at its key."""

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=80)
    related = models.ManyToManyField("self", symmetrical=True)
    eats = models.ManyToManyField("self", symmetrical=False, related_name="eaten_by")


class Animal(models.Model):
    """A foreign key to a unique column, a renamed one, an unchecked one, and the user."""

    name = models.CharField(max_length=80)
    species = models.ForeignKey(Species, models.PROTECT, to_field="code", null=True)
    mother = models.ForeignKey("self", models.SET_NULL, null=True, db_column="Mother Id", related_name="+")
    chip = models.ForeignKey("UuidKey", models.DO_NOTHING, null=True, db_constraint=False)
    country = models.ForeignKey("CharKey", models.RESTRICT, null=True, db_index=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    keepers = models.ManyToManyField("Keeper", through="Shift", related_name="animals")
    foods = models.ManyToManyField("Food", db_table="Animal eats Food")
    notes = GenericRelation("Note")


class Passport(models.Model):
    """A one-to-one key that is the primary key as well."""

    animal = models.OneToOneField(Animal, models.CASCADE, primary_key=True)
    number = models.CharField(max_length=20)


class Keeper(models.Model):
    """One side of a many-to-many with a table of its own; a plain one-to-one, too."""

    name = models.CharField(max_length=80)
    favourite = models.OneToOneField(Animal, models.SET_NULL, null=True, related_name="fan")


class Shift(models.Model):
    """The table between animals and keepers, with columns of its own."""

    animal = models.ForeignKey(Animal, models.CASCADE)
    keeper = models.ForeignKey(Keeper, models.CASCADE)
    day = models.DateField()
    note = models.TextField(blank=True)

    class Meta:
        unique_together = [("animal", "keeper", "day")]


class Food(models.Model):
    """Its key is a UUID, and so is one side of the automatic table between."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=40)


class Note(models.Model):
    """Points at any row of any table, by content type and text."""

    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.CharField(max_length=64)
    about = GenericForeignKey("content_type", "object_id")
    text = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["content_type", "object_id"], name="note_about")]


class Place(models.Model):
    """The first of three tables that share one key."""

    name = models.CharField(max_length=40)


class House(Place):
    """Multi-table inheritance, first level."""

    rooms = models.PositiveSmallIntegerField()


class Aquarium(House):
    """Multi-table inheritance, second level, with a parent link of its own name."""

    building = models.OneToOneField(House, models.CASCADE, parent_link=True, primary_key=True, db_column="house_no")
    litres = models.DecimalField(max_digits=10, decimal_places=1)


class Described(models.Model):
    """Abstract: no table."""

    description = models.TextField(blank=True)

    class Meta:
        abstract = True


class Fence(Described):
    """Has its column from an abstract model."""

    metres = models.FloatField()


class HighFence(Fence):
    """A proxy: no table, but a content type."""

    class Meta:
        proxy = True
        ordering = ["-metres"]


class Queue(models.Model):
    """Others are ordered with respect to it."""

    name = models.CharField(max_length=40)


class Visitor(models.Model):
    """order_with_respect_to adds a column `_order`."""

    queue = models.ForeignKey(Queue, models.CASCADE)
    name = models.CharField(max_length=40)

    class Meta:
        order_with_respect_to = "queue"
