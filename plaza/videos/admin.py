from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import router, transaction
from django.http import HttpRequest

from plaza.administration import OwnedAdmin, PlazaAdmin
from plaza.videos import commenting, models, rating, removing, subscribing, telling


@admin.register(models.Channel)
class ChannelAdmin(OwnedAdmin):
    list_display = ["handle", "title", "owner", "is_verified", "created_at"]
    list_filter = ["is_verified"]
    search_fields = ["handle", "title"]

    def remove(self, obj: models.Channel) -> None:
        removing.delete_channel(obj.pk)


@admin.register(models.Video)
class VideoAdmin(OwnedAdmin):
    list_display = ["title", "channel", "state", "privacy", "duration", "price", "published_at"]
    list_filter = ["state", "privacy"]
    search_fields = ["title"]
    readonly_fields = ["captions", "chapters"]  # checked where they are put
    exclude = ["password"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with transaction.atomic(using=router.db_for_write(models.Video)):
            was = models.Video.objects.select_for_update().filter(pk=obj.pk).first()
            obj.version += change
            if was:  # the page was read a while ago
                obj.captions, obj.chapters, obj.password = was.captions, was.chapters, was.password
            super().save_model(request, obj, form, change)
            telling.changed(obj, was.state if was else "", was.privacy if was else "")

    def remove(self, obj: models.Video) -> None:
        removing.delete_video(obj.pk)


@admin.register(models.Comment)
class CommentAdmin(OwnedAdmin):
    list_display = ["id", "video", "author", "parent", "is_approved", "created_at"]
    list_filter = ["is_approved"]

    def remove(self, obj: models.Comment) -> None:
        commenting.remove(obj.pk, obj.parent_id or obj.pk)


@admin.register(models.Reaction)
class ReactionAdmin(OwnedAdmin):
    list_display = ["id", "video", "user", "value", "changed_at"]
    list_filter = ["value"]

    def remove(self, obj: models.Reaction) -> None:
        with transaction.atomic(using=router.db_for_write(models.Reaction)):
            rating.rate(obj.user_id, obj.video_id, None)


@admin.register(models.Subscription)
class SubscriptionAdmin(OwnedAdmin):
    list_display = ["id", "channel", "user", "notify", "created_at"]

    def remove(self, obj: models.Subscription) -> None:
        subscribing.unsubscribe(obj.user_id, obj.channel_id)


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


@admin.register(models.Viewing)
class ViewingAdmin(PlazaAdmin):
    list_display = ["id", "video", "session_id", "started_at", "seen_at", "is_counted"]
    list_filter = ["is_counted"]


@admin.register(models.Watcher)
class WatcherAdmin(PlazaAdmin):
    list_display = ["user", "is_paused", "cleared_at"]
    list_filter = ["is_paused"]


@admin.register(models.ChannelStats)
class ChannelStatsAdmin(PlazaAdmin):
    list_display = ["channel", "subscribers", "videos", "newest_at"]


@admin.register(models.VideoStats)
class VideoStatsAdmin(PlazaAdmin):
    list_display = ["video", "views", "likes", "dislikes", "comments"]


@admin.register(models.Quota)
class QuotaAdmin(PlazaAdmin):
    list_display = ["user", "limit", "used", "reserved"]


@admin.register(models.Upload)
class UploadAdmin(PlazaAdmin):
    list_display = ["public_id", "name", "user", "video", "state", "received", "size", "attempts", "expires_at"]
    list_filter = ["state"]


@admin.register(models.UploadChunk)
class UploadChunkAdmin(PlazaAdmin):
    list_display = ["id", "upload", "start", "size"]


@admin.register(models.Person)
class PersonAdmin(PlazaAdmin):
    list_display = ["nickname", "name", "user", "status", "is_private", "told_at"]
    list_filter = ["status"]
    search_fields = ["nickname", "name"]


@admin.register(models.Blocked)
class BlockedAdmin(PlazaAdmin):
    list_display = ["id", "blocker", "blocked", "created_at"]


@admin.register(models.VideosRequest)
class VideosRequestAdmin(PlazaAdmin):
    list_display = ["key", "user_id", "status", "created_at"]


@admin.register(models.VideosMessage)
class VideosMessageAdmin(PlazaAdmin):
    list_display = ["topic", "consumer", "due_at", "attempts", "error"]
    list_filter = ["topic", "consumer"]
