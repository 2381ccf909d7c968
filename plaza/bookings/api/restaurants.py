"""Restaurants, their hours, tables and blocks."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import IntegrityError, router, transaction
from django.db.models import F, Q
from django.utils.text import slugify
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plaza.api import people, queries, versions
from plaza.api.addresses import number
from plaza.api.once import once
from plaza.api.pages import PAGE, page_of, paged
from plaza.api.problems import Conflict
from plaza.api.retries import retried, whole
from plaza.api.schema import problems
from plaza.api.views import IF_MATCH, ONCE, Shown, read, user_of
from plaza.bookings import overlaps, pacing, placing, waiting
from plaza.bookings.api import answers, finding, forms
from plaza.bookings.models import (
    Block,
    Booking,
    BookingsRequest,
    OpeningHours,
    Person,
    Restaurant,
    RestaurantStats,
    SpecialHours,
    Table,
)

TAG = ["bookings"]
FOREVER = datetime(forms.LATEST, 1, 1, tzinfo=UTC)


def values_of(data: dict[str, Any]) -> dict[str, Any]:
    """What was sent, by the names of columns; but for its location, which ``finding`` knows."""
    found = {name: value for name, value in data.items() if name != "location"}
    if "turn_minutes" in found:
        found["turn_time"] = timedelta(minutes=found.pop("turn_minutes"))
    if "cancel_minutes" in found:
        found["cancel_before"] = timedelta(minutes=found.pop("cancel_minutes"))
    if "turn_times" in found:
        found["turn_times"] = sorted([one["up_to"], one["minutes"]] for one in found["turn_times"])
    return found


def atomic() -> Any:
    return transaction.atomic(using=router.db_for_write(Restaurant))


def saved(row: Any, sentence: str) -> None:
    """Save a row whose key somebody may have."""
    try:
        with atomic():
            row.save()
    except IntegrityError:
        raise Conflict(sentence) from None


class Restaurants(Shown):
    @extend_schema(operation_id="list_restaurants", tags=TAG, parameters=[forms.Search, *PAGE], auth=[],
                   responses={200: page_of(forms.RestaurantShort)})  # fmt: skip
    def get(self, request: Request) -> Response:
        """Restaurants, the newest first; `q` is looked for in names."""
        asked = queries.asked(forms.Search, request)
        found = finding.open_restaurants()
        if words := asked["q"]:
            found = found.filter(Q(name__icontains=words) | Q(slug=words))
        return paged(request, found, lambda rows: [answers.short(one) for one in rows])

    @extend_schema(operation_id="make_restaurant", tags=TAG, request=forms.RestaurantIn, parameters=[ONCE],
                   responses={201: forms.RestaurantOut, **problems(410)})  # fmt: skip
    @once(BookingsRequest)
    def post(self, request: Request) -> Response:
        """Open a restaurant; it has no tables and no hours yet."""
        where = finding.location(request)
        owner = people.writer(Person, request)
        values = values_of(read(forms.RestaurantIn, request)) | where
        values.setdefault("slug", f"{slugify(values['name'])[:70] or 'restaurant'}-{uuid.uuid4().hex[:6]}")
        place = Restaurant(owner_id=owner.pk, **values)
        saved(place, "This slug is taken: choose another.")
        RestaurantStats.objects.create(restaurant=place)
        place = finding.restaurant(place.public_id)
        return Response(answers.whole(place), status=status.HTTP_201_CREATED, headers={"ETag": answers.tag(place)})


class MyRestaurants(APIView):
    @extend_schema(operation_id="list_my_restaurants", tags=TAG, parameters=PAGE,
                   responses={200: page_of(forms.RestaurantShort)})  # fmt: skip
    def get(self, request: Request) -> Response:
        """Those that one owns."""
        mine = Restaurant.objects.filter(owner_id=user_of(request), closed_at=None).select_related("stats")
        return paged(request, mine, lambda rows: [answers.short(one) for one in rows])


class OneRestaurant(Shown):
    @extend_schema(operation_id="get_restaurant", tags=TAG, responses={200: forms.RestaurantOut}, auth=[])
    def get(self, request: Request, restaurant: uuid.UUID) -> Response:
        place = finding.restaurant(restaurant)
        return versions.answer(request, answers.whole(place), answers.tag(place))

    @extend_schema(operation_id="change_restaurant", tags=TAG, request=forms.RestaurantIn, parameters=[IF_MATCH],
                   responses={200: forms.RestaurantOut, **problems(409, 410)})  # fmt: skip
    @retried
    def patch(self, request: Request, restaurant: uuid.UUID) -> Response:
        """Change it; bookings that were made stay as they are."""
        where = finding.location(request)
        with atomic():
            place = finding.owned(request, restaurant, lock=True)
            versions.require(request, answers.tag(place))
            data = read(forms.RestaurantIn, request, instance=place, partial=True)
            for name, value in (values_of(data) | where).items():
                setattr(place, name, value)
            place.revision += 1
            saved(place, "This slug is taken: choose another.")
        return Response(answers.whole(place), headers={"ETag": answers.tag(place)})

    @extend_schema(operation_id="close_restaurant", tags=TAG, parameters=[IF_MATCH],
                   responses={204: None, **problems(409, 410)})  # fmt: skip
    @retried
    def delete(self, request: Request, restaurant: uuid.UUID) -> Response:
        """Close it for good; while anybody has a table booked, he is to be told first: a conflict."""
        with atomic():
            place = finding.owned(request, restaurant)
            tables = list(place.tables.values_list("pk", flat=True))
            overlaps.lock(tables)
            _refuse_booked(place, tables)
            place = finding.owned(request, restaurant, lock=True)
            versions.require(request, answers.tag(place))
            if set(place.tables.values_list("pk", flat=True)) - set(tables):
                raise Conflict("A table was added meanwhile: read it again, then decide.")
            Table.objects.filter(pk__in=tables).update(is_active=False)
            Restaurant.objects.filter(pk=place.pk).update(closed_at=now(), revision=F("revision") + 1)
        waiting.end_line(place)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _refuse_booked(place: Restaurant, tables: list[int]) -> None:
    """Those whose rows are locked, so that nobody books them meanwhile. Holds that are over end here: one that is
    confirmed at this moment would be a booking at a table that is gone.
    """
    at = now()
    met = [one for one in overlaps.busy(tables, at, FOREVER) if one.state != Booking.State.FINISHED]
    over = [one for one in met if _is_over(one, at)]
    if len(met) > len(over):
        raise Conflict(f"{len(met) - len(over)} bookings are still to come: move or cancel them first.")
    pacing.count(place, go=placing.expire(over))


def _is_over(booking: Booking, at: datetime) -> bool:
    return booking.state == Booking.State.HELD and booking.held_until is not None and booking.held_until <= at


class AllHours(Shown):
    @extend_schema(operation_id="get_hours", tags=TAG, responses={200: forms.AllHours}, auth=[])
    def get(self, request: Request, restaurant: uuid.UUID) -> Response:
        """When it is open, in its own time zone: by weekday, and days on which that does not hold."""
        place = finding.restaurant(restaurant)
        return versions.answer(request, self._said(place), answers.tag(place))

    @extend_schema(operation_id="set_hours", tags=TAG, request=forms.AllHours, parameters=[IF_MATCH],
                   responses={200: forms.AllHours, **problems(410)})  # fmt: skip
    @retried
    def put(self, request: Request, restaurant: uuid.UUID) -> Response:
        """Set all hours anew; bookings that were made stay as they are."""
        data = read(forms.AllHours, request)
        with atomic():
            place = finding.owned(request, restaurant, lock=True)
            versions.require(request, answers.tag(place))
            OpeningHours.objects.filter(restaurant=place).delete()
            SpecialHours.objects.filter(restaurant=place).delete()
            OpeningHours.objects.bulk_create([OpeningHours(restaurant=place, **one) for one in data["weekly"]])
            special = data.get("special", [])
            SpecialHours.objects.bulk_create([SpecialHours(restaurant=place, **one) for one in special])
            place.revision += 1
            place.save(update_fields=["revision"])
        return Response(self._said(place), headers={"ETag": answers.tag(place)})

    def _said(self, place: Restaurant) -> dict[str, Any]:
        return {
            "weekly": answers.hours(place),
            "special": [answers.special(one) for one in place.special_hours.order_by("day", "opens_at", "pk")],
        }


class Tables(Shown):
    @extend_schema(operation_id="list_tables", tags=TAG, parameters=PAGE, auth=[],
                   responses={200: page_of(forms.TableOut)})  # fmt: skip
    def get(self, request: Request, restaurant: uuid.UUID) -> Response:
        place = finding.restaurant(restaurant)
        tables = place.tables.filter(is_active=True)
        return paged(request, tables, lambda rows: [answers.table(one) for one in rows], ("label", "pk"))

    @extend_schema(operation_id="add_table", tags=TAG, request=forms.TableIn, parameters=[ONCE],
                   responses={201: forms.TableOut, **problems(410)})  # fmt: skip
    @retried
    @once(BookingsRequest)
    def post(self, request: Request, restaurant: uuid.UUID) -> Response:
        """Add a table; one that was taken away comes back under its label."""
        place = finding.owned(request, restaurant, lock=True)  # or it is added to one that is being closed
        data = read(forms.TableIn, request)
        away = Table.objects.filter(restaurant=place, label=data["label"], is_active=False)
        if away.update(**{"is_joinable": False, **data, "is_active": True}):
            table = Table.objects.get(restaurant=place, label=data["label"])
        else:
            table = Table(restaurant=place, **data)
            saved(table, "There is a table with this label.")
        headers = {"ETag": answers.table_tag(table)}
        return Response(answers.table(table), status=status.HTTP_201_CREATED, headers=headers)


class OneTable(Shown):
    @extend_schema(operation_id="get_table", tags=TAG, responses={200: forms.TableOut}, auth=[])
    def get(self, request: Request, restaurant: uuid.UUID, table: str) -> Response:
        found = finding.table(finding.restaurant(restaurant), table)
        return versions.answer(request, answers.table(found), answers.table_tag(found))

    @extend_schema(operation_id="change_table", tags=TAG, request=forms.TableIn, parameters=[IF_MATCH],
                   responses={200: forms.TableOut, **problems(409, 410)})  # fmt: skip
    @retried
    def patch(self, request: Request, restaurant: uuid.UUID, table: str) -> Response:
        """Change it; bookings that it has stay, also where it has fewer seats now."""
        with atomic():
            found = self._locked(request, restaurant, table)
            for name, value in read(forms.TableIn, request, partial=True).items():
                setattr(found, name, value)
            saved(found, "There is a table with this label.")
        return Response(answers.table(found), headers={"ETag": answers.table_tag(found)})

    @extend_schema(operation_id="remove_table", tags=TAG, parameters=[IF_MATCH],
                   responses={204: None, **problems(409, 410)})  # fmt: skip
    @retried
    def delete(self, request: Request, restaurant: uuid.UUID, table: str) -> Response:
        """Take it away; while it is booked that is a conflict."""
        with atomic():
            found = self._locked(request, restaurant, table)
            _refuse_booked(found.restaurant, [found.pk])
            Table.objects.filter(pk=found.pk).update(is_active=False)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _locked(self, request: Request, restaurant: uuid.UUID, table: str) -> Table:
        place = finding.owned(request, restaurant)
        found = [one for one in overlaps.lock([number(table)]) if one.restaurant_id == place.pk]
        if not found or not found[0].is_active:
            raise exceptions.NotFound
        versions.require(request, answers.table_tag(found[0]))
        return found[0]


class Blocks(APIView):
    @extend_schema(operation_id="list_blocks", tags=TAG, parameters=PAGE,
                   responses={200: page_of(forms.BlockOut), **problems(410)})  # fmt: skip
    def get(self, request: Request, restaurant: uuid.UUID) -> Response:
        """Times for which one's restaurant takes no bookings."""
        place = finding.owned(request, restaurant)
        blocks = Block.objects.filter(restaurant=place)
        return paged(request, blocks, lambda rows: [answers.block(one) for one in rows])

    @extend_schema(operation_id="add_block", tags=TAG, request=forms.BlockIn, parameters=[ONCE],
                   responses={201: forms.BlockOut, **problems(410)})  # fmt: skip
    @retried
    @once(BookingsRequest)
    def post(self, request: Request, restaurant: uuid.UUID) -> Response:
        """Take no bookings for a time, at one table or at all; those that there are stay."""
        place = finding.owned(request, restaurant)
        data = read(forms.BlockIn, request)
        wanted = data.pop("table", None)
        table = None if wanted is None else finding.table(place, wanted)
        overlaps.lock(list(place.tables.values_list("pk", flat=True)) if table is None else [table.pk])
        made = Block.objects.create(restaurant=place, table=table, **data)
        return Response(answers.block(made), status=status.HTTP_201_CREATED)


class OneBlock(APIView):
    @extend_schema(operation_id="remove_block", tags=TAG, responses={204: None, **problems(410)})
    @whole(Block)
    def delete(self, request: Request, restaurant: uuid.UUID, block: str) -> Response:
        place = finding.owned(request, restaurant)
        if not Block.objects.filter(pk=number(block), restaurant=place).delete()[0]:
            raise exceptions.NotFound
        return Response(status=status.HTTP_204_NO_CONTENT)
