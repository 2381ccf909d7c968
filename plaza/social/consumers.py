"""What social does when accounts tell of something; each may come twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plaza.api import locks, people
from plaza.social import files, following, removing, uploading  # noqa: F401  # files and uploading consume as well
from plaza.social.models import Person


def open_up(profile: Mapping[str, Any]) -> None:
    """Whoever asked to follow a profile that is not private any more follows it; what came too late opens nothing."""
    number = profile["user_id"]
    locks.outlasted(Person, number)  # who asks now finds it open; who was just asking has asked
    if Person.objects.filter(pk=number, is_private=False, status=Person.Status.VALID).exists():
        following.open_up(number)


people.consume(Person, "social", removing.remove_user, then=open_up)
