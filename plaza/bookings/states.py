"""What becomes of a booking: who may lead it from which state to which, once."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import router, transaction
from django.db.models import F
from django.utils.timezone import now

from plaza.bookings import pacing
from plaza.bookings.models import Booking, Restaurant, WaitlistEntry
from plaza.bookings.refusals import Late, Over, Refused
from plaza.bookings.telling import changed, freed

State = Booking.State
OPEN = (State.HELD, State.REQUESTED, State.RESERVED)


def confirm(restaurant: Restaurant, booking: Booking, **values: Any) -> Booking:
    """A hold becomes a booking, or a request where the restaurant approves by hand."""
    if booking.state == State.EXPIRED or (booking.state == State.HELD and _is_over(booking)):
        raise Over("This hold has expired: look for a free slot again.")
    to = State.REQUESTED if restaurant.approves_by_hand else State.RESERVED
    return lead(restaurant, booking, [State.HELD], to, held_until=None, **values)


def approve(restaurant: Restaurant, booking: Booking) -> Booking:
    return lead(restaurant, booking, [State.REQUESTED], State.RESERVED)


def decline(restaurant: Restaurant, booking: Booking) -> Booking:
    return lead(restaurant, booking, [State.REQUESTED], State.DECLINED, is_live=None)


def seat(restaurant: Restaurant, booking: Booking) -> Booking:
    return lead(restaurant, booking, [State.RESERVED], State.SEATED)


def finish(restaurant: Restaurant, booking: Booking) -> Booking:
    """The table is free from now on, also where the party leaves early, or before its time has come."""
    at, early = now(), dict[str, Any]()
    if at <= booking.starts_at:
        early = {"is_live": None}
    elif at < booking.ends_at:
        early = {"ends_at": at}
    return lead(restaurant, booking, [State.SEATED], State.FINISHED, **early)


def no_show(restaurant: Restaurant, booking: Booking) -> Booking:
    if booking.state == State.RESERVED and booking.starts_at > now():
        raise Refused("The time of this booking has not come yet.")
    return lead(restaurant, booking, [State.RESERVED], State.NO_SHOW, is_live=None)


def cancel(restaurant: Restaurant, booking: Booking, *, by_guest: bool) -> Booking:
    """Until the restaurant's deadline by its guest, and by its owner until the party sits; twice is as once."""
    if booking.state in (State.CANCELLED, State.EXPIRED, State.DECLINED):
        return booking
    if by_guest and booking.state == State.RESERVED and now() > booking.starts_at - restaurant.cancel_before:
        raise Late("It is too late to cancel this booking: call the restaurant.")
    try:
        return lead(restaurant, booking, OPEN, State.CANCELLED, is_live=None)
    except Late:
        as_is = Booking.objects.get(pk=booking.pk)
        if as_is.state != State.CANCELLED:
            raise
        return as_is  # of two that cancel at once


def movable(restaurant: Restaurant, booking: Booking, *, by_guest: bool) -> None:
    """A hold is confirmed or cancelled, and only what is to come is moved.

    :raises Late: it cannot be moved any more
    """
    if booking.state not in (State.REQUESTED, State.RESERVED):
        raise Late(f"This booking is {booking.get_state_display().lower()}, and is not changed any more.")
    if by_guest and now() > booking.starts_at - restaurant.cancel_before:
        raise Late("It is too late to change this booking: call the restaurant.")


def note(booking: Booking, **values: Any) -> Booking | None:
    """What needs no table; None if it was changed meanwhile."""
    mine = Booking.objects.filter(pk=booking.pk, revision=booking.revision)
    return booking if mine.update(revision=F("revision") + 1, **values) else None


def lead(restaurant: Restaurant, booking: Booking, start: Collection[str], to: str, **values: Any) -> Booking:
    """Lead a booking to another state if it is still in one of those, as it was read; count it out if it goes.

    :raises Late: it is in another state by now
    """
    frees = "is_live" in values
    if booking.state not in start:
        raise Late(f"This booking is {booking.get_state_display().lower()} by now.")
    with transaction.atomic(using=router.db_for_write(Booking)):
        mine = Booking.objects.filter(pk=booking.pk, state=booking.state, revision=booking.revision, is_live=True)
        if not mine.update(state=to, revision=F("revision") + 1, **values):
            raise Late("Somebody else changed this booking first: read it again.")
        if frees:
            pacing.count(restaurant, go=[(booking.starts_at, booking.party_size)])
        if booking.state == State.HELD:  # it may be an offer of the waiting list
            entry = WaitlistEntry.objects.filter(booking_id=booking.pk, state=WaitlistEntry.State.OFFERED)
            ends = WaitlistEntry.State.LEFT if frees else WaitlistEntry.State.ACCEPTED
            entry.update(state=ends, voucher=None)
        if frees or "ends_at" in values:
            freed(restaurant, booking.starts_at)
        booking = Booking.objects.get(pk=booking.pk)
        changed(booking, restaurant)
    return booking


def _is_over(booking: Booking) -> bool:
    return booking.held_until is not None and booking.held_until <= now()
