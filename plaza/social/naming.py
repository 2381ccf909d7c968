"""Hashtags and people that a text names: tags are kept, and people are told."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet

from plaza.social import inbox, seeing, texts
from plaza.social.models import Follow, Person, Post, Tag


def tag(post: Post) -> None:
    """Keep the tags of a post as its text has them. Rows of tags are made in one order, so that no two posts wait for
    each other; what a database takes for the same word is one row."""
    words = sorted(texts.tags(post.body))
    known = set(Tag.objects.filter(name__in=words).values_list("name", flat=True)) if words else set()
    Tag.objects.bulk_create([Tag(name=word) for word in words if word not in known], ignore_conflicts=True)
    wanted = set(Tag.objects.filter(name__in=words).values_list("pk", flat=True)) if words else set()
    through = Post.tags.through._default_manager
    rows = through.filter(post_id=post.pk)
    has = set(rows.values_list("tag_id", flat=True))
    if has - wanted:
        rows.exclude(tag_id__in=wanted).delete()
    through.bulk_create([Post.tags.through(post_id=post.pk, tag_id=pk) for pk in sorted(wanted - has)])


def named(text: str) -> list[int]:
    """Whom a text names: whoever writes it holds them, before he locks anything else."""
    names = texts.mentions(text)
    if not names:
        return []
    found = Person.objects.filter(nickname__in=names, status=Person.Status.VALID)
    return list(found.values_list("pk", flat=True))


def mentioned(people: Collection[int], post: Post) -> QuerySet[Person, int]:
    """Those of them who may see the post."""
    author = post.author_id
    public = Person.objects.filter(pk=author, is_private=False)
    follows = Follow.objects.filter(follower_id=OuterRef("user_id"), followed_id=author)
    may_see = Q(pk=author) | Q(Exists(public)) | Q(Exists(follows))
    named = Person.objects.filter(may_see, pk__in=people, status=Person.Status.VALID)
    return seeing.unseen(named, author, "user_id").values_list("pk", flat=True)


def tell(
    people: Collection[int], actor: int, post: Post, *, key: str, comment: int | None = None,
    known: Collection[int] = (),
) -> None:  # fmt: skip
    """Tell those whom a text names and whom its writer holds, but for the ``known``; who blocks whom is not told of
    him."""
    if not people:
        return
    told = Person.objects.filter(pk__in=mentioned(people, post)).exclude(pk__in=list(known))
    for number in seeing.unseen(told, actor, "user_id").order_by("pk").values_list("pk", flat=True):
        inbox.tell(number, inbox.Kind.MENTION, key, actor, post=post.pk, comment=comment)
