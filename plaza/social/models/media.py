"""Files of posts and stories: a row first, then the bytes, then what is shown of them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.timezone import now

from plaza.social.models.posts import Post

USER = settings.AUTH_USER_MODEL


class Media(models.Model):
    """A file that its owner uploads first and a post claims later: until then it has no post."""

    owner = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size_bytes = models.BigIntegerField()
    created_at = models.DateTimeField(default=now)

    class Meta:
        abstract = True


class Image(Media):
    post = models.ForeignKey(Post, on_delete=models.CASCADE, null=True, blank=True, related_name="images")
    file = models.FileField(upload_to="images/")
    alt_text = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "position"], name="social_image_position"),
        ]

    def __str__(self) -> str:
        return str(self.file)


class Movie(Media):
    post = models.ForeignKey(Post, on_delete=models.CASCADE, null=True, blank=True, related_name="movies")
    file = models.FileField(upload_to="movies/")
    duration = models.DurationField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "position"], name="social_movie_position"),
        ]

    def __str__(self) -> str:
        return str(self.file)


class Upload(models.Model):
    """How a file comes: waiting for its bytes, received, processing, then ready as an Image or Movie, or failed."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RECEIVED = "received"
        PROCESSING = "processing"
        READY = "ready"
        FAILED = "failed"

    class Kind(models.TextChoices):
        IMAGE = "image"
        MOVIE = "movie"

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    size_bytes = models.BigIntegerField()  # as its owner said
    sha256 = models.CharField(max_length=64, blank=True)  # likewise
    alt_text = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    raw = models.CharField(max_length=100, blank=True)  # the file as it came; known here before it is written
    kept = models.CharField(max_length=100, blank=True)  # the file as it is shown; likewise
    media = models.CharField(max_length=30, blank=True)  # image-1, movie-1
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=now, db_index=True)
    changed_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"
