"""What bookings does when accounts tell of something; each may come twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import router, transaction
from django.utils.timezone import now

from plaza.api.outbox import consumes
from plaza.bookings.models import Booking, WaitlistEntry

STILL = (Booking.State.HELD, Booking.State.REQUESTED, Booking.State.RESERVED)


@consumes("accounts.deleted", "bookings")
def forget(payload: Mapping[str, Any]) -> None:
    """What a deleted user booked for later is cancelled; what was stays, with nobody's name on it."""
    mine = Booking.objects.filter(guest_id=payload["user_id"])
    with transaction.atomic(using=router.db_for_write(Booking)):
        mine.filter(state__in=STILL, ends_at__gt=now()).update(state=Booking.State.CANCELLED, is_live=None)
        mine.update(guest=None, guest_name="deleted user", note="", requested_from=None)
        WaitlistEntry.objects.filter(guest_id=payload["user_id"]).delete()
