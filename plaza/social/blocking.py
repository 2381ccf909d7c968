"""Blocks, of which the other databases are told as well."""

from __future__ import annotations

from plaza.api import outbox
from plaza.social import counters, following, inbox
from plaza.social.models import Block, SocialMessage

BLOCKED = "social.blocked"


def begin(blocker: int, blocked: int) -> None:
    """Every tie of the two ends; a second time changes nothing. Both must be held."""
    counters.lock_people(blocker, blocked)
    if Block.objects.filter(blocker_id=blocker, blocked_id=blocked).exists():
        return
    made = Block.objects.create(blocker_id=blocker, blocked_id=blocked)
    following.end(blocker, blocked)
    following.end(blocked, blocker)
    inbox.forget_actor(blocker, blocked)
    inbox.forget_actor(blocked, blocker)
    _tell(made, is_blocked=True)


def end(blocker: int, blocked: int) -> None:
    """Who followed whom stays undone; a second time changes nothing."""
    counters.lock_people(blocker, blocked)
    known = Block.objects.filter(blocker_id=blocker, blocked_id=blocked).first()
    if known is not None:
        _tell(known, is_blocked=False)
        known.delete()


def _tell(block: Block, *, is_blocked: bool) -> None:
    """To the other databases. A block's number counts up, so that versions do, and no clock has a say."""
    version = 2 * block.pk + (not is_blocked)
    pair = {"blocker": block.blocker_id, "blocked": block.blocked_id}
    outbox.tell(SocialMessage, BLOCKED, **pair, is_blocked=is_blocked, version=version)
