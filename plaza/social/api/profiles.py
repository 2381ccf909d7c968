"""Profiles as others see them: who one is, searching, and how one stands to others."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api import people, versions
from plaza.api.forms import Someone
from plaza.api.pages import PAGE, page_of, paged
from plaza.api.problems import Gone
from plaza.api.queries import IDS, ids, words
from plaza.api.schema import problems
from plaza.api.views import user_of
from plaza.social import seeing
from plaza.social.api import forms
from plaza.social.models import Block, Follow, FollowRequest, Person, ProfileStats

SHOWN = ("public_id", "nickname", "name", "image")


def person_of(public_id: uuid.UUID | str, me: int) -> Person:
    """Somebody by his id.

    :raises NotFound: there is nobody, or he blocks oneself
    :raises Gone: he was deleted or is suspended
    """
    return _seen(Person.objects.filter(public_id=public_id).first(), me)


def readable(public_id: uuid.UUID, me: int) -> Person:
    """Somebody whose posts, followers and stories one may see.

    :raises NotFound: one blocks the other
    :raises PermissionDenied: he is private, and one does not follow him; that he is there is for everybody
    """
    person = person_of(public_id, me)
    if seeing.is_blocked(me, person.pk):
        raise exceptions.NotFound
    if person.is_private and person.pk != me and not seeing.follows(me, person.pk):
        raise exceptions.PermissionDenied("This profile is private: follow it to see this.")
    return person


def _seen(person: Person | None, me: int) -> Person:
    if person is None or Block.objects.filter(blocker_id=person.pk, blocked_id=me).exists():
        raise exceptions.NotFound
    if person.status != Person.Status.VALID:
        raise Gone("This profile was deleted, or is blocked.")
    return person


def relationships(me: int, others: Iterable[Person]) -> list[dict[str, Any]]:
    """How one stands to each of them: four queries for all."""
    numbers = {person.pk: str(person.public_id) for person in others}
    following = _ends(Follow, "follower_id", me, "followed_id", numbers)
    followers = _ends(Follow, "followed_id", me, "follower_id", numbers)
    asked_ = _ends(FollowRequest, "sender_id", me, "target_id", numbers)
    blocked = _ends(Block, "blocker_id", me, "blocked_id", numbers)
    return [
        {
            "id": public_id, "following": number in following, "requested": number in asked_,
            "followed_by": number in followers, "blocking": number in blocked,
        }
        for number, public_id in numbers.items()
    ]  # fmt: skip


def _ends(model: Any, here: str, me: int, there: str, numbers: Iterable[int]) -> set[int]:
    return set(model.objects.filter(**{here: me, f"{there}__in": list(numbers)}).values_list(there, flat=True))


class Profiles(APIView):
    @extend_schema(operation_id="search_profiles", tags=["social"], responses={200: page_of(Someone)},
                   parameters=[OpenApiParameter("q", str, required=True, description="how a nickname or name begins"),
                               *PAGE])  # fmt: skip
    def get(self, request: Request) -> Response:
        """Find somebody by the beginning of his nickname or name."""
        me, said = user_of(request), words(request, "q", 40)
        named = Q(nickname__startswith=said.lower().removeprefix("@")) | Q(name__startswith=said)
        found = seeing.unseen(Person.objects.filter(named, status=Person.Status.VALID), me, "user_id")
        return paged(request, found.values(*SHOWN), lambda page: [people.card(**row) for row in page],
                     order=("nickname", "user_id"))  # fmt: skip


class Profile(APIView):
    @extend_schema(operation_id="get_profile", tags=["social"],
                   responses={200: forms.ProfileAnswer, **problems(410)})  # fmt: skip
    def get(self, request: Request, nickname: str) -> Response:
        """Somebody by nickname, with his counters and how one stands to him."""
        me = user_of(request)
        if "\0" in nickname or len(nickname) > 40:
            raise exceptions.NotFound
        name = nickname.lower()
        named = Person.objects.filter(nickname=name).order_by("-pk")
        person = _seen(next((one for one in named if one.nickname == name), None), me)  # to MySQL é is e
        stats = ProfileStats.objects.filter(pk=person.pk).first() or ProfileStats(pk=person.pk)
        data = {
            **people.card(*(getattr(person, name) for name in SHOWN)),
            "is_private": person.is_private,
            "posts": stats.posts,
            "followers": stats.followers,
            "following": stats.following,
            "relationship": relationships(me, [person])[0] if person.pk != me else None,
        }
        return versions.answer(request, data, versions.etag("profile", *sorted(data.items(), key=str)))


class Relationships(APIView):
    @extend_schema(operation_id="list_relationships", tags=["social"], responses={200: forms.Relationship(many=True)},
                   parameters=IDS)  # fmt: skip
    def get(self, request: Request) -> Response:
        """How one stands to each of many; those that are not there are left out."""
        wanted, me = ids(request), user_of(request)
        hidden = Exists(Block.objects.filter(blocker_id=OuterRef("user_id"), blocked_id=me))
        found = Person.objects.filter(~hidden, public_id__in=wanted, status=Person.Status.VALID).exclude(pk=me)
        return Response(relationships(me, found.order_by("pk")))
