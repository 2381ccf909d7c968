"""Follow, Post and what hangs on a post; Story and who saw it.

One table holds follows in both directions, a location has many posts, and comments are
two levels deep: a reply's parent is a comment that has no parent.
"""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now

from plaza.compat import check

USER = settings.AUTH_USER_MODEL


class Follow(models.Model):
    follower = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="following")
    followed = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="followers")
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["follower", "followed"], name="social_follow_once"),
            check(~Q(follower=F("followed")), name="social_follow_not_self"),
        ]

    def __str__(self) -> str:
        return f"{self.follower_id} follows {self.followed_id}"


class Location(models.Model):
    provider = models.CharField(max_length=20)
    external_id = models.CharField(max_length=64)
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
        indexes = [models.Index(fields=["author", "-created_at"], name="social_post_by_author")]

    def __str__(self) -> str:
        return f"post {self.pk}"


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


class Comment(models.Model):
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="comments")
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="replies")
    body = models.TextField()
    is_removed = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["post", "created_at"], name="social_comment_thread")]

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

    def __str__(self) -> str:
        return f"{self.user_id} likes {self.post_id}"


class Story(models.Model):
    author = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="stories")
    file = models.FileField(upload_to="stories/")
    caption = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "stories"
        constraints = [
            check(Q(expires_at__gt=F("created_at")), name="social_story_expires_later"),
        ]

    def __str__(self) -> str:
        return f"story {self.pk}"


class ViewingStory(models.Model):
    story = models.ForeignKey(Story, on_delete=models.CASCADE, related_name="viewings")
    viewer = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="viewings")
    liked = models.BooleanField(default=False)
    viewed_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name_plural = "viewings of stories"
        constraints = [
            models.UniqueConstraint(fields=["story", "viewer"], name="social_viewing_once"),
        ]

    def __str__(self) -> str:
        return f"{self.viewer_id} saw {self.story_id}"
