"""Uploads that can be resumed by another process: their state is rows, their bytes are objects of the storage."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.timezone import now

from plaza.videos.models.movies import Video

USER = settings.AUTH_USER_MODEL


class Quota(models.Model):
    """How many bytes a user has, and how many he may have; what an open upload will need is reserved."""

    user = models.OneToOneField(USER, on_delete=models.CASCADE, primary_key=True, related_name="+")
    limit = models.PositiveBigIntegerField(null=True, blank=True, help_text="bytes; empty: VIDEO_QUOTA of the settings")
    used = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"of {self.user_id}"


class Upload(models.Model):
    """One file on its way; once all of it is here, the work to be done on it."""

    class State(models.TextChoices):
        OPEN = "open"
        RECEIVED = "received"
        DONE = "done"

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    extension = models.CharField(max_length=10, blank=True)  # of what the first bytes are
    size = models.PositiveBigIntegerField()
    received = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)  # by their weight: see plaza.videos.processing
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["state", "expires_at"], name="videos_upload_work")]

    def __str__(self) -> str:
        return self.name


class UploadChunk(models.Model):
    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="chunks")
    start = models.PositiveBigIntegerField()
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "start"], name="videos_uploadchunk_once")]

    def __str__(self) -> str:
        return f"{self.upload_id} from {self.start}"
