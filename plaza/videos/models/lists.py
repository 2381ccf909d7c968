"""Playlists and what is in them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from plaza.videos.models.movies import WITHOUT_PASSWORD, Privacy, Video

USER = settings.AUTH_USER_MODEL


class Playlist(models.Model):
    class Kind(models.TextChoices):
        NORMAL = "normal"
        LATER = "later", "watch later"

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="playlists")
    title = models.CharField(max_length=150)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.NORMAL)
    privacy = models.CharField(max_length=10, choices=WITHOUT_PASSWORD, default=Privacy.PRIVATE)
    created_at = models.DateTimeField(default=now)
    version = models.PositiveIntegerField(default=1)
    # The owner's number in his "watch later", NULL in others: MySQL and MariaDB have no partial indexes.
    later_of = models.BigIntegerField(null=True, blank=True, unique=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner"], condition=Q(kind="later"), name="videos_playlist_one_later"),
        ]

    def __str__(self) -> str:
        return self.title


class PlaylistItem(models.Model):
    """Positions have gaps, so that a move changes one row: only PostgreSQL defers a unique."""

    playlist = models.ForeignKey(Playlist, on_delete=models.CASCADE, related_name="items")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()
    starts = models.DurationField(null=True, blank=True)
    stops = models.DurationField(null=True, blank=True)
    added_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["playlist", "position"], name="videos_playlistitem_position"),
        ]

    def __str__(self) -> str:
        return f"{self.playlist_id}/{self.position}"
