"""A user who leaves while he writes: of all that he sent, through four processes, nothing is left but his tombstone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from plaza.tests.bookings.conftest import EVERY_DAY, at
from plaza.tests.serving import ROOT, Answer, Service, prepared, web_server
from plaza.tests.social.conftest import picture

WHO = ("owner", "private", "other", "first", "second", "third")  # the last three leave
FOR, AT_MOST = 1.5, 60.0  # seconds for which one writes at least before he leaves, and at most after it

# by programs of their own, beside the service: accounts without their passwords, a video without its bytes
BEGIN = """
import json, sys, uuid, django
django.setup()
from datetime import timedelta
from django.contrib.auth.models import User
from django.db import router, transaction
from django.utils.timezone import now
from plaza.accounts import telling
from plaza.accounts.api import tokens
from plaza.accounts.models import AccountsMessage, Profile
from plaza.api import counting, outbox
from plaza.social.models import Post, PostStats, Story, Comment as Remark
from plaza.videos import counters
from plaza.videos.models import Channel, ChannelStats, Comment, Video, VideoStats

said = {}
for who in sys.argv[1:]:
    user = User.objects.create_user(f"u{uuid.uuid4().hex[:12]}")
    with transaction.atomic(using=router.db_for_write(Profile)):
        profile = Profile.objects.create(
            user=user, nickname=user.username, name=who, is_private=who in ("private", "second")
        )
        telling.tell([profile])
    said[who] = {"number": user.pk, "id": str(profile.public_id), "name": user.username,
                 "token": str(tokens.begin(user, client="", ip=None).access)}
while outbox.drain(AccountsMessage)[0]:
    pass
owner = said["owner"]["number"]
post = Post.objects.create(author_id=owner, body="x")
remark = Remark.objects.create(post=post, author_id=owner, body="x")
PostStats.objects.create(post=post, comments=1)
story = Story.objects.create(author_id=owner, file="x.jpg", expires_at=now() + timedelta(days=1))
channel = Channel.objects.create(owner_id=owner, handle=f"c{uuid.uuid4().hex[:10]}", title="x")
ChannelStats.objects.create(channel=channel)
video = Video.objects.create(channel=channel, title="x", state="published", published_at=now(), file="x.mp4",
                             duration=timedelta(seconds=1))
VideoStats.objects.create(video=video, comments=1)
comment = Comment.objects.create(video=video, author_id=owner, body="x", is_approved=True)
with transaction.atomic(using=router.db_for_write(Channel)):
    counters.settle_channel(channel.pk)
said["there"] = {"post": post.pk, "remark": remark.pk, "story": story.pk, "channel": channel.handle,
                 "video": str(video.public_id), "comment": comment.pk}
counting.recount(["social", "videos", "bookings"])
print(json.dumps(said))
"""
END = """
import json, sys, time, django
django.setup()
from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import Q
from django.utils.timezone import now
from plaza.api import counting, outbox, people
from plaza.bookings.models import Booking, WaitlistEntry

number = int(sys.argv[1])
def waits():
    "Also what nobody has begun: between two messages of a drain that is behind none has an attempt."
    due = Q(topic=people.DELETED) | Q(attempts__gte=1) | Q(due_at__lte=now())
    columns = ("topic", "attempts", "claimed_until", "due_at", "error")
    return [[str(one) for one in row] for model in outbox.outboxes()
            for row in model.objects.filter(due).order_by("pk").values_list(*columns)[:5]]
def how_many():
    return sum(model.objects.count() for model in outbox.outboxes())
least, until = how_many(), time.monotonic() + 60
while waits() and time.monotonic() < until:  # on a slow disk it is behind, and gets on
    time.sleep(0.2)
    if (many := how_many()) < least:
        least, until = many, time.monotonic() + 60

