"""Blocking a user: nobody logs in with it, its sessions end, and its profile says so; until it is unblocked."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import router, transaction
from django.utils.timezone import now

from plaza.accounts import telling
from plaza.accounts.models import Login, Profile

Status = Profile.Status


def block(profiles: Iterable[Profile]) -> int:
    """Returns how many were blocked; one that is deleted or blocked already is left as it is."""
    return _change(profiles, Status.VALID, Status.SUSPENDED)


def unblock(profiles: Iterable[Profile]) -> int:
    return _change(profiles, Status.SUSPENDED, Status.VALID)


def _change(given: Iterable[Profile], was: Status, becomes: Status) -> int:
    profiles = list(given)
    keys, owners = [profile.pk for profile in profiles], [profile.user_id for profile in profiles]
    with transaction.atomic(using=router.db_for_write(Profile)):
        # users before their profiles, as a deletion has them: else the two would wait for each other
        list(User.objects.select_for_update().filter(pk__in=owners).order_by("pk").values_list("pk"))
        found = list(Profile.objects.select_for_update().filter(pk__in=keys, status=was).order_by("pk"))
        users = [profile.user_id for profile in found]
        for profile in found:
            profile.status = becomes
            profile.save(update_fields=["status", "updated_at"])
        User.objects.filter(pk__in=users).update(is_active=becomes == Status.VALID)
        if becomes == Status.SUSPENDED:
            Login.objects.filter(user_id__in=users, ended_at=None).update(ended_at=now())
        telling.tell(found)
    return len(found)
