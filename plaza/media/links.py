"""Addresses of files, good for a while and for whoever has them, as S3's presigned ones are.

An address is the same for the whole period in which it is made, so that a browser keeps what it has loaded.
"""

from __future__ import annotations

import base64
import hmac
import time
from datetime import datetime
from functools import cache, lru_cache
from urllib.parse import quote

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage, storages
from django.utils.crypto import constant_time_compare, salted_hmac

SALT = "plaza.media"


def is_local() -> bool:
    """Whether the files lie on a disk of this machine, and are sent by plaza or its nginx."""
    return isinstance(storages["default"], FileSystemStorage)


def link(name: str, *, until: datetime | None = None) -> str:
    """The address of a file, good for one to two periods of MEDIA_LINK_SECONDS, and no longer than ``until``."""
    period = settings.MEDIA_LINK_SECONDS
    if not is_local():
        if until is None:
            return default_storage.url(name)
        left = max(1, min(period, int(until.timestamp() - time.time())))
        return default_storage.url(name, expire=left)  # type: ignore[call-arg]
    last = (int(time.time()) // period + 2) * period
    if until is not None:
        last = min(last, int(until.timestamp()))
    return _address(name, last, settings.SECRET_KEY)


@lru_cache(4096)  # what is on many pages is signed once: it was a tenth of a feed's time
def _address(name: str, until: int, secret: str) -> str:
    return f"/api/media/{quote(name)}?until={until}&sig={_signature(name, until, secret)}"  # all plain characters


def is_good(name: str, until: str, signature: str) -> bool:
    """Whether this is an address that ``link`` made, and its time is not over."""
    if not (until.isascii() and until.isdigit() and len(until) < 20) or int(until) < time.time():
        return False
    return constant_time_compare(_signature(name, int(until), settings.SECRET_KEY), signature)


def _signature(name: str, until: int, secret: str) -> str:
    made = _keyed(secret).copy()
    made.update(f"{until}:{name}".encode())
    return base64.urlsafe_b64encode(made.digest()[:18]).decode()


@cache
def _keyed(secret: str) -> hmac.HMAC:
    """Of nothing yet: a page has forty addresses, and the key is the same for all."""
    return salted_hmac(SALT, "", secret=secret, algorithm="sha256")
