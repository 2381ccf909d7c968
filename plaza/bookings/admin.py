"""Restaurants, tables, bookings and waiting lists."""

from __future__ import annotations

from copy import copy
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db import router, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from plaza.administration import OwnedAdmin, PlazaAdmin
from plaza.bookings import consumers, models, overlaps, pacing, states, telling


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


HOLDS_ITS_TABLE = (
    models.Booking.State.HELD, models.Booking.State.REQUESTED, models.Booking.State.RESERVED,
    models.Booking.State.SEATED,
)  # fmt: skip


class BookingForm(forms.ModelForm):
    """It carries the revision that was read, so that nobody's change is undone by a page that is older."""

    class Meta:
        widgets: ClassVar = {"revision": forms.HiddenInput}

    def clean_revision(self) -> int:
        if self.instance.pk and self.cleaned_data["revision"] != self.instance.revision:
            raise forms.ValidationError("Somebody else changed this booking since: open it again.")
        return int(self.cleaned_data["revision"])


def _count(booking: models.Booking, moved: str) -> None:
    """In or out of its quarter, beyond any limit: who writes here decides."""
    place = models.Restaurant.objects.get(tables=booking.table_id)
    place.max_parties = place.max_seats = None
    pacing.count(place, **{moved: [(booking.starts_at, booking.party_size)]})


def _change(was: models.Booking | None, obj: models.Booking, by: int) -> None:
    """Who has to know of a change: guest and owner, the waiting list where a table gets free, and where it was an offer
    whom it was offered to. ``was``: None where it is new."""
    place = models.Restaurant.objects.get(tables=obj.table_id)
    if was is None:
        return telling.changed(obj, place, by=by)
    if was.is_live and _where(was) != _where(obj):
        telling.freed(was.table.restaurant, was.starts_at)
    if was.state == models.Booking.State.HELD != obj.state:
        entry = models.WaitlistEntry.State
        states.settle_offer(obj.pk, entry.ACCEPTED if obj.is_live else entry.LEFT)
    if was.state != obj.state:
        telling.changed(obj, place, by=by, was=was.state)
    elif obj.is_live and (was.starts_at, was.party_size) != (obj.starts_at, obj.party_size):
        telling.changed(obj, place, by=by, event=telling.MOVED, was=was.state)
    return None


def _where(booking: models.Booking) -> tuple[Any, ...]:
    return booking.is_live, booking.table_id, booking.starts_at, booking.ends_at


@admin.register(models.Booking)
class BookingAdmin(PlazaAdmin):
    list_display = ["guest_name", "table", "party_size", "starts_at", "ends_at", "state", "price"]
    list_filter = ["state"]
    search_fields = ["guest_name"]
    readonly_fields = ["is_live"]  # it follows from the state: a reserved booking without its table is booked twice
    form = BookingForm

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with transaction.atomic(using=router.db_for_write(models.Booking)):
            was = models.Booking.objects.select_related("table__restaurant").filter(pk=obj.pk).first()
            obj.is_live = True if obj.state in HOLDS_ITS_TABLE else None
            obj.revision += change
            overlaps.place(obj)
            for one, moved in ((was, "go"), (obj, "come")):
                if one is not None and one.is_live:
                    _count(one, moved)
            _change(was, obj, int(request.user.pk))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic(using=router.db_for_write(models.Booking)):
            if obj.is_live:
                _count(obj, "go")
            if obj.state in states.OPEN and obj.is_live:
                gone = copy(obj)
                gone.state, gone.is_live, gone.revision = models.Booking.State.CANCELLED, None, obj.revision + 1
                _change(obj, gone, int(request.user.pk))
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for one in queryset.select_related("table__restaurant"):
            self.delete_model(request, one)

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
class ReviewAdmin(OwnedAdmin):
    list_display = ["restaurant", "author", "stars", "created_at"]
    list_filter = ["stars"]

    def remove(self, obj: models.Review) -> None:
        consumers.take_back(obj)


@admin.register(models.BookingsRequest)
class BookingsRequestAdmin(PlazaAdmin):
    list_display = ["user_id", "key", "status", "created_at"]


@admin.register(models.BookingsMessage)
class BookingsMessageAdmin(PlazaAdmin):
    list_display = ["topic", "consumer", "due_at", "attempts", "error"]
    list_filter = ["topic", "consumer"]
