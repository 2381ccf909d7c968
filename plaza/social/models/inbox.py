"""What a user is told, up to where he has read it; what was posted, and what other databases have yet to learn."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.timezone import now

from plaza.api.records import KnownRequest, OutboxMessage
from plaza.social.models.posts import Comment, Post

USER = settings.AUTH_USER_MODEL


class Notification(models.Model):
    """One thing that happened, or many of a kind: a thousand likes of a post are one row, by their key."""

    class Kind(models.TextChoices):
        LIKE = "like"
        COMMENT = "comment"
        REPLY = "reply"
        MENTION = "mention"
        FOLLOW = "follow"
        REQUEST = "request"

    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    actor = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")  # the last one
    amount = models.BigIntegerField(default=1)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="social_notification_once")]
        indexes = [models.Index(fields=["user", "-updated_at"], name="social_inbox")]

    def __str__(self) -> str:
        return f"{self.key} to user {self.user_id}"


class Marker(models.Model):
    """Up to when a user has read his notifications; its version tells two devices apart."""

    user = models.OneToOneField(USER, on_delete=models.CASCADE, primary_key=True, related_name="+")
    read_until = models.DateTimeField(null=True, blank=True)
    version = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"user {self.pk} has read until {self.read_until}"


class SocialRequest(KnownRequest):
    """What was posted to social with an Idempotency-Key."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id", "key"], name="social_request_once")]


class SocialMessage(OutboxMessage):
    """What other databases, or social itself later, have yet to learn of social."""
