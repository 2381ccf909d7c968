"""The home feed, pulled: what oneself and those whom one follows posted, the latest first.

``author IN (…) ORDER BY created_at DESC LIMIT 20`` reads every post of all these authors before it sorts them. Here no
more is read than a page has need of, however many posts there are:

1. The page's posts are of no more authors than it has places: of those whose latest post before the cursor is the
   latest. Each author's latest post is one step into the index (author, -created_at).
2. As many posts as the page has places are not older than the latest post of the last of these authors: nothing older
   is read. With fewer authors than places, each author's post that many places down is such a bound; the latest holds.
3. What these authors posted from there on is read, sorted and cut.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery

from plaza.social import seeing
from plaza.social.models import Follow, Person, Post


class Place(NamedTuple):
    """Where a page begins: after this post."""

    created_at: datetime
    pk: int


def home(me: int, after: Place | None, places: int) -> QuerySet[Post]:
    """The posts of one page, in its order."""
    authors, bound = _latest_authors(me, after, places)
    rows = _before(Post.objects.filter(author_id__in=authors, is_archived=False), after)
    if bound is not None:
        rows = rows.filter(created_at__gte=bound)
    return rows.order_by("-created_at", "-id")[:places]


def _before(rows: QuerySet[Post], after: Place | None) -> QuerySet[Post]:
    if after is None:
        return rows
    same = Q(created_at__lt=after.created_at) | Q(pk__lt=after.pk)
    return rows.filter(same, created_at__lte=after.created_at)  # the last condition alone is a range of the index


def _latest_authors(me: int, after: Place | None, places: int) -> tuple[list[int], datetime | None]:
    """Whose posts are on the page, and a moment before which none of them is."""
    followed = seeing.unseen(Follow.objects.filter(follower_id=me), me, "followed_id")
    of_author = Post.objects.filter(author_id=OuterRef("followed_id"), is_archived=False)
    latest = Subquery(_before(of_author, after).order_by("-created_at").values("created_at")[:1])
    rows = followed.annotate(latest=latest).order_by(F("latest").desc(nulls_last=True))
    listed = rows.values_list("followed_id", "latest")
    found = [row for row in listed[: places + 1] if row[1] is not None]
    if len(found) <= places:
        authors = [author for author, _ in found] + [me]
        return authors, found[-1][1] if len(found) == places else _bound(authors, after, places)
    bound = found[places - 1][1]
    if found[places][1] == bound:  # at one moment: of these any may be the one whose post is on the page
        found = list(listed.filter(latest__gte=bound))
    return [author for author, latest in found if latest >= bound] + [me], bound


def _bound(authors: list[int], after: Place | None, places: int) -> datetime | None:
    """None where each of them has fewer posts than the page has places."""
    of_author = _before(Post.objects.filter(author_id=OuterRef("user_id"), is_archived=False), after)
    nth = Subquery(of_author.order_by("-created_at").values("created_at")[places - 1 : places])
    rows = Person.objects.filter(pk__in=authors).annotate(nth=nth).aggregate(bound=Max("nth"))
    return rows["bound"]  # type: ignore[no-any-return]
