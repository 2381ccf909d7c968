"""An upload's way from its bytes to an Image or a Movie.

Every step is one conditional UPDATE, so that of two requests one goes on; names of files are in the row before the
files are written, so that whatever is given up half way can be found and deleted; no transaction waits for a file. Two
may work on one all the same, where the first is slow: each writes a file of its own, and the row says whose counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from secrets import token_hex
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import router, transaction
from django.utils.timezone import now

from plaza.api import outbox
from plaza.social import files
from plaza.social.models import Image, Movie, SocialMessage, Upload

State = Upload.State
RECEIVED = "social.movie_received"
UNWORKABLE = "It could not be processed: try another upload."
# a process that has worked on one for longer was killed
GIVEN_UP = {Upload.Kind.IMAGE: timedelta(minutes=1), Upload.Kind.MOVIE: timedelta(hours=1)}


def take_bytes(upload: Upload, file: IO[bytes]) -> bool:
    """Write what came; whether nobody else did meanwhile."""
    name = f"uploads/{upload.public_id.hex}-{token_hex(4)}"
    open_ = Upload.objects.filter(pk=upload.pk, state__in=[State.WAITING, State.RECEIVED])
    if not open_.filter(raw=upload.raw).update(raw=name, state=State.WAITING, changed_at=now()):
        return False
    saved = default_storage.save(name, File(file))
    if not open_.filter(raw=name).update(raw=saved, state=State.RECEIVED, changed_at=now()):
        default_storage.delete(saved)
        return False
    if upload.raw:
        default_storage.delete(upload.raw)
    return True


def is_free(upload: Upload) -> bool:
    """Whether nobody works on what was received, as far as its row says. It is asked first: whoever opens a file of S3
    fetches all of it."""
    if upload.state == State.PROCESSING:
        return upload.changed_at < now() - GIVEN_UP[Upload.Kind(upload.kind)]
    return upload.state == State.RECEIVED


def claim(upload: Upload, extension: str) -> datetime | None:
    """Begin to work on what was received, or on what was given up; None where somebody else has it."""
    moment = now()
    rows = Upload.objects.filter(pk=upload.pk, raw=upload.raw)
    values: dict[str, Any] = {"state": State.PROCESSING, "changed_at": moment}
    if upload.state == State.RECEIVED:
        rows = rows.filter(state=State.RECEIVED)
        values["kept"] = f"{upload.kind}s/{upload.public_id.hex}.{extension}"
    else:
        rows = rows.filter(state=State.PROCESSING, changed_at__lt=moment - GIVEN_UP[Upload.Kind(upload.kind)])
    return moment if rows.update(**values) else None


def claim_movie(upload: Upload, extension: str) -> bool:
    """A movie takes longer than a request may: the drain works on it."""
    with transaction.atomic(using=router.db_for_write(Upload)):
        if claim(upload, extension) is None:
            return False
        outbox.tell(SocialMessage, RECEIVED, upload=upload.pk)
    return True


def put_back(upload: Upload) -> None:
    """What was received is not what it should be: other bytes may be sent."""
    Upload.objects.filter(pk=upload.pk, state=State.PROCESSING).update(state=State.RECEIVED, changed_at=now())


def keep(upload: Upload, file: IO[bytes], made: Image | Movie) -> bool:
    """Write the file that is shown and make it ready; whether nobody else did meanwhile, or is about to."""
    if not _take_over(upload):
        return False
    saved = default_storage.save(upload.kept, File(file))
    made.file, made.owner_id, made.size_bytes = saved, upload.owner_id, default_storage.size(saved)
    with transaction.atomic(using=router.db_for_write(Upload)):
        rows = Upload.objects.filter(pk=upload.pk, state=State.PROCESSING, kept=upload.kept)
        if rows.update(state=State.READY, kept=saved, changed_at=now()):
            made.save(force_insert=True)
            Upload.objects.filter(pk=upload.pk).update(media=f"{upload.kind}-{made.pk}", raw="")
            files.drop([upload.raw])
            return True
    default_storage.delete(saved)
    return False


def _take_over(upload: Upload) -> bool:
    """A new name for what is written now. Whoever wrote under the name before makes nothing ready any more, so that his
    file can go."""
    earlier = upload.kept
    stem, _, extension = earlier.rpartition(".")
    name = f"{stem.partition('-')[0]}-{token_hex(4)}.{extension}"
    left = [earlier] if default_storage.exists(earlier) else []
    with transaction.atomic(using=router.db_for_write(Upload)):
        if not Upload.objects.filter(pk=upload.pk, state=State.PROCESSING, kept=earlier).update(kept=name):
            return False
        files.drop(left)
    upload.kept = name
    return True


def give_up_movie(payload: Mapping[str, Any]) -> None:
    """It kills whoever works on it, or no storage could be reached for a day."""
    upload = Upload.objects.filter(pk=payload["upload"]).first()
    if upload is not None:
        _fail(upload, UNWORKABLE)


@outbox.consumes(RECEIVED, "social", outbox.Terms(GIVEN_UP[Upload.Kind.MOVIE], outbox.A_DAY, give_up_movie))
def work_on_movie(payload: Mapping[str, Any]) -> None:
    """Measure it and keep its pictures and sound alone; done twice, the second time finds it done."""
    from rest_framework.exceptions import APIException

    from plaza.media import movies

    upload = Upload.objects.filter(pk=payload["upload"], state=State.PROCESSING).first()
    if upload is None:
        return
    try:
        with default_storage.open(upload.raw) as raw:
            found = movies.probe(raw)
            with movies.bare(raw, upload.kept.rpartition(".")[2]) as file:
                file.seek(0)
                made = Movie(width=found.width, height=found.height, duration=found.duration)
                keep(upload, file, made)
    except APIException as error:
        _fail(upload, str(error.detail))
    except FileNotFoundError:
        _fail(upload, "Its bytes are gone: upload it again.")


def _fail(upload: Upload, why: str) -> None:
    with transaction.atomic(using=router.db_for_write(Upload)):
        rows = Upload.objects.filter(pk=upload.pk, state=State.PROCESSING)
        if rows.update(state=State.FAILED, error=why[:300], raw="", changed_at=now()):
            files.drop([upload.raw])
