"""Everything that a clock or a calendar says."""

from django.db import models


class Appointment(models.Model):
    at = models.DateTimeField(null=True, db_index=True)
    day = models.DateField(null=True)
    hour = models.TimeField(null=True)
    lasts = models.DurationField(null=True)
