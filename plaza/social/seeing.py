"""Who may see whom and what, as conditions of one query each.

Whoever is blocked, or blocks, is not seen; nor is one who was suspended or deleted. What a private profile posts is for
its followers. Of somebody whom accounts have not told of yet nothing is known, so nothing of his is shown.
"""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Case, Exists, IntegerField, Model, OuterRef, Q, QuerySet, Value, When
from django.db.models.lookups import Exact

from plaza.social.clock import DatabaseNow
from plaza.social.models import Block, Follow, Notification, Person, Post, Story, Withdrawn

Row = TypeVar("Row", bound=Model)
GONE = (Person.Status.SUSPENDED, Person.Status.DELETED)


def unseen(rows: QuerySet[Row], me: int, field: str) -> QuerySet[Row]:
    """The rows without those whose ``field`` is somebody whom one does not see."""
    return rows.filter(_never(_hidden(me, field)))


def _hidden(me: int, field: str) -> Q:
    who = OuterRef(field)
    return (
        Q(Exists(Block.objects.filter(blocker_id=me, blocked_id=who)))
        | Q(Exists(Block.objects.filter(blocker_id=who, blocked_id=me)))
        | Q(Exists(Person.objects.filter(user_id=who, status__in=GONE)))
    )


def _never(condition: Q) -> Exact:
    """Not so, asked of one row after the other as an index has them. As NOT EXISTS alone, MySQL and MariaDB may take it
    for a join, and read and sort all rows for a page of twenty."""
    return Exact(Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField()), 0)


def notifications(me: int) -> QuerySet[Notification]:
    """What one is told, without what was withdrawn, and without those whom one does not see. A comment of one's own
    video is told also where the video is not to be seen by others: some of them may have its password."""
    gone = Withdrawn.objects.filter(subject=OuterRef("subject"), is_lifted=False)
    withdrawn = ~Q(kind=Notification.Kind.VIDEO_COMMENT) & Q(Exists(gone))
    told = Notification.objects.filter(user_id=me, amount__gte=1)
    return told.filter(_never(_hidden(me, "actor_id") | withdrawn))


def is_blocked(me: int, other: int) -> bool:
    """Whether one of the two blocks the other."""
    mine, his = Q(blocker_id=me, blocked_id=other), Q(blocker_id=other, blocked_id=me)
    return Block.objects.filter(mine | his).exists()


def follows(me: int, other: int) -> bool:
    return Follow.objects.filter(follower_id=me, followed_id=other).exists()


def _closed_to(me: int) -> Q:
    """Posts of those who are private and whom one does not follow; of whom nothing is known is private as well."""
    author = Person.objects.filter(user_id=OuterRef("author_id"))
    followed = Follow.objects.filter(follower_id=me, followed_id=OuterRef("author_id"))
    return ~Q(author_id=me) & ~Q(Exists(author.filter(is_private=False))) & ~Q(Exists(followed))


def posts(me: int) -> QuerySet[Post]:
    """Every post that one may see; one's own archived ones as well."""
    mine = Q(author_id=me) | Q(is_archived=False)
    return Post.objects.filter(mine, _never(_hidden(me, "author_id") | _closed_to(me)))


def public_posts(me: int) -> QuerySet[Post]:
    """Posts that are for everybody, without one's own."""
    private = ~Q(Exists(Person.objects.filter(user_id=OuterRef("author_id"), is_private=False)))
    others = Post.objects.filter(is_archived=False).exclude(author_id=me)
    return others.filter(_never(_hidden(me, "author_id") | private))


def stories(me: int) -> QuerySet[Story]:
    """Stories of oneself and of those whom one follows that are not over, by the database's clock."""
    followed = Follow.objects.filter(follower_id=me, followed_id=OuterRef("author_id"))
    live = Story.objects.filter(Q(author_id=me) | Q(Exists(followed)), expires_at__gt=DatabaseNow())
    return unseen(live, me, "author_id")
