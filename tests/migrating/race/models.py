"""What several processes want to migrate at once; a migration run twice is told by the number of its rows."""

from __future__ import annotations

from django.db import models


class Run(models.Model):
    name = models.CharField(max_length=40)
    place = models.IntegerField(default=0)


class Trophy(models.Model):
    run = models.ForeignKey(Run, models.CASCADE)
