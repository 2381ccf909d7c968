"""What social does when other apps tell of something; each may come twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plaza.api import locks, people
from plaza.api.outbox import consumes
from plaza.social import (
    files,  # noqa: F401  # it consumes as well
    following,
    hearing,
    removing,
    uploading,  # noqa: F401  # it consumes as well
)
from plaza.social.models import Person


def open_up(profile: Mapping[str, Any]) -> None:
    """Whoever asked to follow a profile that is not private any more follows it; what came too late opens nothing."""
    number = profile["user_id"]
    locks.outlasted(Person, number)  # who asks now finds it open; who was just asking has asked
    if Person.objects.filter(pk=number, is_private=False, status=Person.Status.VALID).exists():
        following.open_up(number)


people.consume(Person, "social", removing.remove_user, then=open_up)
for topic, hear in {
    "accounts.password": hearing.password,
    "bookings.changed": hearing.booking,
    "videos.published": hearing.published,
    "videos.commented": hearing.commented,
    "videos.uncommented": hearing.uncommented,
    "videos.seen": hearing.seen,
}.items():
    consumes(topic, "social")(hear)
