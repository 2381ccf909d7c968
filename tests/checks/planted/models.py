"""Faults that a split of these models would have, each in a model of its own.

Owned by one database they have none.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

import outgrow


class Firm(models.Model):
    name = models.CharField(max_length=40)


class Branch(models.Model):
    """Deleting a firm reaches what crosses from here."""

    firm = models.ForeignKey(Firm, models.CASCADE)
    town = models.CharField(max_length=40)
    street = models.CharField(max_length=40)

    class Meta:
        unique_together = [("town", "street")]
        ordering = ["town"]


class Desk(models.Model):
    """RESTRICT queries, too."""

    branch = models.ForeignKey(Branch, models.RESTRICT)


class Unwatched(models.Model):
    branch = models.ForeignKey(Branch, models.DO_NOTHING, db_constraint=False)


class Watched(models.Model):
    branch = outgrow.LooseForeignKey(Branch, on_delete=outgrow.CASCADE)


class Constrained(models.Model):
    """Nothing is done on delete, but a constraint is asked for."""

    branch = models.ForeignKey(Branch, models.DO_NOTHING)


class Cascading(models.Model):
    """Without a constraint, but queried on delete."""

    branch = models.OneToOneField(Branch, models.CASCADE, db_constraint=False)


class Flagship(Branch):
    pass


class Address(models.Model):
    town = models.CharField(max_length=40)
    street = models.CharField(max_length=40)
    branch = models.ForeignObject(
        Branch, models.DO_NOTHING, from_fields=["town", "street"], to_fields=["town", "street"], related_name="+"
    )


class Fair(models.Model):
    firms = models.ManyToManyField(Firm, through="Stand")


class Stand(models.Model):
    fair = models.ForeignKey(Fair, models.CASCADE)
    firm = outgrow.LooseForeignKey(Firm, on_delete=outgrow.CASCADE)


class Rules(models.Model):
    """Constraints and indexes that not every engine has."""

    name = models.CharField(max_length=40)
    rank = models.IntegerField()
    seen = models.BooleanField()

    class Meta:
        indexes = [
            models.Index(fields=["name"], name="seen_names", condition=models.Q(seen=True)),
            models.Index(fields=["name"], name="names_with_ranks", include=["rank"]),
            models.Index(Lower("name"), name="small_names"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["rank"], name="rank_in_the_end", deferrable=models.Deferrable.DEFERRED),
            models.UniqueConstraint(fields=["name"], name="name_if_seen", condition=models.Q(seen=True)),
            models.UniqueConstraint(fields=["seen"], name="seen_with_rank", include=["rank"]),
            models.UniqueConstraint(Lower("name"), name="small_name"),
        ]


class Exclusive(models.Model):
    tags = ArrayField(models.CharField(max_length=10))
    rank = models.IntegerField()

    class Meta:
        constraints = [ExclusionConstraint(name="one_of_a_rank", expressions=[("rank", "=")])]


class Elsewhere(models.Model):
    class Meta:
        required_db_vendor = "postgresql"


if hasattr(models, "DB_CASCADE"):

    class Holding(models.Model):
        above = models.ForeignKey("self", models.DB_CASCADE, null=True)

    class Company(models.Model):
        holding = models.ForeignKey(Holding, models.DB_CASCADE)

    class Sign(models.Model):
        company = outgrow.LooseForeignKey(Company, on_delete=outgrow.CASCADE)

    class Letter(models.Model):
        company = models.ForeignKey(Company, models.DO_NOTHING, db_constraint=False)

    class Shed(models.Model):
        branch = models.ForeignKey(Branch, models.DB_CASCADE)

    class Key(models.Model):
        shed = outgrow.LooseForeignKey(Shed, on_delete=outgrow.CASCADE)
