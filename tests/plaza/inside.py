"""Questions answered from inside the project: `python -m tests.plaza.inside NAME`."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import sys
from decimal import Decimal
from itertools import islice

import django


def digest() -> str:
    """Of all rows of plaza and its users, as Django reads them: the same on every engine."""
    from django.apps import apps
    from django.db import models

    from plaza.filling.fill import APPS, chosen_sheets

    said = hashlib.sha256()
    for sheet in chosen_sheets(list(APPS)):
        fields = apps.get_model(sheet.label)._meta.concrete_fields
        documents = {place for place, field in enumerate(fields) if isinstance(field, models.JSONField)}
        names = [field.attname for field in fields]
        for row in apps.get_model(sheet.label).objects.order_by("pk").values_list(*names):
            values = [
                json.dumps(value, sort_keys=True) if place in documents else value for place, value in enumerate(row)
            ]
            said.update(repr(values).encode("utf-8"))
    return said.hexdigest()


def unlike_django() -> str:
    """Columns in which a made value differs from what Django itself would give SQLite."""
    from django.apps import apps
    from django.db import connection

    from plaza.filling.fill import APPS, chosen_sheets, plan
    from plaza.filling.sheets import World
    from plaza.filling.words import Phrases
    from plaza.filling.writer import python_value

    world, wrong = World(seed=3, phrases=Phrases(3), counts=plan(list(APPS), 3_000)), set()
    for sheet in chosen_sheets(list(APPS)):
        fields = {field.attname: field for field in apps.get_model(sheet.label)._meta.concrete_fields}
        for row in islice(sheet.rows(world), 500):
            for name, stored in zip(sheet.fields, row, strict=True):
                field = fields[name]
                given = field.get_db_prep_save(python_value(field, stored), connection)
                if isinstance(given, Decimal):
                    given = str(given)  # Django registers this with sqlite3
                if given != stored:
                    wrong.add(f"{sheet.label}.{name}: {given!r} is not {stored!r}")
    return "\n".join(sorted(wrong))


def next_key() -> str:
    """By how much the next row's key exceeds the last one's; the row does not stay."""
    from django.db.models import Max

    from plaza.bookings.models import OpeningHours

    rows = OpeningHours.objects.order_by()
    last, model = rows.aggregate(last=Max("pk"))["last"], rows.first()
    model.pk = None
    model.save(force_insert=True)
    key = model.pk
    model.delete()
    return f"{key - last}"


def admin() -> str:
    """Admin pages that do not open, of the models of plaza, and those that are not there; where nothing may be added,
    403 is right.
    """
    from django.apps import apps
    from django.conf import settings
    from django.contrib.admin import site
    from django.contrib.auth import get_user_model
    from django.test import Client, RequestFactory
    from django.urls import reverse

    from plaza.filling.fill import APPS

    settings.ALLOWED_HOSTS = ["testserver"]
    client, wrong, asking = Client(), [], RequestFactory().get("/")
    asking.user = get_user_model().objects.create_superuser("keeper", "", "secret")
    client.force_login(asking.user)
    for model in [model for app in APPS for model in apps.get_app_config(app).get_models()]:
        if not site.is_registered(model):
            wrong.append(f"{model._meta.label} is not registered")
            continue
        door = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        may_add = site._registry[model].has_add_permission(asking)
        pages = {reverse(f"{door}_changelist"): 200, reverse(f"{door}_add"): 200 if may_add else 403}
        if not model.__name__.endswith("Message"):  # an outbox is empty where nothing waits
            pages[reverse(f"{door}_change", args=[model.objects.latest("pk").pk])] = 200
        wrong += [f"{page}: {is_}" for page, right in pages.items() if (is_ := client.get(page).status_code) != right]
    return "\n".join(wrong)


def own_writes() -> str:
    """What the API shows of what was just written: to whoever names its position, and to others."""
    from django.conf import settings
    from django.db import connections
    from django.test.utils import CaptureQueriesContext
    from rest_framework.test import APIClient

    import outgrow
    from plaza.accounts.models import Profile

    settings.ALLOWED_HOSTS, settings.EMAIL_BACKEND = ["testserver"], "django.core.mail.backends.dummy.EmailBackend"
    with outgrow.reading():  # a replica serves once a process has seen how far behind it is
        Profile.objects.exists()
    client, wanted = APIClient(), {"nickname": "ann", "password": "a word of nine letters"}
    client.post("/api/auth/register", {**wanted, "email": "a@example.org"}, "json", headers={"Idempotency-Key": "1"})
    token = client.post("/api/auth/token", wanted, "json").json()["access"]
    client.cookies.clear()
    bearer = {"Authorization": f"Bearer {token}"}
    changed = client.patch("/api/me", {"name": "changed"}, "json", headers={**bearer, "If-Match": "*"})
    client.cookies.clear()
    position = {"X-Outgrow-Position": changed["X-Outgrow-Position"]}
    said, asked = {}, []
    for name, headers, alias in (
        ("with the position", bearer | position, "default"), ("without it", bearer, "default_replica"),
    ):  # fmt: skip
        with CaptureQueriesContext(connections[alias]) as queries:
            answer = client.get("/api/me", headers=headers)
        client.cookies.clear()
        said[name] = [answer.status_code, answer.json().get("name")]
        if any("accounts_profile" in query["sql"] for query in queries):
            asked.append(alias)
    return json.dumps({**said, "asked": asked})


def refused() -> str:
    """Audit ids of the cells in CELLS, planted in the file DIRT, that this server does not take."""
    from plaza.dirt import Cell

    found: dict[str, list[Cell]] = eval(os.environ["CELLS"], {"Cell": Cell})
    source = sqlite3.connect(os.environ["DIRT"])
    source.text_factory = bytes
    return " ".join(code for code, cells in found.items() if is_refused(source, cells))


def is_refused(source: sqlite3.Connection, cells: list[tuple[str, str, int]]) -> bool:
    """Whether one of these values cannot be written over a clean row's; all of them at once."""
    from django.db import DatabaseError, connection, transaction

    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for key, (table, column, dirty_key) in enumerate(cells, 1):
                query = f"SELECT {column} FROM {table} WHERE id = ?"
                value = source.execute(query, [dirty_key]).fetchone()[0]
                value, place = sendable(value, connection.vendor)
                cursor.execute(f"UPDATE {table} SET {column} = {place} WHERE id = %s", [value, key])
            connection.check_constraints()
            transaction.set_rollback(True)
    except DatabaseError:
        return True
    return False


