"""Slots, holds and bookings, and what becomes of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.db import router, transaction
from django.utils.timezone import now
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api import clients, people, queries, versions
from plaza.api.once import once
from plaza.api.pages import PAGE, page_of, paged
from plaza.api.problems import Stale
from plaza.api.retries import retried, whole
from plaza.api.schema import problems
from plaza.api.views import IF_MATCH, ONCE, Open, read, user_of
from plaza.bookings import placing, states
from plaza.bookings.api import answers, finding, forms
from plaza.bookings.api.finding import told
from plaza.bookings.hours import whole_day, zone
from plaza.bookings.models import Booking, BookingsRequest, Person, Restaurant
from plaza.bookings.slots import slots

TAG = ["bookings"]
State = Booking.State


def answered(booking: Booking, restaurant: Restaurant, code: int = 200) -> Response:
    return Response(
        answers.booking(booking, restaurant), status=code, headers={"ETag": answers.booking_tag(booking, restaurant)}
    )


class Slots(Open):
    @extend_schema(operation_id="list_slots", tags=TAG, parameters=[forms.SlotsAsked], auth=[],
                   responses={200: forms.Slots})  # fmt: skip
    def get(self, request: Request, restaurant: uuid.UUID) -> Response:
        """What is free on a day for a party, by quarters of an hour. It is advice: the booking decides."""
        asked = queries.asked(forms.SlotsAsked, request)
        day, party = asked["date"], asked["party"]
        place = finding.restaurant(restaurant)
        said = answers.slots(place, day, party, slots(place, day, party))
        return Response(said, headers={"Cache-Control": "no-store"})


class OwnersDay(APIView):
    @extend_schema(operation_id="list_days_bookings", tags=TAG, parameters=[forms.Day, *PAGE],
                   responses={200: page_of(forms.BookingOfDay), **problems(410)})  # fmt: skip
    def get(self, request: Request, restaurant: uuid.UUID) -> Response:
        """Who comes to one's restaurant on a day of its own calendar, in order; also who has cancelled."""
        asked = queries.asked(forms.Day, request)
        place = finding.owned(request, restaurant)
        day = whole_day(asked["date"], zone(place))
        found = Booking.objects.filter(
            table_id__in=list(place.tables.values_list("pk", flat=True)),
            starts_at__gte=day.begins, starts_at__lt=day.ends,
        )  # fmt: skip

        def build(rows: Sequence[Booking]) -> list[dict[str, Any]]:
            guests = finding.names(one.guest_id for one in rows)
            return [{**answers.booking(one, place), "guest": guests[one.guest_id]} for one in rows]

        return paged(request, found.select_related("table"), build, ("starts_at", "pk"))


class Making(APIView):
    """What holds and bookings have in common."""

    def values(self, request: Request, person: Person, data: dict[str, Any]) -> dict[str, Any]:
        return {
            "guest_name": data.get("guest_name") or person.name or person.nickname,
            "note": data.get("note", ""),
            "requested_from": clients.address(request),
        }

    def wish(self, data: dict[str, Any]) -> tuple[Restaurant, dict[str, Any]]:
        name = "restaurant"
        try:
            place = finding.restaurant(data["restaurant"])
            name = "table"
            more = {"table": finding.table(place, data["table"]).pk} if "table" in data else {}
        except exceptions.NotFound:
            raise serializers.ValidationError({name: "There is none with this id."}) from None
        return place, {"begins": data["starts_at"], "party": data["party_size"], **more}


class Holds(Making):
    @extend_schema(operation_id="hold_table", tags=TAG, request=forms.Wish, parameters=[ONCE],
                   responses={201: forms.BookingOut, **problems(410)})  # fmt: skip
    @retried
    @once(BookingsRequest)
    def post(self, request: Request) -> Response:
        """Hold a table for ten minutes, to be confirmed in them. 409: somebody was first, see the slots."""
        data = read(forms.Wish, request)
        person = people.writer(Person, request, alone=True)
        place, wanted = self.wish(data)
        with told():
            made = placing.hold(place, person, **wanted, **self.values(request, person, data))
        return answered(made, place, status.HTTP_201_CREATED)


class Bookings(Making):
    @extend_schema(operation_id="book_table", tags=TAG, request=forms.Wish, parameters=[ONCE],
                   responses={201: forms.BookingOut, **problems(410)})  # fmt: skip
    @retried
    @once(BookingsRequest)
    def post(self, request: Request) -> Response:
        """Book a table at once; where the restaurant approves by hand it is a request. 409: somebody was first."""
        data = read(forms.Wish, request)
        person = people.writer(Person, request)
        place, wanted = self.wish(data)
        state = State.REQUESTED if place.approves_by_hand else State.RESERVED
        with told():
            made = placing.book(place, **wanted, guest_id=person.pk, state=state, **self.values(request, person, data))
        return answered(made, place, status.HTTP_201_CREATED)


