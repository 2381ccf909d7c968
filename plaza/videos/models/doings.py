"""What viewers say of videos, and how they find them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from plaza.compat import check
from plaza.videos.models.movies import Video

USER = settings.AUTH_USER_MODEL


class Comment(models.Model):
    """Two levels: a reply's parent has none. is_approved: None waits for the channel's owner, False was refused."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="video_comments")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="replies")
    body = models.TextField()
    is_approved = models.BooleanField(null=True)
    is_removed = models.BooleanField(default=False)  # an empty place that its replies need
    created_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["video", "parent", "-id"], name="videos_comment_threads")]

    def __str__(self) -> str:
        return f"comment {self.pk}"


class Reaction(models.Model):
    class Value(models.IntegerChoices):
        LIKE = 1
        DISLIKE = -1

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="reactions")
    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="reactions")
    value = models.SmallIntegerField(choices=Value.choices)
    changed_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["video", "user"], name="videos_reaction_once"),
            check(Q(value__in=[-1, 1]), name="videos_reaction_value"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.value:+d} for {self.video_id}"
