"""Post and what hangs on it, and where it was made.

A location has many posts, and comments are two levels deep: a reply's parent is a comment that has no parent.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.timezone import now

USER = settings.AUTH_USER_MODEL


class Exact(models.CharField):
    """A text that is another's only if it is the same, letter by letter: to MySQL and MariaDB A is a, and é is e."""

    def db_parameters(self, connection: Any) -> Any:
        found = super().db_parameters(connection)
        return {**found, "collation": "utf8mb4_bin"} if connection.vendor == "mysql" else found


class Location(models.Model):
    provider = models.CharField(max_length=20)
    external_id = Exact(max_length=64)
    name = models.CharField(max_length=200)
    latitude = models.DecimalField(max_digits=9, decimal_places=6)
    longitude = models.DecimalField(max_digits=9, decimal_places=6)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "external_id"], name="social_location_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    name = models.CharField(max_length=100, unique=True)

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    author = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="posts")
    location = models.ForeignKey(Location, on_delete=models.SET_NULL, null=True, blank=True, related_name="posts")
    body = models.TextField(blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="posts")
    is_archived = models.BooleanField(default=False)
    comments_open = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)
    edited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            # with is_archived the feed's question is answered by the index alone: without, MySQL fetches up to 128 KB
            # of an author's rows to give one (its record buffer; the feed of a million posts cost 1.8 times as much)
            models.Index(fields=["author", "-created_at", "is_archived"], name="social_post_of_author"),
            models.Index(fields=["location", "-created_at"], name="social_post_by_location"),
            models.Index(fields=["-created_at", "-id"], name="social_post_newest"),
        ]

    def __str__(self) -> str:
        return f"post {self.pk}"


class PostStats(models.Model):
    """What is counted of a post; its row is the lock for whatever is written under the post."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="stats")
    likes = models.BigIntegerField(default=0)
    comments = models.BigIntegerField(default=0)  # those that are not removed, replies as well

    class Meta:
        verbose_name_plural = "stats of posts"

    def __str__(self) -> str:
        return f"counters of post {self.pk}"


class Comment(models.Model):
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="comments")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="replies")
    body = models.TextField()
    is_removed = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [
            models.Index(fields=["post", "created_at"], name="social_comment_thread"),
            models.Index(fields=["parent", "created_at"], name="social_comment_replies"),
        ]

    def __str__(self) -> str:
        return f"comment {self.pk}"

    def clean(self) -> None:
        if self.parent and (self.parent.parent_id or self.parent.post_id != self.post_id):
            raise ValidationError(
                "The parent of a reply must be a first-level comment of the same post; reply to that one instead."
            )


class Liking(models.Model):
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="likings")
    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="likings")
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "user"], name="social_liking_once"),
        ]
        indexes = [models.Index(fields=["post", "-created_at"], name="social_likes_of_post")]

    def __str__(self) -> str:
        return f"{self.user_id} likes {self.post_id}"
