"""The waiting list of a day that is full: whoever is first in line, and fits, is offered what gets free.

An offer is a hold of half an hour with a voucher; it blocks its table as any booking does, until it is accepted or its
time is over, and then the next has his turn. The line is by priority, then by who came first; one for whose party
nothing is free is passed over, and stays in line.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import router, transaction
from django.utils.timezone import now

from plaza.api import locks
from plaza.bookings import pacing, placing, states
from plaza.bookings.hours import DAY, whole_day, zone
from plaza.bookings.models import Booking, Person, Restaurant, Table, WaitlistEntry
from plaza.bookings.refusals import Late, Over, Refused
from plaza.bookings.slots import AVAILABLE, slots
from plaza.bookings.telling import OFFERED, changed, freed, freed_at

OFFER = timedelta(minutes=30)
MOST = 10  # entries of one person at a time
State = WaitlistEntry.State
IN_LINE = (State.WAITING, State.OFFERED)


def end_line(restaurant: Restaurant) -> None:
    """Of a restaurant that was closed: nobody joins it any more, once those who are just joining have."""
    locks.outlasted(Restaurant, restaurant.pk)
    line = WaitlistEntry.objects.filter(restaurant=restaurant, state__in=IN_LINE)
    line.update(state=State.EXPIRED, voucher=None)


def join(
    restaurant: Restaurant, person: Person, party: int, day: date, earliest: time | None, latest: time | None
) -> WaitlistEntry:
    """With the person's row locked for him alone."""
    today = now().astimezone(zone(restaurant)).date()
    if not today <= day <= today + timedelta(days=restaurant.books_ahead):
        raise Refused(f"Expected a day from today on, and not more than {restaurant.books_ahead} days ahead.")
    if not restaurant.min_party <= party <= restaurant.max_party:
        raise Refused(f"Parties of {restaurant.min_party} to {restaurant.max_party} are taken here.")
    with transaction.atomic(using=router.db_for_write(WaitlistEntry)):
        there = locks.held(Restaurant, [restaurant.pk]).get(restaurant.pk)
        if there is None or there.closed_at is not None:
            raise Over("This restaurant has closed for good.")
        mine = WaitlistEntry.objects.filter(guest_id=person.pk, state__in=IN_LINE, wanted_on__gte=today - DAY)
        places = list(mine.values_list("restaurant_id", "wanted_on"))
        if (restaurant.pk, day) in places:
            raise Late("You are in line for this day already.")
        if len(places) >= MOST:
            raise Late(f"You are in line at {MOST} places already: leave one of them.")
        entry = WaitlistEntry.objects.create(
            restaurant=restaurant, guest_id=person.pk, party_size=party, wanted_on=day, earliest=earliest, latest=latest
        )
        freed(restaurant, whole_day(day, zone(restaurant)).begins)
    return entry


def leave(entry: WaitlistEntry) -> None:
    """Out of the line, and what was offered is free again; twice is as once."""
    with transaction.atomic(using=router.db_for_write(WaitlistEntry)):
        booking = entry.booking
        if booking is not None and booking.state == Booking.State.HELD:
            states.cancel(entry.restaurant, booking, by_guest=True)  # which leads the entry out as well
        elif entry.state in IN_LINE:
            mine = WaitlistEntry.objects.filter(pk=entry.pk)
            left = mine.filter(state=entry.state).update(state=State.LEFT, voucher=None)
            if not left and mine.filter(state__in=(State.OFFERED, State.ACCEPTED)).exists():
                raise Late("You were offered a table just now: read it again.")


def accept(entry: WaitlistEntry, voucher: str) -> Booking:
    """The offer becomes a booking."""
    if entry.state == State.EXPIRED:
        raise Over("This offer has expired.")
    if entry.state != State.OFFERED or str(entry.voucher) != voucher or entry.booking is None:
        raise Late("There is no such offer for you now.")
    if entry.offered_until is None or entry.offered_until <= now():
        raise Over("This offer has expired.")
    reserved = Booking.State.RESERVED  # the restaurant offered it: it approves
    return states.lead(
        entry.restaurant, entry.booking, [Booking.State.HELD], reserved, by=entry.guest_id, held_until=None
    )


