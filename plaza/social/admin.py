from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from plaza.administration import OwnedAdmin, PlazaAdmin
from plaza.social import models, removing


class SocialAdmin(OwnedAdmin):
    def remove(self, obj: Any) -> None:
        removing.remove(obj)


@admin.register(models.Follow)
class FollowAdmin(SocialAdmin):
    list_display = ["id", "follower", "followed", "created_at"]


@admin.register(models.Location)
class LocationAdmin(PlazaAdmin):
    list_display = ["name", "provider", "external_id", "latitude", "longitude"]
    list_filter = ["provider"]
    search_fields = ["name", "external_id"]


@admin.register(models.Tag)
class TagAdmin(PlazaAdmin):
    list_display = ["name"]
    search_fields = ["name"]


@admin.register(models.Post)
class PostAdmin(SocialAdmin):
    list_display = ["id", "author", "location", "is_archived", "comments_open", "created_at"]
    list_filter = ["is_archived", "comments_open"]
    search_fields = ["=id"]
    search_user = "author"


@admin.register(models.Image)
class ImageAdmin(SocialAdmin):
    list_display = ["id", "file", "post", "position", "width", "height"]


@admin.register(models.Movie)
class MovieAdmin(SocialAdmin):
    list_display = ["id", "file", "post", "position", "duration"]


@admin.register(models.Comment)
class CommentAdmin(SocialAdmin):
    list_display = ["id", "post", "author", "parent", "is_removed", "created_at"]
    list_filter = ["is_removed"]
    search_fields = ["=id"]
    search_user = "author"


@admin.register(models.Liking)
class LikingAdmin(SocialAdmin):
    list_display = ["id", "post", "user", "created_at"]


@admin.register(models.Story)
class StoryAdmin(SocialAdmin):
    list_display = ["id", "author", "created_at", "expires_at"]


@admin.register(models.ViewingStory)
class ViewingStoryAdmin(PlazaAdmin):
    list_display = ["id", "story", "viewer", "liked", "viewed_at"]
    list_filter = ["liked"]


@admin.register(models.Person)
class PersonAdmin(PlazaAdmin):
    """What accounts told; it is changed there."""

    list_display = ["nickname", "name", "status", "is_private", "told_at"]
    list_filter = ["status", "is_private"]
    search_fields = ["=nickname"]


@admin.register(models.ProfileStats)
class ProfileStatsAdmin(PlazaAdmin):
    list_display = ["user", "posts", "followers", "following"]


@admin.register(models.FollowRequest)
class FollowRequestAdmin(PlazaAdmin):
    list_display = ["id", "sender", "target", "created_at"]


@admin.register(models.Block)
class BlockAdmin(SocialAdmin):
    """A block ends more than its row says, and is told of: users begin one, and here it can be lifted."""

    list_display = ["id", "blocker", "blocked", "created_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(models.PostStats)
class PostStatsAdmin(PlazaAdmin):
    list_display = ["post", "likes", "comments"]


@admin.register(models.Upload)
class UploadAdmin(SocialAdmin):
    list_display = ["public_id", "owner", "kind", "state", "media", "created_at"]
    list_filter = ["kind", "state"]
    search_fields = ["=public_id"]


@admin.register(models.Notification)
class NotificationAdmin(PlazaAdmin):
    list_display = ["id", "user", "kind", "actor", "amount", "subject", "updated_at"]
    list_filter = ["kind"]


@admin.register(models.Withdrawn)
class WithdrawnAdmin(PlazaAdmin):
    list_display = ["subject", "version", "is_lifted", "changed_at"]
    list_filter = ["is_lifted"]


@admin.register(models.Marker)
class MarkerAdmin(PlazaAdmin):
    list_display = ["user", "read_until", "version"]


@admin.register(models.SocialRequest)
class SocialRequestAdmin(PlazaAdmin):
    list_display = ["key", "user_id", "status", "created_at"]
    search_fields = ["=key"]


@admin.register(models.SocialMessage)
class SocialMessageAdmin(PlazaAdmin):
    list_display = ["topic", "consumer", "created_at", "due_at", "attempts", "error"]
    list_filter = ["topic", "consumer"]
