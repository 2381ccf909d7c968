from django.contrib import admin

from plaza.administration import PlazaAdmin
from plaza.videos import models


@admin.register(models.Channel)
class ChannelAdmin(PlazaAdmin):
    list_display = ["handle", "title", "owner", "is_verified", "created_at"]
    list_filter = ["is_verified"]
    search_fields = ["handle", "title"]


@admin.register(models.Video)
class VideoAdmin(PlazaAdmin):
    list_display = ["title", "channel", "state", "privacy", "duration", "price", "published_at"]
    list_filter = ["state", "privacy"]
    search_fields = ["title"]


@admin.register(models.Comment)
class CommentAdmin(PlazaAdmin):
    list_display = ["id", "video", "author", "parent", "is_approved", "created_at"]
    list_filter = ["is_approved"]


@admin.register(models.Reaction)
class ReactionAdmin(PlazaAdmin):
    list_display = ["id", "video", "user", "value", "changed_at"]
    list_filter = ["value"]


@admin.register(models.Subscription)
class SubscriptionAdmin(PlazaAdmin):
    list_display = ["id", "channel", "user", "notify", "created_at"]


@admin.register(models.Playlist)
class PlaylistAdmin(PlazaAdmin):
    list_display = ["title", "owner", "kind", "privacy", "created_at"]
    list_filter = ["kind", "privacy"]
    search_fields = ["title"]


@admin.register(models.PlaylistItem)
class PlaylistItemAdmin(PlazaAdmin):
    list_display = ["id", "playlist", "video", "position", "starts", "stops"]


@admin.register(models.WatchHistory)
class WatchHistoryAdmin(PlazaAdmin):
    list_display = ["id", "user", "video", "position", "fraction", "is_counted", "watched_at"]
    list_filter = ["is_counted"]
