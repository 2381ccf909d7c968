"""Restaurants, tables, bookings and waiting lists."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from plaza.administration import PlazaAdmin
from plaza.bookings import models, overlaps


@admin.register(models.Person)
class PersonAdmin(PlazaAdmin):
    list_display = ["nickname", "name", "status", "told_at"]
    list_filter = ["status"]
    search_fields = ["nickname"]


@admin.register(models.Restaurant)
class RestaurantAdmin(PlazaAdmin):
    list_display = ["name", "slug", "owner", "timezone", "deposit", "rating", "closed_at"]
    list_filter = ["approves_by_hand", "timezone"]
    search_fields = ["name", "slug"]


@admin.register(models.RestaurantStats)
class RestaurantStatsAdmin(PlazaAdmin):
    list_display = ["restaurant", "reviews", "stars"]


@admin.register(models.Table)
class TableAdmin(PlazaAdmin):
    list_display = ["label", "restaurant", "seats", "is_joinable", "is_active"]


@admin.register(models.OpeningHours)
class OpeningHoursAdmin(PlazaAdmin):
    list_display = ["restaurant", "weekday", "opens_at", "closes_at", "valid_from", "valid_until"]
    list_filter = ["weekday"]


@admin.register(models.SpecialHours)
class SpecialHoursAdmin(PlazaAdmin):
    list_display = ["restaurant", "day", "opens_at", "closes_at"]


@admin.register(models.Block)
class BlockAdmin(PlazaAdmin):
    list_display = ["restaurant", "table", "starts_at", "ends_at", "reason"]


@admin.register(models.Booking)
class BookingAdmin(PlazaAdmin):
    list_display = ["guest_name", "table", "party_size", "starts_at", "ends_at", "state", "price"]
    list_filter = ["state"]
    search_fields = ["guest_name"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        overlaps.place(obj)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Also the admin books no table twice."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except overlaps.Taken:
            self.message_user(request, "Another booking has this table at this time.", messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


@admin.register(models.Bucket)
class BucketAdmin(PlazaAdmin):
    list_display = ["restaurant", "starts_at", "parties", "seats"]


@admin.register(models.WaitlistEntry)
class WaitlistEntryAdmin(PlazaAdmin):
    list_display = ["id", "restaurant", "guest", "party_size", "wanted_on", "priority", "state"]
    list_filter = ["state"]


@admin.register(models.Review)
class ReviewAdmin(PlazaAdmin):
    list_display = ["restaurant", "author", "stars", "created_at"]
    list_filter = ["stars"]


@admin.register(models.BookingsRequest)
class BookingsRequestAdmin(PlazaAdmin):
    list_display = ["user_id", "key", "status", "created_at"]


@admin.register(models.BookingsMessage)
class BookingsMessageAdmin(PlazaAdmin):
    list_display = ["topic", "consumer", "due_at", "attempts", "error"]
    list_filter = ["topic", "consumer"]
