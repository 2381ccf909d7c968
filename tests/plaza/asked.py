"""GETs of every endpoint, with what there is in their places: `python -m tests.plaza.asked`, run in a filled plaza.

Each line is a JSON list: the operation, the path with its query, and a token that is good for a day, or "" for nobody.
`python -m tests.plaza.asked freshen` makes what is gone of itself come back first: made rows are years old, and have
no files.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import chain, islice, product, zip_longest
from typing import Any, NamedTuple
from urllib.parse import quote

import django

MOST = 20
"""Of one operation."""

Places = Callable[[int], Iterable[object]]
Claims = dict[str, str] | None


class Ask(NamedTuple):
    operation: str
    path: str
    claims: Claims


def freshen() -> None:
    """Stories that are seen for a day, exports that are there, and files of a few videos."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage
    from django.utils.timezone import now

    from plaza.accounts.models import Export
    from plaza.social.models import Story
    from plaza.videos import captioning

    Story.objects.filter(pk__lte=200).update(created_at=now(), expires_at=now() + timedelta(hours=20))
    Export.objects.exclude(name="").update(expires_at=now() + timedelta(days=7))
    for video in played():
        default_storage.save(video.file.name, ContentFile(video.public_id.bytes * 1000))
    for video in captioned():
        for name in captioning.names(video.captions):
            if not default_storage.exists(name):  # some videos of the data maker have one file
                default_storage.save(name, ContentFile(f"WEBVTT\n\n00:01.000 --> 00:02.000\n{name}\n".encode()))


def played() -> Iterable[Any]:
    from plaza.videos.models import Video

    return Video.objects.filter(state="published", privacy="public").exclude(file="").order_by("pk")[:4]


def captioned() -> Iterable[Any]:
    from plaza.videos.api import access

    return access.listed().filter(captions__isnull=False).order_by("pk")[:4]


def users() -> dict[int, dict[str, str]]:
    """Number → claims of those who have most of each kind, and of one who has little."""
    from django.db.models import Count

    from plaza.accounts.models import Export, Profile
    from plaza.bookings.models import Booking, Restaurant
    from plaza.social.models import FollowRequest, Post, Upload
    from plaza.videos import models as videos

    valid = dict(Profile.objects.filter(status="valid").order_by("user_id").values_list("user_id", "public_id"))
    names = dict(Profile.objects.values_list("user_id", "nickname"))

    open_ = Restaurant.objects.filter(closed_at=None)
    kinds: list[tuple[Any, str]] = [
        (Post.objects, "author_id"), (videos.Channel.objects, "owner_id"), (open_, "owner_id"),
        (Booking.objects, "guest_id"), (videos.WatchHistory.objects, "user_id"), (FollowRequest.objects, "target_id"),
        (Upload.objects, "owner_id"), (videos.Upload.objects, "user_id"), (Export.objects, "user_id"),
    ]  # fmt: skip
    most = []
    for rows, key in kinds:
        found = rows.filter(**{f"{key}__in": list(valid)}).order_by().values(key).annotate(n=Count("pk"))
        most.append(found.order_by("-n", key).values_list(key, flat=True)[0])
    chosen = dict.fromkeys([*most, max(valid)])
    return {
        n: {"user_id": str(n), "profile": str(valid[n]), "nickname": names[n], "session": session(n)} for n in chosen
    }


def session(user: int) -> str:
    """A login of the user that has not ended; made where there is none."""
    from django.utils.timezone import now

    from plaza.accounts.models import Login

    open_ = Login.objects.filter(user_id=user, ended_at=None).order_by("pk")
    found = open_.first() or Login.objects.create(user_id=user, expires_at=now() + timedelta(days=30))
    return str(found.public_id)


def own(rows: Any, key: str, name: str = "public_id") -> Places:
    """A user's own, the newest first, and one that is another's."""
    rows = rows.order_by("-pk")

    def found(me: int) -> Iterator[object]:
        yield from rows.filter(**{key: me}).values_list(name, flat=True)[:3]
        yield from rows.exclude(**{key: me}).values_list(name, flat=True)[:1]

    return found


def any_(rows: Any, name: str = "public_id") -> Places:
    """Different ones for each user."""
    rows = rows.order_by("pk").values_list(name, flat=True)
    total = rows.count()
    return lambda me: (rows[(me * 31 + turn * 7) % total] for turn in range(4))


def within(rows: Any, outer: str, template: str) -> Places:
    """Things within others."""
    return lambda me: (template.format(*found) for found in rows.order_by("-pk").values_list(outer, "pk")[:4])


def both(one: Places, other: Places) -> Places:
    return lambda me: chain(one(me), other(me))


