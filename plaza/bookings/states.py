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
    """A hold becomes a booking, or a request where the restaurant approves by hand what it has not offered itself."""
    if booking.state == State.EXPIRED or (booking.state == State.HELD and _is_over(booking)):
        raise Over("This hold has expired: look for a free slot again.")
    offers = WaitlistEntry.objects.filter(booking_id=booking.pk, state=WaitlistEntry.State.OFFERED)
    to = State.REQUESTED if restaurant.approves_by_hand and not offers.exists() else State.RESERVED
    return lead(restaurant, booking, [State.HELD], to, by=booking.guest_id, held_until=None, **values)


def approve(restaurant: Restaurant, booking: Booking) -> Booking:
    return lead(restaurant, booking, [State.REQUESTED], State.RESERVED, by=restaurant.owner_id)


def decline(restaurant: Restaurant, booking: Booking) -> Booking:
    return lead(restaurant, booking, [State.REQUESTED], State.DECLINED, by=restaurant.owner_id, is_live=None)


def seat(restaurant: Restaurant, booking: Booking) -> Booking:
    return lead(restaurant, booking, [State.RESERVED], State.SEATED, by=restaurant.owner_id)


def finish(restaurant: Restaurant, booking: Booking) -> Booking:
    """The table is free from now on, also where the party leaves early, or before its time has come."""
    at, early = now(), dict[str, Any]()
    if at <= booking.starts_at:
        early = {"is_live": None}
    elif at < booking.ends_at:
        early = {"ends_at": at}
    return lead(restaurant, booking, [State.SEATED], State.FINISHED, by=restaurant.owner_id, **early)


def no_show(restaurant: Restaurant, booking: Booking) -> Booking:
    if booking.state == State.RESERVED and booking.starts_at > now():
        raise Refused("The time of this booking has not come yet.")
    return lead(restaurant, booking, [State.RESERVED], State.NO_SHOW, by=restaurant.owner_id, is_live=None)


def cancel(restaurant: Restaurant, booking: Booking, *, by_guest: bool) -> Booking:
    """Until the restaurant's deadline by its guest, and by its owner until the party sits; twice is as once."""
    if booking.state in (State.CANCELLED, State.EXPIRED, State.DECLINED):
        return booking
    if by_guest and booking.state == State.RESERVED and now() > booking.starts_at - restaurant.cancel_before:
        raise Late("It is too late to cancel this booking: call the restaurant.")
    by = booking.guest_id if by_guest else restaurant.owner_id
    try:
        return lead(restaurant, booking, OPEN, State.CANCELLED, by=by, is_live=None)
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


def settle_offer(booking: int, to: str) -> None:
    """What the waiting list offered, if this is one, is answered: whom it was offered to waits no more."""
    entry = WaitlistEntry.objects.filter(booking_id=booking, state=WaitlistEntry.State.OFFERED)
    entry.update(state=to, voucher=None)


def lead(
    restaurant: Restaurant, booking: Booking, start: Collection[str], to: str, *, by: int | None, **values: Any
) -> Booking:
    """Lead a booking to another state if it is still in one of those, as it was read; count it out if it goes.

    ``by``: the user who does it

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
            settle_offer(booking.pk, WaitlistEntry.State.LEFT if frees else WaitlistEntry.State.ACCEPTED)
        if frees or "ends_at" in values:
            freed(restaurant, booking.starts_at)
        was, booking = booking.state, Booking.objects.get(pk=booking.pk)
        changed(booking, restaurant, by=by, was=was)
    return booking


def _is_over(booking: Booking) -> bool:
    return booking.held_until is not None and booking.held_until <= now()
