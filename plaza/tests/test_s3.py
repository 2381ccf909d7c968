"""Files in S3: they are sent from there, by addresses that it signs, and plaza's own disk holds none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from django.core.files.storage import default_storage
from django.utils.timezone import now
from moto.server import ThreadedMotoServer
from pytest_django import fixtures
from storages.backends.s3 import S3Storage

from plaza.accounts.models import AccountsMessage
from plaza.api import outbox
from plaza.media import images, links
from plaza.social.models import SocialMessage
from plaza.tests.conftest import Client
from plaza.tests.serving import ROOT
from plaza.tests.test_media import TEXT, movie, picture

KEYS = {"aws_access_key_id": "someone", "aws_secret_access_key": "secret", "region_name": "us-east-1"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A server that speaks as S3 does, with a bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        boto3.client("s3", endpoint_url=f"http://{host}:{port}", **KEYS).create_bucket(Bucket="plaza")
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@pytest.fixture(autouse=True)
def _bucket(endpoint: str, settings: fixtures.Settings) -> None:
    options = {"bucket_name": "plaza", "endpoint_url": endpoint, "access_key": "someone", "secret_key": "secret",
               "region_name": "us-east-1", "file_overwrite": False}  # fmt: skip
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options},
    }


def read(address: str, **headers: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, b""


def test_ones_picture_lies_in_the_bucket_and_is_sent_from_there(ann: Client) -> None:
    address = ann.send("/api/me/image", picture().getvalue()).json()["image"]
    assert "X-Amz-Signature" in address or "Signature=" in address
    status, said = read(address)
    assert (status, said) == (200, images.bare(picture()).file.read())
    assert ann.delete("/api/me/image").status_code == 204
    outbox.drain(AccountsMessage)
    assert read(address)[0] == 404


def test_a_range_is_the_buckets_to_answer(anybody: Client) -> None:
    name = default_storage.save("things/a.bin", images.ContentFile(TEXT))
    address = links.link(name)
    assert read(address, Range="bytes=256-258") == (206, TEXT[256:259])


def test_a_large_file_that_is_opened_is_not_held_in_memory(endpoint: str) -> None:
    """By the options of plaza's own settings."""
    told = {**os.environ, "MEDIA_BUCKET": "plaza", "MEDIA_ENDPOINT": endpoint, "PYTHONPATH": os.pathsep.join(sys.path)}
    code = "import json; from plaza import settings; print(json.dumps(settings.STORAGES['default']['OPTIONS']))"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=told, check=True, capture_output=True, timeout=60)
    keys = {"access_key": "someone", "secret_key": "secret", "region_name": "us-east-1"}
    storage = S3Storage(**json.loads(said.stdout), **keys)
    name = storage.save("things/large.bin", images.ContentFile(bytes(9 * 2**20)))
    with storage.open(name) as file:
        assert (len(file.read()), file.file._rolled) == (9 * 2**20, True)


def test_how_far_a_movie_is_is_asked_without_fetching_it(ann: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = movie().getvalue()
    upload = ann.post("/api/uploads", {"kind": "movie", "size_bytes": len(sent)}).json()
    assert ann.send(upload["put"], sent).status_code == 204
    assert ann.post(f"/api/uploads/{upload['id']}/complete").status_code == 202
    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "open", lambda *_: pytest.fail("it was fetched"))
        assert ann.post(f"/api/uploads/{upload['id']}/complete").status_code == 202
    assert outbox.drain(SocialMessage)[1] == 0
    assert ann.post(f"/api/uploads/{upload['id']}/complete").json()["state"] == "ready"


def test_an_address_in_the_bucket_ends_with_what_it_is_of() -> None:
    name = default_storage.save("stories/a.bin", images.ContentFile(TEXT))
    asked = parse_qs(urlsplit(links.link(name, until=now() + timedelta(minutes=5))).query)
    assert time.time() + 250 < int(asked["Expires"][0]) <= time.time() + 300
