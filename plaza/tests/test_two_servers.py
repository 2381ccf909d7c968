"""Two web servers on the same databases and files: neither keeps anything that the other would need, and nginx before
them loses no GET when one of them dies.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image

from plaza.tests.conftest import PASSWORD
from plaza.tests.fronting import FILES, nginx
from plaza.tests.serving import Answer, Service, prepared, web_server

READERS = 6


class Pair(NamedTuple):
    one: Service
    other: Service
    front: Service
    folder: Path
    environment: dict[str, str]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("pair")
    media = folder / "media"
    media.mkdir()
    environment = prepared(folder, MEDIA_ROOT=str(media), X_ACCEL=FILES)
    with (
        web_server(folder, environment, 2) as one,
        web_server(folder, environment, 2) as other,
        nginx(folder, [one, other], media) as front,
    ):
        yield Pair(one, other, front, folder, environment)


def registered(service: Service) -> dict[str, str]:
    """A new user's name and password."""
    name = f"u{uuid.uuid4().hex[:12]}"
    wanted = {"nickname": name, "email": f"{name}@example.org", "password": PASSWORD}
    assert service.send("POST", "/api/auth/register", wanted).status == 202
    return wanted


def bearer(tokens: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access']}"}


def logged_in(service: Service, wanted: dict[str, str]) -> dict[str, str]:
    answer = service.send("POST", "/api/auth/token", wanted)
    assert answer.status == 200, answer.body
    return dict(answer.body)


def picture() -> bytes:
    out = BytesIO()
    Image.effect_noise((200, 100), 80).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def test_whoever_registers_at_one_logs_in_at_the_other_and_reads_at_both(pair: Pair) -> None:
    wanted = registered(pair.one)
    tokens = logged_in(pair.other, wanted)
    for service in (pair.one, pair.other):
        answer = service.send("GET", "/api/me", **bearer(tokens))
        assert (answer.status, answer.body["nickname"]) == (200, wanted["nickname"])


def test_a_refresh_token_goes_from_server_to_server_and_is_good_once(pair: Pair) -> None:
    first = tokens = logged_in(pair.one, registered(pair.one))
    for service in (pair.other, pair.one, pair.other):
        answer = service.send("POST", "/api/auth/token/refresh", {"refresh": tokens["refresh"]})
        assert answer.status == 200
        tokens = answer.body
    assert pair.one.send("POST", "/api/auth/token/refresh", {"refresh": first["refresh"]}).status == 401
    assert pair.other.send("POST", "/api/auth/token/refresh", {"refresh": tokens["refresh"]}).status == 401


def test_whoever_logs_out_at_one_is_out_at_the_other(pair: Pair) -> None:
    wanted = registered(pair.one)
    here, there = logged_in(pair.one, wanted), logged_in(pair.other, wanted)
    assert pair.one.send("POST", "/api/auth/token/revoke", {"refresh": here["refresh"]}).status == 204
    assert pair.other.send("POST", "/api/auth/token/refresh", {"refresh": here["refresh"]}).status == 401
    listed = pair.other.send("GET", "/api/me/sessions", **bearer(there)).body
    assert [one["id"] for one in listed] == [there["session"]]


def test_a_change_at_one_is_seen_at_the_other_and_refused_from_an_older_version(pair: Pair) -> None:
    tokens = logged_in(pair.one, registered(pair.one))
    tag = pair.one.send("GET", "/api/me", **bearer(tokens)).headers["ETag"]
    change = {**bearer(tokens), "If-Match": tag}
    assert pair.other.send("PATCH", "/api/me", {"bio": "there"}, **change).status == 200
    assert pair.one.send("PATCH", "/api/me", {"bio": "here"}, **change).status == 412
    assert pair.one.send("GET", "/api/me", **bearer(tokens)).body["bio"] == "there"


def test_one_key_sent_to_both_makes_one_account(pair: Pair) -> None:
    name = f"u{uuid.uuid4().hex[:12]}"
    wanted = {"nickname": name, "email": f"{name}@example.org", "password": PASSWORD}
    key = {"Idempotency-Key": str(uuid.uuid4())}
    servers = [pair.one, pair.other] * 4
    said = pair.one.together(8, lambda n: servers[n].send("POST", "/api/auth/register", wanted, **key))
    assert Counter(one.status for one in said) == {202: 8}
    assert len({str(one.body) for one in said}) == 1


def portrait(pair: Pair) -> tuple[str, bytes]:
    """The address of a picture that was sent to one server, and its bytes as nginx sends them."""
    tokens = logged_in(pair.one, registered(pair.one))
    assert pair.one.send("PUT", "/api/me/image", picture(), **bearer(tokens)).status == 200
    path = pair.other.send("GET", "/api/me", **bearer(tokens)).body["image"]
    whole = pair.front.send("GET", path)
    assert whole.status == 200
    return path, whole.body


def test_a_picture_that_one_took_is_sent_by_nginx_whichever_server_it_asks(pair: Pair) -> None:
    path, whole = portrait(pair)
    assert whole.startswith(b"\xff\xd8")
    for _ in range(4):
        answer = pair.front.send("GET", path)
        assert (answer.status, answer.body, answer.headers["Content-Type"]) == (200, whole, "image/jpeg")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("wanted", "first", "last"), [("bytes=0-9", 0, 9), ("bytes=10-", 10, None), ("bytes=-7", -7, None)]
)
def test_nginx_sends_the_range_that_a_player_asks_for(pair: Pair, wanted: str, first: int, last: int | None) -> None:
    path, whole = portrait(pair)
    answer = pair.front.send("GET", path, Range=wanted)
    expected = whole[first : None if last is None else last + 1]
    begin = first if first >= 0 else len(whole) + first
    assert (answer.status, answer.body) == (206, expected)
    assert answer.headers["Content-Range"] == f"bytes {begin}-{begin + len(expected) - 1}/{len(whole)}"


