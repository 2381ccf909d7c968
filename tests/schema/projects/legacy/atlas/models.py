from django.db import models


class Region(models.Model):
    """Not managed, yet a managed table refers to it."""

    name = models.CharField(max_length=40, db_index=True)
    parent = models.ForeignKey("self", models.CASCADE, null=True)

    class Meta:
        managed = False
        db_table = "atlas_region"


class City(models.Model):
    name = models.CharField(max_length=40)
    region = models.ForeignKey(Region, models.CASCADE)


class Visit(models.Model):
    """Not managed, and refers to a managed table."""

    city = models.ForeignKey(City, models.CASCADE)

    class Meta:
        managed = False
        db_table = "atlas_visit"
