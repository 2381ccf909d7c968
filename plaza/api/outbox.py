"""Effects in other databases, by a transactional outbox: nothing is lost, and what is done twice is done once.

A message is written in the transaction of what it tells of, one for each consumer, so that a database that is away
delays its own messages alone. The drain claims a message for a minute, calls its handler outside of any transaction of
the outbox's, and deletes it; killed in between, it comes again. Handlers are idempotent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import models, router, transaction
from django.db.models import F, Q
from django.utils.timezone import now

from plaza.api.records import OutboxMessage

CLAIM = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=10)
BATCH = 50

log = logging.getLogger(__name__)

Handler = Callable[[Mapping[str, Any]], None]
_handlers: dict[str, dict[str, Handler]] = {}
_ends: dict[tuple[str, str], tuple[int, Handler]] = {}


def consumes(
    topic: str, consumer: str, *, most: int | None = None, otherwise: Handler | None = None
) -> Callable[[Handler], Handler]:
    """Register a handler: ``consumer`` is the app whose database it writes to.

    A message is tried for ever, unless ``most`` attempts are named: after them ``otherwise`` is called in its place.
    """

    def register(handler: Handler) -> Handler:
        _handlers.setdefault(topic, {})[consumer] = handler
        if most is not None and otherwise is not None:
            _ends[topic, consumer] = most, otherwise
        return handler

    return register


def tell(outbox: type[OutboxMessage], topic: str, **payload: Any) -> None:
    """Put a message for every consumer of the topic into an app's outbox, inside its open transaction."""
    using = router.db_for_write(outbox)
    if not transaction.get_connection(using).in_atomic_block:
        raise transaction.TransactionManagementError(
            f"a message of {topic} was told outside of a transaction of {using}: it belongs to what it tells of."
        )
    outbox.objects.bulk_create(
        [outbox(topic=topic, consumer=consumer, payload=payload) for consumer in _handlers.get(topic, {})]
    )


def outboxes() -> Iterator[type[OutboxMessage]]:
    """The outbox of each app that has one."""
    yield from (model for model in apps.get_models() if issubclass(model, OutboxMessage))


def drain(outbox: type[OutboxMessage], limit: int = BATCH) -> tuple[int, int]:
    """Hand out what is due; returns how many messages were delivered, and how many have to wait."""
    done = failed = 0
    due = outbox.objects.filter(_free(), due_at__lte=now()).order_by("pk")[:limit]
    for message in list(due):
        claimed = outbox.objects.filter(_free(), pk=message.pk, due_at=message.due_at)
        # an attempt counts from its beginning: a message that kills its drain comes back later and later
        until, pause = now() + CLAIM, pause_after(message.attempts)
        if not claimed.update(claimed_until=until, due_at=now() + pause, attempts=F("attempts") + 1):
            continue  # another drain has it
        try:
            _handler_of(message)(message.payload)
        except Exception as error:  # whatever it is, the message stays, and the next one has its turn
            _later(outbox, message, error)
            failed += 1
        else:
            outbox.objects.filter(pk=message.pk).delete()
            done += 1
    return done, failed


def _handler_of(message: OutboxMessage) -> Handler:
    most, otherwise = _ends.get((message.topic, message.consumer), (None, None))
    if most is not None and otherwise is not None and message.attempts >= most:
        return otherwise
    return _handlers[message.topic][message.consumer]


def _free() -> models.Q:
    return Q(claimed_until=None) | Q(claimed_until__lt=now())


def _later(outbox: type[OutboxMessage], message: OutboxMessage, error: Exception) -> None:
    log.warning(
        "message %s (%s) was not delivered, attempt %s", message.pk, message, message.attempts + 1, exc_info=error
    )
    due = now() + pause_after(message.attempts)
    outbox.objects.filter(pk=message.pk).update(due_at=due, claimed_until=None, error=type(error).__name__)


def pause_after(attempts: int) -> timedelta:
    """How long what failed, or killed who worked on it, waits for its next turn."""
    return min(LONGEST_PAUSE, timedelta(seconds=2 ** min(attempts, 20)))
