"""Dates, times of day, moments and durations."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Dates(models.Model):
    """Dates from the first to the last that every engine takes."""

    day = models.DateField(null=True)


class Moments(models.Model):
    """Aware moments with no, one and 999,999 microseconds."""

    moment = models.DateTimeField(null=True)


class TimesOfDay(models.Model):
    """Times of day, midnight and the last microsecond included."""

    time = models.TimeField(null=True)


class Durations(models.Model):
    """Durations: an interval on PostgreSQL, microseconds elsewhere (trap 17)."""

    duration = models.DurationField(null=True)


class Stamped(models.Model):
    """auto_now and auto_now_add would overwrite what is stored if a row were saved."""

    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)
    day = models.DateField(auto_now=True)
    seen = models.DateTimeField(default=timezone.now, db_index=True)