KEPT = {  # what stays, and how
    "Person": Q(status="deleted", name="deleted user"),
    "ProfileStats": Q(posts=0, followers=0, following=0, published__isnull=True),
    "Comment": Q(is_removed=True, body=""), "Restaurant": Q(closed_at__isnull=False),
}
left = {}
for app in ("social", "videos", "bookings"):
    for model in apps.get_app_config(app).get_models():
        for field in model._meta.concrete_fields:
            if field.related_model is User or field.attname == "user_id":
                found = model.objects.filter(**{field.attname: number})
                if model.__name__ in KEPT:
                    found = found.exclude(KEPT[model.__name__])
                if many := found.count():
                    left[f"{model._meta.label}.{field.name}"] = many
closed = {"table__restaurant__closed_at__isnull": False, "is_live": True, "starts_at__gt": now()}
left["live bookings of closed restaurants"] = Booking.objects.filter(**closed).count()
lines = WaitlistEntry.objects.filter(restaurant__closed_at__isnull=False, state__in=["waiting", "offered"])
left["lines of closed restaurants"] = lines.count()
print(json.dumps({"waits": waits(), "left": {name: many for name, many in left.items() if many},
                  "wrong": sum(counting.recount(["social", "videos", "bookings"]).values())}))
"""


@dataclass
class Town:
    """A service with a drain, and who is in it."""

    service: Service
    environment: dict[str, str]
    known: dict[str, dict[str, Any]] = field(default_factory=dict)

    def run(self, program: str, *arguments: str) -> Any:
        done = subprocess.run([sys.executable, "-c", program, *arguments], cwd=ROOT, env=self.environment,
                              check=False, capture_output=True, timeout=400)  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()[-2000:]
        return json.loads(done.stdout)

    def ask(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        bearer = {"Authorization": f"Bearer {self.known[who]['token']}"}
        return self.service.send(method, f"/api{path}", body, **bearer, **headers)

    def restaurant(self, who: str) -> Answer:
        made = self.ask(who, "POST", "/restaurants", {"name": "R"})
        if made.status == 201:
            path = f"/restaurants/{made.body['id']}"
            self.ask(who, "PUT", f"{path}/hours", {"weekly": EVERY_DAY}, **{"If-Match": "*"})
            self.ask(who, "POST", f"{path}/tables", {"label": "1", "seats": 2})
        return made


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder: Path = tmp_path_factory.mktemp("served")
    environment = prepared(folder, MEDIA_ROOT=str(folder / "media"))
    with web_server(folder, environment) as service, (folder / "drain.log").open("wb") as log:
        command = [sys.executable, "manage.py", "plaza_drain"]
        drain = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            found = Town(service, environment)
            found.known = found.run(BEGIN, *WHO)
            yield found
        finally:
            drain.terminate()
            drain.wait(30)


@pytest.fixture(scope="module")
def restaurant(town: Town) -> str:
    return str(town.restaurant("owner").body["id"])


Act = Callable[[int], Answer]


def of_social(town: Town, me: str) -> dict[str, Act]:
    """What he does there, each again and again; and what others do to him."""
    there, he = town.known["there"], town.known[me]
    post, private = f"/posts/{there['post']}", f"/profiles/{town.known['private']['id']}"
    owner, him = f"/profiles/{town.known['owner']['id']}", f"/profiles/{he['id']}"
    named = {"body": f"hello @{town.known['owner']['name']} and @{town.known['private']['name']}"}

    def on_or_off(path: str, on: str = "PUT") -> Act:
        return lambda n: town.ask(me, (on, "DELETE")[n % 2], path)

    def accepted(_: int) -> Answer:
        asked = town.ask("private", "GET", "/me/follow-requests")
        found = [one["id"] for one in asked.body["results"] if one["sender"]["id"] == he["id"]]
        return town.ask("private", "POST", f"/me/follow-requests/{found[0]}/accept") if found else asked

    def media() -> Answer:
        begun = town.ask(me, "POST", "/uploads", {"kind": "image", "size_bytes": len(picture())})
        if begun.status != 201:
            return begun
        town.ask(me, "PUT", f"/uploads/{begun.body['id']}/content", picture())
        return town.ask(me, "POST", f"/uploads/{begun.body['id']}/complete")

    def published(n: int) -> Answer:
        ready = media()
        if ready.status != 200 or n % 3 == 0:
            return ready
        where, what = ("/posts", [ready.body["media"]]) if n % 3 == 1 else ("/stories", ready.body["media"])
        return town.ask(me, "POST", where, {"media": what} | (named if n % 3 == 1 else {}))

    def marked(n: int) -> Answer:
        return town.ask(
            me, "PUT", "/notifications/marker", {"read_until": at(0, days=0).isoformat(), "version": str(n)}
        )

    return {
        "like": on_or_off(f"{post}/like"),
        "comment": lambda _: town.ask(me, "POST", f"{post}/comments", named),
        "reply": lambda _: town.ask(me, "POST", f"{post}/comments", {"body": "x", "parent": str(there["remark"])}),
        "follow": on_or_off(f"{owner}/follow", "POST"),
        "ask": on_or_off(f"{private}/follow", "POST"),
        "accepted": accepted,
        "block": on_or_off(f"/profiles/{town.known['other']['id']}/block"),
        "publish": published,
        "mark": marked,
        "see": lambda _: town.ask(me, "POST", f"/stories/{there['story']}/seen"),
        "is followed": lambda n: town.ask("owner", ("POST", "DELETE")[n % 2], f"{him}/follow"),
        "is blocked": lambda n: town.ask("other", ("PUT", "DELETE")[n % 2], f"{him}/block"),
        "is named": lambda _: town.ask("owner", "POST", f"{post}/comments", {"body": f"@{he['name']}"}),
    }


def of_videos(town: Town, me: str) -> dict[str, Act]:
    there = town.known["there"]
    video, session = f"/videos/{there['video']}", str(uuid.uuid4())
    upload = {"name": "x.mp4", "size": 5000, "type": "video/mp4"}

    def channel(n: int) -> Answer:
        made = town.ask(me, "POST", "/channels", {"handle": f"c{uuid.uuid4().hex[:10]}", "title": "x"})
        if made.status != 201 or n % 2:
            return made
        return town.ask(me, "POST", "/videos/uploads", {"channel": made.body["handle"], **upload})

    def playlist(_: int) -> Answer:
        made = town.ask(me, "POST", "/playlists", {"title": "x"})
        return made if made.status != 201 else town.ask(
            me, "POST", f"/playlists/{made.body['id']}/items", {"video": there["video"]})  # fmt: skip

    return {
        "rate": lambda n: town.ask(me, "PUT", f"{video}/rating", {"rating": ("like", "dislike", "none")[n % 3]}),
        "remark": lambda _: town.ask(me, "POST", f"{video}/comments", {"body": "x"}),
        "answer": lambda _: town.ask(me, "POST", f"{video}/comments/{there['comment']}/replies", {"body": "x"}),
        "subscribe": lambda n: town.ask(me, ("PUT", "DELETE")[n % 2], f"/channels/{there['channel']}/subscription", {}),
        "watch": lambda n: town.ask(me, "POST", f"{video}/views", {"session_id": session, "position": n % 10 / 10}),
        "channel": channel,
        "playlist": playlist,
        "later": lambda _: town.ask(me, "GET", "/me/playlists/later"),
        "pause": lambda n: town.ask(me, "PUT", "/me/history/pause", {"is_paused": n % 5 == 0}),
        "clear": lambda _: town.ask(me, "DELETE", "/me/history"),
        "quota": lambda _: town.ask(me, "GET", "/me/quota"),
    }


def of_bookings(town: Town, me: str, place: str) -> dict[str, Act]:
    his: list[str] = []

    def wish(who: str, where: str, kind: str, n: int) -> dict[str, Any]:
        """On a day for each of them, later than those of the waiting list: else one takes the other's table."""
        begins = at(12 + n % 8, days=65 + 3 * WHO.index(me) + (kind == "holds") + 2 * (who != me))
        return {"restaurant": where, "starts_at": begins.isoformat(), "party_size": 2}

    def line(who: str, where: str, n: int) -> Answer:
        joined = town.ask(who, "POST", f"/restaurants/{where}/waitlist",
                          {"date": at(12, days=3 + n % 60).date().isoformat(), "party_size": 2})  # fmt: skip
        if joined.status == 201 and n % 2:
            town.ask(who, "DELETE", f"/waitlist/{joined.body['id']}")
        return joined

    def opened(n: int) -> Answer:
        made = town.restaurant(me)
        if made.status == 201:
            his.append(made.body["id"])
        return made

    def booked(who: str, where: Callable[[], str], kind: str, n: int) -> Answer:
        made = town.ask(who, "POST", f"/{kind}", wish(who, where(), kind, n))
        if made.status == 201 and n % 2:
            town.ask(who, "DELETE", f"/bookings/{made.body['id']}")
        return made

    def at_his() -> str:
        return his[-1] if his else place

    return {
        "book": lambda n: booked(me, lambda: place, "bookings", n),
        "hold": lambda n: booked(me, lambda: place, "holds", n + 4),
        "line up": lambda n: line(me, place, n),
        "open": opened,
        "is booked": lambda n: booked("private", at_his, "bookings", n),
        "is lined up at": lambda n: line("owner", at_his(), n),
        "offer": lambda n: town.ask("owner", "POST", f"/restaurants/{place}/waitlist/offer",
                                    {"date": at(12, days=3 + n % 60).date().isoformat()}),
    }  # fmt: skip


