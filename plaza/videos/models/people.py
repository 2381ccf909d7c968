"""Who users are to videos, whom they block, what they posted with a key, and what they have yet to be told."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.timezone import now

from plaza.api import records

USER = settings.AUTH_USER_MODEL


class Person(records.Person):
    """Who a user is, as accounts told videos."""


class Blocked(models.Model):
    """A copy of who blocks whom, as social told it: who is blocked by a channel's owner does not comment there."""

    blocker = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")
    blocked = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=now)
    version = models.BigIntegerField(default=0)  # of what was told; an older one that comes late changes nothing
    is_lifted = models.BooleanField(default=False)  # the row stays, or a late message would block again

    class Meta:
        verbose_name_plural = "blocked"
        constraints = [models.UniqueConstraint(fields=["blocker", "blocked"], name="videos_blocked_once")]

    def __str__(self) -> str:
        return f"{self.blocker_id} blocks {self.blocked_id}"


class VideosRequest(records.KnownRequest):
    """What was posted to videos with an Idempotency-Key."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id", "key"], name="videos_request_once")]


class VideosMessage(records.OutboxMessage):
    """What others have yet to learn of videos, and which subscribers videos have yet to tell."""
