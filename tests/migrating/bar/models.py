"""A bar that keeps tabs for the club's people."""

from __future__ import annotations

from django.db import models

from tests.migrating.club.models import Person


class Tab(models.Model):
    person = models.ForeignKey(Person, models.CASCADE)
    guests = models.ManyToManyField(Person, related_name="guest_tabs")
