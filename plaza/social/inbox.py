"""What a user is told. Many of a kind are one row, by their key: it is raised and comes up again, and never doubled.

Whoever writes to a key holds the lock of what it is about (a post's counters, or those of two users), so that two
likes of a post never meet here.
"""

from __future__ import annotations

from django.db import IntegrityError, router, transaction
from django.db.models import F
from django.utils.timezone import now

from plaza.social import seeing
from plaza.social.models import Comment, Liking, Notification

Kind = Notification.Kind
ABOUT = (
    "event", "booking", "state", "restaurant", "restaurant_name", "starts_at", "party_size", "until", "video", "title",
    "channel", "thread", "video_comment",
)  # fmt: skip
"""What ``details`` may say, for all apps."""
MOMENTS = ("starts_at", "until")
EVENTS = (
    "requested", "reserved", "declined", "cancelled", "moved", "offered", "closed", "seated", "finished", "no_show",
    "published", "commented", "waiting", "replied", "password_changed",
)  # fmt: skip


def tell(user: int, kind: str, key: str, actor: int, *, post: int | None = None, comment: int | None = None) -> None:
    """Nobody is told of what he did himself."""
    if user == actor:
        return
    moment = now()
    mine = Notification.objects.filter(user_id=user, key=key)
    again = {"actor_id": actor, "amount": F("amount") + 1, "updated_at": moment, "comment_id": comment}
    if mine.update(**again):
        return
    try:
        with transaction.atomic(using=router.db_for_write(Notification)):
            Notification.objects.create(
                user_id=user, key=key, kind=kind, actor_id=actor, post_id=post, comment_id=comment,
                created_at=moment, updated_at=moment,
            )  # fmt: skip
    except IntegrityError:
        mine.update(**again)


def take_back(user: int, key: str) -> None:
    """One of those that the row stands for is undone; with the last one it goes."""
    mine = Notification.objects.filter(user_id=user, key=key)
    mine.update(amount=F("amount") - 1)
    mine.filter(amount__lte=0).delete()


def unliked(post: int, owner: int, actor: int) -> None:
    """A like is gone: who liked last is somebody else now."""
    key = like_of(post)
    take_back(owner, key)
    mine = Notification.objects.filter(user_id=owner, key=key, actor_id=actor)
    if mine.exists():
        others = Liking.objects.filter(post_id=post).exclude(user_id=owner).order_by("-created_at", "-pk")
        if last := others.values_list("user_id", flat=True).first():
            mine.update(actor_id=last)


def uncommented(comment: Comment, owner: int) -> None:
    """A comment is removed: nobody is told of it any more."""
    Notification.objects.filter(comment_id=comment.pk, kind=Kind.MENTION).delete()
    if comment.author_id != owner:
        _uncommented(comment, owner, comments_of(comment.post_id), post_id=comment.post_id)
    if comment.parent_id is not None:
        root = Comment.objects.filter(pk=comment.parent_id).values_list("author_id", flat=True).first()
        if root is not None and root != comment.author_id:
            _uncommented(comment, root, replies_to(comment.parent_id), parent_id=comment.parent_id)


def _uncommented(comment: Comment, user: int, key: str, **about: int) -> None:
    """The last of what the row stands for is another now."""
    take_back(user, key)
    left = Comment.objects.filter(**about, is_removed=False).exclude(author_id=user)
    if last := left.order_by("-created_at", "-pk").values("pk", "author_id").first():
        mine = Notification.objects.filter(user_id=user, key=key, comment_id=comment.pk)
        mine.update(comment_id=last["pk"], actor_id=last["author_id"])


def forget_actor(user: int, actor: int) -> None:
    """Somebody is not seen any more: nothing is told of him, and what stands for many is of the last of the others.

    Without the lock of what it is about: who raises such a row meanwhile is its actor, and it is left alone.
    """
    for row in Notification.objects.filter(user_id=user, actor_id=actor):
        mine = Notification.objects.filter(pk=row.pk, actor_id=actor)
        last = _last_of_others(row) if row.amount > 1 else None
        if last is None:
            mine.delete()
        else:
            mine.update(**last)


def _last_of_others(row: Notification) -> dict[str, int] | None:
    """The actor, and the comment, of the latest that the row stands for and its user sees."""
    if row.kind == Kind.LIKE:
        likes = Liking.objects.filter(post_id=row.post_id).exclude(user_id__in=[row.user_id, row.actor_id])
        seen = seeing.unseen(likes, row.user_id, "user_id").order_by("-created_at", "-pk")
        liker = seen.values_list("user_id", flat=True).first()
        return None if liker is None else {"actor_id": liker}
    about = {"parent_id": int(row.key.partition(":")[2])} if row.kind == Kind.REPLY else {"post_id": row.post_id}
    comments = Comment.objects.filter(**about, is_removed=False).exclude(author_id__in=[row.user_id, row.actor_id])
    last = seeing.unseen(comments, row.user_id, "author_id").order_by("-created_at", "-pk").first()
    return None if last is None else {"actor_id": last.author_id, "comment_id": last.pk}


def like_of(post: int) -> str:
    return f"like:{post}"


def comments_of(post: int) -> str:
    return f"comment:{post}"


def replies_to(comment: int) -> str:
    return f"reply:{comment}"


def mention_in(comment: int) -> str:
    return f"mention:comment:{comment}"


def mention_of(post: int) -> str:
    return f"mention:post:{post}"


def follow_by(user: int) -> str:
    return f"follow:{user}"


def request_by(user: int) -> str:
    return f"request:{user}"
