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
from typing import Any

from django.db.models import DateTimeField, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import LessThanOrEqual

from plaza.api.places import Place
from plaza.api.prepared import prepared
from plaza.social.api import showing
from plaza.social.models import Follow, Person, Post

NEVER = datetime(1970, 1, 2, tzinfo=UTC)
MOMENT = DateTimeField()
Latest = tuple[int, datetime]  # an author, and when his latest post was made


def home(me: int, after: Place | None, places: int) -> list[dict[str, Any]]:
    """The posts of one page, in its order, as ``showing`` wants them."""
    authors, bound = _authors(me, after, places)
    since = () if bound is None else (bound,)
    return _page(me, authors, *(after or ()), *since, is_first=after is None, is_bound=bound is not None, most=places)


@prepared
def _page(
    me: int, authors: list[int], *places: Any, is_first: bool, is_bound: bool, most: int
) -> QuerySet[Any, dict[str, Any]]:
    rows = Post.objects.filter(author_id__in=authors, is_archived=False)
    if not is_first:
        after = Place(*places[:2])
        rows = rows.filter(_is_before(after), created_at__lte=after.moment)  # the last one is a range of the index
    if is_bound:
        rows = rows.filter(created_at__gte=places[-1])
    return showing.post_rows(rows.order_by("-created_at", "-id")[:most], me)


def _is_before(after: Place) -> Q:
    return Q(created_at__lt=after.moment) | Q(pk__lt=after.pk)


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
    gone: set[int] = set()
    while True:
        rows = (
            _first_latest(me, *(after or ()), most=2 * places)
            if not gone
            else _latest(me, after).exclude(followed_id__in=gone)[: 2 * places]
        )
        found = [row for row in rows if row[1] != NEVER]
        gone |= _gone(found)
        seen = [row for row in found if row[0] not in gone]
        if len(found) < 2 * places or (len(seen) > places and seen[-1][1] < seen[places - 1][1]):
            return seen
        if len(seen) > places:  # so many posted at one moment: any of them may be the one
            found = list(_latest(me, after).filter(latest__gte=seen[places - 1][1]))
            return [row for row in found if row[0] not in gone | _gone(found)]


def _latest(me: int, after: Place | None) -> QuerySet[Any, Latest]:
    never = Cast(Value(NEVER, MOMENT), MOMENT)
    latest = Coalesce(Subquery(_of_author("followed_id", after).values("created_at")[:1]), never)
    rows = Follow.objects.filter(follower_id=me).annotate(latest=latest).order_by("-latest")
    return rows.values_list("followed_id", "latest")


@prepared
def _first_latest(me: int, *after: Any, most: int) -> QuerySet[Any, Latest]:
    return _latest(me, Place(*after) if after else None)[:most]


def _gone(found: list[Latest]) -> set[int]:
    return {person for (person,) in _not_valid([author for author, _ in found])}


@prepared
def _not_valid(people: list[int]) -> QuerySet[Any, tuple[int]]:
    return Person.objects.filter(pk__in=people).exclude(status=Person.Status.VALID).values_list("pk")


def _bound(authors: list[int], after: Place | None, places: int) -> datetime | None:
    """None where each of them has fewer posts than the page has places."""
    found = _nth(authors, *(after or ()), place=places)
    return max((moment for (moment,) in found if moment is not None), default=None)


@prepared
def _nth(authors: list[int], *after: Any, place: int) -> QuerySet[Any, tuple[datetime | None]]:
    before = Place(*after) if after else None
    nth = Subquery(_of_author("user_id", before).values("created_at")[place - 1 : place])
    return Person.objects.filter(pk__in=authors).annotate(nth=nth).values_list("nth")


def _of_author(author: str, after: Place | None) -> QuerySet[Post]:
    """Posts of the outer row's author before the page, the latest first, by the index (author, -created_at): MySQL
    takes them as they come only where the order names the author as well, and sorts all of his else."""
    rows = Post.objects.filter(author_id=OuterRef(author), is_archived=False).order_by("author_id", "-created_at")
    if after is None:
        return rows
    before = LessThanOrEqual(Passed("created_at"), Value(after.moment, MOMENT))
    return rows.filter(_is_before(after), before)


class Passed(Func):
    """A column in a condition for which MySQL shall not choose a range of the index anew for every outer row: that way
    it forgets ORDER BY, and LIMIT 1 is any row (seen in 9.7)."""

    output_field = MOMENT

    def as_sql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return super().as_sql(compiler, connection, template="%(expressions)s", **more)

    def as_mysql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return super().as_sql(compiler, connection, template="COALESCE(%(expressions)s)", **more)
