"""Many clients at once, through four processes: nothing is counted twice or lost, and nobody sees a 500."""

from __future__ import annotations

import http.client
import subprocess
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from plaza.tests.conftest import PASSWORD
from plaza.tests.serving import ROOT, Answer, Service, prepared, web_server
from plaza.tests.social.conftest import picture

PEOPLE = 6


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("served")
    return prepared(folder, MEDIA_ROOT=str(folder / "media"))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Iterator[Service]:
    with web_server(tmp_path_factory.mktemp("server"), environment) as found:
        yield found


class Person:
    """Somebody with an account, and what he sends."""

    def __init__(self, service: Service) -> None:
        self.service, self.name = service, f"u{uuid.uuid4().hex[:12]}"
        wanted = {"nickname": self.name, "email": f"{self.name}@example.org", "password": PASSWORD}
        assert service.send("POST", "/api/auth/register", wanted).status == 202
        tokens = service.send("POST", "/api/auth/token", wanted).body
        self.headers = {"Authorization": f"Bearer {tokens['access']}"}
        self.send("PUT", "/api/notifications/marker", {"read_until": "2024-01-01T00:00:00Z", "version": "0"})
        self.id = self.send("GET", f"/api/profiles/{self.name}").body["id"]

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        return self.service.send(method, path, body, **self.headers, **headers)

    def media(self) -> str:
        upload = self.upload()
        done = self.send("POST", f"/api/uploads/{upload}/complete")
        assert done.status == 200, done
        return str(done.body["media"])

    def upload(self) -> str:
        """The id of an upload whose bytes are there."""
        sent = picture()
        upload = self.send("POST", "/api/uploads", {"kind": "image", "size_bytes": len(sent)}).body
        connection = http.client.HTTPConnection("127.0.0.1", self.service.port, timeout=60)
        try:
            connection.request("PUT", upload["put"], sent, {**self.headers, "Content-Type": "image/jpeg"})
            assert connection.getresponse().status == 204
        finally:
            connection.close()
        return str(upload["id"])

    def post(self) -> str:
        done = self.send("POST", "/api/posts", {"media": [self.media()]})
        assert done.status == 201, done
        return str(done.body["id"])

    def counters(self) -> tuple[int, int]:
        shown = self.send("GET", f"/api/profiles/{self.name}").body
        return shown["followers"], shown["following"]


@pytest.fixture(scope="module")
def people(service: Service, environment: dict[str, str]) -> list[Person]:
    """Told of: until then they are private."""
    found = [Person(service) for _ in range(PEOPLE)]
    command = [sys.executable, "manage.py", "plaza_drain", "--once"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=60, capture_output=True)
    return found


def statuses(answers: list[Answer]) -> Counter[int]:
    return Counter(one.status for one in answers)


def test_of_two_hundred_likes_each_is_counted_once(service: Service, people: list[Person]) -> None:
    """Each of a few people likes it many times: what is new counts, and what is not does not."""
    owner = people[0]
    post = owner.post()

    def act(number: int) -> Answer:
        return people[number % PEOPLE].send("PUT", f"/api/posts/{post}/like")

    assert statuses(service.together(200, act)) == {204: 200}
    assert owner.send("GET", f"/api/posts/{post}").body["likes"] == PEOPLE
    (told,) = [one for one in owner.send("GET", "/api/notifications").body["results"] if one["post"] == post]
    assert told["amount"] == PEOPLE - 1


def test_likes_and_unlikes_and_comments_at_once_leave_what_a_recount_finds(
    service: Service, people: list[Person]
) -> None:
    owner = people[1]
    post = owner.post()

    def act(number: int) -> Answer:
        who, what = people[number % PEOPLE], number % 3
        if what == 0:
            return who.send("POST", f"/api/posts/{post}/comments", {"body": f"hello @{people[2].name}"})
        return who.send("PUT" if what == 1 else "DELETE", f"/api/posts/{post}/like")

    assert set(statuses(service.together(120, act))) == {201, 204}
    likes = owner.send("GET", f"/api/posts/{post}/likes?limit=100").body["results"]
    shown = owner.send("GET", f"/api/posts/{post}").body
    assert (shown["likes"], shown["comments"]) == (len(likes), 40)