ENDS = {410, 401}
UNTIL_THE_OTHERS = {"accepted", "is followed", "is blocked", "is named", "is booked", "is lined up at", "offer",
                    "quota", "watch", "subscribe"}  # fmt: skip
"""What goes on until all others are told that he is gone."""


@pytest.mark.parametrize("me", WHO[3:] if os.environ.get("OUTGROW_PROVE") else WHO[3:4])
def test_of_a_user_who_leaves_while_he_writes_nothing_is_left(town: Town, restaurant: str, me: str) -> None:
    acts = of_social(town, me) | of_videos(town, me) | of_bookings(town, me, restaurant)
    said: dict[str, Counter[int]] = {name: Counter() for name in acts}
    over, until = threading.Event(), time.monotonic() + 4 * AT_MOST

    def go_on(name: str) -> None:
        for n in count():
            status = acts[name](n).status
            said[name][status] += 1
            is_over = over.is_set() if name in UNTIL_THE_OTHERS else status in ENDS
            if is_over or status >= 500 or time.monotonic() > until:
                return

    def has_written(name: str) -> bool:
        return any(status < 300 for status in dict(said[name]))

    with ThreadPoolExecutor(len(acts)) as pool:
        going = {name: pool.submit(go_on, name) for name in acts}
        begun = time.monotonic()
        while (spent := time.monotonic() - begun) < FOR or (spent < AT_MOST / 2 and not all(map(has_written, acts))):
            time.sleep(0.1)
        assert town.ask(me, "DELETE", "/me").status == 204
        for name in set(acts) - UNTIL_THE_OTHERS:
            going[name].result()
        over.set()
    time.sleep(2.5)  # heartbeats wait for a second
    assert not {name: found for name, found in said.items() if any(status >= 500 for status in found)}, said
    assert {name: dict(found) for name, found in said.items() if not any(map(has_written, [name]))} == {}
    assert {name for name in set(acts) - UNTIL_THE_OTHERS if not ENDS & set(said[name])} == set(), said
    assert town.run(END, str(town.known[me]["number"])) == {"waits": [], "left": {}, "wrong": 0}