def offer(restaurant: Restaurant, day: date, most: int = 50) -> list[WaitlistEntry]:
    """Offer what is free on this day to those in line, each in a transaction of its own."""
    line = WaitlistEntry.objects.filter(restaurant=restaurant, wanted_on=day, state=State.WAITING)
    names = None
    offered: list[WaitlistEntry] = []
    for entry in list(line.order_by("-priority", "pk")):
        if names is None:
            names = _names(line)
        if entry.guest_id in names and (found := _offer_one(restaurant, entry, names[entry.guest_id])):
            offered.append(found)
            if len(offered) >= most:
                break
    return offered


def _names(line: Any) -> dict[int, str]:
    guests = Person.objects.filter(pk__in=list(line.values_list("guest_id", flat=True)), status=Person.Status.VALID)
    return dict(guests.values_list("pk", "name"))


def _offer_one(restaurant: Restaurant, entry: WaitlistEntry, name: str) -> WaitlistEntry | None:
    for begins in list(_wanted(restaurant, entry)):
        until = min(now() + OFFER, begins)
        try:
            with transaction.atomic(using=router.db_for_write(WaitlistEntry)):
                guest = locks.held(Person, [entry.guest_id]).get(entry.guest_id)
                if guest is None or guest.status != Person.Status.VALID:
                    return None
                booking = placing.book(
                    restaurant, begins, entry.party_size, guest_id=entry.guest_id, guest_name=name,
                    state=Booking.State.HELD, held_until=until,
                )  # fmt: skip
                mine = WaitlistEntry.objects.filter(pk=entry.pk, state=State.WAITING)
                values = {"state": State.OFFERED, "booking": booking, "voucher": uuid.uuid4(), "offered_until": until}
                if not mine.update(**values):
                    raise Late("He has left.")
                freed_at(restaurant, booking, until)
                changed(booking, restaurant, by=None, event=OFFERED)
        except Refused:
            continue  # somebody was quicker: the next time that he wants
        return WaitlistEntry.objects.get(pk=entry.pk)
    return None


def _wanted(restaurant: Restaurant, entry: WaitlistEntry) -> Iterator[datetime]:
    """The free times between the earliest and the latest that he would come."""
    where = zone(restaurant)
    for slot in slots(restaurant, entry.wanted_on, entry.party_size):
        at = slot.begins.astimezone(where).time()
        if slot.status == AVAILABLE and (entry.earliest or time.min) <= at <= (entry.latest or time.max):
            yield slot.begins


def turn(payload: Mapping[str, Any]) -> None:
    """A day got free, or a hold or offer of it expired: end what is over, then offer; twice is as once.

    A hold that was confirmed in time, or cancelled, frees nothing now: whatever has become of it since was told then.
    """
    still = (Booking.State.HELD, Booking.State.EXPIRED)
    if "hold" in payload and Booking.objects.filter(pk=payload["hold"]).exclude(state__in=still).exists():
        return
    restaurant = Restaurant.objects.filter(pk=payload["restaurant"], closed_at=None).first()
    if restaurant is None:
        return
    day = date.fromisoformat(payload["day"])
    _end(restaurant, day)
    offer(restaurant, day)


def _end(restaurant: Restaurant, day: date) -> None:
    """Sweep the expired holds of a day, which nobody may have come across; and lines of days that have passed."""
    whole = whole_day(day, zone(restaurant))
    over = WaitlistEntry.objects.filter(restaurant=restaurant, wanted_on__lt=now().astimezone(zone(restaurant)).date())
    with transaction.atomic(using=router.db_for_write(WaitlistEntry)):
        placing.lock(Table.objects.filter(restaurant=restaurant).values_list("pk", flat=True))
        pacing.count(restaurant, go=placing.sweep(restaurant, whole.begins, whole.ends + DAY))
        over.filter(state=State.WAITING).update(state=State.EXPIRED)
