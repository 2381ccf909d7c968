"""What was watched: by a user, which he sees himself; and by sessions, which are counted."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.timezone import now

from plaza.videos.models.movies import Video

USER = settings.AUTH_USER_MODEL


class WatchHistory(models.Model):
    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="watched")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="watched")
    session_id = models.UUIDField(null=True, blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    position = models.DurationField()
    fraction = models.FloatField(default=0)
    is_counted = models.BooleanField(default=False)
    watched_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name_plural = "watch history"
        constraints = [
            models.UniqueConstraint(fields=["user", "video"], name="videos_watchhistory_once"),
        ]
        indexes = [models.Index(fields=["user", "-watched_at", "-id"], name="videos_watchhistory_newest")]

    def __str__(self) -> str:
        return f"{self.user_id} watched {self.video_id}"


class Watcher(models.Model):
    """What a user wishes of his history; without a row it is kept."""

    user = models.OneToOneField(USER, on_delete=models.CASCADE, primary_key=True, related_name="+")
    is_paused = models.BooleanField(default=False)
    cleared_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id}"


class Viewing(models.Model):
    """A player's session with a video. It is counted as a view once, after a while; after a day it is forgotten."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="viewings")
    session_id = models.UUIDField()
    started_at = models.DateTimeField(default=now)
    seen_at = models.DateTimeField(default=now, db_index=True)
    is_counted = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session_id", "video"], name="videos_viewing_once")]

    def __str__(self) -> str:
        return f"{self.session_id} watches {self.video_id}"
