"""What the project knows of its users."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models


class Profile(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="profile")
    teams = models.ManyToManyField(Group, blank=True)
    motto = models.CharField(max_length=80, blank=True)

    def __str__(self) -> str:
        return self.motto
