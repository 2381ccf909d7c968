"""Restaurant, its tables and hours, and who sits where and when."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now

from plaza.compat import check

USER = settings.AUTH_USER_MODEL


class Restaurant(models.Model):
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="restaurants")
    location = models.ForeignKey(
        "social.Location",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="restaurants",
    )
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=80, unique=True)
    about = models.TextField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    website = models.URLField(blank=True)
    timezone = models.CharField(max_length=50, default="UTC")
    cuisines = models.JSONField(default=list, blank=True)
    min_party = models.PositiveSmallIntegerField(default=1)
    max_party = models.PositiveSmallIntegerField(default=12)
    turn_time = models.DurationField(default=timedelta(minutes=90))
    approves_by_hand = models.BooleanField(default=False)
    deposit = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    rating = models.FloatField(null=True, blank=True)
    opened_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            check(Q(max_party__gte=F("min_party")), name="bookings_restaurant_party"),
        ]

    def __str__(self) -> str:
        return self.name


class Table(models.Model):
    restaurant = models.ForeignKey(Restaurant, on_delete=models.CASCADE, related_name="tables")
    label = models.CharField(max_length=20)
    seats = models.PositiveSmallIntegerField()
    is_joinable = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["restaurant", "label"], name="bookings_table_label"),
            check(Q(seats__gte=1), name="bookings_table_seats"),
        ]

    def __str__(self) -> str:
        return self.label


class OpeningHours(models.Model):
    """In the restaurant's own time zone; closing before opening means after midnight."""

    restaurant = models.ForeignKey(Restaurant, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField()
    opens_at = models.TimeField()
    closes_at = models.TimeField()
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "opening hours"
        constraints = [
            check(Q(weekday__gte=0, weekday__lte=6), name="bookings_openinghours_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday}: {self.opens_at}-{self.closes_at}"


class Booking(models.Model):
    """Half-open [starts_at, ends_at) at one table.

    `is_live` is True while the booking holds its table and NULL once it does not. NULLs never
    collide, so the unique key frees the slot on every engine, without a partial index.
    """

    class State(models.TextChoices):
        HELD = "held"
        REQUESTED = "requested"
        RESERVED = "reserved"
        SEATED = "seated"
        FINISHED = "finished"
        CANCELLED = "cancelled"
        NO_SHOW = "no_show"

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="bookings")
    guest = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, blank=True, related_name="bookings")
    guest_name = models.CharField(max_length=80)
    party_size = models.PositiveSmallIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.HELD)
    is_live = models.BooleanField(null=True, blank=True, default=True)
    held_until = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    price = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    note = models.TextField(blank=True)
    requested_from = models.GenericIPAddressField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["table", "starts_at", "is_live"], name="bookings_booking_one_live"),
            check(Q(ends_at__gt=F("starts_at")), name="bookings_booking_ends_later"),
            check(Q(is_live=True) | Q(is_live__isnull=True), name="bookings_booking_live"),
        ]

    def __str__(self) -> str:
        return f"{self.guest_name}, {self.party_size}"


class WaitlistEntry(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting"
        OFFERED = "offered"
        ACCEPTED = "accepted"
        LEFT = "left"

    restaurant = models.ForeignKey(Restaurant, on_delete=models.CASCADE, related_name="waitlist")
    guest = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="waiting")
    booking = models.OneToOneField(
        Booking, on_delete=models.SET_NULL, null=True, blank=True, related_name="from_waitlist"
    )
    voucher = models.UUIDField(null=True, blank=True, unique=True)
    party_size = models.PositiveSmallIntegerField()
    wanted_on = models.DateField()
    earliest = models.TimeField(null=True, blank=True)
    latest = models.TimeField(null=True, blank=True)
    priority = models.SmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name_plural = "waitlist entries"
        indexes = [
            models.Index(fields=["restaurant", "wanted_on", "-priority"], name="bookings_waitlist_order"),
        ]

    def __str__(self) -> str:
        return f"{self.guest_id} waits for {self.wanted_on}"
