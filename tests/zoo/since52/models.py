"""What Django 5.2 brought: primary keys of several columns."""

from __future__ import annotations

from django.db import models


class Cell(models.Model):
    """Key of two integers."""

    pk = models.CompositePrimaryKey("row", "column")
    row = models.IntegerField()
    column = models.IntegerField()
    value = models.TextField(null=True)


class Translation(models.Model):
    """Key of a text, a date and a UUID, in another order than the columns."""

    pk = models.CompositePrimaryKey("language", "day", "item")
    item = models.UUIDField()
    day = models.DateField()
    language = models.CharField(max_length=10)
    text = models.TextField()


class Member(models.Model):
    """Key of a foreign key and a number; points at a composite key without a constraint."""

    pk = models.CompositePrimaryKey("team", "number")
    team = models.ForeignKey("animals.Single", models.CASCADE)
    number = models.SmallIntegerField()
    cell_row = models.IntegerField(null=True)
    cell_column = models.IntegerField(null=True)
    cell = models.ForeignObject(
        Cell,
        models.DO_NOTHING,
        from_fields=["cell_row", "cell_column"],
        to_fields=["row", "column"],
        null=True,
    )
