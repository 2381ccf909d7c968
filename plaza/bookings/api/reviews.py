"""What guests say of their visits."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, router, transaction
from django.db.models import F
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api import people
from plaza.api.once import once
from plaza.api.pages import PAGE, page_of, paged
from plaza.api.problems import Conflict
from plaza.api.schema import problems
from plaza.api.views import ONCE, Open, read
from plaza.bookings.api import answers, finding, forms
from plaza.bookings.models import Booking, BookingsRequest, Person, RestaurantStats, Review

TAG = ["bookings"]


class Reviews(Open):
    @extend_schema(operation_id="list_reviews", tags=TAG, parameters=PAGE, auth=[],
                   responses={200: page_of(forms.ReviewOut)})  # fmt: skip
    def get(self, request: Request, restaurant: uuid.UUID) -> Response:
        """The newest first."""
        place = finding.restaurant(restaurant)
        away = Person.objects.exclude(status=Person.Status.VALID).values("pk")
        found = Review.objects.filter(restaurant=place).exclude(author_id__in=away)

        def build(rows: Sequence[Review]) -> list[dict[str, Any]]:
            authors = finding.names(one.author_id for one in rows)
            return [answers.review(one, authors) for one in rows]

        return paged(request, found, build)


class MakeReview(APIView):
    @extend_schema(operation_id="review_visit", tags=TAG, request=forms.ReviewIn, parameters=[ONCE],
                   responses={201: forms.ReviewOut, **problems(410)})  # fmt: skip
    @once(BookingsRequest)
    def post(self, request: Request, booking: uuid.UUID) -> Response:
        """Say how it was, once, after the visit."""
        data = read(forms.ReviewIn, request)
        person = people.writer(Person, request)
        found, place, _ = finding.booking(request, booking, owner=False)
        if found.state != Booking.State.FINISHED:
            raise Conflict("A visit is reviewed when it is over.")
        try:
            with transaction.atomic(using=router.db_for_write(Review)):
                said = Review.objects.create(booking=found, restaurant=place, author_id=person.pk, **data)
        except IntegrityError:
            raise Conflict("You have reviewed this visit.") from None
        RestaurantStats.objects.get_or_create(restaurant=place)
        stats = RestaurantStats.objects.filter(restaurant=place)
        stats.update(reviews=F("reviews") + 1, stars=F("stars") + said.stars)
        return Response(answers.review(said, finding.names([person.pk])), status=status.HTTP_201_CREATED)
