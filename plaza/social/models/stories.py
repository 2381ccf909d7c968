"""Story, which is gone from every read after a day, and who saw it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now

from plaza.compat import check

USER = settings.AUTH_USER_MODEL


class Story(models.Model):
    author = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="stories")
    file = models.FileField(upload_to="stories/")
    kind = models.CharField(max_length=10, default="image")  # or movie
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    duration = models.DurationField(null=True, blank=True)
    caption = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "stories"
        constraints = [
            check(Q(expires_at__gt=F("created_at")), name="social_story_expires_later"),
        ]
        indexes = [models.Index(fields=["author", "expires_at"], name="social_stories_of_author")]

    def __str__(self) -> str:
        return f"story {self.pk}"


class ViewingStory(models.Model):
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="viewings")
    viewer = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="viewings")
    liked = models.BooleanField(default=False)
    viewed_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name_plural = "viewings of stories"
        constraints = [
            models.UniqueConstraint(fields=["story", "viewer"], name="social_viewing_once"),
        ]
        indexes = [models.Index(fields=["story", "-viewed_at"], name="social_viewers")]

    def __str__(self) -> str:
        return f"{self.viewer_id} saw {self.story_id}"
