"""What accounts hold of a user; passwords and tokens are nobody's to read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from plaza.accounts.models import Address, Login, Profile, TwoFactor
from plaza.api.exports import rows


def documents(user_id: int) -> Iterator[dict[str, Any]]:
    profiles, addresses = Profile.objects.filter(user_id=user_id), Address.objects.filter(user_id=user_id)
    return chain(
        rows("profile", profiles, "public_id", "nickname", "name", "bio", "image", "is_private", "birth_date",
             "preferences", "last_ip", "created_at", "updated_at"),
        rows("address", addresses, "email", "verified_at", "created_at", "wanted", "asked_at"),
        rows("two_factor", TwoFactor.objects.filter(user_id=user_id), "confirmed_at", "created_at"),
        rows("session", Login.objects.filter(user_id=user_id), "public_id", "client", "ip", "created_at", "used_at",
             "expires_at", "ended_at"),
    )  # fmt: skip
