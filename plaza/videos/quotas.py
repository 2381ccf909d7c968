"""How much a user may have: reserved when an upload begins and settled when it ends, by conditional UPDATEs.

What was reserved is kept, whatever the limit has become meanwhile.
"""

from __future__ import annotations

from django.conf import settings
from django.db.models import F, Q, Sum

from plaza.videos.models import Quota, Video


def of(user: int) -> Quota:
    """A user's row, made where it is missing from what he has."""
    row = Quota.objects.filter(pk=user).first()
    if row is not None:
        return row
    return Quota.objects.get_or_create(pk=user, defaults={"used": _used(user)})[0]


def look(user: int) -> Quota:
    """The same without making it, for who only looks."""
    return Quota.objects.filter(pk=user).first() or Quota(pk=user, used=_used(user))


def _used(user: int) -> int:
    return Video.objects.filter(channel__owner=user).aggregate(total=Sum("size_bytes"))["total"] or 0


def limit(row: Quota) -> int:
    return settings.VIDEO_QUOTA if row.limit is None else row.limit


def reserve(user: int, size: int) -> bool:
    """Whether there is room, which is taken then."""
    of(user)
    room = Q(limit=None, used__lte=settings.VIDEO_QUOTA - size - F("reserved"))
    room |= Q(limit__gte=F("used") + F("reserved") + size)
    return bool(Quota.objects.filter(room, pk=user).update(reserved=F("reserved") + size))


def settle(user: int, size: int) -> None:
    """The upload is complete: what was reserved is used."""
    change(user, reserved=-size, used=size)


def change(user: int, *, used: int = 0, reserved: int = 0) -> None:
    """A row that is missing will be made of what is there."""
    Quota.objects.filter(pk=user).update(used=F("used") + used, reserved=F("reserved") + reserved)
