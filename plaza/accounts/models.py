"""Profile: what a user of Django's own table shows to others."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.timezone import now


class Profile(models.Model):
    class Status(models.TextChoices):
        VALID = "valid"
        SUSPENDED = "suspended"
        DELETED = "deleted"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile")
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    nickname = models.CharField(max_length=40, unique=True)
    bio = models.TextField(blank=True)
    image = models.FileField(upload_to="profiles/", blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.VALID)
    is_private = models.BooleanField(default=False)
    birth_date = models.DateField(null=True, blank=True)
    preferences = models.JSONField(default=dict, blank=True)
    last_ip = models.GenericIPAddressField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.nickname
