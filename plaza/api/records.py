"""Tables of which every app has one of its own, in its own database; they need Django alone."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.timezone import now

LONGEST = 255


class KnownRequest(models.Model):
    """A POST that was carried out, and its answer; each app has a table of its own of these."""

    user_id = models.BigIntegerField()  # 0 for nobody
    key = models.CharField(max_length=LONGEST)  # SHA-256 of what was sent
    request = models.CharField(max_length=64)  # HMAC of method, path and body
    status = models.PositiveSmallIntegerField(default=0)
    answer = models.TextField()  # body and headers, as JSON: a database's own would put its keys into another order
    created_at = models.DateTimeField(default=now, db_index=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.key


class OutboxMessage(models.Model):
    """What one consumer has to be told, written in the transaction of what it tells of (see plaza.api.outbox)."""

    topic = models.CharField(max_length=60)
    consumer = models.CharField(max_length=30)
    payload = models.JSONField()
    created_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField(default=now, db_index=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.topic} for {self.consumer}"


class Person(models.Model):
    """Who a user is, as an app's database was told by accounts: enough to show a page without asking them."""

    class Status(models.TextChoices):
        VALID = "valid"
        SUSPENDED = "suspended"
        DELETED = "deleted"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    public_id = models.UUIDField(unique=True)
    nickname = models.CharField(max_length=40, db_index=True)  # not unique: a name's new owner may be told of first
    name = models.CharField(max_length=80)
    image = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.VALID)
    is_private = models.BooleanField(default=False)
    told_at = models.DateTimeField(null=True, blank=True)  # the version that was told; NULL: made from a token

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.nickname
