"""One's picture: the file is written before its name is kept, and the old one goes by the outbox: what a database takes
back a disk does not.
"""

from __future__ import annotations

import uuid
from typing import IO

from django.core.files.storage import default_storage
from django.db import router, transaction

from plaza.accounts import files, telling
from plaza.accounts.models import Profile
from plaza.api.problems import Gone
from plaza.media import images, kinds


def put(profile: Profile, file: IO[bytes]) -> None:
    """Keep what is sent as this user's picture.

    :raises NotThisKind: 415, it is no picture
    :raises Unprocessable: 422, it cannot be read
    """
    kind = kinds.sniff(file, kinds.IMAGES)
    picture = images.bare(file)
    _change(profile, default_storage.save(f"profiles/{uuid.uuid4().hex}.{kind.extension}", picture.file))


def remove(profile: Profile) -> None:
    _change(profile, "")


def _change(profile: Profile, name: str) -> None:
    with transaction.atomic(using=router.db_for_write(Profile)):
        row = Profile.objects.select_for_update().get(pk=profile.pk)
        if row.status == Profile.Status.DELETED:  # while the picture was sent
            if name:
                default_storage.delete(name)
            raise Gone("This account was deleted.")
        old, row.image.name = row.image.name, name
        row.save(update_fields=["image", "updated_at"])
        telling.tell([row])
        files.drop([old])
    profile.image.name, profile.updated_at = name, row.updated_at
