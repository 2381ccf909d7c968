"""`python -m benchmarks.load.gates ACKED.json`: what is wrong after a run, as JSON; run inside of the project.

With the word "waiting" instead it only says, by its exit code, whether the outboxes hold anything.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import django

Acked = list[list[str]]


def counters(acked: Acked) -> list[str]:
    """Of each app, all of them: counted anew none differs."""
    from plaza.api.counting import recount
    from plaza.filling.fill import APPS

    return [f"{wrong} counters of {app} were wrong" for app, wrong in recount(APPS).items() if wrong]


def bookings(acked: Acked) -> list[str]:
    """No two that hold a table overlap, and none is at a table for fewer."""
    from django.db.models import F

    from plaza.bookings.models import Booking

    found = []
    table, until = None, None
    live = Booking.objects.filter(is_live=True).order_by("table_id", "starts_at", "pk")
    for one in live.values_list("table_id", "starts_at", "ends_at", "public_id"):
        if one[0] == table and until is not None and one[1] < until:
            found.append(f"booking {one[3]} overlaps the one before it")
        table, until = one[0], one[2] if one[0] != table or until is None else max(until, one[2])
    small = Booking.objects.filter(created_at__gte=_began(), table__seats__lt=F("party_size")).count()
    return [*found[:5], *([f"{small} parties are at too small a table"] if small else [])]


def _began() -> Any:
    from datetime import timedelta

    from django.utils.timezone import now

    return now() - timedelta(hours=2)


def outboxes(acked: Acked) -> list[str]:
    """Nothing waits: the worker was given time."""
    waiting = waiting_messages()
    return [f"{many} messages wait in {label}" for label, many in waiting.items() if many]


def writes(acked: Acked) -> list[str]:
    """What was answered as done is there, once: also where it was sent twice."""
    from plaza.social.models import Comment, Liking, Post
    from plaza.videos.models import Comment as VideoComment
    from plaza.videos.models import Video

    texts: dict[str, tuple[Any, str]] = {
        "comment": (Comment, "body"), "post": (Post, "body"), "video comment": (VideoComment, "body"),
        "video": (Video, "title"),
    }  # fmt: skip
    found = []
    for kind, (model, name) in texts.items():
        there = list(model.objects.filter(**{f"{name}__startswith": "load "}).values_list(name, flat=True))
        said = [text for what, text in acked if what == kind]
        if len(there) != len(set(there)):
            found.append(f"{len(there) - len(set(there))} of kind {kind} are there twice")
        if lost := set(said) - set(there):
            found.append(f"{len(lost)} of kind {kind} are lost")
    pairs = {tuple(map(int, text.split())) for what, text in acked if what == "like"}
    numbers = {post for post, _ in pairs}
    there = set(Liking.objects.filter(post_id__in=numbers).values_list("post_id", "user_id"))
    if lost := pairs - there:
        found.append(f"{len(lost)} likes are lost")
    return found


def orphans(acked: Acked) -> list[str]:
    """No loose key names a row that is gone, and whoever left is gone everywhere."""
    from django.conf import settings

    from plaza.accounts.models import Profile
    from plaza.bookings.models import Person as Guest
    from plaza.social.models import Person, Post
    from plaza.videos.models import Person as Viewer

    found = []
    if getattr(settings, "OUTGROW", {}).get("LOOSE"):
        from outgrow.routing.loose import orphans as loose

        found = [f"{one.rows} orphans: {one}" for one in loose.scan() if one.rows]
    left = list(
        Profile.objects.filter(status="deleted", nickname__startswith="deleted-").values_list("user_id", flat=True)
    )
    for model in (Person, Viewer, Guest):
        if many := model.objects.filter(pk__in=left).exclude(status="deleted").count():
            found.append(f"{many} who left are still there in {model._meta.label}")
    if many := Post.objects.filter(author_id__in=left).count():
        found.append(f"{many} posts of those who left are still there")
    return found


GATES: dict[str, Callable[[Acked], list[str]]] = {
    "counters equal a recount": counters,
    "no two bookings overlap": bookings,
    "the outboxes are empty": outboxes,
    "every write is there once": writes,
    "nothing is left of those who left": orphans,
}


def waiting_messages() -> dict[str, int]:
    """By outbox."""
    from plaza.api.outbox import outboxes as all_

    return {model._meta.label: model.objects.count() for model in all_()}


if __name__ == "__main__":
    django.setup()
    if sys.argv[1] == "waiting":
        sys.exit(int(any(waiting_messages().values())))
    with open(sys.argv[1]) as file:
        acked = json.load(file)["acked"]
    print(json.dumps({name: gate(acked) for name, gate in GATES.items()}))
