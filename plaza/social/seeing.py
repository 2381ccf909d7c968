"""Who may see whom and what, as conditions of one query each.

Whoever is blocked, or blocks, is not seen; nor is one who was suspended or deleted. What a private profile posts is for
its followers. Of somebody whom accounts have not told of yet nothing is known, so nothing of his is shown.
"""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from plaza.social.clock import DatabaseNow
from plaza.social.models import Block, Follow, Person, Post, Story

Row = TypeVar("Row", bound=Model)
GONE = (Person.Status.SUSPENDED, Person.Status.DELETED)


def unseen(rows: QuerySet[Row], me: int, field: str) -> QuerySet[Row]:
    """The rows without those whose ``field`` is somebody whom one does not see."""
    who = OuterRef(field)
    return rows.filter(
        ~Exists(Block.objects.filter(blocker_id=me, blocked_id=who)),
        ~Exists(Block.objects.filter(blocker_id=who, blocked_id=me)),
        ~Exists(Person.objects.filter(user_id=who, status__in=GONE)),
    )


def is_blocked(me: int, other: int) -> bool:
    """Whether one of the two blocks the other."""
    mine, his = Q(blocker_id=me, blocked_id=other), Q(blocker_id=other, blocked_id=me)
    return Block.objects.filter(mine | his).exists()


def follows(me: int, other: int) -> bool:
    return Follow.objects.filter(follower_id=me, followed_id=other).exists()


def _open_to(me: int) -> Q:
    """Posts of oneself, of those whom one follows, and of whoever is not private."""
    valid = Person.objects.filter(user_id=OuterRef("author_id"), status=Person.Status.VALID)
    followed = Follow.objects.filter(follower_id=me, followed_id=OuterRef("author_id"))
    return Q(author_id=me) | Q(Exists(valid.filter(is_private=False))) | Q(Exists(followed))


def posts(me: int) -> QuerySet[Post]:
    """Every post that one may see; one's own archived ones as well."""
    mine = Q(author_id=me) | Q(is_archived=False)
    return unseen(Post.objects.filter(mine, _open_to(me)), me, "author_id")


def public_posts(me: int) -> QuerySet[Post]:
    """Posts that are for everybody, without one's own."""
    public = Person.objects.filter(user_id=OuterRef("author_id"), status=Person.Status.VALID, is_private=False)
    return unseen(Post.objects.filter(Exists(public), is_archived=False).exclude(author_id=me), me, "author_id")


def stories(me: int) -> QuerySet[Story]:
    """Stories of oneself and of those whom one follows that are not over, by the database's clock."""
    followed = Follow.objects.filter(follower_id=me, followed_id=OuterRef("author_id"))
    live = Story.objects.filter(Q(author_id=me) | Q(Exists(followed)), expires_at__gt=DatabaseNow())
    return unseen(live, me, "author_id")
