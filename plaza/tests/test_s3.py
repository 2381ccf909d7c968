"""Files in S3: they are sent from there, by addresses that it signs, and plaza's own disk holds none."""

from __future__ import annotations

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

from plaza.media import images, links
from plaza.tests.conftest import Client
from plaza.tests.test_media import TEXT, picture

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
    assert read(address)[0] == 404


def test_a_range_is_the_buckets_to_answer(anybody: Client) -> None:
    name = default_storage.save("things/a.bin", images.ContentFile(TEXT))
    address = links.link(name)
    assert read(address, Range="bytes=256-258") == (206, TEXT[256:259])


def test_an_address_in_the_bucket_ends_with_what_it_is_of() -> None:
    name = default_storage.save("stories/a.bin", images.ContentFile(TEXT))
    asked = parse_qs(urlsplit(links.link(name, until=now() + timedelta(minutes=5))).query)
    assert time.time() + 250 < int(asked["Expires"][0]) <= time.time() + 300