def test_a_range_that_is_not_there_and_a_file_asked_for_by_its_name_are_refused(pair: Pair) -> None:
    path, whole = portrait(pair)
    assert pair.front.send("GET", path, Range=f"bytes={len(whole)}-").status == 416
    name = path.removeprefix("/api/media/").partition("?")[0]
    assert pair.front.send("GET", FILES + name).status == 404
    assert pair.front.send("GET", f"/api/media/{name}?until=9999999999&sig=x").status == 404


class Load:
    """Readers, one GET after the other, until the end of the block."""

    def __init__(self, front: Service, paths: list[str], headers: dict[str, str]) -> None:
        self._front, self._paths, self._headers = front, paths, headers
        self._over = threading.Event()
        self.answers: list[Answer | Exception] = []

    def _read(self) -> None:
        for path in cycle(self._paths):
            if self._over.is_set():
                return
            try:
                self.answers.append(self._front.send("GET", path, **self._headers))
            except Exception as error:  # a connection that was cut is a failed GET as well
                self.answers.append(error)

    def wait_for(self, answers: int) -> None:
        """Until there are as many, however slow this machine is."""
        until = time.monotonic() + 60
        while len(self.answers) < answers and time.monotonic() < until:
            time.sleep(0.05)

    def __enter__(self) -> Load:
        self._threads = [threading.Thread(target=self._read) for _ in range(READERS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


def test_one_of_two_servers_is_killed_under_load_and_no_get_fails(pair: Pair) -> None:
    tokens = logged_in(pair.one, registered(pair.one))
    folder = pair.folder / "front"
    folder.mkdir()
    with (
        web_server(pair.folder, pair.environment, 2) as victim,
        nginx(folder, [pair.one, victim], pair.folder / "media") as front,
    ):
        with Load(front, ["/api/me", "/api/me/sessions"], bearer(tokens)) as load:
            load.wait_for(100)
            victim.kill()
            before = len(load.answers)
            load.wait_for(before + 100)
        by = Counter(
            one.headers["X-Served-By"].rpartition(":")[2] for one in load.answers[:before] if isinstance(one, Answer)
        )
    assert Counter(one.status if isinstance(one, Answer) else repr(one) for one in load.answers) == {
        200: len(load.answers)
    }
    assert min(by[str(victim.port)], by[str(pair.one.port)]) > 10  # both had served
    assert len(load.answers) - before >= 100
