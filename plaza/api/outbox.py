"""Effects in other databases, by a transactional outbox: nothing is lost, and what is done twice is done once.

A message is written in the transaction of what it tells of, one for each consumer, so that a database that is away
delays its own messages alone. The drain claims a message for a minute, calls its handler outside of any transaction of
the outbox's, and deletes it; killed in between, it comes again. Handlers are idempotent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from django.apps import apps
from django.db import InterfaceError, OperationalError, models, router, transaction
from django.db.models import F, Q
from django.utils.timezone import now

from plaza.api.records import OutboxMessage

CLAIM = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=10)
A_DAY = 150  # attempts, of which the tenth and those after it wait for the longest pause
BATCH = 50
AWAY = (OSError, OperationalError, InterfaceError)  # a database, a mail server, a storage

log = logging.getLogger(__name__)

Handler = Callable[[Mapping[str, Any]], None]
_handlers: dict[str, dict[str, Handler]] = {}


class Terms(NamedTuple):
    """For how long a drain has a message, and what is called in its handler's place after so many attempts.

    ``is_once``: of several that say the same, whatever is done for one is done for all that were told before it began.
    """

    claim: timedelta = CLAIM
    most: int | None = None  # without both it is tried for ever
    give_up: Handler | None = None
    is_once: bool = False


_terms: dict[tuple[str, str], Terms] = {}


def consumes(topic: str, consumer: str, terms: Terms | None = None) -> Callable[[Handler], Handler]:
    """Register a handler: ``consumer`` is the app whose database it writes to."""

    def register(handler: Handler) -> Handler:
        _handlers.setdefault(topic, {})[consumer] = handler
        _terms[topic, consumer] = terms or Terms()
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
    """Hand out what is due; returns how many messages were delivered, and how many have to wait.

    Where one finds that what it needs is away, the others of its kind wait as long, for each would wait for a time-out;
    but a minute at most, as it may be that one alone, and would keep them waiting for ever.
    """
    done = failed = 0
    away = set[tuple[str, str]]()
    due = outbox.objects.filter(_free(), due_at__lte=now()).order_by("pk")[:limit]
    batch = list(due)
    for message in batch:
        kind = message.topic, message.consumer
        if kind in away:
            continue
        terms = _terms.get(kind, Terms())
        claimed = outbox.objects.filter(_free(), pk=message.pk, due_at=message.due_at)
        # an attempt counts from its beginning: a message that kills its drain comes back later and later
        until, pause = now() + terms.claim, pause_after(message.attempts)
        if not claimed.update(claimed_until=until, due_at=now() + pause, attempts=F("attempts") + 1):
            continue  # another drain has it
        if terms.is_once:
            done += _like(outbox, message, batch)
        try:
            handler = _handlers[message.topic][message.consumer]
            if terms.most is not None and terms.give_up is not None and message.attempts >= terms.most:
                handler = terms.give_up
            handler(message.payload)
        except Exception as error:  # whatever it is, the message stays, and the next one has its turn
            _later(outbox, message, error)
            failed += 1
            if isinstance(error, AWAY):
                away.add(kind)
                others = outbox.objects.filter(_free(), topic=message.topic, consumer=message.consumer)
                others.filter(due_at__lte=now()).update(due_at=now() + min(pause, CLAIM))
        else:
            outbox.objects.filter(pk=message.pk).delete()
            done += 1
    return done, failed


def _like(outbox: type[OutboxMessage], message: OutboxMessage, batch: list[OutboxMessage]) -> int:
    """Delete those of the batch that say the same and that nobody has, before the handler reads anything: what they
    tell of was committed before they were found, so that it sees it, and if it fails its own message is still there.
    """
    said = message.topic, message.consumer, message.payload
    alike = [one.pk for one in batch if one.pk != message.pk and (one.topic, one.consumer, one.payload) == said]
    rows = outbox.objects.filter(_free(), pk__in=alike, due_at__lte=now())
    return int(rows._raw_delete(router.db_for_write(outbox))) if alike else 0  # type: ignore[attr-defined]


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
