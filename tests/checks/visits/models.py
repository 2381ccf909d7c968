"""What a clean split leaves: a model that nothing crosses, and one whose reference is loose."""

from __future__ import annotations

from django.db import models

import outgrow


class Visit(models.Model):
    made = models.DateTimeField()
    page = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["made", "page"], name="one_visit_at_a_time")]


class Like(models.Model):
    visit = models.ForeignKey(Visit, models.CASCADE)
    product = outgrow.LooseForeignKey("shop.Product", on_delete=outgrow.CASCADE)