def sendable(value: object, vendor: str) -> tuple[object, str]:
    """A value and its placeholder: text as text, and bytes that are none as bytes to be text."""
    if not isinstance(value, bytes):
        return value, "%s"
    try:
        return value.decode(), "%s"
    except UnicodeDecodeError:
        return value, "convert_from(%s, 'UTF8')" if vendor == "postgresql" else "%s"


def tables() -> str:
    """By alias."""
    from django.db import connections

    return json.dumps({alias: sorted(connections[alias].introspection.table_names()) for alias in connections})


def outgrow() -> str:
    """What the settings declare."""
    from django.conf import settings

    return json.dumps([settings.OUTGROW, settings.DATABASE_ROUTERS])


def life() -> str:
    """A user is made and deleted while restaurants, posts and channels are in other databases."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.db.models import ProtectedError
    from django.test import Client

    from outgrow.routing.loose import cleaning, orphans
    from outgrow.routing.loose.limits import Limits
    from plaza.bookings.models import Booking, Restaurant, WaitlistEntry
    from plaza.social.models import Post
    from plaza.videos.models import Channel

    settings.ALLOWED_HOSTS = ["testserver"]
    users, said = get_user_model().objects, {}
    keeper, guest = users.get(username="keeper"), users.create_user("late")
    client = Client()
    client.force_login(keeper)
    restaurant = Restaurant.objects.order_by("pk").first()
    booking = Booking.objects.order_by("pk").first()
    Restaurant.objects.filter(pk=restaurant.pk).update(owner=guest)
    Booking.objects.filter(pk=booking.pk).update(guest=guest)
    Post.objects.create(author=guest)
    Channel.objects.create(owner=guest, handle="late", title="late")
    WaitlistEntry.objects.create(restaurant=restaurant, guest=guest, party_size=2, wanted_on="2027-01-01")
    try:
        guest.delete()
    except ProtectedError as error:
        said["protected"] = error.args[0]
    said["delete page"] = client.get(f"/admin/auth/user/{guest.pk}/delete/").status_code
    restaurant.refresh_from_db()
    said["restaurant"] = restaurant.owner.username
    Restaurant.objects.filter(pk=restaurant.pk).update(owner=keeper)
    key = guest.pk
    guest.delete()
    cleaning.clean(limits=Limits(grace=0))
    owned = ((Post, "author_id"), (Channel, "owner_id"), (WaitlistEntry, "guest_id"))
    said["left"] = [model.objects.filter(**{name: key}).count() for model, name in owned]
    said["left"].append(Booking.objects.filter(pk=booking.pk).count())
    said["guest"] = Booking.objects.get(pk=booking.pk).guest
    said["orphans"] = sum(found.rows for found in orphans.scan())
    try:
        said["queries across"] = str(Post.objects.filter(author__username="keeper").first())
    except Exception as error:
        said["queries across"] = str(error).partition(":")[0]
    return json.dumps(said)


def search() -> str:
    """Whether the admin's search finds a post by its number and by its author, and what it finds of nobody."""
    from django.contrib.admin import site
    from django.contrib.auth import get_user_model
    from django.test import RequestFactory

    from plaza.social.models import Post

    post = Post.objects.order_by("pk").first()
    request = RequestFactory().get("/")
    request.user = get_user_model().objects.first()
    page = site._registry[Post]

    def found(words: str) -> list[int]:
        rows, _ = page.get_search_results(request, page.get_queryset(request), words)
        return list(rows.values_list("pk", flat=True))

    return json.dumps([post.pk in found(str(post.pk)), post.pk in found(post.author.username), len(found("nobody"))])


