"""Following, requests to follow private profiles, and blocking."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import router, transaction
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api import once, people
from plaza.api.addresses import number
from plaza.api.forms import Someone
from plaza.api.pages import PAGE, page_of, paged
from plaza.api.problems import Conflict, Gone, Unprocessable
from plaza.api.schema import problems
from plaza.api.views import ONCE, user_of
from plaza.social import blocking, counters, following, seeing
from plaza.social.api import forms, profiles, showing
from plaza.social.models import (
    Block,
    Follow,
    FollowRequest,
    Person,
    SocialRequest,
)  # fmt: skip


def writer(request: Request, *others: int) -> int:
    """The number of who writes; he and the others are not deleted before this transaction ends."""
    people.writing(Person, request, *others)
    return int(request.user.pk)


def both(request: Request, other: Person) -> Person:
    """Whom it is about, as he is now; locked, and who writes as well.

    :raises Gone: one of them was deleted meanwhile
    """
    found = people.writing(Person, request, other.pk)[other.pk]
    if found.status == Person.Status.DELETED:
        raise Gone("This profile was deleted, or is blocked.")
    return found


def atomic() -> Any:
    return transaction.atomic(using=router.db_for_write(Follow))


class FollowOne(APIView):
    @extend_schema(operation_id="follow", tags=["social"], request=None, parameters=[ONCE],
                   responses={200: forms.Relationship, **problems(410)})  # fmt: skip
    @once.once(SocialRequest)
    def post(self, request: Request, profile: uuid.UUID) -> Response:
        """Follow a profile, or ask to where it is private; doing it again changes nothing."""
        me = int(request.user.pk)
        other = both(request, profiles.person_of(profile, me))
        if other.pk == me:
            raise Unprocessable("Nobody follows himself.")
        stats = counters.lock_people(me, other.pk)
        if seeing.is_blocked(me, other.pk):
            raise Conflict("You block this profile: unblock it first.")
        if not seeing.follows(me, other.pk):
            self._begin(me, other, stats[me].following)
        return Response(profiles.relationships(me, [other])[0])

    def _begin(self, me: int, other: Person, following_: int) -> None:
        if following_ >= following.CAP:
            raise Unprocessable(f"One can follow {following.CAP} profiles.")
        if other.status != Person.Status.VALID:
            raise Gone("This profile was deleted, or is blocked.")
        if other.is_private:
            following.ask(me, other.pk)
        else:
            following.begin(me, other.pk)

    @extend_schema(operation_id="unfollow", tags=["social"], responses={200: forms.Relationship, **problems(410)})
    def delete(self, request: Request, profile: uuid.UUID) -> Response:
        """Unfollow, or take one's request back; doing it again changes nothing."""
        me = int(request.user.pk)
        other = profiles.person_of(profile, me)
        with atomic():
            writer(request)
            if other.pk != me:
                counters.lock_people(me, other.pk)
                following.end(me, other.pk)
        return Response(profiles.relationships(me, [other])[0])


