from django.contrib import admin

from plaza.administration import PlazaAdmin
from plaza.bookings import models


@admin.register(models.Restaurant)
class RestaurantAdmin(PlazaAdmin):
    list_display = ["name", "slug", "owner", "timezone", "deposit", "rating"]
    list_filter = ["approves_by_hand", "timezone"]
    search_fields = ["name", "slug"]


@admin.register(models.Table)
class TableAdmin(PlazaAdmin):
    list_display = ["label", "restaurant", "seats", "is_joinable"]


@admin.register(models.OpeningHours)
class OpeningHoursAdmin(PlazaAdmin):
    list_display = ["restaurant", "weekday", "opens_at", "closes_at", "valid_from", "valid_until"]
    list_filter = ["weekday"]


@admin.register(models.Booking)
class BookingAdmin(PlazaAdmin):
    list_display = ["guest_name", "table", "party_size", "starts_at", "ends_at", "state", "price"]
    list_filter = ["state"]
    search_fields = ["guest_name"]


@admin.register(models.WaitlistEntry)
class WaitlistEntryAdmin(PlazaAdmin):
    list_display = ["id", "restaurant", "guest", "party_size", "wanted_on", "priority", "state"]
    list_filter = ["state"]
