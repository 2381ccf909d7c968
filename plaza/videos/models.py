"""Channel, Video, and what viewers do with them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from plaza.compat import check

USER = settings.AUTH_USER_MODEL


class Privacy(models.TextChoices):
    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"


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

    def __str__(self) -> str:
        return self.handle


class Video(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft"
        UPLOADING = "uploading"
        PROCESSING = "processing"
        PUBLISHED = "published"
        FAILED = "failed"

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="videos")
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    privacy = models.CharField(max_length=10, choices=Privacy.choices, default=Privacy.PUBLIC)
    file = models.FileField(upload_to="videos/", blank=True)
    # 700 characters of 4 bytes each pass MySQL's 3,072-byte key but not PostgreSQL's 2,704.
    source_url = models.URLField(max_length=700, blank=True, db_index=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    duration = models.DurationField(null=True, blank=True)
    frame_rate = models.FloatField(null=True, blank=True)
    average_rating = models.FloatField(null=True, blank=True)
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    captions = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["channel", "-published_at"], name="videos_video_by_channel"),
        ]

    def __str__(self) -> str:
        return self.title


class Comment(models.Model):
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="video_comments")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="replies")
    body = models.TextField()
    is_approved = models.BooleanField(null=True)
    created_at = models.DateTimeField(default=now)

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


class Playlist(models.Model):
    class Kind(models.TextChoices):
        NORMAL = "normal"
        LATER = "later", "watch later"

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="playlists")
    title = models.CharField(max_length=150)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.NORMAL)
    privacy = models.CharField(max_length=10, choices=Privacy.choices, default=Privacy.PRIVATE)
    created_at = models.DateTimeField(default=now)

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

    def __str__(self) -> str:
        return f"{self.user_id} watched {self.video_id}"
