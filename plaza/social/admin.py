from django.contrib import admin

from plaza.administration import PlazaAdmin
from plaza.social import models


@admin.register(models.Follow)
class FollowAdmin(PlazaAdmin):
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
class PostAdmin(PlazaAdmin):
    list_display = ["id", "author", "location", "is_archived", "comments_open", "created_at"]
    list_filter = ["is_archived", "comments_open"]
    search_fields = ["=id"]
    search_user = "author"


@admin.register(models.Image)
class ImageAdmin(PlazaAdmin):
    list_display = ["id", "file", "post", "position", "width", "height"]


@admin.register(models.Movie)
class MovieAdmin(PlazaAdmin):
    list_display = ["id", "file", "post", "position", "duration"]


@admin.register(models.Comment)
class CommentAdmin(PlazaAdmin):
    list_display = ["id", "post", "author", "parent", "is_removed", "created_at"]
    list_filter = ["is_removed"]
    search_fields = ["=id"]
    search_user = "author"


@admin.register(models.Liking)
class LikingAdmin(PlazaAdmin):
    list_display = ["id", "post", "user", "created_at"]


@admin.register(models.Story)
class StoryAdmin(PlazaAdmin):
    list_display = ["id", "author", "created_at", "expires_at"]


@admin.register(models.ViewingStory)
class ViewingStoryAdmin(PlazaAdmin):
    list_display = ["id", "story", "viewer", "liked", "viewed_at"]
    list_filter = ["liked"]
