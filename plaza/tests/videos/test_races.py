"""Many clients at once, through four processes: counters are exact, and of those who want one thing one has it."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from plaza.tests.conftest import PASSWORD
from plaza.tests.serving import ROOT, Answer, Service, served
from plaza.tests.videos.conftest import make_movie

USERS = 8


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def service(place: Path) -> Iterator[Service]:
    with served(place, MEDIA_ROOT=str(place / "media")) as found:
        yield found


def logged_in(service: Service) -> dict[str, str]:
    """A new user's header."""
    name = f"u{uuid.uuid4().hex[:12]}"
    wanted = {"nickname": name, "email": f"{name}@example.org", "password": PASSWORD}
    assert service.send("POST", "/api/auth/register", wanted).status == 202
    return {"Authorization": f"Bearer {service.send('POST', '/api/auth/token', wanted).body['access']}"}


@pytest.fixture(scope="module")
def users(service: Service) -> list[dict[str, str]]:
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda _: logged_in(service), range(USERS)))


def made(service: Service, path: str, body: Any, who: dict[str, str]) -> Any:
    answer = service.send("POST", path, body, **who)
    assert answer.status == 201, answer
    return answer.body


@pytest.fixture(scope="module")
def handle(service: Service, users: list[dict[str, str]]) -> str:
    return str(
        made(service, "/api/channels", {"handle": f"c{uuid.uuid4().hex[:10]}", "title": "x"}, users[0])["handle"]
    )


