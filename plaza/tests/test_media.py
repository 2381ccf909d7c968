"""Users' files: what they are by their bytes, without where they were made, and sent whole or in ranges."""

from __future__ import annotations

import mimetypes
from datetime import timedelta
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import av
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.timezone import now
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_
from hypothesis import strategies as st
from PIL import Image
from pytest_django import fixtures
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from plaza.accounts.models import AccountsMessage
from plaza.api import outbox
from plaza.api.problems import TooLarge, Unprocessable
from plaza.media import images, kinds, links, movies, playing, receiving
from plaza.tests.conftest import Client, on_a_full_disk

TEXT = bytes(range(256)) * 40


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: fixtures.Settings) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def name() -> str:
    return default_storage.save("things/a b.bin", ContentFile(TEXT))


def picture(format_: str = "JPEG", *, orientation: int = 1) -> BytesIO:
    """40 × 20, taken in Seoul."""
    file, exif = BytesIO(), Image.Exif()
    exif[0x0112] = orientation
    exif.get_ifd(0x8825).update({1: "N", 2: (37.0, 33.0, 0.0), 3: "E", 4: (126.0, 58.0, 0.0)})
    Image.new("RGB", (40, 20), "red").save(file, format_, exif=exif)
    return file


def movie(**metadata: str) -> BytesIO:
    """Two seconds of 64 × 48 at 10 a second."""
    file = BytesIO()
    with av.open(file, "w", format="mp4", options={"movflags": "use_metadata_tags"}) as container:
        container.metadata.update(metadata)
        stream: Any = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height = 64, 48
        for number in range(20):
            frame = av.VideoFrame(64, 48, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return file


@pytest.mark.parametrize(("format_", "mime"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")])
def test_what_a_picture_is_tell_its_bytes(format_: str, mime: str) -> None:
    assert kinds.sniff(picture(format_), kinds.IMAGES).mime == mime


@pytest.mark.parametrize("said", [b"", b"GIF89a\1\0\1\0", b"<svg onload='x()'/>", b"<html>", b"\x89PN", TEXT])
def test_what_is_no_picture_is_not_taken(said: bytes) -> None:
    with pytest.raises(UnsupportedMediaType, match=r"expected one of image/jpeg, image/png, image/webp"):
        kinds.sniff(BytesIO(said), kinds.IMAGES)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_kept_without_where_it_was_taken(format_: str) -> None:
    taken = picture(format_)
    assert dict(Image.open(taken).getexif().get_ifd(0x8825))
    kept = images.bare(taken)
    again = Image.open(kept.file)
    assert not again.getexif()
    assert (again.format, again.size) == (format_, (40, 20))


def test_a_picture_that_lay_on_its_side_stands_upright() -> None:
    kept = images.bare(picture(orientation=6))
    assert (kept.width, kept.height) == Image.open(kept.file).size == (20, 40)


@pytest.mark.parametrize("damaged", [picture().getvalue()[:200], b"\xff\xd8\xff\xe0" + TEXT])
def test_a_damaged_picture_is_refused(damaged: bytes) -> None:
    with pytest.raises(Unprocessable, match="cannot be read"):
        images.bare(BytesIO(damaged))


def test_a_picture_of_too_many_pixels_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MOST_PIXELS", 799)
    with pytest.raises(Unprocessable, match="40 × 20 pixels"):
        images.bare(picture())


def test_a_movie_is_measured() -> None:
    found = movies.probe(movie())
    assert (found.width, found.height, found.duration, found.frame_rate) == (64, 48, timedelta(seconds=2), 10.0)


def test_a_movie_is_kept_without_where_it_was_taken() -> None:
    taken = movie(location="+37.5500+126.9667/", comment="at home")
    assert b"+37.5500" in taken.getvalue()
    with movies.bare(taken, "mp4") as kept:
        said = kept.read()
    assert b"+37.5500" not in said
    assert b"at home" not in said
    assert movies.probe(BytesIO(said)) == movies.probe(taken)


@pytest.mark.parametrize("damaged", [b"", TEXT, movie().getvalue()[:300], picture().getvalue()[:100]])
def test_a_damaged_movie_is_refused(damaged: bytes) -> None:
    with pytest.raises(Unprocessable):
        movies.probe(BytesIO(damaged))


def test_a_full_disk_is_no_fault_of_the_movie(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(movies, "NamedTemporaryFile", on_a_full_disk)
    for extension in ("mp4", "mov", "mkv"):
        with pytest.raises(OSError, match="No space left"), movies.bare(movie(), extension):
            pass


@pytest.mark.parametrize("sent", [b"", b"x", TEXT])
def test_a_body_is_taken_up_to_its_limit(sent: bytes) -> None:
    with receiving.received(_put(sent), len(TEXT)) as file:
        assert file.read() == sent


def test_a_body_over_its_limit_is_not_read() -> None:
    with pytest.raises(TooLarge, match="10,239 bytes"):
        receiving.received(_put(TEXT), len(TEXT) - 1)


def test_a_body_that_ended_early_is_not_taken() -> None:
    with pytest.raises(ParseError, match="10240 of 10250 bytes"):
        receiving.received(_put(TEXT, CONTENT_LENGTH="10250", **{"wsgi.input": BytesIO(TEXT)}), 20_000)


@pytest.mark.parametrize(
    "header", [{"CONTENT_LENGTH": "many"}, {"CONTENT_LENGTH": "-1"}, {"HTTP_TRANSFER_ENCODING": "chunked"}]
)
def test_a_body_of_unknown_length_is_not_taken(header: dict[str, str]) -> None:
    with pytest.raises(ParseError, match="send Content-Length"):
        receiving.received(_put(TEXT, **header), 20_000)


def _put(sent: bytes, **more: Any) -> Request:
    found = APIRequestFactory().generic("PUT", "/", sent, content_type="application/octet-stream", **more)
    return Request(found, parsers=[receiving.Bytes()])


def test_an_address_is_good_for_its_file_alone_and_for_its_time(anybody: Client, name: str) -> None:
    address = links.link(name)
    said = anybody.get(address)
    assert (said.status_code, said.getvalue()) == (200, TEXT)
    assert said["X-Content-Type-Options"] == "nosniff"
    assert links.link(name) == address
    other = default_storage.save("things/other.bin", ContentFile(b"secret"))
    query = {key: value[0] for key, value in parse_qs(urlsplit(address).query).items()}
    for path, changed in (
        (f"/api/media/{other}", query), (urlsplit(address).path, {**query, "until": str(int(query["until"]) + 1)}),
        (urlsplit(address).path, {}), (urlsplit(address).path, {**query, "until": "²"}),
    ):  # fmt: skip
        assert anybody.get(path, changed).status_code == 404
    assert anybody.get(links.link(name, until=now() - timedelta(seconds=1))).status_code == 404


@pytest.mark.parametrize("kind", sorted({*kinds.IMAGES.values(), *kinds.MOVIES.values()}))
def test_what_a_file_is_depends_on_no_list_of_this_machine(
    anybody: Client, kind: kinds.Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mimetypes, "guess_type", lambda *_, **__: (None, None))
    name = default_storage.save(f"things/it.{kind.extension}", ContentFile(b"x"))
    assert anybody.head(links.link(name))["Content-Type"] == kind.mime


def test_a_file_that_is_not_there_any_more_is_a_404(anybody: Client, name: str) -> None:
    default_storage.delete(name)
    assert anybody.get(links.link(name)).status_code == 404


def test_a_browser_keeps_a_file_no_longer_than_its_address_is_good(anybody: Client, name: str) -> None:
    def kept(address: str) -> int:
        return int(anybody.head(address)["Cache-Control"].removeprefix("private, max-age="))

    assert kept(links.link(name)) == 24 * 3600
    assert 50 <= kept(links.link(name, until=now() + timedelta(seconds=60))) <= 60


@pytest.mark.parametrize("wanted", ["../settings.py", "/etc/passwd", "a/../../b"])
def test_no_address_leads_out_of_the_folder(anybody: Client, wanted: str) -> None:
    assert anybody.get(links.link(wanted)).status_code in (400, 404)


@pytest.mark.parametrize(
    ("range_", "first", "last"),
    [("bytes=0-0", 0, 0), ("bytes=0-", 0, 10239), ("bytes=10000-20000", 10000, 10239), ("bytes=-5", 10235, 10239),
     ("bytes=-99999", 0, 10239), ("bytes=255-257", 255, 257)],
)  # fmt: skip
def test_a_range_is_answered_by_its_bytes(anybody: Client, name: str, range_: str, first: int, last: int) -> None:
    said = anybody.get(links.link(name), headers={"Range": range_})
    assert (said.status_code, said.getvalue()) == (206, TEXT[first : last + 1])
    assert said["Content-Range"] == f"bytes {first}-{last}/10240"
    assert said["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize("range_", ["bytes=10240-", "bytes=99999-100000", "bytes=-0"])
def test_a_range_beyond_the_end_cannot_be(anybody: Client, name: str, range_: str) -> None:
    said = anybody.get(links.link(name), headers={"Range": range_})
    assert (said.status_code, said["Content-Range"]) == (416, "bytes */10240")
    assert (said["Content-Type"], said.json()["status"]) == ("application/problem+json", 416)


@pytest.mark.parametrize("range_", ["bytes=5-1", "bytes=0-1,3-4", "lines=1-2", "bytes=", "bytes=x-", "bytes=-"])
def test_a_range_that_is_not_understood_is_the_whole_file(anybody: Client, name: str, range_: str) -> None:
    said = anybody.get(links.link(name), headers={"Range": range_})
    assert (said.status_code, said.getvalue()) == (200, TEXT)


def test_a_range_of_what_has_changed_is_the_whole_file(anybody: Client, name: str) -> None:
    tag = anybody.head(links.link(name))["ETag"]
    for known, status in ((tag, 206), ('"another"', 200), ("Tue, 01 Jan 2030 00:00:00 GMT", 200)):
        said = anybody.get(links.link(name), headers={"Range": "bytes=1-2", "If-Range": known})
        assert (said.status_code, len(said.getvalue())) == (status, 2 if status == 206 else len(TEXT))
    assert anybody.get(links.link(name), headers={"If-None-Match": tag}).status_code == 304


def test_a_head_says_how_long_a_file_is(anybody: Client, name: str) -> None:
    said = anybody.head(links.link(name))
    assert (said.status_code, said["Content-Length"], said["Accept-Ranges"]) == (200, "10240", "bytes")
    assert not said.content


def test_nginx_is_told_which_file_to_send(anybody: Client, name: str, settings: fixtures.Settings) -> None:
    settings.X_ACCEL = "/files/"
    said = anybody.get(links.link(name), headers={"Range": "bytes=1-2"})
    assert (said.status_code, said["X-Accel-Redirect"], said.content) == (200, "/files/things/a%20b.bin", b"")


def test_ones_picture_is_shown_and_the_old_one_goes(ann: Client, anybody: Client) -> None:
    seen = [ann.send("/api/me/image", picture(format_).getvalue()).json()["image"] for format_ in ("JPEG", "PNG")]
    outbox.drain(AccountsMessage)
    assert [anybody.head(one).status_code for one in seen] == [404, 200]
    assert ann.get("/api/me").json()["image"] == seen[1]
    assert not Image.open(BytesIO(anybody.get(seen[1]).getvalue())).getexif()
    assert ann.delete("/api/me/image").status_code == 204
    outbox.drain(AccountsMessage)
    assert ann.get("/api/me").json()["image"] is None
    assert anybody.head(seen[1]).status_code == 404


def test_ones_picture_goes_with_the_account(ann: Client, anybody: Client) -> None:
    seen = ann.send("/api/me/image", picture().getvalue()).json()["image"]
    assert ann.delete("/api/me").status_code == 204
    outbox.drain(AccountsMessage)
    assert anybody.head(seen).status_code == 404


def test_ones_picture_is_a_picture_and_not_too_large(ann: Client, settings: fixtures.Settings) -> None:
    assert ann.send("/api/me/image", TEXT).status_code == 415
    assert ann.send("/api/me/image", picture().getvalue()[:200]).status_code == 422
    settings.MEDIA_LIMITS = {"image": 100}
    assert ann.send("/api/me/image", picture().getvalue()).status_code == 413
    assert ann.get("/api/me").json()["image"] is None


@settings_(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.integers(0, 12_000), length=st.integers(0, 12_000))
def test_the_pieces_of_any_range_are_its_bytes(first: int, length: int) -> None:
    assert b"".join(playing.Part(BytesIO(TEXT), first, length)) == TEXT[first : first + length]
