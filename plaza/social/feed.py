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

from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import DateTimeField, Func, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import LessThanOrEqual

from plaza.social.models import Follow, Person, Post


class Place(NamedTuple):
    """Where a page begins: after this post."""

    created_at: datetime
    pk: int


NEVER = datetime(1970, 1, 2, tzinfo=UTC)
MOMENT = DateTimeField()
Latest = tuple[int, datetime]  # an author, and when his latest post was made


def home(me: int, after: Place | None, places: int) -> QuerySet[Post]:
    """The posts of one page, in its order."""
    authors, bound = _authors(me, after, places)
    rows = Post.objects.filter(author_id__in=authors, is_archived=False)
    if after is not None:
        rows = rows.filter(_is_before(after), created_at__lte=after.created_at)  # the last one is a range of the index
    if bound is not None:
        rows = rows.filter(created_at__gte=bound)
    return rows.order_by("-created_at", "-id")[:places]


def _is_before(after: Place) -> Q:
    return Q(created_at__lt=after.created_at) | Q(pk__lt=after.pk)


def _authors(me: int, after: Place | None, places: int) -> tuple[list[int], datetime | None]:
    """Whose posts are on the page, and a moment before which none of them is."""
    found = _latest_authors(me, after, places)
    if len(found) < places:
        authors = [author for author, _ in found] + [me]
        return authors, _bound(authors, after, places)
    bound = found[places - 1][1]
    return [author for author, latest in found if latest >= bound] + [me], bound


def _latest_authors(me: int, after: Place | None, places: int) -> list[Latest]:
    """Those of whom a page can be, the latest first: at least as many as it has places, or all.

    Those who were suspended are asked for by their numbers: as a condition of the query it would make MySQL read all
    people there are.
    """
    never = Cast(Value(NEVER, MOMENT), MOMENT)
    latest = Coalesce(Subquery(_of_author("followed_id", after).values("created_at")[:1]), never)
    rows = Follow.objects.filter(follower_id=me).annotate(latest=latest).order_by("-latest")
    listed = rows.values_list("followed_id", "latest")
    gone: set[int] = set()
    while True:
        found = [row for row in listed.exclude(followed_id__in=gone)[: 2 * places] if row[1] != NEVER]
        gone |= _gone(found)
        seen = [row for row in found if row[0] not in gone]
        if len(found) < 2 * places or (len(seen) > places and seen[-1][1] < seen[places - 1][1]):
            return seen
        if len(seen) > places:  # so many posted at one moment: any of them may be the one
            found = list(listed.filter(latest__gte=seen[places - 1][1]))
            return [row for row in found if row[0] not in gone | _gone(found)]


def _gone(found: list[Latest]) -> set[int]:
    people = Person.objects.filter(pk__in=[author for author, _ in found]).exclude(status=Person.Status.VALID)
    return set(people.values_list("pk", flat=True)) if found else set()


def _bound(authors: list[int], after: Place | None, places: int) -> datetime | None:
    """None where each of them has fewer posts than the page has places."""
    nth = Subquery(_of_author("user_id", after).values("created_at")[places - 1 : places])
    rows = Person.objects.filter(pk__in=authors).annotate(nth=nth).aggregate(bound=Max("nth"))
    return rows["bound"]  # type: ignore[no-any-return]


def _of_author(author: str, after: Place | None) -> QuerySet[Post]:
    """Posts of the outer row's author before the page, the latest first, by the index (author, -created_at): MySQL
    takes them as they come only where the order names the author as well, and sorts all of his else."""
    rows = Post.objects.filter(author_id=OuterRef(author), is_archived=False).order_by("author_id", "-created_at")
    if after is None:
        return rows
    before = LessThanOrEqual(Passed("created_at"), Value(after.created_at, MOMENT))
    return rows.filter(_is_before(after), before)


class Passed(Func):
    """A column in a condition for which MySQL shall not choose a range of the index anew for every outer row: that way
    it forgets ORDER BY, and LIMIT 1 is any row (seen in 9.7)."""

    output_field = MOMENT

    def as_sql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return super().as_sql(compiler, connection, template="%(expressions)s", **more)

    def as_mysql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return super().as_sql(compiler, connection, template="COALESCE(%(expressions)s)", **more)