def bytes_of(service: Service, path: str, data: bytes, span: str, who: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    try:
        headers = {"Content-Type": "application/octet-stream", "Content-Range": span, **who}
        connection.request("PUT", path, data, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


@pytest.fixture(scope="module")
def upload(service: Service, handle: str, users: list[dict[str, str]]) -> Callable[[bytes], tuple[str, str]]:
    """Begins one; where its bytes are sent, and the video's number."""

    def begin(data: bytes) -> tuple[str, str]:
        wanted = {"channel": handle, "name": "x.mp4", "size": len(data), "type": "video/mp4"}
        begun = made(service, "/api/videos/uploads", wanted, users[0])
        return begun["url"], begun["video"]

    return begin


@pytest.fixture(scope="module")
def video(
    service: Service, place: Path, upload: Callable[[bytes], tuple[str, str]], users: list[dict[str, str]]
) -> str:
    """One that was uploaded by several clients at once, each chunk by all of them, and processed by two workers."""
    data = make_movie(40)
    path, public_id = upload(data)
    size = len(data) // 4 + 1
    for first in range(0, len(data), size):
        part = data[first : first + size]
        span = f"bytes {first}-{first + len(part) - 1}/{len(data)}"
        said = service.together(6, lambda _, part=part, span=span: Answer(  # type: ignore[misc]
            bytes_of(service, path, part, span, users[0]), None))  # fmt: skip
        counted = Counter(one.status for one in said)
        last = first + len(part) == len(data)
        assert set(counted) <= ({201, 200, 409} if last else {308, 409}), counted
        assert counted[201] == int(last)
    process(place, workers=2)
    seen = service.send("GET", f"/api/videos/{public_id}")
    assert (seen.status, seen.body["state"], seen.body["width"]) == (200, "published", 64)
    return public_id


def process(place: Path, workers: int) -> None:
    """As it runs beside the service, on the same databases."""
    from os import environ, pathsep

    environment = {
        **environ,
        "PYTHONPATH": pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "MEDIA_ROOT": str(place / "media"),
    }
    if environment.get("DATABASE_URL", "").startswith("sqlite"):
        environment["DATABASE_URL"] = f"sqlite:///{place}/plaza.sqlite3"
    command = [sys.executable, "manage.py", "plaza_process", "--once"]
    running = [subprocess.Popen(command, cwd=ROOT, env=environment) for _ in range(workers)]
    assert [one.wait(60) for one in running] == [0] * workers


def detail(service: Service, video: str) -> Any:
    return service.send("GET", f"/api/videos/{video}").body


def test_a_handle_goes_to_the_first(service: Service, users: list[dict[str, str]]) -> None:
    wanted = {"handle": f"c{uuid.uuid4().hex[:10]}", "title": "x"}
    said = service.together(USERS, lambda n: service.send("POST", "/api/channels", wanted, **users[n]))
    assert Counter(one.status for one in said) == {201: 1, 409: USERS - 1}


def test_likes_and_dislikes_of_many_are_counted_exactly(
    service: Service, users: list[dict[str, str]], video: str
) -> None:
    """Each user sends several at once, that contradict each other; in the end all like it."""
    path = f"/api/videos/{video}/rating"

    def rate(number: int) -> Answer:
        rating = ("like", "dislike", "none", "like", "dislike")[number % 5]
        return service.send("PUT", path, {"rating": rating}, **users[number % USERS])

    said = service.together(USERS * 5, rate)
    assert Counter(one.status for one in said) == {200: USERS * 5}
    rated = [service.send("GET", f"/api/me/ratings?ids={video}", **who).body[video] for who in users]
    seen = detail(service, video)
    assert (seen["likes"], seen["dislikes"]) == (rated.count("like"), rated.count("dislike"))
    said = service.together(USERS * 3, lambda n: service.send("PUT", path, {"rating": "like"}, **users[n % USERS]))
    assert Counter(one.status for one in said) == {200: USERS * 3}
    seen = detail(service, video)
    assert (seen["likes"], seen["dislikes"]) == (USERS, 0)


def test_a_storm_of_subscriptions_leaves_the_counter_right(
    service: Service, users: list[dict[str, str]], handle: str
) -> None:
    path = f"/api/channels/{handle}/subscription"
    others = users[1:]

    def storm(number: int) -> Answer:
        return service.send(("PUT", "DELETE")[number % 2], path, {} if number % 2 == 0 else None,
                            **others[number // 2 % len(others)])  # fmt: skip

    said = service.together(len(others) * 8, storm)
    assert Counter(one.status for one in said) == {204: len(others) * 8}
    mine = [len(service.send("GET", "/api/me/subscriptions", **who).body["results"]) for who in others]
    assert service.send("GET", f"/api/channels/{handle}").body["subscribers"] == sum(mine)


def test_one_key_writes_one_comment_and_comments_of_many_are_counted(
    service: Service, users: list[dict[str, str]], video: str
) -> None:
    path, key = f"/api/videos/{video}/comments", {"Idempotency-Key": str(uuid.uuid4())}
    said = service.together(8, lambda _: service.send("POST", path, {"body": "once"}, **users[0], **key))
    assert {(one.status, one.body["id"]) for one in said} == {(201, said[0].body["id"])}
    root = said[0].body["id"]

    def talk(number: int) -> Answer:
        """Replies to a thread that is just being deleted."""
        if number == 4:
            return service.send("DELETE", f"{path}/{root}", None, **users[0])
        return service.send("POST", f"{path}/{root}/replies", {"body": "x"}, **users[number])

    said = service.together(USERS, talk)
    assert {one.status for one in said} <= {201, 204, 404, 409}
    replied = sum(one.status == 201 for one in said)
    assert detail(service, video)["comments"] == replied


def test_watch_later_is_made_once(service: Service, users: list[dict[str, str]]) -> None:
    said = service.together(12, lambda _: service.send("GET", "/api/me/playlists/later", **users[1]))
    assert len({(one.status, one.body["id"]) for one in said}) == 1
    assert said[0].status == 200


def test_of_many_who_move_one_does_and_videos_that_are_added_at_once_have_places_of_their_own(
    service: Service, users: list[dict[str, str]], handle: str
) -> None:
    who = users[2]
    mine = made(service, "/api/channels", {"handle": f"c{uuid.uuid4().hex[:10]}", "title": "x"}, who)["handle"]
    videos = [made(service, "/api/videos", {"channel": mine, "title": str(n)}, who)["id"] for n in range(6)]
    path = f"/api/playlists/{made(service, '/api/playlists', {'title': 'x'}, who)['id']}"
    said = service.together(12, lambda n: service.send("POST", f"{path}/items", {"video": videos[n % 6]}, **who))
    assert Counter(one.status for one in said) == {201: 6, 409: 6}
    items = [one["id"] for one in service.send("GET", f"{path}/items", **who).body["results"]]
    tag = _tag(service, path, who)
    said = service.together(6, lambda n: service.send(
        "PUT", f"{path}/items/{items[n]}/position", {"after": items[n - 1]}, **who, **{"If-Match": tag}))  # fmt: skip
    assert Counter(one.status for one in said) == {200: 1, 412: 5}


def _tag(service: Service, path: str, who: dict[str, str]) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    connection.request("GET", path, headers=who)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.headers["ETag"]


def test_a_quota_is_not_passed_by_many_uploads_at_once(
    service: Service, users: list[dict[str, str]], handle: str
) -> None:
    """Of files of 3 GB six fit into 20."""
    who = users[3]
    mine = made(service, "/api/channels", {"handle": f"c{uuid.uuid4().hex[:10]}", "title": "x"}, who)["handle"]
    wanted = {"channel": mine, "name": "x.mp4", "size": 3 * 2**30, "type": "video/mp4"}
    said = service.together(10, lambda _: service.send("POST", "/api/videos/uploads", wanted, **who))
    assert Counter(one.status for one in said) == {201: 6, 413: 4}
    assert service.send("GET", "/api/me/quota", **who).body["reserved"] == 6 * 3 * 2**30


def test_no_more_uploads_are_open_however_many_begin_at_once(service: Service) -> None:
    who = logged_in(service)
    own = made(service, "/api/channels", {"handle": f"c{uuid.uuid4().hex[:10]}", "title": "x"}, who)["handle"]
    wanted = {"name": "x.mp4", "size": 5_000, "type": "video/mp4", "channel": own}
    said = service.together(16, lambda _: service.send("POST", "/api/videos/uploads", wanted, **who))
    assert Counter(one.status for one in said) == {201: 10, 429: 6}


def test_sessions_that_many_processes_see_are_views_once(
    service: Service, users: list[dict[str, str]], video: str
) -> None:
    """Beats of a session go to any process, for longer than half of this short video."""
    before = detail(service, video)["views"]
    sessions = [str(uuid.uuid4()) for _ in range(20)]

    def beat(number: int) -> Answer:
        sent = {"session_id": sessions[number % 20], "position": number / 100}
        return service.send("POST", f"/api/videos/{video}/views", sent, **users[number % 20 % USERS])

    for _ in range(2):
        assert Counter(one.status for one in service.together(60, beat)) == {202: 60}
        time.sleep(2.2)
    assert Counter(one.status for one in service.together(60, beat)) == {202: 60}
    until = time.monotonic() + 10
    while detail(service, video)["views"] < before + 20 and time.monotonic() < until:
        time.sleep(0.3)
    time.sleep(1.5)
    assert detail(service, video)["views"] == before + 20
    watched = service.send("GET", "/api/me/history", **users[1]).body["results"]
    assert [one["video"]["id"] for one in watched] == [video]


def test_a_video_that_is_deleted_while_it_is_used_breaks_nothing(
    service: Service, place: Path, users: list[dict[str, str]], upload: Callable[[bytes], tuple[str, str]]
) -> None:
    data = make_movie(10)
    path, public_id = upload(data)
    assert bytes_of(service, path, data, f"bytes 0-{len(data) - 1}/{len(data)}", users[0]) == 201
    process(place, workers=1)
    here = f"/api/videos/{public_id}"
    acts: list[Callable[[dict[str, str]], Answer]] = [
        lambda who: service.send("PUT", f"{here}/rating", {"rating": "like"}, **who),
        lambda who: service.send("POST", f"{here}/comments", {"body": "x"}, **who),
        lambda who: service.send("POST", f"{here}/views", {"session_id": str(uuid.uuid4()), "position": 1}, **who),
        lambda who: service.send("GET", here, None, **who),
    ]

    def act(number: int) -> Answer:
        if number in (10, 11):
            return service.send("DELETE", here, None, **users[0])
        return acts[number % 4](users[number % USERS])

    said = service.together(36, act)
    assert {one.status for one in said} <= {200, 201, 202, 204, 404}, [json.dumps(one.body) for one in said]
    assert service.send("GET", here, None, **users[0]).status == 404


def test_captions_that_are_put_in_many_languages_at_once_all_stay(
    service: Service, users: list[dict[str, str]], handle: str
) -> None:
    video = made(service, "/api/videos", {"channel": handle, "title": "x"}, users[0])["id"]
    path, names = f"/api/videos/{video}/captions", ["de", "en", "es", "fr", "ja", "ko", "pt-BR", "zh-Hant"]
    text = b"WEBVTT\n\n00:01.000 --> 00:02.000\nx\n"

    def put(number: int) -> Answer:
        return service.send("PUT", f"{path}/{names[number % 8]}", text, **users[0])

    assert Counter(one.status for one in service.together(24, put)) == {200: 24}
    listed = service.send("GET", path, **users[0]).body
    assert [one["language"] for one in listed] == names
    left = service.together(8, lambda n: service.send(("DELETE", "GET")[n % 2], f"{path}/{names[n]}", **users[0]))
    assert {one.status for one in left} == {204, 200}
