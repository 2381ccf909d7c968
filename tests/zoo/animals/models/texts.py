"""Text of every kind, and the fields that are text in the database."""

from __future__ import annotations

import tempfile

from django.db import models


def upload_folder(instance, filename: str) -> str:
    return f"animals/{filename}"


class Texts(models.Model):
    """One awkward text per row, in a text and in a varchar column."""

    text = models.TextField(null=True)
    char = models.CharField(max_length=200, null=True)


class LongTexts(models.Model):
    """Texts of a megabyte, of escapes only, and of one long line."""

    body = models.TextField()


class BoundedTexts(models.Model):
    """Varchars filled to the last character with characters of 1, 3 and 4 bytes."""

    one = models.CharField(max_length=1)
    fifty = models.CharField(max_length=50)
    most = models.CharField(max_length=255, db_index=True)
    indexed = models.CharField(max_length=100, unique=True, null=True)


class TextLike(models.Model):
    """Fields that are varchars with a name."""

    email = models.EmailField(blank=True)
    url = models.URLField(max_length=500, blank=True)
    slug = models.SlugField(allow_unicode=True, blank=True)
    file_path = models.FilePathField(path=tempfile.gettempdir, blank=True)
    file = models.FileField(upload_to=upload_folder, blank=True, max_length=150)


class Addresses(models.Model):
    """IP addresses: inet on PostgreSQL, inet6 or char(39) elsewhere."""

    any = models.GenericIPAddressField(null=True)
    v4 = models.GenericIPAddressField(protocol="IPv4", null=True)
    v6 = models.GenericIPAddressField(protocol="IPv6", null=True, db_index=True)
    unpacked = models.GenericIPAddressField(unpack_ipv4=True, null=True)
