"""A blog whose authors and readers are users."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Article(models.Model):
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="articles")
    editors = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="edited")
    title = models.CharField(max_length=120)

    def __str__(self) -> str:
        return self.title


class Comment(models.Model):
    article = models.ForeignKey(Article, models.CASCADE, related_name="comments")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    text = models.TextField()

    def __str__(self) -> str:
        return self.text[:40]
