"""What is sent to bookings and answered by it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from plaza.api.forms import Someone
from plaza.bookings.hours import zones
from plaza.bookings.models import Booking, WaitlistEntry

EARLIEST, LATEST = 2000, 2100  # years that are understood


@extend_schema_field({"type": "string", "pattern": r"^\d\d:\d\d(:\d\d(\.\d{1,6})?)?$", "example": "18:30"})
class Clock(serializers.TimeField):
    """A time on a wall clock; OpenAPI's "time" is one with an offset, which this has not."""

    def __init__(self, **more: Any) -> None:
        super().__init__(input_formats=["%H:%M", "%H:%M:%S", "%H:%M:%S.%f"], **more)


def within(value: date | datetime) -> None:
    if not EARLIEST <= value.year < LATEST:
        raise serializers.ValidationError(f"Expected a year from {EARLIEST} to {LATEST - 1}.")


def party(**more: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=1000, **more)


class TurnTime(serializers.Serializer):
    up_to = serializers.IntegerField(min_value=1, max_value=1000, help_text="guests")
    minutes = serializers.IntegerField(min_value=15, max_value=1440)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Also a PATCH sends both: a part of a form asks for no field of those that are nested in it."""
        missing = [name for name in self.fields if name not in attrs]
        if missing:
            raise serializers.ValidationError(dict.fromkeys(missing, "This field is required."))
        return attrs


class Hours(serializers.Serializer):
    weekday = serializers.IntegerField(min_value=0, max_value=6, help_text="0 is Monday")
    opens_at = Clock()
    closes_at = Clock(help_text="not after opens_at: on the next day")
    valid_from = serializers.DateField(required=False, allow_null=True, default=None)
    valid_until = serializers.DateField(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        since, until = attrs.get("valid_from"), attrs.get("valid_until")
        if since is not None and until is not None and until < since:
            raise serializers.ValidationError({"valid_until": "Expected a day not before valid_from."})
        return attrs


class Special(serializers.Serializer):
    day = serializers.DateField(validators=[within])
    opens_at = Clock(required=False, allow_null=True, default=None, help_text="none: closed")
    closes_at = Clock(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["opens_at"] is None) != (attrs["closes_at"] is None):
            raise serializers.ValidationError("Send both opens_at and closes_at, or neither for a closed day.")
        return attrs


class AllHours(serializers.Serializer):
    weekly = Hours(many=True, max_length=50)
    special = Special(many=True, required=False, max_length=400)

    def validate_special(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        closed = {one["day"] for one in value if one["opens_at"] is None}
        if both := sorted({one["day"] for one in value if one["opens_at"] is not None} & closed):
            raise serializers.ValidationError(f"{both[0]} is open and closed at once: say one of them.")
        return value


class Located(serializers.Serializer):
    location = serializers.CharField(
        max_length=20, required=False, allow_null=True, help_text="the id of one of social's; null: none"
    )


class RestaurantIn(Located):
    name = serializers.CharField(max_length=120)
    slug = serializers.SlugField(max_length=80, required=False)
    about = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=30, required=False, allow_blank=True)
    website = serializers.URLField(max_length=200, required=False, allow_blank=True)
    timezone = serializers.CharField(max_length=50, required=False, help_text="such as Europe/Berlin")
    cuisines = serializers.ListField(child=serializers.CharField(max_length=40), max_length=20, required=False)
    min_party = party(required=False)
    max_party = party(required=False)
    turn_minutes = serializers.IntegerField(min_value=15, max_value=1440, required=False)
    turn_times = TurnTime(many=True, required=False, max_length=20, help_text="by size, before turn_minutes")
    approves_by_hand = serializers.BooleanField(required=False)
    max_parties = serializers.IntegerField(
        min_value=1, max_value=1000, required=False, allow_null=True, help_text="that begin in a quarter of an hour"
    )
    max_seats = serializers.IntegerField(
        min_value=1, max_value=10_000, required=False, allow_null=True, help_text="of those that begin in one"
    )
    cancel_minutes = serializers.IntegerField(
        min_value=0, max_value=60 * 24 * 30, required=False, help_text="before the beginning a guest may not cancel"
    )
    books_ahead = serializers.IntegerField(min_value=1, max_value=730, required=False, help_text="days")
    deposit = serializers.DecimalField(8, 2, min_value=0, required=False, allow_null=True)

    def validate_timezone(self, value: str) -> str:
        if value not in zones():
            raise serializers.ValidationError("No such time zone: expected a name such as Europe/Berlin.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        now: Any = self.instance
        least = attrs.get("min_party", now.min_party if now else 1)
        most = attrs.get("max_party", now.max_party if now else 12)
        if least > most:
            raise serializers.ValidationError({"max_party": "Expected at least min_party."})
        return attrs


class RestaurantShort(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    slug = serializers.CharField()
    cuisines = serializers.ListField(child=serializers.CharField())
    timezone = serializers.CharField()
    rating = serializers.FloatField(allow_null=True)
    reviews = serializers.IntegerField()


class RestaurantOut(RestaurantShort):
    about = serializers.CharField()
    phone = serializers.CharField()
    website = serializers.CharField()
    location = serializers.CharField(allow_null=True)
    min_party = serializers.IntegerField()
    max_party = serializers.IntegerField()
    turn_minutes = serializers.IntegerField()
    turn_times = TurnTime(many=True)
    approves_by_hand = serializers.BooleanField()
    max_parties = serializers.IntegerField(allow_null=True)
    max_seats = serializers.IntegerField(allow_null=True)
    cancel_minutes = serializers.IntegerField()
    books_ahead = serializers.IntegerField()
    deposit = serializers.CharField(allow_null=True)
    hours = Hours(many=True)
    created_at = serializers.DateTimeField()


class TableIn(serializers.Serializer):
    label = serializers.CharField(max_length=20)
    seats = serializers.IntegerField(min_value=1, max_value=1000)
    is_joinable = serializers.BooleanField(required=False)


class TableOut(TableIn):
    id = serializers.CharField()
    is_joinable = serializers.BooleanField()


class BlockIn(serializers.Serializer):
    starts_at = serializers.DateTimeField(validators=[within])
    ends_at = serializers.DateTimeField(validators=[within])
    table = serializers.CharField(max_length=20, required=False, allow_null=True, help_text="none: all tables")
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["starts_at"] >= attrs["ends_at"]:
            raise serializers.ValidationError({"ends_at": "Expected a time after starts_at."})
        return attrs


class BlockOut(serializers.Serializer):
    id = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    table = serializers.CharField(allow_null=True)
    reason = serializers.CharField()


class SlotsAsked(serializers.Serializer):
    date = serializers.DateField(validators=[within])
    party = party()


class DayAsked(serializers.Serializer):
    date = serializers.DateField(validators=[within])


class Day(serializers.Serializer):
    date = serializers.DateField(validators=[within])


class Search(serializers.Serializer):
    q = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")


class Slot(serializers.Serializer):
    starts_at = serializers.DateTimeField()
    local = serializers.CharField(help_text="the same by the restaurant's clock")
    status = serializers.ChoiceField(["AVAILABLE", "UNAVAILABLE", "NON_WORKING_HOURS"])


class Slots(serializers.Serializer):
    date = serializers.DateField()
    timezone = serializers.CharField()
    party = serializers.IntegerField()
    turn_minutes = serializers.IntegerField()
    slots = Slot(many=True)


class Wish(serializers.Serializer):
    restaurant = serializers.UUIDField()
    starts_at = serializers.DateTimeField(validators=[within])
    party_size = party()
    table = serializers.CharField(max_length=20, required=False, help_text="none: the smallest that is free")
    guest_name = serializers.CharField(max_length=80, required=False)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class Change(serializers.Serializer):
    starts_at = serializers.DateTimeField(validators=[within], required=False)
    party_size = party(required=False)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class At(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    timezone = serializers.CharField()


class BookingOut(serializers.Serializer):
    id = serializers.CharField()
    restaurant = At()
    table = serializers.CharField(help_text="its label")
    state = serializers.ChoiceField(Booking.State.choices)
    party_size = serializers.IntegerField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    local = serializers.CharField(help_text="the beginning by the restaurant's clock")
    held_until = serializers.DateTimeField(allow_null=True)
    guest_name = serializers.CharField()
    price = serializers.CharField(allow_null=True)
    note = serializers.CharField()
    created_at = serializers.DateTimeField()


class BookingOfDay(BookingOut):
    guest = Someone()


class Join(serializers.Serializer):
    date = serializers.DateField(validators=[within])
    party_size = party()
    earliest = Clock(required=False, allow_null=True, default=None)
    latest = Clock(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["earliest"] and attrs["latest"] and attrs["earliest"] > attrs["latest"]:
            raise serializers.ValidationError({"latest": "Expected a time not before earliest."})
        return attrs


class Voucher(serializers.Serializer):
    voucher = serializers.UUIDField()


class Priority(serializers.Serializer):
    priority = serializers.IntegerField(min_value=-1000, max_value=1000)


class Waiting(serializers.Serializer):
    id = serializers.CharField()
    restaurant = At()
    date = serializers.DateField()
    party_size = serializers.IntegerField()
    earliest = serializers.CharField(allow_null=True)
    latest = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(WaitlistEntry.State.choices)
    voucher = serializers.CharField(allow_null=True)
    offered_until = serializers.DateTimeField(allow_null=True)
    offer = serializers.DateTimeField(allow_null=True, help_text="the time that is offered")
    booking = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


class InLine(Waiting):
    priority = serializers.IntegerField()
    guest = Someone()


class ReviewIn(serializers.Serializer):
    stars = serializers.IntegerField(min_value=1, max_value=5)
    body = serializers.CharField(max_length=4000, required=False, allow_blank=True)


class ReviewOut(serializers.Serializer):
    id = serializers.CharField()
    author = Someone()
    stars = serializers.IntegerField()
    body = serializers.CharField()
    created_at = serializers.DateTimeField()
