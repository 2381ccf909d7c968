"""Who asks for what: a restaurant that is open to all, an owner's own, a booking of one's own; else a 404."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import router
from django.db.models import QuerySet
from rest_framework import exceptions
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from plaza.api import people
from plaza.api.addresses import number, number_or_zero, one
from plaza.api.problems import Conflict, Gone, Unprocessable
from plaza.api.views import read, user_of
from plaza.bookings import quick
from plaza.bookings.api import forms
from plaza.bookings.models import Booking, Person, Restaurant, Table
from plaza.bookings.refusals import Late, Over, Refused


@contextmanager
def told() -> Iterator[None]:
    """What the rules refuse, as a problem."""
    try:
        yield
    except Late as refusal:
        raise Conflict(str(refusal)) from refusal
    except Over as refusal:
        raise Gone(str(refusal)) from refusal
    except Refused as refusal:
        raise Unprocessable(str(refusal)) from refusal


def open_restaurants() -> QuerySet[Restaurant]:
    """Those that are not closed for good, and whose owner is not blocked."""
    away = Person.objects.exclude(status=Person.Status.VALID).values("pk")
    return Restaurant.objects.filter(closed_at=None).exclude(owner_id__in=away).select_related("stats")


def restaurant(public_id: UUID) -> Restaurant:
    found = quick.restaurant(public_id)
    if found is None:
        raise exceptions.NotFound
    return found


def owned(request: Request, public_id: UUID, *, lock: bool = False) -> Restaurant:
    """One's own restaurant; somebody else's, which is no secret, is a 403."""
    if request.method not in SAFE_METHODS:
        people.writer(Person, request)
    rows = Restaurant.objects.filter(public_id=public_id, closed_at=None)
    found: Restaurant = one(rows.select_for_update() if lock else rows)
    if found.owner_id != user_of(request):
        raise exceptions.PermissionDenied("This restaurant is not yours.")
    return found


def location(request: Request) -> dict[str, Any]:
    """The location that was sent, as a column; nothing where none was.

    Social is asked, on its primary: where all apps share a database the key is a real one, and the answer is to be the
    same elsewhere. Whoever sends none does not need social's database; this is called before anything is locked, for
    it may be slow, or away (503).

    :raises ValidationError: there is none with this id
    """
    sent = read(forms.Located, request)
    if "location" not in sent:
        return {}
    key = None if sent["location"] is None else number_or_zero(sent["location"])
    known: Any = Restaurant._meta.get_field("location").related_model
    if key is not None and not known.objects.using(router.db_for_write(known)).filter(pk=key).exists():
        raise exceptions.ValidationError({"location": "There is no such location: make it first."})
    return {"location_id": key}


def table(place: Restaurant, text: str) -> Table:
    return one(Table.objects.all(), pk=number(text), restaurant=place, is_active=True)


def booking(request: Request, public_id: UUID, *, owner: bool | None = None) -> tuple[Booking, Restaurant, bool]:
    """A booking with its restaurant, and whether it is looked at as its owner; for its guest and its owner alone.

    ``owner``: only as the restaurant's owner, or only as the guest.
    """
    me = user_of(request)
    found: Booking = one(Booking.objects.select_related("table__restaurant"), public_id=public_id)
    place = found.table.restaurant
    as_guest, as_owner = found.guest_id == me and owner is not True, place.owner_id == me and owner is not False
    if not as_guest and not as_owner:
        if found.guest_id == me or place.owner_id == me:
            raise exceptions.PermissionDenied(f"This is for {'the owner' if owner else 'the guest'}.")
        raise exceptions.NotFound
    return found, place, not as_guest


def names(numbers: Any) -> dict[int | None, dict[str, Any]]:
    return people.shown(Person, numbers)
