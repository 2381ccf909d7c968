"""The other databases learn who a user is: a message with the whole profile and its version, whenever it changes.

A password that was changed is told as well."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.timezone import now

from plaza.accounts.models import AccountsMessage, Profile
from plaza.api import outbox
from plaza.api.people import PROFILE

PASSWORD = "accounts.password"


def password(user: int) -> None:
    """Inside the transaction that changes it: whoever did not do it himself has to learn of it."""
    outbox.tell(AccountsMessage, PASSWORD, user_id=user, version=round(now().timestamp() * 1e6))


def tell(profiles: Iterable[Profile]) -> None:
    """Inside the transaction that changes them, after their change."""
    for profile in profiles:
        outbox.tell(
            AccountsMessage,
            PROFILE,
            user_id=profile.user_id,
            public_id=str(profile.public_id),
            nickname=profile.nickname,
            name=profile.name,
            image=profile.image.name or "",
            status=profile.status,
            is_private=profile.is_private,
            told_at=profile.updated_at.isoformat(),
        )
