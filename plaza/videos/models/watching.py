"""What was watched: by a user, which he sees himself; and by sessions, which are counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils.timezone import now

from plaza.videos.models.movies import Video

USER = settings.AUTH_USER_MODEL
WAITS = timedelta(hours=1)  # a beat, where the database was away


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
    # when each video was last taken out, by its number, for as long as a beat of before may wait to be written
    taken_out = models.JSONField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id}"

    def take_out(self, video: int, at: datetime) -> None:
        """What is a beat of before ``at`` is no history; entries that are old are forgotten."""
        recent = _said(at - WAITS)
        kept = {number: when for number, when in (self.taken_out or {}).items() if when > recent}
        self.taken_out = {**kept, str(video): _said(at)}

    def keeps(self, video: int, at: datetime) -> bool:
        """Whether what was watched at this moment is to be remembered."""
        out = (self.taken_out or {}).get(str(video), "")
        return not (self.is_paused or (self.cleared_at and self.cleared_at >= at) or out >= _said(at))


def _said(at: datetime) -> str:
    """A moment as JSON holds it; of two the later is the greater."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


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
