"""Channel, what is counted of it, and who subscribes to it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.timezone import now

USER = settings.AUTH_USER_MODEL


class Channel(models.Model):
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="channels")
    handle = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    banner = models.FileField(upload_to="banners/", blank=True)
    is_verified = models.BooleanField(default=False)
    options = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=now)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.handle


class ChannelStats(models.Model):
    """Counters, and when the newest video that everybody may see was published: the feed looks there first."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, primary_key=True, related_name="stats")
    subscribers = models.BigIntegerField(default=0)
    videos = models.BigIntegerField(default=0)
    newest_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "channel stats"

    def __str__(self) -> str:
        return f"of channel {self.channel_id}"


class Subscription(models.Model):
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="subscriptions")
    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="subscriptions")
    notify = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "user"], name="videos_subscription_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} subscribes to {self.channel_id}"