def places() -> dict[str, Places]:
    """Where a path has places: what to put there for a user, his own things first."""
    from plaza.accounts.models import Export
    from plaza.bookings.models import Booking, Restaurant, Table, WaitlistEntry
    from plaza.media.links import link
    from plaza.social import models as social
    from plaza.videos import models as videos

    public = videos.Video.objects.filter(state="published", privacy="public")
    answered = videos.Comment.objects.filter(video__in=public, parent=None, replies__isnull=False).distinct()
    open_ = Restaurant.objects.filter(closed_at=None)
    return {
        "media/{name}": lambda me: (link(video.file.name).removeprefix("/api/") for video in played()),
        "me/export/{export}": own(Export.objects.exclude(name=""), "user_id"),
        "profiles/{nickname}": any_(social.Person.objects, "nickname"),
        "profiles/{profile}": both(own(social.Person.objects, "pk"), any_(social.Person.objects)),
        "posts/{post}": both(own(social.Post.objects, "author_id", "pk"), any_(social.Post.objects, "pk")),
        "comments/{comment}": any_(social.Comment.objects.filter(replies__isnull=False), "pk"),
        "stories/{story}": own(social.Story.objects.filter(pk__lte=200), "author_id", "pk"),
        "locations/{location}": any_(social.Location.objects, "pk"),
        "tags/{tag}": any_(social.Tag.objects, "name"),
        "uploads/{upload}": own(social.Upload.objects, "owner_id"),
        "channels/{handle}": both(
            own(videos.Channel.objects, "owner_id", "handle"), any_(videos.Channel.objects, "handle")
        ),
        "videos/{video}": both(own(videos.Video.objects, "channel__owner_id"), any_(public)),
        "videos/{video}/file": lambda me: (f"videos/{video.public_id}/file" for video in played()),
        "videos/{video}/captions/{language}": lambda me: (
            f"videos/{video.public_id}/captions/{language}" for video in captioned() for language in video.captions
        ),
        "videos/{video}/comments/{comment}": within(answered, "video__public_id", "videos/{}/comments/{}"),
        "videos/uploads/{upload}": own(videos.Upload.objects, "user_id"),
        "playlists/{playlist}": both(own(videos.Playlist.objects, "owner_id"), any_(videos.Playlist.objects)),
        "restaurants/{restaurant}": both(own(open_, "owner_id"), any_(open_)),
        "restaurants/{restaurant}/tables/{table}": within(
            Table.objects.filter(restaurant__in=open_), "restaurant__public_id", "restaurants/{}/tables/{}"
        ),
        "bookings/{booking}": own(Booking.objects, "guest_id"),
        "waitlist/{entry}": own(WaitlistEntry.objects, "guest_id", "pk"),
    }


def queries() -> dict[str, list[str]]:
    """Path → queries, where others than none and a small page are wanted."""
    from plaza.bookings.models import Booking, WaitlistEntry
    from plaza.social.models import Person
    from plaza.videos.models import Channel, Video

    def ids(model: Any, amount: int) -> str:
        return "ids=" + ",".join(map(str, model.objects.order_by("pk").values_list("public_id", flat=True)[:amount]))

    begins = Booking.objects.order_by("-pk").values_list("starts_at", flat=True)[0]
    day = WaitlistEntry.objects.order_by("-pk").values_list("wanted_on", flat=True)[0]
    words = [f"q={quote(word)}" for word in ("a", "맛집", "Straße", "İ", "É", "%", "_", "nothing like it", "서울")]
    return {
        "media/{name}": [""],
        "profiles": words,
        "locations": words,
        "relationships": [ids(Person, 20)],
        "me/ratings": [ids(Video, 30)],
        "me/subscriptions/exist": [ids(Channel, 30)],
        "playlists/exists": [ids(Video, 30)],
        "videos/search": words,
        "restaurants": ["", *words],
        "restaurants/{restaurant}/slots": ["date=2027-03-28&party=2", "date=2027-02-14&party=4"],
        "restaurants/{restaurant}/bookings": [f"date={begins:%Y-%m-%d}"],
        "restaurants/{restaurant}/waitlist": [f"date={day:%Y-%m-%d}"],
    }


def operations() -> Iterator[tuple[str, str, bool]]:
    """(its id, its path after /api/, whether it is for everybody) of every GET."""
    from drf_spectacular.generators import SchemaGenerator

    for path, methods in SchemaGenerator().get_schema(request=None, public=True)["paths"].items():
        if "get" in methods:
            security = methods["get"].get("security")
            yield methods["get"]["operationId"], path.removeprefix("/api/"), not security or {} in security


def asked() -> Iterator[Ask]:
    known, words, people = places(), queries(), users()
    for name, path, is_open in sorted(operations()):
        head = max((place for place in known if path.startswith(place)), key=len, default="")
        askers: list[tuple[int, Claims]] = [*people.items(), *([(0, None)] if is_open else [])]
        ends = words.get(path, ["", "limit=3"])

        def asks_of(number: int, claims: Claims, name=name, path=path, head=head, ends=ends) -> Iterator[Ask]:
            heads = [_filled(head, one) for one in known[head](number)] if head else [""]
            for end, start in product(ends, heads):
                text = f"/api/{start}{path.removeprefix(head)}"
                yield Ask(name, f"{text}?{end}" if end else text, claims)

        yield from islice(_in_turn([asks_of(*one) for one in askers]), MOST)


def _filled(head: str, value: object) -> str:
    """A value is what stands in the head's only place, or the whole of it."""
    text = str(value)
    return text if "/" in text else re.sub(r"\{\w+\}", quote(text, safe=""), head)


def _in_turn(sources: list[Iterator[Ask]]) -> Iterator[Ask]:
    """One of each, then the next of each, and none twice."""
    seen = set()
    for ask in filter(None, chain.from_iterable(zip_longest(*sources))):
        if repr(ask) not in seen:
            seen.add(repr(ask))
            yield ask


def token(claims: Claims) -> str:
    from rest_framework_simplejwt.tokens import AccessToken

    if claims is None:
        return ""
    made = AccessToken()
    made.set_exp(lifetime=timedelta(days=1))
    for name, value in claims.items():
        made[name] = value
    return str(made)


if __name__ == "__main__":
    django.setup()
    if "freshen" in sys.argv:
        freshen()
    for name, path, claims in asked():
        print(json.dumps([name, path, token(claims)]))
