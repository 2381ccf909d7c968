"""Video and what is counted of it."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.timezone import now

from plaza.videos.models.channels import Channel


class Privacy(models.TextChoices):
    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"
    PASSWORD = "password"  # of videos alone


WITHOUT_PASSWORD = [one for one in Privacy.choices if one[0] != Privacy.PASSWORD]
"""Of lists, and of a video that is new."""


class Category(models.TextChoices):
    OTHER = "other"
    COMEDY = "comedy"
    EDUCATION = "education"
    FILM = "film"
    FOOD = "food"
    GAMES = "games"
    MUSIC = "music"
    NEWS = "news"
    SCIENCE = "science"
    SPORTS = "sports"
    TRAVEL = "travel"


class Licence(models.TextChoices):
    STANDARD = "standard"
    CREATIVE_COMMONS = "cc-by"
    PUBLIC_DOMAIN = "public-domain"


class Comments(models.TextChoices):
    """What becomes of a comment that somebody writes."""

    OPEN = "open", "shown at once"
    APPROVED = "approved", "shown when the channel's owner approves it"
    CLOSED = "closed", "refused"


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
    captions = models.JSONField(null=True, blank=True)  # see captioning
    chapters = models.JSONField(null=True, blank=True)  # [{"start": seconds, "title": text}, …], in their order
    created_at = models.DateTimeField(default=now)
    published_at = models.DateTimeField(null=True, blank=True)
    publish_at = models.DateTimeField(null=True, blank=True, db_index=True)  # it waits until then; NULL: for nothing
    processed_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=200, blank=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    category = models.CharField(max_length=20, choices=Category.choices, default=Category.OTHER)
    licence = models.CharField(max_length=20, choices=Licence.choices, default=Licence.STANDARD)
    language = models.CharField(max_length=12, blank=True)
    comments_are = models.CharField(max_length=10, choices=Comments.choices, default=Comments.OPEN)
    version = models.PositiveIntegerField(default=1)
    password = models.CharField(max_length=128, null=True, blank=True)  # its hash, where it ever had one

    class Meta:
        indexes = [
            models.Index(fields=["channel", "-published_at"], name="videos_video_by_channel"),
            # Each is read in its order to the end of a page, whatever else there is.
            models.Index(
                fields=["channel", "state", "privacy", "-published_at", "-id"], name="videos_video_of_channel"
            ),
            models.Index(fields=["state", "privacy", "-published_at", "-id"], name="videos_video_newest"),
            models.Index(fields=["category", "state", "privacy", "-published_at", "-id"], name="videos_video_category"),
        ]

    def __str__(self) -> str:
        return self.title


class VideoStats(models.Model):
    video = models.OneToOneField(Video, on_delete=models.CASCADE, primary_key=True, related_name="stats")
    views = models.BigIntegerField(default=0)
    likes = models.BigIntegerField(default=0)
    dislikes = models.BigIntegerField(default=0)
    comments = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "video stats"

    def __str__(self) -> str:
        return f"of video {self.video_id}"
