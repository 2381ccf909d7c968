"""Restaurant, its tables and hours, and who sits where and when."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now

from plaza.api.records import KnownRequest, OutboxMessage
from plaza.api.records import Person as AnyPerson
from plaza.compat import check

USER = settings.AUTH_USER_MODEL


class Person(AnyPerson):
    """Owners, guests, and whoever else has an account."""


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
    turn_times = models.JSONField(default=list, blank=True)  # [[2, 75], [4, 90]]: minutes for parties of up to so many
    approves_by_hand = models.BooleanField(default=False)
    max_parties = models.PositiveSmallIntegerField(null=True, blank=True)  # that begin in a quarter of an hour
    max_seats = models.PositiveSmallIntegerField(null=True, blank=True)  # the same of their guests
    cancel_before = models.DurationField(default=timedelta(hours=2))
    books_ahead = models.PositiveSmallIntegerField(default=90)  # days
    deposit = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    rating = models.FloatField(null=True, blank=True)
    opened_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)  # for good: nobody finds it any more
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [
            models.Index(fields=["-created_at"], name="bookings_restaurant_newest"),
        ]
        constraints = [
            check(Q(max_party__gte=F("min_party")), name="bookings_restaurant_party"),
        ]

    def __str__(self) -> str:
        return self.name


class RestaurantStats(models.Model):
    """Of its reviews: their number and the sum of their stars."""

    restaurant = models.OneToOneField(Restaurant, on_delete=models.CASCADE, related_name="stats")
    reviews = models.PositiveIntegerField(default=0)
    stars = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "restaurant stats"

    def __str__(self) -> str:
        return f"{self.restaurant_id}: {self.reviews}"


class Table(models.Model):
    restaurant = models.ForeignKey(Restaurant, on_delete=models.CASCADE, related_name="tables")
    label = models.CharField(max_length=20)
    seats = models.PositiveSmallIntegerField()
    is_joinable = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

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


class SpecialHours(models.Model):
    """On this day instead of those of its weekday; without times the restaurant is closed."""

    restaurant = models.ForeignKey(Restaurant, on_delete=models.CASCADE, related_name="special_hours")
    day = models.DateField()
    opens_at = models.TimeField(null=True, blank=True)
    closes_at = models.TimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "special hours"
        indexes = [models.Index(fields=["restaurant", "day"], name="bookings_specialhours_day")]
        constraints = [
            check(
                Q(opens_at__isnull=True, closes_at__isnull=True) | Q(opens_at__isnull=False, closes_at__isnull=False),
                name="bookings_specialhours_both",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.opens_at}-{self.closes_at}"


class Block(models.Model):
    """A time for which the restaurant, or one table of it, takes no bookings; those that it has stay."""

    restaurant = models.ForeignKey(Restaurant, on_delete=models.CASCADE, related_name="blocks")
    table = models.ForeignKey(Table, on_delete=models.CASCADE, null=True, blank=True, related_name="blocks")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["restaurant", "starts_at"], name="bookings_block_from")]
        constraints = [
            check(Q(ends_at__gt=F("starts_at")), name="bookings_block_ends_later"),
        ]

    def __str__(self) -> str:
        return f"{self.restaurant_id}: {self.starts_at:%Y-%m-%d %H:%M}"


class Booking(models.Model):
    """Half-open [starts_at, ends_at) at one table.

    `is_live` is True while the booking holds its table and NULL once it does not. NULLs never
    collide, so the unique key frees the slot on every engine, without a partial index; that no two
    live ones overlap is seen to by plaza.bookings.overlaps.
    """

    class State(models.TextChoices):
        HELD = "held"
        REQUESTED = "requested"
        RESERVED = "reserved"
        SEATED = "seated"
        FINISHED = "finished"
        CANCELLED = "cancelled"
        NO_SHOW = "no_show"
        DECLINED = "declined"
        EXPIRED = "expired"

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
        indexes = [models.Index(fields=["guest", "-starts_at"], name="bookings_booking_by_guest")]
        constraints = [
            models.UniqueConstraint(fields=["table", "starts_at", "is_live"], name="bookings_booking_one_live"),
            check(Q(ends_at__gt=F("starts_at")), name="bookings_booking_ends_later"),
            check(Q(is_live=True) | Q(is_live__isnull=True), name="bookings_booking_live"),
        ]

    def __str__(self) -> str:
        return f"{self.guest_name}, {self.party_size}"


class Bucket(models.Model):
    """How many live bookings begin in a quarter of an hour, and with how many guests: what pacing limits."""

    restaurant = models.ForeignKey(Restaurant, on_delete=models.CASCADE, related_name="buckets")
    starts_at = models.DateTimeField()
    parties = models.PositiveIntegerField(default=0)
    seats = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["restaurant", "starts_at"], name="bookings_bucket_once"),
        ]

    def __str__(self) -> str:
        return f"{self.restaurant_id} {self.starts_at:%Y-%m-%d %H:%M}: {self.parties}"


class WaitlistEntry(models.Model):
    """Who would come on a day that is full. An offer is a booking that is held for it until `offered_until`."""

    class State(models.TextChoices):
        WAITING = "waiting"
        OFFERED = "offered"
        ACCEPTED = "accepted"
        LEFT = "left"
        EXPIRED = "expired"

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
    offered_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name_plural = "waitlist entries"
        indexes = [
            models.Index(fields=["restaurant", "wanted_on", "-priority"], name="bookings_waitlist_order"),
        ]

    def __str__(self) -> str:
        return f"{self.guest_id} waits for {self.wanted_on}"


class Review(models.Model):
    """What a guest says of a visit, once."""

    booking = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="review")
    restaurant = models.ForeignKey(Restaurant, on_delete=models.CASCADE, related_name="reviews")
    author = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="restaurant_reviews")
    stars = models.PositiveSmallIntegerField()
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["restaurant", "-created_at"], name="bookings_review_newest")]
        constraints = [
            check(Q(stars__gte=1, stars__lte=5), name="bookings_review_stars"),
        ]

    def __str__(self) -> str:
        return f"{self.stars} for {self.restaurant_id}"


class BookingsRequest(KnownRequest):
    """What was posted to restaurants and bookings with an Idempotency-Key."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id", "key"], name="bookings_request_once")]


class BookingsMessage(OutboxMessage):
    """What others have yet to learn of bookings, and what bookings has yet to do at a later time."""
