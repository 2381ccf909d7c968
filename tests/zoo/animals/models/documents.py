"""UUIDs, bytes and JSON."""

from __future__ import annotations

import uuid

from django.db import models


class Uuids(models.Model):
    """UUIDs of every version, nil and max."""

    value = models.UUIDField(null=True)
    unique = models.UUIDField(unique=True, default=uuid.uuid4)


class Blobs(models.Model):
    """Bytes: every value, none, and a megabyte."""

    data = models.BinaryField(null=True)
    short = models.BinaryField(max_length=16, null=True)


class Documents(models.Model):
    """One JSON document per row; JSON null is not SQL NULL."""

    body = models.JSONField(null=True)


class StrictDocuments(models.Model):
    """A JSON column that is not null and has a default."""

    body = models.JSONField(default=dict)