class MyBookings(APIView):
    WHEN = OpenApiParameter("when", str, enum=["upcoming", "past"], description="none: all, the latest first")

    @extend_schema(operation_id="list_my_bookings", tags=TAG, parameters=[WHEN, *PAGE],
                   responses={200: page_of(forms.BookingOut)})  # fmt: skip
    def get(self, request: Request) -> Response:
        """One's own: those to come with the next first, or those that were with the last first."""
        when = request.query_params.get("when", "")
        if when not in ("", "upcoming", "past"):
            raise exceptions.ValidationError({"when": "Expected upcoming or past."})
        mine = Booking.objects.filter(guest_id=user_of(request)).select_related("table__restaurant")
        if when:
            mine = mine.filter(ends_at__gt=now()) if when == "upcoming" else mine.filter(ends_at__lte=now())
        order = ("starts_at", "pk") if when == "upcoming" else ("-starts_at", "-pk")
        return paged(request, mine, lambda rows: [answers.booking(one, one.table.restaurant) for one in rows], order)


class OneBooking(APIView):
    @extend_schema(operation_id="get_booking", tags=TAG, responses={200: forms.BookingOut})
    def get(self, request: Request, booking: uuid.UUID) -> Response:
        """One's own, or one at one's own restaurant."""
        found, place, _ = finding.booking(request, booking)
        return versions.answer(request, answers.booking(found, place), answers.booking_tag(found, place))

    @extend_schema(operation_id="change_booking", tags=TAG, request=forms.Change, parameters=[IF_MATCH],
                   responses={200: forms.BookingOut, **problems(409, 410, 422)})  # fmt: skip
    @retried
    def patch(self, request: Request, booking: uuid.UUID) -> Response:
        """Another time, another number of guests, another note. Where the restaurant approves by hand, a guest's other
        time is a request again. 409: it is taken, and the booking stays as it was."""
        data = read(forms.Change, request)
        with transaction.atomic(using=router.db_for_write(Booking)), told():
            people.writer(Person, request)
            found, place, is_owner = finding.booking(request, booking)
            versions.require(request, answers.booking_tag(found, place))
            states.movable(place, found, by_guest=not is_owner)
            note = {"note": data["note"]} if "note" in data else {}
            begins = data.get("starts_at", found.starts_at)
            party = data.get("party_size", found.party_size)
            if (begins, party) == (found.starts_at, found.party_size):
                changed = states.note(found, **note)
            else:
                asks = place.approves_by_hand and not is_owner and found.state == State.RESERVED
                state = {"state": State.REQUESTED} if asks else {}
                by = user_of(request)
                changed = placing.move(place, found.pk, found.revision, begins, party, by=by, **note, **state)
            if changed is None:
                raise Stale
        found, place, _ = finding.booking(request, booking)
        return answered(found, place)

    @extend_schema(operation_id="cancel_booking", tags=TAG, responses={204: None, **problems(409, 410)})
    @whole(Booking)
    def delete(self, request: Request, booking: uuid.UUID) -> Response:
        """Cancel it, until the restaurant's deadline; a hold or request at any time. Twice is as once."""
        people.writer(Person, request)
        found, place, is_owner = finding.booking(request, booking)
        with told():
            states.cancel(place, found, by_guest=not is_owner)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Step(APIView):
    """One step of a booking, once."""

    owner: bool
    step: Callable[[Restaurant, Booking], Booking]

    def lead(self, request: Request, booking: uuid.UUID) -> Response:
        people.writer(Person, request)
        found, place, _ = finding.booking(request, booking, owner=self.owner)
        with told():
            led = type(self).step(place, found)
        led.table = found.table
        return answered(led, place)


def step(name: str, act: Callable[[Restaurant, Booking], Booking], said: str, *, owner: bool = True) -> type[Step]:
    """The view of one step; what it does is told by its description."""

    @extend_schema(operation_id=f"{name}_booking", tags=TAG, request=None, parameters=[ONCE], description=said,
                   responses={200: forms.BookingOut, **problems(410)})  # fmt: skip
    @retried
    @once(BookingsRequest)
    def post(self: Step, request: Request, booking: uuid.UUID) -> Response:
        return self.lead(request, booking)

    return type(f"{name.title()}Booking", (Step,), {"owner": owner, "step": staticmethod(act), "post": post})


STEPS = {
    "confirm": step("confirm", states.confirm, "A hold becomes a booking, or a request. 410: it has expired.",
                    owner=False),
    "approve": step("approve", states.approve, "The owner approves a request."),
    "decline": step("decline", states.decline, "The owner declines a request; its table is free."),
    "seated": step("seat", states.seat, "The owner says that the party has come."),
    "finished": step("finish", states.finish, "The owner says that the party has left; its table is free."),
    "no-show": step("miss", states.no_show, "The owner says that nobody came; the table is free."),
}  # fmt: skip
