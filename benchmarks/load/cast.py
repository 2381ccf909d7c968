"""`python -m benchmarks.load.cast`: users with tokens, and what they may see, as JSON; run inside of a filled plaza.

What is old in made rows is made fresh: stories last a day, and a table is booked for a day to come.
"""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import django

USERS = 400
THINGS = 2_000
PASSWORD = "a word of nine letters"
WITH_PASSWORD = 20
"""Made rows let nobody in: these get a password."""
HOT_TABLES = 5


def cast() -> dict[str, Any]:
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import User
    from django.utils.timezone import now

    from plaza.accounts.models import Profile
    from plaza.bookings.models import OpeningHours, Restaurant, RestaurantStats, Table
    from plaza.social.models import Image, Post, Story
    from plaza.videos.models import Channel, Video

    profiles = list(Profile.objects.filter(status="valid", is_private=False).order_by("user_id")[:USERS])
    numbers = [profile.user_id for profile in profiles]
    Story.objects.filter(author_id__in=numbers).update(created_at=now(), expires_at=now() + timedelta(hours=24))
    insiders = profiles[:WITH_PASSWORD]
    User.objects.filter(pk__in=[one.user_id for one in insiders]).update(
        password=make_password(PASSWORD), is_active=True
    )
    names = dict(User.objects.filter(pk__in=numbers).values_list("pk", "username"))

    valid = list(Profile.objects.filter(status="valid").values_list("user_id", flat=True))
    places = Restaurant.objects.filter(owner_id__in=valid, closed_at=None, approves_by_hand=False).order_by("pk")
    places.update(books_ahead=365)
    OpeningHours.objects.filter(restaurant__in=places).delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(restaurant=place, weekday=day, opens_at="12:00", closes_at="23:00")
        for place in places
        for day in range(7)
    )
    hot = Restaurant.objects.create(owner_id=numbers[-1], name="hot", slug=f"hot-{uuid.uuid4().hex}", books_ahead=365)
    RestaurantStats.objects.get_or_create(restaurant=hot)
    Table.objects.bulk_create(Table(restaurant=hot, label=f"{n}", seats=4) for n in range(HOT_TABLES))
    OpeningHours.objects.bulk_create(
        OpeningHours(restaurant=hot, weekday=day, opens_at="12:00", closes_at="23:00") for day in range(7)
    )

    def ids(rows: Any, name: str = "pk") -> list[str]:
        return [str(one) for one in rows.values_list(name, flat=True)[:THINGS]]

    posts = Post.objects.filter(author_id__in=numbers, is_archived=False).order_by("-created_at", "-pk")
    shown = Video.objects.filter(state="published", privacy="public", comments_are="open")
    videos = shown.filter(channel__owner_id__in=valid).order_by("-published_at", "-pk")
    free = Image.objects.filter(owner_id__in=numbers, post=None).order_by("pk")
    return {
        "users": [
            {"number": one.user_id, "profile": str(one.public_id), "token": _token(one)} for one in profiles
        ],
        "logins": [names[one.user_id] for one in insiders],
        "password": PASSWORD,
        "posts": ids(posts),
        "open posts": ids(posts.filter(comments_open=True)),
        "stories": ids(Story.objects.filter(author_id__in=numbers).order_by("-pk")),
        "free media": [[owner, f"image-{pk}"] for owner, pk in free.values_list("owner_id", "pk")[:THINGS]],
        "videos": ids(videos, "public_id"),
        "channels": [[owner, handle] for owner, handle in Channel.objects.filter(owner_id__in=numbers)
                     .order_by("pk").values_list("owner_id", "handle")[:THINGS]],
        "restaurants": ids(places, "public_id"),
        "hot": str(hot.public_id),
        "day": f"{now() + timedelta(days=30):%Y-%m-%d}",
    }  # fmt: skip


def _token(profile: Any) -> str:
    from django.utils.timezone import now
    from rest_framework_simplejwt.tokens import AccessToken

    from plaza.accounts.models import Login

    made = AccessToken()
    made.set_exp(lifetime=timedelta(hours=12))
    open_ = Login.objects.filter(user_id=profile.user_id, ended_at=None)
    login = open_.first() or Login.objects.create(user_id=profile.user_id, expires_at=now() + timedelta(days=1))
    claims = {
        "user_id": str(profile.user_id), "profile": str(profile.public_id), "nickname": profile.nickname,
        "session": str(login.public_id),
    }  # fmt: skip
    for name, value in claims.items():
        made[name] = value
    return str(made)


if __name__ == "__main__":
    django.setup()
    print(json.dumps(cast()))
