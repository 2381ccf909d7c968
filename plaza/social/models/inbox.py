"""What a user is told, up to where he has read it; what was posted, and what other databases have yet to learn."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.timezone import now

from plaza.api.records import KnownRequest, OutboxMessage
from plaza.social.models.posts import Comment, Post

USER = settings.AUTH_USER_MODEL


class Notification(models.Model):
    """One thing that happened, or many of a kind: a thousand likes of a post are one row, by their key.

    What other apps tell has a version, so that what comes late changes nothing, and says in ``details`` what it is
    about, for their databases are not asked. A row of no amount is not shown: it keeps the version.
    """

    class Kind(models.TextChoices):
        LIKE = "like"
        COMMENT = "comment"
        REPLY = "reply"
        MENTION = "mention"
        FOLLOW = "follow"
        REQUEST = "request"
        BOOKING = "booking", "what became of one's booking"
        GUEST = "guest", "what a guest of one's restaurant did"
        VIDEO = "video", "a new video of a channel one subscribes to"
        VIDEO_COMMENT = "video_comment", "a new thread on one's video"
        VIDEO_REPLY = "video_reply", "a reply to one's thread on a video"
        ACCOUNT = "account", "a change of one's account"

    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    actor = models.ForeignKey(USER, on_delete=models.CASCADE, null=True, blank=True, related_name="+")  # the last one
    amount = models.BigIntegerField(default=1)
    version = models.BigIntegerField(default=0)
    subject = models.CharField(max_length=60, blank=True)  # of another app, that may be withdrawn
    details = models.JSONField(null=True, blank=True)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="social_notification_once")]
        indexes = [
            models.Index(fields=["user", "-updated_at"], name="social_inbox"),
            models.Index(fields=["subject"], name="social_notification_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.key} to user {self.user_id}"


class Withdrawn(models.Model):
    """What other apps have nothing told of any more, such as a video that is private by now.

    The row stays when that is lifted, or a late message would withdraw it again.
    """

    subject = models.CharField(max_length=60, primary_key=True)
    version = models.BigIntegerField(default=0)
    is_lifted = models.BooleanField(default=False)
    changed_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name_plural = "withdrawn"

    def __str__(self) -> str:
        return self.subject


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
