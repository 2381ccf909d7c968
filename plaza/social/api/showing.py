"""Answers of social, as dicts, a page at a time: each kind of thing that hangs on its rows is one query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import CharField, DurationField, Exists, F, OuterRef, PositiveIntegerField, QuerySet, Value
from django.db.models.functions import Cast

from plaza.api import people
from plaza.api.prepared import prepared
from plaza.media.links import link
from plaza.social import inbox
from plaza.social.models import Image, Liking, Movie, Person, Post

Row = dict[str, Any]
POST = (
    "id", "author_id", "body", "location_id", "location__name", "comments_open", "is_archived", "created_at",
    "edited_at", "stats__likes", "stats__comments", "liked",
)  # fmt: skip


def someone(numbers: Iterable[int | None]) -> dict[int | None, Row]:
    return people.shown(Person, numbers)


def post_rows(rows: QuerySet[Post], me: int) -> QuerySet[Any, Row]:
    """What of a post's own row, its counters and its place is shown."""
    return rows.annotate(liked=Exists(Liking.objects.filter(post_id=OuterRef("pk"), user_id=me))).values(*POST)


def posts(rows: Sequence[Row]) -> list[Row]:
    """Rows of ``post_rows`` as they are answered: two queries more."""
    media, tags = hanging_on([row["id"] for row in rows])
    authors = someone(row["author_id"] for row in rows)
    return [
        {
            "id": str(row["id"]),
            "author": authors[row["author_id"]],
            "body": row["body"],
            "media": media[row["id"]],
            "tags": tags[row["id"]],
            "location": {"id": str(row["location_id"]), "name": row["location__name"]} if row["location_id"] else None,
            "likes": row["stats__likes"] or 0,
            "comments": row["stats__comments"] or 0,
            "liked": row["liked"],
            "comments_open": row["comments_open"],
            "is_archived": row["is_archived"],
            "created_at": row["created_at"],
            "edited_at": row["edited_at"],
        }
        for row in rows
    ]


def hanging_on(numbers: Sequence[int]) -> tuple[dict[int, list[Row]], dict[int, list[str]]]:
    """Pictures and movies of posts in their order, and their tags: three tables in one query."""
    media: dict[int, list[Row]] = defaultdict(list)
    tags: dict[int, list[str]] = defaultdict(list)
    if not numbers:
        return media, tags
    found = _hanging(numbers)
    for post, _, pk, kind, name, width, height, alt, length in sorted(found, key=lambda row: row[:3]):
        if kind == "tag":
            tags[post].append(name)
        else:
            media[post].append(shown_media(kind, pk, name, width, height, alt, length))
    return media, tags


@prepared
def _hanging(numbers: Sequence[int]) -> QuerySet[Any, Any]:
    images = _part(Image.objects.filter(post_id__in=numbers), "image", alt=F("alt_text"))
    movies = _part(Movie.objects.filter(post_id__in=numbers), "movie", length=F("duration"))
    through = Post.tags.through._default_manager.filter(post_id__in=numbers)
    words = through.values_list("post_id", _NUMBER, "id", Value("tag", CharField()), "tag__name", _NUMBER, _NUMBER,
                                _TEXT, _LENGTH)  # fmt: skip
    return images.union(movies, words, all=True)


# MariaDB makes a decimal of what is signed here and unsigned there
_NUMBER = Cast(Value(0), PositiveIntegerField())
_TEXT = Value("", CharField())
_LENGTH = Value(None, DurationField())


def _part(rows: QuerySet[Any], kind: str, alt: Any = _TEXT, length: Any = _LENGTH) -> QuerySet[Any, Any]:
    return rows.values_list("post_id", "position", "id", Value(kind, CharField()), "file", "width", "height", alt,
                            length)  # fmt: skip


def shown_media(kind: str, pk: int, name: str, width: int, height: int, alt: str, length: timedelta | None) -> Row:
    return {
        "id": f"{kind}-{pk}", "kind": kind, "url": link(name), "width": width, "height": height, "alt_text": alt,
        "duration": length.total_seconds() if length is not None else None,
    }  # fmt: skip


def likes(rows: Sequence[Row]) -> list[Row]:
    who = someone(row["user_id"] for row in rows)
    return [{**who[row["user_id"]], "created_at": row["created_at"]} for row in rows]


def comments(rows: Sequence[Row]) -> list[Row]:
    """What was removed keeps its place and says nothing."""
    authors = someone(None if row["is_removed"] else row["author_id"] for row in rows)
    return [
        {
            "id": str(row["id"]),
            "post": str(row["post_id"]),
            "parent": str(row["parent_id"]) if row["parent_id"] else None,
            "author": authors[None if row["is_removed"] else row["author_id"]],
            "body": row["body"],
            "is_removed": row["is_removed"],
            "replies": row["answers"],
            "created_at": row["created_at"],
        }
        for row in rows
    ]


def stories(rows: Sequence[Row], me: int) -> list[Row]:
    """How often one was seen is for its author."""
    authors = someone(row["author_id"] for row in rows)
    return [
        {
            "id": str(row["id"]),
            "author": authors[row["author_id"]],
            "kind": row["kind"],
            "url": link(row["file"], until=row["expires_at"]),
            "width": row["width"],
            "height": row["height"],
            "duration": row["duration"].total_seconds() if row["duration"] is not None else None,
            "caption": row["caption"],
            "seen": row["seen"],
            "views": row["views"] if row["author_id"] == me else None,
            "created_at": row["created_at"],
            "expires_at": row["expires_at"],
        }
        for row in rows
    ]


def notifications(rows: Sequence[Row], read_until: Any) -> list[Row]:
    actors = someone(row["actor_id"] for row in rows)
    return [
        {
            "id": str(row["id"]),
            "kind": row["kind"],
            "actor": actors[row["actor_id"]] if row["actor_id"] else None,
            "amount": row["amount"],
            "post": str(row["post_id"]) if row["post_id"] else None,
            "comment": str(row["comment_id"]) if row["comment_id"] else None,
            "about": _about(row["details"]) if row["details"] else None,
            "is_read": read_until is not None and row["updated_at"] <= read_until,
            "updated_at": row["updated_at"],
        }
        for row in rows
    ]


def _about(details: Row) -> Row:
    """All that may be said; moments as those of other answers."""
    moments = {name: datetime.fromisoformat(details[name]) for name in inbox.MOMENTS if name in details}
    return {**dict.fromkeys(inbox.ABOUT), **details, **moments}