class _People(APIView):
    """A list of those at one end of follows."""

    def _listed(self, request: Request, rows: Any, end: str) -> Response:
        def show(page: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
            who = showing.someone(row[end] for row in page)
            return [who[row[end]] for row in page]

        return paged(request, rows.values("id", "created_at", end), show)


class Followers(_People):
    @extend_schema(operation_id="list_followers", tags=["social"], parameters=PAGE,
                   responses={200: page_of(Someone), **problems(410)})  # fmt: skip
    def get(self, request: Request, profile: uuid.UUID) -> Response:
        """Who follows a profile, the latest first."""
        me = user_of(request)
        rows = Follow.objects.filter(followed_id=profiles.readable(profile, me).pk)
        return self._listed(request, seeing.unseen(rows, me, "follower_id"), "follower_id")


class Following(_People):
    @extend_schema(operation_id="list_following", tags=["social"], parameters=PAGE,
                   responses={200: page_of(Someone), **problems(410)})  # fmt: skip
    def get(self, request: Request, profile: uuid.UUID) -> Response:
        """Whom a profile follows, the latest first."""
        me = user_of(request)
        rows = Follow.objects.filter(follower_id=profiles.readable(profile, me).pk)
        return self._listed(request, seeing.unseen(rows, me, "followed_id"), "followed_id")


class RemoveFollower(APIView):
    @extend_schema(operation_id="remove_follower", tags=["social"], responses={204: None, **problems(410)})
    def delete(self, request: Request, profile: uuid.UUID) -> Response:
        """Somebody does not follow oneself any more; he is not told."""
        me = int(request.user.pk)
        other = profiles.person_of(profile, me)
        with atomic():
            writer(request)
            if other.pk != me:
                counters.lock_people(me, other.pk)
                following.end(other.pk, me)
        return Response(status=status.HTTP_204_NO_CONTENT)


class FollowRequests(APIView):
    @extend_schema(operation_id="list_follow_requests", tags=["social"], parameters=PAGE,
                   responses={200: page_of(forms.FollowRequestAnswer)})  # fmt: skip
    def get(self, request: Request) -> Response:
        """Who asks to follow oneself, the latest first."""
        me = user_of(request)

        def show(page: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
            who = showing.someone(row["sender_id"] for row in page)
            return [
                {"id": str(row["id"]), "sender": who[row["sender_id"]], "created_at": row["created_at"]} for row in page
            ]

        rows = seeing.unseen(FollowRequest.objects.filter(target_id=me), me, "sender_id")
        return paged(request, rows.values("id", "sender_id", "created_at"), show)


class _Decision(APIView):
    def _asked(self, request: Request, text: str) -> tuple[int, int, int]:
        """The sender of a request to oneself, oneself, and how many the sender follows; with both locked."""
        me = int(request.user.pk)
        asked = FollowRequest.objects.filter(pk=number(text), target_id=me).first()
        writer(request, *([asked.sender_id] if asked else []))
        if asked is None:
            raise exceptions.NotFound("There is no such request, or not any more.")
        stats = counters.lock_people(asked.sender_id, me)
        if not seeing.unseen(FollowRequest.objects.filter(pk=asked.pk), me, "sender_id").exists():
            raise exceptions.NotFound("There is no such request, or not any more.")
        return asked.sender_id, me, stats[asked.sender_id].following


class Accept(_Decision):
    @extend_schema(operation_id="accept_follow_request", tags=["social"], request=None, parameters=[ONCE],
                   responses={204: None, **problems(410)})  # fmt: skip
    @once.once(SocialRequest)
    def post(self, request: Request, asked: str) -> Response:
        """Whoever asked follows oneself from now on."""
        sender, me, follows = self._asked(request, asked)
        if follows >= following.CAP:
            raise Unprocessable("Whoever asked follows as many as one can.")
        following.begin(sender, me)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Reject(_Decision):
    @extend_schema(operation_id="reject_follow_request", tags=["social"], request=None, parameters=[ONCE],
                   responses={204: None, **problems(410)})  # fmt: skip
    @once.once(SocialRequest)
    def post(self, request: Request, asked: str) -> Response:
        """Whoever asked does not follow oneself, and is not told."""
        sender, me, _ = self._asked(request, asked)
        following.refuse(sender, me)
        return Response(status=status.HTTP_204_NO_CONTENT)


class BlockOne(APIView):
    @extend_schema(operation_id="block", tags=["social"], request=None,
                   responses={204: None, **problems(410, 422)})  # fmt: skip
    def put(self, request: Request, profile: uuid.UUID) -> Response:
        """Block somebody: neither sees the other any more, nor follows him."""
        me = int(request.user.pk)
        other = Person.objects.filter(public_id=profile).first()  # also one who blocks oneself
        if other is None:
            raise exceptions.NotFound
        if other.pk == me:
            raise Unprocessable("Nobody blocks himself.")
        with atomic():
            both(request, other)
            blocking.begin(me, other.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(operation_id="unblock", tags=["social"], responses={204: None, **problems(410)})
    def delete(self, request: Request, profile: uuid.UUID) -> Response:
        """Unblock somebody; who followed whom stays undone."""
        me = int(request.user.pk)
        other = Person.objects.filter(public_id=profile).first()
        if other is None:
            raise exceptions.NotFound
        with atomic():
            writer(request)
            blocking.end(me, other.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Blocks(_People):
    @extend_schema(operation_id="list_blocked_users", tags=["social"], parameters=PAGE,
                   responses={200: page_of(Someone)})  # fmt: skip
    def get(self, request: Request) -> Response:
        """Whom one blocks, the latest first."""
        return self._listed(request, Block.objects.filter(blocker_id=user_of(request)), "blocked_id")
