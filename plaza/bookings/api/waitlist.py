"""The waiting list: joining, leaving, being offered what gets free, accepting it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import BigIntegerField, ExpressionWrapper, F
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api import locks, people, queries
from plaza.api.addresses import number, one
from plaza.api.once import once
from plaza.api.pages import PAGE, page_of, paged
from plaza.api.retries import retried, whole
from plaza.api.schema import problems
from plaza.api.views import ONCE, read, user_of
from plaza.bookings import waiting
from plaza.bookings.api import answers, finding, forms
from plaza.bookings.api.finding import told
from plaza.bookings.api.reservations import answered
from plaza.bookings.models import BookingsRequest, Person, WaitlistEntry

TAG = ["bookings"]
TURN = ExpressionWrapper(F("pk") - F("priority") * 2**48, BigIntegerField())
"""One's place in line as one number. A cursor is the value of the order's first column and, of those that share it, a
count: by the priority, which all have at first, it would pass over one for each who leaves in between."""


def mine(request: Request, text: str) -> WaitlistEntry:
    rows = WaitlistEntry.objects.select_related("restaurant", "booking__table")
    return one(rows, pk=number(text), guest_id=user_of(request))


class Line(APIView):
    @extend_schema(operation_id="list_line", tags=TAG, parameters=[forms.Day, *PAGE],
                   responses={200: page_of(forms.InLine), **problems(410)})  # fmt: skip
    def get(self, request: Request, restaurant: uuid.UUID) -> Response:
        """Who waits at one's restaurant for a day, the first in line first."""
        asked = queries.asked(forms.Day, request)
        place = finding.owned(request, restaurant)
        line = WaitlistEntry.objects.filter(
            restaurant=place, wanted_on=asked["date"], state__in=waiting.IN_LINE
        ).select_related("booking").annotate(turn=TURN)  # fmt: skip

        def build(rows: Sequence[WaitlistEntry]) -> list[dict[str, Any]]:
            guests = finding.names(one.guest_id for one in rows)
            return [answers.in_line(one, place, guests) for one in rows]

        return paged(request, line, build, ("turn",))

    @extend_schema(operation_id="join_line", tags=TAG, request=forms.Join, parameters=[ONCE],
                   responses={201: forms.Waiting, **problems(410)})  # fmt: skip
    @retried
    @once(BookingsRequest)
    def post(self, request: Request, restaurant: uuid.UUID) -> Response:
        """Get in line for a day: what gets free, from the earliest to the latest time, is offered in turn."""
        data = read(forms.Join, request)
        person = people.writer(Person, request, alone=True)
        place = finding.restaurant(restaurant)
        with told():
            made = waiting.join(place, person, data["party_size"], data["date"], data["earliest"], data["latest"])
        return Response(answers.waiting(made, place), status=status.HTTP_201_CREATED)


class NextInLine(APIView):
    @extend_schema(operation_id="offer_next", tags=TAG, request=forms.DayAsked, parameters=[ONCE],
                   responses={200: forms.InLine(many=True), **problems(410)})  # fmt: skip
    @retried
    @once(BookingsRequest)
    def post(self, request: Request, restaurant: uuid.UUID) -> Response:
        """Offer what is free on a day to the first in line whose party fits, now; nothing where nobody's does."""
        day = read(forms.DayAsked, request)["date"]
        place = finding.owned(request, restaurant)
        line = WaitlistEntry.objects.filter(restaurant=place, wanted_on=day, state=WaitlistEntry.State.WAITING)
        locks.held(Person, line.values_list("guest_id", flat=True))  # all of them, before any table
        offered = waiting.offer(place, day, most=1)
        guests = finding.names(one.guest_id for one in offered)
        return Response([answers.in_line(one, place, guests) for one in offered])


class OneInLine(APIView):
    @extend_schema(operation_id="set_priority", tags=TAG, request=forms.Priority,
                   responses={200: forms.InLine, **problems(410)})  # fmt: skip
    @whole(WaitlistEntry)
    def put(self, request: Request, restaurant: uuid.UUID, entry: str) -> Response:
        """The owner moves somebody ahead or back: the highest is first."""
        priority = read(forms.Priority, request)["priority"]
        place = finding.owned(request, restaurant)
        rows = WaitlistEntry.objects.filter(pk=number(entry), restaurant=place)
        rows.filter(state__in=waiting.IN_LINE).update(priority=priority)
        found = one(rows.select_related("booking"))
        return Response(answers.in_line(found, place, finding.names([found.guest_id])))


class MyLines(APIView):
    @extend_schema(operation_id="list_my_lines", tags=TAG, parameters=PAGE,
                   responses={200: page_of(forms.Waiting)})  # fmt: skip
    def get(self, request: Request) -> Response:
        """Where one is or was in line, and what is offered."""
        rows = WaitlistEntry.objects.filter(guest_id=user_of(request)).select_related("restaurant", "booking")
        return paged(request, rows, lambda found: [answers.waiting(one, one.restaurant) for one in found])


class MyLine(APIView):
    @extend_schema(operation_id="get_line", tags=TAG, responses={200: forms.Waiting})
    def get(self, request: Request, entry: str) -> Response:
        found = mine(request, entry)
        return Response(answers.waiting(found, found.restaurant))

    @extend_schema(operation_id="leave_line", tags=TAG, responses={204: None, **problems(409, 410)})
    @whole(WaitlistEntry)
    def delete(self, request: Request, entry: str) -> Response:
        """Leave the line; what was offered goes to the next. Twice is as once."""
        people.writer(Person, request)
        with told():
            waiting.leave(mine(request, entry))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Accept(APIView):
    @extend_schema(operation_id="accept_offer", tags=TAG, request=forms.Voucher, parameters=[ONCE],
                   responses={200: forms.BookingOut, **problems(410)})  # fmt: skip
    @retried
    @once(BookingsRequest)
    def post(self, request: Request, entry: str) -> Response:
        """Take what is offered. 410: its time is over, and it went to the next."""
        voucher = read(forms.Voucher, request)["voucher"]
        people.writer(Person, request)
        found = mine(request, entry)
        with told():
            booked = waiting.accept(found, str(voucher))
        return answered(booked, found.restaurant)