def test_a_storm_of_follows_and_unfollows_leaves_what_a_recount_finds(service: Service, people: list[Person]) -> None:
    """Everybody and everybody else, in both directions: no two lock each other out."""

    def act(number: int) -> Answer:
        one, other = people[number % PEOPLE], people[(number // PEOPLE + number + 1) % PEOPLE]
        if one is other:
            other = people[(number + 3) % PEOPLE]
        return one.send("POST" if number % 5 else "DELETE", f"/api/profiles/{other.id}/follow")

    assert statuses(service.together(160, act)) == {200: 160}
    for one in people:
        listed = [len(one.send("GET", f"/api/profiles/{one.id}/{which}?limit=100").body["results"])
                  for which in ("followers", "following")]  # fmt: skip
        assert one.counters() == tuple(listed)


def test_media_are_in_one_of_many_posts(service: Service, people: list[Person]) -> None:
    owner = people[3]
    media = owner.media()

    def act(number: int) -> Answer:
        where, body = ("/api/posts", {"media": [media]}) if number % 2 else ("/api/stories", {"media": media})
        return owner.send("POST", where, body)

    said = statuses(service.together(16, act))
    assert said[201] == 1
    assert set(said) <= {201, 400, 409}


def test_an_upload_that_is_completed_many_times_is_one_picture(service: Service, people: list[Person]) -> None:
    owner = people[4]
    upload = owner.upload()
    said = service.together(16, lambda _: owner.send("POST", f"/api/uploads/{upload}/complete"))
    assert set(statuses(said)) <= {200, 202}
    assert owner.send("GET", f"/api/uploads/{upload}").body["state"] == "ready"
    assert len({one.body["media"] for one in said if one.status == 200}) == 1


def test_the_same_key_publishes_one_post(service: Service, people: list[Person]) -> None:
    owner = people[5]
    wanted, key = {"media": [owner.media()], "body": "once"}, {"Idempotency-Key": str(uuid.uuid4())}
    said = service.together(16, lambda _: owner.send("POST", "/api/posts", wanted, **key))
    assert statuses(said) == {201: 16}
    assert len({one.body["id"] for one in said}) == 1


def test_the_days_stories_have_room_for_no_more_however_fast_they_come_and_go(
    service: Service, people: list[Person]
) -> None:
    """Every second one is deleted at once."""
    owner = people[0]
    media = [owner.media() for _ in range(24)]

    def act(number: int) -> Answer:
        said = owner.send("POST", "/api/stories", {"media": media[number]})
        if said.status == 201 and number % 2:
            assert owner.send("DELETE", f"/api/stories/{said.body['id']}").status == 204
        return said

    assert statuses(service.together(24, act)) == {201: 20, 422: 4}


def test_a_story_is_seen_once_by_each_while_it_is_deleted(service: Service, people: list[Person]) -> None:
    owner, viewers = people[5], people[:4]
    for viewer in viewers:
        viewer.send("POST", f"/api/profiles/{owner.id}/follow")
    story = owner.send("POST", "/api/stories", {"media": owner.media()}).body["id"]
    see = partial(look, viewers, story)
    assert statuses(service.together(32, see)) == {204: 32}
    assert owner.send("GET", f"/api/stories/{story}").body["views"] == len(viewers)
    said: list[Answer] = []
    deleting = threading.Thread(target=lambda: said.append(owner.send("DELETE", f"/api/stories/{story}")))
    deleting.start()
    assert set(statuses(service.together(32, see))) <= {204, 404}
    deleting.join()
    assert said[0].status == 204


def look(viewers: list[Person], story: str, number: int) -> Answer:
    return viewers[number % len(viewers)].send("POST", f"/api/stories/{story}/seen")


def test_a_post_that_is_deleted_while_it_is_liked_and_commented_on_is_gone(
    service: Service, people: list[Person]
) -> None:
    owner = people[2]
    for _ in range(3):
        post = owner.post()
        acts: list[Callable[[Person], Answer]] = [
            lambda who, post=post: who.send("PUT", f"/api/posts/{post}/like"),
            lambda who, post=post: who.send("POST", f"/api/posts/{post}/comments", {"body": "x"}),
            lambda who, post=post: who.send("DELETE", f"/api/posts/{post}/like"),
        ]

        def act(number: int, acts: Any = acts, post: str = post) -> Answer:
            if number == 12:
                return owner.send("DELETE", f"/api/posts/{post}")
            return acts[number % 3](people[number % PEOPLE])

        assert set(statuses(service.together(32, act))) <= {201, 204, 404}
        assert owner.send("GET", f"/api/posts/{post}").status == 404
