"""One model whose two migrations were squashed."""

from __future__ import annotations

from django.db import models


class Thing(models.Model):
    name = models.CharField(max_length=40)
    size = models.IntegerField(default=0)
