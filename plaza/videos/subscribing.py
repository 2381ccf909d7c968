"""Subscriptions: a channel's counter changes only where a row was really made or deleted, after it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.db import IntegrityError, router, transaction

from plaza.api.retries import retried
from plaza.videos import counters
from plaza.videos.models import ChannelStats, Subscription


def subscribe(user: int, channel: int, **wishes: Any) -> None:
    """In a transaction.

    :raises IntegrityError: the channel was just deleted
    """
    row, is_new = _row(user, channel, wishes)
    if is_new:
        counters.add(ChannelStats, channel, subscribers=1)
    elif wishes:
        Subscription.objects.filter(pk=row.pk).update(**wishes)


def _row(user: int, channel: int, wishes: dict[str, Any]) -> tuple[Subscription, bool]:
    """What another request of the same user has made and then taken back is no channel that is gone: tried again."""
    for _ in range(2):
        with suppress(IntegrityError):
            return Subscription.objects.get_or_create(user_id=user, channel_id=channel, defaults=wishes)
    return Subscription.objects.get_or_create(user_id=user, channel_id=channel, defaults=wishes)


@retried
def unsubscribe(user: int, channel: int) -> None:
    with transaction.atomic(using=router.db_for_write(Subscription)):
        if Subscription.objects.filter(user=user, channel=channel).delete()[0]:
            counters.add(ChannelStats, channel, subscribers=-1)