def overlapping() -> str:
    """The keys of two bookings that are made at the same table, at times that meet."""
    from datetime import UTC, datetime, timedelta

    from django.contrib.auth import get_user_model

    from plaza.bookings.models import Booking, Restaurant, Table

    owner = get_user_model().objects.create_user("owner")
    table = Table.objects.create(restaurant=Restaurant.objects.create(owner=owner, slug="r"), label="1", seats=2, pk=1)
    begins, keys = datetime(2026, 5, 5, 19, tzinfo=UTC), []
    for minutes in (0, 30):
        at = begins + timedelta(minutes=minutes)
        booking = Booking.objects.create(table=table, party_size=2, starts_at=at, ends_at=at + timedelta(hours=1))
        keys.append(str(booking.pk))
    return " ".join(keys)


def not_overlapping() -> str:
    """The later one is cancelled."""
    from plaza.bookings.models import Booking

    return str(Booking.objects.filter(pk=Booking.objects.latest("pk").pk).update(state="cancelled", is_live=None))


QUESTIONS = {
    "digest": digest, "unlike_django": unlike_django, "next_key": next_key, "admin": admin, "refused": refused,
    "tables": tables, "outgrow": outgrow, "life": life, "search": search, "own_writes": own_writes,
    "overlapping": overlapping, "not_overlapping": not_overlapping,
}  # fmt: skip

if __name__ == "__main__":
    django.setup()
    print(QUESTIONS[sys.argv[1]]())
