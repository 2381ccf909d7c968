"""Two models of one app, which lie in different databases, and migrations that do not care."""

from __future__ import annotations

from django.db import models


class Here(models.Model):
    name = models.CharField(max_length=40)


class There(models.Model):
    name = models.CharField(max_length=40)
