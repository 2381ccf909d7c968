"""Captions: what is WebVTT and what is not, a text for each language, and who reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from plaza.tests.conftest import Client
from plaza.tests.videos.conftest import drain
from plaza.videos import captioning, languages, vtt
from plaza.videos.models import Video

Make = Callable[..., Video]
KO = "WEBVTT\n\n1\n00:01.000 --> 00:04.000 align:start\n안녕하세요 🍲\n".encode()
EN = b"WEBVTT - made by hand\r\n\r\nNOTE nothing\r\n\r\n00:00:01.000 --> 00:00:04.000\r\nhello\r\nthere\r\n"


def path(video: Video, language: str = "") -> str:
    return f"/api/videos/{video.public_id}/captions" + (f"/{language}" if language else "")


def put(client: Client, video: Video, language: str, text: bytes = EN) -> Any:
    return client.send(path(video, language), text, "text/vtt")


@pytest.mark.parametrize(("text", "cues"), [
    (KO, 1), (EN, 1), (b"WEBVTT", 0), (b"WEBVTT\n", 0), ("\ufeffWEBVTT\n\n".encode(), 0), (b"WEBVTT\tx\n\n\n\n", 0),
    (b"WEBVTT\nKind: captions\n\n00:01.000 --> 00:01.001\n\n100:00:00.000 --> 100:00:00.500\nx", 2),
    (b"WEBVTT\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:a\n\n \n00:00.000 --> 00:01.000\n", 1),
    (b"WEBVTT\r\r00:01.000\t-->\t00:02.000\rx\r\r00:00.000 --> 00:02.000\r", 2),
])  # fmt: skip
def test_what_a_player_reads_is_accepted(text: bytes, cues: int) -> None:
    assert vtt.check(text) == cues


@pytest.mark.parametrize(("text", "said"), [
    (b"", "Line 1: expected WEBVTT."),
    (b"WEBVTTX\n", "Line 1"),
    (b"1\n00:00:01,000 --> 00:00:02,000\nx", "Line 1"),
    (b"WEBVTT\n00:01.000 --> 00:02.000\nx", "Line 2: expected an empty line"),
    (b"WEBVTT\n\n00:01.000 --> 00:01.000\nx", "Line 3: expected an end after the start."),
    (b"WEBVTT\n\n1\n00:02.000 --> 00:01.000\nx", "Line 4: expected an end after the start."),
    (b"WEBVTT\n\n00:01,000 --> 00:02,000\nx", "Line 3: expected a time"),
    (b"WEBVTT\n\n0:01.000 --> 00:02.000\nx", "Line 3: expected a time"),
    (b"WEBVTT\n\n00:60.000 --> 01:02.000\nx", "Line 3: expected a time"),
    (b"WEBVTT\n\n00:01.000-->00:02.000\nx", "Line 3: expected a time"),
    ("WEBVTT\n\n٠٠:٠١.٠٠٠ --> 00:02.000\nx".encode(), "Line 3: expected a time"),
    (b"WEBVTT\n\nhello", "Line 3: expected a time"),
    (b"WEBVTT\n\nhello\nthere\n", "Line 4: expected a time"),
    (b"WEBVTT\n\n \n", "Line 3: expected a time"),
    (b"WEBVTT\n\n00:01.000 --> 00:02.000\nx\n00:02.000 --> 00:03.000\ny", "Line 5: expected no -->"),
    (b"WEBVTT\n\nNOTE x\n00:02.000 --> 00:03.000\ny", "Line 4: expected no -->"),
    (b"WEBVTT\n\n00:01.000 --> 00:02.000\n\xff", "Expected UTF-8; byte 33"),
    (b"WEBVTT\n\n00:01.000 --> 00:02.000\n\0", "zero byte"),
    (b"WEBVTT\n" + b"\n00:01.000 --> 00:02.000\n" * (vtt.MOST_CUES + 1), "at most 20,000 cues"),
])  # fmt: skip
def test_what_a_player_would_skip_is_refused_with_its_line(text: bytes, said: str) -> None:
    with pytest.raises(vtt.NotCaptions) as found:
        vtt.check(text)
    assert said in str(found.value)


@pytest.mark.parametrize(("said", "spelled"), [
    ("en", "en"), ("EN-us", "en-US"), ("zh-hant-tw", "zh-Hant-TW"), ("es-419", "es-419"), ("sl-rozaj-biske-1994",) * 2,
    ("de-1996-u-co-phonebk", "de-1996-u-co-phonebk"), ("en-X-twain", "en-x-twain"), ("zh-YUE", "zh-yue"),
    ("", None), ("e", None), ("en_US", None), ("en-", None), ("english language", None), ("en-u", None),
    ("x" * 9, None), ("en-" + "a" * 8 + "-b" * 20, None), ("ｅｎ", None), ("en\n", None),
])  # fmt: skip
def test_a_language_has_one_spelling(said: str, spelled: str | None) -> None:
    assert languages.spelled(said) == spelled


def test_captions_are_put_listed_read_and_deleted(ann: Client, anybody: Client, video: Make) -> None:
    one = video("ann")
    assert anybody.get(path(one)).json() == []
    made = put(ann, one, "KO", KO)
    assert (made.status_code, made.json()["language"], made.json()["size"]) == (200, "ko", len(KO)), made.content
    put(ann, one, "en-us")
    assert [each["language"] for each in anybody.get(path(one)).json()] == ["en-US", "ko"]
    read = anybody.get(made.json()["url"], headers={"Accept": "text/vtt"})
    assert (read.status_code, read["Content-Type"], read.content) == (200, "text/vtt; charset=utf-8", KO)
    assert anybody.get(path(one, "ko"), headers={"If-None-Match": read["ETag"]}).status_code == 304
    assert ann.delete(path(one, "ko")).status_code == 204
    assert ann.delete(path(one, "ko")).status_code == 204
    assert ann.delete(path(one, "nonsense!")).status_code == 204
    gone = anybody.get(path(one, "ko"), headers={"Accept": "text/vtt"})
    assert (gone.status_code, gone["Content-Type"], gone.json()["status"]) == (404, "application/problem+json", 404)
    assert anybody.get(path(one, "EN-US")).content == EN


def test_what_is_put_again_takes_the_place_of_what_was_there_and_its_file_goes(
    ann: Client, video: Make, tmp_path: Path
) -> None:
    one = video("ann")
    before = put(ann, one, "en", KO)["ETag"]
    changed = put(ann, one, "en")
    assert (changed.status_code, changed["ETag"] == before) == (200, False)
    assert ann.get(path(one, "en"), headers={"If-None-Match": before}).content == EN
    drain()
    assert len(list((tmp_path / "captions").iterdir())) == 1
    assert Video.objects.get().version == 1, "a change of the title that is being made is not stale by it"


@pytest.mark.parametrize(("language", "text", "field"), [
    ("english_us", EN, "language"), ("en", b"hello", "captions"),
    ("en", b"WEBVTT\n\n00:02.000 --> 00:01.000\nx", "captions"), ("en", b"", "captions"),
])  # fmt: skip
def test_what_cannot_be_captions_is_refused_and_nothing_is_kept(
    ann: Client, video: Make, tmp_path: Path, language: str, text: bytes, field: str
) -> None:
    one = video("ann")
    answer = put(ann, one, language, text)
    assert (answer.status_code, [each["name"] for each in answer.json()["invalid-params"]]) == (400, [field])
    assert not (tmp_path / "captions").exists()
    assert Video.objects.get().captions is None


def test_there_is_a_limit_of_a_text_and_of_languages(
    ann: Client, video: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    one = video("ann")
    assert put(ann, one, "en", EN + b"x" * captioning.LARGEST).status_code == 413
    monkeypatch.setattr(captioning, "MOST", 1)
    assert put(ann, one, "en").status_code == 200
    assert put(ann, one, "ko").status_code == 409
    assert put(ann, one, "en").status_code == 200
    drain()
    assert len(list((tmp_path / "captions").iterdir())) == 1


def test_captions_of_a_private_video_are_its_owners_and_his_who_has_a_token(
    ann: Client, ben: Client, anybody: Client, video: Make
) -> None:
    one, other = video("ann", privacy="private"), video("ann", privacy="private")
    put(ann, one, "en")
    for client in (ben, anybody):
        assert client.get(path(one)).status_code == 404
        assert client.get(path(one, "en")).status_code == 404
    assert put(ben, one, "en").status_code == 404
    assert put(anybody, one, "en").status_code == 401
    token = ann.post(f"/api/videos/{one.public_id}/token").json()["token"]
    assert anybody.get(path(one, f"en?token={token}")).content == EN
    assert anybody.get(path(other, f"en?token={token}")).status_code == 404
    listed = video("ann")
    assert put(ben, listed, "en").status_code == 403
    assert ben.delete(path(listed, "en")).status_code == 403


def test_a_deleted_video_takes_its_captions_along(ann: Client, video: Make) -> None:
    one, other = video("ann"), video("ann")
    for each in (one, other):
        put(ann, each, "en")
    names = [name for each in Video.objects.all() for name in captioning.names(each.captions)]
    assert len(names) == 2
    ann.delete(f"/api/videos/{one.public_id}")
    ann.delete(f"/api/channels/{other.channel.handle}")
    drain()
    assert [name for name in names if default_storage.exists(name)] == []


@pytest.mark.parametrize("before", [[{"at": 0, "text": "hello"}], {"at": 1}, "x", {"en": {}}])
def test_captions_that_a_row_has_of_another_time_are_none(ann: Client, video: Make, before: Any) -> None:
    one = video("ann", captions=before)
    assert ann.get(path(one)).json() == []
    assert put(ann, one, "en").status_code == 200
    assert [each["language"] for each in ann.get(path(one)).json()] == ["en"]


def test_a_text_that_is_replaced_while_it_is_read_is_read_anew(
    ann: Client, video: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = video("ann")
    put(ann, one, "en")
    opened = default_storage.open

    def late(name: str, *mode: str) -> Any:
        monkeypatch.undo()
        put(ann, one, "en", KO)
        drain()
        return opened(name, *mode)

    monkeypatch.setattr(default_storage, "open", late)
    assert ann.get(path(one, "en")).content == KO
